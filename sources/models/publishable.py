from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..querysets import PublishableQuerySet
from .change import Change, Kind


def may_edit(user: Any, row: Any) -> bool:
    """Whether the model lets `user` change `row`; a model without the question asks for no more than
    Django's permissions."""
    return not hasattr(row, "editable_by") or row.editable_by(user)


class Publishable(models.Model):
    """A row that the public sees from `published_at` on, and not before.

    Publication is one-way: what readers may have cited is corrected or withdrawn in the open,
    never hidden again.
    """

    published_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text="When the public could first see this. Empty: a draft, seen by the desk alone.",
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    # What it takes to change a row that is public.
    PERMISSION: ClassVar[str] = "sources.publish_source"

    # Whether the public finds it under an address of its own, its `slug`.
    HAS_ADDRESS: ClassVar[bool] = True
    slug: Any

    # The resource of the API that the change feed tells of when it changes; empty for what is told of as
    # a part of another.
    RESOURCE: ClassVar[str] = ""

    # The column that, while it is set, hides what is published.
    HIDDEN_BY: ClassVar[str] = ""

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_published_when_and_by_whom",
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                violation_error_message="Publication is recorded with both its time and its editor.",
            ),
        ]

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a copy that was read before publication does not take it back.

        Raises ValidationError where a public row would get another address.
        """
        was_public = self._keep_publication()
        super().save(*args, **kwargs)
        visible = kwargs.get("update_fields") is None  # else a remark for the history
        if self.RESOURCE and visible and (was_public or self.is_public):
            self._note(was_public)

    def touch(self) -> None:
        """Let the change feed tell of the row, if it is public, where something changed that is not saved
        with it."""
        if self.RESOURCE and self.is_public:
            self._note(was_public=True)

    def _note(self, was_public: bool) -> None:
        """Let the change feed tell what has just been saved."""
        kind = Kind.UPDATED if was_public else Kind.PUBLISHED
        Change.objects.note(self.RESOURCE, [self.slug], kind if self.is_public else Kind.RETIRED)

    def _keep_publication(self) -> bool:
        """Lock the row, and take over from it what publication has fixed meanwhile. Returns whether the
        public sees what is stored."""
        if self._state.adding:
            return False
        names = ["published_at", "published_by", *(["slug"] if self.HAS_ADDRESS else [])]
        names += [self.HIDDEN_BY] if self.HIDDEN_BY else []
        rows = type(self)._default_manager.select_for_update().filter(pk=self.pk)
        stored = rows.values(*names).first()
        if stored and stored["published_at"] is not None:
            if self.published_at is None:
                self.published_at = stored["published_at"]
                self.published_by_id = stored["published_by"]
            if self.HAS_ADDRESS and self.slug != stored["slug"]:
                raise ValidationError({"slug": "It is public: its address stays for good."})
            return not (self.HIDDEN_BY and stored[self.HIDDEN_BY])
        return False

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_public(self) -> bool:
        """Whether readers find it: published, and not hidden since."""
        return self.is_published and not (self.HIDDEN_BY and getattr(self, self.HIDDEN_BY))

    def editable_by(self, user: Any) -> bool:
        """Whether `user` may change this row: anybody at the desk a draft, an editor what is public."""
        return not self.is_published or user.has_perm(self.PERMISSION)

    def deletable_by(self, user: Any) -> bool:
        """Whether `user` may delete this row: what has a public address keeps it."""
        return self.editable_by(user) and not (self.is_published and self.HAS_ADDRESS)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete. Raises ProtectedError for what has a public address: somebody may have cited it."""
        if self.is_published and self.HAS_ADDRESS:
            raise models.ProtectedError(f"“{self}” is public: its address stays.", {self})
        return super().delete(*args, **kwargs)

    @transaction.atomic
    def publish(self, *, by: Any, at: dt.datetime | None = None) -> bool:
        """Publish the row as it is stored, in the name of `by`, at the time `at` (UTC; now if left out).

        Returns whether anything changed: a published row stays as it is. Who may publish is for the
        caller to decide: the record becomes public because something public rests on it.
        """
        # Locked and read anew, or saving would undo what somebody else has just saved.
        self.refresh_from_db(from_queryset=type(self)._default_manager.select_for_update())
        if self.is_published:
            return False
        self.published_at = at or timezone.now()
        self.published_by = by
        self._history_user = by
        self.save()
        return True
