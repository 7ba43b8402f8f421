"""When a claim was made and answered, evidence became public and a verdict was given: an axis of time that is
true to scale, with a lane for each. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from .argument_map import LETTER, WIDTH, wide

# In their order from top to bottom. The marks of each have a form of their own (timeline.html).
LANES = {
    "claimed": _("Claimed"),
    "answered": _("Answered"),
    "evidence": _("Evidence public"),
    "verdict": _("Verdict"),
}

MARGIN = 20  # on either side: a mark, or half of the number on one, needs so much
RADIUS = 5.5
LEVEL = 14  # marks that would lie upon each other are stacked, so far apart
LEVELS = 3  # where more would be stacked, the lane counts them instead
NUMBER_Y = -8.5  # from the middle of its mark
# A table of more rows is folded away.
SHORT_TABLE = 6
LABEL = 20
GAP = 6
AXIS = 26

# A narrower axis would have no tick at a round date on it.
SHORTEST = 62
# Months from tick to tick.
STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000)
MONTH = 30.44


@dataclass(frozen=True)
class Event:
    """Something that happened on a `date`, known to the day, month or year (`precision`); None: not known."""

    lane: str
    date: dt.date | None
    precision: str
    text: str
    url: str
    language: str = ""

    @property
    def lane_label(self) -> Any:
        return LANES[self.lane]


@dataclass(frozen=True)
class Mark:
    """`n` events about `x`, which may lie anywhere between `start` and `end`."""

    lane: str
    x: float
    y: float
    start: float
    end: float
    n: int = 1

    @property
    def is_span(self) -> bool:
        """Whether the extent shows beside the mark."""
        return self.end - self.start > 2 * RADIUS + 2

    @property
    def before(self) -> float:
        """How far its extent reaches to the left of the mark; a negative number."""
        return round(self.start - self.x, 1)

    @property
    def after(self) -> float:
        return round(self.end - self.x, 1)

    @property
    def left(self) -> float:
        return self.x - self.half

    @property
    def right(self) -> float:
        return self.x + self.half

    @property
    def half(self) -> float:
        """Half of the room that it takes along the axis, with its number."""
        return max(RADIUS, len(str(self.n)) * LETTER / 2 if self.n > 1 else 0)


@dataclass(frozen=True)
class Lane:
    name: str
    label: Any
    y: float  # of its label
    base: float  # of the line that its lowest marks stand on


@dataclass(frozen=True)
class Tick:
    x: float
    label: str
    left: float  # where the label begins

    @property
    def right(self) -> float:
        return self.left + wide(self.label) * LETTER

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Timeline:
    lanes: list[Lane] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # as the table has them
    axis: float = 0  # where the line of the axis stands
    width: int = WIDTH
    number_y: float = NUMBER_Y

    @property
    def height(self) -> float:
        return self.axis + AXIS

    @property
    def tick_y(self) -> float:
        return self.axis + 18

    @property
    def is_long(self) -> bool:
        return len(self.events) > SHORT_TABLE

    @property
    def has_numbers(self) -> bool:
        return any(mark.n > 1 for mark in self.marks)

    @property
    def has_spans(self) -> bool:
        return any(mark.is_span for mark in self.marks)

    @property
    def dated(self) -> list[Event]:
        return [event for event in self.events if event.date]


def timeline(events: Iterable[Event]) -> Timeline | None:
    """Return the timeline of `events`; None where none of them has a date."""
    rows = sorted(events, key=in_time)
    dated = [(event, *days(event.date, event.precision)) for event in rows if event.date]
    if not dated:
        return None
    first: float = min(start for _event, start, _end in dated)
    last: float = max(end for _event, _start, end in dated)
    missing = max(0, SHORTEST - (last - first)) / 2
    first, last = first - missing, last + missing

    def x_of(day: float) -> float:
        return round(MARGIN + (day - first) / (last - first) * (WIDTH - 2 * MARGIN), 1)

    lanes: list[Lane] = []
    marks: list[Mark] = []
    y = 0.0
    for name, label in LANES.items():
        spans = [(x_of(start), x_of(end)) for event, start, end in dated if event.lane == name]
        if not spans:
            continue
        top = y + LABEL + GAP
        placed, base = _stacked(name, spans, top) or _counted(name, spans, top)
        lanes.append(Lane(name, label, y + LABEL - 5, base + RADIUS + 1.5))
        marks += placed
        y = base + RADIUS + 1.5
    return Timeline(lanes, marks, _ticks(first, last, x_of), rows, axis=y + GAP)


def said(row: Any) -> tuple[dt.date | None, str]:
    """Return when what an Appearance or a Rebuttal records was said, and how precisely that is known."""
    source = row.passage.snapshot.source
    said_on: dt.date | None = getattr(row, "said_on", None)
    return (said_on, "day") if said_on else (source.date, source.date_precision)


def public_since(evidence: Any) -> tuple[dt.date | None, str]:
    """Return when the public could first know a piece of Evidence, and how precisely that is known."""
    if evidence.available_on:
        return evidence.available_on, "day"
    return evidence.source.date, evidence.source.date_precision


def in_time(event: Event) -> tuple[bool, int, int]:
    """By the first day that is meant, then by the last; what is not known comes last."""
    return (False, *days(event.date, event.precision)) if event.date else (True, 0, 0)


def days(date: dt.date, precision: str) -> tuple[int, int]:
    """Return the first day that a date of this precision may mean and the one after the last, as ordinals."""
    if precision == "day":
        return date.toordinal(), date.toordinal() + 1
    month = date.replace(day=1)
    if precision == "month":
        return month.toordinal(), _first(month.year * 12 + month.month)
    year = month.replace(month=1)
    return year.toordinal(), _first((year.year + 1) * 12)


def _first(months: int) -> int:
    """The ordinal of the first day of the month that comes `months` months after that of year 0."""
    year, month = divmod(months, 12)
    if year > dt.MAXYEAR:
        return dt.date.max.toordinal() + 1
    return dt.date(year, month + 1, 1).toordinal()


def _stacked(
    lane: str, spans: Sequence[tuple[float, float]], top: float
) -> tuple[list[Mark], float] | None:
    """Place a mark for each event, one above the other where they would overlap; None: there are too many.
    Returns the marks and where the lowest of them stand."""
    ends: list[float] = []  # of each level, how far to the right it is taken
    placed: list[tuple[Mark, int]] = []
    for start, end in sorted(spans, key=sum):
        mark = Mark(lane, round((start + end) / 2, 1), 0, start, end)
        left, right = (start, end) if mark.is_span else (mark.left, mark.right)
        level = next((i for i, taken in enumerate(ends) if taken < left), len(ends))
        if level == LEVELS:
            return None
        ends[level : level + 1] = [right]
        placed.append((mark, level))
    base = top + LEVEL * (len(ends) - 1)
    return [Mark(m.lane, m.x, base - LEVEL * level, m.start, m.end) for m, level in placed], base


def _counted(
    lane: str, spans: Sequence[tuple[float, float]], top: float
) -> tuple[list[Mark], float]:
    """Place marks that stand for as many events as had no room of their own, each with their number."""
    base = top + LEVEL
    merged: list[Mark] = []
    for start, end in sorted(spans, key=sum):
        mark = Mark(lane, round((start + end) / 2, 1), base, start, end)
        while merged and merged[-1].right >= mark.left:
            mark = _together(merged.pop(), mark)
        merged.append(mark)
    return merged, base


def _together(one: Mark, other: Mark) -> Mark:
    n = one.n + other.n
    x = round((one.x * one.n + other.x * other.n) / n, 1)
    return Mark(one.lane, x, one.y, min(one.start, other.start), max(one.end, other.end), n)


def _ticks(first: float, last: float, x_of: Callable[[float], float]) -> list[Tick]:
    """Return ticks at round dates, as many as have room for their labels."""
    for step in STEPS:
        if (last - first) / (step * MONTH) > WIDTH / LETTER / 4:
            continue  # not even years would find room
        ticks = _ticks_each(step, first, last, x_of)
        if all(a.right + LETTER <= b.left for a, b in pairwise(ticks)):
            return ticks
    # Over so many centuries that no step leaves room: those ticks that have it.
    kept = ticks[:1]
    for tick in ticks[1:]:
        if kept[-1].right + LETTER <= tick.left:
            kept.append(tick)
    return kept


def _ticks_each(step: int, first: float, last: float, x_of: Callable[[float], float]) -> list[Tick]:
    begin, end = (dt.date.fromordinal(_within(day)) for day in (first, last))
    months = range(
        (begin.year * 12 + begin.month - 1) // step * step, end.year * 12 + end.month, step
    )
    ticks = []
    for month in months:
        if month < 12 or not first <= (day := _first(month)) <= last:
            continue
        label = date_format(dt.date.fromordinal(_within(day)), "Y" if step % 12 == 0 else "M Y")
        x, width = x_of(day), wide(label) * LETTER
        ticks.append(Tick(x, label, min(max(x - width / 2, 0), WIDTH - width)))
    return ticks


def _within(day: float) -> int:
    """The nearest day that the calendar has."""
    return min(max(int(day), 1), dt.date.max.toordinal())
