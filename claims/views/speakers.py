"""Speakers: what they claimed, what was said in reply, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import django_filters as filters
from django.db.models import Count, F, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sources.models import Speaker
from sources.querysets import count_of

from ..filters import SpeakerFilter
from ..models import Appearance, Claim, Rating, Rebuttal
from ..pictures.distribution import distribution, of_ratings
from ..pictures.timeline import Event, said, timeline
from ..querysets import verdict_in_force
from .choices import ask
from .paging import PAGE_SIZE, page_of

# Of the replies to one claim, so many are shown; its own page has all.
REPLIES = 3


class SpeakerListFilter(SpeakerFilter):
    ordering = filters.ChoiceFilter(
        choices=[
            ("name", gettext_lazy("by name")),
            ("-n_claims", gettext_lazy("most claims made")),
            ("-n_answered", gettext_lazy("most claims answered")),
        ],
        method="in_order",
        empty_label=None,
    )

    def in_order(self, speakers: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return speakers.order_by(value, "name", "id")


def counted() -> QuerySet[Any]:
    """The public Speakers, each with the numbers of what the public sees: `n_claims` made (a denial is none)
    and `n_answered`, `n_appearances` and `n_rebuttals`."""
    said_so, answers = Appearance.objects.published(), Rebuttal.objects.published()
    return Speaker.objects.published().annotate(
        n_claims=count_of(said_so.asserting(), by="claimant", what="claim"),
        n_answered=count_of(answers, by="speaker", what="claim"),
        n_appearances=count_of(said_so, by="claimant"),
        n_rebuttals=count_of(answers, by="speaker"),
    )


@require_safe
def speaker_list(request: HttpRequest) -> HttpResponse:
    rows = counted().order_by("name", "id")
    asked = ask(request, SpeakerListFilter, rows, facets={"kind": _("Kind")})
    return render(
        request,
        "claims/speaker_list.html",
        {
            "title": _("Speakers"),
            "description": _(
                "Persons, organisations, states and groups whose claims are recorded."
            ),
            "page": page_of(request, asked.rows),
            "under": asked.under,
            "selection": asked.selection,
            "facets": asked.facets,
            "orders": asked.orders,
        },
    )


@require_safe
def speaker_detail(request: HttpRequest, slug: str) -> HttpResponse:
    speaker = get_object_or_404(counted().prefetch_related("names"), slug=slug)
    appearances = list(
        _newest(Appearance).filter(claimant=speaker).select_related("reported_by")[:PAGE_SIZE]
    )
    rebuttals = list(
        _newest(Rebuttal).filter(speaker=speaker).select_related("counterclaim")[:PAGE_SIZE]
    )
    counterclaims = [row.counterclaim for row in rebuttals if row.public_counterclaim]
    prefetch_related_objects(
        [*(row.claim for row in [*appearances, *rebuttals]), *counterclaims], verdict_in_force()
    )
    claimed, answered = by_claim(appearances), by_claim(rebuttals)
    add_replies(claimed)
    ratings: list[Any] = list(
        Rating.objects.with_counts(Claim.objects.published().claimed_by(slug))
    )
    n_open = speaker.n_claims - sum(rating.n_verdicts for rating in ratings)
    return render(
        request,
        "claims/speaker_detail.html",
        {
            "title": speaker.name,
            "description": _(
                "What %(speaker)s claimed and answered, as far as it is recorded here."
            )
            % {"speaker": speaker.name},
            "speaker": speaker,
            "distribution": distribution(of_ratings(ratings, n_open), among={"claimant": slug}),
            "timeline": timeline(events(claimed, answered)),
            "claimed": claimed,
            "answered": answered,
            "shown": PAGE_SIZE,
        },
    )


def _newest(annotation: type[Appearance] | type[Rebuttal]) -> QuerySet:
    """The public annotations with their passages and claims, newest first."""
    return (
        annotation.objects.published()
        .with_passage()
        .select_related("claim")
        .order_by(
            F("passage__snapshot__source__date").desc(nulls_last=True), "passage__start", "id"
        )
    )


@dataclass
class Entry:
    """A claim with the annotations on it, and of a claim that was made, the first replies to it."""

    claim: Claim
    rows: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    n_more: int = 0


def by_claim(rows: Iterable[Any]) -> list[Entry]:
    """Return each claim once, with the annotations on it: who repeats a claim makes no new one."""
    grouped: dict[int, Entry] = {}
    for row in rows:
        grouped.setdefault(row.claim_id, Entry(row.claim)).rows.append(row)
    return list(grouped.values())


def add_replies(entries: Sequence[Entry]) -> None:
    """Give each claim the first public Rebuttals of it, in one query however many there are."""
    on = {entry.claim.pk: entry for entry in entries}
    replies = (
        Rebuttal.objects.published()
        .filter(claim__in=on)
        .annotate(
            place=Window(RowNumber(), partition_by="claim", order_by="id"),
            n_replies=Window(Count("pk"), partition_by="claim"),
        )
        .filter(place__lte=REPLIES)
        .select_related("speaker", "passage__snapshot__source")
        .defer("passage__snapshot__text")
        .order_by("claim", "id")
    )
    for reply in replies:
        entry = on[reply.claim_id]
        entry.replies.append(reply)
        entry.n_more = reply.n_replies - len(entry.replies)


def events(claimed: Iterable[Entry], answered: Iterable[Entry]) -> Iterator[Event]:
    """What the speaker claimed and answered, and what the desk found on the claims, with when."""
    for entry in claimed:
        claim = entry.claim
        made = [row for row in entry.rows if row.is_asserting]
        for row in made:
            yield Event("claimed", *said(row), claim.text, claim.get_absolute_url(), claim.language)
        verdict = claim.verdict if made else None
        if verdict:
            yield Event(
                "verdict",
                verdict.published_at.date(),
                "day",
                verdict.headline,
                reverse("verdict", args=[claim.slug, verdict.version]),
                claim.language,
            )
    for entry in answered:
        claim = entry.claim
        for row in entry.rows:
            yield Event(
                "answered", *said(row), claim.text, claim.get_absolute_url(), claim.language
            )
