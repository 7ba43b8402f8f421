from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from sources.fields import ProseField

from ..querysets import WithdrawalQuerySet
from .note import Note
from .verdict import Verdict
from .verdict_row import Ending


class Outcome(models.TextChoices):
    CONFIRMED = "confirmed", "confirmed"
    DECLINED = "declined", "declined"
    TAKEN_BACK = "taken-back", "taken back"
    LAPSED = "lapsed", "fell away: another version took the place of the verdict"


class Withdrawal(models.Model):
    """That a verdict in force should be withdrawn, and why: proposed by one person, decided by another.

    `Verdict.propose_withdrawal` makes it; `confirm`, `decline` and `take_back` decide it, once, and a later
    version of the verdict lets it fall away. Only what is confirmed is ever public, and that as the end of
    the verdict. Triggers (migration 0017) keep what was proposed and decided, and let no verdict be
    withdrawn without it. Verdicts that were withdrawn before that, or came in by an import, have none.
    """

    PERMISSION = "claims.withdraw_verdict"

    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="withdrawals")
    reason = ProseField(help_text="For readers: why the desk no longer stands by the verdict.")
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="withdrawals_proposed"
    )
    outcome = models.CharField(
        max_length=10, choices=Outcome, blank=True, help_text="Empty while it waits."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="withdrawals_decided",
    )
    declined_because = ProseField(blank=True, help_text="For the desk alone.")

    objects: ClassVar[Any] = WithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                name="claims_withdrawal_one_waits",
                fields=["verdict"],
                condition=Q(outcome=""),
                violation_error_message=(
                    "Its withdrawal is proposed already, and waits for a second person."
                ),
            ),
            models.CheckConstraint(
                name="claims_withdrawal_tells_readers_why", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="claims_withdrawal_decided_when_by_whom_and_how",
                # With a NULL on either side a comparison is neither true nor false, and would pass.
                condition=Q(outcome="", decided_at__isnull=True, decided_by__isnull=True)
                | (
                    Q(
                        outcome__in=Outcome.values,
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                        decided_at__gte=F("proposed_at"),
                    )
                ),
            ),
            models.CheckConstraint(
                name="claims_withdrawal_by_two_people",
                condition=~Q(outcome__in=[Outcome.CONFIRMED, Outcome.DECLINED])
                | ~Q(decided_by=F("proposed_by")),
                violation_error_message=(
                    "A withdrawal is decided by another person than who proposed it."
                ),
            ),
            models.CheckConstraint(
                name="claims_withdrawal_taken_back_by_who_proposed_it",
                condition=~Q(outcome=Outcome.TAKEN_BACK) | Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="claims_withdrawal_declined_with_a_reason",
                condition=(Q(outcome=Outcome.DECLINED) & ~Q(declined_because=""))
                | (~Q(outcome=Outcome.DECLINED) & Q(declined_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of “{self.verdict.headline}”"

    def get_absolute_url(self) -> str:
        """Where the desk looks at it."""
        return reverse("admin:claims_withdrawal_change", args=[self.pk])

    @property
    def state(self) -> str:
        """waiting, or what became of it."""
        return self.get_outcome_display() if self.outcome else "waiting"

    def lock_above(self) -> None:
        """Lock the claim first, as every step does."""
        self.verdict.lock_above()

    def decidable_by(self, user: Any) -> bool:
        """Whether `user` may confirm or decline it: it waits, and they have the right, and are another
        person than who proposed it."""
        return (
            not self.outcome
            and user.has_perm(self.PERMISSION)
            and user.pk is not None
            and user.pk != self.proposed_by_id
        )

    def retractable_by(self, user: Any) -> bool:
        """Whether `user` may take it back: it waits, and they proposed it."""
        return (
            not self.outcome and user.has_perm(self.PERMISSION) and user.pk == self.proposed_by_id
        )

    @transaction.atomic
    def confirm(self, *, by: Any, at: dt.datetime | None = None, seen: str | None = None) -> None:
        """Withdraw the verdict, for the reason that was proposed; the claim is then open again.

        `by` needs claims.withdraw_verdict, and is another person than who proposed it, whatever their rights
        (PermissionDenied). `at` is UTC, now if left out. `seen` is the claim's `edition` that `by` looked at:
        if it, or what is attached to it, changed since, that is refused (ValidationError), as is what waits
        no more.
        """
        at = at or timezone.now()
        self._lock(by, "confirmed")
        if not self.decidable_by(by):
            raise PermissionDenied(
                "A withdrawal is confirmed by another person than who proposed it."
            )
        verdict = self.verdict
        if seen is not None and seen != verdict.claim.edition():
            raise ValidationError(
                "The claim, or what is attached to it, has changed since you looked: look at it again "
                "before you confirm."
            )
        # Before the verdict ends: the database looks for it then.
        self._decide(Outcome.CONFIRMED, by=by, at=at)
        verdict._step(only_a="published", can_be="withdrawn", permission=self.PERMISSION, by=by)
        verdict.claim.touch(at)
        # The end is logged: the log is locked last.
        verdict._end(Ending.WITHDRAWN, by=by, at=at, why=self.reason)

    @transaction.atomic
    def decline(self, *, by: Any, why: str, at: dt.datetime | None = None) -> None:
        """Let the verdict stand, and tell who proposed the withdrawal why, by a note on the verdict.

        `by` and `at` as in `confirm`. Raises ValidationError without a reason, and for what waits no more.
        """
        why = why.strip()
        if not why:
            raise ValidationError({"why": "Say why the verdict is to stand."})
        self._lock(by, "declined")
        if not self.decidable_by(by):
            raise PermissionDenied(
                "A withdrawal is declined by another person than who proposed it, who can take it back."
            )
        self.declined_because = why
        self._decide(Outcome.DECLINED, by=by, at=at or timezone.now())
        note = Note(verdict=self.verdict, body=why, author=by)
        note.full_clean()
        note.save()
        note.mentions.add(self.proposed_by)

    @transaction.atomic
    def take_back(self, *, by: Any, at: dt.datetime | None = None) -> None:
        """Propose it no more. `by` needs claims.withdraw_verdict, and is who proposed it (PermissionDenied).
        `at` is UTC, now if left out. Raises ValidationError for what waits no more."""
        self._lock(by, "taken back")
        if not self.retractable_by(by):
            raise PermissionDenied("A withdrawal is taken back by who proposed it.")
        self._decide(Outcome.TAKEN_BACK, by=by, at=at or timezone.now())

    def lapse(self, *, by: Any, at: dt.datetime) -> None:
        """Record that the verdict has ended otherwise, by what `by` did at `at`; the claim is locked."""
        self._decide(Outcome.LAPSED, by=by, at=max(at, self.proposed_at))

    def _lock(self, by: Any, done: str) -> None:
        """Lock the claim, then the row; read it anew; refuse who has not the right, and what is decided."""
        if not by.has_perm(self.PERMISSION):
            raise PermissionDenied(
                f"A withdrawal is {done} by who has the permission {self.PERMISSION}."
            )
        self.lock_above()
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if self.outcome:
            raise ValidationError(
                f"Only a withdrawal that waits can be {done}; this one is {self.state}."
            )

    def _decide(self, outcome: Outcome, *, by: Any, at: dt.datetime) -> None:
        self.outcome, self.decided_by, self.decided_at = outcome, by, at
        self.full_clean()
        self.save()
