"""The list of claims, under whatever filters the address names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import F, Q, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from sources.models import Source, Speaker

from ..filters import ClaimFilter
from ..models import Appearance, Claim, Rating, Topic
from .paging import page_of


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    rows = Claim.objects.published().with_verdict().with_claimants().with_counts()
    asked = ClaimFilter(request.GET, queryset=rows, also={"page"})
    if not asked.is_valid():
        raise BadRequest(
            " ".join(f"“{name}”: {' '.join(said)}" for name, said in asked.errors.items())
        )
    answers = asked.form.cleaned_data
    offered = options(answers)
    # As they were given, in the order of the address; the empty fields of a form ask for nothing.
    given = {name: text for name, value in request.GET.items() if (text := str(value)).strip()}
    given.pop("page", None)
    return render(
        request,
        "claims/claim_list.html",
        {
            "title": "Claims",
            "description": "All claims that the desk has published, rated or open.",
            "page": page_of(request, asked.qs),
            "asked": answers,
            "given": given,
            "active": [
                Active(
                    name,
                    asked.filters[name].label,
                    in_words(answers[name], offered.get(name, ())),
                    reverse("claims") + query({**given, name: ""}),
                )
                for name in given
                if name != "ordering"
            ],
            "in_form": IN_FORM,
            "options": offered,
            "orders": ClaimFilter.base_filters["ordering"].extra["choices"],
        },
    )


# What the form has fields for; what else the list is filtered by goes along with it unseen.
IN_FORM = ("q", "rating", "claimant", "topic", "has_verdict", "ordering")


@dataclass(frozen=True)
class Active:
    """A filter that the list stands under, in words, and the address of the list without it."""

    name: str
    label: str
    value: str
    without: str


def query(given: dict[str, str]) -> str:
    parameters = urlencode({name: value for name, value in given.items() if value})
    return f"?{parameters}" if parameters else ""


def in_words(value: Any, named: Iterable[tuple[str, str]]) -> str:
    """The answer to a filter as a reader would put it; `named` are slugs and their names."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        day_only = value.time() == dt.time()
        return date_format(value, "j F Y" if day_only else "j F Y, H:i:s") + " UTC"
    return str(dict(named).get(value, value))


def options(asked: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Return, for each filter that the page offers as a list, the slugs and names to choose from; and
    of the other filters by slug, the name of what is asked for.

    All in one query: a list page has few to spare.
    """
    claimants = Appearance.objects.published().asserting().values("claimant")
    speakers = Speaker.objects.filter(Q(pk__in=claimants) | Q(slug=asked["claimant"]))
    answerer = Speaker.objects.filter(slug=asked["rebutted_by"])
    source, transcript = (
        Source.objects.filter(slug=asked[name]) for name in ("source", "transcript")
    )
    first, *others = (
        rows.order_by().values_list(Value(name), at, label, "slug")
        for name, rows, at, label in (
            ("rating", Rating.objects.all(), F("position"), F("label")),
            ("topic", Topic.objects.published(), Value(0), F("name")),
            ("claimant", speakers.published(), Value(0), F("name")),
            ("rebutted_by", answerer.published(), Value(0), F("name")),
            ("source", source.published(), Value(0), F("title")),
            ("transcript", transcript.published(), Value(0), F("title")),
        )
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for name, _, label, slug in sorted(first.union(*others, all=True)):
        found.setdefault(name, []).append((slug, label))
    return found
