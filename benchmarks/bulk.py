"""Bulk data at size: rows a second and peak memory of import_data and export_data, beside COPY on PostgreSQL.

    DATABASE_URL=sqlite:////tmp/scratch.sqlite3 .venv/bin/python benchmarks/bulk.py
    DATABASE_URL=postgresql://user@127.0.0.1:5432/scratch .venv/bin/python benchmarks/bulk.py

An export of so many claims is made up, imported into an empty database, exported from it (both exports must
be the same to the byte), and on PostgreSQL its claims.csv is loaded into the same table by COPY. The database
that DATABASE_URL names is DELETED and made anew (on PostgreSQL its name must begin with “scratch”).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEBUG", "on")
LIMIT = 150  # MB of memory that neither way may take

AT = dt.datetime(2022, 1, 7, 9, tzinfo=dt.UTC)
TEXT = "\n\n".join(
    f"Sentence {i} of the speech, which can be quoted as it stands." for i in range(100)
)
CONTEXT = (
    "What a reader must know to understand the claim, in some four lines of neutral words. " * 4
)
RATIONALE = "What the evidence for and against shows, and what is not known.\n\n" * 20


def made_up(n: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    """Rows of every table for `n` claims, in the order of the columns."""
    texts = [f"{TEXT}\n\nText {i}." for i in range(20)]
    sums = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    places = [(start := TEXT.index(f"Sentence {i} "), start + 20) for i in range(100)]
    day = dt.date(2022, 1, 7)
    return {
        "speakers": ((i, f"speaker-{i}", f"Speaker {i}", "person", "", "", AT) for i in range(1, 201)),
        "speaker_names": ((f"speaker-{i}", f"MR. {i}") for i in range(1, 201)),
        "topics": ((i, f"topic-{i}", f"Topic {i}", "") for i in range(1, 21)),
        "scales": iter([(1, "truth", "Truth", "", 1, 5)]),
        "ratings": ((i, "truth", f"step-{i}", f"Step {i}", "A step.", i, i) for i in range(1, 6)),
        "sources": (
            (i, f"source-{i}", f"Source {i}", "transcript", "", "", day, "day", "", "", "en",
             "original", "", "primary", "", "", None, "", AT, AT)
            for i in range(1, 201)
        ),
        "snapshots": (
            (i + 1, f"source-{i + 1}", 1, sums[i], "text/plain", sums[i], AT) for i in range(20)
        ),
        "turns": iter(()),
        "passages": (
            (100 * s + i + 1, s + 1, None, start, end, TEXT[start:end], "", "")
            for s in range(20)
            for i, (start, end) in enumerate(places)
        ),
        "claims": (
            (i, f"a-claim-of-which-the-address-is-long-{i}", f"A claim was made, number {i}.",
             "factual", CONTEXT, "en", None, 0, False, AT, AT)
            for i in range(1, n + 1)
        ),
        "retired_claims": iter(()),
        "claim_topics": ((slug(i), f"topic-{i % 20 + 1}") for i in range(1, n + 1)),
        "appearances": (
            (i, slug(i), i % 2000 + 1, f"speaker-{i % 200 + 1}", None, "asserted", None, AT)
            for i in range(1, n // 2 + 1)
        ),
        "rebuttals": (
            (i, slug(i), f"speaker-{i % 200 + 1}", i % 2000 + 1, "It is denied.", None, AT)
            for i in range(1, n // 10 + 1)
        ),
        "citations": ((i, i, "A document", None, "", "") for i in range(1, n // 10 + 1)),
        "evidence": (
            (i, slug(i), f"source-{i % 200 + 1}", None, "p. 1", "supports", "direct",
             "The record says so, in a sentence or two of the desk's own words.", None, AT)
            for i in range(1, n // 2 + 1)
        ),
        "searches": (
            (i, slug(i), day, "An archive", "promise", "Nothing.", AT) for i in range(1, n // 10 + 1)
        ),
        "verdicts": (
            (i, slug(i), 1, f"step-{i % 5 + 1}", f"A claim was made, number {i}.", "A finding.",
             RATIONALE, "first", "", "", "", AT, None, "", "")
            for i in range(1, n // 4 + 1)
        ),
        "external_reviews": iter(()),
    }  # fmt: skip


def slug(i: int) -> str:
    return f"a-claim-of-which-the-address-is-long-{i}"


def make_up(folder: Path, n: int) -> int:
    """Write an export of `n` claims; return the number of its rows."""
    from claims.bulk.package import DESCRIPTOR, FORMAT, SUMS, sums
    from claims.bulk.tables import BY_NAME
    from claims.bulk.writing import HashedFile, write_table

    files, total = [], 0
    for name, rows in made_up(n).items():
        count, *written = write_table(folder, name, BY_NAME[name].columns, rows)
        total += count
        files += written
    others = {DESCRIPTOR: json.dumps({"version": FORMAT})}
    for i in range(20):
        text = f"{TEXT}\n\nText {i}."
        digest = hashlib.sha256(text.encode()).hexdigest()
        others |= {f"snapshots/{digest}": text, f"texts/{digest}.txt": text}
    for path, text in others.items():
        (folder / path).parent.mkdir(exist_ok=True)
        with HashedFile(folder, path) as file:
            file.write(text.encode())
        files.append(file.written)
    (folder / SUMS).write_bytes(b"".join(sums(files)))
    return total


# --- Steps, each a process of its own so that its memory is known ---


def step_import(folder: str) -> dict[str, Any]:
    from claims.bulk.importing import import_data

    times = [("", time.perf_counter())]
    done = import_data(Path(folder), say=lambda line: times.append((line, time.perf_counter())))
    end = time.perf_counter()
    spent = {after[0].partition(":")[0]: after[1] - before[1] for before, after in pairwise(times)}
    return {"rows": sum(done.rows.values()), "seconds": end - times[0][1], "tables": spent}


def step_export(folder: str) -> dict[str, Any]:
    from claims.bulk.exporting import export

    times = [("", time.perf_counter())]
    done = export(Path(folder), say=lambda line: times.append((line, time.perf_counter())))
    spent = {after[0].partition(":")[0]: after[1] - before[1] for before, after in pairwise(times)}
    end = time.perf_counter()
    return {
        "rows": sum(done.rows.values()),
        "seconds": end - times[0][1],
        "tables": spent,
        "path": str(done.path),
    }


# claims.csv as it is: every value in quotation marks, and what it refers to empty.
COLUMNS = (
    "id, slug, text, kind, context, language, part_of_id, part_position, decides_whole, selection, "
    "selection_note, published_at, updated_at"
)


def step_copy(folder: str) -> dict[str, Any]:
    """COPY of claims.csv out of and into claims_claim, in a transaction that is taken back. The columns that
    the file has not get a default."""
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction

    told: dict[str, Any] = {}
    data = (Path(folder) / "claims.csv").read_bytes()
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        size = 0
        with cursor.copy(
            f"COPY (SELECT {COLUMNS} FROM claims_claim ORDER BY id) TO STDOUT "
            "(FORMAT csv, HEADER, FORCE_QUOTE *)"
        ) as copy:
            for block in copy:
                size += len(block)
        told["out"] = time.perf_counter() - began
        # The same table, empty: with its indexes, constraints and triggers, past which no row goes.
        user = get_user_model().objects.first()
        assert user is not None
        cursor.execute("ALTER TABLE claims_claim RENAME TO claims_claim_full")
        cursor.execute("CREATE TABLE claims_claim (LIKE claims_claim_full INCLUDING ALL)")
        for name, target in (
            ("part_of_id", "claims_claim"),
            ("duplicate_of_id", "claims_claim"),
            ("published_by_id", "auth_user"),
        ):
            cursor.execute(
                f"ALTER TABLE claims_claim ADD FOREIGN KEY ({name}) REFERENCES {target} (id) "
                "DEFERRABLE INITIALLY DEFERRED"
            )
        cursor.execute("ALTER TABLE claims_claim ALTER created_at SET DEFAULT now()")
        cursor.execute(f"ALTER TABLE claims_claim ALTER published_by_id SET DEFAULT {user.pk}")
        began = time.perf_counter()
        with cursor.copy(
            f"COPY claims_claim ({COLUMNS}) FROM STDIN (FORMAT csv, HEADER, FORCE_NULL (part_of_id))"
        ) as copy:
            copy.write(data)
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # foreign keys, as at the end of the transaction
        told["in"] = time.perf_counter() - began
        cursor.execute("SELECT COUNT(*) FROM claims_claim")
        told["rows"] = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return told


def step(name: str, folder: Path) -> dict[str, Any]:
    """Run a step in a process of its own; return what it told, with its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, "--in", str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        # As in production: with DEBUG on, Django keeps the last thousands of statements.
        env=os.environ
        | {
            "DEBUG": "off",
            "SECRET_KEY": "benchmark-" + "0123456789abcdef" * 4,
            "ALLOWED_HOSTS": "localhost",
        },
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_step(name: str, folder: str) -> None:
    import django

    django.setup()
    told = {"import": step_import, "export": step_export, "copy": step_copy}[name](folder)
    told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(told))


def fresh_database() -> str:
    """Make the database anew; return which one it is."""
    address = os.environ.get("DATABASE_URL", "")
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{rest.removeprefix('/')}{ending}").unlink(missing_ok=True)
    elif scheme in ("postgres", "postgresql"):
        import psycopg

        name = urlsplit(address).path.removeprefix("/")
        if not name.startswith("scratch"):
            sys.exit(
                "The name of the PostgreSQL database must begin with “scratch”: it is deleted."
            )
        with psycopg.connect(address.replace(f"/{name}", "/postgres"), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')
            server.execute(f'CREATE DATABASE "{name}"')
    else:
        sys.exit("Set DATABASE_URL to a scratch database: it is deleted.")
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, cwd=ROOT)
    return "SQLite" if scheme == "sqlite" else "PostgreSQL"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--step", choices=["import", "export", "copy"], help=argparse.SUPPRESS)
    parser.add_argument("--in", dest="folder", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        run_step(asked.step, asked.folder)
        return
    import django

    django.setup()
    database = fresh_database()
    work = Path(tempfile.mkdtemp(prefix="bulk-"))
    try:
        given = work / "given"
        given.mkdir()
        total = make_up(given, asked.claims)
        print(f"{database}: {asked.claims:,} claims, {total:,} rows in all tables")
        print("| way | rows | seconds | rows/s | peak MB |\n| --- | ---: | ---: | ---: | ---: |")
        imported = step("import", given)
        exported = step("export", work / "out")
        for name, told in (("import_data", imported), ("export_data", exported)):
            tell(name, told["rows"], told["seconds"], told["peak"])
            tell(f"{name}: claims alone", asked.claims, told["tables"]["claims"])
        rdf = exported["tables"]["counterclaim.ttl"]
        tell("export_data without RDF", exported["rows"], exported["seconds"] - rdf)
        if database == "PostgreSQL":
            copied = step("copy", given)
            assert copied["rows"] == asked.claims
            tell("COPY FROM claims.csv", asked.claims, copied["in"])
            tell("COPY TO, the same bytes", asked.claims, copied["out"])
        for path in sorted(given.rglob("*.ndjson")) + sorted(given.rglob("*.csv")):
            again = Path(exported["path"]) / path.name
            assert path.read_bytes() == again.read_bytes(), path.name
        print("What was exported is what was imported, to the byte.")
        for told in (imported, exported):
            assert told["peak"] <= LIMIT, f"{told['peak']:.0f} MB are more than {LIMIT}"
    finally:
        shutil.rmtree(work)


def tell(name: str, rows: int, seconds: float, peak: float | None = None) -> None:
    memory = f"{peak:.0f}" if peak else ""
    print(f"| {name} | {rows:,} | {seconds:.1f} | {rows / seconds:,.0f} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
