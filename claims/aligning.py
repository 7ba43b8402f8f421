"""Two renditions of one text side by side: which turns of the one stand beside which of the other. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Left = TypeVar("Left")
Right = TypeVar("Right")


def align(
    left: Sequence[Left], right: Sequence[Right], agree: Callable[[Left, Right], bool]
) -> list[tuple[Sequence[Left], Sequence[Right]]]:
    """Return the rows of a table of two columns, in which each item stands once and in its order.

    Of two texts with as many items, each stands beside the one at its position. Otherwise they are laid
    side by side from the beginning and from the end, as far as they `agree`; what lies between is one row.
    """
    if len(left) == len(right):
        return [([a], [b]) for a, b in zip(left, right, strict=True)]
    shorter = min(len(left), len(right))
    head = _agreeing(left, right, agree, shorter)
    tail = _agreeing(left[::-1], right[::-1], agree, shorter - head)
    middle = (left[head : len(left) - tail], right[head : len(right) - tail])
    return [
        *(([a], [b]) for a, b in zip(left[:head], right[:head], strict=True)),
        middle,
        *(([left[i]], [right[i]]) for i in range(-tail, 0)),
    ]


def _agreeing(
    left: Sequence[Left], right: Sequence[Right], agree: Callable[[Left, Right], bool], most: int
) -> int:
    """How many of the first items agree, one after the other."""
    for n in range(most):
        if not agree(left[n], right[n]):
            return n
    return most
