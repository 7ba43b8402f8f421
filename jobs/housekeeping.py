"""What every worker does beside its jobs: take back those of the dead, and begin what is due by the clock."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus

from .models import Job, ScheduledRun, Worker, WorkerLost

logger = logging.getLogger("jobs")


def reap() -> int:
    """End the attempts of workers that beat no more; returns how many. The jobs are tried again, or have
    failed when they had all their attempts."""
    # In this order: a worker beats before it takes a job, so one that is missing from the second is dead.
    running = list(Job.objects.running())
    alive = set(Worker.objects.alive().values_list("pk", flat=True)) if running else set()
    reaped = 0
    for seen in running:
        if seen.worker_ids[-1] in alive:
            continue
        with transaction.atomic():
            job = Job.objects.of(seen)
            # It may have been cut off for a while only, and beat again.
            if job is None or Worker.objects.alive().filter(pk=job.worker_ids[-1]).exists():
                continue
            job.fail(WorkerLost("The worker ended, or was cut off, before the job did."))
        logger.warning("%s (%s) was taken back from a dead worker: %s", job, job.pk, job.status)
        reaped += 1
    return reaped


def look_out() -> None:
    """Call each function of JOBS_WATCHES: a short look whether there is something to enqueue."""
    for path in settings.JOBS_WATCHES:
        import_string(path)()


def latest_due(at: str, now: dt.datetime) -> dt.datetime:
    """The last time that the clock (UTC) showed `at`, HH:MM."""
    hour, minute = map(int, at.split(":"))
    due = now.astimezone(dt.UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return due if due <= now else due - dt.timedelta(days=1)


def enqueue_due() -> int:
    """Enqueue each task of JOBS_DAILY whose time has come since it was last enqueued; returns how many.

    A day on which no worker ran is not made up for; what was due last is.
    """
    begun = 0
    for path, at in settings.JOBS_DAILY.items():
        run: dict[str, Any] = {"task_path": path, "due_at": latest_due(at, timezone.now())}
        if ScheduledRun.objects.filter(**run).exists():
            continue
        with transaction.atomic():
            # The unique constraint lets one worker through; its job is there if and only if the row is.
            _, first = ScheduledRun.objects.get_or_create(**run)
            if first:
                import_string(path).enqueue()
                begun += 1
    return begun


def prune(now: dt.datetime | None = None) -> dict[str, int]:
    """Delete what nobody will ask for: jobs that are done after a week, failed ones after 90 days."""
    now = now or timezone.now()

    def before(days: int) -> dt.datetime:
        return now - dt.timedelta(days=days)

    done = Job.objects.filter(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=before(7))
    failed = Job.objects.filter(status=TaskResultStatus.FAILED, finished_at__lt=before(90))
    counts = {"done": done.count(), "failed": failed.count()}
    done.delete()
    failed.delete()
    Worker.objects.filter(beat_at__lt=before(1)).delete()
    ScheduledRun.objects.filter(due_at__lt=before(30)).delete()
    return counts
