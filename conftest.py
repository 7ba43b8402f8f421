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
from django.db import transaction
from django.utils import translation

FROM_OUTSIDE = (
    "ARCHIVE_ROOT",
    "ARCHIVE_S3_BUCKET",
    "ARCHIVE_S3_ENDPOINT",
    "ARCHIVE_S3_KEY",
    "ARCHIVE_S3_REGION",
    "ARCHIVE_S3_SECRET",
    "ARCHIVE_STALE_DAYS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_POOL_SIZE",
    "DATA_LICENCE",
    "DATA_ROOT",
    "DEBUG",
    "FETCH_FROM_THIS_MACHINE",
    "FETCH_GAP",
    "FETCH_LEASE",
    "LOG_LEVEL",
    "PUBLISHER_CONTACT",
    "PUBLISHER_NAME",
    "READER_REPORTS",
    "REDIS_URL",
    "REPORT_LIMIT_SENT",
    "SEARCH_ROOT",
    "SECOND_FACTOR",
    "TRUST_X_FORWARDED_FOR",
    "TRUST_X_FORWARDED_PROTO",
    "VECTOR_INDEX",
)
for name in FROM_OUTSIDE:
    os.environ.pop(name, None)
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    SECRET_KEY="only-for-tests-" + "0123456789abcdef" * 4,
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    SITE_URL="http://testserver",
    # No test runs into a limit but those that set one.
    API_LIMIT_ANONYMOUS="1000000",
    API_LIMIT_WITH_KEY="1000000",
    REPORT_LIMIT_SENT="1000000",
    # The same in every run, and of no log but that of tests.
    LOG_KEY="PRIVATE+KEY+testserver/log+872b0699+AfPIYbrA3QzA2zXMDRn7OUXdcv1dKLYqXiwemp01oI9q",
    # Nothing is archived but by the tests that ask for it.
    ARCHIVING="off",
)

# Tests read static files where they lie: none of them waits for collectstatic.
# What they archive is gone with the process.
settings.STORAGES = settings.STORAGES | {
    "archive": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
settings.WHITENOISE_AUTOREFRESH = True
# What is counted in one process is not another's.
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# A slow password hash protects people; test users need no protection.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Now, so that a conftest.py further down can import models.
django.setup()

from django.db.backends.base.operations import BaseDatabaseOperations  # noqa: E402

# After a test that commits (marked transaction=True, or in a browser) Django empties every table;
# but the database refuses that for what is published. Only this broom may set the triggers aside.
flush_under_triggers = BaseDatabaseOperations.execute_sql_flush


def flush_past_triggers(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
    connection = operations.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
            )
            tables = [row[0] for row in cursor.fetchall()]
            before = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
            after = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            before = [f"DROP TRIGGER {name}" for name, _ in triggers]
            after = [sql for _, sql in triggers]
            # What is emptied without them is still in the full-text indexes, which are made anew.
            cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%content=%'")
            after += [f"INSERT INTO {name} ({name}) VALUES ('rebuild')" for (name,) in cursor]
        for statement in before:
            cursor.execute(statement)
        flush_under_triggers(operations, sql_list)
        for statement in after:
            cursor.execute(statement)


BaseDatabaseOperations.execute_sql_flush = flush_past_triggers


def pytest_report_header() -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # A browser talks to the site through a socket; every other test does without.
        if item.get_closest_marker("browser"):
            item.add_marker("enable_socket")
        # Emptying the tables also takes the rows that migrations made (the roles): every
        # test that may come after it gets them back first.
        mark = item.get_closest_marker("django_db")
        asked = dict(mark.kwargs) if mark else {}
        fixtures = set(getattr(item, "fixturenames", ()))
        if asked.get("transaction") or fixtures & {"transactional_db", "live_server"}:
            asked |= {"transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**asked), append=False)


def pytest_runtest_setup() -> None:
    # A request leaves the language behind that it was answered in.
    translation.deactivate()


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
    for report in terminalreporter.getreports("passed"):
        for name, told in report.user_properties:  # what a test measures: record_property
            terminalreporter.line(f"{report.nodeid}: {name}: {told}")
    skipped = skipped_in_ci(config)
    if skipped:
        terminalreporter.section("skipped tests fail here, because CI is set", red=True)
        for nodeid in skipped:
            terminalreporter.line(nodeid)
