"""Ways to ask for pairs of claims that may be one, and the one way to write what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce

# How many keys one statement names.
KEYS = 500


class Pair(NamedTuple):
    """Two claims that may be one, by their primary keys, the smaller first."""

    first: int
    second: int
    first_text: str
    second_text: str
    probability: float
    why: str


class LikelyDuplicateQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Those that somebody has to look at: nobody has rejected them, neither claim is retired, and nothing
        at the desk says that they are two: that one is a part of the other, that both are parts of one
        whole, or that one answers the other as its counterclaim."""
        rebuttals = apps.get_model("claims", "Rebuttal").objects
        answers = [
            Exists(rebuttals.filter(claim=OuterRef(claim), counterclaim=OuterRef(other)))
            for claim, other in (("first", "second"), ("second", "first"))
        ]
        apart = (
            Q(first__part_of=F("second"))
            | Q(second__part_of=F("first"))
            | Q(first__part_of=F("second__part_of"))
        )
        # `exclude` would take a claim that is no part for unknown, and with it the pair.
        kept = self.exclude(pk__in=self.model.objects.filter(apart).values("pk"))
        at_work = Q(first__duplicate_of=None, second__duplicate_of=None)
        return kept.filter(at_work, ~answers[0], ~answers[1], rejected_at=None)

    def merged(self) -> Self:
        """Those of which one claim leads to the other, or both to the same third."""
        ends = [Coalesce(f"{side}__duplicate_of", side) for side in ("first", "second")]
        return self.alias(end=ends[0], other=ends[1]).filter(end=F("other"))

    def rejected(self) -> Self:
        """Those that somebody has said to be two claims, and that nobody has merged since."""
        merged = self.model.objects.merged().values("pk")
        return self.filter(rejected_at__isnull=False).exclude(pk__in=merged)

    def with_claims(self) -> Self:
        """With both claims, their verdicts in force, and who rejected: in as many queries for many as for
        one."""
        claims = apps.get_model("claims", "Claim").objects.with_verdict()
        return self.select_related("rejected_by").prefetch_related(
            Prefetch("first", queryset=claims), Prefetch("second", queryset=claims)
        )

    def put(
        self,
        compared: Collection[int],
        found: Iterable[Pair],
        *,
        now: dt.datetime,
        anew: bool = False,
    ) -> int:
        """Write what was found of the claims `compared` (primary keys), and return how many pairs are new.

        What is rejected stays as it is. Of the others, a pair that was known gets what was found now, unless
        the same words were more probably one when the other claim was compared, and not all is compared
        `anew`; one that was not found any more is removed if it was of other words. Claims that are gone
        meanwhile are left out. In one transaction.
        """
        with transaction.atomic():
            # In the order in which every writer locks claims; so none of them can go.
            wanted = {(pair.first, pair.second): pair for pair in found}
            keys = sorted({key for both in wanted for key in both} | set(compared))
            claims = apps.get_model("claims", "Claim").objects
            there: set[int] = set()
            known: dict[tuple[int, int], Any] = {}
            for some in (keys[start : start + KEYS] for start in range(0, len(keys), KEYS)):
                locked = claims.filter(pk__in=some).order_by("pk").select_for_update()
                there.update(locked.values_list("pk", flat=True))
            for some in (keys[start : start + KEYS] for start in range(0, len(keys), KEYS)):
                rows = self.filter(first__in=some).select_related("first", "second")
                known |= {(row.first_id, row.second_id): row for row in rows}
                rows = self.filter(second__in=some).select_related("first", "second")
                known |= {(row.first_id, row.second_id): row for row in rows}
            new, again, gone = [], [], []
            for both, pair in wanted.items():
                row = known.get(both)
                if row is None and set(both) <= there:
                    new.append(
                        self.model(
                            first_id=pair.first,
                            second_id=pair.second,
                            found_at=now,
                            **_found(pair),
                        )
                    )
                elif row is not None and row.rejected_at is None and (anew or row.gains_by(pair)):
                    for name, value in _found(pair).items():
                        setattr(row, name, value)
                    again.append(row)
            for both, row in known.items():
                asked = not set(both).isdisjoint(compared)
                if asked and both not in wanted and row.rejected_at is None and row.reads_otherwise:
                    gone.append(row.pk)
            self.bulk_create(new)
            self.bulk_update(again, ["probability", "why", "first_text", "second_text"])
            for start in range(0, len(gone), KEYS):
                self.filter(pk__in=gone[start : start + KEYS]).delete()
            return len(new)


def _found(pair: Pair) -> dict[str, Any]:
    return {
        "probability": pair.probability,
        "why": pair.why,
        "first_text": pair.first_text,
        "second_text": pair.second_text,
    }
