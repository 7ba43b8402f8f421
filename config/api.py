"""The API, version 1: every address under /api/v1/."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import APIRootView, DefaultRouter

from claims.api import log, viewsets
from claims.api.changes import ChangeFeed
from claims.api.match import MatchView
from claims.api.problems import problem, wrong_parameters
from claims.api.strictness import METHODS
from claims.filters import NoFilter
from claims.models import Claim


class Root(APIRootView):
    """The addresses of the resources."""

    http_method_names = METHODS

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        names = {
            **(self.api_root_dict or {}),
            "changes": "changes",
            "match": "match",
            "log": "log",
            "schema": "schema",
            "docs": "docs",
        }
        return Response(
            {key: f"{settings.SITE_URL}{reverse(f'api:{name}')}" for key, name in names.items()}
        )


class Router(DefaultRouter):
    APIRootView = Root
    include_format_suffixes = False


def nothing_here(request: HttpRequest, **kwargs: Any) -> JsonResponse:
    return problem(404, "There is nothing at this address.")


def taking(parameters: Collection[str], view: Callable[..., Any]) -> Callable[..., Any]:
    """`view` (another's, which takes what it finds) with 400 for all parameters but these."""

    @functools.wraps(view)
    def strict(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        asked = NoFilter(request.GET, queryset=Claim.objects.none(), also=parameters)
        # Another method is refused by the view, whatever its parameters.
        if str(request.method).lower() in METHODS and not asked.is_valid():
            return wrong_parameters(asked.errors)
        return view(request, *args, **kwargs)

    return strict


router = Router()
router.register("claims", viewsets.ClaimViewSet, "claim")
router.register("appearances", viewsets.AppearanceViewSet, "appearance")
router.register("rebuttals", viewsets.RebuttalViewSet, "rebuttal")
router.register("evidence", viewsets.EvidenceViewSet, "evidence")
router.register("verdicts", viewsets.VerdictViewSet, "verdict")
router.register("speakers", viewsets.SpeakerViewSet, "speaker")
router.register("sources", viewsets.SourceViewSet, "source")
router.register("transcripts", viewsets.TranscriptViewSet, "transcript")
router.register("topics", viewsets.TopicViewSet, "topic")
router.register("ratings", viewsets.RatingViewSet, "rating")

app_name = "api"
urlpatterns = [
    *router.urls,
    path("changes/", ChangeFeed.as_view(), name="changes"),
    path("match/", MatchView.as_view(), name="match"),
    path("log/", log.LogView.as_view(), name="log"),
    path("log/entries/<int:number>/", log.LogEntryView.as_view(), name="log_entry"),
    path("log/proof/consistency/", log.ConsistencyView.as_view(), name="log_consistency"),
    # Files, whose addresses are C2SP's, or of their kind: without a slash at the end.
    path("log/checkpoint", taking((), require_safe(log.checkpoint)), name="log_checkpoint"),
    path("log/tile/<path:path>", taking((), require_safe(log.tile)), name="log_tile"),
    path("log/documents/<str:sha256>", taking((), require_safe(log.document)), name="log_document"),
    # JSON first: its errors are then JSON, too.
    path(
        "schema/",
        taking(
            (),
            SpectacularAPIView.as_view(
                http_method_names=METHODS,
                renderer_classes=[
                    OpenApiJsonRenderer,
                    OpenApiJsonRenderer2,
                    OpenApiYamlRenderer,
                    OpenApiYamlRenderer2,
                ],
            ),
        ),
        name="schema",
    ),
    path(
        "docs/",
        taking(
            ("script",),
            SpectacularSwaggerSplitView.as_view(
                http_method_names=METHODS,
                url_name="api:schema",
                template_name="api/docs.html",
            ),
        ),
        name="docs",
    ),
    # What else begins with /api/v1/ is answered in JSON; without its last slash it is redirected first.
    re_path(r"^(?:[\s\S]*/)?\Z", nothing_here),
]
