"""Which claims say nearly the same as a text: for the desk, before a duplicate is born.

By their words only, so that the answer can be told in a sentence. A denial of the same thing is as near
as its affirmation: the reason says which word makes the difference.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from math import log
from statistics import median

from django.core.exceptions import ValidationError

from claims.models import Claim
from claims.words import COMMON, WORD, bare, stem_of

# Below this two claims share no more than a subject.
FLOOR = 0.3
# From this on a new claim is probably no new one, unless one denies the other.
SAME = 0.75
# How many claims are compared word for word, of those that share the weightiest words.
COMPARED = 200
# How many code points of a text are compared: as many as a claim may have, so that no text costs much.
LONGEST = 500
# How many shared words a reason names.
NAMED = 4
# What tells claims apart more than other words do.
NAME, NUMBER = 1.5, 2.0

_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|without|den(?:y|ies|ied|ying)"
    r"|не|нет|никогда)\b|n[’']t\b"
)


@dataclass(frozen=True)
class Similar:
    """A claim near a text: the `claim`, a `score` from 0 to 1, the `reason` in words, and whether it is
    probably the `same` claim, so that somebody must say that theirs is another."""

    claim: Claim
    score: float
    reason: str
    same: bool


@dataclass(frozen=True)
class Near:
    """As Similar, of a claim that is known by its `key` and its `text`."""

    key: int
    text: str
    score: float
    reason: str
    same: bool


def refuse_second(text: str) -> None:
    """Raise ValidationError if there is a claim that a new one of this text probably repeats: a question
    for the person who writes it, who may know better."""
    near = next((each for each in similar_claims(text) if each.same), None)
    if near is not None:
        raise ValidationError(
            f"There is a very similar claim: “{near.claim}” ({near.reason}). If yours is another one, "
            "tick “It is another claim” and save again.",
            code="similar",
        )


class Neighbours:
    """The claims near many texts, as `similar_claims` finds them for one, from an index of their words
    that is made once: some milliseconds a text among 100,000 claims, and about 400 bytes a claim."""

    def __init__(self, claims: Iterable[tuple[int, str]]) -> None:
        """Take `claims` by their keys, with their texts."""
        self._texts: dict[int, str] = {}
        self._places: dict[str, array[int]] = {}
        for pk, text in claims:
            self._texts[pk] = text
            for stem in _words(text[:LONGEST]):
                self._places.setdefault(stem, array("q")).append(pk)

    def near(self, text: str, *, limit: int = 3) -> list[tuple[int, str]]:
        """Return the keys of up to `limit` claims that say nearly what `text` says, or deny it, the nearest
        first, each with the reason in words."""
        return [(each.key, each.reason) for each in self.compare(text, limit=limit)]

    def compare(self, text: str, *, limit: int = 3) -> list[Near]:
        """As `near`, each with all that is known of it."""
        text = text[:LONGEST]
        asked = _words(text)
        everywhere = max(COMPARED, len(self._texts) // 50)
        rarity = {
            stem: log(2 + len(self._texts) / (1 + len(self._places.get(stem, ()))))
            for stem in asked
        }
        shared: dict[int, float] = {}
        for stem in asked:
            places = self._places.get(stem, ())
            # A word that so many claims have finds none of them by itself.
            for pk in places if len(places) <= everywhere else ():
                shared[pk] = shared.get(pk, 0.0) + rarity[stem]
        found = (
            (_similarity(asked, _words(self._texts[pk]), rarity), pk)
            for pk in nlargest(COMPARED // 4, shared, key=lambda pk: (shared[pk], -pk))
        )
        best = nlargest(limit, ((score, -pk) for score, pk in found if score >= FLOOR))
        return [
            Near(
                key=-pk,
                text=self._texts[-pk],
                score=score,
                reason=_reason(text, self._texts[-pk], rarity),
                same=score >= SAME and not _denial(text, self._texts[-pk]),
            )
            for score, pk in best
        ]


@dataclass(frozen=True)
class _Word:
    stem: str
    printed: str
    weight: float  # 1, or more for a name or a number


def similar_claims(text: str, *, limit: int = 5, exclude: Claim | None = None) -> list[Similar]:
    """Return up to `limit` claims that say nearly what `text` says, or deny it, the nearest first.

    Looks at all claims that are not retired, drafts included (for the desk only), without `exclude`;
    nothing below `FLOOR`. Of the text, the first `LONGEST` code points are compared. Two queries, however
    many claims there are: all their texts, and the ones found.
    """
    text = text[:LONGEST]
    asked = _words(text)
    if not asked:
        return []
    rows = Claim.objects.filter(duplicate_of__isnull=True).order_by().values_list("pk", "text")
    if exclude is not None and exclude.pk is not None:
        rows = rows.exclude(pk=exclude.pk)
    rarity, near = _compare(asked, list(rows))
    found = nlargest(
        limit,
        (
            (similarity, -pk)
            for pk, other in near
            if (similarity := _similarity(asked, _words(other), rarity)) >= FLOOR
        ),
    )
    claims = Claim.objects.only("text", "slug", "kind", "published_at").in_bulk(
        [-pk for _, pk in found]
    )
    return [
        Similar(
            claim=claims[-pk],
            score=round(similarity, 3),
            reason=_reason(text, claims[-pk].text, rarity),
            same=similarity >= SAME and not _denial(text, claims[-pk].text),
        )
        for similarity, pk in found
        if -pk in claims  # unless it was deleted in between
    ]


def _words(text: str) -> dict[str, _Word]:
    """The words of a claim that say something, by their stems, in their order."""
    found: dict[str, _Word] = {}
    for match in WORD.finditer(text):
        printed = match[0]
        word = bare(printed)
        if word in COMMON:
            continue
        if word[0].isdigit():
            weight = NUMBER
        elif printed[0].isupper() and (match.start() or printed[1:].isupper()):
            weight = NAME
        else:
            weight = 1.0
        stem = stem_of(word)
        if stem not in found or found[stem].weight < weight:
            found[stem] = _Word(stem, printed, weight)
    return found


def _negations(text: str) -> list[str]:
    return _DENIES.findall(text.casefold())


def _denial(text: str, other: str) -> str:
    """The negation that one of the two has and the other has not; empty if both are in the negative,
    or both in the positive: two negations (“never promised not to”) cancel each other."""
    more, fewer = sorted(map(_negations, (text, other)), key=len, reverse=True)
    if (len(more) - len(fewer)) % 2 == 0:
        return ""
    return next((word for word in more if word not in fewer), more[0])


def _compare(
    asked: Iterable[str], stored: list[tuple[int, str]]
) -> tuple[dict[str, float], list[tuple[int, str]]]:
    """Return how much each stem tells (the logarithm of how many claims there are for one that has it),
    and the claims that share those that tell most: the ones worth a look word for word."""
    texts = [f" {text.casefold()}" for _, text in stored]
    rarity: dict[str, float] = {}
    shared: dict[int, float] = {}
    for stem in asked:
        # At the beginning of a word, where the stem is so short that it may stand in any.
        needle = stem if len(stem) > 3 else f" {stem}"
        places = [place for place, text in enumerate(texts) if needle in text]
        rarity[stem] = log(2 + len(texts) / (1 + len(places)))
        for place in places:
            shared[place] = shared.get(place, 0.0) + rarity[stem]
    best = nlargest(COMPARED, shared, key=lambda place: (shared[place], -stored[place][0]))
    return rarity, [stored[place] for place in best]


def _similarity(
    asked: dict[str, _Word], other: dict[str, _Word], rarity: dict[str, float]
) -> float:
    """Dice's coefficient of the two sets of words, each weighted by what it tells."""
    usual = median(rarity.values())

    def weight(stem: str) -> float:
        heaviest = max(words[stem].weight for words in (asked, other) if stem in words)
        return rarity.get(stem, usual) * heaviest

    total = sum(map(weight, asked)) + sum(map(weight, other))
    return 2 * sum(weight(stem) for stem in asked if stem in other) / total


def _reason(text: str, other: str, rarity: dict[str, float]) -> str:
    asked, stored = _words(text), _words(other)
    shared = sorted(
        (stem for stem in asked if stem in stored),
        key=lambda stem: (-rarity[stem] * asked[stem].weight, stem),
    )
    if " ".join(text.split()).casefold() == " ".join(other.split()).casefold():
        said = ["the same words"]
    else:
        said = ["shares " + ", ".join(f"“{asked[stem].printed}”" for stem in shared[:NAMED])]
    if denial := _denial(text, other):
        said.append(f"only one says “{denial}”: it may deny the other")
    numbers = [{stem for stem in words if stem[0].isdigit()} for words in (asked, stored)]
    if all(numbers) and not numbers[0] & numbers[1]:
        said.append("the numbers differ")
    return "; ".join(said)
