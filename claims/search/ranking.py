"""Which of the claims that may be meant is the one that a text makes, and how sure that is. Pure.

A text is compared with each candidate by what both mean (cosines of `encoding`) and by what both say: words
by how rare they are, names, numbers, letters. What each comparison is worth was learnt from posts and
debates whose claims fact-checkers had checked: `benchmarks/train_matching.py` writes `ranking_model.json`.
The order is a conditional logit (McFadden 1974; in ranking ListNet, Cao et al. 2007): a weighted sum, which
tells one candidate from the others of the same text. The probability is a logistic regression on the same
comparisons, since the best of many may still not be right. Both are made twice, with cosines and without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp, log, sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

from rapidfuzz import fuzz

from .analysis import Analysis, analyse, unquoted

MODEL = Path(__file__).with_name("ranking_model.json")

# What is compared with the claim's text and once more with its headline.
COMPARISONS = (
    "cosine", "covered", "covering", "alike", "weight", "shared", "rarest", "names", "share of names",
    "numbers", "other numbers", "unmatched numbers", "token set", "partial", "token sort", "letters",
    "length",
)  # fmt: skip
# How a comparison stands among those of the other candidates.
STANDINGS = ("itself", "standard", "rank")
GRAM = 4
_WORDS = re.compile(r"\w+")
# More than this is seldom shared by a post and a claim: a longer text shall not count for more.
MOST_WEIGHT, MOST_SHARED = 6.0, 12
# Among so many candidates it says much to stand out, among fewer less.
MANY = 50
# No candidate's share of its list counts for more, or less.
LARGEST_SHARE = 0.98

Rarity = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Document:
    """A claim as it is compared: its `text`, and as `title` the headline of its verdict, if it has one."""

    key: int
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may be meant, with the cosines of the text to its text and to its title: None where
    there are no vectors, or there is no title."""

    document: Document
    cosine: float | None = None
    cosine_title: float | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidate `key`, with a `score` that orders those of one text and says nothing beside those of
    another, and the `probability` that it is the claim that the text makes."""

    key: int
    score: float
    probability: float


def rank(text: str, candidates: Sequence[Candidate], *, rarity: Rarity) -> list[Ranked]:
    """Return the candidates of `text`, the best first; of those that are equal, the one given first.

    `rarity` says what a stem (`analysis.Word.stem`) tells: log((N - n + ½) / (n + ½) + 1) where n of N
    documents have it; of "", what one tells that nobody has. Cosines count if each candidate has one. Any
    text can be ranked for; what repeats a claim to the letter makes it, and one without a letter or a digit
    makes none, and has no candidates.
    """
    if not candidates or not any(letter.isalnum() for letter in text):
        return []
    model = shipped()["lexical" if any(each.cosine is None for each in candidates) else "semantic"]
    compared = comparisons(text, candidates, rarity)
    scores = [_sum(model["order"], row) for row in standings(compared, model["uses"])]
    shares = softmax(scores)
    spoken = _spoken(text)
    found = [
        Ranked(each.document.key, score, 1.0)
        if _spoken(each.document.text) == spoken
        else Ranked(
            each.document.key,
            score,
            1
            / (
                1
                + exp(
                    -_sum(
                        model["probability"], described(row, share, len(candidates), model["uses"])
                    )
                )
            ),
        )
        for each, score, share, row in zip(candidates, scores, shares, compared, strict=True)
    ]
    return sorted(found, key=lambda each: (each.probability < 1, -round(each.score, 9)))


def _spoken(text: str) -> list[str]:
    """What is heard of a text that is read aloud: who repeats a claim to the letter makes it."""
    return _WORDS.findall(text.lower())


@cache
def shipped() -> dict[str, Any]:
    """The model that is shipped."""
    content: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    return content


def floor() -> float:
    """The probability below which nothing is offered."""
    return float(shipped()["floor"])


def same() -> float:
    """The probability from which on a candidate that contradicts nothing is offered as the same claim."""
    return float(shipped()["same"])


# --- What is compared; training reads it too ---


def comparisons(
    text: str, candidates: Sequence[Candidate], rarity: Rarity
) -> list[tuple[float, ...]]:
    """Return for each candidate the numbers of `COMPARISONS`, with its text and then with its title; with
    its text again, where it has no title."""
    # In words that no claim has: among ten claims none is as rare as among a million.
    rarest = rarity("") or 1.0
    rare = lru_cache(None)(lambda stem: rarity(stem) / rarest)
    asked = _read(text)
    whole = sum(map(rare, asked.analysis.words)) or 1.0
    rows = []
    for candidate in candidates:
        document = candidate.document
        by_text = _compared(asked, _read(document.text), candidate.cosine, rare, whole)
        by_title = by_text
        if document.title:
            # A title whose vector is not known is as near as the text.
            cosine = candidate.cosine_title
            cosine = candidate.cosine if cosine is None else cosine
            by_title = _compared(asked, _read(document.title), cosine, rare, whole)
        rows.append((*by_text, *by_title))
    return rows


@dataclass(frozen=True)
class _Text:
    printed: str
    analysis: Analysis
    grams: frozenset[str]


@lru_cache(maxsize=20_000)
def _read(text: str) -> _Text:
    printed = unquoted(text)
    padded = f" {printed.lower()} "
    grams = frozenset(padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1))
    return _Text(printed.lower(), analyse(printed), grams)


def _compared(
    asked: _Text, found: _Text, cosine: float | None, rare: Rarity, whole: float
) -> tuple[float, ...]:
    words, others = asked.analysis.words, found.analysis.words
    shared = [rare(stem) for stem in others if stem in words]
    weight = sum(shared)
    other_whole = sum(map(rare, others)) or 1.0
    names, other_names = asked.analysis.names, found.analysis.names
    numbers, other_numbers = asked.analysis.numbers, found.analysis.numbers
    agreeing = sum(any(one.agrees(other) for other in numbers) for one in other_numbers)
    return (
        cosine or 0.0,
        weight / whole,
        weight / other_whole,
        2 * weight / (whole + other_whole),
        min(weight, MOST_WEIGHT),
        min(len(shared), MOST_SHARED),
        max(shared, default=0.0),
        sum(stem in names for stem in other_names),
        sum(stem in words for stem in other_names) / (len(other_names) or 1),
        agreeing,
        float(bool(numbers and other_numbers and not agreeing)),
        float(bool(other_numbers and not agreeing)),
        fuzz.token_set_ratio(asked.printed, found.printed) / 100,
        fuzz.partial_ratio(asked.printed, found.printed) / 100,
        fuzz.token_sort_ratio(asked.printed, found.printed) / 100,
        len(found.grams & asked.grams) / (len(found.grams) or 1),
        log(1 + len(others)),
    )


def standings(compared: Sequence[Sequence[float]], uses: Sequence[int]) -> list[list[float]]:
    """Return for each candidate what `STANDINGS` says of each comparison that is used: itself, in standard
    deviations from the mean, and one by its rank."""
    columns: list[list[float]] = []
    for place in uses:
        values = [row[place] for row in compared]
        # By hand, since pstdev() counts in fractions: most of what a long text took.
        mean = fmean(values)
        spread = sqrt(fmean((value - mean) ** 2 for value in values)) + 1e-6
        ranks: dict[float, int] = {}
        for number, value in enumerate(sorted(values, reverse=True), start=1):
            ranks.setdefault(value, number)
        columns.append(values)
        columns.append([(value - mean) / spread for value in values])
        columns.append([1 / ranks[value] for value in values])
    return [list(row) for row in zip(*columns, strict=True)]


def softmax(scores: Sequence[float]) -> list[float]:
    """Return the share that each score has of all, if they are logarithms."""
    best = max(scores)
    powers = [exp(score - best) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def described(
    row: Sequence[float], share: float, n_candidates: int, uses: Sequence[int]
) -> list[float]:
    """Return what the probability of a candidate is read from: its comparisons that are used, and its
    `share` as a logit, which counts for less the fewer candidates there are: to be the best of one is
    nothing."""
    share = min(max(share, 1 - LARGEST_SHARE), LARGEST_SHARE)
    standing_out = min(1.0, (n_candidates - 1) / MANY)
    return [*(row[place] for place in uses), log(share / (1 - share)) * standing_out]


def _sum(weights: Sequence[float], numbers: Sequence[float]) -> float:
    """The weighted sum; the first weight is that of nothing."""
    return weights[0] + sum(
        weight * number for weight, number in zip(weights[1:], numbers, strict=True)
    )
