"""The index by SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from ..query import Term
from .asking import OF_EACH, TEXTS, Engine

# Of heading, others, body, names. FTS5 knows by itself how rare a term is.
SCORE = "-bm25(claims_fulltext, 8.0, 4.0, 2.0, 2.0)"


class SQLite(Engine):
    def frequencies(self, terms: Sequence[Term]) -> tuple[int, list[int]]:
        values = ", ".join("(%s, %s)" for _ in terms)
        parameters = [each for place, term in enumerate(terms) for each in (place, match(term))]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked(n, q) AS (VALUES {values})
                SELECT -1, count(*) FROM claims_indexedtext UNION ALL
                SELECT n, (SELECT count(*) FROM claims_fulltext WHERE claims_fulltext MATCH q)
                FROM asked""",
                parameters,
            )
            found = dict(cursor.fetchall())
        return found.pop(-1), [found[place] for place in range(len(terms))]

    def ranked(
        self,
        asked: Sequence[tuple[int, Term, float]],
        unwanted: Sequence[Term],
        *,
        kinds: Sequence[str],
        public: bool,
        offset: int,
        limit: int,
    ) -> list[tuple[str, int | None, int, float, int]]:
        values = ", ".join("(%s, %s)" for _ in asked)
        parameters: list[Any] = []
        for place, (_, term, _) in enumerate(asked):
            parameters += [place, match(term)]
        without = ""
        if unwanted:
            without = """AND i.id NOT IN
                (SELECT rowid FROM claims_fulltext WHERE claims_fulltext MATCH %s)"""
        parameters += kinds
        if unwanted:
            parameters.append(" OR ".join(f"({match(term)})" for term in unwanted))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked(n, q) AS (VALUES {values}),
                matched AS MATERIALIZED (
                    SELECT asked.n, claims_fulltext.rowid AS id, {SCORE} AS score
                    FROM asked CROSS JOIN claims_fulltext WHERE claims_fulltext MATCH asked.q
                ),
                shown AS MATERIALIZED (
                    SELECT m.n, i.kind, i.key, m.score FROM matched m
                    JOIN claims_indexedtext i ON i.id = m.id
                    WHERE i.kind IN ({", ".join("%s" for _ in kinds)})
                    {"AND i.is_public" if public else ""} {without}
                ),
                together AS MATERIALIZED (
                    SELECT kind, key, count(*) AS held, sum(score) AS score
                    FROM shown GROUP BY kind, key
                ),
                {SELECTED.format(distinct="n")}""",
                [*parameters, offset, offset + limit],
            )
            return cursor.fetchall()

    def nearest(
        self, asked: Sequence[tuple[int, Term, float]], *, kind: str, drafts: bool, limit: int
    ) -> list[tuple[int, int, float]]:
        values = ", ".join("(%s, %s)" for _ in asked)
        parameters: list[Any] = [each for n, term, _ in asked for each in (n, match(term))]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH asked(n, q) AS (VALUES {values}),
                matched AS MATERIALIZED (
                    SELECT asked.n, claims_fulltext.rowid AS id, {SCORE} AS score
                    FROM asked CROSS JOIN claims_fulltext WHERE claims_fulltext MATCH asked.q
                ),
                together AS (
                    SELECT m.n, i.key, sum(m.score) AS score FROM matched m
                    JOIN claims_indexedtext i ON i.id = m.id
                    WHERE i.kind = %s {"" if drafts else "AND i.is_public"} GROUP BY m.n, i.key
                ),
                numbered AS (
                    SELECT *, row_number() OVER (PARTITION BY n ORDER BY score DESC, key DESC) AS place
                    FROM together
                )
                SELECT n, key, score FROM numbered WHERE place <= %s ORDER BY n, place""",
                [*parameters, kind, limit],
            )
            return cursor.fetchall()

    def alike(self, word: str, *, public: bool) -> list[str]:
        parts = {word[at : at + 3] for at in range(len(word) - 2)}
        if not parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT substr(i.heading || ' ' || i.others, 1, {OF_EACH})
                FROM claims_trigrams t JOIN claims_indexedtext i ON i.id = t.rowid
                WHERE claims_trigrams MATCH %s {"AND i.is_public" if public else ""}
                ORDER BY t.rank, i.id LIMIT {TEXTS}""",
                [" OR ".join(_quoted(part) for part in sorted(parts))],
            )
            return [text for (text,) in cursor.fetchall()]


# What `ranked` answers with, from `shown` (a row for each term held) and `together` (one for each text).
SELECTED = """numbered AS (
    SELECT kind, key, held, score,
        row_number() OVER (PARTITION BY kind ORDER BY held DESC, score DESC, key DESC) AS place
    FROM together
)
SELECT kind, key, held, score, place FROM (
    SELECT 0 AS part, kind, key, held, score, place FROM numbered
    WHERE place > %s AND place <= %s
    UNION ALL SELECT 1, kind, NULL, held, 0, count(*) FROM together GROUP BY kind, held
    UNION ALL SELECT DISTINCT 2, '', {distinct}, 0, 0, 0 FROM shown
) AS answers ORDER BY part, kind, place"""


def match(term: Term) -> str:
    """Return the term in FTS5's language, all of it in quotation marks."""
    parts = [_quoted(" ".join(term.tokens))] if term.tokens else []
    parts += [f"{_quoted(prefix)} *" for prefix in term.prefixes]
    return " OR ".join(parts) or '""'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
