from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .. import recordings
from ..querysets import PassageQuerySet
from .snapshot import Snapshot
from .turn import Turn


class Passage(models.Model):
    """A span of a Snapshot's text that somebody has marked.

    `snapshot.text[start:end] == exact`, always: a trigger (migration 0002) refuses a row that says
    otherwise. `objects.mark` (by offsets) and `objects.quote` (by words) make one.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="passages")
    turn = models.ForeignKey(
        Turn,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="passages",
        help_text="The turn that the passage lies in; empty where it lies in none, or spans several.",
    )
    start = models.PositiveIntegerField(help_text="First code point.")
    end = models.PositiveIntegerField(help_text="The code point after the last.")
    exact = models.TextField(help_text="The words, exactly as in the text.")
    prefix = models.CharField(max_length=64, blank=True, help_text="The text just before.")
    suffix = models.CharField(max_length=64, blank=True, help_text="The text just after.")

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["snapshot", "start", "end"]
        constraints = [
            models.UniqueConstraint(
                name="sources_passage_span_once", fields=["snapshot", "start", "end"]
            ),
            models.CheckConstraint(
                name="sources_passage_has_words", condition=Q(end__gt=F("start"))
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.exact[:80]}{'…' if len(self.exact) > 80 else ''}”"

    def get_absolute_url(self) -> str:
        """The passage in its transcript; offsets of one edition hold for good, row ids may not."""
        return f"{self.snapshot.get_absolute_url()}#{self.anchor}"

    @property
    def anchor(self) -> str:
        """The passage's element id on the transcript page."""
        return f"p{self.start}-{self.end}"

    @property
    def second(self) -> int | None:
        """The second of the recording in which the words begin, as far as their captions say."""
        begins = self.turn.time_at(self.start) if self.turn else None
        return None if begins is None else begins // 1000

    @property
    def clock(self) -> str:
        """The same as players write it: 1:33."""
        return "" if self.second is None else recordings.clock(self.second)

    @property
    def recording_url(self) -> str:
        """Where the words are heard; "" where no recording is known, or not when in it."""
        return self.snapshot.source.recording_at(self.second)
