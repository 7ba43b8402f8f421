"""Writers at once, some of them killed: the log has no gap, and every verdict its entries."""

import os
import subprocess
import sys

from tests.browser.conftest import ROOT, empty_database


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
