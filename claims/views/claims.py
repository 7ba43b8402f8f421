"""Claims: the home page, the list, one claim, its history, one of its verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import Count, F, Q, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override
from django.views.decorators.http import require_safe

from sources.differences import word_differences
from sources.models import Source, Speaker
from sources.querysets import count_of

from ..filters import ClaimFilter
from ..jsonld import claim_review, script_json
from ..models import Appearance, Claim, Evidence, Rating, Topic, Verdict
from ..pictures.argument_map import argument_map
from ..querysets import public_transcripts
from ..rendering import render_markdown
from ..versions import with_differences
from ..weighing import first_said, weigh
from .paging import page_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    claims = Claim.objects.published()
    in_force = Verdict.objects.published().in_force().select_related("claim", "rating__scale")
    evidence = count_of(Evidence.objects.published(), by="claim")
    return render(
        request,
        "claims/home.html",
        {
            "title": "Claims, answers and evidence",
            "description": "An open knowledge base of public claims: who made them, what was answered, "
            "what the evidence for and against shows, and what the desk concludes.",
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
def claim_list(request: HttpRequest) -> HttpResponse:
    rows = Claim.objects.published().with_verdict().with_claimants().with_counts()
    asked = ClaimFilter(request.GET, queryset=rows, also={"page"})
    if not asked.is_valid():
        raise BadRequest(
            " ".join(f"“{name}”: {' '.join(said)}" for name, said in asked.errors.items())
        )
    answers = asked.form.cleaned_data
    offered = options(answers)
    # As they were given, in the order of the address; the empty fields of a form ask for nothing.
    given = {name: text for name, value in request.GET.items() if (text := str(value)).strip()}
    given.pop("page", None)
    return render(
        request,
        "claims/claim_list.html",
        {
            "title": "Claims",
            "description": "All claims that the desk has published, rated or open.",
            "page": page_of(request, asked.qs),
            "asked": answers,
            "given": given,
            "active": [
                Active(
                    name,
                    asked.filters[name].label,
                    in_words(answers[name], offered.get(name, ())),
                    reverse("claims") + query({**given, name: ""}),
                )
                for name in given
                if name != "ordering"
            ],
            "in_form": IN_FORM,
            "options": offered,
            "orders": ClaimFilter.base_filters["ordering"].extra["choices"],
        },
    )


# What the form has fields for; what else the list is filtered by goes along with it unseen.
IN_FORM = ("q", "rating", "claimant", "topic", "has_verdict", "ordering")


@dataclass(frozen=True)
class Active:
    """A filter that the list stands under, in words, and the address of the list without it."""

    name: str
    label: str
    value: str
    without: str


def query(given: dict[str, str]) -> str:
    parameters = urlencode({name: value for name, value in given.items() if value})
    return f"?{parameters}" if parameters else ""


def in_words(value: Any, named: Iterable[tuple[str, str]]) -> str:
    """The answer to a filter as a reader would put it; `named` are slugs and their names."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        day_only = value.time() == dt.time()
        return date_format(value, "j F Y" if day_only else "j F Y, H:i:s") + " UTC"
    return str(dict(named).get(value, value))


def options(asked: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Return, for each filter that the page offers as a list, the slugs and names to choose from; and
    of the other filters by slug, the name of what is asked for.

    All in one query: a list page has few to spare.
    """
    claimants = Appearance.objects.published().asserting().values("claimant")
    speakers = Speaker.objects.filter(Q(pk__in=claimants) | Q(slug=asked["claimant"]))
    answerer = Speaker.objects.filter(slug=asked["rebutted_by"])
    source, transcript = (
        Source.objects.filter(slug=asked[name]) for name in ("source", "transcript")
    )
    first, *others = (
        rows.order_by().values_list(Value(name), at, label, "slug")
        for name, rows, at, label in (
            ("rating", Rating.objects.all(), F("position"), F("label")),
            ("topic", Topic.objects.published(), Value(0), F("name")),
            ("claimant", speakers.published(), Value(0), F("name")),
            ("rebutted_by", answerer.published(), Value(0), F("name")),
            ("source", source.published(), Value(0), F("title")),
            ("transcript", transcript.published(), Value(0), F("title")),
        )
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for name, _, label, slug in sorted(first.union(*others, all=True)):
        found.setdefault(name, []).append((slug, label))
    return found


@require_safe
def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        claim = Claim.objects.read(slug)
    except Claim.DoesNotExist:
        return _lead_on(slug)
    verdict = claim.verdict
    sides = weigh(claim.public_evidence, said_on=first_said(claim.public_appearances))
    for letter, part in zip(LETTERS, claim.public_parts, strict=False):
        part.letter = letter
    with_differences(claim.published_verdicts)
    # The review is one, in whatever language its page is read.
    with override(settings.LANGUAGE_CODE):
        review = claim_review(claim)
    return render(
        request,
        "claims/claim_detail.html",
        {
            "title": claim.text,
            "description": f"{verdict.rating}: {verdict.headline}" if verdict else OPEN,
            "claim": claim,
            "verdict": verdict,
            "rationale": render_markdown(verdict.rationale) if verdict else "",
            "jsonld": script_json(review) if review else "",
            "sides": sides,
            "deciding": [part for part in claim.public_parts if part.decides_whole],
            "map": argument_map(claim, sides),
        },
    )


# Of the parts of a compound claim, in their order.
LETTERS = [*ascii_lowercase, *map(str, range(27, 100))]

OPEN = "An open claim: the desk has recorded it and has published no verdict on it."


def _lead_on(slug: str) -> HttpResponse:
    """From the address of a retired claim to the claim that it duplicates, for good."""
    retired = get_object_or_404(Claim.objects.retired().select_related("duplicate_of"), slug=slug)
    return redirect(retired.duplicate_of, permanent=True)


@require_safe
def claim_history(request: HttpRequest, slug: str) -> HttpResponse:
    claim = Claim.objects.published().filter(slug=slug).first()
    if claim is None:
        return _lead_on(slug)
    # Through the claim, so that each version knows it without asking.
    verdicts = claim.verdicts.published().order_by("-version")
    return render(
        request,
        "claims/claim_history.html",
        {
            "title": f"History: {claim.text}",
            "description": f"Every published version of the verdict on: {claim.text}",
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
        return _lead_on(slug)
    verdict = next((row for row in versions if row.version == version), None)
    if verdict is None:
        raise Http404("The claim has no such published verdict.")
    before = next((row for row in versions if row.version < version), None)
    return render(
        request,
        "claims/verdict_detail.html",
        {
            "title": f"Verdict, version {version}: {verdict.claim_text}",
            "description": f"{verdict.rating}: {verdict.headline}",
            "claim": verdict.claim,
            "verdict": verdict,
            "newest": versions[0],
            "before": before,
            "headline_difference": before and word_differences(before.headline, verdict.headline),
            "rationale_difference": before
            and word_differences(before.rationale, verdict.rationale),
            "rationale": render_markdown(verdict.rationale),
        },
    )
