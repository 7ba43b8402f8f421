"""Ways to ask for the addresses of sources, and how they are."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F

from jobs.models import Job


class LinkQuerySet(models.QuerySet[Any]):
    def due(self, at: dt.datetime) -> Self:
        """Those to look at by the time `at`, the longest overdue first."""
        return self.filter(next_at__lte=at).order_by("next_at", "pk")

    def failing(self) -> Self:
        """Those that failed when last looked at, which may pass."""
        return self.filter(failures__gt=0).exclude(state="gone")

    @transaction.atomic
    def follow(self, sources: models.QuerySet[Any]) -> int:
        """Bring the rows of `sources` in line with the addresses that these have now: of each address a row,
        begun anew where the address is another. Returns how many have begun."""
        ours = self.filter(source__in=sources.order_by().values("pk"))
        ours.filter(source__url="").delete()
        others = ours.exclude(url=F("source__url")).select_related("source").select_for_update()
        for row in others:
            # The row stays that somebody may be looking at.
            self.model(pk=row.pk, source=row.source, url=row.source.url).save(force_update=True)
        new = sources.exclude(url="").filter(link__isnull=True).order_by("pk")
        rows = [self.model(source_id=pk, url=url) for pk, url in new.values_list("pk", "url")]
        # Somebody else may begin the same in this moment.
        return len(others) + len(self.bulk_create(rows, batch_size=500, ignore_conflicts=True))

    def ask(self) -> int:
        """Have each of these looked at by a job of its own, unless one waits to do that. Returns how many."""
        from ..tasks import check_link  # which imports the models

        waiting = set(
            map(
                tuple,
                Job.objects.unfinished(check_link).values_list("args_kwargs__args", flat=True),
            )
        )
        jobs = [(row.pk, row.next_at.isoformat()) for row in self]
        return Job.objects.enqueue_many(check_link, [job for job in jobs if job not in waiting])
