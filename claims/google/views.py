"""Answers as Google's servers give them: JSON, indented if not asked otherwise, errors in one shape."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from . import discovery, fields, parameters
from .errors import Refusal
from .search import search

logger = logging.getLogger(__name__)

Answer = Callable[..., HttpResponse]


def answering(view: Answer) -> Answer:
    """`view`, with whatever goes wrong in it told in the shape of errors. Nothing here writes, so a request
    from another site needs no token."""

    @csrf_exempt
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            return refusal(error)
        except SuspiciousOperation:
            return refusal(Refusal(400, "The request cannot be understood."))
        except Exception:
            logger.exception("No answer to %s", request.path)
            why = "Something went wrong here. It was noted; please try again later."
            return refusal(Refusal(500, why))

    return answer


def refusal(error: Refusal) -> HttpResponse:
    """The answer to what is refused."""
    response = written(error.envelope(), status=error.code)
    for name, value in error.headers.items():
        response[name] = value
    return response


def written(data: dict[str, Any], *, indented: bool = True, status: int = 200) -> HttpResponse:
    layout: dict[str, Any] = {"indent": 2} if indented else {"separators": (",", ":")}
    text = json.dumps(data, ensure_ascii=False, **layout)
    return HttpResponse(f"{text}\n", status=status, content_type="application/json; charset=UTF-8")


def reading(request: HttpRequest) -> None:
    """Raises Refusal for any method but GET and HEAD."""
    if request.method not in ("GET", "HEAD"):
        raise Refusal(405, "This address is read, with GET.", headers={"Allow": "GET, HEAD"})


@answering
def claims_search(request: HttpRequest) -> HttpResponse:
    reading(request)
    names = {*discovery.SEARCH_PARAMETERS, *discovery.SYSTEM_PARAMETERS}
    asked = parameters.given(request.GET, names)
    indented = parameters.read_indented(asked)
    mask = parameters.read_mask(request, asked)
    question = parameters.read_question(asked)
    claims, more = search(question)
    answer: dict[str, Any] = {}
    if claims:
        answer["claims"] = claims
    if more:
        answer["nextPageToken"] = question.token(question.start + question.size)
    return written(fields.pick(answer, mask), indented=indented)


@answering
def rest_description(request: HttpRequest) -> HttpResponse:
    """The discovery document. It is given whole."""
    reading(request)
    asked = parameters.given(request.GET, {"version", *discovery.SYSTEM_PARAMETERS} - {"fields"})
    indented = parameters.read_indented(asked)
    parameters.check_version(asked)
    return written(discovery.document(), indented=indented)


@answering
def not_served(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Refusal(501, "Of Google's interface this site serves claims:search alone.")


@answering
def nothing_here(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Refusal(404, "There is nothing at this address.")
