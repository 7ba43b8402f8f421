"""Vectors that the index does not have yet: each process keeps those it has seen, and asks for newer ones."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from claims.models import ClaimVector

from ..encoding import DIMENSIONS, MODEL, VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

# More are not held, each of them 1.5 kB in every process: then an index is missing, and a worker to build it.
MOST = 100_000


@dataclass(frozen=True)
class Newer:
    after: int  # the keys are greater than this
    through: int
    keys: NDArray[np.int64]
    vectors: NDArray[np.float32]


_kept: dict[tuple[str, ...], Newer] = {}


def newer(after: int) -> Newer:
    """Return the vectors of this model whose primary keys are greater than `after`. One query.

    Keys ascend in the order of the commits (`ClaimVectorQuerySet.put`), and no vector ever changes: what was
    read needs not be read again. What has been deleted since is still among them.
    """
    import numpy as np

    database = (str(connection.settings_dict["NAME"]), MODEL, VERSION)
    kept = _kept.get(database)
    if kept is None or kept.after > after:
        kept = Newer(after, after, np.empty(0, np.int64), np.empty((0, DIMENSIONS), np.float32))
    start = max(kept.through, after)
    fresh = ClaimVector.objects.of_this_model().filter(pk__gt=start).order_by("-pk")
    rows = list(fresh.values_list("pk", "vector")[:MOST])[::-1]
    if len(rows) == MOST:
        logger.warning(
            "Of the vectors that no index has, the newest %s are looked at: run manage.py rebuild_search, "
            "and a worker (docs/matching-index.md).",
            f"{MOST:,}",
        )
    still = kept.keys > after
    found = Newer(
        after,
        rows[-1][0] if rows else start,
        np.concatenate([kept.keys[still], np.array([key for key, _ in rows], np.int64)]),
        np.concatenate([kept.vectors[still], numbers([vector for _, vector in rows])]),
    )
    if (
        not connection.in_atomic_block
    ):  # within one, rows may be of a transaction that is undone yet
        _kept[database] = found
    return found


def numbers(vectors: Sequence[bytes | memoryview]) -> NDArray[np.float32]:
    """The stored `vectors` as the rows of an array."""
    import numpy as np

    flat = np.frombuffer(b"".join(vectors), "<f2").astype(np.float32)
    return flat.reshape(len(vectors), DIMENSIONS)
