"""Errors of the API, in one shape: problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from rest_framework.exceptions import ValidationError
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    detail: str,
    *,
    errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """The answer that something is wrong. `errors` says it of each parameter: lists of sentences.

    The type is always about:blank, which says that the status tells all that there is to tell apart
    (RFC 9457, section 4.2.1).
    """
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        said["errors"] = errors
    return JsonResponse(said, status=status, content_type=MEDIA_TYPE, headers=headers)


def wrong_parameters(errors: Mapping[str, Any]) -> JsonResponse:
    """The answer to parameters that are unknown, or whose values are: each with what is wrong about it."""
    names = ", ".join(errors)
    return problem(400, f"What is asked for cannot be answered: see {names}.", errors=errors)


def answer(error: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """What a view answers to `error`; None where nobody expected it, so that the site says so (500)."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError) and isinstance(response.data, dict):
        return wrong_parameters(response.data)
    headers = {
        name: response[name] for name in ("WWW-Authenticate", "Retry-After") if name in response
    }
    return problem(response.status_code, str(response.data["detail"]), headers=headers)
