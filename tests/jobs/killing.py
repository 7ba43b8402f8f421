"""Real workers on a real database, killed at random moments: what tests of jobs need for it.

One process loads Django and forks the others: a worker is there in milliseconds, and dies within a few jobs.
What kind of jobs they are, a module says: `prepare()` is called in the process that forks, and must not touch
the database, so that its children share no connection; `begin(*numbers)` in a child, to enqueue more.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg

from tests.browser.conftest import ROOT

AT_ONCE = 2  # workers beside each other

FORK = """
import importlib, logging, os, signal, sys
import django
django.setup()
from django.conf import settings
from jobs import models
from jobs.worker import Worker
work = importlib.import_module(sys.argv[1])

logging.disable(logging.CRITICAL)
models.BEAT, models.DEAD_AFTER = 0.1, 1.0
settings.JOBS_DAILY = {"jobs.tasks.prune": "03:30"}
settings.JOBS_WATCHES = []  # they ask for tables that are not there
work.prepare()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
print("ready", flush=True)
for asked in sys.stdin:
    child = os.fork()
    if child == 0 and asked.strip():
        try:
            work.begin(*map(int, asked.split()))
        finally:
            os._exit(0)
    if child == 0:
        worker = Worker(interval=0.01)
        worker.configure_signals()
        try:
            worker.run()
        finally:
            os._exit(0)
    print(child, flush=True)
"""


class Stored:
    """The database as it is, read past the application."""

    def __init__(self, database: str) -> None:
        self.lite = database.startswith("sqlite")
        self.address = database.removeprefix("sqlite:///")

    def ask(self, statement: str) -> list[tuple]:
        if self.lite:
            with closing(sqlite3.connect(self.address, timeout=30)) as connection, connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.address) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def number(self, statement: str) -> int:
        return self.ask(statement)[0][0]

    def jobs(self, *states: str) -> int:
        chosen = ", ".join(f"'{state}'" for state in states)
        return self.number(
            f"SELECT COUNT(*) FROM django_tasks_database_dbtaskresult WHERE status IN ({chosen})"
        )


def environment_of(database: str, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "DEBUG": "on",
        "DATABASE_URL": database,
        **more,
    }


def migrate(environment: dict[str, str], *apps: str) -> None:
    for app in apps:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", app, "--verbosity=0"],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def forking(module: str, environment: dict[str, str]) -> Iterator[Callable[[str], int]]:
    """What makes a worker, and with numbers a child that begins more; it returns the process."""
    parent = subprocess.Popen(
        [sys.executable, "-c", FORK, module], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert parent.stdin
    assert parent.stdout
    asked, told = parent.stdin, parent.stdout

    def fork(how: str = "") -> int:
        asked.write(how + "\n")
        asked.flush()
        return int(told.readline())

    try:
        assert told.readline() == "ready\n"
        yield fork
    finally:
        parent.kill()
        parent.wait(timeout=20)
        asked.close()
        told.close()


def kill_workers(
    fork: Callable[[str], int],
    *,
    kills: int,
    longest: float,
    more: Callable[[], None],
    is_done: Callable[[], bool],
    chance: random.Random,
) -> None:
    """Kill a worker `kills` times, each within `longest` seconds after the last, with `more` before each;
    then let them work until all is done, or a minute is over (on a busy machine; a few seconds will do)."""
    workers = [fork("") for _ in range(AT_ONCE)]
    try:
        for _ in range(kills):
            more()
            time.sleep(chance.uniform(0.0, longest))
            os.kill(workers.pop(0), signal.SIGKILL)
            workers.append(fork(""))
        deadline = time.monotonic() + 60
        while not is_done() and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGTERM)
