from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from sources import anchoring
from sources.models import Change, Publishable, Source
from sources.models.change import Kind

from ..querysets import AROUND, AnnotationQuerySet


class Annotation(Publishable):
    """What a researcher attaches to a claim: public from `Claim.publish` on, a draft until then."""

    HAS_ADDRESS = False
    PERMISSION = "claims.publish_claim"

    # The relations that `rests_on` follows.
    RECORD: ClassVar[tuple[str, ...]] = ()

    # Each kind of annotation declares its own `claim`, so that its reverse name reads well.
    claim: models.ForeignKey[Any, Any]
    claim_id: int
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = AnnotationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        abstract = True

    @property
    def words_before(self) -> str:
        """What is said just before the passage, in the same turn. After `objects.with_passage()`."""
        place: Any = self.passage  # type: ignore[attr-defined]
        room = place.start - (place.turn.start if place.turn else 0)
        text = self.text_before[-room:] if room else ""  # type: ignore[attr-defined]
        return anchoring.words_before(text, whole=len(text) < AROUND)

    @property
    def words_after(self) -> str:
        """What is said just after the passage, in the same turn. After `objects.with_passage()`."""
        place: Any = self.passage  # type: ignore[attr-defined]
        room = place.turn.end - place.end if place.turn else AROUND
        text = self.text_after[:room]  # type: ignore[attr-defined]
        return anchoring.words_after(text, whole=len(text) < AROUND)

    def rests_on(self) -> list[Publishable]:
        """The Sources and Speakers without which the public could not follow this row."""
        return []

    def drafts_below(self) -> list[Publishable]:
        """What it rests on that the public cannot see yet, through to the origins of its sources."""
        return [
            row
            for direct in self.rests_on()
            for row in (direct.chain() if isinstance(direct, Source) else [direct])
            if not row.is_published
        ]

    def clean(self) -> None:
        """Refuse to rest what is public on a draft, which it would give away, or to hide it in one."""
        super().clean()
        if self._state.adding and self.claim_id and self.claim.duplicate_of_id is not None:
            raise ValidationError(
                {
                    "claim": "That claim is retired, and nobody would see this: choose the one it leads to."
                }
            )
        if not self.is_published:
            return
        # Asked of the database: the rows at hand may have been read before they were published.
        concerned = [self.claim, *self.rests_on()]
        drafts = [row for row in concerned if type(row).objects.drafts().filter(pk=row.pk).exists()]
        if self.claim in drafts:
            raise ValidationError({"claim": "This is public, and that claim is a draft."})
        if drafts:
            raise ValidationError(
                f"This is public, but {', '.join(map(str, drafts))} is a draft: leave this row as it is "
                "and add a new one, which is published together with what it rests on."
            )

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; where the row is public, the claim that it belongs to has changed for the public too.

        Raises ValidationError as `clean` does.
        """
        claims = self._lock_claims()
        self._keep_publication()
        Annotation.clean(self)
        quoted = self._quoted()
        super().save(*args, **kwargs)
        if self.is_published:
            for claim in claims:
                claim.touch()
            self._note_transcripts(quoted ^ self._quoted())

    def movable_by(self, user: Any) -> bool:
        """Whether `user` may let it quote another edition, as whoever may change it: of what is public, an
        editor."""
        may = user.has_perm(f"{self._meta.app_label}.change_{self._meta.model_name}")
        return bool(may and self.editable_by(user))

    @transaction.atomic
    def move_to(self, relocation: Any, *, by: Any) -> None:
        """Let it quote the place that its passage has in a later edition, by decision or for certain
        (`sources.models.Relocation`), in the name of `by`.

        `by` needs what it takes to change it (PermissionDenied). Raises ValidationError where it quotes
        another passage, and where the passage has no such place.
        """
        row: Any = self  # which quotes: not every kind of annotation does
        row._lock_claims()
        row.refresh_from_db()
        relocation.refresh_from_db(fields=["finding", "decided_at", "counterpart"])
        if not row.movable_by(by):
            raise PermissionDenied("What is public is an editor's to change.")
        if row.passage_id != relocation.passage_id:
            raise ValidationError("It quotes another passage.")
        if relocation.span is None:
            raise ValidationError("Nobody has said yet where these words stand in that edition.")
        start, end = relocation.span
        passages = type(relocation.passage)._default_manager
        row.passage = passages.mark(relocation.snapshot, start=start, end=end)
        row._history_user = by
        row._change_reason = f"Moved to edition {relocation.snapshot.edition}"
        row.full_clean()
        row.save()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public row's claim has then changed for the public."""
        claims = self._lock_claims()
        self._keep_publication()
        if self.is_published:
            for claim in claims:
                claim.touch()
            self._note_transcripts(self._quoted())
        return super().delete(*args, **kwargs)

    def _quoted(self) -> set[tuple[int, str]]:
        """The edition that the row as it is stored lets the public read, with the slug of its source."""
        if not any(field.name == "passage" for field in self._meta.fields):
            return set()
        rows = type(self).objects.published().filter(pk=self.pk, passage__isnull=False)
        return set(rows.values_list("passage__snapshot", "passage__snapshot__source__slug"))

    def _note_transcripts(self, editions: set[tuple[int, str]]) -> None:
        slugs = sorted({slug for _, slug in editions})
        Change.objects.note("transcripts", slugs, Kind.UPDATED)

    def lock_above(self) -> None:
        """Lock what all writers of an annotation lock first (`sources.models.seen.lock`)."""
        self._lock_claims()

    def _lock_claims(self) -> list[Any]:
        """Lock the claim that it belongs to, and the one that it is moved away from: the lock that
        publication takes first, too."""
        stored = type(self)._default_manager.filter(pk=self.pk).values("claim")
        claims = type(self)._meta.get_field("claim").related_model._default_manager
        concerned = claims.filter(Q(pk=self.claim_id) | Q(pk__in=stored)).order_by("pk")
        return list(concerned.select_for_update())
