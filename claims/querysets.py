"""Ways to ask for the judgement. Every public reader starts at `.published()`."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Greatest, Least, Substr
from django.utils import timezone

from sources.querysets import Origin, PublishableQuerySet, count_of

# As it was said: the databases differ over where what has no date comes.
IN_TIME = (models.F("passage__snapshot__source__date").asc(nulls_last=True), "passage__start", "id")


# How much of the text around a passage readers are shown, in code points on each side: a sentence or two.
AROUND = 160

ANNOTATIONS = ("Appearance", "Rebuttal", "Evidence", "Search")

# After so long, a verdict is looked at again, and a draft is taken up or thrown away.
VERDICT_GROWS_STALE = dt.timedelta(days=365)
DRAFT_GROWS_STALE = dt.timedelta(days=30)

# As `Priority.NORMAL`, which a claim is of that nobody has given another.
NORMAL = 2


def verdict_in_force(path: str = "verdicts") -> Prefetch[Any]:
    """Return the prefetch after which `claim.verdict`, its rating and scale cost no query; `path` leads
    from the rows at hand to the verdicts of their claims."""
    verdicts = apps.get_model("claims", "Verdict").objects
    return Prefetch(
        path,
        queryset=verdicts.in_force().select_related("rating__scale"),
        to_attr="verdicts_in_force",
    )


class ClaimQuerySet(PublishableQuerySet):
    def published(self) -> Self:
        """Only what the public may see; a retired claim only redirects."""
        return super().published().filter(duplicate_of__isnull=True)

    def read(self, slug: str) -> Any:
        """Return the public claim `slug` with all that the public sees of it, in eight queries.

        The Claim comes with lists of what is published: `public_parts` (claims, in order),
        `public_appearances`, `public_rebuttals` (answers to it), `public_answers` (rebuttals made with
        it as the counterclaim), `public_evidence` (each with `origin_id`, `origin_title`),
        `public_searches` and `published_verdicts` (every version, newest first). Parts,
        the whole, counterclaims and answered claims have their `verdict`; what hangs on a passage or
        a source has `original_url`. Raises Claim.DoesNotExist.
        """
        appearance, evidence, rebuttal, search, verdict = (
            apps.get_model("claims", name).objects.published()
            for name in ("Appearance", "Evidence", "Rebuttal", "Search", "Verdict")
        )
        citations = apps.get_model("claims", "Citation").objects
        family = list(
            self.published()
            .with_counts()
            .filter(Q(slug=slug) | Q(part_of__slug=slug))
            .select_related("part_of")
            .prefetch_related("topics")
            .order_by("part_position", "id")
        )
        claim = next((member for member in family if member.slug == slug), None)
        if claim is None:
            raise self.model.DoesNotExist(f"There is no public claim {slug!r}.")
        claim.public_parts = [member for member in family if member is not claim]
        claim.public_appearances = list(
            appearance.filter(claim=claim)
            .with_passage()
            .select_related("claimant", "reported_by")
            .order_by(*IN_TIME)
        )
        claim.asserting_appearances = [row for row in claim.public_appearances if row.is_asserting]
        exchanges = list(
            rebuttal.filter(Q(claim=claim) | Q(counterclaim=claim))
            .with_passage()
            .select_related("speaker", "claim", "counterclaim")
            .prefetch_related(Prefetch("citations", queryset=citations.select_related("source")))
            .order_by(*IN_TIME)
        )
        claim.public_rebuttals = [row for row in exchanges if row.claim_id == claim.pk]
        claim.public_answers = [row for row in exchanges if row.counterclaim_id == claim.pk]
        claim.public_evidence = list(evidence.filter(claim=claim).with_origin())
        claim.public_searches = list(search.filter(claim=claim))
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
        claim without assignment), `n_for` and `n_against` of evidence, `last_change` (the last time that
        it was edited, or something was attached to it), the assignment with its assignee, the verdict in
        force, and `verdicts_in_the_making` (a list of one or none). Three queries in all."""
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
        return (
            self.annotate(
                urgency=Coalesce("assignment__priority", NORMAL),
                n_for=count_of(evidence.filter(direction="supports"), by="claim"),
                n_against=count_of(evidence.filter(direction="refutes"), by="claim"),
                last_change=Greatest("updated_at", *attached),
            )
            .select_related("assignment__assignee")
            .with_verdict()
            .prefetch_related(
                Prefetch("verdicts", queryset=in_the_making, to_attr="verdicts_in_the_making")
            )
        )


class AnnotationQuerySet(PublishableQuerySet):
    def published(self) -> Self:
        """Only what the public may see: the annotation and the claim that it belongs to."""
        return (
            super()
            .published()
            .filter(claim__published_at__isnull=False, claim__duplicate_of__isnull=True)
        )

    def with_record(self) -> Self:
        """With what each row rests on (`rests_on`), in one query for chains of up to three sources;
        without the text that a passage was taken from."""
        rows = self.select_related(*self.model.RECORD)
        if any(path.startswith("passage") for path in self.model.RECORD):
            rows = rows.defer("passage__snapshot__content", "passage__snapshot__text")
        return rows

    def asserting(self) -> Self:
        """Appearances in which the claimant makes the claim, rather than denies it."""
        return self.exclude(manner="denied")

    def with_passage(self, *, drafts: bool = False) -> Self:
        """With the passage, its turn and its source, and `original_url`: where the source's origin is
        read (`drafts=True`: as the desk knows it), and `text_before` and `text_after`: the text around it.
        Without the whole text that the passage was taken from."""
        return (
            self.select_related("passage__snapshot__source", "passage__turn__speaker")
            .defer("passage__snapshot__content", "passage__snapshot__text")
            .annotate(
                original_url=Origin("passage__snapshot__source", field="url", drafts=drafts),
                **words_around(),
            )
        )


class EvidenceQuerySet(AnnotationQuerySet):
    def with_origin(self, *, drafts: bool = False) -> Self:
        """With the source, the passage if any, and of the origin (`drafts=True`: as the desk knows it)
        `origin_id`, `origin_slug`, `origin_title` and `original_url`; primary sources first, then by
        date; `text_before` and `text_after` as `with_passage` has them."""
        return (
            self.select_related("source", "passage__snapshot__source", "passage__turn__speaker")
            .defer("passage__snapshot__content", "passage__snapshot__text")
            .annotate(
                origin_id=Origin("source", drafts=drafts),
                origin_slug=Origin("source", field="slug", drafts=drafts),
                origin_title=Origin("source", field="title", drafts=drafts),
                original_url=Origin("source", field="url", drafts=drafts),
                **words_around(),
            )
            .order_by("source__primacy", "source__date", "id")
        )


def words_around() -> dict[str, Any]:
    """Annotations of rows with a passage: up to `AROUND` code points of the text on each side of it."""
    start = F("passage__start")
    return {
        "text_before": Substr(
            "passage__snapshot__text", Greatest(start - AROUND + 1, 1), Least(start, AROUND)
        ),
        "text_after": Substr("passage__snapshot__text", F("passage__end") + 1, AROUND),
    }


def public_editions() -> Any:
    """The Snapshots that the public may read: those that a published annotation quotes.

    A Source may be public while its next edition is still being annotated, or was a mistake.
    """
    quoted = [
        apps.get_model("claims", name).objects.published().filter(passage__isnull=False)
        for name in ("Appearance", "Rebuttal", "Evidence")
    ]
    anywhere = Q()
    for rows in quoted:
        anywhere |= Q(pk__in=rows.values("passage__snapshot"))
    return apps.get_model("sources", "Snapshot").objects.light().filter(anywhere)


def public_transcripts() -> Any:
    """The Sources of which the public may read the text."""
    sources = apps.get_model("sources", "Source").objects
    return sources.published().filter(pk__in=public_editions().values("source"))


class VerdictQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Only what the public may see, past versions included."""
        return self.filter(
            published_at__isnull=False,
            claim__published_at__isnull=False,
            claim__duplicate_of__isnull=True,
        )

    def in_force(self) -> Self:
        """Published, and neither superseded nor withdrawn: at most one for each claim."""
        return self.filter(published_at__isnull=False, ended_at__isnull=True)

    def in_the_making(self) -> Self:
        """Drafts, and verdicts awaiting review."""
        return self.filter(published_at__isnull=True)

    def submitted(self) -> Self:
        """Awaiting review."""
        return self.in_the_making().filter(submitted_at__isnull=False)

    def with_return(self) -> Self:
        """Drafts with `returned_because`: why the review sent them back last; None where it never did."""
        entries = self.model.history.filter(id=models.OuterRef("pk"))
        submitted = self.model.history.filter(
            id=models.OuterRef("id"), submitted_at__isnull=False
        ).order_by("-history_id")
        # The first entry after the last one that says “submitted”.
        returned = entries.filter(
            submitted_at__isnull=True,
            history_id__gt=models.Subquery(submitted.values("history_id")[:1]),
        ).order_by("history_id")
        return self.annotate(
            returned_because=models.Subquery(returned.values("history_change_reason")[:1])
        )

    def corrections(self) -> Self:
        """Published versions that changed an earlier one, and withdrawn ones."""
        return self.published().filter(Q(version__gt=1) | Q(ending="withdrawn"))

    def newest_first(self) -> Self:
        """By the last change that concerns the version: its withdrawal, or else its publication."""
        withdrawn_at = Case(When(ending="withdrawn", then="ended_at"))
        return self.order_by(Coalesce(withdrawn_at, "published_at").desc(), "-id")


class NoteQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Notes that nobody has marked done."""
        return self.filter(done_at__isnull=True)

    def mentioning(self, user: Any) -> Self:
        return self.filter(mentions=user)

    def conversation(self) -> Self:
        """As a conversation is read: with who wrote, finished and is named in each, in two queries."""
        return (
            self.select_related("author", "done_by")
            .prefetch_related("mentions")
            .defer("imported")
            .order_by("created_at", "id")
        )


class SavedFilterQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and what its owner shares with the desk."""
        return self.filter(Q(owner=user) | Q(shared=True))


class TopicQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        """Topics that a public claim bears."""
        claims = apps.get_model("claims", "Claim").objects.published()
        return self.filter(pk__in=claims.values("topics"))

    def once_public_as(self, slug: str) -> Any:
        """Return the id of the topic (deleted, perhaps) that the public found under `slug` last, by the
        history: it bore the name while a public claim bore it. None for a name that was never public."""
        topics = self.model.history.filter(slug=slug).exclude(history_type="-")
        renamed = self.model.history.filter(
            id=OuterRef("id"), history_id__gt=OuterRef("history_id")
        ).order_by("history_id")
        claims = apps.get_model("claims", "HistoricalClaim").objects
        changed = claims.filter(
            id=OuterRef("history__id"), history_id__gt=OuterRef("history_id")
        ).order_by("history_id")
        # The claim as it was stood until its next entry; the name, until the topic's.
        borne = (
            apps.get_model("claims", "HistoricalClaim_topics")
            .objects.filter(
                topic=OuterRef("id"),
                history__published_at__isnull=False,
                history__duplicate_of__isnull=True,
            )
            .alias(until=Subquery(changed.values("history_date")[:1]))
            .filter(
                Q(until__isnull=True) | Q(until__gte=OuterRef("history_date")),
                history__history_date__lte=Coalesce(OuterRef("until"), timezone.now()),
            )
        )
        periods = topics.alias(until=Subquery(renamed.values("history_date")[:1]))
        return (
            periods.filter(Exists(borne))
            .order_by("-history_id")
            .values_list("id", flat=True)
            .first()
        )


class RatingQuerySet(models.QuerySet[Any]):
    def with_counts(self, claims: ClaimQuerySet | None = None) -> Self:
        """With `n_verdicts`, the number of verdicts in force at each step (on `claims`, if given)."""
        verdicts = apps.get_model("claims", "Verdict").objects.published().in_force()
        if claims is not None:
            verdicts = verdicts.filter(claim__in=claims)
        return self.annotate(n_verdicts=count_of(verdicts, by="rating"))
