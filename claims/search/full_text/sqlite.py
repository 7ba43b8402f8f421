"""The index by SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from ..query import Term
from .asking import NEAREST, SELECTED, Asked, Engine
from .definition import NEIGHBOURS, OF_EACH

# Of heading, others, body, names. FTS5 knows by itself how rare a term is.
SCORE = "-bm25(claims_fulltext, 8.0, 4.0, 2.0, 2.0)"


class SQLite(Engine):
    def frequencies(
        self, terms: Sequence[Term], *, kind: str, drafts: bool, roughly: bool = False
    ) -> tuple[int, list[int]]:
        shown = "i.kind = %s" if drafts else "i.kind = %s AND i.is_public"
        values = ", ".join("(%s, %s)" for _ in terms)
        parameters = [each for place, term in enumerate(terms) for each in (place, match(term))]
        with connection.cursor() as cursor:
            # CROSS, so that the words are looked up first, and not once for each row.
            cursor.execute(
                f"""WITH asked(n, q) AS (VALUES {values})
                SELECT -1, count(*) FROM claims_indexedtext i WHERE {shown} UNION ALL
                SELECT n, (
                    SELECT count(*) FROM claims_fulltext CROSS JOIN claims_indexedtext i
                    ON i.id = claims_fulltext.rowid WHERE claims_fulltext MATCH q AND {shown}
                ) FROM asked""",
                [*parameters, kind, kind],
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
        values = ", ".join("(%s, %s)" for _ in terms)
        parameters: list[Any] = []
        for place, term in enumerate(terms):
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
                {SELECTED}""",
                [*parameters, offset, offset + limit],
            )
            return list(cursor.fetchall())

    def all_of(
        self, terms: Sequence[Term], unwanted: Sequence[Term], *, in_heading: bool
    ) -> tuple[str, list[Any]]:
        if not terms:
            return "FALSE", []
        query = " AND ".join(f"({match(term)})" for term in terms)
        for term in unwanted:
            query = f"({query}) NOT ({match(term)})"
        if in_heading:
            query = f"heading : ({query})"
        return (
            "i.id IN (SELECT rowid FROM claims_fulltext WHERE claims_fulltext MATCH %s)",
            [query],
        )

    def nearest(
        self, asked: Sequence[Asked], *, kind: str, drafts: bool, limit: int
    ) -> list[tuple[int, int, float]]:
        values = ", ".join("(%s, %s)" for _ in asked)
        parameters: list[Any] = [each for one in asked for each in (one.text, match(one.term))]
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
                {NEAREST}""",
                [*parameters, kind, limit],
            )
            return list(cursor.fetchall())

    def alike(self, words: Sequence[str], *, public: bool) -> list[tuple[str, str]]:
        asked = {word: sorted({word[at : at + 3] for at in range(len(word) - 2)}) for word in words}
        selects, parameters = [], []
        for word, parts in asked.items():
            if parts:
                selects.append(
                    f"""SELECT * FROM (SELECT %s, substr(i.heading || ' ' || i.others, 1, {OF_EACH})
                    FROM claims_trigrams t JOIN claims_indexedtext i ON i.id = t.rowid
                    WHERE claims_trigrams MATCH %s {"AND i.is_public" if public else ""}
                    ORDER BY t.rank, i.id LIMIT {NEIGHBOURS})"""
                )
                parameters += [word, " OR ".join(_quoted(part) for part in parts)]
        if not selects:
            return []
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), parameters)
            return list(cursor.fetchall())


def match(term: Term) -> str:
    """Return the term in FTS5's language, all of it in quotation marks."""
    parts = [_quoted(" ".join(term.tokens))] if term.tokens else []
    parts += [f"{_quoted(prefix)} *" for prefix in term.prefixes]
    return " OR ".join(parts) or '""'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
