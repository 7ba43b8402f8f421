"""Search and matching at size: time to load and to build, size of the indexes, and time to ask.

    DATABASE_URL=postgresql://localhost/postgres .venv/bin/python benchmarks/search.py 1000 100000 1000000
    .venv/bin/python benchmarks/search.py 1000 10000               # SQLite

It makes a database of its own for each number of claims, and drops it (not with `--keep`). The claims are
those of `../shared/data/claim-matching/` and, beyond them, the first half of one with the second half of
another. Real ones have their real vectors, which the first run encodes and keeps in `build/`; a made one has
the vector of the claim that it begins with and so much noise that two of one origin have a cosine of .6 to
.8. Asked are claims that are not in the index, posts (`match`), and texts of 10,000 words out of transcripts
(`read`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
NAME = "counterclaim_benchmark_search"
SEED, BATCH = 8, 5_000
# How many claims are loaded while the triggers keep the index; the others before that is made.
WITH_TRIGGERS = 5_000
READ, WORDS = 10, 10_000  # texts, and words in each


def lines(file: Path | None) -> tuple[list[str], list[str], str]:
    """The claims, the posts and the transcripts: real ones, or those of a file."""
    if file:
        some = list(dict.fromkeys(file.read_text(encoding="utf-8").split("\n")))
        return some, some, "\n".join(some)
    from claim_matching import read_documents, read_queries, tasks

    both = tasks()
    claims = (
        " ".join(row.text.split())[:480] for task in both for row in read_documents(task.docs)[1]
    )
    posts = [text for _, text in read_queries(both[0].train[0])]
    transcripts = sorted((SHARED / "transcripts").glob("*.md"))
    said = "\n\n".join(path.read_text(encoding="utf-8") for path in transcripts)
    return [text for text in dict.fromkeys(claims) if text], posts, said


class Data:
    """What is loaded and what is asked, the same for every size."""

    def __init__(self, file: Path | None, asked: int) -> None:
        from claims.words import COMMON, WORD, bare

        self.file = file
        self.texts, posts, said = lines(file)
        chance = random.Random(SEED)
        self.order = list(range(len(self.texts)))
        chance.shuffle(self.order)
        held_out = [self.texts[place] for place in self.order[:asked]]
        self.order = self.order[asked:]
        counts = Counter(
            word
            for text in self.texts
            for word in {bare(each) for each in WORD.findall(text)} - COMMON
            if len(word) > 2
        )
        common = [word for word, _ in counts.most_common(100)]
        pairs = [" ".join(sorted(text.split(), key=len)[-2:]) for text in held_out]
        last = [pair.split()[-1] for pair in pairs]
        words = said.split(" ")
        step = max(1, (len(words) - WORDS) // READ)
        self.questions = {
            "two words": pairs,
            "common words": [" ".join(chance.sample(common, 1 + n % 2)) for n in range(asked)],
            "a sentence": held_out,
            "a mistyped word": [word[:2] + word[3:4] + word[2:3] + word[4:] for word in last],
            "a post": chance.sample(posts, min(asked, len(posts))),
            "10,000 words": [" ".join(words[n * step : n * step + WORDS]) for n in range(READ)],
        }

    def claims(self, number: int) -> Iterator[tuple[str, int, bool]]:
        """`number` claims: text, the place of the real one whose vector it has, and whether it is real."""
        for place in self.order[:number]:
            yield self.texts[place], place, True
        chance = random.Random(SEED)
        for _ in range(number - len(self.order)):
            place, other = chance.choice(self.order), chance.choice(self.order)
            first, second = self.texts[place].split(), self.texts[other].split()
            text = " ".join(first[: len(first) // 2] + second[len(second) // 2 :])[:480].strip()
            yield text or "A claim.", place, False

    @cached_property
    def real(self) -> Any:
        from claim_matching import vectors

        from claims.search.encoding import encode

        return (encode if self.file else vectors)(self.texts)

    def vectors(self, claims: Sequence[tuple[str, int, bool]], first: int) -> list[Any]:
        """The rows of the vectors of `claims`, whose primary keys begin with `first`."""
        import numpy as np

        from claims.querysets.vector import NewVector

        noise = np.random.default_rng([SEED, first])
        rows = self.real[[place for _, place, _ in claims]]
        fresh = noise.normal(size=rows.shape)
        fresh /= np.linalg.norm(fresh, axis=1, keepdims=True)
        # Two with noise of the length r have a cosine of 1 / (1 + r²).
        length = np.sqrt(1 / noise.uniform(0.6, 0.8, len(rows)) - 1)
        length[[is_real for _, _, is_real in claims]] = 0
        rows = rows + length[:, None] * fresh
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2")
        return [
            NewVector(key, hashlib.sha256(text.encode()).hexdigest(), True, vector.tobytes())
            for key, ((text, _, _), vector) in enumerate(zip(claims, rows, strict=True), first)
        ]


TABLES = {
    "table of claims, MB": ["claims_claim"],
    "full-text index, MB": ["claims_indexedtext", "claims_fulltext*", "claims_trigrams*"],
    "table of vectors, MB": ["claims_claimvector"],
}


def fill(data: Data, number: int) -> dict[str, float]:
    """Load the claims and their vectors and build both indexes; seconds, rows a second, MB."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from claims.models import Claim, ClaimVector
    from claims.search import neighbours
    from claims.search.full_text import installing

    def seconds(function: Callable[..., Any], *arguments: Any, **options: Any) -> float:
        begun = time.perf_counter()
        function(*arguments, **options)
        return time.perf_counter() - begun

    call_command("migrate", verbosity=0)
    editor, now = get_user_model().objects.create_user("editor"), timezone.now()
    claims = list(data.claims(number))

    def load(start: int, end: int) -> None:
        for first in range(start, end, BATCH):
            Claim.objects.bulk_create(
                Claim(
                    pk=n + 1,
                    slug=f"claim-{n}",
                    text=claims[n][0],
                    selection="repeated",
                    published_at=now,
                    published_by=editor,
                )
                for n in range(first, min(first + BATCH, end))
            )

    def put_vectors() -> None:
        for first in range(0, number, BATCH):
            ClaimVector.objects.put("text", data.vectors(claims[first : first + BATCH], first + 1))

    told: dict[str, float] = {}
    assert len(data.real) == len(data.texts)  # encoded before anything is timed
    before = number - min(WITH_TRIGGERS, number // 10)
    installing.remove(connection)
    told["claims loaded without triggers, rows/s"] = before / seconds(load, 0, before)
    told["full-text index built, s"] = seconds(installing.after_migrations, using="default")
    told["the last claims loaded with them, rows/s"] = (number - before) / seconds(
        load, before, number
    )
    told["vectors written, rows/s"] = number / seconds(put_vectors)
    told["vector index built, s"] = seconds(neighbours.rebuild)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            size = (
                "SELECT sum(pg_total_relation_size(oid)) / 1e6 FROM pg_class "
                "WHERE relkind = 'r' AND relname IN ({})"
            )
        else:
            cursor.execute("ANALYZE")
            size = (
                "SELECT sum(pgsize) / 1e6 FROM dbstat JOIN sqlite_master s USING (name) "
                "WHERE EXISTS (SELECT 1 FROM (VALUES ({})) AS t WHERE s.tbl_name GLOB t.column1)"
            )
        for what, names in TABLES.items():
            sep = ", " if connection.vendor == "postgresql" else "), ("
            cursor.execute(size.format(sep.join(f"'{name}'" for name in names)))
            told[what] = float(cursor.fetchone()[0])
    files = Path(settings.SEARCH_ROOT).rglob("*")
    told["files of vectors, MB"] = (
        sum(path.stat().st_size for path in files if path.is_file()) / 1e6
    )
    return told


def ways() -> dict[str, tuple[str, Callable[[str], object]]]:
    """What is asked: the kind of question, and how."""
    from claims.finding import find
    from claims.search.full_text import engine
    from claims.search.matching import match
    from claims.search.whole_text import read

    return {
        "search, two words": ("two words", find),
        "search, common words": ("common words", find),
        "search, a sentence": ("a sentence", find),
        "search, a mistyped word": ("a mistyped word", find),
        "candidates, a sentence": (
            "a sentence",
            lambda text: engine().candidates([text], limit=50),
        ),
        "match, a sentence": ("a sentence", lambda text: match([text])),
        "match, a post": ("a post", lambda text: match([text])),
        "read, 10,000 words": ("10,000 words", read),
    }


def ask(data: Data) -> dict[str, list[float]]:
    """p50, p95, p99 and the worst of each way to ask, in milliseconds, in a process that has asked before."""
    import numpy as np

    told = {}
    for name, (kind, way) in ways().items():
        times = []
        questions = data.questions[kind]
        for text in [*questions[:2], *questions]:
            begun = time.perf_counter()
            way(text)
            times.append(1000 * (time.perf_counter() - begun))
        told[name] = [float(t) for t in np.percentile(times[2:], [50, 95, 99, 100])]
        print(name, *(f"{t:.1f}" for t in told[name]), file=sys.stderr, flush=True)
    return told


def ask_first(data: Data, name: str) -> float:
    """How long the first question takes in this process, in milliseconds."""
    kind, way = ways()[name]
    begun = time.perf_counter()
    way(data.questions[kind][0])
    return 1000 * (time.perf_counter() - begun)


def measured(number: int, options: argparse.Namespace) -> dict[str, Any]:
    """Make the database, measure in processes of their own, drop it."""
    server = os.environ.get("DATABASE_URL", "")
    server = server if server.startswith("postgres") else ""
    folder = options.folder.absolute() / f"{'postgresql' if server else 'sqlite'}-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    url, name = f"sqlite:///{folder}/benchmark.sqlite3", f"{NAME}_{number}"
    if server:
        import psycopg

        url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        with psycopg.connect(server, autocommit=True) as there:
            there.execute(f"DROP DATABASE IF EXISTS {name}")
            there.execute(f"CREATE DATABASE {name}")
    environment = os.environ | {
        "DATABASE_URL": url,
        "DEBUG": "off",
        "ALLOWED_HOSTS": "localhost",
        "ARCHIVING": "off",
        "SECRET_KEY": "only for this benchmark " * 3,
        "SEARCH_ROOT": str(folder / "search"),
        "ARCHIVE_ROOT": str(folder),
    }

    def step(*what: str) -> Any:
        command = [sys.executable, __file__, str(number), "--asked", str(options.asked)]
        command += ["--lines", str(options.lines.absolute())] if options.lines else []
        command += ["--step", *what]
        done = subprocess.run(
            command, env=environment, check=True, cwd=ROOT, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)

    told = {"built": step("fill"), "warm": step("ask")}
    told["first"] = {
        f"{name}, the first": median(step("first", name) for _ in range(options.starts))
        for name in ("search, two words", "match, a sentence", "read, 10,000 words")
    }
    if not options.keep:
        shutil.rmtree(folder)
        if server:
            with psycopg.connect(server, autocommit=True) as there:
                there.execute(f"DROP DATABASE {name}")
    return told


def tables(told: dict[int, dict[str, Any]]) -> Iterator[str]:
    """The lines of the tables: building, and asking with the growth from the smallest number on."""
    numbers = list(told)
    head = " | ".join(f"{number:,}" for number in numbers)
    yield f"| | {head} |"
    yield f"| --- |{' ---: |' * len(numbers)}"
    for name in told[numbers[0]]["built"]:
        cells = [f"{told[n]['built'][name]:,.1f}" for n in numbers]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    growth = [f"growth to {number:,}" for number in numbers[1:]]
    yield f"| p50 / p95 / p99, ms | {' | '.join([head, *growth])} |"
    yield f"| --- |{' ---: |' * (len(numbers) + len(growth))}"
    for name, least in told[numbers[0]]["warm"].items():
        rows = [told[n]["warm"][name] for n in numbers]
        cells = [" / ".join(f"{t:,.1f}" for t in row[:3]) for row in rows]
        cells += [f"{row[0] / least[0]:.1f} / {row[2] / least[2]:.1f}" for row in rows[1:]]
        yield f"| {name} | {' | '.join(cells)} |"
    for name, least in told[numbers[0]]["first"].items():
        times = [told[n]["first"][name] for n in numbers]
        cells = [*(f"{t:,.0f}" for t in times), *(f"{t / least:.1f}" for t in times[1:])]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("number", type=int, nargs="*", default=[1_000, 10_000], help="of claims")
    parser.add_argument("--asked", type=int, default=200, help="how many questions of each kind")
    parser.add_argument("--starts", type=int, default=3, help="processes that are asked one thing")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/search", help="for files")
    parser.add_argument("--lines", type=Path, help="claims, a line each, in place of the real ones")
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.lines and not SHARED.is_dir():
        sys.exit(f"{SHARED} is not there: this benchmark asks its claims, or those of --lines.")
    if not options.step:
        told = {number: measured(number, options) for number in options.number}
        print("\n".join(tables(told)))
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    data = Data(options.lines, options.asked)
    what, *name = options.step
    (number,) = options.number
    steps = {"fill": lambda: fill(data, number), "ask": lambda: ask(data)}
    print(json.dumps(steps[what]() if what in steps else ask_first(data, *name)))


if __name__ == "__main__":
    main()
