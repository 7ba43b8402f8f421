"""Who asks the API, how often, and what each of its answers says about itself.

Everybody may ask: so many times a minute from one address, more often with a key (docs/api.md). Requests are
counted in the cache, which all worker processes share, in windows of a minute. RateLimit and
RateLimit-Policy are those of draft-ietf-httpapi-ratelimit-headers-09.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework_api_key.models import AbstractAPIKey, APIKey

from claims.api import VERSION
from claims.api.deprecation import DEPRECATED, notices
from claims.api.problems import MEDIA_TYPE, problem
from config.lockout import client_address

logger = logging.getLogger(__name__)

API = "/api/"
WINDOW = 60  # seconds
MOST = (
    2**32
)  # more than anybody can ask in a window; window * MOST fits into 64 bits, as Redis counts
SCHEMES = {"api-key", "bearer"}  # of Authorization; the second is what most clients offer
KEY = re.compile(r"[a-zA-Z0-9]{8}\.[a-zA-Z0-9]{32}")  # as djangorestframework-api-key makes them


class WrongKey(Exception):
    """The request has a key that is unknown, revoked or expired."""


@dataclass(frozen=True)
class Budget:
    """What is left to whoever asks: `limit` requests in a window, of which `left` remain (below zero: it
    is overdrawn), and the window ends in `seconds`. `left` is None where nobody could count."""

    name: str
    limit: int
    left: int | None
    seconds: int
    window: int = WINDOW

    @property
    def overdrawn(self) -> bool:
        return self.left is not None and self.left < 0

    def headers(self) -> dict[str, str]:
        said = {"RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.window}'}
        if self.left is not None:
            said["RateLimit"] = f'"{self.name}";r={max(self.left, 0)};t={self.seconds}'
        return said


def count(name: str, who: str, limit: int, *, window: int = WINDOW) -> Budget:
    """Count one more request of `who`, in windows of so many seconds. Where the cache is away, it is let
    through, and that is logged.

    One entry for each who asks, overwritten from window to window: entries of past windows, which nothing
    reads, would fill a cache of files and push out those that count. The entry holds window and number in
    one integer, so that the cache itself counts up. Requests that open a window in the same instant may
    count once.
    """
    now = time.time()
    nth, gone = divmod(now, window)
    seconds = max(1, round(window - gone))
    counter = f"api:{name}:{who}"
    start = int(nth) * MOST
    try:
        cache.add(counter, start, timeout=2 * window)
        number = cache.incr(counter) - start
        if not 0 < number < MOST:  # of another window
            number = 1
            cache.set(counter, start + number, timeout=2 * window)
        left = limit - number
    except Exception:  # whatever a cache raises that cannot be reached
        logger.exception("Requests to the API are not counted: the cache cannot be used.")
        return Budget(name, limit, None, seconds, window)
    return Budget(name, limit, left, seconds, window)


def key_of(request: HttpRequest) -> AbstractAPIKey | None:
    """The key that the request is sent with, if any. Raises WrongKey."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in SCHEMES:
        sent = request.headers.get("X-Api-Key", "")
        if not sent:
            return None
    return valid(sent.strip())


def valid(sent: str) -> AbstractAPIKey:
    """The key that somebody has `sent`. Raises WrongKey."""
    try:
        if not KEY.fullmatch(sent):
            raise WrongKey
        key = APIKey.objects.get_from_key(sent)
    except APIKey.DoesNotExist:
        raise WrongKey from None
    if key.has_expired:
        raise WrongKey
    return key


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Outside the one that answers 304: such an answer, too, is counted and says what is left."""

    def ask(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API):
            return get_response(request)
        key, refused = None, False
        try:
            key = key_of(request)
        except WrongKey:
            refused = True
        # Who tries keys is counted by address, like everybody without one.
        if key:
            budget = count("key", key.prefix, settings.API_LIMIT_WITH_KEY)
        else:
            budget = count("anonymous", str(client_address(request)), settings.API_LIMIT_ANONYMOUS)
        if budget.overdrawn:
            response = too_many(budget)
        elif refused:
            response = wrong_key()
        else:
            response = answered(request, get_response)
            if key:
                # The same for everybody; but what is left of a key is nobody else's business.
                response["Cache-Control"] = "private, no-cache"
        for name, value in budget.headers().items():
            response[name] = value
        response["API-Version"] = VERSION
        for name, value in notices(request, DEPRECATED).items():
            told = [response[name]] if name == "Link" and name in response else []
            response[name] = ", ".join([*told, value])
        return response

    return ask


def answered(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """The answer of the site, its errors in the one shape. HEAD is answered as GET, so that it has the
    same headers, ETag included; the server leaves out the body."""
    head = request.method == "HEAD"
    if head:
        request.method = "GET"
    response = get_response(request)
    if head:
        request.method = "HEAD"
    if response.status_code >= 400 and not settings.DEBUG:
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind != MEDIA_TYPE:
            return problem(response.status_code, "The request cannot be answered.")
    return response


def too_many(budget: Budget) -> HttpResponse:
    seconds = budget.seconds
    return problem(
        429,
        f"{budget.limit} requests a minute are answered: go on in {seconds} second{'s'[: seconds != 1]}.",
        headers={"Retry-After": str(seconds), "Cache-Control": "no-store"},
    )


def wrong_key() -> HttpResponse:
    return problem(
        401,
        "This API key is not valid, or not any more.",
        headers={
            "WWW-Authenticate": 'Api-Key realm="API", Bearer realm="API"',
            "Cache-Control": "no-store",
        },
    )
