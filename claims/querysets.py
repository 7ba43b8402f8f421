"""Ways to ask for the judgement. Every public reader starts at `.published()`."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from sources.querysets import PublishableQuerySet


class ClaimQuerySet(PublishableQuerySet):
    def published(self) -> Self:
        """Only what the public may see; a retired claim only redirects."""
        return super().published().filter(duplicate_of__isnull=True)

    def retired(self) -> Self:
        """Claims whose address leads to the public claim that they duplicate."""
        return self.filter(
            published_at__isnull=False,
            duplicate_of__published_at__isnull=False,
            duplicate_of__duplicate_of__isnull=True,
        )

    def rated(self, yes: bool = True) -> Self:
        """Claims with a verdict in force, or (`yes=False`) the open ones."""
        in_force = Q(verdicts__published_at__isnull=False, verdicts__ended_at__isnull=True)
        ids = self.model.objects.filter(in_force).values("pk")
        return self.filter(pk__in=ids) if yes else self.exclude(pk__in=ids)

    def claimed_by(self, slug: str) -> Self:
        """Claims that the public sees the Speaker `slug` make; a denial is no claim of the denier."""
        appearances = apps.get_model("claims", "Appearance").objects.published().asserting()
        return self.filter(pk__in=appearances.filter(claimant__slug=slug).values("claim"))

    def with_verdict(self) -> Self:
        """With `claim.verdict`, its rating and scale, for all claims in one query."""
        verdicts = apps.get_model("claims", "Verdict").objects
        return self.prefetch_related(
            Prefetch(
                "verdicts",
                queryset=verdicts.in_force().select_related("rating__scale"),
                to_attr="verdicts_in_force",
            )
        )

    def with_claimants(self) -> Self:
        """With `claim.asserting_appearances` (public ones), each with its claimant, in one query."""
        appearances = apps.get_model("claims", "Appearance").objects
        return self.prefetch_related(
            Prefetch(
                "appearances",
                queryset=appearances.published().asserting().select_related("claimant"),
                to_attr="asserting_appearances",
            )
        )

    def with_counts(self) -> Self:
        """With the numbers of public annotations: `n_appearances`, `n_rebuttals`, and `n_supports`,
        `n_refutes`, `n_mixed`, `n_context` of evidence."""
        evidence = apps.get_model("claims", "Evidence").objects
        return self.annotate(
            n_appearances=_count(apps.get_model("claims", "Appearance").objects.published()),
            n_rebuttals=_count(apps.get_model("claims", "Rebuttal").objects.published()),
            **{
                f"n_{direction}": _count(evidence.published().filter(direction=direction))
                for direction in ("supports", "refutes", "mixed", "context")
            },
        )


def _count(rows: models.QuerySet[Any]) -> Coalesce:
    """SQL expression: how many of `rows` belong to the claim at hand."""
    # A sub-query for each count: joining them all in one query would multiply them.
    counted = (
        rows.filter(claim=OuterRef("pk"))
        .order_by()
        .values("claim")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(counted), 0)


class AnnotationQuerySet(PublishableQuerySet):
    def published(self) -> Self:
        """Only what the public may see: the annotation and the claim that it belongs to."""
        return (
            super()
            .published()
            .filter(claim__published_at__isnull=False, claim__duplicate_of__isnull=True)
        )

    def asserting(self) -> Self:
        """Appearances in which the claimant makes the claim, rather than denies it."""
        return self.exclude(manner="denied")

    def with_passage(self) -> Self:
        """With the passage, its turn and its source, without the text that it was taken from."""
        return self.select_related(
            "passage__snapshot__source__derived_from", "passage__turn__speaker"
        ).defer("passage__snapshot__content", "passage__snapshot__text")


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

    def in_the_making(self) -> Self:
        """Drafts, and verdicts awaiting review."""
        return self.filter(published_at__isnull=True)

    def corrections(self) -> Self:
        """Published versions that changed an earlier one, and withdrawn ones."""
        return self.published().filter(Q(version__gt=1) | Q(ending="withdrawn"))


class TopicQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Topics that a public claim bears."""
        claims = apps.get_model("claims", "Claim").objects.published()
        return self.filter(pk__in=claims.values("topics"))


class RatingQuerySet(models.QuerySet[Any]):
    def with_counts(self) -> Self:
        """With `n_verdicts`, the number of verdicts in force at each step."""
        return self.annotate(
            n_verdicts=Count(
                "verdicts",
                filter=Q(
                    verdicts__published_at__isnull=False,
                    verdicts__ended_at__isnull=True,
                    verdicts__claim__published_at__isnull=False,
                    verdicts__claim__duplicate_of__isnull=True,
                ),
            )
        )
