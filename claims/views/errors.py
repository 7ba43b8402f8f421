"""The page for an address that asks for something in a way that cannot be answered."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong, where a view of ours found it; other messages are not for the public."""
    problem = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"title": "Bad request", "problem": problem}, status=400)
