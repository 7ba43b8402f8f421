"""Which pages the public has, and when what is on each last changed. For the sitemap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from sources.models import Source, Speaker, SpeakerName

from .models import Appearance, Citation, Claim, Evidence, ReaderReport, Rebuttal, Topic, Verdict
from .querysets import public_transcripts

Time = dt.datetime | None


@dataclass(frozen=True)
class Entry:
    """A page: its path, and when it last changed."""

    path: str
    changed: Time

    @property
    def changed_iso(self) -> str:
        """As the W3C writes a time."""
        return self.changed.isoformat(timespec="seconds") if self.changed else ""


def public_pages() -> Iterator[Entry]:
    """Every public page, in six queries. That of a speaker, a source, a text or a topic changes also with
    the claims on it."""
    claims = list(Claim.objects.published().only("slug", "updated_at").order_by("pk"))
    speakers, sources, topics = list(_speakers()), list(_sources()), list(_topics())
    claim = _newest(row.updated_at for row in claims)
    speaker = _newest([claim, *(row.changed for row in speakers)])
    source = _newest([claim, *(row.changed for row in sources)])
    topic = _newest([claim, *(row.changed for row in topics)])
    at_end = Coalesce("ended_at", "published_at")
    verdicts = Verdict.objects.published().aggregate(
        verdict=Max(at_end), correction=Max(at_end, filter=Q(version__gt=1) | Q(ending="withdrawn"))
    )
    reports = ReaderReport.objects.aggregate(
        received=Max("received_at"), settled=Max("settled_at"), withheld=Max("withheld_at")
    )
    if settings.READER_REPORTS or reports["received"]:
        yield Entry(reverse("reader_reports"), _newest(reports.values()))
    for name, changed in {
        "home": claim,
        "claims": claim,
        "speakers": speaker,
        "sources": source,
        "topics": topic,
        "corrections": verdicts["correction"],
        "methodology": verdicts["verdict"],
        "about": verdicts["verdict"],
        "parity": _newest([speaker, source]),
        "limits": _newest([speaker, source, topic]),
    }.items():
        yield Entry(reverse(name), changed)
    for row in claims:
        yield Entry(row.get_absolute_url(), row.updated_at)
    for row in (*speakers, *sources, *topics):
        yield Entry(row.get_absolute_url(), row.changed)
    for row in sources:
        if row.has_text:
            yield Entry(row.get_transcript_url(), row.text_changed)


def _speakers() -> Iterator[Any]:
    rows: Any = Speaker.objects.published().annotate(
        edited=_last(Speaker.history.model.objects, by="id", what="history_date"),
        spelt=_last(SpeakerName.history.model.objects, by="speaker", what="history_date"),
        claimed=_last(Appearance.objects.published(), by="claimant"),
        answered=_last(Rebuttal.objects.published(), by="speaker"),
    )
    for row in rows.order_by("pk"):
        row.changed = _newest([row.edited, row.spelt, row.claimed, row.answered])
        yield row


def _sources() -> Iterator[Any]:
    annotations = (Appearance, Rebuttal, Evidence)
    quoted = {
        f"quoted_{number}": _last(annotation.objects.published(), by="passage__snapshot__source")
        for number, annotation in enumerate(annotations)
    }
    cited = Citation.objects.filter(rebuttal__in=Rebuttal.objects.published())
    rows: Any = Source.objects.published().annotate(
        has_text=Q(pk__in=public_transcripts().values("pk")),
        borne=_last(Evidence.objects.published(), by="source"),
        invoked=_last(cited, by="source", what="rebuttal__claim__updated_at"),
        derived=_last(Source.objects.published(), by="derived_from", what="updated_at"),
        **quoted,
    )
    for row in rows.order_by("pk"):
        row.text_changed = _newest([row.updated_at, *(getattr(row, name) for name in quoted)])
        row.changed = _newest([row.text_changed, row.borne, row.invoked, row.derived])
        yield row


def _topics() -> Iterator[Any]:
    rows: Any = Topic.objects.published().annotate(
        edited=_last(Topic.history.model.objects, by="id", what="history_date"),
        filed=_last(Claim.objects.published(), by="topics", what="updated_at"),
    )
    for row in rows.order_by("pk"):
        row.changed = _newest([row.edited, row.filed])
        yield row


def _last(rows: QuerySet[Any], *, by: str, what: str = "claim__updated_at") -> Subquery:
    """SQL expression: the latest time `what` of `rows` whose field `by` points to the row at hand."""
    of_it = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Subquery(of_it.annotate(latest=Max(what)).values("latest"))


def _newest(times: Iterable[Time]) -> Time:
    return max((time for time in times if time), default=None)
