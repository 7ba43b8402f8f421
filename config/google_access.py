"""Who asks by the interface of Google's Fact Check Tools API, and how often: as config.api_access has it,
told in the shape that Google's clients read. A key is sent as they send it, in `key` or X-Goog-Api-Key."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from claims.google.errors import Refusal, wrong
from claims.google.views import refusal
from config.api_access import WrongKey, count, key_of, valid
from config.lockout import client_address

PLACES = ("/v1alpha1/", "/$discovery/")


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Outside the one that answers 304: such an answer, too, is counted."""

    def ask(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PLACES):
            return get_response(request)
        key, is_wrong = None, False
        sent = _sent(request)
        try:
            key = valid(sent) if sent else key_of(request)
        except WrongKey:
            is_wrong = True
        # Who tries keys is counted by address, like everybody without one; whoever asks, in one account with
        # what they ask of the API.
        if key:
            budget = count("key", key.prefix, settings.API_LIMIT_WITH_KEY)
        else:
            budget = count("anonymous", str(client_address(request)), settings.API_LIMIT_ANONYMOUS)
        if budget.overdrawn:
            response = refusal(
                Refusal(
                    429,
                    f"{budget.limit} requests a minute are answered: go on in {budget.seconds} s.",
                    headers={"Retry-After": str(budget.seconds)},
                )
            )
            response["Cache-Control"] = "no-store"
        elif is_wrong:
            response = refusal(wrong({"key": "This API key is not valid, or not any more."}))
            response["Cache-Control"] = "no-store"
        else:
            response = get_response(request)
            if key:
                # The same for everybody; but what is left of a key is nobody else's business.
                response["Cache-Control"] = "private, no-cache"
        for name, value in budget.headers().items():
            response[name] = value
        return response

    return ask


def _sent(request: HttpRequest) -> str:
    """The key as Google's clients send it; empty if there is none."""
    try:
        asked = request.GET.get("key") or request.GET.get("$key")
    except SuspiciousOperation:  # more parameters than are read: the view says so
        return ""
    return (asked or request.headers.get("X-Goog-Api-Key", "")).strip()
