"""The pictures that pages are shared with (Open Graph)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from ..cards import claim_card as card_of
from ..cards import site_card as card_of_site
from ..models import Claim
from ..pictures.card import Card, png
from .claims import lead_on

A_YEAR = 365 * 24 * 60 * 60  # what HTTP has for “for ever”


@require_safe
def claim_card(request: HttpRequest, slug: str) -> HttpResponse:
    claim = Claim.objects.published().with_verdict().filter(slug=slug).first()
    return lead_on(slug, "claim_card") if claim is None else _picture(request, card_of(claim))


@require_safe
def site_card(request: HttpRequest) -> HttpResponse:
    return _picture(request, card_of_site())


def _picture(request: HttpRequest, card: Card) -> HttpResponse:
    """The picture; for ever, if its address says which one was asked for, and it is that one."""
    etag = f'"{card.digest}"'
    # Asked before it is drawn: that it still stands is told by its digest alone.
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(png(card), content_type="image/png")
    response["ETag"] = etag
    if request.GET.get("v") == card.digest:
        patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return response
