"""The database and what rests on its kind, from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.environment import choice_from_env, text_from_env, whole_number_from_env

# IMMEDIATE: a writer queues at its first statement instead of failing half-way through.
# WAL: readers do not wait for the writer; NORMAL is durable enough beside it.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds that a writer waits for another
    "init_command": ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"),
}


def database_from_env(folder: Path) -> dict[str, Any]:
    """Return the entry of DATABASES; left out, an SQLite file in `folder`, which is made."""
    url = text_from_env("DATABASE_URL")
    if not url:
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / 'counterclaim.sqlite3'}"
    hint = (
        "set it to postgresql://user:password@host:5432/name or sqlite:////absolute/path.sqlite3, "
        "or leave it out for a SQLite file in var/."
    )
    scheme = url.partition("://")[0]
    # The address itself is not repeated in a message: it may hold a password.
    if scheme not in {"sqlite", "postgres", "postgresql"} or "://" not in url:
        raise ImproperlyConfigured(f"DATABASE_URL is not the address of a database: {hint}")
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {hint}") from error
    if not database["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database: {hint}")
    options = database.setdefault("OPTIONS", {})
    if scheme == "sqlite":
        options.update(SQLITE_OPTIONS)
        # Opening the file and its PRAGMAs cost a millisecond for each request: keep it open.
        database["CONN_MAX_AGE"] = None
    else:
        # A reader is told within seconds that the database is away, not after half a minute.
        pool_size = whole_number_from_env("DATABASE_POOL_SIZE", 4)
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
        # It takes PostgreSQL longer to compile a query of the search than to answer it.
        options.setdefault("options", "-c jit=off")
        database["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must give them back
        database["CONN_HEALTH_CHECKS"] = True  # the pool replaces one that the server has dropped
    return database


def vector_index_from_env(engine: str) -> str:
    """What the index of vectors is, for the database `engine` (the name of Django's backend)."""
    value = choice_from_env("VECTOR_INDEX", "auto", "files", "pgvector", default="auto")
    if value == "pgvector" and "postgresql" not in engine:
        raise ImproperlyConfigured(
            "VECTOR_INDEX is pgvector, and the database is not PostgreSQL: set it to auto or files."
        )
    return value
