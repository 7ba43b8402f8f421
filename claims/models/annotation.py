from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from sources.models import Publishable

from ..querysets import AnnotationQuerySet


class Annotation(Publishable):
    """What a researcher attaches to a claim: public from `Claim.publish` on, a draft until then."""

    HAS_ADDRESS = False

    # The relations that `rests_on` follows.
    RECORD: ClassVar[tuple[str, ...]] = ()

    # Each kind of annotation declares its own `claim`, so that its reverse name reads well.
    claim: models.ForeignKey[Any, Any]
    claim_id: int
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = AnnotationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        abstract = True

    def rests_on(self) -> list[Publishable]:
        """The Sources and Speakers without which the public could not follow this row."""
        return []

    def drafts_below(self) -> list[Publishable]:
        """What it rests on that the public cannot see yet."""
        return [row for row in self.rests_on() if not row.is_published]

    def clean(self) -> None:
        """Refuse to rest what is public on a draft, which it would give away."""
        super().clean()
        if self.is_published and (drafts := self.drafts_below()):
            raise ValidationError(
                f"This is public, but {', '.join(map(str, drafts))} is a draft: leave this row as it is "
                "and add a new one, which is published together with what it rests on."
            )

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; where the row is public, the claim that it belongs to has changed for the public too.

        Raises ValidationError as `clean` does.
        """
        Annotation.clean(self)
        before = type(self)._default_manager.filter(pk=self.pk).exclude(claim=self.claim_id)
        moved_from = before.published().select_related("claim").first() if self.pk else None
        super().save(*args, **kwargs)
        if self.is_published:
            self.claim.touch()
        if moved_from is not None:
            moved_from.claim.touch()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public row's claim has then changed for the public."""
        if self.is_published:
            self.claim.touch()
        return super().delete(*args, **kwargs)
