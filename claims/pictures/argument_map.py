"""How a claim hangs together: its whole or its parts, the claims it is answered with, the evidence. Pure.

Lengths are in units of the picture, which is `WIDTH` wide; a page shows a unit as about a pixel.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from ..weighing import Side

WIDTH = 340
INDENT = 20  # what hangs on the claim stands so far to the right of the line that joins it
GAP = 8
PAD = 8
LINE = 16
HEADING = 22
SPINE = 6.5
# As wide as a letter may be of type that is 13 high: lines are broken without knowing the reader's font.
LETTER = 7.7

# More than this of one kind are told in the table alone.
LINKED, RECORDS = 6, 4


@dataclass
class Box:
    """What is said (`lines`) in a frame; of a claim also its `verdict`, and None where it is open."""

    x: float
    y: float
    width: float
    lines: list[tuple[float, str]] = field(default_factory=list)
    kind: str = "claim"  # or this, primary, secondary
    verdict: Any = None

    @property
    def is_claim(self) -> bool:
        return self.kind in ("claim", "this")

    @property
    def text_x(self) -> float:
        return self.x + PAD

    @property
    def rating_y(self) -> float:
        """Where the line with the rating stands."""
        return (self.lines[-1][0] if self.lines else self.y) + LINE + 3

    @property
    def height(self) -> float:
        last = self.rating_y if self.is_claim else self.lines[-1][0]
        return last + PAD - 1 - self.y


@dataclass
class Row:
    """One line of the table."""

    relation: str
    text: str
    language: str
    url: str
    verdict: Any = None
    rated: bool = False  # whether it is a claim, which has a rating or is open


@dataclass
class ArgumentMap:
    boxes: list[Box] = field(default_factory=list)
    headings: list[tuple[float, float, str]] = field(default_factory=list)  # x, y, words
    lines: list[str] = field(default_factory=list)  # of SVG paths
    rows: list[Row] = field(default_factory=list)
    height: float = 0
    width: int = WIDTH


def argument_map(claim: Any, sides: dict[str, Side]) -> ArgumentMap:
    """Return the map of `claim` (of `Claim.objects.read`), whose evidence is `sides` (`weighing.weigh`)."""
    drawn = ArgumentMap()
    y = 0.0
    if claim.public_whole:
        y = _claims(drawn, y, 0, _("Part of the claim"), [claim.public_whole])
    this = _claim_box(claim, 0, y + (GAP if y else 1), WIDTH, kind="this")
    drawn.boxes.append(this)
    if y:
        drawn.lines.append(f"M{SPINE} {y} V{this.y}")
    top = y = this.y + this.height
    groups = [
        (_("Its parts"), claim.public_parts),
        (
            _("Answered with the claim"),
            _once(r.public_counterclaim for r in claim.public_rebuttals),
        ),
        (_("Made in answer to the claim"), _once(r.claim for r in claim.public_answers)),
    ]
    joints: list[float] = []
    for heading, members in groups:
        if members:
            boxes = len(drawn.boxes)
            y = _claims(drawn, y + GAP, INDENT, heading, members)
            joints += [box.y + box.height / 2 for box in drawn.boxes[boxes:]]
    pair = (sides["supports"], _("For")), (sides["refutes"], _("Against"))
    if any(side.records for side, _heading in pair):
        width = (WIDTH - INDENT - GAP) / 2
        joints.append(y + GAP + HEADING - 6)
        ends = [
            _records(drawn, y + GAP, INDENT + i * (width + GAP), width, side, heading)
            for i, (side, heading) in enumerate(pair)
        ]
        y = max(ends)
    if joints:
        drawn.lines.append(f"M{SPINE} {top} V{joints[-1]}")
        drawn.lines += [f"M{SPINE} {joint} H{INDENT - 1}" for joint in joints]
    drawn.height = y + 1
    return drawn


def _once(claims: Iterable[Any]) -> list[Any]:
    return list({claim.pk: claim for claim in claims if claim is not None}.values())


def _claims(drawn: ArgumentMap, y: float, x: float, heading: str, claims: Sequence[Any]) -> float:
    """Draw `claims` under a heading from `y` on, and return where they end."""
    drawn.rows += [
        Row(heading, claim.text, claim.language, claim.get_absolute_url(), claim.verdict, True)
        for claim in claims
    ]
    drawn.headings.append((x, y + HEADING - 9, heading))
    y += HEADING - 4
    for claim in claims[:LINKED]:
        box = _claim_box(claim, x, y, WIDTH - x)
        drawn.boxes.append(box)
        y = box.y + box.height + GAP
    return _more(drawn, x, y - GAP, len(claims) - LINKED)


def _records(
    drawn: ArgumentMap, y: float, x: float, width: float, side: Side, heading: str
) -> float:
    drawn.headings.append((x, y + HEADING - 9, f"{heading} ({len(side.records)})"))
    y += HEADING - 4
    for record in side.records:
        sources = [item.evidence.source for item in record.items]
        drawn.rows += [
            Row(heading, source.title, source.language, source.get_absolute_url())
            for source in sources
        ]
    for record in side.records[:RECORDS]:
        primary = any(item.evidence.source.primacy == "primary" for item in record.items)
        box = Box(x, y, width - 1, kind="primary" if primary else "secondary")
        _write(box, record.title, 2)
        drawn.boxes.append(box)
        y = box.y + box.height + GAP
    return _more(drawn, x, y - GAP, len(side.records) - RECORDS)


def _more(drawn: ArgumentMap, x: float, y: float, n: int) -> float:
    if n <= 0:
        return y
    drawn.headings.append((x, y + LINE, ngettext("and %(n)d more", "and %(n)d more", n) % {"n": n}))
    return y + LINE + 4


def _claim_box(claim: Any, x: float, y: float, width: float, kind: str = "claim") -> Box:
    # Half of the frame's line is drawn outside of it.
    box = Box(x + 0.5, y, width - 1, kind=kind, verdict=claim.verdict)
    _write(box, claim.text, 4, bold=kind == "this")
    return box


def _write(box: Box, text: str, most: int, *, bold: bool = False) -> None:
    """Break `text` into `most` lines of the box; an ellipsis says where there would be more."""
    room = int((box.width - 2 * PAD) / (LETTER * (1.08 if bold else 1)))
    lines = list(islice(broken(text, room), most + 1))
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and wide(lines[-1]) + 1 > room:
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip() + "…"
    box.lines = [(box.y + PAD - 2 + LINE * n - 2, line) for n, line in enumerate(lines, start=1)]


def wide(text: str) -> int:
    """How many letters' room a text takes: an East Asian one takes two, a combining mark none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def broken(text: str, room: int) -> Iterator[str]:
    """Break a text into lines of at most `room` letters: between words, or in a word that is longer."""
    line = ""
    for word in text.split():
        if line and wide(line) + 1 + wide(word) > room:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        if wide(line) > room:
            *whole, line = _pieces(line, room)
            yield from whole
    if line:
        yield line


def _pieces(word: str, room: int) -> Iterator[str]:
    """Break a word that is longer than a line, letter by letter."""
    begin = taken = 0
    for place, letter in enumerate(word):
        width = wide(letter)
        if taken + width > room:
            yield word[begin:place]
            begin, taken = place, 0
        taken += width
    yield word[begin:]
