"""Where in a text its passages lie: a strip as long as the text, with a mark for each of them. Pure.

The strip runs downwards; a page may turn it by a quarter, so every shape in it looks alike from each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..marking import Span

LENGTH = 340
WIDTH = 50
# Turns are bands along the edge, the wider the more their speaker says.
BANDS = (8, 5, 2)
# A rating that measures truth stands as far across as on its scale, from false to true; the others beyond.
FALSE, TRUE, BEYOND = 15, 39, 46
RADIUS = 3
# Ratings that measure no truth are told apart by their form; one that is not named here is a ring.
FORMS = {
    "conflicting-evidence": "diamond",
    "not-enough-evidence": "square",
    "not-checkable": "cross",
}


@dataclass(frozen=True)
class Band:
    """A turn."""

    y: float
    height: float
    width: float


@dataclass(frozen=True)
class Dot:
    """A rating at a passage: the path of its form, and the class that has its colour."""

    path: str
    tone: str


@dataclass(frozen=True)
class Tick:
    """A passage: its place along the strip, and a dot for each rating of its claims."""

    y: float
    dots: Sequence[Dot]
    what: Any


@dataclass(frozen=True)
class Strip:
    bands: Sequence[Band]
    ticks: Sequence[Tick]
    lanes: Sequence[int] = (FALSE, TRUE, BEYOND)
    length: int = LENGTH
    width: int = WIDTH


def strip(
    length: int,
    turns: Iterable[tuple[Span, Any]],
    passages: Iterable[tuple[Span, Any, Iterable[Any]]],
) -> Strip:
    """Draw a text of `length` code points: `turns` with who speaks, and `passages`, each with what stands
    for it on the page and the verdicts on its claims (None: the claim is open)."""
    turns = list(turns)
    said: dict[Any, int] = {}
    for (start, end), who in turns:
        said[who] = said.get(who, 0) + end - start
    ranks = {who: rank for rank, who in enumerate(sorted(said, key=lambda who: -said[who]))}
    unit = LENGTH / max(length, 1)
    bands = [
        Band(
            y=round(start * unit, 1),
            height=round(max((end - start) * unit - 0.5, 0.5), 1),
            width=BANDS[min(ranks[who], len(BANDS) - 1)],
        )
        for (start, end), who in turns
    ]
    ticks = [
        Tick(
            round((start + end) / 2 * unit, 1),
            _dots(round((start + end) / 2 * unit, 1), verdicts),
            what,
        )
        for (start, end), what, verdicts in passages
    ]
    return Strip(bands, ticks)


def _dots(y: float, verdicts: Iterable[Any]) -> list[Dot]:
    ratings = {verdict and verdict.rating.slug: verdict and verdict.rating for verdict in verdicts}
    return [_dot(y, rating) for rating in ratings.values()]


def _dot(y: float, rating: Any) -> Dot:
    r = RADIUS
    if rating is None:
        return Dot(_ring(BEYOND, y), "open")
    if rating.measures_truth:
        scale = rating.scale
        across = (rating.value - scale.worst) / (scale.best - scale.worst)
        x = round(FALSE + (TRUE - FALSE) * across, 1)
        return Dot(_ring(x, y), f"full rating-{rating.value}")
    x = BEYOND
    paths = {
        "diamond": f"M{x - r - 1:g} {y:g}l{r + 1} {-r - 1}l{r + 1} {r + 1}l{-r - 1} {r + 1}z",
        "square": f"M{x - r:g} {y - r:g}h{2 * r}v{2 * r}h{-2 * r}z",
        "cross": f"M{x - r:g} {y:g}h{2 * r}M{x:g} {y - r:g}v{2 * r}",
    }
    form = FORMS.get(rating.slug, "ring")
    return Dot(paths.get(form, _ring(x, y)), f"{form} rating-{rating.slug}")


def _ring(x: float, y: float) -> str:
    r = RADIUS
    return f"M{x - r:g} {y:g}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0"
