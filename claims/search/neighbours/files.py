"""An index in files, mapped into memory, so that the processes of a machine share it.

Each index is a folder of its own in SEARCH_ROOT/vectors, which appears whole, by renaming, and never changes.
For public claims and for drafts apart (so that a question of the public does not wade through drafts) it has

    public.keys     primary keys of ClaimVector, ascending: 64 bits, little-endian
    public.vectors  theirs in the same order: float32, or float16 where there is a graph beside
    public.graph    from `EXACT` vectors on: usearch's HNSW graph (Malkov and Yashunin 2018) of the vectors in
                    8 bits a number, which says which are worth comparing

What the graph names is compared anew with the vectors themselves, so that the cosines are the same.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings

from ..encoding import DIMENSIONS
from .found import Found, compare, first, nothing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

# From so many vectors on, comparing all of them takes longer than people like to wait, and a graph is built.
EXACT = 50_000
# The graph, of 8 bits a number, is asked for a quarter more than are wanted, and at least for so many.
LEAST_ASKED = 250
# From so many questions on, all cores look for the answers.
MANY = 8
# A graph of which more than one in so many is gone is built anew.
HOLES = 4
BLOCK = 8_192
HALVES = PUBLIC, DESK = ("public", "desk")
# A folder that no row names is what a killed process left, once it is this old (seconds).
ABANDONED = 86_400


def root() -> Path:
    return Path(settings.SEARCH_ROOT) / "vectors"


def folder_of(name: str) -> Path:
    return root() / name


@dataclass(frozen=True)
class Half:
    keys: NDArray[np.int64]
    vectors: NDArray[np.floating]
    graph: Any = None  # usearch.index.Index

    def search(self, asked: NDArray[np.float32], wanted: int) -> Found:
        if self.graph is None or wanted * 2 > len(self.keys):
            return compare(asked, self.keys, self.vectors, wanted)
        import numpy as np

        count = min(max(wanted + wanted // 4, LEAST_ASKED), len(self.keys))
        matches = self.graph.search(asked, count, threads=0 if len(asked) >= MANY else 1)
        named = np.asarray(matches.keys).reshape(len(asked), -1).astype(np.int64)
        # Of one question, there are as many as there are; of several, rows of one length.
        counts = getattr(matches, "counts", [named.shape[1]])
        places = np.searchsorted(self.keys, named).clip(max=len(self.keys) - 1)
        there = np.arange(named.shape[1]) < np.asarray(counts).reshape(-1, 1)
        there &= self.keys[places] == named  # the graph may still know some that are gone
        cosines = np.empty(named.shape, np.float32)
        for row, at in enumerate(places):
            cosines[row] = np.asarray(self.vectors[at], np.float32) @ asked[row]
        cosines[~there], named[~there] = -np.inf, -1
        return first(named, cosines, wanted)._replace(more=True)


@dataclass(frozen=True)
class Index:
    name: str
    through: int
    public: Half
    desk: Half

    def search(self, asked: NDArray[np.float32], wanted: int, *, drafts: bool) -> list[Found]:
        """As `compare`, from each half that is asked for."""
        if not len(asked):
            return [nothing(0)]
        halves = [self.public, self.desk] if drafts else [self.public]
        return [half.search(asked, wanted) for half in halves]


def opened(name: str, sizes: dict[str, int], through: int) -> Index | None:
    """Map the index `name`, or return None where its files are not here, or are not as long as they were
    written."""
    folder = folder_of(name)
    try:
        if sizes_of(folder) != sizes:
            logger.warning("The index %s is damaged, and not used.", folder)
            return None
        public, desk = (_half(folder, half) for half in HALVES)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RuntimeError) as error:
        logger.warning("The index %s cannot be read, and is not used: %s", folder, error)
        return None
    return Index(name, through, public, desk)


def _half(folder: Path, name: str) -> Half:
    import numpy as np

    file, graph = folder / f"{name}.keys", folder / f"{name}.graph"
    if not file.stat().st_size:  # which cannot be mapped
        return Half(np.empty(0, np.int64), np.empty((0, DIMENSIONS), np.float32))
    keys: NDArray[np.int64] = np.memmap(file, "<i8", "r")
    kind = "<f2" if graph.exists() else "<f4"
    vectors = np.memmap(folder / f"{name}.vectors", kind, "r").reshape(len(keys), DIMENSIONS)
    return Half(keys, vectors, _mapped(graph, len(keys)))


def _mapped(path: Path, rows: int) -> Any:
    """The graph in that file, or None: without one, or without usearch, all vectors are compared."""
    if not path.exists() or find_spec("usearch") is None:
        return None
    from usearch.index import Index as Graph

    try:
        graph = Graph.restore(path, view=True)
    except (RuntimeError, ValueError) as error:
        logger.warning("The graph %s cannot be read, and is not used: %s", path, error)
        return None
    return graph if graph is not None and len(graph) >= rows else None


@contextmanager
def writing() -> Iterator[Path]:
    """A folder to write an index into, which is put in its place when all went well; its name is the name of
    the index. Others may be at one of their own."""
    name = uuid4().hex
    making = folder_of(f".{name}")
    making.mkdir(parents=True)
    try:
        yield making
        for path in making.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        making.rename(folder_of(name))
        descriptor = os.open(root(), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def write_half(
    folder: Path,
    half: str,
    rows: Iterator[tuple[int, bytes]],
    *,
    expected: int,
    before: Index | None,
) -> int:
    """Write the files of a half: `rows` are keys, ascending, and vectors of float16; `expected` says about
    how many. If the index `before` has a graph, that is brought up to date, which takes a fraction of the
    time. Returns how many rows there were."""
    import numpy as np

    graph = expected >= EXACT and find_spec("usearch") is not None
    count = 0
    with (
        (folder / f"{half}.keys").open("wb") as keys,
        (folder / f"{half}.vectors").open("wb") as vectors,
    ):
        for key, vector in rows:
            keys.write(key.to_bytes(8, "little"))
            vectors.write(vector if graph else np.frombuffer(vector, "<f2").astype("<f4").tobytes())
            count += 1
    if graph and count:
        _write_graph(folder, half, before)
    return count


def _write_graph(folder: Path, half: str, before: Index | None) -> None:
    import numpy as np
    from usearch.index import Index as Graph

    path = folder / f"{half}.graph"
    keys: NDArray[np.int64] = np.memmap(folder / f"{half}.keys", "<i8", "r")
    vectors = np.memmap(folder / f"{half}.vectors", "<f2", "r").reshape(len(keys), DIMENSIONS)
    graph: Any = None
    fresh = np.arange(len(keys))
    if before is not None and getattr(before, half).graph is not None:
        old = getattr(before, half).keys
        graph = Graph.restore(folder_of(before.name) / f"{half}.graph")
        # What is gone stays in it, where it is a way to others, and is passed over.
        gone = len(graph) - len(np.intersect1d(old, keys, assume_unique=True))
        if gone * HOLES > len(graph):
            graph = None
        else:
            fresh = np.flatnonzero(~np.isin(keys, old, assume_unique=True))
    if graph is None:
        graph = Graph(ndim=DIMENSIONS, metric="cos", dtype="i8", connectivity=16, expansion_add=64)
    for start in range(0, len(fresh), BLOCK):
        some = fresh[start : start + BLOCK]
        # Of those that two threads add at once to a small graph, some cannot be reached.
        threads = 1 if len(graph) < BLOCK else 0
        graph.add(
            keys[some].astype(np.uint64), np.asarray(vectors[some], np.float32), threads=threads
        )
    graph.save(path)


def sizes_of(folder: Path) -> dict[str, int]:
    """How long each file of an index is, in bytes."""
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def sweep(keep: set[str]) -> None:
    """Remove the folders of all indexes but `keep`; who has one of them mapped keeps it."""
    for path in root().iterdir():
        old = time.time() - path.stat().st_mtime > ABANDONED
        if path.name not in keep and (old or not path.name.startswith(".")):
            shutil.rmtree(path, ignore_errors=True)
