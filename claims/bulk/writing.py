"""A table as files: NDJSON and CSV, the same bytes for the same rows."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from .columns import Column


class Written(NamedTuple):
    """A file of an export: its path in it, its SHA-256 in hexadecimal, its size in bytes."""

    path: str
    sha256: str
    size: int


class HashedFile(io.RawIOBase):
    """A new file below `root`, of which the SHA-256 is known as soon as it is written."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self._file = (root / path).open("xb")
        self._digest = hashlib.sha256()
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        self._size += len(data)
        return self._file.write(data)

    def close(self) -> None:
        """Close it when it is on the disk, or a power cut could leave an export of empty files."""
        if not self.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        super().close()

    @property
    def written(self) -> Written:
        return Written(self.path, self._digest.hexdigest(), self._size)


def moment(value: dt.datetime) -> str:
    """RFC 3339, in UTC: 2022-01-10T09:00:00Z, with six digits of a second where it has a fraction."""
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


# Line ends to some programs, though not to NDJSON; JSON may as well name them.
LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}

FORMS: dict[str, Callable[[Any], Any]] = {"date": dt.date.isoformat, "datetime": moment}


def write_table(
    root: Path, name: str, columns: Iterable[Column], rows: Iterable[tuple[Any, ...]]
) -> tuple[int, Written, Written]:
    """Write `<name>.ndjson` and `<name>.csv` below `root`; return the number of rows and both files.

    NDJSON: an object on each line, UTF-8, null where there is nothing. CSV (RFC 4180): a head line, every
    value in quotation marks, exactly as it is stored: a text that begins with `=` stays what somebody said. A
    list is in CSV what it is in JSON.
    """
    columns = tuple(columns)
    names = [column.name for column in columns]
    forms = [(i, FORMS[c.type]) for i, c in enumerate(columns) if c.type in FORMS]
    lists = [i for i, column in enumerate(columns) if column.type == "array"]
    flags = [i for i, column in enumerate(columns) if column.type == "boolean"]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    n = 0
    with ExitStack() as files:
        ndjson, table = (
            files.enter_context(HashedFile(root, f"{name}.{kind}")) for kind in ("ndjson", "csv")
        )
        lines = files.enter_context(io.BufferedWriter(ndjson, 1 << 16))
        cells = files.enter_context(
            io.TextIOWrapper(io.BufferedWriter(table, 1 << 16), "utf-8", newline="")
        )
        writer = csv.writer(cells, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(names)
        for row in rows:
            values = list(row)
            for i, form in forms:
                if values[i] is not None:
                    values[i] = form(values[i])
            line = encode(dict(zip(names, values, strict=True)))
            if not line.isascii():
                line = line.translate(LINE_ENDS)
            lines.write(line.encode() + b"\n")
            for i in lists:
                values[i] = encode(values[i])
            for i in flags:
                values[i] = "true" if values[i] else "false"
            writer.writerow(values)
            n += 1
    return n, ndjson.written, table.written
