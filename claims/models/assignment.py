from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords


class Priority(models.IntegerChoices):
    HIGH = 1, "high"
    NORMAL = 2, "normal"
    LOW = 3, "low"


class Assignment(models.Model):
    """Who at the desk works on a claim, and how soon. Apart from the claim, so that handing work round
    is no edit of what readers see. A claim without one is unassigned, and of normal priority."""

    claim = models.OneToOneField(
        "claims.Claim", on_delete=models.CASCADE, related_name="assignment"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        help_text="Empty: nobody yet.",
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL, db_index=True
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="claims_assignment_priority_known",
                condition=models.Q(priority__in=Priority.values),
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.assignee or 'nobody'}, {self.get_priority_display()}"
