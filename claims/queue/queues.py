"""The queues of the desk. What each means is said by its method in `claims/querysets/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ..models import Claim, Note, Verdict


@dataclass(frozen=True)
class Queue:
    slug: str
    title: str
    meaning: str  # for who reads the page
    rows: Callable[[Any], Any]  # of the user: a ClaimQuerySet
    since: Any  # expression: from when on a claim waits here
    waits: str  # what happened then


def _of_verdict(verdicts: Any, field: str) -> Subquery:
    return Subquery(verdicts.filter(claim=OuterRef("pk")).values(field)[:1])


CLAIMS = (
    Queue(
        "mine",
        "Mine",
        "Assigned to you, whatever their state.",
        lambda user: Claim.objects.assigned_to(user),
        F("assignment__changed_at"),
        "assigned",
    ),
    Queue(
        "unassigned",
        "Unassigned",
        "Nobody's, though there is no verdict in force, or a new one is being written.",
        lambda user: Claim.objects.unassigned(),
        F("created_at"),
        "recorded",
    ),
    Queue(
        "review",
        "Awaiting review",
        "A verdict was submitted, and waits for an editor other than its author.",
        lambda user: Claim.objects.awaiting_review(),
        _of_verdict(Verdict.objects.submitted(), "submitted_at"),
        "submitted",
    ),
    Queue(
        "stale",
        "Stale",
        "The verdict in force is older than a year, or does not know of something that came to the "
        "claim since; or a draft lay untouched for 30 days.",
        lambda user: Claim.objects.stale(),
        Coalesce(_of_verdict(Verdict.objects.in_force(), "published_at"), "last_change"),
        "judged, or last touched",
    ),
    Queue(
        "no-evidence",
        "Open without evidence",
        "No verdict in force, and no evidence yet, not even a draft.",
        lambda user: Claim.objects.open_without_evidence(),
        F("created_at"),
        "recorded",
    ),
)
MENTIONS = "mentions"
BY_SLUG = {queue.slug: queue for queue in CLAIMS}


def counts(user: Any) -> dict[str, int]:
    """How much waits in each queue for `user`, by its slug, mentions included: two queries."""
    numbers: dict[str, int] = Claim.objects.aggregate(
        **{
            queue.slug.replace("-", "_"): Count(
                "pk", filter=Q(pk__in=queue.rows(user).values("pk"))
            )
            for queue in CLAIMS
        }
    )
    found = {slug: numbers[slug.replace("-", "_")] for slug in BY_SLUG}
    return found | {MENTIONS: Note.objects.open().mentioning(user).count()}


def tabs(user: Any) -> list[dict[str, Any]]:
    """The queues as links show them: slug, title, number; as far as `user` may read claims and notes."""
    titles = (
        {queue.slug: queue.title for queue in CLAIMS} if user.has_perm("claims.view_claim") else {}
    )
    if user.has_perm("claims.view_note"):
        titles[MENTIONS] = "Mentions of me"
    if not titles:
        return []
    number = counts(user)
    return [{"slug": slug, "title": title, "n": number[slug]} for slug, title in titles.items()]
