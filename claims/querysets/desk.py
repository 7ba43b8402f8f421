"""Ways to ask for the desk's own work."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q


class NoteQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Notes that nobody has marked done."""
        return self.filter(done_at__isnull=True)

    def mentioning(self, user: Any) -> Self:
        return self.filter(mentions=user)

    def conversation(self) -> Self:
        """As a conversation is read: with who wrote, finished and is named in each, in two queries."""
        return (
            self.select_related("author", "done_by")
            .prefetch_related("mentions")
            .defer("imported")
            .order_by("created_at", "id")
        )


class SavedFilterQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and what its owner shares with the desk."""
        return self.filter(Q(owner=user) | Q(shared=True))
