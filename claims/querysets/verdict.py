"""Ways to ask for verdicts."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from ..as_of import end_of


def verdict_in_force(path: str = "verdicts") -> Prefetch[Any]:
    """Return the prefetch after which `claim.verdict`, its rating and scale cost no query; `path` leads
    from the rows at hand to the verdicts of their claims."""
    verdicts = apps.get_model("claims", "Verdict").objects
    return Prefetch(
        path,
        queryset=verdicts.in_force().select_related("rating__scale"),
        to_attr="verdicts_in_force",
    )


def n_verdicts_resting_on(source: str) -> Coalesce:
    """SQL expression: how many verdicts in force rest on the Source that rows name by `source`: it is public
    evidence on their claim, or the claim is made or answered in its text."""
    resting = Q()
    for name, path in (
        ("Evidence", "source"),
        ("Appearance", "passage__snapshot__source"),
        ("Rebuttal", "passage__snapshot__source"),
    ):
        rows = apps.get_model("claims", name).objects.published()
        rows = rows.filter(**{path: OuterRef(OuterRef(source))})
        resting |= Q(claim__in=rows.order_by().values("claim"))
    verdicts = apps.get_model("claims", "Verdict").objects.published().in_force().filter(resting)
    counted = verdicts.order_by().values(all=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class VerdictQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Only what the public may see, past versions included."""
        return self.filter(
            published_at__isnull=False,
            claim__published_at__isnull=False,
            claim__duplicate_of__isnull=True,
        )

    def in_force(self) -> Self:
        """Published, and neither superseded nor withdrawn: at most one for each claim."""
        return self.filter(published_at__isnull=False, ended_at__isnull=True)

    def in_force_on(self, day: dt.date) -> Self:
        """In force at the end of `day` (UTC), whatever came of them later: as `claims.as_of` has it."""
        end = end_of(day)
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=end), published_at__lt=end)

    def in_the_making(self) -> Self:
        """Drafts, and verdicts awaiting review."""
        return self.filter(published_at__isnull=True)

    def submitted(self) -> Self:
        """Awaiting review."""
        return self.in_the_making().filter(submitted_at__isnull=False)

    def with_return(self) -> Self:
        """Drafts with `returned_because`: why the review sent them back last; None where it never did."""
        entries = self.model.history.filter(id=models.OuterRef("pk"))
        submitted = self.model.history.filter(
            id=models.OuterRef("id"), submitted_at__isnull=False
        ).order_by("-history_id")
        # The first entry after the last one that says “submitted”.
        returned = entries.filter(
            submitted_at__isnull=True,
            history_id__gt=models.Subquery(submitted.values("history_id")[:1]),
        ).order_by("history_id")
        return self.annotate(
            returned_because=models.Subquery(returned.values("history_change_reason")[:1])
        )

    def corrections(self) -> Self:
        """Published versions that changed an earlier one, and withdrawn ones."""
        return self.published().filter(Q(version__gt=1) | Q(ending="withdrawn"))

    def newest_first(self) -> Self:
        """By the last change that concerns the version: its withdrawal, or else its publication."""
        withdrawn_at = Case(When(ending="withdrawn", then="ended_at"))
        return self.order_by(Coalesce(withdrawn_at, "published_at").desc(), "-id")
