"""What a part of the index answers, and the comparison of vectors one by one: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How many vectors are compared at a time: so many that the products stay in some megabytes.
BLOCK = 16_384
ASKED = 64


class Found(NamedTuple):
    """For each vector asked for, a row, best first: keys (-1 where there is none), cosines (-inf there), and
    whether there are more than these, all of them further away than the last."""

    keys: NDArray[np.int64]
    cosines: NDArray[np.float32]
    more: bool


def nothing(asked: int) -> Found:
    import numpy as np

    return Found(np.empty((asked, 0), np.int64), np.empty((asked, 0), np.float32), False)


def compare(
    asked: NDArray[np.float32], keys: NDArray[np.int64], vectors: NDArray[np.floating], wanted: int
) -> Found:
    """Return for each of `asked` the `wanted` nearest of `vectors` (rows of length one, of any float type,
    maybe mapped from a file), whose keys are `keys`: exactly, by computing every cosine."""
    import numpy as np

    if not len(keys):
        return nothing(len(asked))
    best = [
        _compare(asked[start : start + ASKED], keys, vectors, wanted)
        for start in range(0, len(asked), ASKED)
    ] or [nothing(0)]
    return Found(
        np.concatenate([found.keys for found in best]),
        np.concatenate([found.cosines for found in best]),
        wanted < len(keys),
    )


def _compare(
    asked: NDArray[np.float32], keys: NDArray[np.int64], vectors: NDArray[np.floating], wanted: int
) -> Found:
    import numpy as np

    best = nothing(len(asked))
    for start in range(0, len(keys), BLOCK):
        block = np.asarray(vectors[start : start + BLOCK], np.float32)
        cosines = asked @ block.T
        places = np.broadcast_to(keys[start : start + BLOCK], cosines.shape)
        best = first(
            np.concatenate([best.keys, places], axis=1),
            np.concatenate([best.cosines, cosines], axis=1),
            wanted,
        )
    return best


def first(keys: NDArray[np.int64], cosines: NDArray[np.float32], wanted: int) -> Found:
    """Return the `wanted` of each row with the highest cosines, best first, of equal ones the lower key."""
    import numpy as np

    more = cosines.shape[1] > wanted
    if more:
        some = np.argpartition(-cosines, wanted - 1, axis=1)[:, :wanted]
        keys, cosines = np.take_along_axis(keys, some, 1), np.take_along_axis(cosines, some, 1)
    order = np.lexsort((keys, -cosines), axis=1)
    return Found(np.take_along_axis(keys, order, 1), np.take_along_axis(cosines, order, 1), more)
