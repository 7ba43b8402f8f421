"""How often one address may send something to the readers' pages: a text to be read, which costs more than a
page and which no cache can answer; or a report, which costs somebody at the desk an hour."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.api_access import API, Budget, count
from config.delivery import DESK
from config.google_access import PLACES as GOOGLE
from config.lockout import client_address

HOUR = 60 * 60  # seconds


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Inside the one that says in which language the page is."""

    def ask(request: HttpRequest) -> HttpResponse:
        # In this order: what interfaces refuse of an address, they tell in their own form.
        elsewhere = request.path_info.startswith((API, DESK, *GOOGLE))
        if elsewhere or not (request.method == "POST" or "text" in request.GET):
            return get_response(request)
        who = str(client_address(request))
        budget = count("page", who, settings.PAGE_LIMIT_SENT)
        if budget.overdrawn:
            problem = ngettext(
                "Too much was sent from your address in a minute. Go on in %(n)s second.",
                "Too much was sent from your address in a minute. Go on in %(n)s seconds.",
                budget.seconds,
            ) % {"n": budget.seconds}
            return refused(request, budget, problem)
        if settings.READER_REPORTS and reports(request):
            budget = count("report", who, settings.REPORT_LIMIT_SENT, window=HOUR)
            if budget.overdrawn:
                minutes = -(-budget.seconds // 60)
                problem = ngettext(
                    "Many reports were sent from your address within an hour. Go on in %(n)s minute.",
                    "Many reports were sent from your address within an hour. Go on in %(n)s minutes.",
                    minutes,
                ) % {"n": minutes}
                return refused(request, budget, problem)
        return get_response(request)

    return ask


def reports(request: HttpRequest) -> bool:
    """Whether this is a report that is sent, whatever becomes of it."""
    if request.method != "POST":
        return False
    try:
        return resolve(request.path_info).url_name == "claim_report"
    except Resolver404:
        return False


def refused(request: HttpRequest, budget: Budget, problem: str) -> HttpResponse:
    """The page of who has to wait: `problem` says for how long."""
    about = {"title": _("Too many requests"), "problem": problem}
    response = render(request, "429.html", about, status=429)
    response["Retry-After"] = str(budget.seconds)
    response["Cache-Control"] = "no-store"
    return response
