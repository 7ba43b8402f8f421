"""The full-text index: time to build, size, and time to search, to match by words, to guess a word.

    DATABASE_URL=postgresql://localhost/postgres .venv/bin/python benchmarks/full_text.py 1000 100000
    .venv/bin/python benchmarks/full_text.py 1000 10000              # SQLite

It makes a database of its own for each number of claims, and drops it. The claims are those of
`../shared/data/claim-matching/` and, beyond them, the first half of one with the second half of another.
Asked are claims of the same kind that are not in the index.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "claim-matching" / "clef2020-task2"
NAME = "counterclaim_benchmark_full_text"
SEED, ASKED, BATCH = 8, 200, 5_000


def texts() -> list[str]:
    """The claims of the collection."""
    with (DATA / "verified_claims.docs.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        next(rows)
        return [row[1][:480] for row in rows]


def made(known: list[str], number: int) -> Iterator[str]:
    """`number` different claims."""
    yield from known[:number]
    chance = random.Random(SEED)
    for _ in range(number - len(known)):
        first, second = chance.choice(known).split(), chance.choice(known).split()
        yield " ".join(first[: len(first) // 2] + second[len(second) // 2 :])[:480] or "A claim."


def step(number: int) -> None:
    """Fill the database that the settings name, measure, print a row."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from claims.models import Claim
    from claims.search.full_text import engine
    from claims.search.full_text.installing import rebuild
    from claims.search.query import Query

    call_command("migrate", verbosity=0)
    editor = get_user_model().objects.create_user("editor")
    known = texts()
    chance = random.Random(SEED + 1)
    chance.shuffle(known)
    asked, known = known[:ASKED], known[ASKED:]
    begun, now, rows = time.perf_counter(), timezone.now(), []
    for i, text in enumerate(made(known, number)):
        rows.append(
            Claim(
                slug=f"claim-{i}", text=text, language="en", published_at=now, published_by=editor
            )
        )
        if len(rows) == BATCH or i == number - 1:
            Claim.objects.bulk_create(rows)
            rows = []
    written = time.perf_counter() - begun
    begun = time.perf_counter()
    rebuild(connection)
    built = time.perf_counter() - begun
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE claims_indexedtext")
            cursor.execute(
                "SELECT pg_total_relation_size('claims_indexedtext'), pg_total_relation_size('claims_claim')"
            )
        else:
            cursor.execute(
                "SELECT (SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'claims_indexed%'"
                " OR name LIKE 'claims_fulltext%' OR name LIKE 'claims_trigrams%'),"
                " (SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'claims_claim')"
            )
        size, of_claims = cursor.fetchone()

    index = engine()
    rare = [" ".join(sorted(text.split(), key=len)[-2:]) for text in asked]
    mistyped = [
        word[:2] + word[3] + word[2] + word[4:] for word in (each.split()[-1] for each in rare)
    ]
    kinds: dict[str, Callable[[int], object]] = {
        "two words": lambda i: index.search(Query.read(rare[i])),
        "a sentence": lambda i: index.search(Query.read(asked[i])),
        "candidates": lambda i: index.candidates([asked[i]], limit=50),
        "a mistyped word": lambda i: index.suggest([mistyped[i]]),
    }
    told = []
    for what, ask in kinds.items():
        times = []
        for i in range(ASKED if number <= 100_000 else ASKED // 4):
            begun = time.perf_counter()
            ask(i)
            times.append((time.perf_counter() - begun) * 1000)
        cuts = statistics.quantiles(times, n=100)
        told.append(f"{what} {cuts[49]:.1f} / {cuts[98]:.1f}")
    print(
        f"{connection.vendor}, {number:,} claims: written {written:.0f} s, index made anew {built:.1f} s, "
        f"{size / 1e6:.0f} MB ({size / of_claims:.1f} of the claims); p50 / p99 in ms: {', '.join(told)}",
        flush=True,
    )


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not there: this benchmark asks its claims.")
    if len(sys.argv) == 3 and sys.argv[1] == "--step":
        step(int(sys.argv[2]))
        return
    server = os.environ.get("DATABASE_URL", "")
    for number in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/benchmark.sqlite3"
            if server:
                import psycopg

                url = urlunsplit(urlsplit(server)._replace(path=f"/{NAME}"))
                with psycopg.connect(server, autocommit=True) as there:
                    there.execute(f"DROP DATABASE IF EXISTS {NAME}")
                    there.execute(f"CREATE DATABASE {NAME}")
            environment = os.environ | {
                "DATABASE_URL": url,
                "DEBUG": "off",
                "ALLOWED_HOSTS": "localhost",
                "ARCHIVING": "off",
            }
            environment |= {
                "SECRET_KEY": "only for this benchmark " * 3,
                "SEARCH_ROOT": folder,
                "ARCHIVE_ROOT": folder,
            }
            command = [sys.executable, __file__, "--step", str(number)]
            subprocess.run(command, env=environment, check=True, cwd=ROOT)
            if server:
                with psycopg.connect(server, autocommit=True) as there:
                    there.execute(f"DROP DATABASE {NAME}")


if __name__ == "__main__":
    main()
