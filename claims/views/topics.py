"""Topics: subjects under which readers look for claims."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sources.querysets import count_of

from ..models import Claim, Rating, Topic
from ..pictures.distribution import distribution, of_ratings
from .errors import topic_that_was
from .paging import page_of


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    claims = Claim.objects.published()
    topics = Topic.objects.published().annotate(
        n_claims=count_of(claims, by="topics"),
        n_rated=count_of(claims.rated(), by="topics"),
        n_open=F("n_claims") - F("n_rated"),
    )
    return render(
        request,
        "claims/topic_list.html",
        {
            "title": _("Topics"),
            "description": _("Subjects under which the claims are filed."),
            "topics": topics,
        },
    )


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = Topic.objects.published().filter(slug=slug).first()
    if topic is None:
        return topic_that_was(request, slug)
    rows = Claim.objects.published().filter(topics=topic)
    page = page_of(request, rows.with_verdict().with_claimants().with_counts())
    ratings: list[Any] = list(Rating.objects.with_counts(rows))
    n_open = page.paginator.count - sum(rating.n_verdicts for rating in ratings)
    return render(
        request,
        "claims/topic_detail.html",
        {
            "title": _("Topic: %(topic)s") % {"topic": topic.name},
            "description": topic.description
            or _("Claims on the topic %(topic)s.") % {"topic": topic.name},
            "topic": topic,
            "page": page,
            "distribution": distribution(of_ratings(ratings, n_open), among={"topic": slug}),
        },
    )
