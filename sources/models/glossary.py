from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from ..fields import LineField, ProseField
from .source import Source


class GlossaryNote(models.Model):
    """A word that a translation prints for another one, known to mislead: "START III" for New START."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="glossary")
    printed = LineField(max_length=200, help_text="As the text prints it, capitals and all.")
    meant = LineField(max_length=200, help_text="What the original says, or what it stands for.")
    note = ProseField(blank=True, help_text="For readers, in a sentence: how that is known.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["source", "printed"]
        constraints = [
            models.UniqueConstraint(name="sources_glossary_once", fields=["source", "printed"]),
            models.CheckConstraint(
                name="sources_glossary_has_words", condition=~Q(printed="") & ~Q(meant="")
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.printed}”: {self.meant}"
