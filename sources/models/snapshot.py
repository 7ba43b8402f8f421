from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from .. import store
from ..label_shapes import QUESTION_WORDS
from ..querysets import SnapshotQuerySet
from .source import Source
from .speaker import Speaker, SpeakerName


class Snapshot(models.Model):
    """The bytes of a Source as retrieved once, and the text taken from them: edition n of the Source.

    Immutable: triggers (migration 0002) refuse UPDATE and DELETE, so that an offset into `text` holds
    for good. Another text is another edition. The bytes lie in the archive (`sources.store`) under their
    digest; `objects.keep` puts them there.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="snapshots")
    edition = models.PositiveIntegerField(help_text="1 for the first retrieval, then 2, 3, …")
    sha256 = models.CharField(
        "SHA-256", max_length=64, help_text="Of the bytes, in lower-case hexadecimal."
    )
    media_type = models.CharField(max_length=100, default="text/plain")
    text = models.TextField(
        help_text="The text taken from the bytes; offsets of turns and passages are code points of it."
    )
    text_sha256 = models.CharField(
        "SHA-256 of the text",
        max_length=64,
        editable=False,
        help_text="Of the text in UTF-8, in lower-case hexadecimal.",
    )
    retrieved_at = models.DateTimeField(default=timezone.now)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["source", "-edition"]
        # An import asks first whether it holds these bytes already, under whatever source.
        indexes = [models.Index(name="sources_snapshot_by_bytes", fields=["sha256"])]
        constraints = [
            models.UniqueConstraint(
                name="sources_snapshot_edition_once", fields=["source", "edition"]
            ),
            models.UniqueConstraint(
                name="sources_snapshot_bytes_once", fields=["source", "sha256"]
            ),
            models.CheckConstraint(
                name="sources_snapshot_edition_from_1", condition=Q(edition__gte=1)
            ),
            models.CheckConstraint(
                name="sources_snapshot_sha256_form", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="sources_snapshot_text_sha256_form",
                condition=Q(text_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(name="sources_snapshot_text_not_empty", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.source}, edition {self.edition}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new one, with the digest of its text."""
        self.text_sha256 = self.text_sha256 or store.digest(self.text.encode())
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"{self.source.get_transcript_url()}?edition={self.edition}"

    @property
    def content(self) -> bytes:
        """The bytes as retrieved. Raises store.Missing and store.Damaged."""
        return store.read(self.sha256)

    @transaction.atomic
    def resolve_labels(self, *, by: Any) -> int:
        """Give each turn whose speaker is unknown the one Speaker that bears its label, if there is one.

        For labels that were added to a Speaker after the import. `by` needs sources.change_turn, and of
        a public Source the rights of an editor (PermissionDenied). Returns the number of turns resolved.
        """
        self._refuse_who_may_not_name(by)
        turns = list(self.turns.filter(speaker__isnull=True))
        bearers = SpeakerName.objects.resolve({turn.label for turn in turns})
        resolved = [turn for turn in turns if turn.label in bearers]
        for turn in resolved:
            turn.speaker_id = bearers[turn.label]
            turn._history_user = by  # type: ignore[attr-defined]  # read by simple_history
            turn.save()
        return len(resolved)

    @transaction.atomic
    def name_label(self, label: str, *, speaker: Speaker, by: Any, remember: bool = True) -> int:
        """Say that `speaker` speaks in each turn that is printed under `label` and names nobody yet;
        with `remember`, also that the label is one of the speaker's, for other transcripts.

        `by` needs sources.change_turn, of a public Source the rights of an editor, and likewise of a
        public Speaker where the label is to be remembered (PermissionDenied). Returns the number of
        turns. Raises ValidationError for a label that anybody may bear, such as QUESTION.
        """
        self._refuse_who_may_not_name(by)
        if label.casefold() in QUESTION_WORDS:
            raise ValidationError("Anybody who asks is printed so: name the speaker turn by turn.")
        if remember and not speaker.names.filter(name=label).exists():
            if not (by.has_perm("sources.add_speakername") and speaker.editable_by(by)):
                raise PermissionDenied(
                    f"{speaker} is public: what else the speaker is printed as is for an editor to say. "
                    "Leave the box empty to name the speaker in this transcript alone."
                )
            name = SpeakerName(speaker=speaker, name=label)
            name.full_clean()
            name._history_user = by  # type: ignore[attr-defined]  # read by simple_history
            name.save()
        turns = list(self.turns.select_for_update().filter(speaker__isnull=True, label=label))
        for turn in turns:
            turn.speaker = speaker
            turn._history_user = by  # type: ignore[attr-defined]
            turn.save()
        return len(turns)

    def _refuse_who_may_not_name(self, by: Any) -> None:
        if not (by.has_perm("sources.change_turn") and self.source.editable_by(by)):
            raise PermissionDenied("Who speaks in a public transcript is for an editor to say.")
