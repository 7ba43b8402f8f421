from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from sources.models import Publishable

from ..querysets import AnnotationQuerySet


class Annotation(Publishable):
    """What a researcher attaches to a claim: public from `Claim.publish` on, a draft until then."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: Any = AnnotationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; where the row is public, the claim that it belongs to has changed for the public too."""
        super().save(*args, **kwargs)
        if self.is_published:
            self.claim.touch()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public row's claim has then changed for the public."""
        if self.is_published:
            self.claim.touch()
        return super().delete(*args, **kwargs)
