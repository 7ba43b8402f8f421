"""The answer to an address that asks for something in a way that cannot be answered."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong, where a view of ours found it; other messages are not for the public."""
    problem = str(exception) if isinstance(exception, BadRequest) else ""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": problem or "The request cannot be understood."}, status=400)
    return render(request, "400.html", {"title": "Bad request", "problem": problem}, status=400)
