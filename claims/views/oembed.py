"""Claims on other people's pages: the card that they frame, and how their programs learn of it.

https://oembed.com/
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import resolve
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from ..cards import claim_picture
from ..embedding import WIDTH, height_of, iframe
from ..models import Claim
from ..pictures.card import HEIGHT as PICTURE_HEIGHT
from ..pictures.card import WIDTH as PICTURE_WIDTH
from .claims import lead_on
from .paging import whole_number

AN_HOUR = 60 * 60
CLAIMANTS = 3  # that the card names


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"], "form-action": [NONE]})  # type: ignore[arg-type]
@require_safe
def claim_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The one page that anybody may frame: it shows a finding, and has nothing to press but a link."""
    claim = Claim.objects.published().with_verdict().with_claimants().filter(slug=slug).first()
    if claim is None:
        return lead_on(slug, "claim_embed")
    names = [named(claim, speaker) for speaker in claim.claimants]
    return render(
        request,
        "claims/embed.html",
        {
            "title": _("The finding for other pages: %(claim)s") % {"claim": claim.text},
            "claim": claim,
            "claimants": ", ".join(names[:CLAIMANTS]),
            "n_more": len(names[CLAIMANTS:]),
        },
    )


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """What to put in the place of a claim's address: 404 for any other address, 501 for another format than
    JSON and XML, 400 for what is not to be understood."""
    form = request.GET.get("format", "json")
    if form not in ("json", "xml"):
        return HttpResponse("The formats are json and xml.\n", "text/plain", status=501)
    if "url" not in request.GET:
        raise BadRequest("The parameter “url” is missing: give the address of a claim.")
    maxwidth, maxheight = (
        whole_number(request, name, default=0) for name in ("maxwidth", "maxheight")
    )
    answer = _answer(request.GET["url"], maxwidth or WIDTH, maxheight)
    if form == "json":
        return JsonResponse(answer)
    root = ElementTree.Element("oembed")
    for name, value in answer.items():
        ElementTree.SubElement(root, name).text = str(value)
    xml = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")


def _answer(address: str, maxwidth: int, maxheight: int) -> dict[str, Any]:
    """The answer for the claim at `address`, no wider and, unless `maxheight` is 0, no higher than asked."""
    slug, language = _asked(address)
    claims = Claim.objects.with_verdict()
    claim = claims.published().filter(slug=slug).first()
    if claim is None:
        retired = get_object_or_404(Claim.objects.retired(), slug=slug)
        claim = claims.published().get(pk=retired.duplicate_of_id)
    width = min(WIDTH, maxwidth)
    height = height_of(claim, width)
    height = min(height, maxheight or height)
    with override(language):
        framed = iframe(claim, width=width, height=height)
    return {
        "type": "rich",
        "version": "1.0",
        "title": claim.text,
        "provider_name": settings.PUBLISHER_NAME,
        "provider_url": f"{settings.SITE_URL}/",
        "cache_age": AN_HOUR,
        "thumbnail_url": settings.SITE_URL + claim_picture(claim)["path"],
        "thumbnail_width": PICTURE_WIDTH,
        "thumbnail_height": PICTURE_HEIGHT,
        "html": framed,
        "width": width,
        "height": height,
    }


def _asked(address: str) -> tuple[str, str]:
    """The slug and the language of the claim's page at `address`; Http404 for whatever is no such page."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise Http404("That is no address.") from error
    if f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
        raise Http404("That address is not one of this site.")
    language = get_language_from_path(parts.path) or settings.LANGUAGE_CODE
    with override(language):
        found = resolve(parts.path)
    if found.url_name != "claim":
        raise Http404("That address is not of a claim.")
    return found.kwargs["slug"], language


def named(claim: Any, speaker: Any) -> str:
    """The name of who makes the claim, and who reports it where nobody heard the claimant's own words."""
    reporters = [row.reported_by for row in claim.asserting_appearances if row.claimant == speaker]
    if not all(reporters):
        return str(speaker.name)
    return f"{speaker.name}, {_('as reported by')} {reporters[0].name}"
