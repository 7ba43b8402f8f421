"""What somebody types into a search box: words, phrases and beginnings to look for, and what is not wanted.

    words (in all their forms)   "a phrase"   begin*   -unwanted   -"an unwanted phrase"   NOT unwanted

Any text is a question; of one longer than `LONGEST` code points the beginning is read. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

from claims.words import COMMON, WORD, bare, stem_of

LONGEST = 5_000  # code points
MOST = 16  # terms, wanted ones and unwanted ones each
SHORTEST_STEM = 4

# How many letters may follow the stem of a word: an ending. After a stem of one or two letters, none.
ENDING = {1: 0, 2: 0, 3: 2}
LONGEST_ENDING = 7

# Below this a word has too many neighbours to guess which was meant; from the second on, two slips pass.
SHORTEST_GUESSED = 4
TWO_SLIPS = 8

# How much of a long text is shown around what was found, in code points.
SNIPPET = 240
BEFORE = 60

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_PART = re.compile(
    r"(?P<no>(?<!\S)(?:-|NOT\s+))?"
    r"(?:[\"“”„«](?P<phrase>[^\"“”„«»]+)[\"“”»]"
    rf"|(?P<word>{WORD.pattern})(?P<star>\*)?)"
)
_TOKEN = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


@dataclass(frozen=True)
class Term:
    """Something to look for: as `printed`; its `tokens`, which stand side by side in any of their forms; or,
    instead or as well, what a word may begin with (`prefixes`); and a `pattern` that finds it in a text
    (whatever the case)."""

    printed: str
    tokens: tuple[str, ...]
    prefixes: tuple[str, ...]
    pattern: str
    is_phrase: bool = False

    @classmethod
    def of_word(cls, printed: str) -> Term:
        """Return the term of a word in all its forms; of a number, as it is."""
        word = bare(printed).removesuffix("%")
        if word[0].isdigit():
            return cls(printed, tokens(word), (), rf"(?<!\w){re.escape(word)}(?!\d)")
        stems = stems_of(word)
        stem = stem_of(word)
        if len(stem) > SHORTEST_STEM:
            stem = stem.removesuffix("e")
        ending = ENDING.get(len(stem), LONGEST_ENDING)
        either = "|".join(
            _letters(each) for each in dict.fromkeys((stem, *stems)) if " " not in each
        )
        return cls(printed, tokens(word), stems, rf"(?<!\w)(?:{either})\w{{0,{ending}}}(?!\w)")

    @classmethod
    def beginning(cls, printed: str) -> Term:
        """Return the term of all words that begin so."""
        word = bare(printed).removesuffix("%")
        return cls(f"{printed}*", (), tokens(word)[:1], rf"(?<!\w){_letters(word)}\w*")

    @classmethod
    def exactly(cls, printed: str) -> Term:
        """Return the term of words side by side, whatever stands between them."""
        found = tokens(printed)
        pattern = r"[\W_]+".join(
            rf"{_letters(token)}\w{{0,{2 if len(token) > 3 else 0}}}" for token in found
        )
        return cls(printed, found, (), rf"(?<!\w){pattern}(?!\w)", is_phrase=True)


def tokens(text: str) -> tuple[str, ...]:
    """Return the runs of letters and digits of a text, in small letters, ё as е."""
    return tuple(_TOKEN.findall(text.lower().replace("ё", "е")))


@lru_cache(maxsize=10_000)
def stems_of(word: str) -> tuple[str, ...]:
    """Return with what else a text's word may begin to be a form of this one: its stem in Russian and in
    Ukrainian, or in German, where that takes more than an s away. English stems are the index's own."""
    word = word.replace("ё", "е")
    if _CYRILLIC.search(word):
        found = {_stemmers()["russian"].stemWord(word), stem_of(word)}
    else:
        stem = _stemmers()["german"].stemWord(word)
        further = stem != word and word.startswith(stem) and word != f"{stem}s"
        # The index would shorten some of them once more, and find other words.
        found = {stem} if further and _stemmers()["porter"].stemWord(stem) == stem else set()
    # An apostrophe parts a word in two.
    return tuple(sorted(" ".join(tokens(stem)) for stem in found if len(stem) >= SHORTEST_STEM))


@lru_cache(maxsize=1)
def _stemmers() -> dict[str, snowballstemmer.stemmer]:
    return {name: snowballstemmer.stemmer(name) for name in ("german", "porter", "russian")}


class Piece(NamedTuple):
    """A piece of a text, and whether it is what was looked for."""

    text: str
    found: bool


@dataclass(frozen=True)
class Query:
    """What was `typed` (as far as it is read), what to look for, and what a text must not have. `cut` says
    that not all that was typed is looked for."""

    typed: str
    terms: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    cut: bool = False

    @classmethod
    def read(cls, typed: str) -> Query:
        """Return the question in any text. Words that every text has are passed over, unless there are no
        others."""
        text = _UNPRINTABLE.sub(" ", typed[: 2 * LONGEST]).strip()
        read = text[:LONGEST]
        wanted: list[Term] = []
        common: list[Term] = []
        unwanted: list[Term] = []
        for part in _PART.finditer(read):
            if part["phrase"] is not None:
                if not tokens(part["phrase"]):
                    continue
                term, tells = Term.exactly(part["phrase"].strip()), True
            elif part["star"] and tokens(bare(part["word"])):
                term, tells = Term.beginning(part["word"]), True
            else:
                tells = bare(part["word"]) not in COMMON
                term = Term.of_word(part["word"]) if tells else Term.exactly(part["word"])
            (unwanted if part["no"] else wanted if tells else common).append(term)
        wanted, unwanted = _different(wanted or common), _different(unwanted)
        cut = len(typed) > len(read) and len(text) > len(read)
        cut = cut or max(len(wanted), len(unwanted)) > MOST
        return cls(read, tuple(wanted[:MOST]), tuple(unwanted[:MOST]), cut)

    def instead(self, other: Mapping[Term, str]) -> Query:
        """Return the question with another word in the place of some."""
        terms = (Term.of_word(other[term]) if term in other else term for term in self.terms)
        return replace(self, terms=tuple(_different(terms)))

    def open_ended(self) -> Query:
        """Return the question of somebody who is still typing: of its last word any that begins so."""
        *others, last = self.terms or (None,)
        if last is None or last.is_phrase or not last.tokens:
            return self
        beginning = " ".join(last.tokens)
        pattern = rf"{last.pattern}|(?<!\w){_letters(bare(last.printed))}\w*"
        prefixes = (*last.prefixes, beginning)
        return replace(self, terms=(*others, replace(last, prefixes=prefixes, pattern=pattern)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(term.pattern for term in self.terms), re.IGNORECASE)

    def marked(self, text: str) -> list[Piece]:
        """Return the text in pieces, those that were looked for marked."""
        pieces, at = [], 0
        for match in self._pattern.finditer(text) if self.terms else ():
            pieces += [Piece(text[at : match.start()], False), Piece(match[0], True)]
            at = match.end()
        pieces.append(Piece(text[at:], False))
        return [piece for piece in pieces if piece.text]

    def snippet(self, text: str) -> list[Piece]:
        """As `marked`, of a long text only the words around the first place that has what was looked for."""
        if len(text) <= SNIPPET:
            return self.marked(text)
        match = self._pattern.search(text) if self.terms else None
        start = max(0, match.start() - BEFORE) if match else 0
        start = text.find(" ", start) + 1 if start else 0
        end = min(len(text), start + SNIPPET)
        end = end if end == len(text) else max(text.rfind(" ", start, end), start) or end
        shown = text[start:end].strip()
        return self.marked(f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}")

    def n_in(self, text: str) -> int:
        """Return how many of the terms the text has."""
        return sum(bool(re.search(term.pattern, text, re.IGNORECASE)) for term in self.terms)


def _different(terms: Iterable[Term]) -> list[Term]:
    found: dict[str, Term] = {}
    for term in terms:
        found.setdefault(term.pattern, term)
    return list(found.values())


def _letters(word: str) -> str:
    return "".join(
        "[её]" if letter in "её" else "[’'ʼ]" if letter in "’'ʼ" else re.escape(letter)
        for letter in word
    )


def nearest(printed: str, vocabulary: Mapping[str, int]) -> str | None:
    """Return the word of the vocabulary (words and how often each occurs) that a slip or two make of
    `printed`: the nearest, of those the most usual; None where there is none, or the word is too short."""
    word = bare(printed)
    if len(word) < SHORTEST_GUESSED or word[0].isdigit():
        return None
    slips = 1 if len(word) < TWO_SLIPS else 2
    near = process.extract(
        word, vocabulary.keys(), scorer=OSA.distance, score_cutoff=slips, limit=None
    )
    best = min(near, key=lambda found: (found[1], -vocabulary[found[0]], found[0]), default=None)
    return best[0] if best else None
