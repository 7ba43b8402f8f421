from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from ..constraints import one_of
from ..querysets import RelocationQuerySet
from .passage import Passage
from .snapshot import Snapshot


class Finding(models.TextChoices):
    FOUND = "found", _("the same words at the same place")
    MOVED = "moved", _("the same words elsewhere")
    CHANGED = "changed", _("other words, much alike")
    AMBIGUOUS = "ambiguous", _("several places that could be meant")
    ORPHANED = "orphaned", _("no such words")


class Relocation(models.Model):
    """Where a Passage of one edition stands in a later one, as far as that can be told.

    It moves nothing: the Passage stays in its edition. Of what is not certain a researcher says whether
    the place that was found is the same (`decide`), which gives it a Passage there.
    """

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="relocations")
    snapshot = models.ForeignKey(
        Snapshot,
        on_delete=models.PROTECT,
        related_name="relocations",
        help_text="The later edition.",
    )
    finding = models.CharField(max_length=10, choices=Finding)
    start = models.PositiveIntegerField(
        null=True, blank=True, help_text="First code point in the later edition, of the one place."
    )
    end = models.PositiveIntegerField(null=True, blank=True)
    similarity = models.FloatField(null=True, blank=True, help_text="0 to 1, of a changed one.")
    places = models.PositiveIntegerField(default=0, help_text="How many could be meant.")
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    counterpart = models.ForeignKey(
        Passage,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="What it is in the later edition, as decided. Empty after a decision: nowhere.",
    )

    history = HistoricalRecords()

    objects: ClassVar[Any] = RelocationQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "passage"]
        default_permissions = ("view",)
        permissions = [("decide_relocation", "Can say where a passage stands in a later edition")]
        constraints = [
            models.UniqueConstraint(name="sources_relocation_once", fields=["passage", "snapshot"]),
            one_of("finding", Finding, name="sources_relocation_finding_known"),
            models.CheckConstraint(
                name="sources_relocation_one_place_or_none",
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__gt=F("start")),
            ),
            models.CheckConstraint(
                name="sources_relocation_certain_has_a_place",
                condition=~Q(finding__in=[Finding.FOUND, Finding.MOVED, Finding.CHANGED])
                | Q(start__isnull=False),
            ),
            models.CheckConstraint(
                name="sources_relocation_decided_when_and_by_whom",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, counterpart=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.passage}: {self.get_finding_display()}"
