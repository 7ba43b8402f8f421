"""The citation of a claim's page, for the programs that keep references."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ..citation import bibtex, csl
from ..models import Claim
from .claims import lead_on

CSL_JSON = "application/vnd.citationstyles.csl+json"


@require_safe
def claim_csl(request: HttpRequest, slug: str) -> HttpResponse:
    claim = _read(slug)
    if claim is None:
        return lead_on(slug, "claim_csl")
    # A list, as the schema of CSL-JSON has it.
    response = JsonResponse([csl(claim)], safe=False, json_dumps_params={"ensure_ascii": False})
    return _named(response, f"{slug}.json", CSL_JSON)


@require_safe
def claim_bibtex(request: HttpRequest, slug: str) -> HttpResponse:
    claim = _read(slug)
    if claim is None:
        return lead_on(slug, "claim_bibtex")
    return _named(HttpResponse(bibtex(claim)), f"{slug}.bib", "application/x-bibtex; charset=utf-8")


def _read(slug: str) -> Any:
    return Claim.objects.published().with_verdict().filter(slug=slug).first()


def _named(response: HttpResponse, name: str, media_type: str) -> HttpResponse:
    """With the name under which it is kept: of a slug, which has nothing that a header would read."""
    response["Content-Type"] = media_type
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
