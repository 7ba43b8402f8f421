"""Fetch what is at an address of the web, from an address that anybody may have typed in."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import version

from django.conf import settings
from django.utils import timezone

from . import guard, media
from .address import Address, lead, read
from .decoding import decode, values
from .exchange import LIMITS, Exchange, Headers, Hop, Limits, NotFetched, Refused
from .wire import TOKEN, Clock, Connection

PRODUCT = "Counterclaim"
REDIRECTS = {301, 302, 303, 307, 308}
ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/*;q=0.9,*/*;q=0.5"
CONTROL = re.compile(r"[^\x20-\x7e]")
CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:+-]{1,40})", re.IGNORECASE)


release = cache(version)


def agent() -> str:
    """Who asks, and where that can be read about."""
    return f"{PRODUCT}/{release('counterclaim')} (+{settings.SITE_URL}/about/; archiving)"


def fetch(
    url: str,
    *,
    limits: Limits = LIMITS,
    headers: Iterable[tuple[str, str]] = (),
    before: Callable[[str], None] | None = None,
) -> Exchange:
    """Ask for `url`, and follow redirects, each judged like the first; returns the last exchange.

    `headers` are sent besides ours. `before` is called with each address before it is asked, and may raise;
    its time is its own. Raises Refused for an address or a media type that is never fetched, NotFetched where
    nothing came that can be kept. Any status is an answer.
    """
    more = list(headers)
    if any(not TOKEN.fullmatch(name) or CONTROL.search(value) for name, value in more):
        raise ValueError("A header holds a line break.")  # ours: they come from no one else
    started_at, clock = timezone.now(), Clock(limits.whole)
    address = read(url)
    hops: list[Hop] = []
    seen = {str(address)}
    while True:
        if before is not None:
            begun = time.monotonic()
            before(str(address))
            clock.end += time.monotonic() - begun
        came, to = _ask(address, limits, clock, more)
        if to is None:
            return replace(came, url=url, started_at=started_at, hops=hops)
        hops.append(
            Hop(
                *(str(address), came.ip, came.status, came.reason),
                *(came.request_headers, came.response_headers),
            )
        )
        address = _next(address, to, came.status)
        if str(address) in seen:
            raise NotFetched("The redirects lead in a circle.", final=True, status=came.status)
        if len(hops) > limits.redirects:
            raise NotFetched(
                f"There are more than {limits.redirects} redirects.", final=True, status=came.status
            )
        seen.add(str(address))


def _next(address: Address, location: str, status: int) -> Address:
    if not location:
        raise NotFetched("A redirect does not say where to.", final=True, status=status)
    try:
        return lead(address, location)
    except Refused as refusal:
        raise Refused(f"A redirect leads to where we do not ask. {refusal}") from refusal


def _ask(
    address: Address, limits: Limits, clock: Clock, more: Headers
) -> tuple[Exchange, str | None]:
    """One question; returns the answer, and where it leads if it is a redirect, whose body is not read."""
    asked = [
        ("Host", address.authority),
        ("User-Agent", agent()),
        ("Accept", ACCEPT),
        ("Accept-Encoding", "gzip, deflate"),
        *more,
        ("Connection", "close"),
    ]
    status: int | None = None
    try:
        with Connection(address, limits, clock) as connection:
            connection.ask(address.target, asked)
            status, reason, headers = connection.head()
            came = Exchange(
                *(str(address), str(address), timezone.now(), connection.ip, status, reason),
                *(asked, headers, b"", b"", "", ""),
            )
            if status in REDIRECTS:
                return came, next(iter(values(headers, "location")), "")
            media_type, charset = _type(headers)
            judged = 200 <= status < 300 and status != 204 and not limits.any_type
            if judged:
                media.refuse(media_type)
            raw = connection.body(status, headers)
    except NotFetched as failure:
        failure.status = failure.status or status
        raise
    except ssl.SSLCertVerificationError as error:
        raise NotFetched(guard.sentence(error), final=False) from error
    except ssl.SSLError as error:
        raise NotFetched(
            "No secure connection could be made.", final=False, status=status
        ) from error
    except TimeoutError as error:
        clock.left(1)
        raise NotFetched(
            f"Nobody answers at that address: no connection within {limits.connect:g} seconds.",
            final=False,
        ) from error
    except (OSError, ValueError) as error:
        broke = "The answer broke off before its end."
        raise NotFetched(
            broke if status else guard.sentence(error), final=False, status=status
        ) from error
    try:
        body = decode(raw, headers, most=limits.decoded, cut=limits.cut)
    except NotFetched as failure:
        failure.status = status
        raise
    if judged:
        media_type = media.settle(media_type, body, address.target)
    return replace(came, raw=raw, body=body, media_type=media_type, charset=charset), None


def _type(headers: Headers) -> tuple[str, str]:
    """Media type and charset as the headers say them; the last of several lines, as browsers read it."""
    said = (values(headers, "content-type") or [""])[-1]
    charset = CHARSET.search(said)
    return said.partition(";")[0].strip().lower()[:100], charset[1].lower() if charset else ""
