"""Which claims an article or a transcript makes, sentence by sentence.

Every sentence that says something is looked up by its meaning; those that come near some claim are then
compared as `matching` compares a single one. So ten thousand words take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from claims.words import COMMON, WORD, bare
from sources.sentences import sentences

from . import full_text, neighbours
from .analysis import clean
from .matching import Asked, Engine, Match, Offer, compare, encoded, load, matches

# How many code points a text may have: some 16,000 words.
LONGEST = 100_000
# A sentence of fewer telling words is a greeting, or says nothing by itself.
TELLING = 4
# So many sentences at most are looked up, those that say most; and so many, those that came nearest, are
# compared with so many claims each from either side.
LOOKED_UP, COMPARED, FROM_EACH = 600, 120, 10
# A sentence that is further from all claims than this (cosine) makes none of them.
NEAR = 0.45
# Below this probability a claim is not shown in a text: a page full of what is perhaps meant helps nobody.
LIKELY = 0.3


class TooLong(ValueError):
    """The text has more code points than are read. The message says how many, for people."""


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

    Public claims, or with `drafts` also those that only the desk sees. A sentence that stands in the text more
    than once is compared once, and found wherever it stands. Any text of up to `LONGEST` code points can be
    read; TooLong above. The number of queries does not depend on the text.
    """
    if len(text) > LONGEST:
        raise TooLong(
            f"The text has {len(text):,} characters: up to {LONGEST:,} are read at once. Give it in parts."
        )
    legible = text.encode(errors="replace").decode().replace("\0", " ")
    spans = sentences(legible)
    places: dict[str, list[tuple[int, int]]] = {}
    for start, end in spans:
        places.setdefault(legible[start:end], []).append((start, end))
    telling = {sentence: _telling(sentence) for sentence in places}
    most = sorted((s for s in places if telling[s] >= TELLING), key=lambda s: -telling[s])
    asked = [Asked(sentence) for sentence in most[:LOOKED_UP]]
    engine, near = _near(asked, drafts=drafts)
    offers, _ = compare(near, drafts=drafts)
    shown: dict[str, list[Offer]] = {
        one.printed: likely
        for one, some in zip(near, offers, strict=True)
        if (likely := [offer for offer in some if offer.probability >= LIKELY][:limit])
    }
    claims = load((offer.key for some in shown.values() for offer in some), drafts=drafts)
    said = [
        Said(start, end, matches(some, claims))
        for sentence, some in shown.items()
        for start, end in places[sentence]
    ]
    return Read(
        text,
        engine,
        n_sentences=len(spans),
        n_looked_up=sum(len(places[one.printed]) for one in asked),
        said=sorted((one for one in said if one.matches), key=lambda one: one.start),
    )


def _telling(sentence: str) -> int:
    """How many different words tell something."""
    return len({bare(word) for word in WORD.findall(sentence)} - COMMON)


def _near(asked: list[Asked], *, drafts: bool) -> tuple[Engine, list[Asked]]:
    """Those of `asked` that come near some claim, with the keys of the nearest; and by what that was told."""
    texts = [clean(one.printed) for one in asked]
    vectors = encoded(texts)
    if vectors is not None:
        found = neighbours.nearest(vectors, limit=FROM_EACH, drafts=drafts)
        if any(found):
            nearest = {place: claims[0][1] for place, claims in enumerate(found) if claims}
            order = sorted(
                (place for place, cosine in nearest.items() if cosine >= NEAR),
                key=lambda place: -nearest[place],
            )[:COMPARED]
            words = full_text.engine().candidates(
                [texts[place] for place in order], limit=FROM_EACH, drafts=drafts
            )
            for place, by_words in zip(order, words, strict=True):
                asked[place].vector = vectors[place]
                asked[place].keys = sorted({key for key, _ in [*found[place], *by_words]})
            return "semantic", [asked[place] for place in order]
    words = full_text.engine().candidates(texts, limit=2 * FROM_EACH, drafts=drafts)
    scored = sorted(
        (place for place, claims in enumerate(words) if claims), key=lambda p: -words[p][0][1]
    )
    for place in scored[:COMPARED]:
        asked[place].keys = sorted(key for key, _ in words[place])
    return "lexical", [asked[place] for place in scored[:COMPARED]]
