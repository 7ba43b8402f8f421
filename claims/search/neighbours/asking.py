from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from claims.models import ClaimVector
from claims.models.vector import Part
from claims.querysets.vector import Among

from .building import index_in_use
from .found import Found, compare
from .newer import newer, numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How many more vectors are looked for than could be needed: for so many that no longer are right.
SPARE = 10
# Where those were not enough, so many times as many are looked for.
WIDER = 8


def nearest(
    vectors: NDArray[np.float32], *, limit: int = 100, drafts: bool = False
) -> list[list[tuple[int, float]]]:
    """Return for each of `vectors` (rows of length one, as `encoding.encode` gives) the `limit` claims
    nearest to it, best first: primary key, and the cosine of the nearest of the claim's vectors. Public
    claims, or with `drafts` also those that only the desk sees; retired ones never.

    Claims without a vector of the words that they have now are not among them. Three queries, whatever the
    number of vectors; more only where dozens of those found are no longer right.
    """
    import numpy as np

    asked = np.ascontiguousarray(vectors, np.float32)
    answers: list[list[tuple[int, float]]] = [[] for _ in asked]
    if limit < 1 or not len(asked):
        return answers
    index = index_in_use()
    new = newer(index.through)
    wanted, open_ = 2 * limit + SPARE, np.arange(len(asked))
    while len(open_):
        some = asked[open_]
        parts = [
            *index.search(some, wanted, drafts=drafts),
            compare(some, new.keys, new.vectors, wanted),
        ]
        short = []
        for place, claims, whole in _answers(parts, limit, drafts=drafts):
            answers[open_[place]] = claims
            if not whole:
                short.append(open_[place])
        wanted, open_ = WIDER * wanted, np.array(short, int)
    return answers


class _Answer(NamedTuple):
    place: int
    claims: list[tuple[int, float]]
    whole: bool  # whether nothing that was not looked at could belong to it


def _answers(parts: Sequence[Found], limit: int, *, drafts: bool) -> Iterator[_Answer]:
    import numpy as np

    keys = np.concatenate([part.keys for part in parts], axis=1)
    cosines = np.concatenate([part.cosines for part in parts], axis=1)
    # What is further away than the last that a part has named may stand behind others that it has not.
    limits = [part.cosines[:, -1] for part in parts if part.more]
    floors = np.max(limits, axis=0) if limits else np.full(len(keys), -np.inf)
    order = np.argsort(-cosines, axis=1, kind="stable")
    claim_of = _claims(np.unique(keys).tolist(), drafts=drafts)
    for place in range(len(keys)):
        best: dict[int, float] = {}
        for at in order[place].tolist():
            cosine = float(cosines[place, at])
            if len(best) == limit or cosine < floors[place]:
                break
            claim = claim_of.get(int(keys[place, at]))
            if claim is not None:
                best.setdefault(claim, cosine)
        yield _Answer(place, list(best.items()), len(best) == limit or not limits)


def _claims(keys: Sequence[int], *, drafts: bool) -> dict[int, int]:
    """The claim of each of those vectors that may be told of. One query."""
    right = ClaimVector.objects.current().filter(claim__duplicate_of=None)
    if not drafts:
        right = right.published()
    return dict(right.filter(pk__in=Among(keys)).values_list("pk", "claim"))


def cosines(
    vectors: NDArray[np.float32], keys: Sequence[Sequence[int]]
) -> list[dict[int, tuple[float, float]]]:
    """Return for each of `vectors` how near it is to the claims that `keys` (primary keys) has for it: the
    cosine to the claim's text, and that to the headline of its verdict in force, 0.0 where it has none.

    A claim without a vector of the text that it has now is left out. Who may see those claims is for the
    caller to know. One query.
    """
    import numpy as np

    asked = np.ascontiguousarray(vectors, np.float32)
    current = ClaimVector.objects.current()
    current = current.filter(claim__in=Among({key for some in keys for key in some}))
    rows: list[Any] = list(current.values_list("claim", "part", "vector"))
    stored = numbers([vector for _, _, vector in rows])
    texts = {claim: at for at, (claim, part, _) in enumerate(rows) if part == Part.TEXT}
    titles = {claim: at for at, (claim, part, _) in enumerate(rows) if part == Part.TITLE}
    answers = []
    for vector, some in zip(asked, keys, strict=True):
        claims = [claim for claim in dict.fromkeys(some) if claim in texts]
        titled = [claim for claim in claims if claim in titles]
        to_text = (stored[[texts[claim] for claim in claims]] @ vector).tolist() if claims else []
        to_title = dict(
            zip(
                titled, (stored[[titles[claim] for claim in titled]] @ vector).tolist(), strict=True
            )
            if titled
            else ()
        )
        answers.append(
            {
                claim: (cosine, to_title.get(claim, 0.0))
                for claim, cosine in zip(claims, to_text, strict=True)
            }
        )
    return answers
