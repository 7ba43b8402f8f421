"""Finds the pairs of claims that may be one, for a person to look at. docs/duplicates.md.

Each claim is compared once with the claims nearest to it, and again when it reads otherwise: never all pairs.
What is new is told from the rows themselves, so that whatever way a claim came (a form, an import, a bare
UPDATE), the next run finds it, and a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from claims.models import Claim, LikelyDuplicate
from claims.models.likely_duplicate import Comparison
from claims.querysets.likely_duplicate import Pair
from claims.querysets.vector import Among
from claims.second_claim import others_near

from .matching import Offer

BATCH = 100  # claims that are compared, and written of, together
# How many claims, of those that changed last, a glance looks at.
GLANCE = 1_000


@dataclass
class Report:
    """How many claims were `compared`, and how many of them `by_words` alone; the pairs that were `found`,
    and how many of those are `new`."""

    compared: int = 0
    by_words: int = 0
    new: int = 0
    found: dict[tuple[int, int], Pair] = field(default_factory=dict)

    def noted(self, pair: Pair) -> Pair:
        """Return `pair`, or what was found of the same two before, if that is more probable."""
        known = self.found.setdefault((pair.first, pair.second), pair)
        if known.probability < pair.probability:
            self.found[pair.first, pair.second] = known = pair
        return known

    def __str__(self) -> str:
        by_words = f" ({self.by_words:,} by words alone)" if self.by_words else ""
        return (
            f"{self.compared:,} claims compared{by_words}, {len(self.found):,} likely duplicates found, "
            f"{self.new:,} of them new"
        )


def wanting(*, whole: bool = False) -> QuerySet[Any]:
    """Return the claims at work that were not compared yet as they read now, or (`whole`) all at work."""
    claims: QuerySet[Any] = Claim.objects.at_work().order_by("pk")
    if whole:
        return claims
    made = Comparison.objects.filter(claim=OuterRef("pk"), text=OuterRef("text"))
    return claims.filter(~Exists(made))


def is_anything_new() -> bool:
    """Whether one of the `GLANCE` claims that changed last is to be compared: two short queries."""
    newest = Claim.objects.order_by("-updated_at").values_list("pk", flat=True)[:GLANCE]
    return wanting().filter(pk__in=list(newest)).exists()


def find(
    *,
    whole: bool = False,
    dry_run: bool = False,
    most: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Compare what is new with the claims nearest to it, and write down the pairs that may be one, a
    transaction for each `BATCH` claims; `most` claims at most. With `whole` all claims are compared anew, and
    pairs that nobody has rejected and that are found no more are removed. `dry_run` writes nothing. `say` is
    told how far it is."""
    begun, report = timezone.now(), Report()
    for claims in _batches(whole, most):
        offers, engines = others_near(claims)
        report.compared += len(claims)
        report.by_words += engines.count("lexical")
        seen = set(report.found)
        found = [report.noted(pair) for pair in _pairs(claims, offers)]
        if dry_run:
            known = LikelyDuplicate.objects.filter(first__in=[pair.first for pair in found])
            there = set(known.values_list("first", "second"))
            report.new += len({(pair.first, pair.second) for pair in found} - there - seen)
        else:
            with transaction.atomic():
                report.new += LikelyDuplicate.objects.put(
                    [claim.pk for claim in claims], found, now=begun, anew=whole
                )
                _note(claims, begun)
        say(str(report))
    if whole and not dry_run and most is None:
        _remove_others(report.found.keys())
    return report


def _batches(whole: bool, most: int | None) -> Iterator[list[Any]]:
    last, left = 0, most
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        some = list(wanting(whole=whole).filter(pk__gt=last).only("pk", "text")[:size])
        if not some:
            return
        yield some
        last = some[-1].pk
        left = None if left is None else left - len(some)


def _pairs(claims: Sequence[Any], offers: Sequence[Sequence[Offer]]) -> list[Pair]:
    """The pairs that may be one, of `claims` and what each is offered."""
    same = [[offer for offer in some if offer.same] for some in offers]
    rows = Claim.objects.filter(pk__in=Among({offer.key for some in same for offer in some}))
    texts = dict(rows.values_list("pk", "text"))
    return [
        _pair((claim.pk, claim.text), (offer.key, texts[offer.key]), offer)
        for claim, some in zip(claims, same, strict=True)
        for offer in some
        if offer.key in texts  # unless it is gone meanwhile
    ]


def _pair(one: tuple[int, str], another: tuple[int, str], offer: Offer) -> Pair:
    (first, text), (second, other) = sorted((one, another))
    return Pair(first, second, text, other, offer.probability, str(offer.reasons))


def _note(claims: Sequence[Any], at: Any) -> None:
    """Note that they were compared, those that are still there."""
    there = set(
        Claim.objects.filter(pk__in=[claim.pk for claim in claims]).values_list("pk", flat=True)
    )
    Comparison.objects.bulk_create(
        [
            Comparison(claim=claim, text=claim.text, made_at=at)
            for claim in claims
            if claim.pk in there
        ],
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["text", "made_at"],
    )


def _remove_others(found: Any) -> None:
    rows = LikelyDuplicate.objects.filter(rejected_at=None).values_list("pk", "first", "second")
    gone = [pk for pk, *both in rows if tuple(both) not in found]
    for start in range(0, len(gone), 500):
        LikelyDuplicate.objects.filter(pk__in=gone[start : start + 500]).delete()
