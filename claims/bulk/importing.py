"""An export → an empty instance: in one transaction, everything or nothing.

Rows go in as they are, numbers and times included, past `save` and its automatic times; what the
database itself keeps (constraints, triggers) holds for them as for any other. Memory does not grow with the
number of rows.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils import timezone

from sources import store
from sources.models.seen import history_of

from ..log import afterwards
from ..log.writing import sign_what_is_there
from ..models import Claim, LogEntry, LogHead, Verdict
from ..models.log import EventKind, Recorded
from .exporting import CURRENT
from .package import DESCRIPTOR, FORMAT, SUMS, read_sums, sha256_of
from .reading import Refused, records
from .table import Table
from .tables import TABLES

BATCH = 1_000  # rows
REASON = "Imported from the published data"

Say = Callable[[str], None]


class NotEmpty(Exception):
    """The instance has something already."""


class Imported(NamedTuple):
    """The number of rows by table."""

    rows: dict[str, int]


def import_data(path: Path, *, dry_run: bool = False, say: Say = lambda line: None) -> Imported:
    """Load the export at `path` (its directory, the one above it, or its datapackage.json).

    With `dry_run` everything is done and taken back. Raises Refused, which names file and line; NotEmpty,
    which names what is there; and OSError for files that cannot be read.
    """
    folder = _folder(path)
    _verify(folder, say)
    with transaction.atomic():
        _refuse_unless_empty()
        rows = {}
        log = _Log(folder)
        with Keys() as keys:
            filling = Importer(folder, log)
            for table in TABLES:
                rows[table.name] = _load(table, folder, keys, filling)
                say(f"{table.name}: {rows[table.name]:,}")
        _write_history(filling.now)
        log.write(rows)
        if dry_run:
            transaction.set_rollback(True)
    return Imported(rows)


# --- Before ---


def _folder(path: Path) -> Path:
    folder = path.parent if path.name == DESCRIPTOR else path
    if not (folder / DESCRIPTOR).exists() and (folder / CURRENT / DESCRIPTOR).exists():
        folder = folder / CURRENT
    if not (folder / DESCRIPTOR).exists():
        raise Refused(str(folder), None, f"there is no {DESCRIPTOR}, so it is no export.")
    return folder


def _verify(folder: Path, say: Say) -> None:
    """Compare every file with its checksum, before anything else is read from it.

    What an import does not need (CSV, RDF) may be missing; what is there must be right.
    """
    needed = {DESCRIPTOR, *(f"{table.name}.ndjson" for table in TABLES)}
    try:
        for number, sha256, name in read_sums(folder / SUMS):
            needed.discard(name)
            path = folder / name
            if not path.exists():
                if name.endswith((".csv", ".ttl")):
                    continue
                raise Refused(SUMS, number, f"{name} is missing.")
            if sha256_of(path) != sha256:
                raise Refused(name, None, f"it is damaged: its SHA-256 is not that of {SUMS}.")
    except FileNotFoundError as error:
        raise Refused(SUMS, None, "it is missing, so nothing can be verified.") from error
    except ValueError as error:
        raise Refused(SUMS, None, str(error)) from error
    if needed:
        raise Refused(SUMS, None, f"{', '.join(sorted(needed))} is not listed.")
    try:
        version = str(json.loads((folder / DESCRIPTOR).read_bytes())["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(DESCRIPTOR, None, "it does not say its version.") from error
    if version.partition(".")[0] != FORMAT.partition(".")[0]:
        raise Refused(DESCRIPTOR, None, f"its version is {version}; this program reads {FORMAT}.")
    say("Checksums: all right")


def _refuse_unless_empty() -> None:
    there = []
    for model in dict.fromkeys(table.model for table in TABLES):
        history = history_of(model)
        # What was deleted has left its history, with numbers that are now to be given again.
        kept = history.model if history is not None else model
        for found in (model, kept):
            if n := found._default_manager.count():
                there.append(f"{n:,} {found._meta.verbose_name_plural}")
                break
    if there:
        raise NotEmpty(
            f"This instance is not empty: it has {', '.join(there)}. Data are imported into a fresh one."
        )


# --- What is not in the rows ---


class Importer:
    """What the rows do not say: in whose name they are stored, and the bytes and texts of editions.

    A verdict needs an author and another reviewer. Each name that pages give becomes one account; those who
    gave none share one as authors and one as reviewers. The accounts have no password and never sign in.
    """

    def __init__(self, folder: Path, log: _Log) -> None:
        self.now = timezone.now()
        self._folder = folder
        self._log = log
        self._accounts: dict[tuple[str, str], int] = {}
        users = get_user_model().objects.filter(username__startswith="imported-")
        self._taken = set(users.values_list("username", flat=True))
        self.publisher = self._account("", "reviewer")

    def entry(self) -> int:
        """The number of the next entry of the log, for a verdict to name."""
        return self._log.next()

    def signed(self, row: Mapping[str, Any]) -> tuple[int, int]:
        """The accounts of a verdict's author and reviewer."""
        author = self._account(row["author"], "author")
        reviewer = self._account(row["reviewer"], "reviewer")
        if author == reviewer:  # two people of one name
            reviewer = self._account(row["reviewer"], "namesake")
        return author, reviewer

    def edition(self, sha256: str, text_sha256: str) -> str:
        """Keep the bytes of an edition in the archive, and return its text. Raises ValueError where either is
        missing, or is another."""
        store.keep(self._read("snapshots", sha256, ""))
        return self._read("texts", text_sha256, ".txt").decode()

    def _read(self, where: str, sha256: str, ending: str) -> bytes:
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise ValueError(f"“{sha256}” is no SHA-256.")
        try:
            data = (self._folder / where / f"{sha256}{ending}").read_bytes()
        except FileNotFoundError as error:
            raise ValueError(f"{where}/{sha256}{ending} is missing.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"{where}/{sha256}{ending} has another SHA-256 than its name says.")
        return data

    def _account(self, name: str, role: str) -> int:
        key = (name, "" if name and role != "namesake" else role)
        if key not in self._accounts:
            number = len(self._accounts) + 1
            while f"imported-{number}" in self._taken:
                number += 1
            self._taken.add(f"imported-{number}")
            first, last = _first_and_last(name)
            user = get_user_model()(
                username=f"imported-{number}", first_name=first, last_name=last, is_active=False
            )
            user.set_unusable_password()
            user.save()
            self._accounts[key] = user.pk
        return self._accounts[key]


def _first_and_last(name: str) -> tuple[str, str]:
    """A full name as the two that an account has, of which Django puts it together again."""
    longest = 150  # characters of each
    for place in range(len(name) - 1, -1, -1):
        if name[place] == " " and place <= longest and len(name) - place - 1 <= longest:
            return name[:place], name[place + 1 :]
    if len(name) > longest:
        raise ValueError(f"the name {name[:40]}… is longer than an account can hold.")
    return "", name


class _Log:
    """What the log says of an import: first that there was one, and of which files, then each publication
    and end of a verdict in the order of the rows, which name their entries before these are written."""

    def __init__(self, folder: Path) -> None:
        self._package = sha256_of(folder / SUMS)
        self._entry = LogEntry.begin()
        self._last = self._entry.number

    def next(self) -> int:
        self._last += 1
        return self._last

    def write(self, rows: dict[str, int]) -> None:
        """Write the entries of all that was imported: `rows` by table."""
        told = {"package": self._package, "rows": rows}
        self._entry.write(
            EventKind.IMPORTED,
            at=timezone.now(),
            documents={"import": told},
            recorded=Recorded.IMPORTED,
        )
        named = Verdict.objects.filter(published_at__isnull=False).values_list(
            "pk", "publication_entry", "ending_entry"
        )
        events = []
        for pk, publication, end in named:
            events.append((publication, ("Verdict", pk, False)))
            if end is not None:
                events.append((end, ("Verdict", pk, True)))
        afterwards.write(
            (event for _, event in sorted(events)), apps.get_model, recorded=Recorded.IMPORTED
        )
        sign_what_is_there(LogHead.locked())


class Keys:
    """By which number the database knows a row that the files name by something else; on disk, so that
    memory does not grow with it."""

    def __enter__(self) -> Keys:
        self._database = sqlite3.connect("")  # a file without a name, which goes away with it
        self._database.execute(
            "CREATE TABLE keys (name, key, id, PRIMARY KEY (name, key)) WITHOUT ROWID"
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def add(self, table: str, key: Any, number: int) -> None:
        # That a key is there twice is for the table's own constraint to tell.
        self._database.execute("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", (table, key, number))

    def find(self, table: str, key: Any) -> int | None:
        found = self._database.execute(
            "SELECT id FROM keys WHERE name = ? AND key = ?", (table, key)
        ).fetchone()
        return found[0] if found else None


# --- Rows ---

Row = dict[str, Any]
REFERRED_TO = {
    target[0]: target[1]
    for table in TABLES
    for column in table.columns
    if (target := column.target)
}


def _load(table: Table, folder: Path, keys: Keys, importer: Importer) -> int:
    """Insert the rows of a table; return how many they are."""
    path = f"{table.name}.ndjson"
    key = REFERRED_TO.get(table.name)
    # A row may refer to one further down.
    ahead = any(column.target and column.target[0] == table.name for column in table.columns)
    if key and ahead:
        for _, row in records(table, folder, only=("id", key)):
            keys.add(table.name, row[key], row["id"])
    fields, values = _values(table, keys, importer)
    quote = connection.ops.quote_name
    statement = "INSERT INTO {} ({}) VALUES ({})".format(  # noqa: S608 -- names of our own
        quote(table.model._meta.db_table),
        ", ".join(quote(field.column) for field in fields),
        ", ".join(["%s"] * len(fields)),
    )

    def lines() -> Iterator[tuple[int, list[Any]]]:
        for number, row in records(table, folder):
            if key and not ahead:
                keys.add(table.name, row[key], row["id"])
            try:
                yield number, values(row)
            except ValueError as error:
                raise Refused(path, number, str(error)) from error

    n = 0
    waiting = lines()
    with connection.cursor() as cursor:
        while batch := list(islice(waiting, min(BATCH, table.chunk))):
            try:
                with transaction.atomic():
                    _insert(cursor, statement, [row for _, row in batch])
            except (IntegrityError, DataError):
                _blame(path, statement, batch)
                raise
            n += len(batch)
        # Before the next row that has no number of its own.
        for reset in connection.ops.sequence_reset_sql(no_style(), [table.model]):
            cursor.execute(reset)
    return n


def _insert(cursor: Any, statement: str, rows: list[list[Any]]) -> None:
    """Insert `rows` as the INSERT `statement` has it; on PostgreSQL by COPY, which is quicker and asks the
    same constraints and triggers."""
    if connection.vendor != "postgresql":
        cursor.executemany(statement, rows)
        return
    into = statement.removeprefix("INSERT INTO ").partition(" VALUES ")[0]
    with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _values(
    table: Table, keys: Keys, importer: Importer
) -> tuple[list[Any], Callable[[Row], list[Any]]]:
    """The fields that are stored, and a function that gives their values for a row of the file; it raises
    ValueError where the row refers to what is not there."""
    stored = [column for column in table.columns if column.stored]
    given = {column.field.attname for column in stored}
    # A primary key that the files do not have is for the database to give.
    others = [
        field
        for field in table.model._meta.concrete_fields
        if field.attname not in given and not field.primary_key
    ]
    fills = [
        table.filled.get(field.attname) or (lambda row, to, field=field: field.get_default())
        for field in others
    ]
    fields = [column.field for column in stored] + others
    adapters = [_adapter(field) for field in fields]
    targets = [(column.name, column.target[0] if column.target else None) for column in stored]

    def values(row: Row) -> list[Any]:
        told = []
        for name, target in targets:
            value = row[name]
            if target and value is not None:
                number = keys.find(target, value)
                if number is None:
                    raise ValueError(f"“{name}”: {target}.ndjson has no {value!r}.")
                value = number
            told.append(value)
        told += [fill(row, importer) for fill in fills]
        return [
            adapt(value) if adapt and value is not None else value
            for adapt, value in zip(adapters, told, strict=True)
        ]

    return fields, values


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """What makes a value one that the database takes as a parameter; None for what it takes as it is."""
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None


def _blame(path: str, statement: str, batch: list[tuple[int, list[Any]]]) -> None:
    """Raise Refused with the line of a batch that the database refuses."""
    with transaction.atomic(), connection.cursor() as cursor:
        for number, row in batch:
            try:
                with transaction.atomic():
                    cursor.execute(statement, row)
            except (IntegrityError, DataError) as error:
                why = str(error).strip().splitlines()[0]
                raise Refused(path, number, f"the database refuses it: {why}") from error


# --- After ---


def _write_history(now: Any) -> None:
    """Begin the history of every row, as of when it last changed: the desk's forms, and the pages that
    say what changed when, go by it."""
    quote = connection.ops.quote_name
    for model in dict.fromkeys(table.model for table in TABLES):
        history = history_of(model)
        if history is None:
            continue
        meta = model._meta
        kept = {field.attname for field in history.model._meta.concrete_fields}
        columns = [field.column for field in meta.concrete_fields if field.attname in kept]
        times = [
            quote(name)
            for name in ("ended_at", "updated_at", "published_at")
            if any(field.attname == name for field in meta.concrete_fields)
        ]
        names = ", ".join(map(quote, columns))
        at = f"COALESCE({', '.join(times)}, %s)" if times else "%s"
        statement = (
            f"INSERT INTO {quote(history.model._meta.db_table)} "  # noqa: S608 -- names of our own
            f"({names}, history_date, history_type, history_change_reason) "
            f"SELECT {names}, {at}, %s, %s "
            f"FROM {quote(meta.db_table)} ORDER BY id"
        )
        with connection.cursor() as cursor:
            moment = connection.ops.adapt_datetimefield_value(now)
            cursor.execute(statement, [moment, "+", REASON])
    topics = apps.get_model("claims", "HistoricalClaim_topics")._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(topics)} (id, claim_id, topic_id, history_id) "  # noqa: S608 -- our own names
            "SELECT t.id, t.claim_id, t.topic_id, h.history_id "
            f"FROM {quote(Claim.topics.through._meta.db_table)} t "
            f"JOIN {quote(Claim.history.model._meta.db_table)} h ON h.id = t.claim_id"
        )
