"""The queue: attempts, retries, dead workers, the clock."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus

from jobs import housekeeping, models
from jobs.models import FailedAttempt, Job, ScheduledRun, Worker
from jobs.retries import Retries
from jobs.worker import Worker as Process
from tests import factories
from tests.browser.conftest import ROOT, empty_database
from tests.jobs import running
from tests.jobs.running import work_off

NOON = dt.datetime(2022, 1, 7, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty():
    running.done.clear()
    with running.one_connection():
        yield


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def only_job():
    return Job.objects.get()


def claimed(task=running.note, worker="one", args=("a",)):
    """A job that `worker` is at."""
    task.enqueue(*args)
    job = Job.objects.ready().first()
    job.claim(worker)
    return job


def worker(name="one", **beaten_before):
    beat_at = timezone.now() - dt.timedelta(**beaten_before)
    return Worker.objects.create(pk=name, host="here", pid=1, beat_at=beat_at)


# --- A job's life ---


def test_a_job_is_done_and_its_value_kept():
    running.note.enqueue("a")

    work_off()

    assert running.done == ["a"]
    assert (only_job().status, only_job().return_value) == (TaskResultStatus.SUCCESSFUL, "a")
    assert str(only_job()) == 'note("a")'


def test_what_is_enqueued_in_a_transaction_that_fails_is_not_there():
    with transaction.atomic():
        running.note.enqueue("a")
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_a_failed_attempt_is_kept_and_the_next_waits_twice_as_long_up_to_the_longest(clock):
    running.fail.enqueue("why")

    work_off()
    first = only_job()
    assert first.status == TaskResultStatus.READY
    assert 75 <= (first.run_after - NOON).total_seconds() <= 125
    clock.move_to(first.run_after - dt.timedelta(seconds=1))
    work_off()
    assert len(only_job().worker_ids) == 1  # not before its time
    clock.move_to(first.run_after)
    work_off()
    second = only_job()
    assert 112 <= (second.run_after - first.run_after).total_seconds() <= 188
    clock.move_to(second.run_after)
    work_off()

    assert only_job().status == TaskResultStatus.FAILED
    assert "ValueError: why" in only_job().traceback
    attempts = FailedAttempt.objects.order_by("number").values_list("number", "error")
    assert list(attempts) == [(n, "builtins.ValueError") for n in (1, 2, 3)]


def test_waits_are_spread_and_never_longer_than_the_longest():
    waits = {Retries(first=10, factor=3, longest=100).wait(9) for _ in range(50)}

    assert len(waits) > 1
    assert {75 <= wait.total_seconds() <= 125 for wait in waits} == {True}


def test_an_error_that_is_final_is_not_tried_again():
    running.fail_for_good.enqueue()

    work_off()

    assert only_job().status == TaskResultStatus.FAILED
    assert "no such thing" in only_job().traceback


def test_a_value_that_cannot_be_kept_is_a_failure():
    running.answer_with_a_set.enqueue()

    work_off()

    assert FailedAttempt.objects.get().error == "builtins.TypeError"


def test_a_job_of_a_function_that_is_gone_fails_and_waits(clock):
    running.note.enqueue("a")
    Job.objects.update(task_path="tests.jobs.running.gone")

    work_off()

    assert only_job().status == TaskResultStatus.READY
    assert FailedAttempt.objects.get().error == "builtins.ImportError"


def test_a_job_whose_time_has_not_come_is_put_back_and_that_was_no_attempt(clock):
    until = NOON + dt.timedelta(hours=1)
    running.wait_for.enqueue(until.isoformat())

    for _ in range(9):  # more than it has attempts
        Job.objects.update(run_after=timezone.now())
        work_off()
    job = Job.objects.get()
    assert (job.status, job.run_after, job.worker_ids) == ("READY", until, [])
    assert not job.failed_attempts.exists()

    clock.move_to(until)
    work_off()
    job.refresh_from_db()
    assert (job.status, len(job.worker_ids), running.done) == ("SUCCESSFUL", 1, [until.isoformat()])


def test_a_job_can_ask_which_attempt_it_is():
    running.attempt.enqueue()

    work_off()

    assert only_job().return_value == 1


def test_many_are_enqueued_in_few_statements(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert Job.objects.enqueue_many(running.note, [(n,) for n in range(30)]) == 30

    work_off()

    assert sorted(running.done) == list(range(30))


# --- Dead workers ---


def test_a_job_of_a_dead_worker_is_tried_again(clock):
    job = claimed()
    worker(seconds=models.DEAD_AFTER + 1)

    assert housekeeping.reap() == 1

    job.refresh_from_db()
    assert job.status == TaskResultStatus.READY
    assert FailedAttempt.objects.get().error == "jobs.models.WorkerLost"
    clock.shift(60)
    work_off()
    assert running.done == ["a"]


def test_a_job_whose_worker_took_its_row_away_is_tried_again():
    claimed()

    assert housekeeping.reap() == 1


def test_a_worker_that_beats_keeps_its_job_however_long():
    claimed()
    worker(seconds=models.DEAD_AFTER - 1)

    assert housekeeping.reap() == 0
    assert only_job().status == TaskResultStatus.RUNNING


def test_a_job_that_kills_its_workers_fails_for_good():
    job = claimed(running.fail)
    Job.objects.update(worker_ids=["one", "two", "three"])

    housekeeping.reap()

    job.refresh_from_db()
    assert job.status == TaskResultStatus.FAILED
    assert "WorkerLost" in job.traceback


@pytest.mark.parametrize("task", [running.note, running.fail], ids=["success", "failure"])
@pytest.mark.parametrize("next_is", ["waiting", "running", "done", "retried"])
def test_a_worker_that_was_taken_for_dead_overwrites_nothing(task, next_is, clock):
    late = claimed(task)
    housekeeping.reap()
    job = only_job()
    if next_is != "waiting":
        job.claim("two")
    if next_is == "done":
        job.succeed("by another")
    if next_is == "retried":  # and taken by the same worker again
        Job.objects.update(worker_ids=["one", "two"])
    before = Job.objects.values().get()
    failures = FailedAttempt.objects.count()

    Process().run_task(late)

    assert Job.objects.values().get() == before
    assert FailedAttempt.objects.count() == failures


def test_a_signal_during_a_job_is_no_failure_of_the_job():
    job = claimed(running.leave, args=())
    process = Process()

    with pytest.raises(SystemExit):
        process.run_task(job)

    assert only_job().status == TaskResultStatus.RUNNING  # until it is taken back
    assert not process.running_task


# --- Retrying by hand ---


def failed():
    running.fail_for_good.enqueue()
    work_off()
    return only_job()


def test_an_editor_retries_a_failed_job_with_all_its_attempts(clock):
    failed().retry(by=factories.editor())

    assert (only_job().status, only_job().worker_ids) == (TaskResultStatus.READY, [])
    assert only_job().run_after == NOON
    assert FailedAttempt.objects.count() == 1


def test_a_researcher_does_not():
    with pytest.raises(PermissionDenied):
        failed().retry(by=factories.researcher())


def test_what_has_not_failed_is_not_retried():
    running.note.enqueue("a")

    with pytest.raises(ValidationError, match="has not failed"):
        only_job().retry(by=factories.editor())


# --- The clock ---


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2022-01-07T03:29:59", "2022-01-06T03:30"),
        ("2022-01-07T03:30:00", "2022-01-07T03:30"),
        ("2022-01-07T23:59:59", "2022-01-07T03:30"),
        ("2022-01-01T00:00:00", "2021-12-31T03:30"),
    ],
)
def test_what_is_due_daily(now, due):
    found = housekeeping.latest_due("03:30", dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC))

    assert found == dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)


def test_a_daily_task_is_enqueued_once_a_day_whoever_looks(settings, clock):
    settings.JOBS_DAILY = {"tests.jobs.running.attempt": "12:30"}

    counts = []
    for _ in range(4):  # 12:00, 13:00, 14:00, then 12:00 and 13:00 of the next day
        counts.append((housekeeping.enqueue_due(), housekeeping.enqueue_due()))
        clock.shift(dt.timedelta(hours=1))
    clock.shift(dt.timedelta(hours=20))
    counts.append((housekeeping.enqueue_due(), housekeeping.enqueue_due()))
    clock.shift(dt.timedelta(hours=1))
    counts.append((housekeeping.enqueue_due(), housekeeping.enqueue_due()))

    assert counts == [(1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0)]
    assert Job.objects.count() == ScheduledRun.objects.count() == 3


def test_the_database_lets_one_through():
    ScheduledRun.objects.create(task_path="a.b", due_at=NOON)

    with pytest.raises(IntegrityError):
        ScheduledRun.objects.create(task_path="a.b", due_at=NOON)


def test_every_daily_task_of_the_site_exists(settings):
    for path, at in settings.JOBS_DAILY.items():
        assert housekeeping.import_string(path).module_path == path
        assert housekeeping.latest_due(at, NOON)


def test_old_jobs_are_deleted_when_they_are_finished(clock):
    running.note.enqueue("old")
    running.fail_for_good.enqueue()
    work_off()
    clock.shift(dt.timedelta(days=8))
    running.note.enqueue("new")
    work_off()
    running.note.enqueue("waits")

    assert housekeeping.prune() == {"done": 1, "failed": 0}
    left = Job.objects.values_list("status", flat=True)
    assert sorted(left) == ["FAILED", "READY", "SUCCESSFUL"]
    clock.shift(dt.timedelta(days=90))
    assert housekeeping.prune()["failed"] == 1
    assert not FailedAttempt.objects.exists()


# --- Processes ---


def test_the_heart_signs_on_before_the_first_job_and_off_after_the_last(monkeypatch):
    seen = []
    monkeypatch.setattr(Process, "work", lambda self: seen.append(Worker.objects.get().is_alive))
    # Its beats need a connection of their own, which sees nothing of this test.
    monkeypatch.setattr(models, "BEAT", 3600)

    Process().run()

    assert seen == [True]
    assert not Worker.objects.exists()


def test_a_worker_outlives_the_database_being_away(monkeypatch):
    lives = []

    def work(self):
        lives.append(self.worker_id)
        if len(lives) == 1:
            raise OperationalError("the connection is lost")

    monkeypatch.setattr(Process, "work", work)
    monkeypatch.setattr(models, "BEAT", 3600)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    Process().run()

    assert len(set(lives)) == 2  # what the first life was at belongs to nobody


WORK = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from jobs import models
models.BEAT = 0.1
settings.JOBS_DAILY, settings.JOBS_WATCHES = {}, []  # they ask for tables that are not there
print(os.getpid(), flush=True)
call_command("db_worker", "--interval=0.1", *sys.argv[1:])
"""


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of a process that works on a database of its own."""
    with empty_database("command", tmp_path) as database:
        environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "on",
            "DATABASE_URL": database,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        migrate = [sys.executable, "manage.py", "migrate", "jobs", "--verbosity=0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
        yield environment


def start(*command, environment):
    """A process and, when it has begun to look for jobs, the id that it has printed."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = process.stdout.readline()
    for line in process.stdout:
        if "Starting worker" in line:
            return process, int(said)
        said = said if said.strip().isdigit() else line
    raise AssertionError(said)


def test_a_worker_ends_when_it_is_told_to(elsewhere):
    process, _ = start(sys.executable, "-c", WORK, environment=elsewhere)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_without_a_database_it_ends_with_its_parent_all_the_same(monkeypatch):
    def sign_on(heart):
        monkeypatch.setattr(os, "getppid", lambda: -1)  # whoever began it has died
        raise OperationalError("no such table")

    monkeypatch.setattr("jobs.worker.Heart.__enter__", sign_on)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    Process(with_parent=True).run()


def test_a_worker_ends_with_its_parent_also_when_that_is_killed(elsewhere):
    beside = '"$1" -c "$2" --with-parent & wait'
    parent, _ = start("sh", "-c", beside, "sh", sys.executable, WORK, environment=elsewhere)

    parent.kill()

    parent.wait(timeout=30)
    parent.stdout.read()  # comes to an end with the worker, which had it open
    parent.stdout.close()
