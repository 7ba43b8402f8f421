"""The living style page: every component with real rows. For who works on the pages, with DEBUG on."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..claim_page import claim_page
from ..models import Claim, Rating
from ..palette import pairs, schemes


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    newest = Claim.objects.published().rated().filter(appearances__published_at__isnull=False)
    chosen = newest.values_list("slug", flat=True).first()
    shown = Claim.objects.read(chosen) if chosen else None
    sheet = Path(str(finders.find("claims/site.css"))).read_text(encoding="utf-8")
    return render(
        request,
        "claims/style.html",
        {
            **(claim_page(shown, shown.verdict) if shown else {}),
            "title": "Style",
            "description": "Every component of the pages, for who works on them.",
            "ratings": Rating.objects.select_related("scale"),
            "contrasts": {name: list(pairs(colours)) for name, colours in schemes(sheet).items()},
            "rows": Claim.objects.published().with_verdict().with_claimants().with_counts()[:3],
        },
    )
