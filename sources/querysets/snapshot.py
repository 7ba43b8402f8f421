"""Ways to ask for, and to keep, the editions of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Max

from .. import store

if TYPE_CHECKING:
    from ..models import Snapshot, Source


class SnapshotQuerySet(models.QuerySet[Any]):
    def light(self) -> Self:
        """Without the text, which only an import and a transcript page read."""
        return self.defer("text")

    def keep(self, source: Source, data: bytes, *, text: str, **fields: Any) -> Snapshot:
        """Return the next edition of `source`, created: `data` in the archive, and the `text` taken from
        them; `fields` are media_type and retrieved_at.

        Locks the source, which makes editions count up one by one. Raises IntegrityError where the source
        has these bytes already.
        """
        rows = type(source)._default_manager.select_for_update()
        rows.get(pk=source.pk)
        latest = self.filter(source=source).aggregate(latest=Max("edition"))["latest"] or 0
        snapshot: Snapshot = self.create(
            source=source, edition=latest + 1, sha256=store.keep(data), text=text, **fields
        )
        return snapshot
