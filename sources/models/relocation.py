from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .. import reanchoring
from ..anchoring import AnchoringError
from ..constraints import one_of
from ..querysets import CERTAIN, RelocationQuerySet
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

    @property
    def is_open(self) -> bool:
        """Whether somebody has to say what it is."""
        return self.decided_at is None and self.finding not in CERTAIN

    @property
    def span(self) -> tuple[int, int] | None:
        """Where the words stand in the later edition, by decision or else by what was found for certain;
        None where they do not, or it is not known."""
        if self.counterpart is not None:
            return self.counterpart.start, self.counterpart.end
        if self.decided_at is None and self.finding in CERTAIN:
            return self.start, self.end  # type: ignore[return-value]  # by constraint
        return None

    def candidates(self) -> list[tuple[int, int]]:
        """Each place in the later edition that could be meant, the first ones only where they are many."""
        if self.start is not None and self.end is not None:
            return [(self.start, self.end)]
        earlier = self.passage.snapshot
        compared = reanchoring.Reanchoring(earlier.text, self.snapshot.text)
        return list(compared.find(self.passage.start, self.passage.end).places)

    def decidable_by(self, user: Any) -> bool:
        """Whether `user` may say where the passage stands: the first time whoever may, then an editor."""
        again = self.decided_at is not None
        return bool(
            user.has_perm("sources.decide_relocation")
            and (not again or user.has_perm("sources.publish_source"))
        )

    @transaction.atomic
    def decide(
        self,
        *,
        by: Any,
        start: int | None = None,
        end: int | None = None,
        nowhere: bool = False,
        at: dt.datetime | None = None,
    ) -> None:
        """Say where the passage stands in the later edition, in the name of `by`, at the time `at` (UTC; now
        if left out): from code point `start` to `end`; where the one place was found that is known; or
        `nowhere`. What it becomes there is `counterpart`.

        `by` needs sources.decide_relocation, and to decide anew also the rights of an editor
        (PermissionDenied). Raises ValidationError for a place that is not in the text, and where no place
        is given though none is known.
        """
        # Locked and read anew: two may decide in this moment, and the second decides anew.
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if not self.decidable_by(by):
            raise PermissionDenied(
                "It is decided, and an editor's to decide anew."
                if self.decided_at
                else "You may not say where passages stand in later editions."
            )
        if nowhere and start is not None:
            raise ValidationError("Say where it stands, or that it stands nowhere: not both.")
        if not nowhere and start is None:
            start, end = self.start, self.end
        self.counterpart = None
        if not nowhere:
            if start is None or end is None:
                raise ValidationError("Say where it stands, or that it stands nowhere.")
            try:
                self.counterpart = Passage.objects.mark(self.snapshot, start=start, end=end)
            except AnchoringError as error:
                raise ValidationError(str(error)) from None
        self.decided_at, self.decided_by = at or timezone.now(), by
        self._history_user = by
        self.save()
        # Readers are told whether the words that are cited still stand.
        self.snapshot.source.touch()
