"""How often one address may have a text read by the readers' pages: it costs more than a page, and no cache
can answer it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.api_access import API, count
from config.delivery import DESK
from config.google_access import PLACES as GOOGLE
from config.lockout import client_address


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Inside the one that says in which language the page is."""

    def ask(request: HttpRequest) -> HttpResponse:
        # In this order: what interfaces refuse of an address, they tell in their own form.
        elsewhere = request.path_info.startswith((API, DESK, *GOOGLE))
        if elsewhere or not (request.method == "POST" or "text" in request.GET):
            return get_response(request)
        budget = count("page", str(client_address(request)), settings.PAGE_LIMIT_SENT)
        if not budget.overdrawn:
            return get_response(request)
        problem = ngettext(
            "Too much was sent from your address in a minute. Go on in %(n)s second.",
            "Too much was sent from your address in a minute. Go on in %(n)s seconds.",
            budget.seconds,
        ) % {"n": budget.seconds}
        about = {"title": _("Too many requests"), "problem": problem}
        response = render(request, "429.html", about, status=429)
        response["Retry-After"] = str(budget.seconds)
        response["Cache-Control"] = "no-store"
        return response

    return ask
