"""kill -9 at 200 random moments of archiving: nothing is lost, nothing is archived twice, no file is half.

On a SQLite file, or the PostgreSQL that DATABASE_URL names.
"""

from __future__ import annotations

import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sources import store
from tests.browser.conftest import empty_database
from tests.jobs.killing import Stored, environment_of, forking, kill_workers, migrate
from tests.sources.archiving.site import AFTER, BEFORE, CITED, html
from tests.sources.archiving.visits import SOURCES

KILLS = 200
MORE = 10

pytestmark = pytest.mark.enable_socket


class Handler(BaseHTTPRequestHandler):
    """A page for each number. Its bytes are new each time (who reads it is counted), its text never."""

    def do_GET(self) -> None:
        number = self.path.strip("/")
        if not number.isdigit():
            self.send_error(404)  # there is no robots.txt
            return
        self.server.asked += 1  # type: ignore[attr-defined]
        words = [f"{word} This is page {number} of many." for word in (BEFORE, CITED, AFTER)]
        asked = self.server.asked  # type: ignore[attr-defined]
        if number == "0":  # is read in a process of its own, and so takes a second
            body = html(*words, title="Page 0", head=f"<meta name=visit content={asked}>")
        else:  # CR LF and LF are one to the reader
            ends = ["\r\n" if asked >> bit & 1 else "\n" for bit in range(12)]
            body = "".join(word + end for word, end in zip(words * 4, ends, strict=True))
        self.send_response(200)
        self.send_header(
            "Content-Type", f"text/{'html' if number == '0' else 'plain'}; charset=utf-8"
        )
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def server():
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        asked = 0

    with Server(("", 0), Handler) as served:  # on all of 127.0.0.0/8
        threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True).start()
        yield served
        served.shutdown()


def files(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file below, by its path from there."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): store.digest(path.read_bytes()) for path in found}


def test_kill_9_loses_no_capture_and_archives_nothing_twice(tmp_path, server, record_property):
    archive = tmp_path / "archive"
    with empty_database("archive", tmp_path) as database:
        stored = Stored(database)
        environment = environment_of(
            database, ARCHIVE_ROOT=str(archive), FETCH_FROM_THIS_MACHINE="on", FETCH_GAP="0",
            FETCH_LEASE="1", TEST_SITE_PORT=str(server.server_port),
        )  # fmt: skip
        migrate(environment, "jobs", "sources")
        asked, left = 0, []

        def is_done() -> bool:
            left.append(stored.jobs("READY", "RUNNING"))
            return not left[-1]

        with forking("tests.sources.archiving.visits", environment) as fork:

            def more() -> None:
                nonlocal asked
                if stored.jobs("READY") < MORE:
                    fork(f"{asked} {asked + MORE}")
                    asked += MORE

            kill_workers(
                fork, kills=KILLS, longest=0.15, more=more, is_done=is_done,
                chance=random.Random(20221126),
            )  # fmt: skip

        nightly = stored.number("SELECT COUNT(*) FROM jobs_scheduledrun")
        captures = stored.ask(
            "SELECT outcome, sha256, key, warc_sha256, source_id FROM sources_capture"
        )
        # No job is lost: each has ended the one capture that it was enqueued for, once.
        assert stored.jobs("READY", "RUNNING", "FAILED") == 0
        assert stored.jobs("SUCCESSFUL") == len(captures) + nightly
        assert {row[0] for row in captures} <= {"new", "same"}
        # No edition is there twice.
        editions = stored.ask("SELECT source_id, edition, sha256 FROM sources_snapshot")
        new = sorted((row[4], row[1]) for row in captures if row[0] == "new")
        assert sorted((row[0], row[2]) for row in editions) == new
        assert {row[1] for row in editions} == {1}
        assert len(editions) == len({row[4] for row in captures}) == min(asked, SOURCES)
        # One WARC file for each capture, and it is the one that the database knows.
        found = files(archive)
        key = {row[2]: row for row in captures}
        warcs = {Path(name).name.split(".")[0].replace("-", ""): sha256
                 for name, sha256 in found.items() if name.startswith("warc/")}  # fmt: skip
        assert warcs == {str(name).replace("-", ""): row[3] for name, row in key.items()}
        # All bytes are there, and none under a name that is not theirs.
        kept = {
            Path(name).name: sha256 for name, sha256 in found.items() if name.startswith("sha256/")
        }
        assert all(name == sha256 for name, sha256 in kept.items())
        assert {row[1] for row in captures} <= set(kept)
        # The kills met work: some of it at a moment when bytes were kept that are now of no capture.
        broken_off = stored.number("SELECT COUNT(*) FROM jobs_failedattempt")
        assert left[0] > 0
        assert broken_off > KILLS / 10
        assert server.asked > len(captures)
        record_property("captures", f"{len(captures)}, {broken_off} attempts broken off")
