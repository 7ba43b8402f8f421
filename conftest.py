"""The environment of every test, whatever the environment of the person who runs them.

Settings are read when Django starts, so the variables are set here, in the first file that pytest
loads, and Django starts at its end. DATABASE_URL alone is taken from outside: it chooses between
SQLite (left out) and PostgreSQL. Tests never touch that database itself but one named test_….
"""

import os
from collections.abc import Iterator

import django
import pytest
from django.conf import settings

FROM_OUTSIDE = (
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_POOL_SIZE",
    "DEBUG",
    "LOG_LEVEL",
    "PUBLISHER_CONTACT",
    "PUBLISHER_NAME",
    "TRUST_X_FORWARDED_PROTO",
)
for name in FROM_OUTSIDE:
    os.environ.pop(name, None)
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    SECRET_KEY="only-for-tests-" + "0123456789abcdef" * 4,
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    SITE_URL="http://testserver",
)

# Tests read static files where they lie: none of them waits for collectstatic.
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
settings.WHITENOISE_AUTOREFRESH = True
# A slow password hash protects people; test users need no protection.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Now, so that a conftest.py further down can import models.
django.setup()


def pytest_report_header() -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser talks to the site through a socket; every other test does without."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker("enable_socket")


def skipped_in_ci(config: pytest.Config) -> list[str]:
    """Which tests were skipped, where that counts as failure: a skipped test proves nothing."""
    if not os.environ.get("CI"):
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return [report.nodeid for report in reporter.stats.get("skipped", [])] if reporter else []


# Only the process that reports decides (an xdist worker has no terminal reporter). The wrapper
# runs outside the reporter's own, which prints the summary in this hook.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    if skipped_in_ci(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return (yield)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = skipped_in_ci(config)
    if skipped:
        terminalreporter.section("skipped tests fail here, because CI is set", red=True)
        for nodeid in skipped:
            terminalreporter.line(nodeid)
