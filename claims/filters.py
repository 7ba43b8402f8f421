"""What a list can be asked for by parameters: one FilterSet each, the same for page and API.

A list answers with what was asked for, or says which parameter is wrong; it is never the unfiltered
list for a mistyped question. So an unknown parameter is an error, and so are one that is given twice
and a name that the public knows nothing by.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from sources.models import Source, Speaker
from sources.models.source import Rendition, SourceKind
from sources.models.speaker import SpeakerKind

from .models import Appearance, Citation, Claim, Evidence, Rating, Rebuttal, Topic, Verdict
from .models.appearance import Manner
from .models.claim import ClaimKind
from .models.evidence import Direction
from .querysets import public_transcripts
from .search.full_text import engine
from .search.query import Query
from .strict_filters import (
    DayFilter,
    MomentFilter,
    SlugFilter,
    StrictFilterSet,
    StrictForm,
    WholeNumberFilter,
    YesOrNoFilter,
)

# More letters than this make no better question, and each link of the list's page repeats them.
LONGEST_QUESTION = 200


def claim_filter(**kwargs: Any) -> SlugFilter:
    return SlugFilter(
        rows=Claim.objects.published,
        unknown=_("There is no such claim."),
        help_text="Slug of the claim concerned.",
        **kwargs,
    )


def speaker_filter(help_text: str, **kwargs: Any) -> SlugFilter:
    return SlugFilter(
        rows=Speaker.objects.published,
        unknown=_("There is no such speaker."),
        help_text=help_text,
        **kwargs,
    )


def source_filter(help_text: str, **kwargs: Any) -> SlugFilter:
    return SlugFilter(
        rows=Source.objects.published,
        unknown=_("There is no such source."),
        help_text=help_text,
        **kwargs,
    )


def rating_filter(help_text: str, **kwargs: Any) -> SlugFilter:
    return SlugFilter(
        rows=Rating.objects.all,
        unknown=_("There is no such rating."),
        help_text=help_text,
        **kwargs,
    )


class ClaimFilter(StrictFilterSet):
    """Which claims, and in which order. Only what is public about a claim makes it match."""

    q = filters.CharFilter(
        method="with_words",
        max_length=LONGEST_QUESTION,
        label=_("With the words"),
        help_text="Words that all occur, in any form, in what is public of the claim: its text and context, "
        "the verdict in force, the words in which it was made and who made it, others' reviews. "
        f'Also "a phrase", begin*, -unwanted; {LONGEST_QUESTION} letters at most.',
    )
    rating = rating_filter(
        "Slug of the rating of the verdict in force.", method="rated", label=_("Rated")
    )
    topic = SlugFilter(
        field_name="topics__slug",
        rows=Topic.objects.published,
        unknown=_("There is no such topic."),
        label=_("On the topic"),
        help_text="Slug of a topic.",
    )
    claimant = speaker_filter(
        "Slug of a speaker who makes the claim; a denial is no claim.",
        method="claimed_by",
        label=_("Claimed by"),
    )
    rebutted_by = speaker_filter(
        "Slug of a speaker who answers the claim.", method="answered_by", label=_("Answered by")
    )
    source = source_filter(
        "Slug of a source that the claim, a rebuttal of it, or evidence on it rests on.",
        method="resting_on",
        label=_("Resting on"),
    )
    transcript = SlugFilter(
        rows=public_transcripts,
        unknown=_("There is no such source."),
        method="heard_in",
        label=_("Made or answered in"),
        help_text="Slug of a transcript in which the claim is made or answered.",
    )
    kind = filters.ChoiceFilter(
        choices=ClaimKind.choices, label=_("Of the kind"), help_text="Kind of claim."
    )
    year = WholeNumberFilter(
        method="said_in",
        min_value=1,
        max_value=dt.MAXYEAR,
        label=_("Said in"),
        help_text="Year in which the claim is made, a denial apart: when it was said, or else the date "
        "of the source.",
    )
    has_verdict = YesOrNoFilter(
        method="with_verdict",
        label=_("With a verdict in force"),
        help_text="true: there is a verdict in force; false: the claim is open.",
    )
    published_after = MomentFilter(
        field_name="published_at",
        lookup_expr="gte",
        label=_("Published from"),
        help_text="Published then or later: ISO 8601, a date (its first moment, UTC) or a time.",
    )
    published_before = MomentFilter(
        field_name="published_at",
        lookup_expr="lt",
        label=_("Published before"),
        help_text="Published before then: ISO 8601.",
    )
    updated_after = MomentFilter(
        field_name="updated_at",
        lookup_expr="gte",
        label=_("Changed from"),
        help_text="What the public sees of it changed then or later: ISO 8601.",
    )
    ordering = filters.ChoiceFilter(
        choices=[
            ("-published_at", _("newest first")),
            ("published_at", _("oldest first")),
            ("-updated_at", _("latest change first")),
            ("updated_at", _("latest change last")),
        ],
        method="in_order",
        empty_label=None,
        help_text="Order of the list; -published_at if left out.",
    )

    def with_words(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = engine().having_all(Query.read(value), "claims", public=True)
        return claims.filter(pk__in=found)

    def rated(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        verdicts = Verdict.objects.in_force().filter(rating__slug=value)
        return claims.filter(pk__in=verdicts.values("claim"))

    def claimed_by(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return claims.filter(pk__in=Claim.objects.claimed_by(value).values("pk"))

    def answered_by(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        rebuttals = Rebuttal.objects.published().filter(speaker__slug=value)
        return claims.filter(pk__in=rebuttals.values("claim"))

    def resting_on(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        rebuttals = Rebuttal.objects.published()
        evidence = Evidence.objects.published().filter(source__slug=value)
        citations = Citation.objects.filter(source__slug=value, rebuttal__in=rebuttals)
        return claims.filter(
            quoted_from(value)
            | Q(pk__in=evidence.values("claim"))
            | Q(pk__in=citations.values("rebuttal__claim"))
        )

    def heard_in(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return claims.filter(quoted_from(value))

    def said_in(self, claims: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        return claims.filter(pk__in=dated_appearances().filter(made_on__year=value).values("claim"))

    def with_verdict(self, claims: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return claims.filter(pk__in=Claim.objects.rated(value).values("pk"))

    def in_order(self, claims: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return claims.order_by(value, "-id" if value.startswith("-") else "id")


def quoted_from(slug: str) -> Q:
    """Claims that the public sees made or answered at a passage of the Source `slug`."""
    there = {"passage__snapshot__source__slug": slug}
    return Q(pk__in=Appearance.objects.published().filter(**there).values("claim")) | Q(
        pk__in=Rebuttal.objects.published().filter(**there).values("claim")
    )


def dated_appearances() -> Any:
    """The public Appearances in which a claim is made, each with the day on which, if known (`made_on`)."""
    made = Appearance.objects.published().asserting()
    return made.annotate(made_on=Coalesce("said_on", F("passage__snapshot__source__date")))


class AppearanceFilter(StrictFilterSet):
    claim = claim_filter(field_name="claim__slug")
    claimant = speaker_filter("Slug of who makes or denies it.", field_name="claimant__slug")
    source = source_filter(
        "Slug of the source of the passage.", field_name="passage__snapshot__source__slug"
    )
    manner = filters.ChoiceFilter(choices=Manner.choices, help_text="In what manner it is made.")


class RebuttalFilter(StrictFilterSet):
    claim = claim_filter(field_name="claim__slug")
    speaker = speaker_filter("Slug of who answers.", field_name="speaker__slug")
    source = source_filter(
        "Slug of the source of the passage.", field_name="passage__snapshot__source__slug"
    )


class EvidenceFilter(StrictFilterSet):
    claim = claim_filter(field_name="claim__slug")
    source = source_filter("Slug of the source.", field_name="source__slug")
    direction = filters.ChoiceFilter(choices=Direction.choices, help_text="For or against.")


class VerdictForm(StrictForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "as_of" in self.data and "in_force" in self.data:
            told = "Ask for in_force or as_of: as_of alone gives what was in force on that day."
            self.refuse("in_force", ValidationError(told))
        return cleaned


class VerdictFilter(StrictFilterSet):
    class Meta(StrictFilterSet.Meta):
        form = VerdictForm

    claim = claim_filter(field_name="claim__slug")
    rating = rating_filter("Slug of the rating.", field_name="rating__slug")
    in_force = YesOrNoFilter(
        field_name="ended_at",
        lookup_expr="isnull",
        help_text="true: neither superseded nor withdrawn; false: past versions. Not with as_of.",
    )
    published_after = MomentFilter(
        field_name="published_at",
        lookup_expr="gte",
        help_text="Published then or later: ISO 8601, a date (its first moment, UTC) or a time.",
    )
    published_before = MomentFilter(
        field_name="published_at", lookup_expr="lt", help_text="Published before then: ISO 8601."
    )
    as_of = DayFilter(
        method="in_force_on",
        help_text="In force at the end of that day (UTC), whatever came of it later: YYYY-MM-DD.",
    )

    def in_force_on(self, verdicts: Any, name: str, value: dt.date) -> QuerySet[Any]:
        answer: QuerySet[Any] = verdicts.in_force_on(value)
        return answer


class SpeakerFilter(StrictFilterSet):
    kind = filters.ChoiceFilter(choices=SpeakerKind.choices, help_text="Kind of speaker.")


class SourceFilter(StrictFilterSet):
    kind = filters.ChoiceFilter(choices=SourceKind.choices, help_text="Kind of source.")
    rendition = filters.ChoiceFilter(
        choices=Rendition.choices, help_text="The wording itself, or a translation of it."
    )


class EditionFilter(StrictFilterSet):
    """For one transcript: whether it has the edition asked for is for the view to say."""

    edition = WholeNumberFilter(method="whatever_the_edition", min_value=1)

    def whatever_the_edition(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        return rows


class AsOfFilter(StrictFilterSet):
    """For one claim: it is there whatever the day; how it stood then is for `claims.as_of` to say."""

    as_of = DayFilter(method="whatever_the_day")

    def whatever_the_day(self, rows: QuerySet[Any], name: str, value: dt.date) -> QuerySet[Any]:
        return rows


class NoFilter(StrictFilterSet):
    """For what takes no parameter but those of the surface."""
