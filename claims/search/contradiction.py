"""Why two texts may say different things, though they are near each other. Pure.

What is near by its words or its vector may still be the contrary: “NATO never promised” has all the words of
“NATO promised”. Only what can be shown is taken for a contradiction: numbers that differ, a negation that one
of the two has alone, words that are opposites.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from claims.search.analysis import DENIALS, Analysis, Negation, analyse
from claims.search.quantities import Number
from claims.search.stems import stem

# Words of which one side says the opposite of the other, by language.
OPPOSITES = {
    "en": """
        increase rise rose risen grow grew grown growth climb soar surge double
            | decrease decline fall fell fallen drop shrink shrank shrunk plunge halve reduce reduction
        more higher greater larger bigger highest | less lower fewer smaller lowest
        expand expansion enlarge enlargement | shrink withdraw withdrew withdrawal
        promise pledge vow agree accept | refuse refusal reject rejection decline
        win won winner | lose lost loser
        legal lawful legally lawfully | illegal unlawful illegally unlawfully
        allow permit legalise legalize | ban prohibit forbid forbade forbidden outlaw
        support favor favour backed | oppose sabotage
        true real genuine authentic | false fake untrue fabricated
        safe harmless | unsafe dangerous harmful toxic poisonous
        extend renew | terminate expire scrap
        keep kept honour honor | break broke broken
        defensive | offensive
        oral verbal | written
        binding | nonbinding
        guilty convicted | innocent acquitted
        start began begin begun | stop halt
        raise | cut
        alive survive | dead die died kill
        possible | impossible
        join | quit
        strengthen stronger | weaken weaker
        best better | worst worse
        confirm acknowledge | refute debunk reject
        cause | prevent
        buy bought | sell sold
        surplus | deficit
        richer richest | poorer poorest
    """,
    "de": """
        steigen steigt stieg gestiegen zunehmen wachsen wuchs
            | sinken sinkt sank gesunken fallen fiel gefallen abnehmen
        mehr höher größer | weniger niedriger kleiner geringer
        versprechen versprach versprochen zusagen | ablehnen lehnte abgelehnt weigern weigerte verweigern
        gewinnen gewann gewonnen | verlieren verlor verloren
        legal erlaubt erlauben | illegal verboten verbieten verbot
        wahr echt | falsch gefälscht
        schuldig | unschuldig
    """,
    "ru": """
        вырос выросла выросли растёт растет увеличился увеличилась
            | упал упала упали падает снизился снизилась
        больше выше | меньше ниже
        обещал обещала обещали | отказался отказалась отказались
        выиграл выиграла выиграли победил | проиграл проиграла проиграли
        законно законный разрешил разрешили | незаконно незаконный запретил запретили
    """,
}

# From this on (Dice's coefficient of their stems) a denial of whatever word is one of the other sentence.
ALIKE = 0.5
# From this on two texts are so alike that the order of their names tells.
ALIKE_IN_ORDER = 0.75
# These stand anywhere in a sentence.
MONTHS = frozenset(
    stem(word, "en")
    for word in "january february march april may june july august september october november"
    " december".split()
)
_PASSIVE = re.compile(r"\bby\b", re.IGNORECASE)
# How many numbers of a text are compared.
NUMBERS = 50


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A reason why two texts may differ: its `kind`, and what either has printed (`ours` of the first text,
    `theirs` of the second; empty in one of them if it has nothing of the kind)."""

    kind: Literal["number", "negation", "opposite", "order"]
    ours: str
    theirs: str

    def __str__(self) -> str:
        if self.ours and self.theirs:
            return f"one says “{self.ours}”, the other “{self.theirs}”"
        return f"only one says “{self.ours or self.theirs}”: it may deny the other"


def contradictions(
    a: Analysis | str, b: Analysis | str, *, language: str = "en"
) -> list[Contradiction]:
    """Return what speaks against two texts that are about the same saying the same; `language` (BCP 47) is
    that of those given as strings. Any texts can be asked, and if they are exchanged, so are the sides.

    That they are about the same is for the caller to know. Of a longer text only the sentences nearest to the
    other one are compared.

    A number, or an opposite, that stands in one of the texts only contradicts nothing.
    """
    ours = a if isinstance(a, Analysis) else analyse(a, language)
    theirs = b if isinstance(b, Analysis) else analyse(b, language)
    near, far = _nearest(ours, theirs), _nearest(theirs, ours)
    opposites, spent = _opposites(ours, near, theirs, far)
    return [
        *_numbers(ours, near, theirs, far),
        *_negations(ours, near, theirs, far, spent),
        *opposites,
        *_order(ours, theirs),
    ]


def _nearest(text: Analysis, other: Analysis) -> list[int]:
    """Which sentences of `text` share at least half as much with `other` as the one that shares most."""
    shared = [len(words & other.words.keys()) for words in text.sentences]
    least = max(shared, default=0) / 2
    return [number for number, count in enumerate(shared) if count >= least]


def _numbers(
    ours: Analysis, near: list[int], theirs: Analysis, far: list[int]
) -> Iterable[Contradiction]:
    """Numbers of one kind, where each text has one that the other has not."""
    mine = [number for place in near for number in ours.by_sentence[place]]
    other = [number for place in far for number in theirs.by_sentence[place]]
    mine_only = _unmatched(mine[:NUMBERS], theirs.numbers)
    other_only = _unmatched(other[:NUMBERS], ours.numbers)
    for kind in dict.fromkeys(number.kind for number in mine_only):
        left = [number for number in mine_only if number.kind == kind]
        right = [number for number in other_only if number.kind == kind]
        for one, another in _pairs(left, right):
            yield Contradiction("number", one.printed, another.printed)


def _unmatched(some: Iterable[Number], others: Iterable[Number]) -> list[Number]:
    return [number for number in some if not any(number.agrees(other) for other in others)]


def _pairs(left: list[Number], right: list[Number]) -> list[tuple[Number, Number]]:
    """Which numbers are about the same: those that count the same, or the only ones left on both sides."""
    pairs = [(one, another) for one in left for another in right if one.counts & another.counts]
    if not pairs and len(left) == len(right) == 1:
        pairs = [(left[0], right[0])]
    if not pairs and left and right and left[0].kind:
        pairs = list(zip(left, right, strict=False))
    return pairs


def _negations(
    ours: Analysis, near: list[int], theirs: Analysis, far: list[int], spent: set[str]
) -> Iterable[Contradiction]:
    """A negation that one text has alone, or negations that deny different words that both texts have.

    Negations of one word answer each other, and so do those of words that the other text has not: it may say
    the same in other words (“not to expand”, “not to enlarge”). What is left of one text only is told."""
    mine = [n for n in ours.negations if _counts(n, near) and n.denies not in spent]
    other = [n for n in theirs.negations if _counts(n, far) and n.denies not in spent]
    mine, other = _without_same(mine, other), _without_same(other, mine)
    here = sorted(mine, key=lambda n: n.denies in theirs.words)
    there = sorted(other, key=lambda n: n.denies in ours.words)
    for one, another in zip(here, there, strict=False):
        if one.denies in theirs.words and another.denies in ours.words:
            yield Contradiction("negation", _phrase(one, ours), _phrase(another, theirs))
    for alone in here[len(there) :]:
        if _concerns(alone, ours, theirs, far):
            yield Contradiction("negation", alone.printed, "")
    for alone in there[len(here) :]:
        if _concerns(alone, theirs, ours, near):
            yield Contradiction("negation", "", alone.printed)


def _counts(negation: Negation, near: list[int]) -> bool:
    """Whether it stands in one of those sentences, or denies as a whole the one beside it (“Not true.”)."""
    beside = {negation.sentence - 1, negation.sentence + 1}
    whole = DENIALS.fullmatch(negation.printed.lower()) is not None
    return negation.sentence in near or (whole and not beside.isdisjoint(near))


def _without_same(negations: list[Negation], others: list[Negation]) -> list[Negation]:
    """Those of `negations` that deny what none of `others` does."""
    denied = {other.denies for other in others}
    return [negation for negation in negations if negation.denies not in denied]


def _concerns(negation: Negation, text: Analysis, other: Analysis, places: list[int]) -> bool:
    """Whether what is denied, or what that hangs on, is something that the other text has too, or the two say
    nearly the same."""
    if negation.denies in other.words or negation.under in other.words:
        return True
    if (
        DENIALS.fullmatch(negation.printed.lower())
        and not text.sentences[negation.sentence] & other.words.keys()
    ):
        return True  # of the sentence beside it
    for side in chain.from_iterable(_sides(text.language)):
        if negation.denies in side and side & other.words.keys():
            return True
    said = text.sentences[negation.sentence]
    heard = frozenset().union(*(other.sentences[place] for place in places))
    return len(said & heard) >= ALIKE * (len(said) + len(heard)) / 2


def _phrase(negation: Negation, text: Analysis) -> str:
    return f"{negation.printed} {text.words[negation.denies].printed}"


def _order(ours: Analysis, theirs: Analysis) -> Iterable[Contradiction]:
    """Names that change places between texts that have nearly all words in common: who does what to whom."""
    shared = ours.words.keys() & theirs.words.keys()
    if 2 * len(shared) < ALIKE_IN_ORDER * (len(ours.words) + len(theirs.words)):
        return
    names = ((ours.names.keys() | theirs.names.keys()) & shared) - MONTHS
    here, there = ([stem for stem in text.words if stem in names] for text in (ours, theirs))
    passive = [_PASSIVE.search(text.text) is not None for text in (ours, theirs)]
    if here != there and passive[0] == passive[1]:
        one, another = next(
            (one, another) for one, another in zip(here, there, strict=True) if one != another
        )
        first, second = (
            " … ".join(text.words[stem].printed for stem in text.words if stem in (one, another))
            for text in (ours, theirs)
        )
        yield Contradiction("order", first, second)


@lru_cache(maxsize=8)
def _sides(language: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """The stems of the opposites, English ones where there are no others."""
    short = language.partition("-")[0].lower()
    lines = re.sub(r"\n\s+\|", " |", OPPOSITES.get(short, OPPOSITES["en"])).strip().splitlines()
    sides = [line.split("|") for line in lines]
    return tuple((_stems(one, short), _stems(another, short)) for one, another in sides)


def _stems(words: str, language: str) -> frozenset[str]:
    return frozenset(stem(word, language) for word in words.split())


def _opposites(
    ours: Analysis, near: list[int], theirs: Analysis, far: list[int]
) -> tuple[list[Contradiction], set[str]]:
    """Words that are opposites, each in one text only; and the stems of those that are no opposites because
    one of them is denied (“did not rise” against “fell”), whose negation is thereby spent."""
    mine = frozenset().union(*(ours.sentences[place] for place in near))
    other = frozenset().union(*(theirs.sentences[place] for place in far))
    found: list[Contradiction] = []
    spent: set[str] = set()
    for one, another in _sides(ours.language):
        for left, right in ((one, another), (another, one)):
            here, there = mine & left, other & right
            if not here or not there or mine & right or other & left:
                continue
            denied = {n.denies for n in ours.negations} & here
            denied_there = {n.denies for n in theirs.negations} & there
            if bool(denied) != bool(denied_there):
                spent |= denied | denied_there
                continue
            found.append(Contradiction("opposite", _first(ours, here), _first(theirs, there)))
    return found, spent


def _first(text: Analysis, stems: frozenset[str]) -> str:
    return next(word.printed for word in text.words.values() if word.stem in stems)
