"""Numbers about all that is public, each counted by the database when somebody asks for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Q, QuerySet

from sources.models import Passage, Source
from sources.models.source import Primacy, Rendition
from sources.querysets import Origin, count_of

from . import working_days
from .models import Appearance, Citation, Claim, Evidence, ReaderReport, Rebuttal, Search, Verdict
from .models.reader_report import Outcome
from .models.verdict import Ending, Reason
from .querysets import public_transcripts


@dataclass(frozen=True)
class Share:
    """`n` of `total`."""

    n: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.n / self.total if self.total else 0


@dataclass(frozen=True)
class Verdicts:
    """How many versions were published, what became of them, and why later ones were written."""

    n: int
    in_force: Share
    corrected: Share  # superseded by another
    withdrawn: Share
    reasons: list[tuple[Any, int]]  # of later versions: the label of each reason that was given


def of_verdicts() -> Verdicts:
    rows = Verdict.objects.published().order_by().values("ending", "reason")
    ended: dict[str, int] = {}
    given: dict[str, int] = {}
    for row in rows.annotate(n=Count("pk")):
        ended[row["ending"]] = ended.get(row["ending"], 0) + row["n"]
        given[row["reason"]] = given.get(row["reason"], 0) + row["n"]
    n = sum(ended.values())
    return Verdicts(
        n,
        Share(ended.get("", 0), n),
        Share(ended.get(Ending.SUPERSEDED, 0), n),
        Share(ended.get(Ending.WITHDRAWN, 0), n),
        [(r.label, given[r]) for r in Reason if r != Reason.FIRST and r in given],
    )


def of_people() -> QuerySet[Any]:
    """Who wrote or reviewed a public verdict, each with `n_written` and `n_reviewed`, most first."""
    verdicts = Verdict.objects.published()
    people = get_user_model().objects.annotate(
        n_written=count_of(verdicts, by="author"), n_reviewed=count_of(verdicts, by="reviewer")
    )
    return people.filter(Q(n_written__gt=0) | Q(n_reviewed__gt=0)).order_by(
        -(F("n_written") + F("n_reviewed")), "id"
    )


def of_claims() -> dict[str, Share]:
    """Of the public claims, those that are `open`; that have no rebuttal on record (`unanswered`), nobody
    who makes them (`unclaimed`), no evidence at all (`bare`), or evidence but no primary source
    (`second_hand`); and of the rated ones, those for which no search is logged (`unsearched`)."""
    evidence = Evidence.objects.published()
    rated = _among(Verdict.objects.published().in_force())
    shown = _among(evidence)
    of_all = {
        "open": ~rated,
        "unanswered": ~_among(Rebuttal.objects.published()),
        "unclaimed": ~_among(Appearance.objects.published().asserting()),
        "bare": ~shown,
        "second_hand": shown & ~_among(evidence.filter(source__primacy=Primacy.PRIMARY)),
    }
    found = Claim.objects.published().aggregate(
        total=Count("pk"),
        rated=Count("pk", filter=rated),
        unsearched=Count("pk", filter=rated & ~_among(Search.objects.published())),
        **{name: Count("pk", filter=condition) for name, condition in of_all.items()},
    )
    shares = {name: Share(found[name], found["total"]) for name in of_all}
    return shares | {"unsearched": Share(found["unsearched"], found["rated"])}


def _among(rows: QuerySet[Any]) -> Q:
    """The claims that `rows` belong to."""
    return Q(pk__in=rows.order_by().values("claim"))


def of_evidence() -> dict[str, Share]:
    """Of the records that are public evidence on a claim, each in one direction, those that are known by
    secondary sources alone (`second_hand`), and those that only make the claim more or less likely
    (`indirect`). Copies of one record count once."""
    records = (
        Evidence.objects.published()
        .annotate(origin=Origin("source"))
        .order_by()
        .values("claim", "direction", "origin")
        .annotate(
            n_primary=Count("pk", filter=Q(source__primacy=Primacy.PRIMARY)),
            n_direct=Count("pk", filter=Q(directness="direct")),
        )
    )
    return _shares(records, "claim", second_hand=Q(n_primary=0), indirect=Q(n_direct=0))


def of_citations() -> dict[str, Share]:
    """Of what public rebuttals invoke, that for which no source could be found (`missing`)."""
    return _shares(
        Citation.objects.filter(rebuttal__in=Rebuttal.objects.published()),
        missing=Q(source__isnull=True) | Q(source__published_at__isnull=True),
    )


def of_sources() -> dict[str, Share]:
    """Of the public sources, those of which no text can be read here (`no_text`), without a date, and
    without an address at which they are read (`no_url`)."""
    return _shares(
        Source.objects.published(),
        no_text=~Q(pk__in=public_transcripts().order_by().values("pk")),
        no_date=Q(date__isnull=True),
        no_url=Q(url=""),
    )


def of_quotations() -> list[tuple[Any, Share]]:
    """Of each rendition, by its label, how many of the passages that the public reads are in it."""
    quoted = Q()
    for annotation in (Appearance, Rebuttal, Evidence):
        rows = annotation.objects.published().filter(passage__isnull=False)
        quoted |= Q(pk__in=rows.order_by().values("passage"))
    passages = Passage.objects.filter(quoted).order_by().values_list("snapshot__source__rendition")
    found = dict(passages.annotate(n=Count("pk")))
    total = sum(found.values())
    return [(each.label, Share(found.get(each, 0), total)) for each in Rendition]


@dataclass(frozen=True)
class Reports:
    """How many errors readers have reported, and what became of that."""

    received: int
    open: int
    overdue: int  # of the open ones
    in_time: Share  # of the settled ones
    outcomes: list[tuple[Outcome, int]]  # of the settled ones, every outcome
    median_days: float | None  # working days from receiving to settling
    withheld: int  # texts that the desk does not publish, though their readers would have it

    @property
    def settled(self) -> int:
        return self.in_time.total

    def figures(self) -> list[tuple[str, Any]]:
        """Each number with its name, for programs; None where there is nothing to take a median of."""
        return [
            ("received", self.received),
            ("open", self.open),
            ("overdue", self.overdue),
            ("settled", self.settled),
            ("settled-in-time", self.in_time.n),
            *((f"outcome-{outcome.value}", n) for outcome, n in self.outcomes),
            ("median-working-days", self.median_days),
            ("texts-withheld", self.withheld),
        ]


def of_reports(today: dt.date) -> Reports:
    """All reports that were ever received, also on claims that have been merged since; overdue on the day
    `today` (UTC). One query, whose rows are at most one for each pair of days and outcome."""
    rows = (
        ReaderReport.objects.order_by()
        .values("received_at__date", "settled_at__date", "deadline", "outcome")
        .annotate(n=Count("pk"), n_withheld=Count("withheld_at"))
    )
    found: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    days: list[int] = []
    for row in rows:
        n, settled = row["n"], row["settled_at__date"]
        found["received"] += n
        found["withheld"] += row["n_withheld"]
        if settled is None:
            found["overdue"] += n * (row["deadline"] < today)
            continue
        found["in_time"] += n * (settled <= row["deadline"])
        outcomes[row["outcome"]] += n
        days += [working_days.between(row["received_at__date"], settled)] * n
    return Reports(
        received=found["received"],
        open=found["received"] - len(days),
        overdue=found["overdue"],
        in_time=Share(found["in_time"], len(days)),
        outcomes=[(outcome, outcomes[outcome]) for outcome in Outcome],
        median_days=median(days) if days else None,
        withheld=found["withheld"],
    )


def of_open_reports(today: dt.date) -> Share:
    """Of the reports that are open, those that are overdue on the day `today` (UTC)."""
    found = ReaderReport.objects.open().aggregate(
        n=Count("pk", filter=Q(deadline__lt=today)), total=Count("pk")
    )
    return Share(found["n"], found["total"])


def _shares(rows: QuerySet[Any], each: str = "pk", **conditions: Q) -> dict[str, Share]:
    """Of `rows`, each of which has a value in the column `each`, those that meet the conditions."""
    found = rows.aggregate(
        total=Count(each),
        **{name: Count(each, filter=condition) for name, condition in conditions.items()},
    )
    return {name: Share(found[name], found["total"]) for name in conditions}
