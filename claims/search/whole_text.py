"""Which claims an article or a transcript makes, sentence by sentence.

Every sentence that says something is looked up by its meaning; those that come near some claim are then
compared as `matching` compares a single one. So ten thousand words take seconds. docs/matching.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from claims.words import COMMON, WORD, bare, legible
from sources.sentences import sentences

from . import full_text, neighbours
from .analysis import clean
from .matching import Asked, Engine, Match, compare, encoded, load, matches

# How many code points a text may have: some 16,000 words.
LONGEST = 100_000
# A sentence of fewer telling words is a greeting, or says nothing by itself.
TELLING = 4
# So many sentences at most are looked up, those that say most; and so many, those that came nearest, are
# compared with so many claims each: those near in meaning, or where meanings are not compared, in words.
LOOKED_UP, COMPARED, FROM_EACH = 600, 100, 12
# A sentence that is further from all claims than this (cosine) makes none of them.
NEAR = 0.45
# Below this probability a claim is not shown in a text: a page full of what is hardly meant helps nobody.
# Above it a person sees at a glance whether it is, and the note says how probable that is. Words alone are
# surer of less.
LIKELY: dict[Engine, float] = {"semantic": 0.3, "lexical": 0.5}


class TooLong(ValueError):
    """The text has more than `LONGEST` code points."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, `text[start:end]` (code points), that may make these claims, the best first."""

    start: int
    end: int
    matches: list[Match]


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in a `text`: which sentences may make a claim, in the order of the text; how many
    sentences it has, and how many of them were looked up; and by what they were compared."""

    text: str
    engine: Engine
    n_sentences: int = 0
    n_looked_up: int = 0
    said: list[Said] = field(default_factory=list)


def read(text: str, *, limit: int = 3, drafts: bool = False) -> Read:
    """Return which sentences of `text` may make which claims, at most `limit` each.

    Public claims, or with `drafts` also those that only the desk sees. A sentence that stands in the text
    more than once is compared once, and found wherever it stands. Any text of up to `LONGEST` code points
    can be read; raises TooLong above. However long the text is, a fixed number of queries; by words alone
    two more for each 25 sentences.
    """
    if len(text) > LONGEST:
        raise TooLong(f"The text has {len(text):,} characters: {LONGEST:,} are read at most.")
    text = legible(text)
    spans = sentences(text)
    places: dict[str, list[tuple[int, int]]] = {}
    for start, end in spans:
        places.setdefault(text[start:end], []).append((start, end))
    telling = {sentence: _telling(sentence) for sentence in places}
    most = sorted((s for s in places if telling[s] >= TELLING), key=lambda s: -telling[s])
    asked = most[:LOOKED_UP]
    engine, near = _near(asked, drafts=drafts)
    offers, _ = compare(near, drafts=drafts)
    shown = {
        one.printed: [offer for offer in some if offer.probability >= LIKELY[engine]][:limit]
        for one, some in zip(near, offers, strict=True)
    }
    claims = load((offer.key for some in shown.values() for offer in some), drafts=drafts)
    said = [
        Said(start, end, found)
        for sentence, some in shown.items()
        if (found := matches(some, claims))
        for start, end in places[sentence]
    ]
    return Read(
        text,
        engine,
        n_sentences=len(spans),
        n_looked_up=sum(len(places[sentence]) for sentence in asked),
        said=sorted(said, key=lambda one: one.start),
    )


def _telling(sentence: str) -> int:
    """How many different words tell something."""
    return len({bare(word) for word in WORD.findall(sentence)} - COMMON)


def _near(sentences: Sequence[str], *, drafts: bool) -> tuple[Engine, list[Asked]]:
    """Those that come near some claim, with the keys of the nearest; and by what that was told."""
    texts = [clean(sentence) for sentence in sentences]
    vectors = encoded(texts)
    found = (
        neighbours.nearest(vectors, limit=FROM_EACH, drafts=drafts) if vectors is not None else []
    )
    if vectors is not None and any(found):
        nearest = {place: claims[0][1] for place, claims in enumerate(found) if claims}
        likely = (place for place, cosine in nearest.items() if cosine >= NEAR)
        order = sorted(likely, key=lambda place: -nearest[place])[:COMPARED]
        return "semantic", [
            Asked(sentences[place], vectors[place], sorted(key for key, _ in found[place]))
            for place in order
        ]
    words = full_text.engine().candidates(texts, limit=FROM_EACH, drafts=drafts)
    shared = {place: claims[0][1] for place, claims in enumerate(words) if claims}
    order = sorted(shared, key=lambda place: -shared[place])[:COMPARED]
    return "lexical", [
        Asked(sentences[place], keys=sorted(key for key, _ in words[place])) for place in order
    ]
