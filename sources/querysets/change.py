"""Ways to note, and to ask for, what changed for the public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.db import models


class ChangeQuerySet(models.QuerySet[Any]):
    def note(
        self,
        resource: str,
        keys: Iterable[str],
        kind: str,
        *,
        version: int | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Write down that the rows `keys` (slugs) of `resource` have changed for the public, at the time
        `at` (UTC; now), in the transaction in which they do."""
        when = {"at": at} if at else {}
        self.bulk_create(
            self.model(resource=resource, key=key, kind=kind, version=version, **when)
            for key in keys
        )

    def unnumbered(self) -> Self:
        """Those without a place in the feed yet, in the order in which they were written."""
        return self.filter(position__isnull=True).order_by("pk")

    def numbered(self) -> Self:
        """The feed."""
        return self.filter(position__isnull=False).order_by("position")
