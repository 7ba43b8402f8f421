"""The site as readers meet it: the production server on the seed knowledge base, and Chromium.

The server has a database of its own, apart from every other test: a SQLite file, or a database of
its own where DATABASE_URL names PostgreSQL. The browser is the one that the system has: BROWSER_PATH, or
chromium on the PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds until the server answers, on a busy machine
GRANIAN = (
    "--interface wsgi --host 127.0.0.1 --blocking-threads 1 --no-ws --log-level warning".split()
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 800}


@pytest.fixture(scope="session", autouse=True)
def _sockets() -> None:
    """Session fixtures talk to the server before any test's own marker lets them."""
    import pytest_socket

    pytest_socket.enable_socket()


@contextmanager
def empty_database(name: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, on the kind of server that DATABASE_URL names."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    name = f"test_{name}_{os.getpid()}"
    maintenance = urlunsplit(url._replace(scheme="postgresql", path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(url._replace(path=f"/{name}"))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def served(database: str, static: Path, *seeds: str) -> Iterator[str]:
    """The address of the site on that database: migrated, loaded with `load_seeds *seeds`, and served
    as in production."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "SECRET_KEY": "only-for-browser-tests-" + "0123456789abcdef" * 4,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": address,
        "DATABASE_URL": database,
        "LOG_LEVEL": "ERROR",
        "STATIC_ROOT": str(static),
        "ARCHIVE_ROOT": str(static.with_name("archive")),
        "ARCHIVING": "off",
        "DATA_ROOT": str(static.with_name("data")),
    }
    for command in (
        ["migrate", "--verbosity=0"],
        ["load_seeds", *seeds],
        ["export_data"],
        ["collectstatic", "--no-input"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    granian = Path(sys.executable).with_name("granian")
    server = subprocess.Popen(
        [granian, *GRANIAN, "--port", str(port), "config.wsgi:application"],
        cwd=ROOT,
        env=environment,
    )
    try:
        _wait_for(f"{address}/readyz", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def demo_passwords(database: str) -> dict[str, str]:
    """Give the demo's accounts passwords, and return them by user name."""
    told = subprocess.run(
        [sys.executable, "manage.py", "create_demo_users"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return dict(re.findall(r"^(\w+) +password (\S+)", told, re.MULTILINE))


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database("browser", tmp_path_factory.mktemp("browser")) as url:
        yield url


@pytest.fixture(scope="session")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site with the whole seed knowledge base."""
    with served(database, tmp_path_factory.mktemp("static")) as address:
        yield address


@pytest.fixture(scope="session")
def passwords(site: str, database: str) -> dict[str, str]:
    """The passwords of the demo's accounts, by user name."""
    return demo_passwords(database)


def _wait_for(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended at once"
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer within {PATIENCE} seconds")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("BROWSER_PATH") or shutil.which("chromium")
    assert executable, "No browser: install Debian's chromium, or name one in BROWSER_PATH."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator:
    """Open a page of the site in a window of its own.

    Afterwards nothing may have been reported on the console (a breach of the content security
    policy is) nor asked of a foreign host.
    """
    contexts, complaints = [], []

    def visit(path: str, *, viewport: dict = WIDE, **options) -> Page:
        context = browser.new_context(
            base_url=site, viewport=viewport, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: "409 (Conflict)" in message.text or complaints.append(message.text),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: request.url.startswith(site) or complaints.append(request.url),
        )
        assert page.goto(path).status == 200, path
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def desk(visit, passwords):
    """Sign in as one of the demo's accounts; the page is then the desk's first."""

    def desk(role: str, **options) -> Page:
        return sign_in(visit("/admin/login/?next=/admin/", **options), role, passwords[role])

    return desk


def sign_in(page: Page, name: str, password: str) -> Page:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="The desk")).to_be_visible()
    return page
