from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from sources.fields import LineField, ProseField

from .annotation import Annotation


class Search(Annotation):
    """A logged search for evidence against the emerging conclusion. Finding nothing is a result."""

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="searches")
    searched_on = models.DateField(help_text="When it was done.")
    place = LineField(
        "where",
        max_length=300,
        help_text="Archive, catalogue, website or collection that was searched.",
    )
    terms = LineField(max_length=500, help_text="What was searched for.")
    outcome = ProseField(help_text="What came of it, nothing included.")

    history = HistoricalRecords()

    class Meta(Annotation.Meta):
        ordering = ["claim", "searched_on", "id"]
        verbose_name_plural = "searches"
        constraints = [
            *Annotation.Meta.constraints,
            models.CheckConstraint(
                name="claims_search_whole",
                condition=~Q(place="") & ~Q(terms="") & ~Q(outcome=""),
            ),
            models.UniqueConstraint(name="claims_search_once", fields=["claim", "place", "terms"]),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.terms}"

    def clean(self) -> None:
        super().clean()
        if self.searched_on and self.searched_on > timezone.localdate():
            raise ValidationError({"searched_on": "That day is still to come."})
