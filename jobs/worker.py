"""A process that works jobs off: the loop of django-tasks-db, with a heart, and with an end that counts only
while the attempt does."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from types import TracebackType
from typing import Any, cast

from django.db import close_old_connections, connections, transaction
from django.db.utils import Error as DatabaseTrouble
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks.base import TaskContext
from django_tasks.utils import normalize_json
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from . import housekeeping, models
from .models import Job
from .retries import Later

logger = logging.getLogger("jobs")


class Heart:
    """Beats for a worker, from before its first job to after its last: a thread, so that it goes on during a
    long one. Between beats it does the housekeeping."""

    def __init__(self, worker_id: str, *, parent: int | None = None) -> None:
        self.worker_id = worker_id
        self.parent = parent
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.go_on, name="heart", daemon=True)

    def beat(self) -> None:
        models.Worker.objects.update_or_create(
            pk=self.worker_id,
            defaults={
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "beat_at": timezone.now(),
            },
        )

    def keep_house(self) -> None:
        for what in (housekeeping.reap, housekeeping.enqueue_due, housekeeping.look_out):
            try:
                what()
            except Exception:  # of one, which is no reason for leaving the others out
                logger.exception("Worker %s could not %s.", self.worker_id, what.__name__)

    def go_on(self) -> None:
        while not self.ended.wait(models.BEAT):
            try:
                self.beat()
                self.keep_house()
            except Exception:  # whatever it is, a heart that stops would cost the job at hand
                logger.exception(
                    "A beat of worker %s failed; the next one may not.", self.worker_id
                )
            finally:
                close_old_connections()
            if self.parent not in (None, os.getppid()):
                os.kill(os.getpid(), signal.SIGTERM)  # as if told to: the job at hand is finished
                break
        connections.close_all()  # those of this thread

    def __enter__(self) -> Heart:
        self.beat()
        self.keep_house()
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.thread.join()
        try:
            close_old_connections()
            # Whatever it still held is taken back at the next beat of any worker, without waiting.
            models.Worker.objects.filter(pk=self.worker_id).delete()
        except DatabaseTrouble:
            logger.warning("Worker %s could not sign off.", self.worker_id)


class Worker(db_worker.Worker):
    """Works until told to end (SIGTERM, SIGINT: after the job at hand); `batch`: until nothing waits."""

    def __init__(
        self,
        *,
        interval: float = 1.0,
        batch: bool = False,
        with_parent: bool = False,
        max_tasks: int | None = None,
    ) -> None:
        super().__init__(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            excluded_queue_names=[],
            interval=interval,
            batch=batch,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=max_tasks,
            worker_id=get_random_string(32),
        )
        self.parent = os.getppid() if with_parent else None

    def run(self) -> None:
        """Work, and go on when the database was away. Each life has an id of its own: what the last one left
        undone belongs to nobody, and is taken back."""
        while self.running and self.parent in (None, os.getppid()):
            try:
                with Heart(self.worker_id, parent=self.parent):
                    self.work()
                return
            except DatabaseTrouble:
                logger.exception("The database cannot be reached; trying again.")
                close_old_connections()
                self.worker_id = get_random_string(32)
                time.sleep(max(self.interval, 1.0))

    def work(self) -> None:
        """The loop alone, without a heart."""
        super().run()

    def run_task(self, attempt: DBTaskResult) -> None:
        """Make the attempt that has just been claimed, and note its end unless another has begun meanwhile.

        Only an `Exception` is the job's: a signal that ends the process leaves the job to the others.
        """
        self.running_task = True
        try:
            error: Exception | None = None
            value = None
            try:
                task, result = attempt.task, cast(Any, attempt.task_result)
                context = [TaskContext(task_result=result)] if task.takes_context else []
                value = normalize_json(task.call(*context, *result.args, **result.kwargs))
            except Later as wait:
                error = wait
            except Exception as failure:
                error = failure
                logger.warning("Attempt %d at job %s failed: %s: %s", len(attempt.worker_ids),
                               attempt.pk, type(error).__name__, error)  # fmt: skip
            close_old_connections()  # one that broke during the job would break its end, too
            with transaction.atomic():
                job = Job.objects.of(attempt)
                if job is None:
                    logger.warning(
                        "Job %s was taken over: what this attempt says is void.", attempt.pk
                    )
                elif error is None:
                    job.succeed(value)
                elif isinstance(error, Later):
                    job.postpone(error.until)
                else:
                    job.fail(error)
        finally:
            self.running_task = False
            self._run_tasks += 1
