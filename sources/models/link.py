from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..constraints import one_of
from ..querysets import LinkQuerySet
from .source import Source


class LinkState(models.TextChoices):
    UNCHECKED = "unchecked", _("not checked yet")
    OK = "ok", _("answers as archived")
    MOVED = "moved", _("has moved")
    CHANGED = "changed", _("answers with another text")
    GONE = "gone", _("gone")


class Link(models.Model):
    """What became of the address of a Source, when it was last looked at.

    Apart from the Source, so that looking edits nothing. A row is of the address that it names: another
    address of the Source begins anew.
    """

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="link")
    url = models.URLField(max_length=1000)
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.UNCHECKED)
    since = models.DateTimeField(default=timezone.now, help_text="When it came to be so.")
    checked_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now, help_text="When to look again.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status.")
    moved_to = models.URLField(max_length=2000, blank=True)
    reason = models.TextField(blank=True, help_text="What was amiss, in a sentence.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="When the first of these was."
    )

    objects: ClassVar[Any] = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["source"]
        verbose_name_plural = "health of sources"
        default_permissions = ("view",)
        constraints = [
            one_of("state", LinkState, name="sources_link_state_known"),
            models.CheckConstraint(
                name="sources_link_failing_since_the_first_failure",
                condition=Q(failures=0, failing_since__isnull=True)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
            models.CheckConstraint(
                name="sources_link_moved_somewhere",
                condition=~Q(state=LinkState.MOVED) | ~Q(moved_to=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.get_state_display()}"
