"""Sources: what is citable, what it rests on, and which claims it bears on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sources.models import Source
from sources.querysets import count_of

from ..models import Appearance, Citation, Evidence, Rebuttal
from ..querysets import public_editions, verdict_in_force
from .paging import PAGE_SIZE, page_of


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    bearing = count_of(Evidence.objects.published(), by="source", what="claim")
    rows = Source.objects.published().annotate(n_claims=bearing)
    return render(
        request,
        "claims/source_list.html",
        {
            "title": "Sources",
            "description": "Everything that the claims and their evidence rest on.",
            "page": page_of(request, rows.order_by("title", "id")),
        },
    )


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    sources = Source.objects.published()
    evidence = Evidence.objects.published()
    cited = Citation.objects.filter(rebuttal__in=Rebuttal.objects.published())
    said = Appearance.objects.published()
    counted = sources.annotate(
        n_evidence=count_of(evidence, by="source"),
        n_citations=count_of(cited, by="source"),
        n_appearances=count_of(said, by="passage__snapshot__source"),
    )
    source = get_object_or_404(counted.select_related("derived_from"), slug=slug)
    newest = (
        evidence.filter(source=source)
        .select_related("claim")
        .prefetch_related(verdict_in_force("claim__verdicts"))
        .order_by("-published_at", "-id")[:PAGE_SIZE]
    )
    cited = cited.filter(source=source).select_related("rebuttal__claim", "rebuttal__speaker")
    derivatives = sources.filter(derived_from=source).order_by("date", "title", "id")
    return render(
        request,
        "claims/source_detail.html",
        {
            "title": source.title,
            "description": f"Bibliographic details of “{source.title}”, and the claims it bears on.",
            "source": source,
            "page": page_of(request, derivatives),
            "editions": public_editions().filter(source=source).order_by("-edition"),
            "evidence": sorted(newest, key=lambda row: (row.direction, row.pk)),
            "citations": cited.order_by("-rebuttal__published_at", "-id")[:PAGE_SIZE],
            "shown": PAGE_SIZE,
        },
    )
