from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .turn import Turn


class Alignment(models.Model):
    """That two turns of two renditions are of the same words, as a person says.

    Everything else about how renditions stand side by side is computed (`claims.aligning`), around these.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="alignments")
    counterpart = models.ForeignKey(
        Turn,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="In the other rendition.",
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["turn"]
        constraints = [
            models.UniqueConstraint(name="sources_alignment_once", fields=["turn", "counterpart"]),
            models.CheckConstraint(
                name="sources_alignment_of_two_turns",
                condition=Q(counterpart__isnull=True) | ~Q(counterpart=F("turn")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn} = {self.counterpart}"
