from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Merge(models.Model):
    """The record of one claim's merging into another: what moved, so that it can be undone exactly."""

    retired = models.ForeignKey(
        "claims.Claim", on_delete=models.PROTECT, related_name="merges_away"
    )
    into = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="merges_in")
    merged_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_made"
    )
    moved = models.JSONField(
        help_text="The rows that moved: name of the relation → ids of the rows.", default=dict
    )
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merges_undone",
    )

    class Meta:
        ordering = ["-merged_at", "-id"]
        permissions = [("merge_claim", "Can merge duplicate claims, and undo that")]
        constraints = [
            models.CheckConstraint(name="claims_merge_of_two", condition=~Q(retired=F("into"))),
            models.CheckConstraint(
                name="claims_merge_undone_when_and_by_whom",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="claims_merge_one_standing",
                fields=["retired"],
                condition=Q(undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retired} → {self.into}"
