"""The reviews of this site for programs that collect them: one, or all as a feed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from sources.models import Source, Speaker

from ..jsonld import (
    CONTEXT,
    MEDIA_TYPE,
    claim_review,
    data_feed_item,
    fact_checker,
    json_text,
)
from ..models import Claim, Verdict
from .claims import lead_on

# Claims that are in memory at once.
CHUNK = 500

# Counts up when a review begins to say more or something else of the same rows.
EDITION = 1


@require_safe
def claim_claimreview(request: HttpRequest, slug: str) -> HttpResponse:
    """The ClaimReview that stands on the page of the claim; 404 where it has no verdict in force."""
    claim = Claim.objects.for_review().filter(slug=slug).first()
    review = claim_review(claim) if claim else None
    if review is None:
        return lead_on(slug, "claim_claimreview")
    return HttpResponse(json_text(review), content_type=MEDIA_TYPE)


def feed_etag(request: HttpRequest) -> str:
    """A digest of what tells one state of the feed from another, without making it: each claim in it with
    its verdict and the time of its last change, and how many sources and speakers are public with the last
    entry in their history. There is no Last-Modified: what leaves the feed, or is published with a time
    of the past, moves no date."""
    digest = hashlib.sha256(repr((EDITION, settings.SITE_URL, settings.PUBLISHER_NAME)).encode())
    for model in (Source, Speaker):
        public = model.history.filter(id__in=model.objects.published().values("pk"))
        told = public.aggregate(n=Count("id", distinct=True), last=Max("history_id"))
        digest.update(repr((told["n"], told["last"])).encode())
    rows = Verdict.objects.published().in_force().order_by("claim", "pk")
    for row in rows.values_list("claim", "pk", "claim__updated_at").iterator(chunk_size=2000):
        digest.update(repr(row).encode())
    return f'"{digest.hexdigest()[:32]}"'


@require_safe
@condition(etag_func=feed_etag)
def claimreview_feed(request: HttpRequest) -> HttpResponseBase:
    """All reviews in force as one schema.org DataFeed, in the order in which their claims were recorded; an
    entry a line. Streamed: however many they are, memory holds a chunk of them."""
    if request.method == "HEAD":
        return HttpResponse(content_type=MEDIA_TYPE)
    return StreamingHttpResponse(feed_lines(), content_type=MEDIA_TYPE)


def feed_lines() -> Iterator[str]:
    """The feed as JSON text. The time of its last change stands at its end, for it is known then."""
    head: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "DataFeed",
        "name": f"{settings.PUBLISHER_NAME}: fact checks",
        "url": settings.SITE_URL + reverse("claimreview_feed"),
        "creator": fact_checker(),
    }
    yield f'{json_text(head)[:-1]}, "dataFeedElement": ['
    changed, separator = "", "\n"
    for claim in Claim.objects.for_review().order_by("pk").iterator(chunk_size=CHUNK):
        entry = data_feed_item(claim)
        if entry is None:  # withdrawn since the rows of this chunk were read
            continue
        changed = max(changed, entry["dateModified"])
        yield separator + json_text(entry)
        separator = ",\n"
    modified = f', "dateModified": {json.dumps(changed)}' if changed else ""
    yield f"\n]{modified}}}\n"
