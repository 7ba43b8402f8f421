"""What the parity page counts (`claims.parity`), as the public sees it: a row for each fact, and no more
of it than is counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Case, Q, When

from sources.querysets import Origin


class Records(NamedTuple):
    """What is counted, as tuples; rows are named by their primary keys."""

    speakers: Sequence[tuple[int, str, str]]  # key, slug, name
    ratings: Sequence[tuple[str, str]]  # slug, label; in the order of the scale
    claims: Sequence[tuple[int, str, dt.datetime]]  # key, why selected, when published
    made: Sequence[tuple[int, int]]  # speaker, claim
    rebuttals: Sequence[tuple[int, int, int, int | None]]  # key, speaker, claim, counterclaim
    evidence: Sequence[tuple[int, str, int]]  # claim, direction, origin
    # Claim, version, rating, reason, when published, how ended, gates overridden.
    verdicts: Sequence[tuple[int, int, str, str, dt.datetime, str, list[dict[str, str]]]]


def parity_records() -> Records:
    """Return what is public of claims, who makes and who answers them, their evidence and their verdicts, in
    seven queries, however much that is."""
    appearance, claim, evidence, rebuttal, verdict = (
        apps.get_model("claims", name).objects.published()
        for name in ("Appearance", "Claim", "Evidence", "Rebuttal", "Verdict")
    )
    speakers = apps.get_model("sources", "Speaker").objects.published()
    # By the models' rules they are public with what names them: a page names nobody who is not.
    made = appearance.asserting().filter(claimant__published_at__isnull=False)
    answered = rebuttal.filter(speaker__published_at__isnull=False)
    amounts = Q(counterclaim__published_at__isnull=False, counterclaim__duplicate_of__isnull=True)
    return Records(
        speakers=_rows(
            speakers.filter(
                Q(pk__in=made.values("claimant")) | Q(pk__in=answered.values("speaker"))
            ),
            *("pk", "slug", "name"),
        ),
        ratings=_rows(
            apps.get_model("claims", "Rating").objects.all(), "slug", "label", order=True
        ),
        claims=_rows(claim, "pk", "selection", "published_at"),
        made=_rows(made, "claimant", "claim"),
        rebuttals=_rows(
            answered.annotate(amounts_to=Case(When(amounts, then="counterclaim"))),
            *("pk", "speaker", "claim", "amounts_to"),
        ),
        evidence=_rows(evidence.annotate(origin=Origin("source")), "claim", "direction", "origin"),
        verdicts=_rows(
            verdict,
            *("claim", "version", "rating__slug", "reason", "published_at", "ending", "overrides"),
        ),
    )


def _rows(rows: Any, *names: str, order: bool = False) -> list[Any]:
    """The values `names` of `rows`, each combination once; in their own order, or in none."""
    return list(
        rows.values_list(*names) if order else rows.order_by().values_list(*names).distinct()
    )
