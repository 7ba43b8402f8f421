from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sources.constraints import one_of
from sources.fields import LineField, ProseField
from sources.models import Passage, Publishable, Source

from ..querysets import EvidenceQuerySet
from .annotation import Annotation


class Direction(models.TextChoices):
    SUPPORTS = "supports", _("supports the claim")
    REFUTES = "refutes", _("refutes the claim")
    MIXED = "mixed", _("points both ways")
    CONTEXT = "context", _("gives context")


class Directness(models.TextChoices):
    DIRECT = "direct", _("direct")
    INDIRECT = "indirect", _("indirect")


class Evidence(Annotation):
    """A Source that bears on a Claim, for or against."""

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="evidence")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="evidence")
    passage = models.ForeignKey(
        Passage,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        help_text="The exact words, where the desk holds the text.",
    )
    locator = LineField(
        max_length=100, blank=True, help_text="Where in the source: Art. 5(3), para. 8, pp. 39–61."
    )
    direction = models.CharField(max_length=10, choices=Direction, db_index=True)
    directness = models.CharField(
        max_length=10,
        choices=Directness,
        default=Directness.DIRECT,
        help_text="Direct: it says whether the claim is so. Indirect: it makes it more or less likely.",
    )
    summary = ProseField(help_text="What the source says on this claim, in the desk's words.")
    available_on = models.DateField(
        null=True,
        blank=True,
        help_text="When the public could first know it, if not on the date of the source.",
    )

    history = HistoricalRecords()

    RECORD = ("source__derived_from__derived_from",)

    objects: ClassVar[Any] = EvidenceQuerySet.as_manager()

    class Meta(Annotation.Meta):
        ordering = ["claim", "id"]
        verbose_name_plural = "evidence"
        constraints = [
            *Annotation.Meta.constraints,
            models.CheckConstraint(name="claims_evidence_has_summary", condition=~Q(summary="")),
            one_of("direction", Direction, name="claims_evidence_direction_known"),
            one_of("directness", Directness, name="claims_evidence_directness_known"),
            models.UniqueConstraint(
                name="claims_evidence_place_once", fields=["claim", "source", "locator"]
            ),
        ]

    def rests_on(self) -> list[Publishable]:
        return [self.source]

    def __str__(self) -> str:
        return f"{self.source} {self.get_direction_display()}"

    def clean(self) -> None:
        super().clean()
        if self.passage is not None and self.passage.snapshot.source_id != self.source_id:
            raise ValidationError({"passage": "The passage is from another source."})
