"""All that a verdict is judged by, drafts included: for the desk, and for no public page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from sources.models import Capture, Snapshot, Source, Speaker

from .independence import SingleOrigin, single_origins
from .models import Appearance, Citation, Evidence, ExternalReview, Rebuttal, Search
from .querysets import AS_REVIEWED, IN_TIME, verdict_in_force
from .weighing import Side, first_said, weigh

if TYPE_CHECKING:
    import datetime as dt

    from .models import Claim, Verdict

# Bookkeeping: what of a row changes without anybody's having edited it.
UNNOTICED = {"published_at", "published_by", "created_at", "updated_at"}


@dataclass
class Change:
    """What somebody did to what is attached to a claim."""

    what: str  # added, changed, removed
    kind: str  # evidence, appearance, …
    label: str  # which row, in words; empty where it is gone and had none of its own
    by: Any
    at: dt.datetime


@dataclass
class Dossier:
    """A claim, and everything that is attached to it."""

    claim: Claim
    parts: list[Claim]  # in order, each with its `verdict`
    appearances: list[Appearance]  # in time, each with `original_url`
    rebuttals: list[Rebuttal]  # answers to it, each with its citations
    answers: list[Rebuttal]  # rebuttals of other claims that this one is the counterclaim of
    evidence: list[Evidence]  # each with `origin_id`, `origin_title`; primary sources first
    searches: list[Search]
    external_reviews: list[ExternalReview]  # what other publishers found
    verdicts: list[Verdict]  # every version, newest first

    @classmethod
    def of(cls, claim: Claim) -> Dossier:
        """Read everything, in nine queries at most."""
        parts = list(claim.parts.order_by("part_position", "id"))
        exchanges = list(
            Rebuttal.objects.filter(Q(claim=claim) | Q(counterclaim=claim))
            .with_passage(drafts=True)
            .with_addresses(drafts=True)
            .select_related("speaker", "claim", "counterclaim")
            .prefetch_related(
                Prefetch("citations", queryset=Citation.objects.select_related("source"))
            )
            .order_by(*IN_TIME)
        )
        others = [row.counterclaim for row in exchanges if row.counterclaim]
        others += [row.claim for row in exchanges if row.claim_id != claim.pk]
        prefetch_related_objects([*parts, *others], verdict_in_force())
        evidence = Evidence.objects.filter(claim=claim).with_origin(drafts=True)
        evidence = evidence.with_addresses(drafts=True)
        return cls(
            claim=claim,
            parts=parts,
            appearances=list(
                Appearance.objects.filter(claim=claim)
                .with_passage(drafts=True)
                .with_addresses(drafts=True)
                .select_related("claimant", "reported_by")
                .order_by(*IN_TIME)
            ),
            rebuttals=[row for row in exchanges if row.claim_id == claim.pk],
            answers=[row for row in exchanges if row.claim_id != claim.pk],
            evidence=list(evidence),
            searches=list(Search.objects.filter(claim=claim)),
            external_reviews=list(
                ExternalReview.objects.filter(claim=claim)
                .select_related("claimant")
                .order_by(*AS_REVIEWED)
            ),
            verdicts=list(
                claim.verdicts.select_related("rating__scale", "author", "reviewer").order_by(
                    "-version"
                )
            ),
        )

    @property
    def in_force(self) -> Verdict | None:
        """The published version that holds."""
        held = (row for row in self.verdicts if row.state == "published")
        return next(held, None)

    @property
    def sides(self) -> dict[str, Side]:
        """The evidence by direction and origin, as the public page weighs it."""
        return weigh(self.evidence, said_on=first_said(self.appearances))

    @property
    def single_origin_sides(self) -> list[SingleOrigin]:
        """As `Claim.single_origin_sides`, without a query."""
        return single_origins(
            (row.direction, row.origin_id or row.source_id, row.origin_title or row.source.title)  # type: ignore[attr-defined]
            for row in self.evidence
        )

    @cached_property
    def archived(self) -> set[int]:
        """The ids of those sources of the evidence of which the archive keeps something. One query."""
        cited = {row.source_id for row in self.evidence}
        kept = Capture.objects.filter(source__in=cited).exclude(sha256="").order_by()
        held = Snapshot.objects.filter(source__in=cited).order_by()
        both = held.values_list("source").union(kept.values_list("source"))
        return {pk for (pk,) in both}

    @property
    def counterclaims(self) -> list[Claim]:
        """What the rebuttals amount to, each claim once."""
        found = {row.counterclaim_id: row.counterclaim for row in self.rebuttals}
        return [claim for claim in found.values() if claim is not None]

    def annotations(self) -> Iterator[Any]:
        return chain(
            self.appearances, self.rebuttals, self.evidence, self.searches, self.external_reviews
        )

    def published_with_it(self) -> dict[str, list[Any]]:
        """What the public cannot see yet and will with an approval: `annotations`, the `sources` and
        `speakers` that they rest on. Eight queries, unless chains of sources are longer than three."""
        found: dict[str, list[Any]] = {"annotations": [], "sources": [], "speakers": []}
        found["annotations"] = [row for row in self.annotations() if not row.is_published]
        below = {
            (type(row), row.pk): row
            for each in self.claim.annotations()
            for row in each.drafts_below()
        }
        found["sources"] = [row for (kind, _), row in below.items() if kind is Source]
        speakers = {row.pk: row for (kind, _), row in below.items() if kind is Speaker}
        # As Source.publish does.
        named = Speaker.objects.drafts().filter(turns__snapshot__source__in=found["sources"])
        speakers |= {row.pk: row for row in named.distinct()}
        found["speakers"] = list(speakers.values())
        return found

    def changes_since(self, at: dt.datetime) -> list[Change]:
        """What was attached to the claim, changed, removed or moved away after `at` (UTC), oldest
        first, as the history has it. Six queries."""
        found = []
        held = {(type(row), row.pk): in_words(row) for row in self.annotations()}
        answers = {row.pk for row in self.rebuttals if row.claim_id == self.claim.pk}
        for rebuttal in self.rebuttals:
            held |= {(Citation, row.pk): row.invoked for row in rebuttal.citations.all()}
        for model in (Appearance, Rebuttal, Evidence, Search, ExternalReview, Citation):
            of_claim = (
                Q(rebuttal__claim=self.claim.pk) if model is Citation else Q(claim=self.claim.pk)
            )
            # Of what was ever here, all entries: what was moved away has its last on another claim.
            here = model.history.filter(of_claim).values("id")
            entries = model.history.filter(id__in=here).select_related("history_user")
            rows: dict[int, list[Any]] = {}
            for entry in entries.order_by("history_date", "history_id"):
                entry.is_here = entry.history_type != "-" and (
                    entry.rebuttal_id in answers
                    if model is Citation
                    else entry.claim_id == self.claim.pk
                )
                rows.setdefault(entry.id, []).append(entry)
            for pk, told in rows.items():
                what, last = _become(model, [row for row in told if row.history_date <= at], told)
                if what:
                    kind = str(model._meta.verbose_name)
                    label = held.get((model, pk), getattr(last, "summary", ""))
                    found.append(Change(what, kind, label, last.history_user, last.history_date))
        return sorted(found, key=lambda change: change.at)

    def as_readers_will_see(self, verdict: Verdict) -> Claim:
        """Return the claim as `Claim.objects.read` would give it once `verdict` (its latest version) is
        approved: with all that is then published, and without what stays a draft. For showing it only:
        the rows at hand say that they are public, and are not to be saved."""
        now = timezone.now()
        claim: Any = self.claim
        for row in chain([claim], self.annotations()):
            row.published_at = row.published_at or now
        for rebuttal in self.rebuttals:
            for citation in rebuttal.citations.all():
                if citation.source is not None:
                    citation.source.published_at = citation.source.published_at or now
        claim.updated_at = now
        claim.public_topics = list(claim.topics.all())
        claim.public_parts = [part for part in self.parts if part.is_public]
        claim.public_appearances = self.appearances
        claim.asserting_appearances = [row for row in self.appearances if row.is_asserting]
        claim.public_rebuttals = self.rebuttals
        claim.public_answers = [
            row for row in self.answers if row.is_published and row.claim.is_public
        ]
        claim.public_evidence = self.evidence
        claim.public_searches = self.searches
        claim.public_external_reviews = self.external_reviews
        earlier = [row for row in self.verdicts if row.published_at and row.pk != verdict.pk]
        for row in earlier:
            row.ended_at = row.ended_at or now
        verdict.claim_text = verdict.claim_text or claim.text
        verdict.published_at = now
        claim.published_verdicts = [verdict, *earlier]
        claim.verdicts_in_force = [verdict]
        return self.claim


def in_words(row: Any) -> str:
    """Which annotation `row` is, without a query."""
    if isinstance(row, Evidence):
        return f"{row.source}, {row.locator}" if row.locator else str(row.source)
    if isinstance(row, Appearance):
        return f"{row.claimant}: “{row.passage.exact}”"
    if isinstance(row, Rebuttal):
        return f"{row.speaker}: {row.summary}"
    return str(row)


def _become(model: Any, before: list[Any], told: list[Any]) -> tuple[str, Any]:
    """What became of one row after its history's entries `before`, of all that are `told`: added, changed,
    removed (from the claim), or nothing that an author has done; and the entry that tells it."""
    last = told[-1]
    was, is_here = bool(before) and before[-1].is_here, last.is_here
    if len(before) == len(told) or not (was or is_here):
        return "", last
    if not is_here:
        left = max(place for place, entry in enumerate(told) if entry.is_here) + 1
        return "removed", told[left]
    if not was:
        return "added", last
    fields = [field.attname for field in model._meta.fields if field.name not in UNNOTICED]
    edited = any(getattr(before[-1], name) != getattr(last, name) for name in fields)
    return ("changed" if edited else ""), last
