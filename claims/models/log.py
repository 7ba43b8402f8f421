from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sources.constraints import one_of

from ..log.writing import append, fill, sign


class EventKind(models.TextChoices):
    PUBLISHED = "published", _("published")
    CORRECTED = "corrected", _("corrected")
    SUPERSEDED = "superseded", _("superseded")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged")
    UNMERGED = "unmerged", _("merging undone")
    OVERRIDDEN = "overridden", _("gate overridden")
    KEY_ROTATED = "key-rotated", _("key of the log changed")
    IMPORTED = "imported", _("imported")


class Recorded(models.TextChoices):
    """When an entry was written: with the event itself, or later of what was there already."""

    AT_ONCE = "at-once", _("with the event")
    AFTERWARDS = "afterwards", _("when the log was begun")
    IMPORTED = "imported", _("when the data were imported")


class LogHead(models.Model):
    """How long the log is. Its one row is the lock of all that write, taken after every other lock."""

    size = models.PositiveBigIntegerField(default=0, help_text="The number of entries.")
    key = models.ForeignKey(
        "claims.LogKey", on_delete=models.PROTECT, null=True, related_name="+",
        help_text="By which checkpoints are signed; none before the first.",
    )  # fmt: skip

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="claims_loghead_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.size} entries"

    @classmethod
    def locked(cls) -> Self:
        """The head, locked until the transaction ends: nothing else may be locked after it."""
        # Without its key: what is joined to a row that was waited for is as it was before the wait.
        rows = cls.objects.select_for_update()
        # The migration makes it; a database that was emptied (`flush`) lacks it.
        head = rows.first()
        if head is None:
            cls.objects.bulk_create([cls(id=1)], ignore_conflicts=True)
            head = rows.get()
        return head


class LogEntry(models.Model):
    """Entry `number` of the log: a public editorial event, in the bytes of which its leaf is made.

    Written in the transaction of the event: `begin` locks the log and gives the number, by which a verdict
    names its entry; `write` writes it. Triggers (migrations 0015, 0016) let no entry be changed, removed or
    left out, and none be written of a verdict that does not name it.
    """

    number = models.PositiveBigIntegerField(primary_key=True, help_text="0, 1, 2, …, without gaps.")
    kind = models.CharField(max_length=12, choices=EventKind)
    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.PROTECT, null=True, related_name="log_entries"
    )
    verdict = models.ForeignKey(
        "claims.Verdict", on_delete=models.PROTECT, null=True, related_name="log_entries"
    )
    merge = models.ForeignKey(
        "claims.Merge", on_delete=models.PROTECT, null=True, related_name="log_entries"
    )
    at = models.DateTimeField(help_text="When it happened (UTC).")
    body = models.TextField(help_text="The entry itself, in canonical JSON.")
    sealed = models.TextField(
        blank=True,
        help_text="What the entry has the digest of and the public does not see, in canonical JSON.",
    )

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "log entries"
        default_permissions = ()
        constraints = [one_of("kind", EventKind, name="claims_logentry_kind_known")]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind}"

    @classmethod
    def begin(cls) -> LogEntry:
        """Lock the log, and return its next entry, with its number. In a transaction; whatever else this
        locks is locked before."""
        head = LogHead.locked()
        entry = cls(number=head.size)
        entry.head = head  # type: ignore[attr-defined]
        return entry

    def write(
        self,
        kind: str,
        *,
        at: dt.datetime,
        documents: Mapping[str, Any] | None = None,
        sealed: Mapping[str, Any] | None = None,
        recorded: str = Recorded.AT_ONCE,
        **says: Any,
    ) -> LogEntry:
        """Write the entry that `begin` gave; the rows it concerns are set on it before.

        `documents` (name → value of JSON) are kept by their digests; `sealed` is kept by the desk; `says`
        stands in the entry as it is. A checkpoint is signed if there is the key for it.
        """
        head: LogHead = self.head  # type: ignore[attr-defined]
        kept = fill(
            self, kind, at=at, documents=documents, sealed=sealed, recorded=recorded, **says
        )
        nodes = append(head, [self], kept)
        sign(head, nodes)
        return self


class LogDocument(models.Model):
    """What an entry says by its digest: public, in canonical JSON, and never changed."""

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    body = models.TextField(help_text="In canonical JSON; the digest is of its UTF-8.")
    entry = models.ForeignKey(
        LogEntry, on_delete=models.PROTECT, related_name="+", help_text="The first that names it."
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.sha256


class LogNode(models.Model):
    """The hash of a perfect subtree of the log's tree (`claims.log.merkle`)."""

    level = models.PositiveSmallIntegerField(help_text="0: of an entry.")
    index = models.PositiveBigIntegerField(help_text="From the left, from 0.")
    hash = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="claims_lognode_once", fields=["level", "index"])
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LogCheckpoint(models.Model):
    """What the log has signed of its first `size` entries (C2SP tlog-checkpoint)."""

    size = models.PositiveBigIntegerField(primary_key=True, help_text="The number of entries.")
    root = models.BinaryField(max_length=32)
    note = models.TextField(help_text="The signed note.")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ["-size"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.size} entries"
