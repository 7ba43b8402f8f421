"""Claims: the home page, one claim, its history, one of its verdicts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from sources.querysets import Origin, count_of

from ..as_of import look_back
from ..cards import claim_picture
from ..claim_page import apart, claim_page
from ..filters import AsOfFilter
from ..jsonld import claim_review, script_json
from ..models import Claim, Evidence, Verdict
from ..querysets import public_transcripts
from ..rendering import render_markdown
from ..versions import sentence_difference, text_difference, with_differences
from .paging import refuse


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    claims = Claim.objects.published()
    in_force = Verdict.objects.published().in_force().select_related("claim", "rating__scale")
    records = Evidence.objects.published().annotate(origin=Origin("source"))
    evidence = count_of(records, by="claim", what="origin")
    return render(
        request,
        "claims/home.html",
        {
            "title": _("Claims, answers and evidence"),
            "description": _(
                "An open knowledge base of public claims: who made them, what was answered, what the "
                "evidence for and against shows, and what the desk concludes."
            ),
            "verdicts": in_force.order_by("-published_at", "-id")[:6],
            "featured": claims.rated()
            .annotate(n_evidence=evidence)
            .order_by("-n_evidence", "id")
            .with_verdict()
            .first(),
            "open_claims": claims.rated(False)[:4],
            **claims.aggregate(
                n_claims=Count("pk"), n_open=Count("pk", filter=~Q(pk__in=in_force.values("claim")))
            ),
            "transcript": public_transcripts().order_by("-published_at").first(),
        },
    )


@require_safe
def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    # What else the address asks for is passed over: others hang it on links to a page.
    asked = AsOfFilter(request.GET, Claim.objects.none(), also=set(request.GET) - {"as_of"})
    if not asked.is_valid():
        refuse(asked.errors)
    day = asked.form.cleaned_data["as_of"]
    try:
        claim = Claim.objects.read(slug)
    except Claim.DoesNotExist:
        return lead_on(slug, day=day)
    if day:
        return as_of(request, claim, day)
    verdict = claim.verdict
    review = claim_review(claim)
    return render(
        request,
        "claims/claim_detail.html",
        {
            **claim_page(claim, verdict),
            "description": f"{_(verdict.rating.label)}: {verdict.headline}" if verdict else _(OPEN),
            "jsonld": script_json(review) if review else "",
        },
    )


OPEN = gettext_noop("An open claim: the desk has recorded it and has published no verdict on it.")


def as_of(request: HttpRequest, claim: Any, day: dt.date) -> HttpResponse:
    """The claim as it was at the end of `day`. Search engines are shown the page of now alone, and no other
    page has its review; whoever shares this one shares that."""
    card = claim_picture(claim)
    look_back(claim, day)
    words = _("As of %(day)s") % {"day": date_format(day)}
    return render(
        request,
        "claims/claim_detail.html",
        {
            **claim_page(claim, claim.verdict),
            **apart(claim),
            "card": card,
            "under": [words],
            "description": f"{words}: {claim.text}",
        },
    )


def lead_on(slug: str, name: str = "claim", *, day: dt.date | None = None) -> HttpResponse:
    """From an address of a retired claim to the page `name` of the claim that it duplicates, for good; as of
    the same `day`, if one was asked for."""
    retired = get_object_or_404(Claim.objects.retired().select_related("duplicate_of"), slug=slug)
    address = reverse(name, args=[retired.duplicate_of.slug])
    return redirect(f"{address}?as_of={day}" if day else address, permanent=True)


@require_safe
def claim_history(request: HttpRequest, slug: str) -> HttpResponse:
    claim = Claim.objects.published().filter(slug=slug).first()
    if claim is None:
        return lead_on(slug)
    # Through the claim, so that each version knows it without asking.
    verdicts = claim.verdicts.published().order_by("-version")
    return render(
        request,
        "claims/claim_history.html",
        {
            "title": _("History: %(claim)s") % {"claim": claim.text},
            "description": _("Every published version of the verdict on: %(claim)s")
            % {"claim": claim.text},
            "claim": claim,
            "verdicts": with_differences(
                verdicts.select_related("rating__scale", "author", "reviewer")
            ),
        },
    )


@require_safe
def verdict_detail(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    rows = Verdict.objects.published().filter(claim__slug=slug).order_by("-version")
    versions = list(rows.select_related("claim", "rating__scale", "author", "reviewer"))
    if not versions:
        return lead_on(slug)
    verdict = next((row for row in versions if row.version == version), None)
    if verdict is None:
        raise Http404("The claim has no such published verdict.")
    before = next((row for row in versions if row.version < version), None)
    return render(
        request,
        "claims/verdict_detail.html",
        {
            "title": _("Verdict, version %(number)d: %(claim)s")
            % {"number": version, "claim": verdict.claim_text},
            "description": f"{_(verdict.rating.label)}: {verdict.headline}",
            "claim": verdict.claim,
            "verdict": verdict,
            "newest": versions[0],
            "before": before,
            "headline_difference": before
            and sentence_difference(before.headline, verdict.headline),
            "rationale_difference": before and text_difference(before.rationale, verdict.rationale),
            "rationale": render_markdown(verdict.rationale),
        },
    )
