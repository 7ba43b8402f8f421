"""Ways to ask for what readers reported."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q

# The words of an outcome under which a text is not published: it may be anything.
NOT_ABOUT = "not-about"


class ReaderReportQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Those that the desk has not settled yet."""
        return self.filter(settled_at__isnull=True)

    def settled(self) -> Self:
        return self.filter(settled_at__isnull=False)

    def overdue(self, day: dt.date) -> Self:
        """Those still open whose deadline was before `day` (UTC)."""
        return self.open().filter(deadline__lt=day)

    def published(self) -> Self:
        """Those whose words and answer the public may read: settled, with the reader's consent, about a claim
        that is public now, and neither withheld nor found to be about something else."""
        return self.settled().filter(
            Q(claim__published_at__isnull=False, claim__duplicate_of__isnull=True),
            ~Q(outcome=NOT_ABOUT),
            consent=True,
            withheld_at__isnull=True,
        )

    def newest_first(self) -> Self:
        return self.order_by("-settled_at", "-pk")
