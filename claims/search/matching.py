"""Which claims a text makes, in whatever words: for the API, the pages, the desk and the commands alike.

What may be meant comes from two sides: the claims that share the text's words (`full_text`) and those that
are near it in meaning (`neighbours`). `ranking` says which of them it is, and how probably; `contradiction`
says what speaks against it. A claim that says the contrary is offered too, for whoever asks whether NATO
promised to expand should be led to what it promised; but never as the same claim.

Without the extra `semantic`, or where most vectors are missing, all of this is told by words alone, and says
so. docs/matching.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from claims.models import Claim
from claims.querysets.vector import Among
from claims.words import WORD, legible
from sources.sentences import sentences

from . import encoding, full_text, neighbours, ranking, spelling
from .analysis import LONGEST, Analysis, analyse, clean
from .contradiction import MONTHS, Contradiction, contradictions
from .rarity import headline, rarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Engine = Literal["semantic", "lexical"]

# How many candidates each of the two sides names: as many as the ranking was trained with.
FROM_EACH = 50
# A text longer than this (code points) is also compared sentence by sentence, so many of them: shorter ones
# were read whole when the ranking was trained.
PARAGRAPH, SENTENCES = 300, 20
# A sentence of fewer words that tell something makes no claim that could be found by it.
TELLING = 2
# So many vectors that are missing yet are computed while somebody waits: about a third of a second.
MISSING = 50
# From this probability on somebody who means another claim is asked.
LIKELY = 0.9
# How many shared words a reason names.
NAMED = 6


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a claim is offered: the `words`, `names` and `numbers` that both have, as the text prints them;
    what speaks against its being the same (`contradictions`, of text and claim); and the `sentence` of a
    longer text that says it (empty: the text as a whole)."""

    words: list[str]
    names: list[str]
    numbers: list[str]
    contradictions: list[Contradiction]
    sentence: str = ""

    @property
    def shared(self) -> list[str]:
        """All that both have."""
        return [*self.names, *self.numbers, *self.words]

    def __str__(self) -> str:
        shared = ", ".join(f"“{word}”" for word in self.shared)
        said = [f"shares {shared}"] if shared else []
        return "; ".join([*(said or ["alike in meaning"]), *map(str, self.contradictions)])


@dataclass(frozen=True, slots=True)
class Match:
    """A claim that a text may make: `score` orders those of one text, `probability` says how probably it is
    the claim that is meant, and `same` that it is offered as that."""

    claim: Claim
    score: float
    probability: float
    same: bool
    reasons: Reasons

    @property
    def is_likely(self) -> bool:
        """Whether it is so probable that a person should look: not yet that it is offered as the same."""
        return self.probability >= LIKELY and not self.reasons.contradictions

    @property
    def percent(self) -> int:
        """The probability in whole per cent; short of certain, 99."""
        return 100 if self.probability == 1 else min(round(100 * self.probability), 99)


@dataclass(frozen=True, slots=True)
class Matched:
    """A text, the claims that it may make, the best first, and by what they were found: what things mean too,
    or words alone. `instead` has the words of it that were taken for mistyped, and what was read instead."""

    text: str
    matches: list[Match]
    engine: Engine
    instead: dict[str, str] = field(default_factory=dict)

    @property
    def none(self) -> bool:
        """Whether nothing is good enough to be offered."""
        return not self.matches


@dataclass(slots=True)
class Asked:
    """Something that claims are compared with: a text or a sentence as `printed`, its `vector`, and the
    `keys` of the claims that it may make."""

    printed: str
    vector: Any = None
    keys: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A claim (by its primary key) that something asked may make: what is known before the row is read."""

    key: int
    score: float
    probability: float
    same: bool
    reasons: Reasons


def match(texts: Sequence[str], *, limit: int = 5, drafts: bool = False) -> list[Matched]:
    """Return for each of `texts` the claims that it may make, at most `limit`, the best first.

    Public claims, or with `drafts` also those that only the desk sees; retired ones never. Of a text the
    first `LONGEST` code points are read; one longer than `PARAGRAPH` is compared whole and sentence by
    sentence. A word that is written as none is read as the nearest that is (`spelling`). Any text can be
    asked. Two queries for each 25 texts and sentences, and as many others as for one.
    """
    typed = [readable(text) for text in texts]
    instead = spelling.mistyped(typed, drafts=drafts)
    known = [spelling.corrected(text, instead) for text in typed]
    parts = [[text, *_sentences(text)] for text in known]
    each = {printed: Asked(printed) for printed in dict.fromkeys(p for some in parts for p in some)}
    propose(list(each.values()), limit=FROM_EACH, drafts=drafts)
    offers, engines = compare(list(each.values()), drafts=drafts)
    found = dict(zip(each, zip(offers, engines, strict=True), strict=True))
    best = [_best([(part, found[part][0]) for part in some])[:limit] for some in parts]
    claims = load((offer.key for some in best for offer in some), drafts=drafts)
    return [
        Matched(
            text,
            matches(some, claims),
            found[meant][1],
            {word: instead[word] for word in WORD.findall(text) if word in instead},
        )
        for text, meant, some in zip(typed, known, best, strict=True)
    ]


def readable(text: str) -> str:
    """Return what is read of a text: its first `LONGEST` code points, of which a database takes each."""
    return legible(text[:LONGEST])


def _sentences(text: str) -> list[str]:
    """The sentences that a text is compared by besides: those that say most, of a longer text."""
    if len(text) <= PARAGRAPH:
        return []
    said = list(dict.fromkeys(text[start:end] for start, end in sentences(text)))
    if len(said) < 2:
        return []
    telling = {sentence: len(analyse(sentence).words) for sentence in said}
    told = [sentence for sentence in said if telling[sentence] >= TELLING]
    chosen = set(sorted(told, key=lambda sentence: -telling[sentence])[:SENTENCES])
    return [sentence for sentence in told if sentence in chosen]


def _best(found: Sequence[tuple[str, list[Offer]]]) -> list[Offer]:
    """What a text and its sentences are offered, each claim once. Scores of two sentences do not compare;
    their probabilities do."""
    (_, whole), *parts = found
    if not parts:
        return whole
    best: dict[int, Offer] = {}
    for printed, offers in [("", whole), *parts]:
        for offer in offers:
            if offer.key not in best or offer.probability > best[offer.key].probability:
                best[offer.key] = replace(offer, reasons=replace(offer.reasons, sentence=printed))
    return sorted(best.values(), key=lambda offer: -offer.probability)


# --- The steps; whole_text.py takes them too ---


def propose(asked: Sequence[Asked], *, limit: int, drafts: bool) -> None:
    """Find the claims that each of `asked` may make, `limit` by its words and as many by what it means; and
    give each its vector, where that can be had."""
    texts = [clean(one.printed) for one in asked]
    by_words = full_text.engine().candidates(texts, limit=limit, drafts=drafts)
    vectors = encoded(texts)
    by_meaning: list[list[tuple[int, float]]] = [[] for _ in asked]
    if vectors is not None:
        by_meaning = neighbours.nearest(vectors, limit=limit, drafts=drafts)
        for one, vector in zip(asked, vectors, strict=True):
            one.vector = vector
    for one, words, meaning in zip(asked, by_words, by_meaning, strict=True):
        one.keys = sorted({key for key, _ in [*words, *meaning]})


def encoded(texts: Sequence[str]) -> NDArray[np.float32] | None:
    """Return the vectors of `texts`; None where there can be none."""
    if not texts or not encoding.is_installed():
        return None
    try:
        return encoding.encode(texts)
    except encoding.Unavailable:
        return None


def compare(
    asked: Sequence[Asked], *, drafts: bool = False
) -> tuple[list[list[Offer]], list[Engine]]:
    """Return for each of `asked` which of the claims with its `keys` it may make, the best first, and by what
    that was told. Nothing below the floor of the ranking. Three queries at most, and those of `rarity`."""
    documents = _documents({key for one in asked for key in one.keys}, drafts=drafts)
    keys = [[key for key in one.keys if key in documents] for one in asked]
    cosines = _cosines(asked, keys, documents)
    tells = lru_cache(None)(rarity(drafts=drafts))
    offers: list[list[Offer]] = []
    engines: list[Engine] = []
    floor, same = ranking.floor(), ranking.same()
    for one, some, near in zip(asked, keys, cosines, strict=True):
        semantic = one.vector is not None and all(key in near for key in some)
        candidates = [
            ranking.Candidate(documents[key].compared, *(near[key] if semantic else ()))
            for key in some
        ]
        ranked = ranking.rank(clean(one.printed), candidates, rarity=tells)
        offers.append(
            [
                _offer(one.printed, documents[each.key], each, same, tells)
                for each in ranked
                if each.probability >= floor
            ]
        )
        engines.append("semantic" if semantic else "lexical")
    return offers, engines


def load(keys: Iterable[int], *, drafts: bool = False) -> dict[int, Claim]:
    """Return the claims with those primary keys, with what a list shows of each: five queries."""
    claims: Any = Claim.objects.at_work() if drafts else Claim.objects.published()
    some = claims.filter(pk__in=Among(set(keys))).with_counts().with_verdict().with_claimants()
    return {claim.pk: claim for claim in some.prefetch_related("topics")}


def matches(offers: Sequence[Offer], claims: dict[int, Claim]) -> list[Match]:
    """The offers with their rows, but for those that are gone meanwhile."""
    return [
        Match(claims[one.key], one.score, one.probability, one.same, one.reasons)
        for one in offers
        if one.key in claims
    ]


# --- What is compared ---


@dataclass(frozen=True, slots=True)
class _Document:
    compared: ranking.Document
    language: str


def _documents(keys: set[int], *, drafts: bool) -> dict[int, _Document]:
    """The claims as they are compared: their text, and the headline of the verdict in force. One query."""
    claims: Any = Claim.objects.at_work() if drafts else Claim.objects.published()
    rows = claims.filter(pk__in=Among(keys)).order_by()
    return {
        pk: _Document(ranking.Document(pk, text, title), language)
        for pk, text, title, language in rows.values_list("pk", "text", headline(), "language")
    }


def _cosines(
    asked: Sequence[Asked], keys: Sequence[Sequence[int]], documents: dict[int, _Document]
) -> list[dict[int, tuple[float, float | None]]]:
    """How near each of `asked` is to its claims: to the text, and to the headline (None without one). Vectors
    that are not there yet are computed, unless they are many: then their claims are left out. One query."""
    if not asked or any(one.vector is None for one in asked):
        return [{} for _ in asked]
    import numpy as np

    stored = neighbours.cosines(np.stack([one.vector for one in asked]), keys)
    titled = {key for key, document in documents.items() if document.compared.title}
    missing = sorted(
        {(key, False) for some, near in zip(keys, stored, strict=True) for key in some if key not in near}
        | {
            (key, True)
            for some, near in zip(keys, stored, strict=True)
            for key in titled.intersection(some)
            if near.get(key, (0.0, 0.0))[1] == 0.0
        }
    )  # fmt: skip
    fresh: dict[tuple[int, bool], Any] = {}
    if 0 < len(missing) <= MISSING:
        words = [documents[key].compared for key, _ in missing]
        texts = [
            one.title if title else one.text for one, (_, title) in zip(words, missing, strict=True)
        ]
        fresh = dict(zip(missing, encoding.encode(texts), strict=True))
    found: list[dict[int, tuple[float, float | None]]] = []
    for one, some, near in zip(asked, keys, stored, strict=True):
        row: dict[int, tuple[float, float | None]] = {}
        for key in some:
            text, title = near.get(key, (None, 0.0))
            if text is None and (key, False) in fresh:
                text = float(fresh[key, False] @ one.vector)
            if (key, True) in fresh and not title:
                title = float(fresh[key, True] @ one.vector)
            if text is not None:
                row[key] = (text, title if key in titled else None)
        found.append(row)
    return found


def _offer(
    printed: str,
    document: _Document,
    ranked: ranking.Ranked,
    same: float,
    tells: Callable[[str], float],
) -> Offer:
    compared = document.compared
    asked = analyse(printed, document.language)
    texts = [analyse(text, document.language) for text in (compared.text, compared.title) if text]
    against = contradictions(asked, texts[0])
    return Offer(
        ranked.key,
        round(ranked.score, 4),
        1.0 if ranked.probability == 1 else min(round(ranked.probability, 4), 0.9999),
        ranked.probability >= same
        and not against
        and any(_same_names_and_numbers(asked, text) for text in texts),
        _reasons(asked, texts, against, tells),
    )


def _same_names_and_numbers(one: Analysis, other: Analysis) -> bool:
    """Whether either text has all that the other writes with a capital, and the names and numbers of both
    stand in one order: who is exchanged for another changes little of what else is said, and all of it."""
    capitals = [
        {s for s, w in text.words.items() if w.printed[0].isupper()} for text in (one, other)
    ]
    if not (capitals[0] <= other.words.keys() and capitals[1] <= one.words.keys()):
        return False
    names = (capitals[0] | capitals[1]) - MONTHS
    in_order = [[stem for stem in text.words if stem in names] for text in (one, other)]
    places = [
        next((at for at, there in enumerate(other.numbers) if number.agrees(there)), -1)
        for number in one.numbers
    ]
    found = [place for place in places if place >= 0]
    return in_order[0] == in_order[1] and found == sorted(found)


def _reasons(
    asked: Analysis,
    texts: Sequence[Analysis],
    against: list[Contradiction],
    tells: Callable[[str], float],
) -> Reasons:
    shared = [stem for stem in asked.words if any(stem in text.words for text in texts)]
    shared.sort(key=lambda stem: -tells(stem))
    names = [stem for stem in shared if stem in asked.names]
    words = [stem for stem in shared if stem not in asked.names]
    numbers = [
        number.printed
        for number in asked.numbers
        if any(number.agrees(other) for text in texts for other in text.numbers)
    ]
    return Reasons(
        [asked.words[stem].printed for stem in words[:NAMED]],
        [asked.words[stem].printed for stem in names[:NAMED]],
        list(dict.fromkeys(numbers)),
        against,
    )
