"""A job, its failed attempts, the processes that work, and what has been begun by the clock."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from traceback import format_exception
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet, get_date_max

from .naming import Name, name_of
from .retries import USUAL, Final, Retries, retries_of

# A worker beats every BEAT seconds, also during a job. One that has not for DEAD_AFTER is taken for dead.
BEAT = 5.0
DEAD_AFTER = 60.0


class WorkerLost(Exception):
    """What is noted of an attempt whose worker was killed, or is cut off from the database."""


class JobQuerySet(DBTaskResultQuerySet):
    def enqueue_many(self, task: Any, arguments: Iterable[Sequence[Any]]) -> int:
        """Enqueue `task` once for each list of arguments, in few statements; returns how often."""
        jobs = [
            self.model(
                args_kwargs=normalize_json({"args": list(args), "kwargs": {}}),
                priority=task.priority,
                task_path=task.module_path,
                queue_name=task.queue_name,
                run_after=task.run_after or get_date_max(),
                backend_name=task.backend,
            )
            for args in arguments
        ]
        return len(self.bulk_create(jobs, batch_size=500))

    def unfinished(self, task: Any) -> JobQuerySet:
        """The jobs of `task` that wait or run."""
        states = [TaskResultStatus.READY, TaskResultStatus.RUNNING]
        return self.filter(task_path=task.module_path, status__in=states)

    def of(self, attempt: DBTaskResult) -> Job | None:
        """The job of `attempt`, locked; None when that attempt is no longer the job's last, so that nothing
        it says counts any more."""
        rows: Any = self.select_for_update().filter(pk=attempt.pk, status=TaskResultStatus.RUNNING)
        return next((job for job in rows if job.worker_ids == attempt.worker_ids), None)


class Job(DBTaskResult):
    """A call of a function, to be made by a worker: the row of django-tasks-db, under our name.

    `worker_ids` are the workers that attempted it, one for each attempt, and so the fence: who wants to
    write the end of an attempt must find the list as it was at its beginning.
    """

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        proxy = True
        ordering = ["-enqueued_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("retry_job", "Can retry job")]
        verbose_name = "job"
        verbose_name_plural = "jobs"

    def __str__(self) -> str:
        given = [json.dumps(value) for value in self.args_kwargs["args"]]
        given += [f"{key}={json.dumps(value)}" for key, value in self.args_kwargs["kwargs"].items()]
        return f"{self.task_path.rpartition('.')[2]}({', '.join(given)})"

    @property
    def name(self) -> Name:
        """Of its task; what it was given is in `args_kwargs`."""
        try:
            return name_of(self.task)
        except (ImportError, SuspiciousOperation):  # of a version of the site that is gone
            return Name(self.task_path.rpartition(".")[2])

    @property
    def policy(self) -> Retries:
        try:
            return retries_of(self.task)
        except (ImportError, SuspiciousOperation):  # of a version of the site that is gone
            return USUAL

    def succeed(self, value: Any) -> None:
        """Note that the attempt at hand came to its end. The row is locked (`objects.of`)."""
        self.status = TaskResultStatus.SUCCESSFUL
        self.finished_at = timezone.now()
        self.return_value = value
        self.exception_class_path = self.traceback = ""
        self.save()

    def postpone(self, until: dt.datetime) -> None:
        """Note that the job is to be taken up at that time, as if it had not been yet. The row is locked
        (`objects.of`)."""
        self.status = TaskResultStatus.READY
        self.run_after, self.started_at = until, None
        self.worker_ids = self.worker_ids[:-1]
        self.save()

    def fail(self, error: BaseException) -> None:
        """Note that the attempt at hand failed: the job waits for the next one, or has failed for good when
        it had all that its task grants, or the error is `Final`. The row is locked (`objects.of`)."""
        now, made, policy = timezone.now(), len(self.worker_ids), self.policy
        kind, words = (
            f"{type(error).__module__}.{type(error).__qualname__}",
            format_exception(error),
        )
        self.failed_attempts.create(
            number=made,
            worker=self.worker_ids[-1],
            started_at=self.started_at or now,
            ended_at=now,
            error=kind,
            traceback="".join(words),
        )
        if isinstance(error, Final) or made >= policy.attempts:
            self.status = TaskResultStatus.FAILED
            self.finished_at = now
            self.exception_class_path, self.traceback = kind, "".join(words)
        else:
            self.status = TaskResultStatus.READY
            self.run_after = now + policy.wait(made)
        self.save()

    def retry(self, *, by: Any) -> None:
        """Put a failed job back into the queue, with all attempts that its task grants.

        Raises PermissionDenied unless `by` may, ValidationError unless the job has failed.
        """
        if not by.has_perm("jobs.retry_job"):
            raise PermissionDenied("You may not retry jobs.")
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=self.pk)
            if job.status != TaskResultStatus.FAILED:
                raise ValidationError(f"{job} has not failed: there is nothing to retry.")
            job.status = TaskResultStatus.READY
            job.run_after, job.finished_at, job.worker_ids = timezone.now(), None, []
            job.save()


class FailedAttempt(models.Model):
    """An attempt at a job that came to nothing, and why."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="failed_attempts")
    number = models.PositiveIntegerField(help_text="Since the job was enqueued or last retried.")
    worker = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    error = models.CharField(max_length=255)
    traceback = models.TextField()

    class Meta:
        ordering = ["-ended_at", "-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Attempt {self.number}: {self.error.rpartition('.')[2]}"


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        since = timezone.now() - dt.timedelta(seconds=DEAD_AFTER)
        return self.filter(beat_at__gte=since)


class Worker(models.Model):
    """A process that works jobs off, as long as it beats. It takes its row away when it ends in order."""

    id = models.CharField(primary_key=True, max_length=64)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField("process")
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField("last beat", default=timezone.now)

    objects: ClassVar[Any] = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["-beat_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.host}, process {self.pid}"

    @property
    def is_alive(self) -> bool:
        return timezone.now() - self.beat_at <= dt.timedelta(seconds=DEAD_AFTER)


class ScheduledRun(models.Model):
    """That what is due at a time was enqueued: once, however many workers look at the clock."""

    task_path = models.CharField(max_length=255)
    due_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="jobs_scheduled_run_once", fields=["task_path", "due_at"])
        ]

    def __str__(self) -> str:
        return f"{self.task_path}, {self.due_at:%Y-%m-%d %H:%M}"
