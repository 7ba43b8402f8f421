from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..constraints import one_of
from ..querysets import CaptureQuerySet
from .snapshot import Snapshot
from .source import Source


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
