"""What the environment means, and that a wrong one stops the start with a sentence that helps."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

ROOT = Path(__file__).resolve().parents[2]
KEY = "k3y-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2

# The environment that the top of config/settings.py documents, in the same order.
PRODUCTION = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "facts.example.org",
    "SITE_URL": "https://facts.example.org",
    "DATABASE_URL": "postgresql://counterclaim:password@127.0.0.1:5432/counterclaim",
    "PUBLISHER_NAME": "Example Fact Desk",
    "PUBLISHER_CONTACT": "desk@example.org",
    "PUBLISHER_ABOUT": "An association of three newsrooms.",
    "PUBLISHER_FUNDING": "Membership fees; no government and no party gives money.",
    "SECOND_FACTOR": "editors",
    "LOG_KEY": "PRIVATE+KEY+testserver/log+872b0699+AfPIYbrA3QzA2zXMDRn7OUXdcv1dKLYqXiwemp01oI9q",
    "TRUST_X_FORWARDED_PROTO": "on",
    "TRUST_X_FORWARDED_FOR": "1",
}


@pytest.fixture
def settings_for(monkeypatch):
    """Runs the settings file under this environment and no other."""

    def run(**environment: str) -> dict[str, Any]:
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return run


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Starts manage.py as a person would, in an environment with nothing else in it."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


# --- Start-up as a whole ---


def test_deployment_check_is_silent_in_the_documented_environment():
    result = start("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "no issues (0 silenced)" in result.stdout


def test_documented_environment_is_the_one_tested():
    documentation = (ROOT / "config" / "settings.py").read_text().split('"""')[1]

    for name, value in PRODUCTION.items():
        assert (
            f"    {name}={value if name not in ('SECRET_KEY', 'LOG_KEY') else '<'}" in documentation
        )


def test_nothing_set_stops_the_start_and_says_how_to_go_on():
    result = start("check")

    assert result.returncode != 0
    last_line = result.stderr.strip().splitlines()[-1]
    assert last_line.startswith(
        "django.core.exceptions.ImproperlyConfigured: SECRET_KEY is missing and DEBUG is off. "
        "Set SECRET_KEY to the output of: python3 -c "
    )


def test_command_in_the_message_makes_a_key_that_is_accepted(settings_for):
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_for()
    code = str(refusal.value).split('python3 -c "')[1].split('"')[0]
    key = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert settings_for(**PRODUCTION | {"SECRET_KEY": key.stdout})["SECRET_KEY"]


def test_debug_alone_is_enough_for_development():
    result = start("check", DEBUG="on", DATABASE_URL="sqlite://:memory:")

    assert result.returncode == 0, result.stderr


# --- Each refusal ---


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing and DEBUG is off. Set SECRET_KEY to"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak and DEBUG is off. Set SECRET_KEY to"),
        ({"SECRET_KEY": KEY[:49]}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "django-insecure-" + KEY}, "SECRET_KEY is too weak"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty and DEBUG is off. Set ALLOWED_HOSTS to"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is empty and DEBUG is off."),
        ({"ALLOWED_HOSTS": "https://a.example"}, "ALLOWED_HOSTS holds 'https://a.example', not"),
        ({"ALLOWED_HOSTS": "a.example b.example"}, "ALLOWED_HOSTS holds 'a.example b.example'"),
        (
            {"LOG_KEY": "no key"},
            "LOG_KEY cannot be read: A private key begins with PRIVATE+KEY+. Set",
        ),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe': set it to on or off, or leave it out."),
        ({"TRUST_X_FORWARDED_PROTO": "2"}, "TRUST_X_FORWARDED_PROTO is '2': set it to on or off"),
        (
            {"SITE_URL": "facts.example.org"},
            "SITE_URL is 'facts.example.org': set it to an address",
        ),
        ({"SITE_URL": "ftp://facts.example.org"}, "SITE_URL is 'ftp://facts.example.org': set it"),
        ({"SITE_URL": "https://"}, "SITE_URL is"),
        ({"SITE_URL": "https://a.example/facts"}, "SITE_URL is 'https://a.example/facts': set it"),
        ({"SITE_URL": "https://a.example?q=1"}, "SITE_URL is"),
        ({"SITE_URL": "https://me@a.example"}, "SITE_URL is"),
        ({"SITE_URL": "https://a.example:port"}, "SITE_URL is"),
        ({"SITE_URL": "https://:443"}, "SITE_URL is"),
        ({"SITE_URL": "https://a b.example"}, "SITE_URL is"),
        (
            {"CSRF_TRUSTED_ORIGINS": "desk.example.org"},
            "CSRF_TRUSTED_ORIGINS holds 'desk.example.org': start each origin with https://",
        ),
        ({"DATABASE_URL": "counterclaim.sqlite3"}, "DATABASE_URL is not the address of a database"),
        ({"DATABASE_URL": "mysql://a:b@c/d"}, "DATABASE_URL is not the address of a database"),
        ({"DATABASE_URL": "sqlite"}, "DATABASE_URL is not the address of a database"),
        ({"DATABASE_URL": "postgresql://u:p@host:port/db"}, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "postgresql://u:p@host:5432"}, "DATABASE_URL names no database"),
        ({"DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE is '0': set it to a whole number from 1"),
        ({"DATABASE_POOL_SIZE": "many"}, "DATABASE_POOL_SIZE is 'many'"),
        (
            {"SECOND_FACTOR": "on"},
            "SECOND_FACTOR is 'on': set it to optional, editors or everybody",
        ),
        (
            {"TRUST_X_FORWARDED_FOR": "on"},
            "TRUST_X_FORWARDED_FOR is 'on': set it to a whole number from 0",
        ),
        ({"TRUST_X_FORWARDED_FOR": "-1"}, "TRUST_X_FORWARDED_FOR is '-1'"),
        (
            {"API_LIMIT_ANONYMOUS": "0"},
            "API_LIMIT_ANONYMOUS is '0': set it to a whole number from 1",
        ),
        (
            {"REDIS_URL": "127.0.0.1:6379"},
            "REDIS_URL is not the address of a Redis: set it to redis://",
        ),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD': set it to DEBUG, INFO"),
    ],
)
def test_bad_value_is_refused_with_a_sentence(settings_for, environment, message):
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_for(**PRODUCTION | environment)

    assert str(refusal.value).startswith(message)


def test_refusal_never_repeats_the_database_password(settings_for):
    for url in (
        "mysql://u:s3cret@c/d",
        "postgresql://u:s3cret@h:port/d",
        "postgresql://u:s3cret@h",
    ):
        with pytest.raises(ImproperlyConfigured) as refusal:
            settings_for(**PRODUCTION | {"DATABASE_URL": url})

        assert "s3cret" not in str(refusal.value)


# --- What a good value means ---


def test_https_site_is_protected(settings_for):
    got = settings_for(**PRODUCTION)

    assert got["DEBUG"] is False
    assert got["SECURE_SSL_REDIRECT"] is True
    assert got["SECURE_HSTS_SECONDS"] == 31_536_000
    assert got["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert got["SECURE_HSTS_PRELOAD"] is True
    assert got["SESSION_COOKIE_SECURE"] is True
    assert got["CSRF_COOKIE_SECURE"] is True
    assert got["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert got["CSRF_TRUSTED_ORIGINS"] == ["https://facts.example.org"]


def test_whoever_forgets_the_site_url_is_safe(settings_for):
    got = settings_for(SECRET_KEY=KEY, ALLOWED_HOSTS="facts.example.org,127.0.0.1")

    assert got["SITE_URL"] == "https://facts.example.org"
    assert got["SECURE_SSL_REDIRECT"] is True
    assert got["SESSION_COOKIE_SECURE"] is True


def test_http_site_on_a_laptop_is_usable(settings_for):
    got = settings_for(SECRET_KEY=KEY, ALLOWED_HOSTS="127.0.0.1, localhost")

    assert got["SITE_URL"] == "http://127.0.0.1:8000"
    assert got["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert got["PUBLISHER_NAME"] == "Counterclaim"
    assert got["PUBLISHER_CONTACT"] == ""
    assert got["SECURE_SSL_REDIRECT"] is False
    assert got["SECURE_HSTS_SECONDS"] == 0
    assert got["SESSION_COOKIE_SECURE"] is False
    assert got["CSRF_TRUSTED_ORIGINS"] == []


def test_forwarded_header_is_not_trusted_unless_asked(settings_for):
    got = settings_for(**PRODUCTION | {"TRUST_X_FORWARDED_PROTO": ""})

    assert got["SECURE_PROXY_SSL_HEADER"] is None


def test_second_factor_is_optional_and_no_proxy_is_trusted_if_nothing_is_said(settings_for):
    got = settings_for(SECRET_KEY=KEY, ALLOWED_HOSTS="127.0.0.1")

    assert got["SECOND_FACTOR"] == "optional"
    assert got["TRUST_X_FORWARDED_FOR"] == 0


@pytest.mark.parametrize("value", ["optional", "editors", "everybody", " Editors "])
def test_second_factor_can_be_asked_of_some_or_all(settings_for, value):
    got = settings_for(**PRODUCTION | {"SECOND_FACTOR": value})

    assert got["SECOND_FACTOR"] == value.strip().lower()


def test_a_session_ends_with_the_browser_after_two_idle_hours_and_after_twelve(settings_for):
    got = settings_for(**PRODUCTION)

    assert got["SESSION_EXPIRE_AT_BROWSER_CLOSE"] is True
    assert got["SESSION_COOKIE_AGE"] == 2 * 3600
    assert got["SESSION_LONGEST"] == 12 * 3600
    assert got["SESSION_COOKIE_HTTPONLY"] is True
    assert got["SESSION_COOKIE_SAMESITE"] == "Lax"


@pytest.mark.parametrize("value", ["on", "ON", "1", "true", " yes "])
def test_debug_on(settings_for, value):
    got = settings_for(DEBUG=value)

    assert got["DEBUG"] is True
    assert got["SECRET_KEY"].startswith("django-insecure-")
    assert got["STORAGES"]["staticfiles"]["BACKEND"].startswith("django.contrib.staticfiles.")


@pytest.mark.parametrize("value", ["off", "0", "False", "no", ""])
def test_debug_off(settings_for, value):
    got = settings_for(**PRODUCTION | {"DEBUG": value})

    assert got["DEBUG"] is False
    assert got["STORAGES"]["staticfiles"]["BACKEND"].startswith("whitenoise.")


def test_further_trusted_origins_are_kept_and_the_site_is_added_once(settings_for):
    origins = "https://desk.example.org,https://facts.example.org"
    got = settings_for(**PRODUCTION | {"CSRF_TRUSTED_ORIGINS": origins})

    assert got["CSRF_TRUSTED_ORIGINS"] == origins.split(",")


def test_slash_at_the_end_of_the_site_is_dropped(settings_for):
    got = settings_for(**PRODUCTION | {"SITE_URL": "https://facts.example.org:8443/"})

    assert got["SITE_URL"] == "https://facts.example.org:8443"


# --- Databases ---


def test_sqlite_file_when_no_database_is_named(settings_for):
    database = settings_for(DEBUG="on")["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert Path(database["NAME"]) == ROOT / "var" / "counterclaim.sqlite3"
    assert (ROOT / "var").is_dir()


@pytest.mark.django_db  # for a connection of its own, to a file of its own
def test_sqlite_options_are_in_force_on_a_file(settings_for, tmp_path):
    database = settings_for(DEBUG="on", DATABASE_URL=f"sqlite:///{tmp_path}/facts.sqlite3")
    connection = ConnectionHandler(database["DATABASES"])["default"]
    try:
        with connection.cursor() as cursor:
            found = {
                pragma: cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
                for pragma in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
            }
    finally:
        connection.close()

    assert found == {
        "foreign_keys": 1,
        "journal_mode": "wal",
        "synchronous": 1,  # NORMAL
        "busy_timeout": 20_000,
    }
    assert connection.transaction_mode == "IMMEDIATE"
    assert connection.settings_dict["CONN_MAX_AGE"] is None


def test_postgresql_uses_the_pool_and_gives_connections_back(settings_for):
    database = settings_for(**PRODUCTION | {"DATABASE_POOL_SIZE": "9"})["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["OPTIONS"]["pool"]["max_size"] == 9
    assert database["CONN_MAX_AGE"] == 0
    assert database["CONN_HEALTH_CHECKS"] is True


def test_options_in_the_address_of_postgresql_are_kept(settings_for):
    url = PRODUCTION["DATABASE_URL"] + "?sslmode=require"
    database = settings_for(**PRODUCTION | {"DATABASE_URL": url})["DATABASES"]["default"]

    assert database["OPTIONS"]["sslmode"] == "require"
    assert "pool" in database["OPTIONS"]


def test_requests_are_counted_in_files_unless_there_is_a_redis(settings_for, monkeypatch):
    found = settings_for(**PRODUCTION)
    cache = found["CACHES"]["default"]
    assert cache["BACKEND"].endswith("FileBasedCache")
    assert cache["LOCATION"] == ROOT / "var" / "cache"
    assert (found["API_LIMIT_ANONYMOUS"], found["API_LIMIT_WITH_KEY"]) == (600, 6_000)

    redis = PRODUCTION | {
        "REDIS_URL": "redis://:secret@127.0.0.1:6379/0",
        "API_LIMIT_ANONYMOUS": "9",
    }
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        ImproperlyConfigured, match=r"pip install .counterclaim\[redis\]"
    ) as refused:
        settings_for(**redis)
    assert "secret" not in str(refused.value)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    found = settings_for(**redis)
    assert found["CACHES"]["default"]["LOCATION"] == redis["REDIS_URL"]
    assert found["CACHES"]["default"]["BACKEND"].endswith("RedisCache")
    assert found["API_LIMIT_ANONYMOUS"] == 9
