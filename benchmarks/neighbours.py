"""The index of vectors: comparing all against a graph, by time to build, size, time to ask, and recall.

    .venv/bin/python benchmarks/neighbours.py                  # made vectors, 10,000 and 100,000
    .venv/bin/python benchmarks/neighbours.py --texts FILE     # those of a file's lines (long to encode)

It writes and asks the files that the site uses (`claims/search/neighbours/files.py`), without a database.
Made vectors lie about as those of sentences do: 60 directions, each weaker than the one before, and noise.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.setdefault("DEBUG", "on")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402

from claims.search import encoding  # noqa: E402
from claims.search.neighbours import files  # noqa: E402

SEED = 8
ASKED = 200


def made(number: int) -> np.ndarray:
    """`number` vectors of length one."""
    random = np.random.default_rng(SEED)
    directions = random.normal(size=(60, encoding.DIMENSIONS)) / np.sqrt(np.arange(1, 61))[:, None]
    vectors = random.normal(size=(number, 60)) @ directions
    vectors += 0.8 * random.normal(size=vectors.shape)
    return normalised(vectors)


def normalised(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def measure(vectors: np.ndarray, *, graph: bool, truth: list[set[int]] | None) -> list[set[int]]:
    """Build an index of `vectors`, ask it, print a line; returns the first 20 for each question."""
    files.EXACT = 1 if graph else len(vectors) + 1
    random = np.random.default_rng(SEED + 1)
    near = vectors[random.integers(0, len(vectors), ASKED)]
    asked = normalised(near + 0.03 * random.normal(size=near.shape))
    stored = vectors.astype("<f2")
    begun = time.perf_counter()
    with files.writing() as folder:
        rows = ((key, vector.tobytes()) for key, vector in enumerate(stored, 1))
        files.write_half(folder, "public", rows, expected=len(vectors), before=None)
        files.write_half(folder, "desk", iter(()), expected=0, before=None)
        sizes, name = files.sizes_of(folder), folder.name.lstrip(".")
    built = time.perf_counter() - begun
    index = files.opened(name, sizes, len(vectors))
    assert index is not None
    index.search(asked[:1], 50, drafts=False)
    times, found = [], []
    for number in range(ASKED):
        begun = time.perf_counter()
        (answer,) = index.search(asked[number : number + 1], 50, drafts=False)
        times.append(1000 * (time.perf_counter() - begun))
        found.append(set(answer.keys[0, :20].tolist()))
    recall = (
        sum(len(some & others) for some, others in zip(found, truth, strict=True)) / (20 * ASKED)
        if truth
        else 1.0
    )
    p50, p99 = np.percentile(times, [50, 99])
    size = sum(sizes.values())
    print(
        f"| {len(vectors):>9,} | {'graph' if graph else 'all':<5} | {built:>7.1f} | {size / 1e6:>6.0f} "
        f"| {size / len(vectors):>6.0f} | {p50:>6.1f} | {p99:>6.1f} | {recall:>9.4f} |"
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000", help="how many made vectors")
    parser.add_argument("--texts", type=Path, help="a file, each line of which is encoded")
    options = parser.parse_args()
    if options.texts:
        lines = options.texts.read_text(encoding="utf-8").splitlines()
        sets = [np.unique(encoding.encode([line for line in lines if line.strip()]), axis=0)]
    else:
        sets = [made(int(size)) for size in options.sizes.split(",")]
    print("|   vectors | index | build s |     MB | B each | p50 ms | p99 ms | recall@20 |")
    print("| --------: | ----- | ------: | -----: | -----: | -----: | -----: | --------: |")
    with tempfile.TemporaryDirectory() as folder:
        settings.SEARCH_ROOT = Path(folder)
        for vectors in sets:
            truth = measure(vectors, graph=False, truth=None)
            measure(vectors, graph=True, truth=truth)


if __name__ == "__main__":
    main()
