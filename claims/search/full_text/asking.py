"""What is asked of the index, whatever keeps it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, NamedTuple

from django.db import connection
from django.db.models.expressions import RawSQL

from claims.words import COMMON, WORD, bare, legible

from ..query import LONGEST, Query, Term, nearest
from .rows import KINDS

# Candidates are looked for by so many words of a text, the rarest; and by none that more than this share of
# all texts have, or so many, if it has rarer ones.
RAREST, USUAL, MOST_USUAL = 10, 0.05, 20_000
# Among very many texts one is a candidate that has two of those words, or one of the rarest, which so many
# have together.
ALONE = 300
# So many different words of a text are counted.
COUNTED = 300
# So many texts are asked for at once.
AT_ONCE = 25


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
    UNION ALL SELECT DISTINCT 2, '', n, 0, 0, 0 FROM shown
) AS answers ORDER BY part, kind, place"""


# What `nearest` answers with, from `together` (a row for each text and what it may be).
NEAREST = """numbered AS (
    SELECT *, row_number() OVER (PARTITION BY n ORDER BY score DESC, key DESC) AS place
    FROM together
)
SELECT n, key, score FROM numbered WHERE place <= %s ORDER BY n, place"""


class Row(NamedTuple):
    """A row that was found: its kind, primary key, how many of the terms it holds, and its score (higher is
    better; of one question only)."""

    kind: str
    key: int
    held: int
    score: float


class Asked(NamedTuple):
    """A word that candidates are looked for by: of which of the texts, which of its words, the rarest first;
    what it is worth; and whether a row is a candidate that has no other."""

    text: int
    rank: int
    term: Term
    weight: float
    alone: bool


@dataclass(frozen=True)
class Found:
    """What a question found; see the package."""

    rows: list[Row]
    counts: dict[str, dict[int, int]]
    missing: tuple[Term, ...] = ()

    @property
    def most(self) -> int:
        """How many of the terms the row holds that holds most."""
        return max((held for counts in self.counts.values() for held in counts), default=0)

    def total(self, kind: str, *, held: int = 1) -> int:
        """How many rows of a kind hold at least so many terms."""
        return sum(n for terms, n in self.counts[kind].items() if terms >= held)


class Engine(ABC):
    """Both engines rank by the sum, over the terms that a text holds, of how rare each is, times how often
    and where the text has it, damped by the text's length (BM25 in SQLite; in PostgreSQL its like, made of
    ts_rank)."""

    def search(
        self,
        query: Query,
        *,
        kinds: Sequence[str] = KINDS,
        public: bool = True,
        offset: int = 0,
        limit: int = 20,
    ) -> Found:
        """Return what has any of the query's terms and nothing unwanted: of each of `kinds` the rows from
        `offset`, `limit` at most, and how many there are. Only what is `public`, or drafts as well. One
        query; none where there is nothing to look for. Never raises for what was typed."""
        counts: dict[str, dict[int, int]] = {kind: {} for kind in kinds}
        if not query.terms or not kinds:
            return Found([], counts, query.terms)
        rows: list[Row] = []
        held_by_any: set[int] = set()
        for kind, key, held, score, place in self.ranked(
            query.terms, query.unwanted, kinds=kinds, public=public, offset=offset, limit=limit
        ):
            if key is None:
                counts[kind][held] = place
            elif kind:
                rows.append(Row(kind, key, held, score))
            else:
                held_by_any.add(key)
        missing = tuple(t for place, t in enumerate(query.terms) if place not in held_by_any)
        return Found(rows, counts, missing)

    def having_all(
        self, query: Query, kind: str, *, public: bool = False, in_heading: bool = False
    ) -> RawSQL:
        """Return the primary keys of all rows of a kind that have all of the query's terms and nothing
        unwanted: for `pk__in`. Drafts too, or only what is `public`; in all that they say, or only
        `in_heading`. No query of its own."""
        sql, parameters = self.all_of(query.terms, query.unwanted, in_heading=in_heading)
        if public:
            sql += " AND i.is_public"
        return RawSQL(
            f"SELECT i.key FROM claims_indexedtext i WHERE i.kind = %s AND {sql}",
            (kind, *parameters),
        )

    def candidates(
        self, texts: Sequence[str], *, limit: int = 100, drafts: bool = False, kind: str = "claims"
    ) -> list[list[tuple[int, float]]]:
        """Return for each text the rows (primary key, score) that share any of its telling words, the best
        first. Of each text `LONGEST` code points are read, and its `RAREST` words looked for. Two queries
        for each `AT_ONCE` texts."""
        found: list[list[tuple[int, float]]] = []
        for start in range(0, len(texts), AT_ONCE):
            some = [_telling(text) for text in texts[start : start + AT_ONCE]]
            terms = list({term.pattern: term for words in some for term in words}.values())
            n_rows, numbers = (
                self.frequencies(terms, kind=kind, drafts=drafts, roughly=True)
                if terms
                else (0, [])
            )
            frequency = {term.pattern: n for term, n in zip(terms, numbers, strict=True)}
            usual = min(max(USUAL * n_rows, 1), MOST_USUAL)
            asked: list[Asked] = []
            for place, words in enumerate(some):
                known = sorted(
                    (term for term in words if frequency[term.pattern]),
                    key=lambda term: frequency[term.pattern],
                )
                rare = [t for t in known if frequency[t.pattern] <= usual]
                had = 0
                for rank, term in enumerate((rare or known)[:RAREST]):
                    had += frequency[term.pattern]
                    weight = idf(n_rows, frequency[term.pattern])
                    asked.append(Asked(place, rank, term, weight, not rank or had <= ALONE))
            answers: list[list[tuple[int, float]]] = [[] for _ in some]
            if asked:
                for place, key, score in self.nearest(asked, kind=kind, drafts=drafts, limit=limit):
                    answers[place].append((key, score))
            found += answers
        return found

    def suggest(self, words: Sequence[str], *, public: bool = True) -> dict[str, str]:
        """Return for words that occur nowhere the nearest that does, a slip or two away, in what is called so
        or was said (in public, or in drafts as well); of several the most usual. Words that have none are
        left out. One query."""
        words = [word for word in words if WORD.fullmatch(word)]
        asked = list(dict.fromkeys(map(bare, words)))
        vocabularies: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word, text in self.alike(asked, public=public) if asked else ():
            found = {bare(each) for each in WORD.findall(text)}
            vocabularies[word].update(each for each in found if each and each not in COMMON)
        guesses = {word: nearest(word, vocabularies[bare(word)]) for word in words}
        return {word: guess for word, guess in guesses.items() if guess}

    @abstractmethod
    def frequencies(
        self, terms: Sequence[Term], *, kind: str, drafts: bool, roughly: bool = False
    ) -> tuple[int, list[int]]:
        """Return how many rows of a kind there are, and how many of them hold each term: public ones, unless
        `drafts` count too. Very many rows are not counted, but guessed; `roughly`, those of a usual term
        neither. One query."""

    @abstractmethod
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
        """Return (kind, key, held, score, place) of the rows asked for; (kind, None, held, 0, number) of how
        many there are; and ("", place of the term, 0, 0, 0) of each term that any row holds."""

    @abstractmethod
    def all_of(
        self, terms: Sequence[Term], unwanted: Sequence[Term], *, in_heading: bool
    ) -> tuple[str, list[Any]]:
        """Return the condition, with parameters, that the row `i` has all `terms` and nothing unwanted."""

    @abstractmethod
    def nearest(
        self, asked: Sequence[Asked], *, kind: str, drafts: bool, limit: int
    ) -> list[tuple[int, int, float]]:
        """Return (number of the text, key, score), of each text the best first."""

    @abstractmethod
    def alike(self, words: Sequence[str], *, public: bool) -> list[tuple[str, str]]:
        """Return (word, beginning of a text that has words with letters in common with it). One query."""


def idf(n_rows: int, n: float) -> float:
    """How much a word tells that `n` of `n_rows` texts have (BM25's, which is never negative)."""
    return log(1 + (max(n_rows - n, 0) + 0.5) / (n + 0.5))


def _telling(text: str) -> list[Term]:
    words = dict.fromkeys(bare(word) for word in WORD.findall(legible(text[:LONGEST])))
    terms = [Term.of_word(word) for word in words if word and word not in COMMON]
    return list({term.pattern: term for term in terms}.values())[:COUNTED]


def engine() -> Any:
    """Return the engine of the database in use."""
    if connection.vendor == "postgresql":
        from .postgresql import PostgreSQL

        return PostgreSQL()
    from .sqlite import SQLite

    return SQLite()
