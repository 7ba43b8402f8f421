"""How good a ranking is. Each function takes the labels (1: relevant) in the order of the ranking."""

from __future__ import annotations

from collections.abc import Sequence


def ranked(labels: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Return the labels by falling score; of equal scores the earlier line comes first."""
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    return [labels[place] for place in order]


def average_precision(labels: Sequence[int]) -> float:
    """Return the mean of the precisions at each relevant place; 0 where nothing is relevant."""
    hits, total = 0, 0.0
    for place, label in enumerate(labels, start=1):
        if label:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0


def precision_at(labels: Sequence[int], number: int) -> float:
    """Return the share of relevant ones among the first `number`; places that a short list lacks count as
    not relevant."""
    return sum(labels[:number]) / number


def r_precision(labels: Sequence[int]) -> float:
    """Return the precision at as many places as there are relevant ones; 0 where there are none."""
    return precision_at(labels, sum(labels)) if sum(labels) else 0.0
