"""Jobs for tests, and a worker in this process that works them off."""

from contextlib import ExitStack, contextmanager
from datetime import datetime
from unittest.mock import patch

from django.utils import timezone
from django_tasks import task

from jobs.retries import Final, Later, retries
from jobs.worker import Worker

done = []  # what was done, in order


@contextmanager
def one_connection():
    """A worker gives its connection back after each job; a test has its transaction on it."""
    with ExitStack() as patches:
        for module in ("jobs.worker", "django_tasks_db.management.commands.db_worker"):
            patches.enter_context(patch(f"{module}.close_old_connections"))
        yield


def work_off():
    """All that is due, as a worker does it; without a heart, which would need a connection of its own."""
    with one_connection():
        Worker(interval=0, batch=True).work()


@task
def note(what):
    done.append(what)
    return what


@task(takes_context=True)
def attempt(context):
    return context.attempt


@task
@retries(attempts=3, first=100, factor=2, longest=150)
def fail(words):
    raise ValueError(words)


@task
def fail_for_good():
    try:
        raise ValueError("no such thing")
    except ValueError as error:
        raise Final("It will not get better.") from error


@task
def answer_with_a_set():
    return {1}


@task
def leave():
    raise SystemExit(1)


@task
def wait_for(until):
    if timezone.now() < datetime.fromisoformat(until):
        raise Later(datetime.fromisoformat(until))
    done.append(until)
