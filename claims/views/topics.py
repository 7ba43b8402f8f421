"""Topics: subjects under which readers look for claims."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ..models import Claim, Topic
from .paging import page_of


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    public = Q(claims__published_at__isnull=False, claims__duplicate_of__isnull=True)
    return render(
        request,
        "claims/topic_list.html",
        {
            "title": "Topics",
            "description": "Subjects under which the claims are filed.",
            "topics": Topic.objects.published().annotate(n_claims=Count("claims", filter=public)),
        },
    )


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.published(), slug=slug)
    rows = Claim.objects.published().filter(topics=topic)
    return render(
        request,
        "claims/topic_detail.html",
        {
            "title": f"Topic: {topic.name}",
            "description": topic.description or f"Claims on the topic {topic.name}.",
            "topic": topic,
            "page": page_of(request, rows.with_verdict().with_claimants().with_counts()),
        },
    )
