from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import store
from ..constraints import one_of
from ..querysets import CaptureQuerySet
from .relocation import Relocation
from .snapshot import Snapshot
from .source import Source

if TYPE_CHECKING:
    from ..archiving.capture import Found
    from ..fetching import Exchange


class Occasion(models.TextChoices):
    DESK = "desk", _("asked for at the desk")
    VERDICT = "verdict", _("a verdict was published")
    ROUTINE = "routine", _("routine")
    LINK = "link", _("the address answered with something else")


class Outcome(models.TextChoices):
    WAITING = "waiting", _("waiting")
    NEW = "new", _("new edition")
    SAME = "same", _("same text as an edition held")
    UNREADABLE = "unreadable", _("kept, but no text could be taken from it")
    REFUSED = "refused", _("not asked for")
    FAILED = "failed", _("no answer worth keeping")


class Capture(models.Model):
    """One visit to the address of a Source: what was asked, what came, and what became of it.

    Whether waiting or ended, a row stands for one visit: a job that is tried again ends the row that it was
    enqueued for, so that nothing is archived twice. The exchange is kept as a WARC file of its own.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="captures")
    key = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="Names its WARC file."
    )
    url = models.URLField(max_length=1000, help_text="The address that was asked.")
    occasion = models.CharField(max_length=10, choices=Occasion)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the clock.",
    )
    asked_at = models.DateTimeField(default=timezone.now)

    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    reason = models.TextField(blank=True, help_text="Why there is nothing, in a sentence.")
    snapshot = models.ForeignKey(
        Snapshot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="captures",
        help_text="The edition whose text it has.",
    )
    final_url = models.URLField(max_length=2000, blank=True, help_text="Where redirects led to.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status.")
    media_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(
        "SHA-256", max_length=64, blank=True, help_text="Of the bytes, decoded as HTTP says."
    )
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="In bytes.")
    warc_sha256 = models.CharField("SHA-256 of the WARC file", max_length=64, blank=True)
    warc_size = models.PositiveBigIntegerField(null=True, blank=True, help_text="In bytes.")
    proposed = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the document says of itself: title, authors, publisher, date, language.",
    )

    objects: ClassVar[Any] = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("archive_source", "Can have a source archived")]
        indexes = [
            models.Index(name="sources_capture_by_bytes", fields=["sha256"]),
            models.Index(name="sources_capture_newest", fields=["source", "-ended_at"]),
        ]
        constraints = [
            one_of("occasion", Occasion, name="sources_capture_occasion_known"),
            one_of("outcome", Outcome, name="sources_capture_outcome_known"),
            models.CheckConstraint(
                name="sources_capture_ended_with_an_outcome",
                condition=Q(ended_at__isnull=True, outcome=Outcome.WAITING)
                | (Q(ended_at__isnull=False) & ~Q(outcome=Outcome.WAITING)),
            ),
            models.CheckConstraint(
                name="sources_capture_edition_where_there_is_text",
                condition=Q(snapshot__isnull=False, outcome__in=[Outcome.NEW, Outcome.SAME])
                | (Q(snapshot__isnull=True) & ~Q(outcome__in=[Outcome.NEW, Outcome.SAME])),
            ),
            # One at a time for each source: who asks while one waits gets that one.
            models.UniqueConstraint(
                name="sources_capture_one_waiting",
                fields=["source"],
                condition=Q(outcome=Outcome.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.asked_at:%Y-%m-%d %H:%M}: {self.get_outcome_display()}"

    @property
    def warc_path(self) -> str:
        """Where its WARC file lies in the archive's storage."""
        return f"warc/{str(self.key)[:2]}/{self.key}.warc.gz"

    @property
    def warc(self) -> bytes:
        """Its WARC file. Raises store.Missing and store.Damaged."""
        return store.read_file(self.warc_path, self.warc_sha256)

    @property
    def content(self) -> bytes:
        """The bytes as they came, decoded as HTTP says. Raises store.Missing and store.Damaged."""
        return store.read(self.sha256)

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are in the archive."""
        return bool(self.sha256)

    def carry_out(self, *, last: bool = False) -> str:
        """Visit the address, keep what comes, and end with an outcome, which is returned.

        One that has ended stays as it is. Raises what may be different at another time: jobs.retries.Later
        when it is not this one's turn at the host yet, and NotFetched, unless this is the `last` attempt.
        """
        from ..archiving import capture  # which imports the models
        from ..fetching import NotFetched, Refused

        if self.ended_at is not None:
            return self.outcome
        try:
            exchange = capture.visit(self.url, by=str(self.key))
        except Refused as refusal:
            self._end(Outcome.REFUSED, reason=str(refusal))
        except NotFetched as failure:
            if not (last or failure.final):
                raise
            self.give_up(str(failure))
        else:
            self._keep(exchange, capture.read(exchange, self.source))
        return self.outcome

    def give_up(self, reason: str) -> bool:
        """End it without anything kept; returns whether it had not ended yet."""
        return self._end(Outcome.FAILED, reason=reason)

    @transaction.atomic
    def _keep(self, exchange: Exchange, found: Found) -> None:
        """Keep the bytes and the exchange, and the text as an edition if it is a new one: all, or nothing."""
        from ..archiving import warc
        from ..importing import keep_edition

        if not self._is_ours_to_end():
            return
        held, extracted = self.source.snapshots.light().order_by("edition"), found.extracted
        sha256 = store.keep(exchange.body)
        # The same bytes are the same text, also where it could be taken from them in another way by now.
        snapshot = found.snapshot or held.filter(sha256=sha256).first()
        if snapshot is None and extracted is not None:
            snapshot = held.filter(text_sha256=store.digest(extracted.text.encode())).first()
        outcome = Outcome.SAME if snapshot else Outcome.UNREADABLE
        if snapshot is None and extracted is not None:
            outcome = Outcome.NEW
            snapshot = keep_edition(self.source, exchange.body, extracted, at=exchange.started_at)
            if snapshot.edition > 1:
                Relocation.objects.look_for(snapshot)
        # What the public sees (`public_copies`): an edition whose very bytes came from the address.
        earlier = type(self).objects.filter(snapshot=snapshot, sha256=sha256)
        appears = snapshot and snapshot.sha256 == sha256 and not earlier.exists()
        written = warc.write(exchange, snapshot.text if snapshot else None)
        self.warc_sha256, self.warc_size = store.put_file(self.warc_path, written), len(written)
        self._save_end(
            outcome, reason="" if outcome == Outcome.SAME else found.reason, snapshot=snapshot,
            sha256=sha256, size=len(exchange.body), final_url=exchange.final_url[:2000],
            status=exchange.status, media_type=exchange.media_type[:100], proposed=found.proposed,
        )  # fmt: skip
        if appears:
            self.source.touch()

    @transaction.atomic
    def _end(self, outcome: str, *, reason: str) -> bool:
        """End it with nothing kept: not even what an attempt that was broken off has left behind."""
        if not self._is_ours_to_end():
            return False
        store.storage().delete(self.warc_path)
        self._save_end(outcome, reason=reason)
        return True

    def _is_ours_to_end(self) -> bool:
        """Lock the source, then the row: whether it has not ended meanwhile. Otherwise take over how."""
        # The source first, as whoever publishes it does, and asks for its capture then.
        self.source = Source.objects.select_for_update().get(pk=self.source_id)
        self.refresh_from_db(
            fields=["ended_at", "outcome", "reason"],
            from_queryset=type(self).objects.select_for_update(),
        )
        return self.ended_at is None

    def _save_end(self, outcome: str, **fields: Any) -> None:
        self.outcome, self.ended_at = outcome, timezone.now()
        for name, value in fields.items():
            setattr(self, name, value)
        self.save()


class Host(models.Model):
    """A server that sources are fetched from: asked by one process at a time, and not too often."""

    name = models.CharField(
        primary_key=True, max_length=260, help_text="scheme://host:port, in lower case."
    )
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)
    next_at = models.DateTimeField(default=timezone.now, help_text="When it may be asked again.")
    robots = models.TextField(blank=True, help_text="Its robots.txt, as far as it was read.")
    robots_status = models.PositiveSmallIntegerField(null=True, blank=True)
    robots_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
