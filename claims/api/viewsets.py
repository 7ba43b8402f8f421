"""The resources of the API. Each starts from what is published, and adds no rule of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from sources.models import Source, Speaker, Turn
from sources.querysets import Origin
from sources.serializers import (
    SourceSerializer,
    SpeakerSerializer,
    TranscriptSerializer,
    TranscriptTextSerializer,
)

from .. import filters
from ..models import Appearance, Citation, Claim, Evidence, Rating, Rebuttal, Topic, Verdict
from ..querysets import public_editions, public_transcripts
from . import serializers
from .schema import NOT_THERE, WRONG_PARAMETER

NEWEST = ("-published_at", "-id")


class PublicViewSet(ReadOnlyModelViewSet):
    """A list and its rows, for reading."""

    filterset_class: type[filters.StrictFilterSet] = filters.NoFilter
    detail_filterset_class: type[filters.StrictFilterSet] = filters.NoFilter
    detail_serializer_class: Any = None
    lookup_value_regex = "[0-9]+"

    def get_serializer_class(self) -> Any:
        return (self.detail and self.detail_serializer_class) or self.serializer_class


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

    @extend_schema(
        responses={
            200: serializers.ClaimDetailSerializer,
            301: OpenApiResponse(description="Retired: `Location` is the claim that replaces it."),
            400: WRONG_PARAMETER,
            404: NOT_THERE,
        }
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        self.filter_queryset(Claim.objects.none())  # for the parameters' sake
        try:
            claim = Claim.objects.read(slug)
        except Claim.DoesNotExist:
            retired = Claim.objects.retired().select_related("duplicate_of")
            successor = get_object_or_404(retired, slug=slug).duplicate_of
            path = reverse("api:claim-detail", args=[successor.slug])
            return Response(status=301, headers={"Location": f"{settings.SITE_URL}{path}"})
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


class SourceViewSet(SlugViewSet):
    """Everything that is cited, and what it goes back to."""

    queryset = (
        Source.objects.published()
        .select_related("derived_from")
        .annotate(
            origin_slug=Origin("pk", field="slug"),
            origin_title=Origin("pk", field="title"),
            original_url=Origin("pk", field="url"),
        )
        .order_by(*NEWEST)
    )
    serializer_class = SourceSerializer
    filterset_class = filters.SourceFilter


class TranscriptViewSet(SlugViewSet):
    """Sources of which the desk holds the text; each with the words of one edition."""

    queryset = (
        public_transcripts()
        .annotate(original_url=Origin("pk", field="url"))
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
            raise NotFound
        turns = Prefetch("turns", queryset=Turn.objects.select_related("speaker"))
        source.shown = (
            source.snapshots.defer("content").prefetch_related(turns).get(edition=edition)
        )
        return Response(self.get_serializer(source).data)


class TopicViewSet(SlugViewSet):
    """Subjects of public claims."""

    queryset = Topic.objects.published().order_by("slug", "id")
    serializer_class = serializers.TopicSerializer


class RatingViewSet(SlugViewSet):
    """The steps of the scale, with what each means."""

    queryset = Rating.objects.with_counts().select_related("scale").order_by("position", "id")
    serializer_class = serializers.RatingSerializer
