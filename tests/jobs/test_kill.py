"""kill -9 at 200 random moments: no job is lost, and nothing is done twice.

On a SQLite file, or the PostgreSQL that DATABASE_URL names.
"""

from __future__ import annotations

import random

from tests.browser.conftest import empty_database
from tests.jobs.chains import LENGTH, TABLES
from tests.jobs.killing import Stored, environment_of, forking, kill_workers, migrate

KILLS = 200
MORE = 20  # chains that are begun whenever little is left to do


def test_kill_9_loses_no_job_and_doubles_no_effect(tmp_path):
    with empty_database("jobs", tmp_path) as database:
        stored, environment = Stored(database), environment_of(database)
        migrate(environment, "jobs")
        for statement in TABLES:
            stored.ask(statement)
        chains, left = 0, []

        def is_done() -> bool:
            left.append(stored.jobs("READY", "RUNNING"))
            return stored.jobs("SUCCESSFUL") > chains * LENGTH

        with forking("tests.jobs.chains", environment) as fork:

            def more() -> None:
                nonlocal chains
                if stored.jobs("READY") < MORE:
                    fork(f"{chains} {chains + MORE}")
                    chains += MORE

            kill_workers(
                fork, kills=KILLS, longest=0.1, more=more, is_done=is_done,
                chance=random.Random(20220107),
            )  # fmt: skip

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
        assert left[0] > 0
        assert broken_off > KILLS / 10
        assert again > 0
