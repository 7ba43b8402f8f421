from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..constraints import one_of
from ..querysets import ChangeQuerySet


class Kind(models.TextChoices):
    PUBLISHED = "published"
    UPDATED = "updated"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"
    REMOVED = "removed"


class Change(models.Model):
    """That something the public sees has changed: what the change feed tells.

    A row is written in the transaction of the change itself (`objects.note`), so that neither is without
    the other. Its `position` in the feed comes after the commit, from whoever reads next
    (`claims.changes`): numbers given before it would appear in another order than they were given in.
    """

    position = models.PositiveBigIntegerField(
        null=True, unique=True, editable=False, help_text="1, 2, 3, … in the feed, without gaps."
    )
    resource = models.CharField(max_length=20, help_text="Of the API: claims, sources, …")
    key = models.CharField(max_length=120, help_text="The slug of the row there.")
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField(
        null=True, help_text="Of the verdict, where one is what has changed."
    )
    at = models.DateTimeField(default=timezone.now, help_text="When it changed.")

    objects: ClassVar[Any] = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        indexes = [
            models.Index(
                name="sources_change_unnumbered",
                fields=["id"],
                condition=Q(position__isnull=True),
            ),
            models.Index(name="sources_change_of_row", fields=["resource", "key", "-position"]),
        ]
        constraints = [
            one_of("kind", Kind, name="sources_change_kind_known"),
            models.CheckConstraint(
                name="sources_change_position_from_1",
                condition=Q(position__isnull=True) | Q(position__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position or 'not numbered'}: {self.resource}/{self.key} {self.kind}"
