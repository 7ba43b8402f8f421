"""The judgement as JSON. What is shown is decided in the querysets; here it only takes its form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sources.serializers import (
    ApiURL,
    OriginSerializer,
    OrNull,
    PageURL,
    PassageSerializer,
    RenditionSerializer,
    SourceSummarySerializer,
    SpeakerLinkSerializer,
)

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
from ..models.overriding import Override
from ..models.verdict import Ending


class RatingLinkSerializer(serializers.ModelSerializer[Rating]):
    """A step of the scale; the numbers are null where it measures no truth."""

    resource = "rating"
    best = serializers.IntegerField(source="as_dict.best", allow_null=True, read_only=True)
    worst = serializers.IntegerField(source="as_dict.worst", allow_null=True, read_only=True)

    class Meta:
        model = Rating
        fields = read_only_fields = ["slug", "label", "value", "best", "worst"]


class VerdictLinkSerializer(serializers.ModelSerializer[Verdict]):
    rating = RatingLinkSerializer(read_only=True)
    published_at = serializers.DateTimeField(read_only=True)
    url = PageURL(help_text="The page of this version.")

    class Meta:
        model = Verdict
        fields = read_only_fields = ["version", "rating", "headline", "published_at", "url"]


class OverrideSerializer(serializers.Serializer[Override]):
    """A gate that a verdict was let through although its evidence does not pass it."""

    gate = serializers.CharField(source="gate.value", help_text="Its name, for good.")
    label = serializers.CharField(  # type: ignore[assignment]
        source="gate.label", help_text="What does not hold, in words."
    )
    why = serializers.CharField(help_text="Why the verdict was let through, for readers.")
    at = serializers.DateTimeField(help_text="When it was overridden; approved by another since.")


class VerdictSerializer(VerdictLinkSerializer):
    """One published version, with how it came to be and how it ended; never who wrote it."""

    api_url = ApiURL("verdict", key="pk")
    ending = OrNull(Ending.choices)
    overrides = OverrideSerializer(source="overridden", many=True, read_only=True)

    class Meta(VerdictLinkSerializer.Meta):
        fields = read_only_fields = [
            "id",
            *VerdictLinkSerializer.Meta.fields,
            "api_url",
            "claim_text",
            "rationale",
            "reason",
            "note",
            "no_primary",
            "overrides",
            "ended_at",
            "ending",
            "ending_reason",
        ]


class ClaimLinkSerializer(serializers.ModelSerializer[Claim]):
    resource = "claim"
    url = PageURL()
    api_url = ApiURL("claim")

    class Meta:
        model = Claim
        fields = read_only_fields = ["slug", "url", "api_url", "text"]


class ClaimSummarySerializer(ClaimLinkSerializer):
    """A claim, and what the desk found, where another one mentions it."""

    verdict = VerdictLinkSerializer(allow_null=True, read_only=True)

    class Meta(ClaimLinkSerializer.Meta):
        fields = read_only_fields = [
            *ClaimLinkSerializer.Meta.fields,
            "kind",
            "language",
            "verdict",
        ]


class PartSerializer(ClaimSummarySerializer):
    """A part of a compound claim."""

    class Meta(ClaimSummarySerializer.Meta):
        fields = read_only_fields = [*ClaimSummarySerializer.Meta.fields, "decides_whole"]


@extend_schema_field(OpenApiTypes.STR)
class TopicSlugs(serializers.SlugRelatedField[Any]):
    resource = "topic"


class EvidenceCountsSerializer(serializers.Serializer[Claim]):
    """Pieces of evidence by direction, where copies of one record (sources of one origin) count once: the
    `evidence` of the detail may list more."""

    supports = serializers.IntegerField(source="n_supports")
    refutes = serializers.IntegerField(source="n_refutes")
    mixed = serializers.IntegerField(source="n_mixed")
    context = serializers.IntegerField(source="n_context")  # type: ignore[assignment]


class CountsSerializer(serializers.Serializer[Claim]):
    """How much is published on the claim."""

    appearances = serializers.IntegerField(source="n_appearances")
    rebuttals = serializers.IntegerField(source="n_rebuttals")
    evidence = EvidenceCountsSerializer(source="*")


class SelectionSerializer(serializers.Serializer[Claim]):
    """Why the desk checks the claim: said once, when it is made."""

    slug = serializers.ChoiceField(WhySelected.choices, source="selection")
    label = serializers.CharField(source="get_selection_display", help_text="In words, in English.")  # type: ignore[assignment]
    note = serializers.CharField(
        source="selection_note", help_text="More of it, in the desk's words; may be empty."
    )


class ClaimSerializer(ClaimLinkSerializer):
    """A claim in a list."""

    selection = SelectionSerializer(source="*", read_only=True)

    topics: TopicSlugs = TopicSlugs(many=True, read_only=True, slug_field="slug")
    claimants = SpeakerLinkSerializer(
        many=True, read_only=True, help_text="Who makes it, in the order of time."
    )
    verdict = VerdictLinkSerializer(
        allow_null=True, read_only=True, help_text="The one in force; null while the claim is open."
    )
    counts = CountsSerializer(source="*", read_only=True)
    published_at = serializers.DateTimeField(read_only=True)

    class Meta(ClaimLinkSerializer.Meta):
        fields = read_only_fields = [
            *ClaimLinkSerializer.Meta.fields,
            "kind",
            "language",
            "topics",
            "claimants",
            "verdict",
            "counts",
            "updated_at",
            "published_at",
            "selection",
        ]


class AppearanceLinkSerializer(serializers.ModelSerializer[Appearance]):
    api_url = ApiURL("appearance", key="pk")
    claimant = SpeakerLinkSerializer(read_only=True)
    reported_by = SpeakerLinkSerializer(
        allow_null=True, read_only=True, help_text="Who says that the claimant does, if another."
    )
    passage = PassageSerializer(read_only=True)
    rendition = RenditionSerializer(of="passage.snapshot.source")

    class Meta:
        model = Appearance
        fields = read_only_fields = [
            "id",
            "api_url",
            "claimant",
            "reported_by",
            "manner",
            "said_on",
            "passage",
            "rendition",
        ]


class AppearanceSerializer(AppearanceLinkSerializer):
    claim = ClaimLinkSerializer(read_only=True)

    class Meta(AppearanceLinkSerializer.Meta):
        fields = read_only_fields = [*AppearanceLinkSerializer.Meta.fields, "claim"]


class CitationSerializer(serializers.ModelSerializer[Citation]):
    """What a rebuttal invokes, and the source that is meant; null where none is linked."""

    source = SourceSummarySerializer(  # type: ignore[assignment]
        source="public_source", allow_null=True, read_only=True
    )

    class Meta:
        model = Citation
        fields = read_only_fields = ["invoked", "source", "locator", "note"]


class RebuttalLinkSerializer(serializers.ModelSerializer[Rebuttal]):
    api_url = ApiURL("rebuttal", key="pk")
    speaker = SpeakerLinkSerializer(read_only=True)
    passage = PassageSerializer(read_only=True)
    rendition = RenditionSerializer(of="passage.snapshot.source")
    citations = CitationSerializer(many=True, read_only=True)
    counterclaim = ClaimSummarySerializer(
        source="public_counterclaim",
        allow_null=True,
        read_only=True,
        help_text="The claim that the answer amounts to.",
    )

    class Meta:
        model = Rebuttal
        fields = read_only_fields = [
            "id",
            "api_url",
            "speaker",
            "passage",
            "rendition",
            "summary",
            "citations",
            "counterclaim",
        ]


class RebuttalSerializer(RebuttalLinkSerializer):
    claim = ClaimLinkSerializer(read_only=True, help_text="The claim that is answered.")

    class Meta(RebuttalLinkSerializer.Meta):
        fields = read_only_fields = [*RebuttalLinkSerializer.Meta.fields, "claim"]


class AnswerSerializer(serializers.ModelSerializer[Rebuttal]):
    """A rebuttal of another claim, made with the claim at hand."""

    api_url = ApiURL("rebuttal", key="pk")
    speaker = SpeakerLinkSerializer(read_only=True)
    claim = ClaimSummarySerializer(read_only=True, help_text="The claim that is answered.")

    class Meta:
        model = Rebuttal
        fields = read_only_fields = ["id", "api_url", "speaker", "summary", "claim"]


class EvidenceLinkSerializer(serializers.ModelSerializer[Evidence]):
    api_url = ApiURL("evidence", key="pk")
    source = SourceSummarySerializer(read_only=True)  # type: ignore[assignment]
    origin = OriginSerializer(
        help_text="What the source goes back to; copies of one record count once."
    )
    passage = PassageSerializer(allow_null=True, read_only=True)
    rendition = RenditionSerializer(of="source")

    class Meta:
        model = Evidence
        fields = read_only_fields = [
            "id",
            "api_url",
            "direction",
            "directness",
            "summary",
            "locator",
            "available_on",
            "source",
            "origin",
            "passage",
            "rendition",
        ]


class EvidenceSerializer(EvidenceLinkSerializer):
    claim = ClaimLinkSerializer(read_only=True)

    class Meta(EvidenceLinkSerializer.Meta):
        fields = read_only_fields = [*EvidenceLinkSerializer.Meta.fields, "claim"]


class SearchSerializer(serializers.ModelSerializer[Search]):
    class Meta:
        model = Search
        fields = read_only_fields = ["searched_on", "place", "terms", "outcome"]


class PublisherSerializer(serializers.Serializer[ExternalReview]):
    name = serializers.CharField(source="publisher_name")
    site = serializers.CharField(source="publisher_site", help_text="Its host name.")


class PrintedRatingSerializer(serializers.Serializer[ExternalReview]):
    text = serializers.CharField(source="rating_text")
    value = serializers.CharField(source="rating_value")
    best = serializers.CharField(source="rating_best")
    worst = serializers.CharField(source="rating_worst")


class ExternalReviewSerializer(serializers.ModelSerializer[ExternalReview]):
    """What another publisher found of the claim: theirs, and no verdict of this desk."""

    publisher = PublisherSerializer(source="*", read_only=True, help_text="Who reviewed it.")
    rating = PrintedRatingSerializer(
        source="*",
        read_only=True,
        help_text="As printed, never interpreted; an empty text where nothing is printed.",
    )
    claimant = SpeakerLinkSerializer(
        source="public_claimant",
        allow_null=True,
        read_only=True,
        help_text="The speaker of that name here, if there is one.",
    )

    class Meta:
        model = ExternalReview
        fields = read_only_fields = [
            "publisher",
            "url",
            "title",
            "claim_reviewed",
            "claimant_name",
            "claimant",
            "claimed_on",
            "rating",
            "reviewed_on",
            "language",
        ]


class VerdictOfClaimSerializer(VerdictSerializer):
    claim = ClaimLinkSerializer(read_only=True)

    class Meta(VerdictSerializer.Meta):
        fields = read_only_fields = [*VerdictSerializer.Meta.fields, "claim"]


class ApartSerializer(serializers.Serializer[Any]):
    """What does not belong to a claim as of a day, as it stands now."""

    appearances = AppearanceLinkSerializer(source="public_appearances", many=True)
    rebuttals = RebuttalLinkSerializer(source="public_rebuttals", many=True)
    answers = AnswerSerializer(source="public_answers", many=True)
    evidence = EvidenceLinkSerializer(source="public_evidence", many=True)
    searches = SearchSerializer(source="public_searches", many=True)
    external_reviews = ExternalReviewSerializer(source="public_external_reviews", many=True)
    verdicts = VerdictSerializer(source="published_verdicts", many=True)


class ClaimDetailSerializer(ClaimSerializer):
    """A claim with all that the public sees of it; as of a day (`as_of`), with what holds as of then."""

    topics: TopicSlugs = TopicSlugs(
        source="public_topics", many=True, read_only=True, slug_field="slug"
    )
    part_of = ClaimLinkSerializer(source="public_whole", allow_null=True, read_only=True)
    parts = PartSerializer(source="public_parts", many=True, read_only=True)
    appearances = AppearanceLinkSerializer(source="public_appearances", many=True, read_only=True)
    rebuttals = RebuttalLinkSerializer(source="public_rebuttals", many=True, read_only=True)
    answers = AnswerSerializer(
        source="public_answers",
        many=True,
        read_only=True,
        help_text="Rebuttals of other claims that are made with this one.",
    )
    evidence = EvidenceLinkSerializer(source="public_evidence", many=True, read_only=True)
    searches = SearchSerializer(
        source="public_searches",
        many=True,
        read_only=True,
        help_text="Searches for evidence against the emerging conclusion.",
    )
    external_reviews = ExternalReviewSerializer(
        source="public_external_reviews",
        many=True,
        read_only=True,
        help_text="What other publishers found: theirs, and no finding of this desk.",
    )
    verdicts = VerdictSerializer(
        source="published_verdicts",
        many=True,
        read_only=True,
        help_text="Every published version, newest first.",
    )
    # Left out where nobody asked for a day: the claim then lacks them (`claims.as_of.look_back`).
    as_of = serializers.DateField(
        required=False, help_text="The day asked for; what stands above is as of its end, UTC."
    )
    later = ApartSerializer(
        required=False,
        help_text="What came later; versions that were published or ended later too.",
    )
    uncertain = ApartSerializer(
        required=False,
        help_text="What had come by then or not: its date is not known precisely enough.",
    )

    class Meta(ClaimSerializer.Meta):
        fields = read_only_fields = [
            *ClaimSerializer.Meta.fields,
            "context",
            "parts",
            "appearances",
            "rebuttals",
            "evidence",
            "verdicts",
            "part_of",
            "answers",
            "searches",
            "external_reviews",
            "as_of",
            "later",
            "uncertain",
        ]


class TopicSerializer(serializers.ModelSerializer[Topic]):
    url = PageURL()
    api_url = ApiURL("topic")

    class Meta:
        model = Topic
        fields = read_only_fields = ["slug", "url", "api_url", "name", "description"]


class RatingScaleSerializer(serializers.ModelSerializer[RatingScale]):
    class Meta:
        model = RatingScale
        fields = read_only_fields = ["slug", "name", "description", "best", "worst"]


class RatingSerializer(RatingLinkSerializer):
    api_url = ApiURL("rating")
    scale = RatingScaleSerializer(read_only=True)
    verdicts = serializers.IntegerField(
        source="n_verdicts", read_only=True, help_text="How many verdicts in force give it."
    )

    class Meta(RatingLinkSerializer.Meta):
        fields = read_only_fields = [
            *RatingLinkSerializer.Meta.fields,
            "api_url",
            "meaning",
            "position",
            "scale",
            "verdicts",
        ]
