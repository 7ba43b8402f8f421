"""Which sentences of a transcript a researcher should look at first. Pure functions.

A suggestion, never a decision: `find` marks the sentences of a transcript that look like checkable or
attributed claims, and says why in words; `score` ranks a whole debate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from .cues import Found, cues
from .sentences import sentences

# From this score on a sentence is suggested: about one in six of a briefing.
SUGGESTED = 0.5
# As many reasons as can be read at a glance.
REASONS = 4


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
    found = []
    for span in [(0, len(text))] if spans is None else spans:
        before = ""
        for start, end in sentences(text, [span]):
            sentence = text[start:end]
            seen = cues(sentence, before)
            before = sentence
            score = weigh(seen)
            if score >= SUGGESTED:
                reasons = [cue.reason for cue in seen if cue.reason]
                found.append(Suggestion(start, end, round(score, 3), reasons[:REASONS]))
    return found


def weigh(found: Iterable[Found]) -> float:
    """Return from 0 to 1 how much the cues of a sentence speak for checking it: one cue counts as it
    weighs, each further one adds its share of what is missing to 1, and one that speaks against the
    sentence takes its share away."""
    weights = [cue.weight for cue in found]
    against = prod(max(0.0, 1 + weight) for weight in weights if weight < 0)
    return (1 - prod(1 - weight for weight in weights if weight > 0)) * against


def score(sentences: Sequence[str], speakers: Sequence[str] | None = None) -> list[float]:
    """Return for each sentence of a debate, in its order, how far up a fact-checker's list it belongs."""
    return [weigh(cues(sentence)) for sentence in sentences]
