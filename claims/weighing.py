"""Evidence in the order in which a reader weighs it: by direction, then by origin. Pure functions."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sources.models.source import Precision

from .models.evidence import Direction

if TYPE_CHECKING:
    from sources.models import Source

    from .models import Appearance, Evidence


@dataclass
class Item:
    """A piece of evidence, and whether the public could know it only after the claim was made."""

    evidence: Evidence
    known_later: bool


@dataclass
class Record:
    """What rests on one origin, and so counts once."""

    title: str
    items: list[Item] = field(default_factory=list)


@dataclass
class Side:
    """All evidence of one direction."""

    direction: Direction
    records: list[Record] = field(default_factory=list)


def weigh(evidence: Iterable[Evidence], *, said_on: dt.date | None) -> dict[str, Side]:
    """Return the Side of each direction, with what was known only after `said_on` marked so.

    Of a date that is known to the month or year, the earliest day counts: where it may have been
    known, nothing else is said.

    Keeps the order of `evidence` (primary first); a record stands where its first item does.
    """
    sides = {direction.value: Side(direction) for direction in Direction}
    records: dict[tuple[str, int], Record] = {}
    for row in evidence:
        # A chain of sources that bites its own tail has no origin: the source then stands alone.
        origin = (row.direction, row.origin_id or row.source_id)  # type: ignore[attr-defined]
        if origin not in records:
            records[origin] = Record(row.origin_title or row.source.title)  # type: ignore[attr-defined]
            sides[row.direction].records.append(records[origin])
        known_on = row.available_on or earliest(row.source)
        later = bool(known_on and said_on and known_on > said_on)
        records[origin].items.append(Item(row, later))
    return sides


def first_said(appearances: Sequence[Appearance]) -> dt.date | None:
    """The day by which the claim had been made, as far as the appearances tell; a denial does not."""
    made = [row for row in appearances if row.is_asserting]
    days = [row.said_on or latest(row.passage.snapshot.source) for row in made]
    return min((day for day in days if day), default=None)


def earliest(source: Source) -> dt.date | None:
    """The first day on which it may have been issued, as precisely as that is known."""
    if source.date is None or source.date_precision == Precision.DAY:
        return source.date
    month = 1 if source.date_precision == Precision.YEAR else source.date.month
    return source.date.replace(month=month, day=1)


def latest(source: Source) -> dt.date | None:
    """The last day on which it may have been issued, as precisely as that is known."""
    if source.date is None or source.date_precision == Precision.DAY:
        return source.date
    month = 12 if source.date_precision == Precision.YEAR else source.date.month
    return source.date.replace(month=month, day=monthrange(source.date.year, month)[1])
