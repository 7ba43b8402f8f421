from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sources.fields import LineField

from ..querysets import SavedFilterQuerySet


class SavedFilter(models.Model):
    """A selection of claims at the desk that somebody wants again: a queue, narrowed down."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = LineField(max_length=80)
    query = models.CharField(
        max_length=1000, help_text="The query of the address, without the question mark."
    )
    shared = models.BooleanField(default=False, help_text="Show it to everybody at the desk.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="claims_saved_filter_name_once",
                fields=["owner", "name"],
                violation_error_message="You have a filter of that name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def editable_by(self, user: Any) -> bool:
        """Whether `user` may change or delete it: its owner alone, shared or not."""
        return bool(user.pk == self.owner_id)
