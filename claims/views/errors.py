"""The answers to addresses that lead nowhere: what is wrong with them, and how to get on from there."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext as _

from ..api.problems import problem as api_problem
from ..finding import near_claims
from ..models import Topic

# What in an address is of the site, and not of what somebody looks for.
OURS = frozenset(
    (
        "claims speakers sources transcripts topics search match feeds history verdicts embed report "
        "methodology parity atom html"
    ).split()
)
LONGEST = 200
# What ends the sentence that an address stands in is often taken for a part of it.
END_OF_SENTENCE = re.compile(r"((?:/[a-z]{2})?/[a-z]+/[-\w]+)/?[.,;:!?)»”’\"']+/?")
TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_\w+|igshid")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong, where a view of ours found it; other messages are not for the public."""
    problem = str(exception) if isinstance(exception, BadRequest) else ""
    if request.path.startswith("/api/"):
        return api_problem(400, problem or "The request cannot be understood.")
    asked = request.GET.copy()
    for name in request.GET:
        if TRACKING.fullmatch(name):
            del asked[name]
    if len(asked) < len(request.GET):
        # Others hang them on the links that they hand on: they ask for nothing.
        return redirect(f"{request.path}?{asked.urlencode()}" if asked else request.path)
    return render(request, "400.html", {"title": _("Bad request"), "problem": problem}, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    about = {"title": _("Not permitted"), "exception": str(exception)}
    return render(request, "403.html", about, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Offer what the words of the address find. Nothing in it tells a draft from what never was."""
    sentence = END_OF_SENTENCE.fullmatch(request.path)
    if sentence:
        return redirect(f"{sentence[1]}/")
    return _lost(request, "404.html", _("There is no such page"), 404)


def topic_that_was(request: HttpRequest, slug: str, name: str = "topic") -> HttpResponse:
    """The answer at an address (`name`) of a topic that is not public now: on to where it is, for good, if it
    was public under that name; that it is gone (410), if it is public no more. Raises Http404 else."""
    pk = Topic.objects.once_public_as(slug)
    if pk is None:
        raise Http404("There is no such topic.")
    topic = Topic.objects.published().filter(pk=pk).first()
    if topic is not None:
        return redirect(name, topic.slug, permanent=True)
    return _lost(request, "410.html", _("This topic is no longer here"), 410)


def _lost(request: HttpRequest, template: str, title: str, status: int) -> HttpResponse:
    words = words_of(request.path)
    # What is asked for anywhere else is hardly a claim, and often asked for by a machine that tries doors.
    near = near_claims(words) if "/claims/" in request.path else ()
    about: dict[str, Any] = {"title": title, "description": title, "words": words, "near": near}
    return render(request, template, about, status=status)


def words_of(path: str) -> str:
    """Return the words in an address that may say what it was to lead to."""
    language = get_language_from_path(path)
    if language:
        path = path.removeprefix(f"/{language}")
    words = [word for word in re.findall(r"[^\W_]+", path) if word.casefold() not in OURS]
    return " ".join(words)[:LONGEST]
