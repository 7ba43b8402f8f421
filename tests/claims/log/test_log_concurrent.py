"""Writers at once, some of them killed: the log has no gap, and every verdict its entries."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from claims.models import LogKey, LogKeyRotation
from tests import factories
from tests.browser.conftest import ROOT, empty_database

from .conftest import NEW


def test_the_log_verifies_however_writers_overlap_and_die(tmp_path):
    with empty_database("log", tmp_path) as database:
        environment = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME")
        }
        environment |= {
            "DEBUG": "on",
            "DATABASE_URL": database,
            "ARCHIVING": "off",
            "SEARCH_ROOT": str(tmp_path),
        }
        program = ["benchmarks/log_writers.py", "--entries=80", "--writers=8", "--kills=8"]
        for command in (["manage.py", "migrate", "--verbosity=0"], program):
            done = subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, timeout=180,
                capture_output=True, text=True, encoding="utf-8",
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 wrong;" in done.stdout
    assert "and 0 failed" in done.stdout, done.stderr


@pytest.mark.django_db(transaction=True)
def test_one_person_in_two_requests_does_not_change_the_key_and_two_do_it_once():
    if connection.vendor == "sqlite":
        return  # its one writer at a time is the lock; in memory there are no others
    factories.approved()
    one, two, three = (factories.editor() for _ in range(3))
    LogKeyRotation.propose(str(NEW.verifier), by=one)

    def confirm(by):
        try:
            LogKeyRotation.confirm(NEW, by=by)
            return "done"
        except (PermissionDenied, ValidationError) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        told = sorted(pool.map(confirm, [one, one, two, three, two, three]))
    assert told.count("done") == 1
    assert {*told} <= {"done", "PermissionDenied", "ValidationError"}
    assert LogKey.objects.count() == 2
