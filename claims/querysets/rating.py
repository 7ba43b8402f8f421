"""Ways to ask for ratings."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models

from sources.querysets import count_of

from .claim import ClaimQuerySet


class RatingQuerySet(models.QuerySet[Any]):
    def with_counts(self, claims: ClaimQuerySet | None = None) -> Self:
        """With `n_verdicts`, the number of verdicts in force at each step (on `claims`, if given)."""
        verdicts = apps.get_model("claims", "Verdict").objects.published().in_force()
        if claims is not None:
            verdicts = verdicts.filter(claim__in=claims)
        return self.annotate(n_verdicts=count_of(verdicts, by="rating"))
