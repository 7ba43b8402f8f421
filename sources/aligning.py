"""Two renditions of one text side by side: which turns of the one stand beside which of the other. Pure.

After Gale and Church, A Program for Aligning Sentences in Bilingual Corpora (Computational Linguistics 19(1),
1993), section 3: of all ways to lay the turns side by side in their order, the most probable by their
lengths in characters; here also by who has the word.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# How many of the one stand beside how many of the other, and what that costs by itself: the negative
# logarithm of how often it is so (table 5 of the paper, each of two mirrored kinds by half).
BEADS = {
    (1, 1): -math.log(0.89),
    (1, 0): -math.log(0.005),
    (0, 1): -math.log(0.005),
    (2, 1): -math.log(0.0445),
    (1, 2): -math.log(0.0445),
    (2, 2): -math.log(0.011),
}
# The variance of the length for each character, from the paper.
VARIANCE = 6.8
# What lengths cost at most. Without an end, a long turn that the other text leaves out would rather be
# laid beside half a page of others.
MOST = 14.0
# Somebody else has the word; nobody known, in another role; in the same role, under another label.
ANOTHER, ANOTHER_ROLE, ANOTHER_LABEL = 5.0, 3.0, 0.7
# How far from the straight way between two fixed points is looked, first and at most.
NARROW, WIDE = 24, 120
# Up to so many turns a text is short.
FEW = 60


@dataclass(frozen=True)
class Line:
    """A turn as far as it counts here: how long it is, and who has the word as far as that is known."""

    length: int
    speaker: str = ""
    label: str = ""
    role: str = ""


Row = tuple[range, range]


def align(
    left: Sequence[Line],
    right: Sequence[Line],
    *,
    pairs: Iterable[tuple[int, int]] = (),
    alone: tuple[Collection[int], Collection[int]] = ((), ()),
) -> list[Row]:
    """Return the rows of a table of two columns, as ranges of indices: each line stands once and in order.

    `pairs` are known to stand beside each other, and those in `alone` (of the left, of the right) beside
    none; the rest is computed around them. A pair that crosses an earlier one is passed over.
    """
    known = [*anchors(pairs), (range(len(left), len(left)), range(len(right), len(right)))]
    found = [_around(left, right, known, alone, ratio) for ratio in _ratios(left, right)]
    return min(found, key=lambda tried: tried[0])[1]


def _ratios(left: Sequence[Line], right: Sequence[Line]) -> set[float]:
    """How many characters of the right a character of the left may be worth. Of long texts the whole tells;
    of short ones one turn that is left out changes it, so that others are tried."""
    if not (left and right):
        return {1.0}
    one, two = [line.length for line in left], [line.length for line in right]
    ratios = {(sum(two) or 1) / (sum(one) or 1)}
    if min(len(left), len(right)) <= FEW:
        ratios |= {1.0, (median(two) or 1) / (median(one) or 1)}
    return ratios


def _around(
    left: Sequence[Line],
    right: Sequence[Line],
    known: Sequence[Row],
    alone: tuple[Collection[int], Collection[int]],
    ratio: float,
) -> tuple[float, list[Row]]:
    """What it costs, and the rows, around those that are known; the last of these is the end."""
    total, rows = 0.0, list[Row]()
    i = j = 0
    for one, two in known:
        cost, between = _between(
            left, right, range(i, one.start), range(j, two.start), alone, ratio
        )
        total += cost
        rows += between
        if one:
            rows.append((one, two))
        i, j = one.stop, two.stop
    return total, rows


def crossing(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return two pairs of which the one begins before the other on the left and after it on the right."""
    known = sorted(set(pairs))
    for one, two in pairwise(known):
        if one[0] < two[0] and one[1] > two[1]:
            return one, two
    return None


def anchors(pairs: Iterable[tuple[int, int]]) -> list[Row]:
    """The pairs as rows: those that share a line are one."""
    rows: list[Row] = []
    for i, j in sorted(set(pairs)):
        if rows and (i < rows[-1][0].stop or j < rows[-1][1].stop):
            one, two = rows[-1]
            if j >= two.stop - 1:
                rows[-1] = (range(one.start, i + 1), range(two.start, j + 1))
        else:
            rows.append((range(i, i + 1), range(j, j + 1)))
    return rows


def _between(
    left: Sequence[Line],
    right: Sequence[Line],
    one: range,
    two: range,
    alone: tuple[Collection[int], Collection[int]],
    ratio: float,
) -> tuple[float, list[Row]]:
    """The most probable rows of a stretch, and what they cost. Looked for near the straight way, and further
    from it where the way that is found comes to the edge of what was looked at."""
    if not one or not two:
        single: list[Row] = [
            *((range(i, i + 1), range(two.start, two.start)) for i in one),
            *((range(one.stop, one.stop), range(j, j + 1)) for j in two),
        ]
        return len(single) * BEADS[1, 0], single
    width = NARROW
    while True:
        cost, rows = _cheapest(left, right, one, two, alone, ratio, width)
        slope = len(two) / len(one)
        off = max(abs((a.stop - one.start) * slope - (b.stop - two.start)) for a, b in rows)
        if off < width - 4 or width >= min(WIDE, max(len(one), len(two))):
            return cost, rows
        width *= 2


def _cheapest(
    left: Sequence[Line],
    right: Sequence[Line],
    one: range,
    two: range,
    alone: tuple[Collection[int], Collection[int]],
    ratio: float,
    width: int,
) -> tuple[float, list[Row]]:
    """Dynamic programming over (lines of the left, lines of the right) laid side by side so far."""
    n, m = len(one), len(two)
    lengths = [0, *(left[i].length for i in one)], [0, *(right[j].length for j in two)]
    cost: list[dict[int, float]] = [{} for _ in range(n + 1)]
    way: list[dict[int, tuple[int, int]]] = [{} for _ in range(n + 1)]
    cost[0][0] = 0.0
    # A step of the straight way may be longer than the band is wide.
    wide = width + math.ceil(m / n)
    agreed: dict[tuple[int, int], float] = {}

    def agreement(i: int, j: int) -> float:
        """Of the i-th and j-th line, counted from 1."""
        if (i, j) not in agreed:
            agreed[i, j] = _disagreement(left[one[i - 1]], right[two[j - 1]])
        return agreed[i, j]

    for i in range(n + 1):
        straight = i * m // n
        for j in range(max(straight - wide, 0), min(straight + wide, m) + 1):
            best, step = cost[i].get(j, math.inf), None
            for (a, b), prior in BEADS.items():
                before = cost[i - a].get(j - b) if i >= a and j >= b else None
                if before is None or before + prior >= best:
                    continue
                price = before + prior
                if a and b:
                    if _has(alone, one, two, i, j, a, b):
                        continue
                    price += sum(
                        agreement(i - min(k, a - 1), j - min(k, b - 1)) for k in range(max(a, b))
                    )
                    if price < best:
                        price += _distance(
                            lengths[0][i] + (lengths[0][i - 1] if a == 2 else 0),
                            lengths[1][j] + (lengths[1][j - 1] if b == 2 else 0),
                            ratio,
                        )
                if price < best:
                    best, step = price, (a, b)
            if step:
                cost[i][j], way[i][j] = best, step
    rows: list[Row] = []
    i, j = n, m
    while i or j:
        a, b = way[i][j]
        start, other = one.start + i, two.start + j
        rows.append((range(start - a, start), range(other - b, other)))
        i, j = i - a, j - b
    return cost[n][m], rows[::-1]


def _has(
    alone: tuple[Collection[int], Collection[int]],
    one: range, two: range, i: int, j: int, a: int, b: int,
) -> bool:  # fmt: skip
    """Whether a line is among them that stands beside none."""
    return any(one[i - 1 - k] in alone[0] for k in range(a)) or any(
        two[j - 1 - k] in alone[1] for k in range(b)
    )


def _distance(one: int, two: int, ratio: float) -> float:
    """The negative logarithm of how probable it is that the lengths of the same words differ as much."""
    expected = one * ratio
    mean = (expected + two) / 2 or 1.0
    delta = abs(two - expected) / math.sqrt(mean * VARIANCE)
    return min(-math.log(max(math.erfc(delta / math.sqrt(2)), 1e-300)), MOST)


def _disagreement(one: Line, two: Line) -> float:
    """What it costs that these two have the word."""
    if one.speaker and two.speaker:
        return 0.0 if one.speaker == two.speaker else ANOTHER
    if one.label and one.label == two.label:
        return 0.0
    if one.role and two.role and one.role != two.role:
        return ANOTHER_ROLE
    return ANOTHER_LABEL
