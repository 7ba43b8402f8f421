"""How many claims have which rating: a bar for each, in the order of the scale. Counts alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ..models.rating import OPEN_GLYPH
from .argument_map import LETTER, WIDTH, wide

ROW = 36
TEXT_Y = 15  # where the words of a row stand, counted from its upper edge
BAR_Y = 21
BAR_HEIGHT = 8
LABEL_X = 66  # behind five dots

# The longest bar stands for as many claims at least: one claim alone is no full measure of anything.
LEAST = 5


@dataclass(frozen=True)
class Bar:
    """One row: `n` claims with the `rating`; without one, open claims."""

    rating: Any
    name: str  # as the table has it
    label: str  # as far as there is room for it
    n: int
    y: float
    width: float
    query: str  # under which /claims/ lists these claims

    @property
    def glyph(self) -> str:
        return str(self.rating.glyph) if self.rating else OPEN_GLYPH

    @property
    def text_y(self) -> float:
        return self.y + TEXT_Y

    @property
    def bar_y(self) -> float:
        return self.y + BAR_Y


@dataclass(frozen=True)
class Distribution:
    bars: list[Bar] = field(default_factory=list)
    total: int = 0
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT
    label_x: int = LABEL_X

    @property
    def height(self) -> float:
        return ROW * len(self.bars)


def distribution(
    counts: Iterable[tuple[Any, int]], *, among: Mapping[str, str] | None = None
) -> Distribution:
    """Return the bars of `counts`, pairs of a Rating (None: open) and a number of claims, in their order.

    `among` are the parameters of /claims/ that all the claims counted answer to (`{"claimant": "nato"}`).
    """
    counted = list(counts)
    most = max([LEAST, *(n for _rating, n in counted)])
    bars = [
        _bar(rating, n, y=ROW * place, unit=WIDTH / most, among=among or {})
        for place, (rating, n) in enumerate(counted)
    ]
    return Distribution(bars, total=sum(bar.n for bar in bars))


def of_ratings(ratings: Iterable[Any], n_open: int) -> list[tuple[Any, int]]:
    """Return the counts of a selection of claims: `ratings` with their `n_verdicts`, then the open claims.

    Every step that measures truth is there, or a bar would not show where on the scale it stands; of what
    measures none, only what there is.
    """
    counts: list[tuple[Any, int]] = [
        (rating, rating.n_verdicts)
        for rating in ratings
        if rating.n_verdicts or rating.measures_truth
    ]
    return [*counts, (None, n_open)] if n_open else counts


def _bar(rating: Any, n: int, *, y: float, unit: float, among: Mapping[str, str]) -> Bar:
    name = _(rating.label) if rating else _("Open: no verdict yet")
    # In the order in which that list has its parameters, or it would lead on to another address.
    asked = {"rating": rating.slug, **among} if rating else {**among, "has_verdict": "false"}
    room = int((WIDTH - LABEL_X) / LETTER) - len(f"{n:,}") - 1
    return Bar(
        rating,
        name,
        _shortened(name, room),
        n,
        y,
        round(n * unit, 1),
        urlencode(asked),
    )


def _shortened(text: str, room: int) -> str:
    if wide(text) <= room:
        return text
    while text and wide(text) + 1 > room:
        text = text[:-1]
    return text.rstrip() + "…"
