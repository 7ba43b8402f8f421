"""Which index is in use, when it is to be built anew, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Max, QuerySet

from claims.models import ClaimVector, VectorIndex

from ..encoding import MODEL, VERSION
from . import files, pgvector
from .found import Found

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# So many vectors may be newer than the index: a quarter of those in it, within these bounds.
LEAST, MOST = 2_000, 20_000
# Rows of indexes that are kept, so that each of several machines finds one that it has; and folders.
ROWS, FOLDERS = 20, 2
CHUNK = 5_000


class Index(Protocol):
    """Has every vector up to a primary key."""

    @property
    def through(self) -> int: ...

    def search(self, asked: NDArray[np.float32], wanted: int, *, drafts: bool) -> list[Found]: ...


class NoIndex:
    through = 0

    def search(self, asked: NDArray[np.float32], wanted: int, *, drafts: bool) -> list[Found]:
        return []


_opened: dict[str, files.Index] = {}


def index_in_use() -> Index:
    """Return the newest index that there is, on this machine. One query."""
    if pgvector.in_use():
        return pgvector.Index()
    for name, sizes, through in _indexes().values_list("name", "sizes", "through")[:ROWS]:
        index = _opened.get(name) or files.opened(name, sizes, through)
        if index is not None:
            if name not in _opened:
                _opened.clear()  # the one before is unmapped when nobody searches it any more
                _opened[name] = index
            return index
    return NoIndex()


def is_rebuild_due() -> bool:
    """Whether so many vectors are newer than the index in use that it should be built anew. Two short
    queries."""
    index = index_in_use()
    newer = ClaimVector.objects.of_this_model().filter(pk__gt=index.through)
    if isinstance(index, pgvector.Index):
        return newer.exists()
    held = len(index.public.keys) + len(index.desk.keys) if isinstance(index, files.Index) else 0
    most = min(max(LEAST, held // 4), MOST)
    return newer.order_by().values("pk")[: most + 1].count() > most


def rebuild(*, whole: bool = False) -> int:
    """Build the index anew from the rows, and return how many vectors it has.

    The table of pgvector where that is in use; else files, whose graphs are taken over from the index before
    as far as they are right, unless `whole`. Whoever asks meanwhile is answered from what there was. Two
    processes may be at it at once: the index of the one that ends last is used, and both are right.
    """
    if pgvector.in_use():
        return pgvector.catch_up(whole=whole)
    before = index_in_use()
    vectors = ClaimVector.objects.of_this_model()
    through = vectors.aggregate(last=Max("pk"))["last"] or 0
    rows = 0
    with files.writing() as folder:
        for half in files.HALVES:
            mine = vectors.filter(pk__lte=through, public=half == files.PUBLIC)
            rows += files.write_half(
                folder,
                half,
                _read(mine),
                expected=mine.count(),
                before=before if isinstance(before, files.Index) and not whole else None,
            )
        # Before the folder is in its place: one without a row would be swept away.
        VectorIndex.objects.create(
            name=folder.name.lstrip("."),
            model=MODEL,
            version=VERSION,
            through=through,
            rows=rows,
            sizes=files.sizes_of(folder),
        )
    _sweep()
    return rows


def _read(rows: QuerySet[Any]) -> Iterator[tuple[int, bytes]]:
    for key, vector in rows.order_by("pk").values_list("pk", "vector").iterator(CHUNK):
        yield key, bytes(vector)


def _indexes() -> QuerySet[VectorIndex]:
    rows: QuerySet[VectorIndex] = VectorIndex.objects.filter(model=MODEL, version=VERSION)
    return rows.order_by("-pk")


def _sweep() -> None:
    """Remove the files of indexes that newer ones on this machine stand in for, and the rows of old ones."""
    names = list(VectorIndex.objects.order_by("-pk").values_list("name", flat=True)[:ROWS])
    VectorIndex.objects.exclude(name__in=names).delete()
    here = [name for name in names if files.folder_of(name).exists()]
    files.sweep(keep={*here[:FOLDERS]})
