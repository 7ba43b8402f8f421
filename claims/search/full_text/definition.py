"""The views, triggers and indexes of the full text, in the SQL of each database."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from .rows import COLUMNS, DEPENDS, KINDS, selects

TEXTS = ("heading", "others", "body", "names")

# How PostgreSQL reads each language; `simple` stands for all others. No stop words: phrases have them.
CONFIGURATIONS = {"en": "english", "de": "german", "ru": "russian"}

# A word is told apart from its neighbours by so many texts that have one of them, and so much of each.
NEIGHBOURS, OF_EACH = 300, 1_000  # texts, code points
# PostgreSQL looks at so many words that are alike, and at so many texts with each. Of the triples of letters
# that either has, two words share at least so many that differ by two letters exchanged; and one is longer
# than the other by so many letters at most, one for each slip.
WORDS, OF_WORD, ALIKE, LONGER = 100, 3, 0.15, 2

LONGEST_READ = 100_000  # code points of each column


class Definition(NamedTuple):
    """Statements that take all away and put it in place; and what tells that it is in place as it is here."""

    remove: list[str]
    install: list[str]
    fingerprint: str
    fingerprint_query: str


def definition_of(connection: Any) -> Definition:
    """Return the definition for the database of `connection`."""
    return _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _fingerprint(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]


# --- SQLite ---


def _sqlite() -> Definition:
    fts = ", ".join(TEXTS)
    news, olds = (", ".join(f"{row}.{column}" for column in TEXTS) for row in ("NEW", "OLD"))
    install = [
        f"""CREATE VIRTUAL TABLE claims_fulltext USING fts5({fts}, content='claims_indexedtext',
        content_rowid='id', tokenize='porter unicode61 remove_diacritics 2', prefix='2 3')""",
        # Of what a mistyped word is near to: without columns that others wrote.
        """CREATE VIRTUAL TABLE claims_trigrams USING fts5(heading, others,
        content='claims_indexedtext', content_rowid='id', tokenize='trigram')""",
    ]
    names = []

    def trigger(name: str, when: str, body: str) -> None:
        names.append(name)
        install.append(f"CREATE TRIGGER {name} AFTER {when} BEGIN {body} END")

    inserted = f"""
        INSERT INTO claims_fulltext (rowid, {fts}) VALUES (NEW.id, {news});
        INSERT INTO claims_trigrams (rowid, heading, others)
            VALUES (NEW.id, NEW.heading, NEW.others);"""
    deleted = f"""
        INSERT INTO claims_fulltext (claims_fulltext, rowid, {fts})
            VALUES ('delete', OLD.id, {olds});
        INSERT INTO claims_trigrams (claims_trigrams, rowid, heading, others)
            VALUES ('delete', OLD.id, OLD.heading, OLD.others);"""
    trigger("claims_fulltext_added", "INSERT ON claims_indexedtext", inserted)
    trigger("claims_fulltext_removed", "DELETE ON claims_indexedtext", deleted)
    trigger("claims_fulltext_changed", "UPDATE ON claims_indexedtext", deleted + inserted)
    views = selects(joined="group_concat(said, char(10))", newline="char(10)")
    install += [f"CREATE VIEW claims_indexable_{kind} AS {view}" for kind, view in views.items()]
    columns = ", ".join(COLUMNS)

    def renewed(kind: str, keys: str) -> str:
        return f"""
        DELETE FROM claims_indexedtext WHERE kind = '{kind}' AND key IN ({keys});
        INSERT INTO claims_indexedtext (kind, key, {columns})
            SELECT '{kind}', key, {columns} FROM claims_indexable_{kind} WHERE key IN ({keys});"""

    for table in DEPENDS:
        for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD"), ("UPDATE", "OLD NEW")):
            bodies = [
                renewed(
                    dependent.kind,
                    " UNION ".join(dependent.keys.format(row=row) for row in rows.split()),
                )
                for dependent in table.dependents
            ]
            when = f"{event} OF {', '.join(table.columns)}" if event == "UPDATE" else event
            name = f"claims_indexed_{table.name}_{event.lower()}"
            trigger(name, f"{when} ON {table.name}", "".join(bodies))
    fingerprint = _fingerprint(install)
    install[2] += f" -- {fingerprint}"
    # A view is named in triggers, and a trigger in nothing.
    remove = [f"DROP TRIGGER IF EXISTS {name}" for name in names]
    remove += [f"DROP VIEW IF EXISTS claims_indexable_{kind}" for kind in KINDS]
    remove += ["DROP TABLE IF EXISTS claims_fulltext", "DROP TABLE IF EXISTS claims_trigrams"]
    return Definition(
        remove,
        install,
        fingerprint,
        "SELECT sql FROM sqlite_master WHERE name = 'claims_fulltext_added'",
    )


# --- PostgreSQL ---


def _vector() -> str:
    """The weighted words of a row, by the stemmer of its language. A tsvector holds at most a megabyte, so of
    very long texts the beginning is read; and only letters and digits, lest the parser find addresses."""

    def by(configuration: str) -> str:
        return " || ".join(
            f"setweight(to_tsvector('claims_{configuration}', regexp_replace("
            f"left({column}, {LONGEST_READ}), '[^[:alnum:]]+', ' ', 'g')), '{weight}')"
            for column, weight in zip(TEXTS, "ABCD", strict=True)
        )

    cases = " ".join(f"WHEN '{tag}' THEN {by(name)}" for tag, name in CONFIGURATIONS.items())
    return f"CASE split_part(lower(language), '-', 1) {cases} ELSE {by('simple')} END"


def _postgresql() -> Definition:
    configurations = ("simple", *CONFIGURATIONS.values())
    columns = ", ".join(COLUMNS)
    install, remove, functions = [], [], []
    for name in configurations:
        template = "simple" if name == "simple" else f"snowball, Language = {name}"
        words = "asciiword, word, asciihword, hword, hword_asciipart, hword_part"
        install += [
            f"CREATE TEXT SEARCH DICTIONARY claims_{name} (Template = {template})",
            f"CREATE TEXT SEARCH CONFIGURATION claims_{name} (Copy = simple)",
            f"ALTER TEXT SEARCH CONFIGURATION claims_{name} "
            f"ALTER MAPPING FOR {words} WITH unaccent, claims_{name}",
            f"ALTER TEXT SEARCH CONFIGURATION claims_{name} "
            "ALTER MAPPING FOR numword, numhword WITH unaccent, simple",
        ]
    install += [
        f"ALTER TABLE claims_indexedtext ADD vector tsvector GENERATED ALWAYS AS ({_vector()}) STORED",
        "CREATE INDEX claims_indexedtext_vector ON claims_indexedtext USING gin (vector)",
        # By this one, matching counts and finds public claims without a look at the rows of others.
        "CREATE INDEX claims_indexedtext_claims ON claims_indexedtext USING gin (vector) "
        "WHERE kind = 'claims' AND is_public",
        # The words that are or were in any text: what is near a mistyped one is looked for among them, and
        # then in the texts. None is unique: whoever writes a new word would wait for others that do.
        "CREATE TABLE claims_word (word text NOT NULL)",
        "CREATE INDEX claims_word_word ON claims_word (word)",
        # Of an expression: an index of triples answers “=” too, thousands of times slower than the one above,
        # and would be taken for it once there are statistics.
        "CREATE INDEX claims_word_trigrams ON claims_word USING gin (lower(word) gin_trgm_ops)",
    ]
    functions.append("claims_word_added()")
    install.append(f"""CREATE FUNCTION claims_word_added() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO claims_word
                SELECT word FROM (
                    SELECT DISTINCT unnest(string_to_array(regexp_replace(
                        lower(left(heading || ' ' || others, {LONGEST_READ})), '[^[:alpha:]]+', ' ', 'g'
                    ), ' ')) AS word FROM new_rows
                ) said WHERE length(word) BETWEEN 3 AND 40
                AND NOT EXISTS (SELECT FROM claims_word known WHERE known.word = said.word);
            RETURN NULL;
        END $$""")
    for event in ("insert", "update"):
        install.append(
            f"CREATE TRIGGER claims_word_{event} AFTER {event.upper()} ON claims_indexedtext "
            "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION claims_word_added()"
        )
        remove.append(f"DROP TRIGGER IF EXISTS claims_word_{event} ON claims_indexedtext")
    functions.append("claims_guess(tsquery)")
    # What the planner expects, from its statistics of usual words: to count a hundred thousand rows takes
    # longer than all the rest.
    install.append("""CREATE FUNCTION claims_guess(asked tsquery) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE plan json;
        BEGIN
            EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM claims_indexedtext WHERE vector @@ %L::tsquery',
                asked) INTO plan;
            RETURN plan->0->'Plan'->>'Plan Rows';
        END $$""")
    functions.append("claims_alike(text[], boolean)")
    # A function, since the operator that the index answers reads its threshold from the session.
    has = " || ".join(f"to_tsquery('claims_{name}', near.word || ':AB')" for name in configurations)
    install.append(f"""CREATE FUNCTION claims_alike(words text[], public boolean)
        RETURNS TABLE (word text, said text) LANGUAGE sql STABLE
        SET pg_trgm.similarity_threshold = {ALIKE} AS $$
            SELECT asked.word, found.said FROM unnest(words) AS asked(word) CROSS JOIN LATERAL (
                SELECT DISTINCT known.word, lower(known.word) <-> asked.word AS distance
                FROM claims_word known WHERE lower(known.word) % asked.word
                AND abs(length(known.word) - length(asked.word)) <= {LONGER}
                ORDER BY distance, word LIMIT {WORDS}
            ) AS near CROSS JOIN LATERAL (
                SELECT left(i.heading || ' ' || i.others, {OF_EACH}) AS said
                FROM claims_indexedtext i
                WHERE i.vector @@ ({has}) AND (NOT public OR i.is_public) LIMIT {OF_WORD}
            ) AS found
        $$""")
    views = selects(joined="string_agg(said, chr(10))", newline="chr(10)")
    install += [f"CREATE VIEW claims_indexable_{kind} AS {view}" for kind, view in views.items()]
    differs = ", ".join(COLUMNS), ", ".join(f"EXCLUDED.{column}" for column in COLUMNS)
    olds = ", ".join(f"i.{column}" for column in COLUMNS)
    for kind in KINDS:
        function = f"claims_renew_{kind}(keys bigint[])"
        functions.append(function)
        # Locked before they are read: else of two transactions that change what one row is made of, the
        # later would write what it saw before the other was there.
        install.append(f"""CREATE FUNCTION {function} RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM claims_indexedtext WHERE kind = '{kind}' AND key = ANY(keys)
                ORDER BY key FOR UPDATE;
            DELETE FROM claims_indexedtext i WHERE kind = '{kind}' AND key = ANY(keys)
                AND NOT EXISTS (SELECT FROM claims_indexable_{kind} v WHERE v.key = i.key);
            INSERT INTO claims_indexedtext AS i (kind, key, {columns})
                SELECT '{kind}', key, {columns} FROM claims_indexable_{kind}
                WHERE key = ANY(keys) ORDER BY key
                ON CONFLICT (kind, key) DO UPDATE SET ({differs[0]}) = ({differs[1]})
                WHERE ({olds}) IS DISTINCT FROM ({differs[1]});
        END $$""")
    for table in DEPENDS:
        watched = (
            "(" + ", ".join(f"o.{column}" for column in table.columns) + ") IS DISTINCT FROM ("
            + ", ".join(f"n.{column}" for column in table.columns) + ")"
        )  # fmt: skip
        changed = f"FROM old_rows o FULL JOIN new_rows n ON n.id = o.id WHERE {watched}"
        events = {
            "insert": ("REFERENCING NEW TABLE AS new_rows", "SELECT * FROM new_rows"),
            "delete": ("REFERENCING OLD TABLE AS old_rows", "SELECT * FROM old_rows"),
            "update": (
                "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
                f"SELECT o.* {changed} UNION ALL SELECT n.* {changed}",
            ),
        }
        for event, (referencing, rows) in events.items():
            name = f"claims_indexed_{table.name}_{event}"
            functions.append(f"{name}()")
            calls = "".join(
                f"""
            keys := ARRAY(SELECT DISTINCT d.key FROM ({rows}) r
                CROSS JOIN LATERAL ({dependent.keys.format(row="r")}) AS d(key)
                WHERE d.key IS NOT NULL);
            IF cardinality(keys) > 0 THEN PERFORM claims_renew_{dependent.kind}(keys); END IF;"""
                for dependent in table.dependents
            )
            install += [
                f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE keys bigint[];
        BEGIN {calls}
            RETURN NULL;
        END $$""",
                f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table.name} {referencing} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ]
            remove.append(f"DROP TRIGGER IF EXISTS {name} ON {table.name}")
    remove += [f"DROP FUNCTION IF EXISTS {function}" for function in functions]
    remove += [f"DROP VIEW IF EXISTS claims_indexable_{kind}" for kind in KINDS]
    remove += [
        "DROP TABLE IF EXISTS claims_word",
        "ALTER TABLE IF EXISTS claims_indexedtext DROP COLUMN IF EXISTS vector",
    ]
    for name in configurations:
        remove += [
            f"DROP TEXT SEARCH CONFIGURATION IF EXISTS claims_{name}",
            f"DROP TEXT SEARCH DICTIONARY IF EXISTS claims_{name}",
        ]
    fingerprint = _fingerprint(install)
    install.append(f"COMMENT ON VIEW claims_indexable_claims IS '{fingerprint}'")
    return Definition(
        remove,
        install,
        fingerprint,
        "SELECT obj_description(to_regclass('claims_indexable_claims'), 'pg_class')",
    )
