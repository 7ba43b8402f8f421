from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from sources.fields import LineField, ProseField
from sources.models import Passage

from ..querysets import NoteQuerySet

# As Django allows them in user names; what follows the name of a sentence is no part of it.
MENTION = re.compile(r"(?<![\w@])@([\w.@+-]+)")


class Note(models.Model):
    """What somebody at the desk has to say to the others: never public, never changed.

    Of a claim, it is a note; of a verdict, a word of the review; of a passage, what stands there that is
    no claim, rebuttal or evidence yet (so do annotations come in from other programs).
    """

    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.CASCADE, null=True, blank=True, related_name="notes"
    )
    verdict = models.ForeignKey(
        "claims.Verdict", on_delete=models.CASCADE, null=True, blank=True, related_name="notes"
    )
    passage = models.ForeignKey(
        Passage, on_delete=models.PROTECT, null=True, blank=True, related_name="notes"
    )
    body = ProseField(help_text="For the desk alone. @name tells a colleague.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes_written"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL, editable=False, related_name="notes_mentioning"
    )
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="notes_done",
    )
    # Of an annotation that was made elsewhere and imported.
    iri = LineField(
        "id elsewhere", max_length=500, blank=True, editable=False, help_text="Its IRI there."
    )
    creator = LineField(
        max_length=200, blank=True, editable=False, help_text="Who wrote it there, as that says."
    )
    imported = models.JSONField(
        null=True, editable=False, help_text="The Web Annotation as it came in."
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="claims_note_on_one_thing",
                condition=Q(claim__isnull=False, verdict__isnull=True, passage__isnull=True)
                | Q(claim__isnull=True, verdict__isnull=False, passage__isnull=True)
                | Q(claim__isnull=True, verdict__isnull=True, passage__isnull=False),
                violation_error_message="A note is on a claim, on a verdict or on a passage.",
            ),
            models.CheckConstraint(name="claims_note_says_something", condition=~Q(body="")),
            models.CheckConstraint(
                name="claims_note_done_when_and_by_whom",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="claims_note_imported_once", fields=["passage", "iri"], condition=~Q(iri="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:80]}{'…' if len(self.body) > 80 else ''}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new note and tell the people whom it names. Raises ValidationError for an old one:
        what was said stays said; `finish` alone marks it done."""
        if not self._state.adding:
            raise ValidationError("A note is not changed: write another.")
        super().save(*args, **kwargs)
        self.mentions.set(self.named())

    def get_absolute_url(self) -> str:
        """Where the desk reads it, in its conversation."""
        if self.passage is not None:
            address = reverse("admin:annotate", args=[self.passage.snapshot_id])
            return f"{address}#{self.passage.anchor}"
        if self.verdict_id is not None:
            return reverse("admin:claims_verdict_change", args=[self.verdict_id]) + "#notes"
        return reverse("admin:claims_claim_change", args=[self.claim_id]) + "#notes"

    @classmethod
    def write(cls, *, on: Any, body: str, by: Any) -> Note:
        """Write a note on a Claim, a Verdict or a Passage in the name of `by`, and return it.

        `by` needs claims.add_note (PermissionDenied). Raises ValidationError where it says nothing.
        """
        if not by.has_perm("claims.add_note"):
            raise PermissionDenied("Notes are for who writes them.")
        note = cls(**{on._meta.model_name: on}, body=body, author=by)
        note.full_clean()
        note.save()
        return note

    def mentioned(self) -> list[str]:
        """What stands behind an @ in its words, each once, whether or not anybody is called so."""
        # The end of a sentence is no part of a name.
        names = (name.rstrip(".@") for name in MENTION.findall(self.body))
        return list(dict.fromkeys(filter(None, names)))

    def named(self) -> list[Any]:
        """The users whom its words name with @, of those who may sign in to the desk."""
        people = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
        return list(people.filter(username__in=self.mentioned()))

    def names_of_nobody(self) -> list[str]:
        """What it names with @ that nobody at the desk is called, in the order of the words."""
        known = {person.get_username() for person in self.named()}
        return [name for name in self.mentioned() if name not in known]

    def deletable_by(self, user: Any) -> bool:
        """Whether `user` may take it back: its author, or an editor."""
        return bool(user.pk == self.author_id or user.has_perm("claims.publish_claim"))

    def finish(self, *, by: Any, done: bool = True) -> None:
        """Mark it done (or, with `done=False`, open again). `by` needs claims.add_note."""
        if not by.has_perm("claims.add_note"):
            raise PermissionDenied("Notes are for who writes them.")
        self.done_at, self.done_by = (timezone.now(), by) if done else (None, None)
        type(self).objects.filter(pk=self.pk).update(done_at=self.done_at, done_by=self.done_by)
