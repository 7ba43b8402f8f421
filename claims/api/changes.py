"""`/api/v1/changes/`: what has changed, in order, for whoever keeps a copy."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import InternalError, OperationalError
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sources.models import Change

from .. import changes
from ..filters import NoFilter
from .pagination import page_size
from .schema import WRONG_PARAMETER
from .strictness import METHODS

logger = logging.getLogger(__name__)

SIZES = (200, 1_000)  # if left out, and at most


class Gone(APIException):
    status_code = 410
    default_detail = (
        "This cursor is not of this feed: the database was made anew. Throw your copy away and begin "
        "without a cursor."
    )
    default_code = "gone"


class EventSerializer(serializers.Serializer[Any]):
    """That something has changed. What it is now is read at `api_url`."""

    cursor = serializers.CharField(help_text="The place after this event, for `since`.")
    type = serializers.CharField(
        help_text=(
            "What changed and how: claim.published, verdict.corrected, source.updated. A verdict is "
            "published, corrected (by a later version), superseded or withdrawn; a claim published, updated "
            "or retired; a topic, transcript or rating may also be removed."
        )
    )
    at = serializers.DateTimeField(help_text="When it changed (UTC).")
    resource = serializers.ChoiceField(
        [*changes.SINGULAR],
        help_text="The resource to read anew; a verdict is read with its claim.",
    )
    key = serializers.CharField(help_text="The slug of the row there.")
    version = serializers.IntegerField(allow_null=True, help_text="Of the verdict; else null.")
    api_url = serializers.URLField(help_text="Where the row is read, whole.")


class FeedSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    cursor = serializers.CharField(
        allow_null=True,
        help_text="The last event's; what to ask with next time. Null: nothing yet.",
    )
    next = serializers.URLField(
        allow_null=True, help_text="The events after these; null where there are none yet."
    )


class ChangeFeed(APIView):
    """Every publication, correction, supersession and withdrawal, and every other change of what is public,
    in the order in which they were committed: none is missing, and none comes twice."""

    http_method_names = METHODS

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            OpenApiParameter(
                "since",
                str,
                description="`cursor` of the last answer; left out: from the beginning.",
            ),
            OpenApiParameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": SIZES[1], "default": SIZES[0]},
                description="How many events an answer has at most.",
            ),
        ],
        responses={
            200: FeedSerializer,
            400: WRONG_PARAMETER,
            410: OpenApiResponse(description="The cursor is of a feed that has ended: begin anew."),
        },
    )
    def get(self, request: Request) -> Response:
        given = NoFilter(
            request.query_params,
            queryset=Change.objects.none(),
            also=("since", "page_size", "format"),
        )
        if not given.is_valid():
            raise ValidationError(given.errors)
        size = page_size(request, *SIZES)
        place = request.query_params.get("since")
        position = 0 if place is None else position_of(place)
        try:
            changes.number_changes(wait=False)
        except (OperationalError, InternalError):
            # A long write holds the database, or it is a copy that only reads: it is told next time.
            logger.warning("What has changed could not be numbered.", exc_info=True)
        rows = list(Change.objects.numbered().filter(position__gt=position)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        last = changes.cursor(rows[-1]) if rows else place
        query = f"?since={last}" + ("" if size == SIZES[0] else f"&page_size={size}")
        return Response(
            {
                "results": [changes.event(row) for row in rows],
                "cursor": last,
                "next": f"{settings.SITE_URL}{reverse('api:changes')}{query}" if more else None,
            }
        )


def position_of(place: str) -> int:
    try:
        return changes.since(place)
    except ValueError:
        raise ValidationError({"since": ["Take the cursor of an earlier answer."]}) from None
    except changes.AnotherFeed:
        raise Gone from None
