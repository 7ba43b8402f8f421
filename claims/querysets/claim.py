"""Ways to ask for claims."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.apps import apps
from django.db.models import (
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from sources.querysets import Chain, Origin, PublishableQuerySet, count_of

from .annotation import AS_REVIEWED, IN_TIME
from .verdict import verdict_in_force

ANNOTATIONS = ("Appearance", "Rebuttal", "Evidence", "Search", "ExternalReview")

# After so long, a verdict is looked at again, and a draft is taken up or thrown away.
VERDICT_GROWS_STALE = dt.timedelta(days=365)
DRAFT_GROWS_STALE = dt.timedelta(days=30)

# As `Priority.NORMAL`, which a claim is of that nobody has given another.
NORMAL = 2


class ClaimQuerySet(PublishableQuerySet):
    def published(self) -> Self:
        """Only what the public may see; a retired claim only redirects."""
        return super().published().filter(duplicate_of__isnull=True)

    def read(self, slug: str) -> Any:
        """Return the public claim `slug` with all that the public sees of it, in eight queries.

        The Claim comes with lists of what is published: `public_topics`, `public_parts` (claims, in order),
        `public_appearances`, `public_rebuttals` (answers to it), `public_answers` (rebuttals made with
        it as the counterclaim), `public_evidence` (each with `origin_id`, `origin_title`),
        `public_searches`, `public_external_reviews` (oldest first) and `published_verdicts` (every
        version, newest first). Parts, the whole, counterclaims and answered claims have their `verdict`;
        what hangs on a passage or a source has `original_url`, `rendition_chain` and `addresses`. Raises
        Claim.DoesNotExist.
        """
        appearance, evidence, rebuttal, search, verdict = (
            apps.get_model("claims", name).objects.published()
            for name in ("Appearance", "Evidence", "Rebuttal", "Search", "Verdict")
        )
        external = apps.get_model("claims", "ExternalReview").objects.published()
        citations = apps.get_model("claims", "Citation").objects
        # A row for each topic of each claim: one query less than asking for the topics by themselves.
        rows = list(
            self.published()
            .with_counts()
            .filter(Q(slug=slug) | Q(part_of__slug=slug))
            .select_related("part_of")
            .annotate(topic_slug=F("topics__slug"), topic_name=F("topics__name"))
            .order_by("part_position", "id", "topics__name")
        )
        family = list({row.pk: row for row in rows}.values())
        claim = next((member for member in family if member.slug == slug), None)
        if claim is None:
            raise self.model.DoesNotExist(f"There is no public claim {slug!r}.")
        topic = apps.get_model("claims", "Topic")
        claim.public_topics = [
            topic(slug=row.topic_slug, name=row.topic_name)
            for row in rows
            if row.pk == claim.pk and row.topic_slug is not None
        ]
        claim.public_parts = [member for member in family if member is not claim]
        claim.public_appearances = list(
            appearance.filter(claim=claim)
            .with_passage()
            .with_addresses()
            .select_related("claimant", "reported_by")
            .order_by(*IN_TIME)
        )
        claim.asserting_appearances = [row for row in claim.public_appearances if row.is_asserting]
        exchanges = list(
            rebuttal.filter(Q(claim=claim) | Q(counterclaim=claim))
            .with_passage()
            .with_addresses()
            .select_related("speaker", "claim", "counterclaim")
            .prefetch_related(Prefetch("citations", queryset=citations.select_related("source")))
            .order_by(*IN_TIME)
        )
        claim.public_rebuttals = [row for row in exchanges if row.claim_id == claim.pk]
        claim.public_answers = [row for row in exchanges if row.counterclaim_id == claim.pk]
        claim.public_evidence = list(evidence.filter(claim=claim).with_origin().with_addresses())
        claim.public_searches = list(search.filter(claim=claim))
        claim.public_external_reviews = list(
            external.filter(claim=claim).select_related("claimant").order_by(*AS_REVIEWED)
        )
        others = [
            row.public_counterclaim for row in claim.public_rebuttals if row.public_counterclaim
        ]
        others += [row.claim for row in claim.public_answers]
        others += [claim.public_whole] if claim.public_whole else []
        prefetch_related_objects(
            [claim, *claim.public_parts, *others],
            Prefetch(
                "verdicts",
                queryset=verdict.select_related("rating__scale", "author", "reviewer").order_by(
                    "-version"
                ),
                to_attr="published_verdicts",
            ),
        )
        for member in (claim, *claim.public_parts, *others):
            member.verdicts_in_force = [v for v in member.published_verdicts if v.ended_at is None]
        return claim

    def retired(self) -> Self:
        """Claims whose address leads to the public claim that they duplicate."""
        return self.filter(
            published_at__isnull=False,
            duplicate_of__published_at__isnull=False,
            duplicate_of__duplicate_of__isnull=True,
        )

    def rated(self, yes: bool = True) -> Self:
        """Claims with a verdict in force, or (`yes=False`) the open ones."""
        in_force = Q(verdicts__published_at__isnull=False, verdicts__ended_at__isnull=True)
        ids = self.model.objects.filter(in_force).values("pk")
        return self.filter(pk__in=ids) if yes else self.exclude(pk__in=ids)

    def claimed_by(self, slug: str) -> Self:
        """Claims that the public sees the Speaker `slug` make; a denial is no claim of the denier."""
        appearances = apps.get_model("claims", "Appearance").objects.published().asserting()
        return self.filter(pk__in=appearances.filter(claimant__slug=slug).values("claim"))

    def with_verdict(self) -> Self:
        """With `claim.verdict`, its rating and scale, for all claims in one query."""
        return self.prefetch_related(verdict_in_force())

    def with_claimants(self) -> Self:
        """With `claim.asserting_appearances` (public ones), each with its claimant, in one query."""
        appearances = apps.get_model("claims", "Appearance").objects
        return self.prefetch_related(
            Prefetch(
                "appearances",
                queryset=appearances.published()
                .asserting()
                .select_related("claimant", "reported_by")
                .order_by(*IN_TIME),
                to_attr="asserting_appearances",
            )
        )

    def for_review(self) -> Self:
        """Public claims with a verdict in force, each with what `jsonld.claim_review` takes: its `verdict`,
        `published_verdicts` (every version, newest first) and `asserting_appearances` (public ones, with
        claimant, reporter and source, `original_url` and `rendition_chain`, without the text). Four queries
        for all of them; three for each chunk of `iterator(chunk_size)`, and one for the rows."""
        appearance, verdict = (
            apps.get_model("claims", name).objects for name in ("Appearance", "Verdict")
        )
        return (
            self.published()
            .rated()
            .with_verdict()
            .prefetch_related(
                Prefetch(
                    "verdicts",
                    queryset=verdict.published().order_by("-version"),
                    to_attr="published_verdicts",
                ),
                Prefetch(
                    "appearances",
                    queryset=appearance.published()
                    .asserting()
                    .select_related("claimant", "reported_by", "passage__snapshot__source")
                    .defer("passage__snapshot__text")
                    .annotate(
                        original_url=Origin("passage__snapshot__source", field="url"),
                        rendition_chain=Chain("passage__snapshot__source"),
                    )
                    .order_by(*IN_TIME),
                    to_attr="asserting_appearances",
                ),
            )
        )

    def with_counts(self) -> Self:
        """With the numbers of public annotations: `n_appearances`, `n_rebuttals`, and `n_supports`,
        `n_refutes`, `n_mixed`, `n_context` of evidence, where copies of one record count once."""
        evidence = apps.get_model("claims", "Evidence").objects
        return self.annotate(
            n_appearances=count_of(
                apps.get_model("claims", "Appearance").objects.published(), by="claim"
            ),
            n_rebuttals=count_of(
                apps.get_model("claims", "Rebuttal").objects.published(), by="claim"
            ),
            **{
                f"n_{direction}": count_of(
                    evidence.published()
                    .filter(direction=direction)
                    .annotate(origin=Origin("source")),
                    by="claim",
                    what="origin",
                )
                for direction in ("supports", "refutes", "mixed", "context")
            },
        )

    # --- The desk's queues ---

    def at_work(self) -> Self:
        """Claims that the desk can work on: all but the retired ones."""
        return self.filter(duplicate_of__isnull=True)

    def assigned_to(self, user: Any) -> Self:
        """Claims at work that are assigned to `user`, whatever their state: they stay until they are
        given to somebody else, or to nobody."""
        return self.at_work().filter(assignment__assignee=user)

    def unassigned(self) -> Self:
        """Claims at work that are nobody's though something is to do: there is no verdict in force, or
        a new one is in the making. A rated claim on which nobody writes waits for nobody."""
        verdicts = apps.get_model("claims", "Verdict").objects
        in_the_making = Q(pk__in=verdicts.in_the_making().values("claim"))
        settled = Q(pk__in=verdicts.in_force().values("claim")) & ~in_the_making
        assigned = apps.get_model("claims", "Assignment").objects.filter(assignee__isnull=False)
        return self.at_work().exclude(settled).exclude(pk__in=assigned.values("claim"))

    def awaiting_review(self) -> Self:
        """Claims at work with a verdict that was submitted, and is neither approved nor sent back."""
        submitted = apps.get_model("claims", "Verdict").objects.submitted()
        return self.at_work().filter(pk__in=submitted.values("claim"))

    def awaiting_withdrawal(self) -> Self:
        """Claims at work of which somebody proposes to withdraw the verdict in force, and nobody else has
        confirmed or declined that."""
        withdrawals = apps.get_model("claims", "Withdrawal").objects.waiting()
        return self.at_work().filter(pk__in=withdrawals.values("verdict__claim"))

    def stale(self, *, now: dt.datetime | None = None) -> Self:
        """Claims at work that somebody should look at again, as of `now` (UTC; now if left out):

        - no new verdict is in the making, and the one in force is older than a year; or was reached on
          another wording of the claim; or could not know an annotation (a draft, or published later) or
          a duplicate that was merged into the claim since;
        - a verdict has been a draft, and nobody has touched it for 30 days;
        - the claim is a draft without any verdict, and neither it nor what is attached to it has
          been touched for 30 days.
        """
        now = now or timezone.now()
        verdicts = apps.get_model("claims", "Verdict").objects
        merged = apps.get_model("claims", "Merge").objects.filter(
            into=OuterRef("claim"), undone_at__isnull=True, merged_at__gt=OuterRef("published_at")
        )
        outdated: Any = (
            Q(published_at__lt=now - VERDICT_GROWS_STALE)
            | ~Q(claim_text=F("claim__text"))
            | Exists(merged)
        )
        for name in ANNOTATIONS:
            unknown = Q(published_at__isnull=True) | Q(published_at__gt=OuterRef("published_at"))
            annotations = apps.get_model("claims", name).objects
            outdated |= Exists(annotations.filter(unknown, claim=OuterRef("claim")))
        in_the_making = Q(pk__in=verdicts.in_the_making().values("claim"))
        judged_anew = Q(pk__in=verdicts.in_force().filter(outdated).values("claim"))

        limit = now - DRAFT_GROWS_STALE
        changes = apps.get_model("claims", "HistoricalVerdict").objects
        touched = Exists(changes.filter(id=OuterRef("pk"), history_date__gte=limit))
        left = verdicts.filter(~touched, submitted_at__isnull=True, published_at__isnull=True)

        quiet = Q(published_at__isnull=True, verdicts__isnull=True, updated_at__lt=limit)
        for name in ANNOTATIONS:
            added = apps.get_model("claims", name).objects.filter(created_at__gte=limit)
            quiet &= ~Q(pk__in=added.values("claim"))
        return self.at_work().filter(
            (judged_anew & ~in_the_making) | Q(pk__in=left.values("claim")) | quiet
        )

    def open_without_evidence(self) -> Self:
        """Claims at work without a verdict in force and without a single piece of evidence, drafts
        counted: where research has not begun."""
        evidence = apps.get_model("claims", "Evidence").objects
        return self.at_work().rated(False).exclude(pk__in=evidence.values("claim"))

    def with_work(self) -> Self:
        """With what a queue shows of each claim, drafts counted: `urgency` (a `Priority`; normal for a
        claim without assignment), `n_for` and `n_against` of evidence (copies of one record count once),
        `last_change` (the last time that it was edited, or something was attached to it), the assignment
        with its assignee, the verdict in force, `verdicts_in_the_making` (a list of one or none), and
        `proposed_withdrawal` (the key of the Withdrawal that waits, or None). Three queries in all."""
        evidence = apps.get_model("claims", "Evidence").objects
        attached = [
            Coalesce(
                Subquery(
                    apps.get_model("claims", name)
                    .objects.filter(claim=OuterRef("pk"))
                    .order_by()
                    .values("claim")
                    .annotate(latest=Max("created_at"))
                    .values("latest")
                ),
                "updated_at",
            )
            for name in (*ANNOTATIONS, "Verdict")
        ]
        in_the_making = apps.get_model("claims", "Verdict").objects.in_the_making()
        waiting = apps.get_model("claims", "Withdrawal").objects.waiting()
        return (
            self.annotate(
                proposed_withdrawal=Subquery(
                    waiting.filter(verdict__claim=OuterRef("pk")).order_by().values("pk")[:1]
                ),
                urgency=Coalesce("assignment__priority", NORMAL),
                **{
                    name: count_of(
                        evidence.filter(direction=direction).annotate(
                            origin=Origin("source", drafts=True)
                        ),
                        by="claim",
                        what="origin",
                    )
                    for name, direction in (("n_for", "supports"), ("n_against", "refutes"))
                },
                last_change=Greatest("updated_at", *attached),
            )
            .select_related("assignment__assignee")
            .with_verdict()
            .prefetch_related(
                Prefetch("verdicts", queryset=in_the_making, to_attr="verdicts_in_the_making")
            )
        )
