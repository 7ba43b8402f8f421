from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from sources.fields import LineField, ProseField
from sources.models import Passage, Publishable, Source, Speaker

from .annotation import Annotation

if TYPE_CHECKING:
    from .claim import Claim


class Rebuttal(Annotation):
    """A Speaker's answer to a Claim. It is no finding: what it asserts is a claim like any other."""

    claim = models.ForeignKey(
        "claims.Claim",
        on_delete=models.PROTECT,
        related_name="rebuttals",
        help_text="The claim that is answered.",
    )
    speaker = models.ForeignKey(
        Speaker, on_delete=models.PROTECT, related_name="rebuttals", help_text="Who answers it."
    )
    passage = models.ForeignKey(Passage, on_delete=models.PROTECT, related_name="rebuttals")
    summary = ProseField(help_text="What the answer says, in the desk's neutral words.")
    counterclaim = models.ForeignKey(
        "claims.Claim",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rebuttals_made_with",
        help_text="The claim that the answer amounts to: it has its own page, evidence and verdict.",
    )

    history = HistoricalRecords()

    RECORD = ("passage__snapshot__source__derived_from__derived_from", "speaker")

    class Meta(Annotation.Meta):
        ordering = ["claim", "passage", "id"]
        constraints = [
            *Annotation.Meta.constraints,
            models.CheckConstraint(name="claims_rebuttal_has_summary", condition=~Q(summary="")),
            models.UniqueConstraint(
                name="claims_rebuttal_once", fields=["claim", "passage", "speaker"]
            ),
            models.CheckConstraint(
                name="claims_rebuttal_counterclaim_is_another",
                condition=Q(counterclaim__isnull=True) | ~Q(counterclaim=F("claim")),
                violation_error_message="A claim is not its own counterclaim.",
            ),
        ]

    @property
    def public_counterclaim(self) -> Claim | None:
        """The counterclaim, unless it is a draft."""
        return self.counterclaim if self.counterclaim and self.counterclaim.is_public else None

    def rests_on(self) -> list[Publishable]:
        citations = self.citations.all() if self.pk else ()
        cited = [row.source for row in citations if row.source]
        return [self.passage.snapshot.source, self.speaker, *cited]

    def __str__(self) -> str:
        return f"{self.speaker} on: {self.claim}"


class Citation(models.Model):
    """What a Rebuttal invokes in its support, and the Source where it was found. Public with it."""

    rebuttal = models.ForeignKey(Rebuttal, on_delete=models.CASCADE, related_name="citations")
    invoked = LineField(
        max_length=300,
        help_text="What the speaker invokes: a 2014 interview with Mikhail Gorbachev.",
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="citations",
        help_text="The source that is meant. Empty: not located.",
    )
    locator = LineField(
        max_length=100, blank=True, help_text="Where in the source: article, paragraph, page."
    )
    note = ProseField(
        blank=True,
        help_text="How the use compares with the source, or what was looked for in vain.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["rebuttal", "id"]
        constraints = [
            models.UniqueConstraint(name="claims_citation_once", fields=["rebuttal", "invoked"]),
            models.CheckConstraint(name="claims_citation_says_what", condition=~Q(invoked="")),
        ]

    def __str__(self) -> str:
        return self.invoked

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; where the rebuttal is public, its claim has changed for the public too."""
        self.lock_above()
        super().save(*args, **kwargs)
        self._touch_claim()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public rebuttal's claim has then changed for the public."""
        self.lock_above()
        self._touch_claim()
        return super().delete(*args, **kwargs)

    def _touch_claim(self) -> None:
        # Asked under the lock: the rebuttal at hand may have been read before it was published.
        rebuttal = Rebuttal.objects.select_related("claim").get(pk=self.rebuttal_id)
        if rebuttal.is_published:
            rebuttal.claim.touch()

    def lock_above(self) -> None:
        """Lock the claim, and the rebuttal, as who writes the rebuttal does."""
        self.rebuttal.lock_above()
        list(Rebuttal.objects.select_for_update().filter(pk=self.rebuttal_id).values_list("pk"))

    @property
    def public_source(self) -> Source | None:
        """The source, unless it is a draft: a citation may be added before its source is published."""
        return self.source if self.source is not None and self.source.is_published else None
