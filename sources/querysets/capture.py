"""Ways to ask for visits to the addresses of sources."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q

from jobs.models import Job

if TYPE_CHECKING:
    from ..models import Capture, Source


class CaptureQuerySet(models.QuerySet[Any]):
    def kept(self) -> Self:
        """Those whose bytes are in the archive."""
        return self.exclude(sha256="")

    def of_its_bytes(self) -> Self:
        """Those that found the very bytes of their edition, the first of them first: its WARC file is that
        edition's, while others of the same text are copies of other bytes."""
        return self.filter(sha256=F("snapshot__sha256")).order_by("ended_at", "pk")

    def waiting(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def want(
        self, sources: models.QuerySet[Any], *, since: dt.datetime, tried: dt.datetime | None = None
    ) -> models.QuerySet[Any]:
        """Those of `sources` that have an address of which nothing was kept since then, and nothing waits;
        with `tried`, but for those that it was tried with since that time."""
        ours = self.filter(source=OuterRef("pk"))
        lately = Q(ended_at__gte=since) & ~Q(sha256="") | Q(ended_at__isnull=True)
        if tried is not None:
            lately |= Q(ended_at__gte=tried)
        return sources.exclude(url="").exclude(Exists(ours.filter(lately))).order_by("pk")

    @transaction.atomic
    def ask(self, source: Source, *, occasion: str, by: Any = None, url: str = "") -> Capture:
        """Have the address of `source` (or another, `url`) archived: return the Capture that waits for it,
        which is the one that waits already if there is one.

        `by` needs sources.archive_source for what somebody asks for at the desk (PermissionDenied). Raises
        ValidationError for a source without an address.
        """
        from ..tasks import archive  # which imports the models

        if occasion == "desk" and not by.has_perm("sources.archive_source"):
            raise PermissionDenied("You may not have sources archived.")
        if not (url or source.url):
            raise ValidationError("It has no address that it could be fetched from.")
        self.filter(source=source).end_lost()
        capture: Capture
        capture, is_new = self.get_or_create(
            source=source,
            outcome="waiting",
            defaults={"url": url or source.url, "occasion": occasion, "asked_by": by},
        )
        if is_new:
            archive.enqueue(capture.pk)
        return capture

    def end_lost(self) -> int:
        """End those whose job has failed without ending them, as when it was the end of each worker that
        took it up. Returns how many."""
        from ..tasks import archive

        at_work = Job.objects.unfinished(archive)
        lost = [row for row in self.waiting() if not at_work.filter(args_kwargs__args=[row.pk])]
        return sum(row.give_up("The work on it was broken off each time.") for row in lost)
