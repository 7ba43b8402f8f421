from __future__ import annotations

from typing import Any

from django.db import models, transaction
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

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a public Source has then changed for the public."""
        self._note()
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public Source has then changed for the public."""
        self._note()
        return super().delete(*args, **kwargs)

    def _note(self) -> None:
        """Of the Source whose it is, and of the one whose it was. Locked, or one that is published in this
        moment would not be told to have this note."""
        stored = type(self).objects.filter(pk=self.pk).values("source")
        rows = Source.objects.filter(Q(pk=self.source_id) | Q(pk__in=stored)).order_by("pk")
        for source in rows.select_for_update():
            source.touch()

    def editable_by(self, user: Any) -> bool:
        """As its Source: readers see the notes beside quotations."""
        return self.source.editable_by(user)
