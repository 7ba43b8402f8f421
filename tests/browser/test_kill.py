"""A server killed in the middle of a save leaves all of it, or nothing. No browser: HTTP, and kill -9."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest

from tests.browser.conftest import ROOT, demo_passwords, empty_database

pytestmark = [pytest.mark.browser, pytest.mark.either_database]

KILLS = 20
ROWS = 6  # pieces of evidence in each save, beside the claim itself


# One process loads the site, and forks another that serves it; when that one is killed, the next is
# there within milliseconds. (A production server takes seconds to load, and dies by the same signal.)
SERVE = """
import os, sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from config.wsgi import application
from django.urls import get_resolver, reverse

class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass

get_resolver().url_patterns, reverse("admin:index")
while True:
    child = os.fork()
    if child == 0:
        server = make_server("127.0.0.1", int(sys.argv[1]), application, handler_class=Quiet)
        server.serve_forever()
    print(child, flush=True)
    os.waitpid(child, 0)
"""


class Server:
    """The site on `database`, at one address, by a process that can be killed."""

    def __init__(self, database: str, static: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "PYTHONPATH": str(ROOT),
            "SECRET_KEY": "only-for-browser-tests-" + "0123456789abcdef" * 4,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": self.address,
            "DATABASE_URL": database,
            "LOG_LEVEL": "CRITICAL",
            "STATIC_ROOT": str(static),
        }

    def manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.port)],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Until the process that has taken the place of the last one answers."""
        self.child = int(self.parent.stdout.readline())
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.address}/readyz", timeout=5)
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.01)
        raise AssertionError("the server did not answer")

    def kill(self) -> None:
        os.kill(self.child, signal.SIGKILL)

    def stop(self) -> None:
        self.parent.kill()  # before its child, of which it would make another
        self.kill()
        self.parent.wait(timeout=20)
        self.parent.stdout.close()


class Researcher:
    """Signed in by HTTP; the session outlives the server, because it is in the database."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return self.opener.open(self.address + path, timeout=30).read().decode()

    def post(self, path: str, **fields: str) -> str:
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        return self.opener.open(self.address + path, data, timeout=30).read().decode()

    def sign_in(self, name: str, password: str) -> None:
        self.get("/admin/login/")
        page = self.post("/admin/login/", username=name, password=password, next="/admin/")
        assert "The desk" in page


def form(number: int, source: str) -> dict[str, str]:
    """A new claim with its rows, as the page sends it: each with the number of the save."""
    sent = {
        "text": f"Claim of save {number}.", "slug": f"save-{number}", "kind": "factual",
        "selection": "repeated",
        "language": "en", "part_position": "0", "_save": "Save",
    }  # fmt: skip
    for prefix in (
        *("appearances", "rebuttals", "evidence", "searches"),
        *("external_reviews", "parts", "verdicts"),
    ):
        rows = ROWS if prefix == "evidence" else 0
        sent |= {f"{prefix}-TOTAL_FORMS": str(rows), f"{prefix}-INITIAL_FORMS": "0"}
    for row in range(ROWS):
        start = f"evidence-{row}-"
        sent |= {
            f"{start}source": source, f"{start}direction": "supports",
            f"{start}directness": "direct", f"{start}locator": f"p. {row}",
            f"{start}summary": f"Row {row} of save {number}.",
        }  # fmt: skip
    return sent


COUNTS = {
    "claims": "SELECT slug, COUNT(*) FROM claims_claim WHERE slug LIKE 'save-%' GROUP BY slug",
    "claims' history": (
        "SELECT slug, COUNT(*) FROM claims_historicalclaim WHERE slug LIKE 'save-%' GROUP BY slug"
    ),
    "rows": (
        "SELECT c.slug, COUNT(*) FROM claims_evidence e JOIN claims_claim c ON c.id = e.claim_id"
        " WHERE c.slug LIKE 'save-%' GROUP BY c.slug"
    ),
    "rows' history": (
        "SELECT h.slug, COUNT(*) FROM claims_historicalevidence e"
        " JOIN claims_historicalclaim h ON h.id = e.claim_id"
        " WHERE h.slug LIKE 'save-%' AND h.history_type = '+' GROUP BY h.slug"
    ),
    "log": (
        "SELECT c.slug, COUNT(*) FROM django_admin_log l JOIN claims_claim c"
        " ON l.object_id = CAST(c.id AS VARCHAR)"
        " JOIN django_content_type t ON t.id = l.content_type_id AND t.model = 'claim'"
        " WHERE c.slug LIKE 'save-%' GROUP BY c.slug"
    ),
}
WHOLE = {"claims": 1, "claims' history": 1, "rows": ROWS, "rows' history": ROWS, "log": 1}


def read(database: str) -> dict[str, dict[str, int]]:
    """What is stored, by save: read past the application."""
    if not database.startswith("sqlite"):
        with psycopg.connect(database) as connection:
            return {name: dict(connection.execute(query)) for name, query in COUNTS.items()}
    connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    # Some constraints are regular expressions, which Django brings along.
    connection.create_function("REGEXP", 2, lambda p, s: bool(re.search(p, str(s))))
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name: dict(connection.execute(query)) for name, query in COUNTS.items()}
    finally:
        connection.close()


def test_a_save_that_is_killed_is_whole_or_was_never(tmp_path):
    chance = random.Random(20220107)
    with empty_database("kill", tmp_path) as database:
        server = Server(database, tmp_path / "static")
        server.manage("migrate", "--verbosity=0")
        server.manage("collectstatic", "--no-input", "--verbosity=0")
        password = demo_passwords(database)["researcher"]
        server.start()
        try:
            rita = Researcher(server.address)
            rita.sign_in("researcher", password)
            add = "/admin/claims/claim/add/"
            given = {"title": "A record", "slug": "a-record", "kind": "report", "language": "en"}
            given |= {"glossary-TOTAL_FORMS": "0", "glossary-INITIAL_FORMS": "0"}
            rita.post(
                "/admin/sources/source/add/",
                **given, rendition="original", primacy="primary", _save="Save",
            )  # fmt: skip
            listed = rita.get("/admin/sources/source/")
            source = re.search(r"/sources/source/(\d+)/change/", listed).group(1)
            begun = time.monotonic()
            rita.post(add, **form(0, source))  # how long one takes when nobody is killed
            usual = time.monotonic() - begun
            answered, number = {0}, 0
            for _ in range(KILLS):
                threading.Timer(chance.uniform(0, 2.5 * usual), server.kill).start()
                while True:
                    number += 1
                    try:
                        rita.post(add, **form(number, source))
                    except (OSError, urllib.error.URLError, http.client.HTTPException):
                        break
                    answered.add(number)
                server.wait()
        finally:
            server.stop()

        stored = read(database)
        saves = {f"save-{n}" for n in range(number + 1)}
        there = set().union(*stored.values())
        assert there <= saves
        broken = {
            save: {name: counts.get(save, 0) for name, counts in stored.items()}
            for save in there
            if {name: counts.get(save, 0) for name, counts in stored.items()} != WHOLE
        }
        assert broken == {}
        # What was answered is stored. (SQLite may lose it when the machine fails, not the process.)
        assert {f"save-{n}" for n in answered} <= there
        # Some saves were caught on the way: else the test has killed at no moment that matters.
        assert len(there) < len(saves)
