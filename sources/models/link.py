from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import link_health, store
from ..constraints import one_of
from ..querysets import LinkQuerySet
from .capture import Capture, Occasion
from .source import Source

if TYPE_CHECKING:
    from ..archiving.capture import Found
    from ..fetching import Exchange


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
        verbose_name_plural = "addresses of sources"
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

    @property
    def is_failing(self) -> bool:
        """Whether the last looks failed, which may pass."""
        return bool(self.failures)

    def look(self) -> str:
        """Fetch the address, politely, and note what comes of it; return the state in words.

        Raises jobs.retries.Later when it is not our turn at the host yet; what fails is noted, not raised.
        """
        from ..archiving import capture  # which imports the models
        from ..fetching import NotFetched, Refused

        try:
            exchange = capture.visit(self.url, by=f"link {self.pk}")
        except Refused as refusal:
            look = link_health.Look(link_health.Found.NOT_LET_IN, reason=str(refusal))
        except NotFetched as failure:
            look = link_health.unanswered(failure)
        else:
            found = capture.read(exchange, self.source)
            look = link_health.answered(exchange, other_text=self._is_other(exchange, found))
        self.note(look)
        return (
            f"{self.get_state_display()}. {self.reason}"
            if self.reason
            else self.get_state_display()
        )

    def _is_other(self, exchange: Exchange, found: Found) -> bool:
        """Whether the answer has another text than any edition held. A text that was never captured, but
        handed in as a file, was taken by other means: nothing can be said against it."""
        captured = Capture.objects.kept().filter(source=self.source_id)
        sha256 = store.digest(exchange.body)
        if found.extracted is None:
            # Without text, the bytes are all there is.
            digests = list(captured.filter(snapshot__isnull=True).values_list("sha256", flat=True))
            return bool(digests) and sha256 not in digests
        if not captured.filter(snapshot__isnull=False).exists():
            return False
        same = Q(sha256=sha256) | Q(text_sha256=store.digest(found.extracted.text.encode()))
        return not self.source.snapshots.filter(same).exists()

    @transaction.atomic
    def note(self, look: link_health.Look, *, at: dt.datetime | None = None) -> bool:
        """Record what came of looking at the time `at` (UTC; now if left out): `link_health.after` says what
        it means. Another state or another new address of a public Source is told by the change feed, and of
        another text a capture is asked for. Returns whether it is recorded: nothing is where the Source has
        got another address meanwhile.
        """
        at = at or timezone.now()
        # The source first, as a capture locks them.
        source = Source.objects.select_for_update().get(pk=self.source_id)
        stored = type(self).objects.select_for_update().filter(pk=self.pk, url=source.url).first()
        if stored is None or stored.url != self.url:
            return False
        names = [field.name for field in fields(link_health.Health)]
        before = link_health.Health(**{name: getattr(stored, name) for name in names})
        now = link_health.after(before, look, at=at)
        for name, value in asdict(now).items():
            setattr(self, name, value)
        self.save(update_fields=names)
        if (now.state, now.moved_to) != (before.state, before.moved_to):
            source.touch()
        if look.found is link_health.Found.OTHER_TEXT:
            Capture.objects.ask(source, occasion=Occasion.LINK)
        return True

    @transaction.atomic
    def take_over(self, *, by: Any) -> None:
        """Let the Source have the address that this one has moved to, as an edit in the name of `by`.

        `by` needs sources.change_source, of a public Source the rights of an editor (PermissionDenied).
        Raises ValidationError where it has not moved, where the Source has another address by now, and
        where the new one is longer than a Source's can be.
        """
        source = Source.objects.select_for_update().get(pk=self.source_id)
        if not (by.has_perm("sources.change_source") and source.editable_by(by)):
            raise PermissionDenied("The address of a public source is an editor's to change.")
        if not self.moved_to or source.url != self.url:
            raise ValidationError("There is no new address to take over.")
        source.url = self.moved_to
        source.full_clean()
        source._history_user = by
        source._change_reason = f"Took over the address that {self.url} leads to"[:100]
        source.save()

    def look_again(self, *, by: Any) -> bool:
        """Have it looked at soon. `by` needs sources.archive_source (PermissionDenied). Returns whether a
        look is asked for that was not waiting already."""
        if not by.has_perm("sources.archive_source"):
            raise PermissionDenied("You may not have addresses looked at.")
        return bool(type(self).objects.filter(pk=self.pk).ask())
