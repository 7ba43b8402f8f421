"""What is logged of each public editorial event: one function for each, in the transaction of the event.

Those of a verdict take its entry from `begin`, because the verdict names it by its number. They are the last
that an event locks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F

from ..models.log import EventKind, LogEntry, Recorded
from . import documents as told


def rested_on(verdict: Any, get_model: Any = apps.get_model, **also: Any) -> dict[str, Any]:
    """The documents of a verdict's publication, as stored now: the verdict, the claim, its public evidence
    (with the conditions `also`) and the archived editions of what that cites. Three queries."""
    row = (
        get_model("claims", "Verdict")
        .objects.filter(pk=verdict.pk)
        .values(*told.VERDICT, *(f"claim__{name}" for name in told.CLAIM))
        .get()
    )
    evidence = list(
        get_model("claims", "Evidence")
        .objects.filter(claim=verdict.claim_id, published_at__isnull=False, **also)
        .order_by("pk")
        .values(*told.EVIDENCE, "source")
    )
    captured = (
        get_model("sources", "Capture")
        .objects.filter(
            # The very bytes of their editions (`of_its_bytes`), which a migration's model cannot ask for.
            sha256=F("snapshot__sha256"),
            source__published_at__isnull=False,
            snapshot__source__in={each["source"] for each in evidence},
        )
        .values(*told.CAPTURED)
        if evidence
        else ()
    )
    return {
        "claim": told.claim({name: row[f"claim__{name}"] for name in told.CLAIM}),
        "verdict": told.verdict(row),
        "evidence": told.evidence(evidence),
        "snapshots": told.snapshots(evidence, captured),
    }


def publication(
    entry: LogEntry,
    verdict: Any,
    *,
    recorded: str = Recorded.AT_ONCE,
    get_model: Any = apps.get_model,
) -> dict[str, Any]:
    """What `LogEntry.write` takes of the publication of `verdict`, which is `entry`'s."""
    entry.claim_id, entry.verdict_id = verdict.claim_id, verdict.pk
    # What was published later is not what it rested on.
    also = {} if recorded == Recorded.AT_ONCE else {"published_at__lte": verdict.published_at}
    documents = rested_on(verdict, get_model, **also)
    return {
        "kind": EventKind.PUBLISHED if verdict.version == 1 else EventKind.CORRECTED,
        "at": verdict.published_at,
        "documents": documents,
        "sealed": told.sealed(vars(verdict), told.SEALED_PUBLICATION),
        "recorded": recorded,
        "claim": documents["claim"]["slug"],
        "version": verdict.version,
    }


def end(entry: LogEntry, verdict: Any, *, recorded: str = Recorded.AT_ONCE) -> dict[str, Any]:
    """What `LogEntry.write` takes of the end of `verdict`, whose claim is at hand."""
    entry.claim_id, entry.verdict_id = verdict.claim_id, verdict.pk
    return {
        "kind": EventKind(verdict.ending),
        "at": verdict.ended_at,
        "documents": {"ending": told.ending(vars(verdict))},
        "sealed": told.sealed(vars(verdict), told.SEALED_ENDING),
        "recorded": recorded,
        "claim": verdict.claim.slug,
        "version": verdict.version,
        "publication": verdict.publication_entry_id,
    }


def merging(
    entry: LogEntry, merge: Any, *, undone: bool = False, recorded: str = Recorded.AT_ONCE
) -> dict[str, Any]:
    """What `LogEntry.write` takes of a merge of two public claims, or of its undoing."""
    entry.claim_id, entry.merge_id = merge.retired_id, merge.pk
    names = told.SEALED_UNDOING if undone else told.SEALED_MERGE
    return {
        "kind": EventKind.UNMERGED if undone else EventKind.MERGED,
        "at": merge.undone_at if undone else merge.merged_at,
        "sealed": told.sealed(vars(merge), names),
        "recorded": recorded,
        "claim": merge.retired.slug,
        "into": merge.into.slug,
    }


def published(entry: LogEntry, verdict: Any) -> None:
    """Log that `verdict`, whose `publication_entry` is `entry`, was published."""
    entry.write(**publication(entry, verdict))


def ended(entry: LogEntry, verdict: Any) -> None:
    """Log that `verdict`, whose `ending_entry` is `entry`, was superseded or withdrawn."""
    entry.write(**end(entry, verdict))


def merged(merge: Any) -> LogEntry | None:
    """Log that a public claim was merged into another; a draft's merging is nobody's business, and None."""
    return _merging(merge, undone=False)


def unmerged(merge: Any) -> LogEntry | None:
    """Log that the merging of a public claim was undone; likewise."""
    return _merging(merge, undone=True)


@transaction.atomic
def overridden(
    claim: Any,
    override: Mapping[str, Any],
    *,
    at: dt.datetime,
    verdict: Any = None,
    sealed: Mapping[str, Any] | None = None,
) -> LogEntry:
    """Log that a gate was overridden: `override` (values of JSON, all of it public) becomes a document.
    `verdict` is the version that was published so; `sealed` is what the desk alone knows of it."""
    entry = LogEntry.begin()
    entry.claim_id, entry.verdict_id = claim.pk, verdict and verdict.pk
    return entry.write(
        EventKind.OVERRIDDEN,
        at=at,
        documents={"override": dict(override)},
        sealed=sealed,
        claim=claim.slug,
        version=verdict and verdict.version,
        publication=verdict and verdict.publication_entry_id,
    )


def _merging(merge: Any, *, undone: bool) -> LogEntry | None:
    if not merge.retired.is_published:
        return None
    entry = LogEntry.begin()
    return entry.write(**merging(entry, merge, undone=undone))
