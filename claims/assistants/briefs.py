"""Many claims in short: what search and match say of each, in as many queries for many as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Min

from sources.querysets import Origin

from ..models import Appearance, Claim, Evidence, Rebuttal, Verdict
from . import phrases
from .answers import Brief, EvidenceInShort
from .reading import citation, rated

# Titles of records on each side, and who says it: so many of each claim.
TITLES, SAID = 3, 3


def briefs(claims: Sequence[Claim]) -> list[Brief]:
    """Return the public `claims` (each with its `verdict`) in short, in their order. Four queries or none."""
    if not claims:
        return []
    keys = [claim.pk for claim in claims]
    evidence, said, answered, versions = (
        _evidence(keys),
        _said(keys),
        _answered(keys),
        _versions(keys),
    )
    return [
        _brief(claim, evidence[claim.pk], said[claim.pk], answered[claim.pk], versions[claim.pk])
        for claim in claims
    ]


def _brief(
    claim: Claim,
    evidence: dict[str, dict[int, str]],
    said: list[dict[str, Any]],
    answered: list[dict[str, Any]],
    versions: list[Verdict],
) -> Brief:
    verdict = claim.verdict
    newest = versions[0] if versions else None
    n = {side: len(evidence[side]) for side in ("supports", "refutes", "mixed", "context")}
    corrected = None
    if verdict and verdict.is_correction and len(versions) > 1:
        corrected = phrases.replaced(verdict, versions[1])
    return Brief(
        slug=claim.slug,
        claim=claim.text,
        language=claim.language,
        rating=rated(claim, newest if newest and newest.is_withdrawn else None),
        headline=verdict.headline if verdict else None,
        since=verdict.published_at.date().isoformat() if verdict else None,
        corrected=corrected,
        evidence=EvidenceInShort(
            in_words=phrases.sides_in_words(n),
            **{f"n_{side}": number for side, number in n.items()},
            supports=list(evidence["supports"].values())[:TITLES],
            refutes=list(evidence["refutes"].values())[:TITLES],
        ),
        said=[*_first(map(_made, said)), *_first(f"{row['who']} answers it" for row in answered)],
        rendition_warning=phrases.renditions_in_words(
            (row["rendition"], row["language"], row["n"]) for row in (*said, *answered)
        ),
        cite=citation(claim),
    )


def _first(told: Any) -> list[str]:
    each = list(dict.fromkeys(told))
    return each[:SAID] + ([f"and {len(each) - SAID} more"] if len(each) > SAID else [])


def _made(row: dict[str, Any]) -> str:
    return phrases.made(row["who"], row["manner"], row["reporter"])


def _evidence(keys: list[int]) -> dict[int, dict[str, dict[int, str]]]:
    """Of each claim and direction the records, their titles by their origin's key: primary ones first."""
    found: dict[int, dict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    rows = (
        Evidence.objects.published()
        .filter(claim__in=keys)
        .annotate(origin=Origin("source"), title=Origin("source", field="title"))
        .order_by("source__primacy", F("source__date").asc(nulls_last=True), "id")
    )
    for claim, side, origin, title, source, own in rows.values_list(
        "claim", "direction", "origin", "title", "source", "source__title"
    ):
        # As `weigh` has it: a chain of sources that bites its own tail has no origin.
        found[claim][side].setdefault(origin or source, title or own)
    return found


def _said(keys: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Of each claim who makes it in what manner, and in which renditions: with numbers of passages."""
    return _grouped(
        Appearance.objects.published().filter(claim__in=keys),
        who=F("claimant__name"),
        how=F("manner"),
        reporter=F("reported_by__name"),
    )


def _answered(keys: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Of each claim who answers it, and in which renditions."""
    return _grouped(Rebuttal.objects.published().filter(claim__in=keys), who=F("speaker__name"))


def _grouped(rows: Any, **columns: Any) -> dict[int, list[dict[str, Any]]]:
    source = "passage__snapshot__source"
    groups = (
        rows.order_by()
        .values(
            "claim",
            rendition=F(f"{source}__rendition"),
            language=F(f"{source}__language"),
            **columns,
        )
        .annotate(n=Count("pk"), first=Min(f"{source}__date"))
        .order_by(F("first").asc(nulls_last=True), "who")
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in groups:
        found[row["claim"]].append(row | {"manner": row.get("how")})
    return found


def _versions(keys: list[int]) -> dict[int, list[Verdict]]:
    """Of each claim the published versions, newest first."""
    found: dict[int, list[Verdict]] = defaultdict(list)
    rows = Verdict.objects.published().filter(claim__in=keys).select_related("rating__scale")
    for verdict in rows.defer("rationale").order_by("-version"):
        found[verdict.claim_id].append(verdict)
    return found
