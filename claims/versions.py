"""What changed from one published version of a verdict to the next. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sources.differences import word_differences

# Where less of a sentence stays, marks word by word are harder to read than the two sentences.
KEPT = 0.5


def with_differences(versions: Sequence[Any]) -> list[Any]:
    """Return `versions` (published Verdicts of one Claim, newest first), each with `before`, the version
    that it followed or None, and then `headline_difference`: how its headline came of that one's."""
    for version, before in pairwise([*versions, None]):
        version.before = before
        if before is not None:
            version.headline_difference = sentence_difference(before.headline, version.headline)
    return list(versions)


def sentence_difference(old: str, new: str) -> list[tuple[str, str]]:
    """Return how the sentence `old` became `new`: word by word (`sources.differences`), or the one as
    removed and the other as added where hardly anything of them is the same."""
    found = word_differences(old, new)
    kept = sum(len(text) for op, text in found if op == "=")
    if kept < KEPT * max(len(old), len(new)):
        return [("-", f"{old} "), ("+", new)]
    return found


@lru_cache(maxsize=64)
def text_difference(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Return how a long text became another, word by word. Kept: published versions never change, and
    the longest take seconds to compare."""
    return tuple(word_differences(old, new))
