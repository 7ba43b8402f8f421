"""Pages on which the desk shows its own working: the method, what it had to correct, who decides, and what
the site does not know. Their numbers are counted by the database whenever somebody asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import numbers
from ..gates import GATES, KINDS
from ..models import Claim, Rating, Verdict
from ..pictures.distribution import distribution
from ..reporting import is_shown
from ..versions import sentence_difference
from .paging import page_of


@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    ratings: list[Any] = list(Rating.objects.with_counts().select_related("scale"))
    n_open = Claim.objects.published().rated(False).count()
    return render(
        request,
        "claims/methodology.html",
        {
            "title": _("Methodology"),
            "description": _(
                "How the desk records claims, weighs evidence and reaches its verdicts."
            ),
            "gates": [
                {"heading": heading, "gates": [gate for gate in GATES if kind in gate.ratings]}
                for kind, heading in KINDS.items()
            ],
            "ratings": ratings,
            "n_open": n_open,
            "distribution": distribution([*((r, r.n_verdicts) for r in ratings), (None, n_open)]),
        },
    )


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    versions = Verdict.objects.published().select_related("rating").order_by("-version")
    rows = (
        Verdict.objects.corrections()
        .newest_first()
        .select_related("claim", "rating", "author", "reviewer")
        .prefetch_related(
            Prefetch("claim__verdicts", queryset=versions, to_attr="published_verdicts")
        )
    )
    page = page_of(request, rows)
    for row in page:
        earlier = (v for v in row.claim.published_verdicts if v.version < row.version)
        row.before = next(earlier, None)
        if row.before is not None:
            row.headline_difference = sentence_difference(row.before.headline, row.headline)
    return render(
        request,
        "claims/verdict_corrections.html",
        {
            "title": _("Corrections"),
            "description": _(
                "Every verdict that the desk changed or withdrew, with what it said before."
            ),
            "page": page,
            "verdicts": numbers.of_verdicts(),
            "reports_shown": is_shown(),
        },
    )


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "claims/about.html",
        {
            "title": _("Who decides, and who pays"),
            "description": _(
                "Who writes and reviews the verdicts, who publishes the site and pays for it."
            ),
            "verdicts": numbers.of_verdicts(),
            "people": numbers.of_people(),
            "publisher_about": settings.PUBLISHER_ABOUT,
            "publisher_funding": settings.PUBLISHER_FUNDING,
        },
    )


@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "claims/limits.html",
        {
            "title": _("What this site does not know"),
            "description": _(
                "Open claims, missing evidence, second-hand sources and translated quotations, in numbers."
            ),
            "claims": numbers.of_claims(),
            "evidence": numbers.of_evidence(),
            "renditions": numbers.of_quotations(),
            "sources": numbers.of_sources(),
            "citations": numbers.of_citations(),
            "ratings": Rating.objects.with_counts().filter(value__isnull=True),
        },
    )
