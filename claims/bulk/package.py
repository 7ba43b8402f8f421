"""What describes an export: `datapackage.json` (Frictionless Data Package 1) and SHA256SUMS."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from .table import Table
from .tables import TABLES
from .writing import Written

DESCRIPTOR = "datapackage.json"
SUMS = "SHA256SUMS"
TRIPLES = "counterclaim.ttl"
FORMAT = "1.1.0"  # of these files; a reader of 1 reads every 1.x

LINE = re.compile(r"([0-9a-f]{64})  ((?:snapshots/|texts/)?[A-Za-z0-9_]+(?:\.[a-z0-9]+)?)")

DESCRIPTION = """Everything that {publisher} has published: claims, who made them and where, the answers \
to them, the evidence for and against, and every version of every verdict.

Each table comes as CSV and as NDJSON (an object on each line), with the same columns. In CSV every value is \
in quotation marks; an empty one is null in a column that is not a text or that refers to another table, and \
otherwise an empty text. Values are exactly what was said or written: some programs take a cell that begins \
with = + - or @ for a formula, so import such columns as text. counterclaim.ttl has most of the same as RDF. \
The bytes that a text was taken from are in snapshots/, named by their SHA-256, and the texts in texts/. \
SHA256SUMS lists all files. Nothing here tells when the export was made: the same data give the same bytes.
"""


def descriptor(
    tables: dict[str, tuple[int, Written, Written]], triples: Written, cursor: str | None
) -> dict[str, Any]:
    """The Data Package of the tables written, by name: number of rows, NDJSON, CSV."""
    csvs = [_csv(table, *tables[table.name]) for table in TABLES]
    ndjsons = [_ndjson(table, *tables[table.name]) for table in TABLES]
    rdf = {
        "name": "rdf",
        "path": triples.path,
        "profile": "data-resource",
        "title": "Most of the same as RDF (Turtle)",
        "description": "In the terms of schema.org and PROV-O; a thing is named by its page on this site.",
        "format": "ttl",
        "mediatype": "text/turtle",
        **_bytes(triples),
    }
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": "counterclaim",
        "title": f"{settings.PUBLISHER_NAME}: everything published",
        "description": DESCRIPTION.format(publisher=settings.PUBLISHER_NAME),
        "homepage": f"{settings.SITE_URL}/",
        "version": FORMAT,
    }
    if settings.DATA_LICENCE:
        package["licenses"] = [{"path": settings.DATA_LICENCE}]
    if cursor is not None:
        package["changes_cursor"] = cursor
    return package | {"resources": [*csvs, *ndjsons, rdf]}


def schema(table: Table) -> dict[str, Any]:
    """The Table Schema of a table: its data dictionary."""
    references = [
        {
            "fields": column.name,
            # The standard has the empty name for a table that refers to itself.
            "reference": {"resource": "" if name == table.name else name, "fields": key},
        }
        for column in table.columns
        if column.target
        for name, key in [column.target]
    ]
    return {
        "fields": [column.schema() for column in table.columns],
        "missingValues": [""],
        "primaryKey": table.key[0] if len(table.key) == 1 else list(table.key),
        **({"foreignKeys": references} if references else {}),
    }


def _csv(table: Table, rows: int, ndjson: Written, csv: Written) -> dict[str, Any]:
    return {
        "name": table.name,
        "path": csv.path,
        "profile": "tabular-data-resource",
        "title": table.name.replace("_", " ").capitalize(),
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": rows,
        **_bytes(csv),
        "schema": schema(table),
    }


def _ndjson(table: Table, rows: int, ndjson: Written, csv: Written) -> dict[str, Any]:
    return {
        "name": f"{table.name}-ndjson",
        "path": ndjson.path,
        "profile": "data-resource",
        "type": "file",  # or the frictionless program would stumble over a table without rows
        "title": f"{table.name.replace('_', ' ').capitalize()}, an object on each line",
        "description": f"{table.about} The columns are described under {table.name}.",
        "format": "ndjson",
        "mediatype": "application/x-ndjson",
        "encoding": "utf-8",
        **_bytes(ndjson),
    }


def _bytes(file: Written) -> dict[str, Any]:
    return {"bytes": file.size, "hash": f"sha256:{file.sha256}"}


def as_bytes(package: dict[str, Any]) -> bytes:
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def sums(files: Iterable[Written]) -> Iterator[bytes]:
    """The lines of SHA256SUMS, as `sha256sum --check` reads them."""
    for file in files:
        yield f"{file.sha256}  {file.path}\n".encode()


def read_sums(path: Path) -> Iterator[tuple[int, str, str]]:
    """The number, SHA-256 and path of each line of SHA256SUMS. Raises ValueError for any other line: a
    path leads nowhere but into the export."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            found = LINE.fullmatch(line.removesuffix("\n"))
            if found is None:
                raise ValueError(
                    f"{SUMS}, line {number}: it is no checksum of a file of an export."
                )
            yield number, found[1], found[2]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
