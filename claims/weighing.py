"""Evidence in the order in which a reader weighs it: by direction, then by origin. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .models.evidence import Direction

if TYPE_CHECKING:
    from .models import Appearance, Evidence


@dataclass
class Item:
    """A piece of evidence, and whether the public could know it only after the claim was made."""

    evidence: Evidence
    known_on: dt.date | None
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
        known_on = row.available_on or row.source.date
        later = bool(known_on and said_on and known_on > said_on)
        records[origin].items.append(Item(row, known_on, later))
    return sides


def first_said(appearances: Sequence[Appearance]) -> dt.date | None:
    """When the claim was first made, as far as the appearances tell."""
    days = [row.said_on or row.passage.snapshot.source.date for row in appearances]
    return min((day for day in days if day), default=None)
