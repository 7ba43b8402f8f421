"""The list of claims, under whatever filters the address names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..facets import Selection, facets
from ..filters import ClaimFilter
from ..models import Claim
from .paging import page_of, refuse


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    rows = Claim.objects.published().with_verdict().with_claimants().with_counts()
    asked = ClaimFilter(request.GET, queryset=rows, also={"page"})
    if not asked.is_valid():
        refuse(asked.errors)
    selection = Selection.of(asked)
    page = page_of(request, asked.qs)
    # One address for one list: what a form sends empty, or in another order, is left out or put right.
    wanted = dict(selection.asked)
    if page.number > 1:
        wanted["page"] = str(page.number)
    if list(wanted.items()) != list(request.GET.items()):
        return redirect(f"{request.path}?{urlencode(wanted)}" if wanted else request.path)
    offered, named = facets(asked, selection)
    active = [
        Active(
            asked.filters[name].label,
            named.get(name) or in_words(asked.form.cleaned_data[name]),
            selection.without(name),
        )
        for name in selection.filters
    ]
    orders = dict(ClaimFilter.base_filters["ordering"].extra["choices"])
    return render(
        request,
        "claims/claim_list.html",
        {
            "title": _("Claims"),
            "description": _("All claims that the desk has published, rated or open."),
            "page": page,
            "selection": selection,
            "facets": offered,
            "active": active,
            "under": [
                *(f"{each.label}: {each.value}" for each in active),
                *(orders[value] for name, value in selection.asked.items() if name == "ordering"),
            ],
            "all": selection.without(*selection.filters),
            "orders": orders.items(),
        },
    )


@dataclass(frozen=True)
class Active:
    """A filter that the list stands under, in words, and the list without it."""

    label: str
    value: str
    without: Selection


def in_words(value: Any) -> str:
    """The answer to a filter as a reader would put it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        day = date_format(value)
        return f"{day} UTC" if value.time() == dt.time() else f"{day}, {value:%H:%M:%S} UTC"
    return str(value)
