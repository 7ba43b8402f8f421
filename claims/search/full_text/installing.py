"""Views and triggers, around migrations: taken away before any that changes something (SQLite makes tables
anew to alter them, which drops their triggers and fails where a view refers to them), and put back after.

Whatever was written in between is not in the index, which is therefore made anew whenever they are put back.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction

from .definition import Definition, definition_of
from .rows import COLUMNS, KINDS

INTO = f"INSERT INTO claims_indexedtext (kind, key, {', '.join(COLUMNS)})"


def before_migrations(*, using: str, plan: Any = (), **signal: Any) -> None:
    """Receives pre_migrate."""
    if plan:
        remove(connections[using])


def after_migrations(*, using: str, **signal: Any) -> None:
    """Receives post_migrate, of `flush` too, which leaves everything in place."""
    connection = connections[using]
    if "claims_indexedtext" not in connection.introspection.table_names():
        return  # migrated to a state before the index
    definition = definition_of(connection)
    if not _is_installed(connection, definition):
        with transaction.atomic(using=using):
            # Emptied first: else all rows are read anew, and then deleted.
            empty = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
            emptied = f"{empty} claims_indexedtext"
            _run(connection, [*definition.remove, emptied, *definition.install])
            rebuild(connection)


def remove(connection: Any) -> None:
    """Take away all but the rows."""
    _run(connection, definition_of(connection).remove)


def rebuild(connection: Any) -> int:
    """Empty the index and fill it from the views. Returns how many rows it has then. One transaction."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("DELETE FROM claims_indexedtext")
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM claims_word")
        for kind in KINDS:
            columns = ", ".join(COLUMNS)
            cursor.execute(f"{INTO} SELECT '{kind}', key, {columns} FROM claims_indexable_{kind}")
        cursor.execute("SELECT count(*) FROM claims_indexedtext")
        return int(cursor.fetchone()[0])


def differences(connection: Any) -> list[tuple[str, int]]:
    """Return which rows (kind, primary key) the index lacks, has too many, or has otherwise than the views
    say; in order. Empty: all is right. Reads everything."""
    columns = ", ".join(("key", *COLUMNS))
    found: set[tuple[str, int]] = set()
    with connection.cursor() as cursor:
        for kind in KINDS:
            stored = f"SELECT {columns} FROM claims_indexedtext WHERE kind = '{kind}'"
            right = f"SELECT {columns} FROM claims_indexable_{kind}"
            for first, second in ((stored, right), (right, stored)):
                cursor.execute(f"SELECT key FROM ({first} EXCEPT {second}) differing")
                found.update((kind, key) for (key,) in cursor.fetchall())
    return sorted(found)


def _is_installed(connection: Any, definition: Definition) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(definition.fingerprint_query)
        row = cursor.fetchone()
    return row is not None and row[0] is not None and definition.fingerprint in row[0]


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
