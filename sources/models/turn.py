from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .. import recordings
from ..constraints import one_of
from .change import Change, Kind
from .snapshot import Snapshot
from .speaker import Speaker


class Role(models.TextChoices):
    STATEMENT = "statement", _("statement")
    QUESTION = "question", _("question")
    ANSWER = "answer", _("answer")
    MODERATION = "moderation", _("moderation")


class Turn(models.Model):
    """One speaker's uninterrupted words in a transcript: `snapshot.text[start:end]`."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="turns")
    position = models.PositiveIntegerField(help_text="1 for the first turn, then 2, 3, …")
    label = models.CharField(
        max_length=200, blank=True, help_text="Exactly as printed, without the colon."
    )
    speaker = models.ForeignKey(
        Speaker,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="turns",
        help_text="Who speaks, where that is known. A label alone (QUESTION) does not say.",
    )
    role = models.CharField(max_length=20, choices=Role)
    start = models.PositiveIntegerField(help_text="First code point of the words, after the label.")
    end = models.PositiveIntegerField(help_text="The code point after the last.")
    times = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text=(
            "Of captions: [code point, milliseconds from the beginning of the recording], one pair for "
            "each cue, in order."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["snapshot", "position"]
        constraints = [
            models.UniqueConstraint(
                name="sources_turn_position_once", fields=["snapshot", "position"]
            ),
            one_of("role", Role, name="sources_turn_role_known"),
            models.CheckConstraint(name="sources_turn_has_words", condition=Q(end__gt=F("start"))),
            models.CheckConstraint(
                name="sources_turn_position_from_1", condition=Q(position__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.label or 'unlabelled'}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the transcript has then changed for whoever sees it."""
        super().save(*args, **kwargs)
        # Also of a draft, which may be published in this moment: whether it is public is asked later.
        Change.objects.note("transcripts", [self.snapshot.source.slug], Kind.UPDATED)

    def time_at(self, offset: int) -> int | None:
        """When the word at the code point `offset` of the text is spoken, as far as its cue says: in
        milliseconds from the beginning of the recording. None where that is not known."""
        number = bisect_right(self.times, offset, key=itemgetter(0))
        return self.times[number - 1][1] if number else None

    @property
    def second(self) -> int | None:
        """The second of the recording in which the turn begins, where that is known."""
        begins = self.time_at(self.start)
        return None if begins is None else begins // 1000

    @property
    def clock(self) -> str:
        """The same as players write it: 1:33."""
        return "" if self.second is None else recordings.clock(self.second)

    def editable_by(self, user: Any) -> bool:
        """As its Source: readers see who is said to speak."""
        return self.snapshot.source.editable_by(user)
