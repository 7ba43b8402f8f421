from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from ..log import documents as told
from ..log.notes import KeyFormatError, SigningKey, VerifierKey
from ..log.writing import append, fill, sign, signing_key
from .log import EventKind, LogEntry, LogHead, Recorded


class LogKey(models.Model):
    """A key that checkpoints are or were signed with: the public half of it. Each key but the first came by
    an entry of the log, and the checkpoint after that entry is signed by the key before it too."""

    number = models.PositiveIntegerField(primary_key=True, help_text="1, 2, 3, …")
    verifier = models.CharField(
        max_length=300, unique=True, help_text="name+id+key, as C2SP's signed-note has it."
    )
    since = models.PositiveBigIntegerField(
        help_text="The size of the first checkpoint that it signed."
    )
    entry = models.OneToOneField(
        LogEntry, on_delete=models.PROTECT, null=True, related_name="key",
        help_text="By which it took the place of the one before; none of the first.",
    )  # fmt: skip

    class Meta:
        ordering = ["number"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.verifier


class LogKeyRotation(models.Model):
    """That another key is to sign the log: proposed by one editor, done by another."""

    verifier = models.CharField(max_length=300)
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entry = models.OneToOneField(
        LogEntry, on_delete=models.PROTECT, null=True, related_name="rotation"
    )

    PERMISSION = "claims.rotate_log_key"
    SEALED = ("id", "proposed_at", "proposed_by_id", "confirmed_by_id")

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        permissions = [("rotate_log_key", "Can change the key of the log, together with another")]
        constraints = [
            models.UniqueConstraint(
                name="claims_logkeyrotation_one_open",
                fields=["verifier"],
                condition=Q(confirmed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="claims_logkeyrotation_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="claims_logkeyrotation_confirmed_whole",
                condition=Q(
                    confirmed_at__isnull=True, confirmed_by__isnull=True, entry__isnull=True
                )
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, entry__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.verifier

    @classmethod
    @transaction.atomic
    def propose(cls, verifier: str, *, by: Any, at: dt.datetime | None = None) -> LogKeyRotation:
        """Propose that the key with this `verifier` (name+id+key) signs the log from now on; an earlier
        proposal that nobody confirmed is dropped.

        `by` needs claims.rotate_log_key (PermissionDenied). `at` is UTC, now if left out. Raises
        ValidationError for what is no key, has another name than the log, or signed it before.
        """
        _permit(by)
        head = LogHead.locked()
        try:
            key = VerifierKey.parse(verifier)
        except KeyFormatError as error:
            raise ValidationError(str(error)) from error
        _refuse(head, key)
        cls.objects.filter(confirmed_at=None).delete()
        return cls.objects.create(
            verifier=verifier, proposed_by=by, proposed_at=at or timezone.now()
        )

    @classmethod
    @transaction.atomic
    def confirm(cls, key: SigningKey, *, by: Any, at: dt.datetime | None = None) -> LogKey:
        """Let `key`, which somebody else proposed, sign the log: an entry says so, and the checkpoint with
        that entry has the signatures of the present key (LOG_KEY) and of `key`.

        `by` needs claims.rotate_log_key and is not who proposed it (PermissionDenied). `at` is UTC, now if
        left out. Raises ValidationError where nobody proposed it, and without the present key.
        """
        _permit(by)
        at = at or timezone.now()
        entry = LogEntry.begin()
        head: LogHead = entry.head  # type: ignore[attr-defined]
        proposal = cls.objects.filter(verifier=str(key.verifier), confirmed_at=None).first()
        if proposal is None:
            raise ValidationError("Nobody has proposed this key, or it was confirmed already.")
        if proposal.proposed_by_id == by.pk:
            raise PermissionDenied("A key is confirmed by another person than proposed it.")
        _refuse(head, key.verifier)
        present = signing_key()
        if present is None or head.key is None or str(present.verifier) != head.key.verifier:
            raise ValidationError(
                "The present key must sign too: start this with LOG_KEY set to it."
            )
        proposal.confirmed_at, proposal.confirmed_by, proposal.entry = at, by, entry
        sealed = told.sealed({name: getattr(proposal, name) for name in cls.SEALED}, cls.SEALED)
        keys = {"from": head.key.verifier, "to": proposal.verifier}
        fill(
            entry, EventKind.KEY_ROTATED, at=at, recorded=Recorded.AT_ONCE, sealed=sealed, keys=keys
        )
        found = append(head, [entry], [])
        sign(head, found, also=[key])
        head.key = LogKey.objects.create(
            number=head.key.number + 1, verifier=proposal.verifier, since=head.size, entry=entry
        )
        head.save(update_fields=["key"])
        proposal.save()
        return head.key

    @classmethod
    @transaction.atomic
    def withdraw(cls, *, by: Any) -> int:
        """Drop what is proposed and not confirmed; return how many proposals that were. `by` needs
        claims.rotate_log_key (PermissionDenied)."""
        _permit(by)
        LogHead.locked()
        return cls.objects.filter(confirmed_at=None).delete()[0]


def _permit(by: Any) -> None:
    if not by.has_perm(LogKeyRotation.PERMISSION):
        raise PermissionDenied(
            f"The key of the log is changed by who has the permission {LogKeyRotation.PERMISSION}."
        )


def _refuse(head: LogHead, key: VerifierKey) -> None:
    """Raise ValidationError where `key` cannot follow the present one; the head is locked."""
    if head.key is None:
        raise ValidationError("The log has no key yet: set LOG_KEY, and it signs from then on.")
    name = VerifierKey.parse(head.key.verifier).name
    if key.name != name:
        raise ValidationError(f"A key of this log has the name {name}, and this one {key.name}.")
    if LogKey.objects.filter(verifier=str(key)).exists():
        raise ValidationError("This key has signed the log already: make a new one.")
