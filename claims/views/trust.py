"""Pages on which the desk shows its own working: the method, and what it had to correct."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..models import Claim, Rating, Verdict
from .paging import page_of


@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "claims/methodology.html",
        {
            "title": "Methodology",
            "description": "How the desk records claims, weighs evidence and reaches its verdicts.",
            "ratings": Rating.objects.with_counts().select_related("scale"),
            "n_open": Claim.objects.published().rated(False).count(),
        },
    )


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    versions = Verdict.objects.published().select_related("rating").order_by("-version")
    rows = (
        Verdict.objects.corrections()
        .newest_first()
        .select_related("claim", "rating")
        .prefetch_related(
            Prefetch("claim__verdicts", queryset=versions, to_attr="published_verdicts")
        )
    )
    page = page_of(request, rows)
    for row in page:
        earlier = (v for v in row.claim.published_verdicts if v.version < row.version)
        row.predecessor = next(earlier, None)
    return render(
        request,
        "claims/verdict_corrections.html",
        {
            "title": "Corrections",
            "description": "Every verdict that the desk changed or withdrew, with what it said before.",
            "page": page,
        },
    )
