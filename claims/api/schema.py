"""How the API describes itself, where drf-spectacular cannot know."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

WRONG_PARAMETER = OpenApiResponse(
    {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    description="A parameter is unknown, or its value is: each with what is wrong about it.",
)
NOT_THERE = OpenApiResponse(
    {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
    description="There is no such row, or it is not public.",
)


class Schema(AutoSchema):
    """Every answer of a read-only resource."""

    def get_response_serializers(self) -> Any:
        answers = super().get_response_serializers()
        view: Any = self.view
        missing = {404: NOT_THERE} if view.detail else {}
        return {200: answers, 400: WRONG_PARAMETER, **missing}
