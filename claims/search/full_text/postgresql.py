"""The index by PostgreSQL's `tsvector`, and `pg_trgm` for words that are mistyped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from ..query import Term
from .asking import NEAREST, SELECTED, Asked, Engine
from .definition import CONFIGURATIONS

# Of names, body, others, heading; divided by the logarithm of the text's length.
RANK = "ts_rank('{0.2, 0.2, 0.5, 1.0}', i.vector, asked.q, 1)"
# How many rows there are, roughly: to count a million takes longer than to find what is asked for.
N_ROWS = (
    "(SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'claims_indexedtext'::regclass)"
)

# From so many rows on, a rough number will do. Of a word, it is what the planner guesses if that is so many
# times what it guesses of any word (a term may be several); else it is counted, up to so many.
MANY, USUAL, COUNTED = 20_000, 4, 1_000
# Of the candidates of a text, so many are ranked at most.
RANKED = 10_000

# A query as text, each of its words once.
WRITTEN = """(SELECT string_agg(DISTINCT part, ' | ')
    FROM unnest(string_to_array(q::text, ' | ')) AS parts(part))"""
# That a row has two of a text's words: the numbers of any two differ in one of their bits.
TWO = ", ".join(
    f"""'((' || string_agg(written, ' | ') FILTER (WHERE rank & {bit} = 0)
    || ') & (' || string_agg(written, ' | ') FILTER (WHERE rank & {bit} <> 0) || '))'"""
    for bit in (1, 2, 4, 8)
)

_CONFIGURATIONS = ("simple", *CONFIGURATIONS.values())


class PostgreSQL(Engine):
    def frequencies(
        self, terms: Sequence[Term], *, kind: str, drafts: bool, roughly: bool = False
    ) -> tuple[int, list[int]]:
        shown = "i.kind = %s" if drafts else "i.kind = %s AND i.is_public"
        asked, parameters = _asked([(place, term, 0.0) for place, term in enumerate(terms)])
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked(n, q, weight) AS (VALUES {asked})
                SELECT -1, CASE WHEN {N_ROWS} > {MANY} THEN {N_ROWS}::bigint
                    ELSE (SELECT count(*) FROM claims_indexedtext i WHERE {shown}) END UNION ALL
                SELECT n, CASE WHEN guess > usual THEN guess ELSE (
                    SELECT count(*) FROM (
                        SELECT FROM claims_indexedtext i WHERE i.vector @@ q AND {shown}
                        LIMIT CASE WHEN guess IS NOT NULL THEN {COUNTED} END
                    ) AS held
                ) END FROM (
                    SELECT *, CASE WHEN usual IS NOT NULL THEN claims_guess({WRITTEN}::tsquery) END AS guess
                    FROM asked CROSS JOIN (SELECT CASE WHEN %s AND {N_ROWS} > {MANY}
                        THEN {USUAL} * claims_guess('nothing_has_this') END AS usual) AS least
                ) AS guessed""",
                [*parameters, kind, kind, roughly],
            )
            found = dict(cursor.fetchall())
        return found.pop(-1), [found[place] for place in range(len(terms))]

    def ranked(
        self,
        terms: Sequence[Term],
        unwanted: Sequence[Term],
        *,
        kinds: Sequence[str],
        public: bool,
        offset: int,
        limit: int,
    ) -> list[tuple[str, int | None, int, float, int]]:
        values, parameters = _asked([(place, term, 0.0) for place, term in enumerate(terms)])
        parameters.append(list(kinds))
        without = ""
        for term in unwanted:
            query, words = _tsquery(term)
            without += f" AND NOT i.vector @@ ({query})"
            parameters += words
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked(n, q, weight) AS (VALUES {values}),
                shown AS MATERIALIZED (
                    SELECT asked.n, i.kind, i.key, {RANK} AS score
                    FROM asked JOIN claims_indexedtext i ON i.vector @@ asked.q
                    WHERE i.kind = ANY(%s) {"AND i.is_public" if public else ""}{without}
                ),
                telling AS MATERIALIZED (
                    SELECT n, ln(1 + {N_ROWS} / count(*)) AS weight FROM shown GROUP BY n
                ),
                together AS MATERIALIZED (
                    SELECT kind, key, count(*) AS held, sum(score * weight) AS score
                    FROM shown JOIN telling USING (n) GROUP BY kind, key
                ),
                {SELECTED}""",
                [*parameters, offset, offset + limit],
            )
            return list(cursor.fetchall())

    def all_of(
        self, terms: Sequence[Term], unwanted: Sequence[Term], *, in_heading: bool
    ) -> tuple[str, list[Any]]:
        conditions: list[str] = []
        parameters: list[Any] = []
        # What the index finds, and of that what has it in its heading.
        places = ("i.vector", "ts_filter(i.vector, '{a}')") if in_heading else ("i.vector",)
        for negated, some, read in (("", terms, places), ("NOT ", unwanted, places[-1:])):
            for term in some:
                query, words = _tsquery(term)
                for place in read:
                    conditions.append(f"{negated}{place} @@ ({query})")
                    parameters += words
        return (" AND ".join(conditions) if terms else "FALSE"), (parameters if terms else [])

    def nearest(
        self, asked: Sequence[Asked], *, kind: str, drafts: bool, limit: int
    ) -> list[tuple[int, int, float]]:
        values, parameters = [], []
        for one in asked:
            query, words = _tsquery(one.term)
            values.append(f"({one.text}, {query}, {one.weight!r}::float8, {one.rank}, {one.alone})")
            parameters += words
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked AS MATERIALIZED (
                    SELECT *, {WRITTEN} AS written
                    FROM (VALUES {", ".join(values)}) AS given(n, q, weight, rank, alone)
                ),
                wanted AS MATERIALIZED (
                    SELECT n, concat_ws(' | ',
                        string_agg(written, ' | ') FILTER (WHERE alone), {TWO})::tsquery AS q
                    FROM asked GROUP BY n
                ),
                found AS MATERIALIZED (
                    SELECT wanted.n, row.key, row.vector FROM wanted CROSS JOIN LATERAL (
                        SELECT i.key, i.vector FROM claims_indexedtext i WHERE i.vector @@ wanted.q
                        AND i.kind = %s {"" if drafts else "AND i.is_public"} LIMIT {RANKED}
                    ) AS row
                ),
                together AS (
                    SELECT i.n, i.key, sum(asked.weight * {RANK}) AS score
                    FROM found i JOIN asked ON asked.n = i.n AND i.vector @@ asked.q
                    GROUP BY i.n, i.key
                ),
                {NEAREST}""",
                [*parameters, kind, limit],
            )
            return list(cursor.fetchall())

    def alike(self, words: Sequence[str], *, public: bool) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM claims_alike(%s, %s)", [list(words), public])
            return list(cursor.fetchall())


def _asked(asked: Sequence[tuple[int, Term, float]]) -> tuple[str, list[Any]]:
    """The rows (number, query, weight) that are asked, as SQL and parameters."""
    rows, parameters = [], []
    for number, term, weight in asked:
        query, words = _tsquery(term)
        rows.append(f"(%s::int, {query}, %s::float8)")
        parameters += [number, *words, weight]
    return ", ".join(rows), parameters


def _tsquery(term: Term) -> tuple[str, list[str]]:
    """A term as SQL and parameters: its tokens side by side as each of the stemmers reads them, since a text
    may be in any language; or what a word may begin with, likewise."""
    parts, words = [], []
    if term.tokens:
        parts += [f"phraseto_tsquery('claims_{name}', %s)" for name in _CONFIGURATIONS]
        words += [" ".join(term.tokens)] * len(_CONFIGURATIONS)
    for prefix in term.prefixes:
        # What begins as somebody typed may have been cut shorter by a stemmer.
        parts += [f"to_tsquery('claims_{name}', %s)" for name in _CONFIGURATIONS]
        words += [" <-> ".join(f"'{token}'" for token in prefix.split()) + ":*"] * len(
            _CONFIGURATIONS
        )
    return " || ".join(parts) or "''::tsquery", words
