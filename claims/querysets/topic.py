"""Ways to ask for topics."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone


class TopicQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Topics that a public claim bears."""
        claims = apps.get_model("claims", "Claim").objects.published()
        return self.filter(pk__in=claims.values("topics"))

    def once_public_as(self, slug: str) -> Any:
        """Return the id of the topic (deleted, perhaps) that the public found under `slug` last, by the
        history: it bore the name while a public claim bore it. None for a name that was never public."""
        topics = self.model.history.filter(slug=slug).exclude(history_type="-")
        renamed = self.model.history.filter(
            id=OuterRef("id"), history_id__gt=OuterRef("history_id")
        ).order_by("history_id")
        claims = apps.get_model("claims", "HistoricalClaim").objects
        changed = claims.filter(
            id=OuterRef("history__id"), history_id__gt=OuterRef("history_id")
        ).order_by("history_id")
        # The claim as it was stood until its next entry; the name, until the topic's.
        borne = (
            apps.get_model("claims", "HistoricalClaim_topics")
            .objects.filter(
                topic=OuterRef("id"),
                history__published_at__isnull=False,
                history__duplicate_of__isnull=True,
            )
            .alias(until=Subquery(changed.values("history_date")[:1]))
            .filter(
                Q(until__isnull=True) | Q(until__gte=OuterRef("history_date")),
                history__history_date__lte=Coalesce(OuterRef("until"), timezone.now()),
            )
        )
        periods = topics.alias(until=Subquery(renamed.values("history_date")[:1]))
        return (
            periods.filter(Exists(borne))
            .order_by("-history_id")
            .values_list("id", flat=True)
            .first()
        )
