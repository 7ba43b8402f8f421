"""Which sentences of a transcript a researcher should look at first. Pure functions.

A suggestion, never a decision. `find` marks the sentences of a transcript that look like checkable or
attributed claims, and says why in words: the cues of `cues.py` decide, and what was learnt from labelled
debates may lift a sentence that has one. `score` ranks a whole debate by what was learnt alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .cues import Found, cues, weigh
from .detection_model import shipped
from .sentences import sentences
from .traits import terms, traits

# From this score on a sentence is suggested: one in four of a dense statement, one in fifteen of a
# conversation with the press.
SUGGESTED = 0.5
# What the model says of a sentence beyond this share of all those in debates counts as a cue, of at most
# this weight: too little to suggest a sentence for which nothing can be said in words.
NOTABLE, LEARNT = 0.75, 0.4
# As many reasons as can be read at a glance, and as many words in the last of them.
REASONS, TELLING = 4, 3
# Words of every subject, which tell a person nothing.
_SMALL = frozenset(
    "that this these those than then there their them they have been were when where which while with"
    " from into over also again more most much many some such very just even only ever never because"
    " since until after before about almost nearly against including includes what your will would"
    " said says back going like make made used want wants exactly through during each every other"
    " addition planned places longer plans using idea working seek".split()
)


@dataclass(frozen=True)
class Suggestion:
    """A sentence worth a look: `text[start:end]` (code points, no white space at its ends), a `score`
    from 0 to 1, and the `reasons` in words, the strongest first; never none."""

    start: int
    end: int
    score: float
    reasons: list[str]


def find(text: str, spans: Iterable[tuple[int, int]] | None = None) -> list[Suggestion]:
    """Return the sentences of `text` that look like checkable or attributed claims, in the order of
    `spans`, the (start, end) of its turns in code points (left out: the whole text is one).

    No sentence reaches from one turn into another. The same text gives the same answer. Raises
    ValueError for a span outside the text.
    """
    model = shipped()
    turns = [sentences(text, [span]) for span in ([(0, len(text))] if spans is None else spans)]
    turns = [turn for turn in turns if turn]
    places = [place for turn in turns for place in turn]
    said = [text[start:end] for start, end in places]
    # Who speaks is not told here: the model is shown two people who take turns.
    speakers = ["AB"[number % 2] for number, turn in enumerate(turns) for _ in turn]
    found = []
    for number, (sentence, trait) in enumerate(zip(said, traits(said, speakers), strict=True)):
        goes_on = number > 0 and speakers[number - 1] == speakers[number]
        seen = cues(sentence, said[number - 1] if goes_on else "")
        if not any(cue.reason for cue in seen):
            continue
        words = terms(sentence)
        standing = model.standing(model.score(trait, words))
        if standing > NOTABLE:
            weight = LEARNT * (standing - NOTABLE) / (1 - NOTABLE)
            reason = _learnt(model.weights(words))
            seen.append(Found("learnt", weight, reason))
        score = weigh(seen)
        if score >= SUGGESTED:
            reasons = [cue.reason for cue in seen if cue.reason][:REASONS]
            found.append(Suggestion(*places[number], round(score, 3), reasons))
    return found


def _learnt(weights: list[tuple[str, float]]) -> str:
    """The reason of the model: the words that it knows best from claims that were checked."""
    telling = sorted(
        (
            (weight, term)
            for term, weight in weights
            if weight > 0 and len(term) > 3 and term.isalpha() and term not in _SMALL
        ),
        reverse=True,
    )
    words = ", ".join(f"“{term}”" for _, term in telling[:TELLING])
    return f"reads like what was checked in debates ({words})" if words else ""


# Below whatever the model gives.
LAST = -100.0


def score(sentences: Sequence[str], speakers: Sequence[str] | None = None) -> list[float]:
    """Return for each sentence of a debate, in its order, how far up a fact-checker's list it belongs:
    any number, the higher the sooner. An empty sentence comes last.

    `speakers` are their labels as printed (left out: one speaker). Trained on debates, context and all:
    only scores of one debate compare.
    """
    model = shipped()
    known = list(speakers) if speakers is not None else [""] * len(sentences)
    return [
        model.score(trait, terms(sentence)) if sentence.strip() else LAST
        for sentence, trait in zip(sentences, traits(sentences, known), strict=True)
    ]
