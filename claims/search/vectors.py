"""Keeps the vectors of claims up to date: computes what is missing, removes what is right no longer.

All of it is told from the rows themselves, so that whatever way a claim changed (a form, an import, a bare
UPDATE), the next run finds it, and a second run finds nothing to do. docs/matching-index.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from claims.models import Claim, ClaimVector, Verdict
from claims.models.vector import Part
from claims.querysets.vector import NewVector, Sha256

from . import encoding

BATCH = 256  # texts that are encoded, and written, together
# How many claims, of those that changed last, a glance looks at.
GLANCE = 1_000


class Words(NamedTuple):
    claim: int  # its primary key
    text: str
    public: bool

    @property
    def sha256(self) -> str:
        return sha256(self.text.encode()).hexdigest()


@dataclass
class Report:
    """How many vectors: computed; kept as they are, and only moved to another half of the index; removed."""

    computed: int = 0
    moved: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return f"{self.computed:,} computed, {self.moved:,} moved, {self.removed:,} removed"


def wanting(
    part: Part, *, whole: bool = False, among: Sequence[int] | None = None
) -> QuerySet[Any]:
    """Return the rows that have the words of `part` (claims; verdicts in force), by claim, each with `key`
    (the claim's), `words` and `shown` (whether the claim is public): those without a vector that is right,
    or (`whole`) all of them; of the claims with the keys `among`, or of all."""
    public = Claim.objects.published()
    shown = Exists(
        (public if among is None else public.filter(pk__in=among)).filter(pk=OuterRef("key"))
    )
    rows: QuerySet[Any] = (
        Claim.objects.annotate(key=F("pk"), words=F("text"))
        if part == Part.TEXT
        else Verdict.objects.in_force().annotate(key=F("claim_id"), words=F("headline"))
    )
    if among is not None:
        rows = rows.filter(key__in=among)
    rows = rows.annotate(shown=shown).order_by("key")
    if whole:
        return rows
    # One look into an index for each claim. Of NOT EXISTS, PostgreSQL makes a join that takes hours.
    stored = ClaimVector.objects.of_this_model().filter(part=part, claim=OuterRef("key"))
    kept = rows.annotate(
        of=Subquery(stored.values("text_sha256")), among=Subquery(stored.values("public"))
    )
    missing: QuerySet[Any] = kept.exclude(of__isnull=False, of=Sha256("words"), among=F("shown"))
    return missing


def is_anything_missing() -> bool:
    """Whether one of the `GLANCE` claims that changed last lacks a vector: three short queries."""
    newest = Claim.objects.order_by("-updated_at").values_list("pk", flat=True)[:GLANCE]
    keys = list(newest)
    return any(wanting(part, among=keys).exists() for part in Part)


def embed(
    *,
    batch: int = BATCH,
    whole: bool = False,
    dry_run: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Give every claim the vectors of its words, a transaction for each `batch` texts; `whole` computes those
    anew that are there already, `dry_run` only counts. `say` is told how far it is. Raises
    encoding.Unavailable where sentences cannot be encoded here."""
    report = Report()
    if not dry_run:
        encoding.encode([""])  # before anything is written, or removed
    for part in Part:
        for rows in _batches(part, batch, whole=whole):
            computed, moved = _count(part, rows, whole) if dry_run else _write(part, rows, whole)
            report.computed += computed
            report.moved += moved
            say(f"{part.label}: {report}")
    left = ClaimVector.objects.left_over()
    if dry_run:
        # Of the others, what is computed takes the place.
        gone = Q(sha256_now="") | ~Q(model=encoding.MODEL, version=encoding.VERSION)
        report.removed = left.filter(gone).count()
    else:
        keys = list(left.values_list("pk", flat=True))
        for start in range(0, len(keys), 5_000):
            some = ClaimVector.objects.left_over().filter(pk__in=keys[start : start + 5_000])
            report.removed += some.delete()[0]
    return report


def _batches(part: Part, size: int, *, whole: bool) -> Iterator[list[Words]]:
    last = 0
    while True:
        rows = wanting(part, whole=whole).filter(key__gt=last)
        some = [Words(*row) for row in rows.values_list("key", "words", "shown")[:size]]
        if not some:
            return
        yield some
        last = some[-1].claim


def _known(part: Part, rows: Sequence[Words]) -> dict[tuple[int, str], bytes]:
    """The vectors that there are of those words already."""
    there = ClaimVector.objects.of_this_model().filter(
        part=part, claim__in=[row.claim for row in rows]
    )
    values = there.values_list("claim", "text_sha256", "vector")
    return {(claim, digest): bytes(vector) for claim, digest, vector in values}


def _count(part: Part, rows: Sequence[Words], whole: bool) -> tuple[int, int]:
    moved = 0 if whole else sum((row.claim, row.sha256) in _known(part, rows) for row in rows)
    return len(rows) - moved, moved


def _write(part: Part, rows: Sequence[Words], whole: bool) -> tuple[int, int]:
    """Write the vectors of `rows`; returns how many were computed, and how many were there."""
    vectors = {} if whole else _known(part, rows)
    fresh = [row for row in rows if (row.claim, row.sha256) not in vectors]
    encoded: Any = encoding.encode([row.text for row in fresh]).astype("<f2") if fresh else []
    for row, vector in zip(fresh, encoded, strict=True):
        vectors[row.claim, row.sha256] = vector.tobytes()
    ClaimVector.objects.put(
        part,
        [
            NewVector(row.claim, row.sha256, row.public, vectors[row.claim, row.sha256])
            for row in rows
        ],
    )
    return len(fresh), len(rows) - len(fresh)
