"""Speakers: what they claimed, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sources.models import Speaker
from sources.querysets import count_of

from ..models import Appearance, Claim, Rating, Rebuttal
from ..querysets import verdict_in_force
from .paging import PAGE_SIZE, page_of


@require_safe
def speaker_list(request: HttpRequest) -> HttpResponse:
    made = Appearance.objects.published().asserting()
    rows = Speaker.objects.published().annotate(
        n_claims=count_of(made, by="claimant", what="claim"),
        n_rebuttals=count_of(Rebuttal.objects.published(), by="speaker", what="claim"),
    )
    return render(
        request,
        "claims/speaker_list.html",
        {
            "title": "Speakers",
            "description": "Persons, organisations, states and groups whose claims are recorded.",
            "page": page_of(request, rows.order_by("name", "id")),
        },
    )


@require_safe
def speaker_detail(request: HttpRequest, slug: str) -> HttpResponse:
    counted = Speaker.objects.published().annotate(
        n_appearances=count_of(Appearance.objects.published(), by="claimant"),
        n_rebuttals=count_of(Rebuttal.objects.published(), by="speaker"),
    )
    speaker = get_object_or_404(counted, slug=slug)
    claims = Claim.objects.published().claimed_by(slug)
    appearances = _newest(Appearance).filter(claimant=speaker).select_related("reported_by")
    ratings: QuerySet[Any] = Rating.objects.with_counts(claims)
    rebuttals = _newest(Rebuttal).filter(speaker=speaker).select_related("counterclaim")
    return render(
        request,
        "claims/speaker_detail.html",
        {
            "title": speaker.name,
            "description": f"What {speaker.name} claimed and answered, as far as it is recorded here.",
            "speaker": speaker,
            "n_claims": claims.count(),
            "n_open": claims.rated(False).count(),
            "ratings": [r for r in ratings if r.n_verdicts],
            "claimed": by_claim(appearances[:PAGE_SIZE]),
            "answered": by_claim(rebuttals[:PAGE_SIZE]),
            "shown": PAGE_SIZE,
        },
    )


def _newest(annotation: type[Appearance] | type[Rebuttal]) -> QuerySet:
    """The public annotations with their passages and the verdicts on their claims, newest first."""
    rows = annotation.objects.published().with_passage().select_related("claim")
    return rows.prefetch_related(verdict_in_force("claim__verdicts")).order_by(
        F("passage__snapshot__source__date").desc(nulls_last=True), "passage__start", "id"
    )


def by_claim(rows: Iterable[Any]) -> list[tuple[Claim, list[Any]]]:
    """Return each claim once, with the annotations on it: who repeats a claim makes no new one."""
    grouped: dict[Claim, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.claim, []).append(row)
    return list(grouped.items())
