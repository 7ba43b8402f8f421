"""kill -9 at 200 random moments: no job is lost, and nothing is done twice.

Real worker processes on a real database: a SQLite file, or the PostgreSQL that DATABASE_URL names. One
process loads Django and forks the others: a worker is there in milliseconds, and dies within a few jobs.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psycopg

from tests.browser.conftest import ROOT, empty_database
from tests.jobs.chains import LENGTH, TABLES

KILLS = 200
AT_ONCE = 2  # workers beside each other
MORE = 20  # chains that are begun whenever little is left to do

# The process that forks never touches the database, so that its children share no connection.
FORK = """
import logging, os, signal, sys
import django
django.setup()
from django.conf import settings
logging.disable(logging.CRITICAL)
from jobs import models
from jobs.worker import Worker
from tests.jobs import chains

models.BEAT, models.DEAD_AFTER = 0.1, 1.0
settings.JOBS_DAILY = {"jobs.tasks.prune": "03:30"}
settings.JOBS_WATCHES = []  # they ask for tables that are not there
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
print("ready", flush=True)
for asked in sys.stdin:
    child = os.fork()
    if child == 0 and asked.strip():
        first, end = map(int, asked.split())
        started = [(chain, 1, chains.LENGTH) for chain in range(first, end)]
        models.Job.objects.enqueue_many(chains.link, started)
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


def test_kill_9_loses_no_job_and_doubles_no_effect(tmp_path):
    chance = random.Random(20220107)
    with empty_database("jobs", tmp_path) as database:
        stored = Stored(database)
        environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "DEBUG": "on",
            "DATABASE_URL": database,
        }

        def manage(*command: str) -> None:
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip

        manage("migrate", "jobs", "--verbosity=0")
        for statement in TABLES:
            stored.ask(statement)
        parent = subprocess.Popen(
            [sys.executable, "-c", FORK], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert parent.stdout.readline() == "ready\n"

        def fork(how: str = "") -> int:
            parent.stdin.write(how + "\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        try:
            chains = 0
            workers = [fork() for _ in range(AT_ONCE)]
            for _ in range(KILLS):
                if stored.jobs("READY") < MORE:
                    fork(f"{chains} {chains + MORE}")
                    chains += MORE
                time.sleep(chance.uniform(0.0, 0.1))
                os.kill(workers.pop(0), signal.SIGKILL)
                workers.append(fork())
            left = stored.jobs("READY", "RUNNING")
            deadline = time.monotonic() + 60  # on a busy machine; a few seconds will do
            while stored.jobs("SUCCESSFUL") <= chains * LENGTH and time.monotonic() < deadline:
                time.sleep(0.1)
            for worker in workers:
                os.kill(worker, signal.SIGTERM)
        finally:
            parent.kill()
            parent.wait(timeout=20)
            parent.stdin.close()
            parent.stdout.close()

        whole = chains * LENGTH
        again = stored.number("SELECT COUNT(*) FROM again")
        broken_off = stored.number("SELECT COUNT(*) FROM jobs_failedattempt")
        # Each link, and the nightly job, at which all these workers have looked. (Two, should the clock have
        # come to its time meanwhile.)
        nightly = stored.number("SELECT COUNT(*) FROM jobs_scheduledrun")
        assert 1 <= nightly <= 2
        assert stored.jobs("SUCCESSFUL") == whole + nightly
        assert stored.jobs("READY", "RUNNING", "FAILED") == 0
        assert stored.number("SELECT COUNT(*) FROM link") == whole
        assert stored.number("SELECT amount FROM total") == whole
        # The kills met jobs, and some of these between their effect and its being noted: else the test has
        # killed at no moment that matters.
        assert left > 0
        assert broken_off > KILLS / 10
        assert again > 0
