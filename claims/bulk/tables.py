"""What is published, as tables: declared here once, in the order in which one refers to another.

Files, data dictionary and import follow from it. What is public is for the querysets to say: each table
starts at `.published()` or at the public editions, and what a row refers to is named only if it is public.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Trim

from sources.models import GlossaryNote, Passage, Snapshot, Source, Speaker, SpeakerName, Turn

from ..models import (
    Appearance,
    Citation,
    Claim,
    Evidence,
    ExternalReview,
    Rating,
    RatingScale,
    Rebuttal,
    Search,
    Topic,
    Verdict,
    WhySelected,
)
from ..querysets import public_editions
from .columns import Column, columns, is_public
from .table import Fill, Table

ID = "Its number; part of its address in the API, where it has one."


def published(model: Any) -> Callable[[], QuerySet[Any]]:
    return lambda: model.objects.published()


def resting_on(model: Any, *paths: str) -> Callable[[], QuerySet[Any]]:
    """The public rows of a kind of annotation whose `paths` lead to what is public. They always do, by the
    rules of the model; but a file that names what is not in the others could not be imported."""

    def rows() -> QuerySet[Any]:
        found = model.objects.published()
        for path in paths:
            found = found.filter(Q((f"{path}__published_at__isnull", False)))
        return found  # type: ignore[no-any-return]

    return rows


def editions() -> QuerySet[Any]:
    rows: QuerySet[Any] = public_editions().filter(source__published_at__isnull=False)
    return rows.defer(None)


def scales() -> QuerySet[Any]:
    return RatingScale.objects.filter(pk__in=Rating.objects.values("scale"))


def names() -> QuerySet[Any]:
    return SpeakerName.objects.filter(speaker__in=Speaker.objects.published())


def glossary() -> QuerySet[Any]:
    return GlossaryNote.objects.filter(source__in=Source.objects.published().values("pk"))


def turns() -> QuerySet[Any]:
    return Turn.objects.filter(snapshot__in=editions().values("pk"))


def passages() -> QuerySet[Any]:
    quoted = Q()
    for name in ("appearances", "rebuttals", "evidence"):
        rows = BY_NAME[name].rows().filter(passage__isnull=False)
        quoted |= Q(pk__in=rows.order_by().values("passage"))
    return Passage.objects.filter(quoted)


def filed() -> QuerySet[Any]:
    return Claim.topics.through.objects.filter(claim__in=Claim.objects.published().values("pk"))


def citations() -> QuerySet[Any]:
    return Citation.objects.filter(rebuttal__in=BY_NAME["rebuttals"].rows().values("pk"))


def retired() -> QuerySet[Any]:
    return Claim.objects.retired()


def full_name(path: str) -> Any:
    """The name of a person as pages give it: never a user name."""
    return Trim(Concat(f"{path}__first_name", Value(" "), f"{path}__last_name"))


def person(name: str, about: str) -> Column:
    field_ = models.CharField(max_length=301, blank=True)
    return Column(name, field_, full_name(name), about, stored=False)


def only_if(name: str, model: Any, path: str, otherwise: Any) -> Column:
    """The field `name` where `path` leads to something public."""
    shown = is_public(path, model._meta.get_field(path).related_model)
    value = Case(When(shown, then=F(name)), default=Value(otherwise))
    return Column(name, model._meta.get_field(name), value)


def added(name: str, before: str) -> Column:
    """A field of claims that files of format 1.0 do not have; `before` is what an import takes for it."""
    return Column(name, Claim._meta.get_field(name), before=before)


PUBLISHED: dict[str, Fill] = {"published_by_id": lambda row, to: to.publisher}
ANNOTATED: dict[str, Fill] = PUBLISHED | {"created_at": lambda row, to: row["published_at"]}

TABLES: tuple[Table, ...] = (
    Table(
        "speakers",
        "Persons, organisations, states and groups that speak.",
        Speaker,
        columns(
            Speaker,
            *"id slug name kind description wikidata_id published_at".split(),
            id=ID,
            kind="What it is.",
        ),
        published(Speaker),
        ("slug",),
        PUBLISHED,
    ),
    Table(
        "speaker_names",
        "Every label and spelling that a speaker has been printed under.",
        SpeakerName,
        columns(SpeakerName, "speaker", "name", speaker="Who bears it."),
        names,
        ("speaker", "name"),
    ),
    Table(
        "topics",
        "Subjects under which readers look for claims.",
        Topic,
        columns(Topic, "id", "slug", "name", "description", id=ID, name="As readers see it."),
        published(Topic),
        ("slug",),
    ),
    Table(
        "scales",
        "Sets of ratings, and the range of those that measure truth.",
        RatingScale,
        columns(
            RatingScale,
            *"id slug name description worst best".split(),
            id=ID,
            slug="Its name in these files.",
            name="As readers see it.",
        ),
        scales,
        ("slug",),
    ),
    Table(
        "ratings",
        "The steps of a scale. Only one that measures truth has a value.",
        Rating,
        columns(
            Rating,
            *"id scale slug label meaning value position".split(),
            id=ID,
            scale="The scale that it is a step of.",
        ),
        lambda: Rating.objects.all(),
        ("slug",),
    ),
    Table(
        "sources",
        "Everything that is cited, and what it rests on.",
        Source,
        columns(
            Source,
            *"id slug title kind authors publisher date date_precision place url".split(),
            *"recording_url language rendition translated_by rendition_note primacy".split(),
            *"declared_interest not_archived rights derived_from".split(),
            only_if("derivation", Source, "derived_from", ""),
            *"published_at updated_at".split(),
            id=ID,
            kind="What it is.",
            publisher="As printed.",
            updated_at="When this record of it last changed.",
        ),
        published(Source),
        ("slug",),
        ANNOTATED,
    ),
    Table(
        "glossary_notes",
        "Words that a source prints for others, and that are known to mislead.",
        GlossaryNote,
        columns(GlossaryNote, *"source printed meant note".split(), source="Where it is so."),
        glossary,
        ("source", "printed"),
    ),
    Table(
        "snapshots",
        "Editions of a source's text: the bytes as retrieved are in snapshots/, the text taken from them in "
        "texts/.",
        Snapshot,
        columns(
            Snapshot,
            *"id source edition sha256 media_type text_sha256 retrieved_at".split(),
            id=ID,
            text_sha256="SHA-256 of the text in UTF-8, and the name of its file in texts/ before .txt.",
            sha256="SHA-256 of the bytes, and the name of their file in snapshots/.",
            source="The source that was retrieved.",
            media_type="Media type of the bytes.",
            retrieved_at="When the bytes were retrieved.",
        ),
        editions,
        filled={"text": lambda row, to: to.edition(row["sha256"], row["text_sha256"])},
        chunk=4,
    ),
    Table(
        "turns",
        "One speaker's uninterrupted words in an edition.",
        Turn,
        columns(
            Turn,
            *"id snapshot position label speaker role start end times".split(),
            id=ID,
            snapshot="The edition that the offsets are of.",
            role="What the words are in the exchange.",
        ),
        turns,
    ),
    Table(
        "passages",
        "Spans of an edition's text that are quoted: text[start:end] == exact, in Unicode code points.",
        Passage,
        columns(
            Passage,
            *"id snapshot turn start end exact prefix suffix".split(),
            Column(
                "rendition",
                Source._meta.get_field("rendition"),
                F("snapshot__source__rendition"),
                "Whether the words are the speaker's own: so no row quotes a translation unsaid.",
                stored=False,
            ),
            id=ID,
            snapshot="The edition that the offsets are of.",
        ),
        passages,
    ),
    Table(
        "claims",
        "Checkable propositions in the desk's own neutral words.",
        Claim,
        columns(
            Claim,
            *"id slug text kind context language part_of".split(),
            only_if("part_position", Claim, "part_of", 0),
            only_if("decides_whole", Claim, "part_of", False),
            added("selection", WhySelected.NOT_RECORDED),
            added("selection_note", ""),
            *"published_at updated_at".split(),
            id=ID,
            kind="What kind of proposition it is.",
        ),
        published(Claim),
        ("slug",),
        ANNOTATED,
    ),
    Table(
        "retired_claims",
        "Addresses of claims that were duplicates, and the claim that each leads to for good.",
        Claim,
        (
            Column("slug", Claim._meta.get_field("slug")),
            Column(
                "leads_to",
                Claim._meta.get_field("duplicate_of"),
                about="The claim in whose favour it was retired.",
                required=True,
            ),
        ),
        retired,
        ("slug",),
        {
            "text": lambda row, to: "A retired claim.",
            "selection": lambda row, to: WhySelected.NOT_RECORDED,
            "published_at": lambda row, to: to.now,
            "published_by_id": lambda row, to: to.publisher,
            "updated_at": lambda row, to: to.now,
        },
    ),
    Table(
        "claim_topics",
        "Which claim bears which topic.",
        Claim.topics.through,
        columns(
            Claim.topics.through,
            "claim",
            "topic",
            claim="The claim.",
            topic="A topic that it bears.",
        ),
        filed,
        ("claim", "topic"),
    ),
    Table(
        "appearances",
        "Claims made, or denied, at a passage.",
        Appearance,
        columns(
            Appearance,
            *"id claim passage claimant reported_by manner said_on published_at".split(),
            id=ID,
            claim="The claim that is made.",
            passage="Where it is made.",
        ),
        resting_on(Appearance, "claimant", "passage__snapshot__source"),
        filled=ANNOTATED,
    ),
    Table(
        "rebuttals",
        "Speakers' answers to claims. A rebuttal is no finding.",
        Rebuttal,
        columns(
            Rebuttal,
            *"id claim speaker passage summary counterclaim published_at".split(),
            id=ID,
            passage="Where it is answered.",
        ),
        resting_on(Rebuttal, "speaker", "passage__snapshot__source"),
        filled=ANNOTATED,
    ),
    Table(
        "citations",
        "What a rebuttal invokes, and the source that is meant.",
        Citation,
        columns(
            Citation,
            *"id rebuttal invoked source locator note".split(),
            id=ID,
            rebuttal="The rebuttal that invokes it.",
        ),
        citations,
    ),
    Table(
        "evidence",
        "Sources that bear on a claim, for or against.",
        Evidence,
        columns(
            Evidence,
            *"id claim source passage locator direction directness summary available_on".split(),
            "published_at",
            id=ID,
            claim="The claim that it bears on.",
            source="The source that bears on it.",
            direction="Whether it speaks for the claim or against it.",
        ),
        resting_on(Evidence, "source"),
        filled=ANNOTATED,
    ),
    Table(
        "searches",
        "Logged searches for evidence against the emerging conclusion. Finding nothing is a result.",
        Search,
        columns(
            Search,
            *"id claim searched_on place terms outcome published_at".split(),
            id=ID,
            claim="The claim that evidence was searched for.",
        ),
        published(Search),
        filled=ANNOTATED,
    ),
    Table(
        "verdicts",
        "Every published version of every verdict, those superseded or withdrawn included.",
        Verdict,
        columns(
            Verdict,
            *"id claim version rating claim_text headline rationale reason note no_primary".split(),
            "overrides",
            person(
                "author", "Who wrote it, as pages name them; empty where they have given no name."
            ),
            person("reviewer", "Who approved it, never the author; empty likewise."),
            *"published_at ended_at ending ending_reason".split(),
            id=ID,
            claim="The claim that is judged.",
            rating="The rating that it gives.",
            published_at="When it was published.",
            ended_at="When it was superseded or withdrawn.",
            ending="Which of the two; empty while it is in force.",
            ending_reason="Why it has ended, for readers.",
        ),
        published(Verdict),
        filled={
            "author_id": lambda row, to: to.signed(row)[0],
            "reviewer_id": lambda row, to: to.signed(row)[1],
            "created_at": lambda row, to: row["published_at"],
            "submitted_at": lambda row, to: row["published_at"],
            "submitted_by_id": lambda row, to: to.signed(row)[0],
            "ended_by_id": lambda row, to: to.signed(row)[1] if row["ended_at"] else None,
            "publication_entry_id": lambda row, to: to.entry(),
            "ending_entry_id": lambda row, to: to.entry() if row["ended_at"] else None,
        },
    ),
    Table(
        "external_reviews",
        "What other publishers found of a claim: never a verdict of the desk.",
        ExternalReview,
        columns(
            ExternalReview,
            *"id claim publisher_name publisher_site url title claim_reviewed rating_text".split(),
            *"rating_value rating_best rating_worst reviewed_on language claimant_name".split(),
            *"claimant claimed_on published_at".split(),
            id=ID,
            claim="The claim that is reviewed.",
            rating_best="The best value of its scale, as printed.",
            rating_worst="The worst value of its scale, as printed.",
        ),
        published(ExternalReview),
        filled=ANNOTATED
        | {
            "key": lambda row, to: ExternalReview.key_of(
                row["url"], row["claim_reviewed"], row["claimant_name"]
            )
        },
    ),
)

BY_NAME = {table.name: table for table in TABLES}
