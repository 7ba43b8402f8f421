"""An export: a consistent view of the database as a directory, put in the place of the last one at once.

`<root>/current` is a symbolic link to the directory, which is named by the checksum of its checksums: where
nothing has changed, nothing is replaced. A reader sees one whole export or another; a run that fails or is
killed leaves the last one as it is, and the next run clears away what it left.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction

from sources.models import Change

from ..changes import cursor, number_changes
from . import triples
from .package import DESCRIPTOR, SUMS, TRIPLES, as_bytes, descriptor, sums
from .tables import BY_NAME, TABLES
from .writing import HashedFile, Written, write_table

CURRENT = "current"
KEPT = 2  # exports: the current one, and the one before, which somebody may be reading
UNFINISHED = ".unfinished-"

Say = Callable[[str], None]


class Exported(NamedTuple):
    """Where the export is, whether it differs from the last one, and the number of rows by table."""

    path: Path
    changed: bool
    rows: dict[str, int]


class AlreadyRunning(Exception):
    """Another process is writing an export to the same place."""


def export(root: Path, *, say: Say = lambda line: None) -> Exported:
    """Write everything that is published below `root`, a directory that is made if it is missing.

    Reads in one transaction that sees one state of the database and keeps no writer waiting. Raises
    AlreadyRunning, and OSError where the directory cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        for left in root.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        made = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
        try:
            made.chmod(0o755)
            number_changes()  # so that the place in the feed is near
            with one_state():
                rows = _write(made, say)
            name = hashlib.sha256((made / SUMS).read_bytes()).hexdigest()[:16]
            changed = not (root / name).exists()
            if changed:
                made.rename(root / name)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        _lead_to(root, name)
        _clear(root, name)
    return Exported(root / name, changed, rows)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"Another export to {root} is running.") from error
        yield


@contextmanager
def one_state() -> Iterator[None]:
    """Read one state of the database, however long it takes, and write nothing.

    Within a transaction of the caller's, it is that one.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as statements:
            statements.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Not atomic(), which on SQLite begins as a writer (settings) and would keep all others waiting.
        with connection.cursor() as statements:
            statements.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                statements.execute("ROLLBACK")


def _write(to: Path, say: Say) -> dict[str, int]:
    tables: dict[str, tuple[int, Written, Written]] = {}
    files: list[Written] = []
    for table in TABLES:
        told = write_table(to, table.name, table.columns, table.read())
        tables[table.name] = told
        files += told[1:]
        say(f"{table.name}: {told[0]:,}")
    files += _editions(to)
    files.append(triples.write(to, TRIPLES))
    say(TRIPLES)
    with HashedFile(to, DESCRIPTOR) as file:
        file.write(as_bytes(descriptor(tables, files[-1], place_in_feed())))
    files.append(file.written)
    with HashedFile(to, SUMS) as lines:
        for line in sums(sorted(files, key=lambda file: file.path)):
            lines.write(line)
    return {name: told[0] for name, told in tables.items()}


def place_in_feed() -> str | None:
    """The cursor of the last change that has been numbered; None where there is none.

    What was committed since has no number yet, or a higher one, and may be in the export already: a mirror
    that goes on from here fetches it once more, and misses nothing.
    """
    last = Change.objects.filter(position__isnull=False).order_by("-position").first()
    return cursor(last) if last else None


def _editions(to: Path) -> Iterator[Written]:
    """Write the bytes and the text of every public edition, each under its checksum, each once."""
    for folder in ("snapshots", "texts"):
        (to / folder).mkdir()
    table = BY_NAME["snapshots"]
    for edition in table.rows().order_by("pk").iterator(chunk_size=1):
        for path, data in (
            (f"snapshots/{edition.sha256}", edition.content),
            (f"texts/{edition.text_sha256}.txt", edition.text.encode()),
        ):
            if (to / path).exists():
                continue
            with HashedFile(to, path) as file:
                file.write(data)
            yield file.written


def _lead_to(root: Path, name: str) -> None:
    """Let `current` lead to the export called `name`, from one moment to the next."""
    link = root / f"{UNFINISHED}link"
    link.unlink(missing_ok=True)
    link.symlink_to(name, target_is_directory=True)
    link.replace(root / CURRENT)


def _clear(root: Path, name: str) -> None:
    """Remove old exports but the newest of them."""
    finished = [
        path
        for path in root.iterdir()
        if path.is_dir() and not path.is_symlink() and path.name != name
    ]
    old = sorted(
        (path for path in finished if (path / DESCRIPTOR).is_file() and len(path.name) == 16),
        key=lambda path: path.stat().st_mtime,
    )
    for path in old[: len(old) - (KEPT - 1)]:
        shutil.rmtree(path)
