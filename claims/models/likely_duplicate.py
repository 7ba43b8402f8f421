from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from sources.fields import ProseField

from ..querysets.likely_duplicate import LikelyDuplicateQuerySet, Pair
from .claim import Claim


class LikelyDuplicate(models.Model):
    """Two claims that may be one, as the search for duplicates found them, and what a person says of it.

    That they are one is said by merging them (`Claim.merge_into`), and follows from `Claim.duplicate_of`;
    what is kept here is that somebody has said they are not. docs/duplicates.md.
    """

    PERMISSION = "claims.reject_likelyduplicate"

    first = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="+", help_text="The younger of the two."
    )
    probability = models.FloatField(
        help_text="0 to 1: how likely it is that both say the same, as far as their words tell."
    )
    why = models.TextField(help_text="What they share, in words.")
    first_text = models.TextField(help_text="As it read when they were compared, or rejected.")
    second_text = models.TextField(help_text="As it read when they were compared, or rejected.")
    found_at = models.DateTimeField(default=timezone.now)
    rejected_at = models.DateTimeField(null=True, blank=True, editable=False)
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    reason = ProseField(
        blank=True,
        help_text="What tells the two apart, for whoever wonders later. For the desk alone.",
    )

    history = HistoricalRecords()

    objects: ClassVar[Any] = LikelyDuplicateQuerySet.as_manager()

    class Meta:
        ordering = ["-probability", "pk"]
        default_permissions = ("view",)
        permissions = [
            (
                "reject_likelyduplicate",
                "Can say that two claims are not the same, and take that back",
            )
        ]
        verbose_name = "likely duplicate"
        constraints = [
            models.UniqueConstraint(name="claims_likelyduplicate_once", fields=["first", "second"]),
            models.CheckConstraint(
                name="claims_likelyduplicate_in_order", condition=Q(first__lt=F("second"))
            ),
            models.CheckConstraint(
                name="claims_likelyduplicate_probability",
                condition=Q(probability__gte=0, probability__lte=1),
            ),
            models.CheckConstraint(
                name="claims_likelyduplicate_rejected_when_and_by_whom",
                condition=Q(rejected_at__isnull=True, rejected_by__isnull=True, reason="")
                | Q(rejected_at__isnull=False, rejected_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.first}” and “{self.second}”"

    @property
    def is_merged(self) -> bool:
        """Whether one of them leads to the other, or both to the same third."""
        first, second = self.first, self.second
        ends = {first.duplicate_of_id or first.pk, second.duplicate_of_id or second.pk}
        return len(ends) == 1

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to say of the two: one of them is retired."""
        return self.first.duplicate_of_id is not None or self.second.duplicate_of_id is not None

    @property
    def reads_otherwise(self) -> bool:
        """Whether one of the claims has another text by now than was compared, or rejected."""
        return (self.first.text, self.second.text) != (self.first_text, self.second_text)

    def gains_by(self, pair: Pair) -> bool:
        """Whether `pair` is of other words than were compared, or more probable than was found of them."""
        compared = (self.first_text, self.second_text)
        return (
            compared != (pair.first_text, pair.second_text) or pair.probability > self.probability
        )

    @property
    def verdicts_differ(self) -> bool:
        """Whether both have a verdict in force, and with different ratings."""
        verdicts = [self.first.verdict, self.second.verdict]
        return all(verdicts) and len({verdict.rating_id for verdict in verdicts}) == 2

    @property
    def wording(self) -> str:
        """What tells the two texts as they are now from any others: for a form that somebody has before
        them while the claims may be edited."""
        return sha256("\0".join((self.first.text, self.second.text)).encode()).hexdigest()

    @transaction.atomic
    def reject(
        self, *, by: Any, reason: str = "", read: str = "", at: dt.datetime | None = None
    ) -> None:
        """Say, in the name of `by`, that these are two claims, and what tells them apart (`reason`). The pair
        stays rejected, whatever is found or edited later, until somebody reopens it. `read` is the `wording`
        that `by` has seen, where that may be an older one; `at` is UTC, now if left out.

        `by` needs claims.reject_likelyduplicate (PermissionDenied). Raises ValidationError where it is
        rejected already, a claim is retired, or one of the texts has changed since `by` read it.
        """
        self._lock(by)
        if self.rejected_at is not None:
            raise ValidationError(f"{self.rejected_by} has said so already.")
        if self.is_settled:
            raise ValidationError(
                "One of the two claims is retired: there is nothing to say any more."
            )
        if read and read != self.wording:
            raise ValidationError(
                "One of the two claims was edited since you opened this: read them again first."
            )
        self.rejected_at, self.rejected_by, self.reason = at or timezone.now(), by, reason
        self.first_text, self.second_text = self.first.text, self.second.text
        self._note(by, "Rejected: two claims")

    @transaction.atomic
    def reopen(self, *, by: Any) -> None:
        """Take back, in the name of `by`, that these are two claims: the pair is offered again. Who had said
        so, and why, stays in its history.

        `by` as in `reject`. Raises ValidationError where it is not rejected.
        """
        self._lock(by)
        if self.rejected_at is None:
            raise ValidationError("The pair is not rejected.")
        self.rejected_at, self.rejected_by, self.reason = None, None, ""
        self._note(by, "Reopened")

    def _lock(self, by: Any) -> None:
        if not by.has_perm(self.PERMISSION):
            raise PermissionDenied(f"This takes the permission {self.PERMISSION}.")
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        for claim in (self.first, self.second):
            claim.refresh_from_db(fields=["text", "duplicate_of"])

    def _note(self, by: Any, why: str) -> None:
        self.full_clean()
        self._history_user = by
        self._change_reason = why
        self.save()


class Comparison(models.Model):
    """That a claim was compared with the others, and as it read then: it is compared again when it reads
    otherwise. Bookkeeping of the search for duplicates, which can be thrown away."""

    claim = models.OneToOneField(
        Claim, on_delete=models.CASCADE, primary_key=True, related_name="comparison"
    )
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.claim_id}, {self.made_at:%Y-%m-%d}"
