"""The resources of the API. Each starts from what is published, and adds no rule of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import MethodNotAllowed, NotFound, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from sources.models import Source, Speaker, Turn
from sources.querysets import Chain, Origin
from sources.serializers import (
    SourceSerializer,
    SpeakerSerializer,
    TranscriptSerializer,
    TranscriptTextSerializer,
)

from .. import filters
from ..as_of import look_back, past_day
from ..models import Appearance, Citation, Claim, Evidence, Rating, Rebuttal, Topic, Verdict
from ..querysets import addresses_of, public_copies, public_editions, public_transcripts
from ..strict_filters import StrictFilterSet
from . import formats, serializers
from .selection import PARAMETERS, Selection
from .strictness import METHODS

NEWEST = ("-published_at", "-id")


class PublicViewSet(ReadOnlyModelViewSet):
    """A list and its rows, for reading."""

    http_method_names = METHODS
    filterset_class: type[StrictFilterSet] = filters.NoFilter
    detail_filterset_class: type[StrictFilterSet] = filters.NoFilter
    detail_serializer_class: Any = None
    lookup_value_regex = "[0-9]+"
    renderer_classes = [JSONRenderer, formats.JSONLDRenderer, formats.CSVRenderer]
    # A function from a row of the list to what it is in JSON-LD; without it there is no such form.
    json_ld: Any = None
    selection: Selection | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if str(request.method).lower() not in METHODS:
            raise MethodNotAllowed(str(request.method))  # before what is wrong about its parameters
        super().initial(request, *args, **kwargs)
        self.selection = Selection(request, self.get_serializer_class()(), RESOURCES)
        if self.selection and self.is_json_ld:
            only = ["JSON-LD is answered whole: ask for JSON or CSV."]
            raise ValidationError({name: only for name in PARAMETERS if name in request.GET})

    @property
    def is_json_ld(self) -> bool:
        chosen = getattr(self.request, "accepted_renderer", None)
        return isinstance(chosen, formats.JSONLDRenderer)

    def get_renderers(self) -> list[Any]:
        """JSON; for lists also what else they have."""
        offered = super().get_renderers()
        if self.detail:
            return offered[:1]
        return [one for one in offered if self.json_ld or one.format != "jsonld"]

    def get_serializer_class(self) -> Any:
        return (self.detail and self.detail_serializer_class) or self.serializer_class

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        return self.selection.restrict(serializer) if self.selection else serializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not self.is_json_ld:
            return super().list(request, *args, **kwargs)
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        response = self.get_paginated_response([])
        url = f"{settings.SITE_URL}{request.get_full_path()}"
        response.data = formats.data_feed([self.json_ld(row) for row in rows], url=url)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.selection and self.selection.expand and getattr(response, "data", None):
            rows = [response.data] if self.detail else response.data["results"]
            self.selection.fill(rows, self.get_serializer())
        if isinstance(getattr(response, "data", None), dict) and isinstance(
            getattr(request, "accepted_renderer", None), formats.CSVRenderer
        ):
            name = request.path.rstrip("/").rpartition("/")[2]
            response["Content-Disposition"] = f'inline; filename="{name}.csv"'
        return super().finalize_response(request, response, *args, **kwargs)


class SlugViewSet(PublicViewSet):
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"


class ClaimViewSet(SlugViewSet):
    """What is claimed, by whom, what answers it, what the evidence shows and what the desk found."""

    queryset = (
        Claim.objects.published()
        .with_counts()
        .with_verdict()
        .with_claimants()
        .prefetch_related("topics")
    )
    serializer_class = serializers.ClaimSerializer
    detail_serializer_class = serializers.ClaimDetailSerializer
    filterset_class = filters.ClaimFilter
    json_ld = staticmethod(formats.of_claim)
    detail_filterset_class = filters.AsOfFilter

    def get_queryset(self) -> Any:
        return Claim.objects.for_review() if self.is_json_ld else super().get_queryset()

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "as_of",
                OpenApiTypes.DATE,
                description="As the claim stood at the end of that day (UTC), YYYY-MM-DD: what had been "
                "said, found and published by then; what came later, or may have, is apart.",
            )
        ],
        responses={
            200: serializers.ClaimDetailSerializer,
            301: OpenApiResponse(description="Retired: `Location` is the claim that replaces it."),
        },
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        self.filter_queryset(Claim.objects.none())  # for the parameters' sake
        if "as_of" in request.query_params and self.selection and self.selection.expand:
            refusal = "Ask for it without as_of: what it gives in full would be as of now."
            raise ValidationError({"expand": [refusal]})
        try:
            claim = Claim.objects.read(slug)
        except Claim.DoesNotExist:
            retired = Claim.objects.retired().select_related("duplicate_of")
            successor = get_object_or_404(retired, slug=slug).duplicate_of
            path = reverse("api:claim-detail", args=[successor.slug])
            asked = f"?{request.GET.urlencode()}" if request.GET else ""
            return Response(status=301, headers={"Location": f"{settings.SITE_URL}{path}{asked}"})
        if "as_of" in request.query_params:
            claim = look_back(claim, past_day(request.query_params["as_of"]))
        return Response(self.get_serializer(claim).data)


class AppearanceViewSet(PublicViewSet):
    """Claims made, or denied, at a passage."""

    queryset = (
        Appearance.objects.published()
        .with_passage()
        .select_related("claim", "claimant", "reported_by")
        .order_by(*NEWEST)
    )
    serializer_class = serializers.AppearanceSerializer
    filterset_class = filters.AppearanceFilter


class RebuttalViewSet(PublicViewSet):
    """Answers to claims, with what they invoke. A rebuttal is no finding."""

    queryset = (
        Rebuttal.objects.published()
        .with_passage()
        .select_related("speaker", "claim")
        .prefetch_related(
            Prefetch("citations", queryset=Citation.objects.select_related("source")),
            Prefetch("counterclaim", queryset=Claim.objects.with_verdict()),
        )
        .order_by(*NEWEST)
    )
    serializer_class = serializers.RebuttalSerializer
    filterset_class = filters.RebuttalFilter


class EvidenceViewSet(PublicViewSet):
    """Sources that bear on a claim, for or against."""

    queryset = Evidence.objects.published().with_origin().select_related("claim").order_by(*NEWEST)
    serializer_class = serializers.EvidenceSerializer
    filterset_class = filters.EvidenceFilter


class VerdictViewSet(PublicViewSet):
    """Every published version of every verdict, those superseded or withdrawn included."""

    queryset = (
        Verdict.objects.published().select_related("claim", "rating__scale").order_by(*NEWEST)
    )
    serializer_class = serializers.VerdictOfClaimSerializer
    filterset_class = filters.VerdictFilter


class SpeakerViewSet(SlugViewSet):
    """Persons, organisations, states and groups that speak."""

    queryset = Speaker.objects.published().prefetch_related("names").order_by("slug", "id")
    serializer_class = SpeakerSerializer
    filterset_class = filters.SpeakerFilter
    json_ld = staticmethod(formats.of_speaker)


class SourceViewSet(SlugViewSet):
    """Everything that is cited, and what it goes back to."""

    queryset = (
        Source.objects.published()
        .select_related("derived_from")
        .annotate(
            origin_slug=Origin("pk", field="slug"),
            origin_title=Origin("pk", field="title"),
            original_url=Origin("pk", field="url"),
            rendition_chain=Chain("pk"),
            addresses=addresses_of("pk", whatever=True),
        )
        .prefetch_related(Prefetch("snapshots", queryset=public_copies(), to_attr="copies"))
        .order_by(*NEWEST)
    )
    serializer_class = SourceSerializer
    filterset_class = filters.SourceFilter
    json_ld = staticmethod(formats.of_source)


class TranscriptViewSet(SlugViewSet):
    """Sources of which the desk holds the text; each with the words of one edition."""

    queryset = (
        public_transcripts()
        .annotate(original_url=Origin("pk", field="url"), rendition_chain=Chain("pk"))
        .prefetch_related(Prefetch("snapshots", queryset=public_editions(), to_attr="editions"))
        .order_by(*NEWEST)
    )
    serializer_class = TranscriptSerializer
    detail_serializer_class = TranscriptTextSerializer
    detail_filterset_class = filters.EditionFilter

    @extend_schema(
        parameters=[
            OpenApiParameter("edition", int, description="Which edition; the newest if left out.")
        ]
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        source = self.get_object()
        edition = int(request.query_params.get("edition") or source.editions[0].edition)
        if edition not in [snapshot.edition for snapshot in source.editions]:
            raise NotFound(f"This transcript has no edition {edition}, or it is not public.")
        turns = Prefetch("turns", queryset=Turn.objects.select_related("speaker"))
        source.shown = source.snapshots.prefetch_related(turns).get(edition=edition)
        return Response(self.get_serializer(source).data)


class TopicViewSet(SlugViewSet):
    """Subjects of public claims."""

    queryset = Topic.objects.published().order_by("slug", "id")
    serializer_class = serializers.TopicSerializer
    json_ld = staticmethod(formats.of_topic)


class RatingViewSet(SlugViewSet):
    """The steps of the scale, with what each means."""

    queryset = Rating.objects.with_counts().select_related("scale").order_by("position", "id")
    serializer_class = serializers.RatingSerializer


# What a link can be expanded to, by the `resource` of its serializer: each has slugs for keys.
RESOURCES: dict[str, type[PublicViewSet]] = {
    "claim": ClaimViewSet,
    "rating": RatingViewSet,
    "source": SourceViewSet,
    "speaker": SpeakerViewSet,
    "topic": TopicViewSet,
    "transcript": TranscriptViewSet,
}
