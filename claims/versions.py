"""What changed from one published version of a verdict to the next. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sources.differences import word_differences


def with_differences(versions: Sequence[Any]) -> list[Any]:
    """Return `versions` (published Verdicts of one Claim, newest first), each with `before`, the version that
    it followed or None, and then `headline_difference`: how its headline came of that one's, word by word."""
    for version, before in pairwise([*versions, None]):
        version.before = before
        if before is not None:
            version.headline_difference = word_differences(before.headline, version.headline)
    return list(versions)
