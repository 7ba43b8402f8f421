"""Ways to narrow a plain list down and to order it: links with numbers, under strict parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest

from ..facets import Choice, Facet, Selection
from ..strict_filters import StrictFilterSet
from .paging import refuse


@dataclass(frozen=True)
class Asked:
    """A valid question to a list: its rows, what is asked, and what else may be asked: the facets, and the
    orders with their labels, each with whether the list is in it."""

    rows: QuerySet[Any]
    selection: Selection
    facets: list[Facet]
    orders: list[tuple[Any, bool, Selection]]

    @property
    def under(self) -> list[str]:
        """What of all rows these are, in words, and in which order if not in the usual one."""
        chosen = [
            f"{facet.label}: {choice.label}"
            for facet in self.facets
            for choice in facet.choices
            if choice.chosen
        ]
        others = self.selection.asked.keys() - {facet.name for facet in self.facets} - {"ordering"}
        order = [str(label) for label, is_this, _ in self.orders if is_this]
        return [
            *chosen,
            *(self.selection.asked[name] for name in sorted(others)),
            *(order if "ordering" in self.selection.asked else ()),
        ]


def ask(
    request: HttpRequest,
    filters: type[StrictFilterSet],
    rows: QuerySet[Any],
    *,
    facets: Mapping[str, Any],
) -> Asked:
    """Return what the address asks of `rows`. `facets` are the fields that the list is narrowed down by,
    and their labels: the number of each value is that under all other filters. One query.

    Raises BadRequest, with the name of the parameter, for anything unknown.
    """
    asked = filters(request.GET, queryset=rows, also={"page"}, blank=False)
    if not asked.is_valid():
        refuse(asked.errors)
    given = {name: str(value) for name, value in request.GET.items() if name != "page"}
    selection = Selection(request.path, given, sorted(asked.filters))
    counted = _counted(asked, rows, list(facets))
    offered = [
        Facet(name, label, _choices(rows, name, selection, counted[name]))
        for name, label in facets.items()
    ]
    # The first is the order that the list has anyway.
    (usual, _), *_others = orders = filters.base_filters["ordering"].extra["choices"]
    order = given.get("ordering", usual)
    ways = [
        (label, value == order, selection.setting("ordering", value if value != usual else ""))
        for value, label in orders
    ]
    return Asked(asked.qs, selection, [facet for facet in offered if facet.choices], ways)


def _counted(
    asked: StrictFilterSet, rows: QuerySet[Any], names: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return how many rows there are under each value of each of the fields `names`."""
    answers = asked.form.cleaned_data
    for name, value in answers.items():
        if value and name not in (*names, "ordering"):
            rows = asked.filters[name].filter(rows, value)
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    for *values, n in rows.order_by().values_list(*names).annotate(n=Count("pk")):
        under = dict(zip(names, values, strict=True))
        for name in names:
            others = [other for other in names if other != name and answers[other]]
            if all(under[other] == answers[other] for other in others):
                counts[name][under[name]] = counts[name].get(under[name], 0) + n
    return counts


def _choices(
    rows: QuerySet[Any], name: str, selection: Selection, counted: Mapping[str, int]
) -> list[Choice]:
    """The values of the field in its own order; one under which there is nothing only if it is chosen."""
    labels: Any = rows.model._meta.get_field(name)
    chosen = selection.asked.get(name, "")
    return [
        Choice(
            label,
            counted.get(value, 0),
            value == chosen,
            selection.setting(name, "" if value == chosen else value),
        )
        for value, label in labels.flatchoices
        if value in counted or value == chosen
    ]
