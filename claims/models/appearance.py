from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sources.constraints import one_of
from sources.models import Passage, Publishable, Speaker
from sources.models.source import Precision

from .annotation import Annotation


class Manner(models.TextChoices):
    ASSERTED = "asserted", _("asserted")
    REPORTED = "reported", _("reported")
    QUOTED = "quoted", _("quoted")
    DENIED = "denied", _("denied")


class Appearance(Annotation):
    """A Claim made at a Passage."""

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="appearances")
    passage = models.ForeignKey(Passage, on_delete=models.PROTECT, related_name="appearances")
    claimant = models.ForeignKey(
        Speaker,
        on_delete=models.PROTECT,
        related_name="appearances",
        help_text="Who asserts the claim (for denied: who denies it).",
    )
    reported_by = models.ForeignKey(
        Speaker,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reported_appearances",
        help_text="Who says that the claimant does, where somebody else speaks in the passage.",
    )
    manner = models.CharField(
        max_length=10,
        choices=Manner,
        default=Manner.ASSERTED,
        db_index=True,
        help_text=(
            "Asserted: the claimant's own words. Reported: in the words of another. Quoted: the "
            "claimant's words as another gives them. Denied: the claimant says that it is not so."
        ),
    )
    said_on = models.DateField(
        null=True, blank=True, help_text="When it was said, if not on the date of the source."
    )

    history = HistoricalRecords()

    RECORD = ("passage__snapshot__source__derived_from__derived_from", "claimant", "reported_by")

    class Meta(Annotation.Meta):
        ordering = ["claim", "passage", "id"]
        constraints = [
            *Annotation.Meta.constraints,
            one_of("manner", Manner, name="claims_appearance_manner_known"),
            models.UniqueConstraint(
                name="claims_appearance_once", fields=["claim", "passage", "claimant"]
            ),
            models.CheckConstraint(
                name="claims_appearance_reporter_is_another",
                condition=Q(reported_by__isnull=True) | ~Q(reported_by=F("claimant")),
                violation_error_message="Leave the reporter empty where the claimant speaks.",
            ),
            models.CheckConstraint(
                name="claims_appearance_manner_fits_reporter",
                condition=Q(manner=Manner.ASSERTED, reported_by__isnull=True)
                | Q(manner__in=[Manner.REPORTED, Manner.QUOTED], reported_by__isnull=False)
                | Q(manner=Manner.DENIED),
                violation_error_message=(
                    "Asserted has no reporter; reported and quoted say who reports or quotes."
                ),
            ),
        ]

    @property
    def is_asserting(self) -> bool:
        """Whether the claimant makes the claim, rather than denies it (as `objects.asserting`)."""
        return self.manner != Manner.DENIED

    def follow_turn(self) -> None:
        """Fill what was left open of a new row from the turn that its passage lies in.

        Where its speaker is not the claimant, the speaker reports it; without a manner it is then
        reported, otherwise asserted. The date of the source is not repeated in `said_on`.
        """
        speaker = self.passage.turn.speaker if self.passage.turn else None
        if self.manner in ("", Manner.REPORTED, Manner.QUOTED) and self.reported_by is None:
            self.reported_by = speaker if speaker != self.claimant else None
        if not self.manner:
            self.manner = Manner.REPORTED if self.reported_by else Manner.ASSERTED
        source = self.passage.snapshot.source
        if self.said_on == source.date and source.date_precision == Precision.DAY:
            self.said_on = None

    def rests_on(self) -> list[Publishable]:
        speakers = [self.claimant, self.reported_by] if self.reported_by else [self.claimant]
        return [self.passage.snapshot.source, *speakers]

    def __str__(self) -> str:
        return f"{self.claimant}: {self.claim}"
