"""What somebody searches for: the words of a question, where a text has them, and what else may have been
meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .words import COMMON, WORD, bare, stem_of

# How much of a question is read: as many code points as a claim may have, and so many different words.
LONGEST = 500
MOST = 12

# How many letters may follow the stem of a word: an ending. After a stem of one or two letters, none.
ENDING = {1: 0, 2: 0, 3: 2}
LONGEST_ENDING = 7

# Below this a word has too many neighbours to guess which was meant; from the second on, two slips pass.
SHORTEST_GUESSED = 4
TWO_SLIPS = 8

# How much of a long text is shown around what was found, in code points.
SNIPPET = 240
BEFORE = 60

_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]")
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Term:
    """A word or a phrase to look for: as it was typed, and as a pattern that Python and both databases read
    alike (to be matched whatever the case)."""

    printed: str
    pattern: str
    is_phrase: bool = False

    @classmethod
    def of_word(cls, printed: str) -> Term:
        """It is found by its stem, at the beginning of a word."""
        word = bare(printed).removesuffix("%")
        if word[0].isdigit():
            return cls(printed, rf"(?<!\w){re.escape(word)}(?!\d)")
        stem = stem_of(word)
        if len(stem) > 4:
            stem = stem.removesuffix("e")  # enlarge, enlargement and enlarging
        ending = ENDING.get(len(stem), LONGEST_ENDING)
        return cls(printed, rf"(?<!\w){_letters(stem)}\w{{0,{ending}}}(?!\w)")

    @classmethod
    def exactly(cls, printed: str) -> Term:
        """It is found as it stands, whatever is between its words."""
        words = r"\W+".join(_letters(word) for word in re.findall(r"\w+", printed.lower()))
        return cls(printed, rf"(?<!\w){words}(?!\w)", is_phrase=True)


def _different(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Each term once: two forms of one word ask for the same."""
    found: dict[str, Term] = {}
    for term in terms:
        found.setdefault(term.pattern, term)
    return tuple(found.values())


def _letters(word: str) -> str:
    """A pattern of the letters, to which ё is е, and one apostrophe another."""
    return "".join(
        "[её]" if letter in "её" else "[’'ʼ]" if letter in "’'ʼ" else re.escape(letter)
        for letter in word
    )


class Piece(NamedTuple):
    """A piece of a text, and whether it is what was looked for."""

    text: str
    found: bool


@dataclass(frozen=True)
class Question:
    """What was `typed`, and the terms to look for; `cut` says that they are not all that was typed."""

    typed: str
    terms: tuple[Term, ...] = ()
    cut: bool = False

    @classmethod
    def read(cls, typed: str) -> Question:
        """Of any text, however long and whatever is in it. Words that every text has are passed over, unless
        there are no others."""
        text = _UNPRINTABLE.sub(" ", typed).strip()
        read = text[:LONGEST]
        phrases = [match[1].strip() for match in _QUOTED.finditer(read)]
        words = WORD.findall(_QUOTED.sub(" ", read))
        terms = [Term.exactly(phrase) for phrase in phrases if re.search(r"\w", phrase)]
        telling = [Term.of_word(word) for word in words if bare(word) not in COMMON]
        if not terms and not telling:
            telling = [Term.exactly(word) for word in words]
        different = _different([*terms, *telling])
        return cls(read, different[:MOST], cut=len(read) < len(text) or len(different) > MOST)

    def instead(self, other: Mapping[Term, str]) -> Question:
        """The question with another word in the place of some."""
        terms = (Term.of_word(other[term]) if term in other else term for term in self.terms)
        return replace(self, terms=_different(terms))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(term.pattern for term in self.terms), re.IGNORECASE)

    def marked(self, text: str) -> list[Piece]:
        """The text in pieces, those that were looked for marked."""
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
        start = _word_start(text, max(0, match.start() - BEFORE)) if match else 0
        end = _word_end(text, min(len(text), start + SNIPPET))
        shown = text[start:end].strip()
        return self.marked(f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}")

    def n_in(self, text: str) -> int:
        """How many of the terms the text has."""
        return sum(bool(re.search(term.pattern, text, re.IGNORECASE)) for term in self.terms)


def _word_start(text: str, at: int) -> int:
    """The beginning of the first word from there on."""
    return at if not at else text.find(" ", at) + 1


def _word_end(text: str, at: int) -> int:
    """The end of the last word before."""
    return at if at == len(text) else max(text.rfind(" ", 0, at), 0) or at


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
