"""Ways to ask for what is published or a draft."""

from __future__ import annotations

from typing import Any, Self

from django.db import models


class PublishableQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Only what the public may see."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        """Only what the desk alone may see."""
        return self.filter(published_at__isnull=True)
