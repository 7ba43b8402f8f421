"""Lock-out after repeated failures to sign in: django-axes, with a limit of its own for an address.

Who fails FAILURES times under one name from one address is locked out for COOL_OFF, and so is an address
from which FAILURES_FROM_ADDRESS attempts failed, under whatever names. A name is never locked out for
everybody: else anyone could keep an editor from working. The page says the same whether the name exists.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


class LockoutHandler(AxesDatabaseHandler):
    """Counts in the database, so that all processes and a restarted server count together."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures on the scale of AXES_FAILURE_LIMIT; those of an address alone weigh less."""
        under_name: int = super().get_failures(request, credentials)
        weight = settings.AXES_FAILURE_LIMIT / settings.FAILURES_FROM_ADDRESS
        from_address = _sum(self.from_address(request)) * weight
        # Rounded first: thirty times a sixth of one must not fall short of five by a hair.
        return max(under_name, math.floor(round(from_address, 6)))

    def from_address(self, request: HttpRequest) -> QuerySet[Any]:
        """The failures that still count, under whatever names."""
        since = get_cool_off_threshold(request)
        attempts: QuerySet[Any] = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
            attempt_time__gte=since,
        )
        return attempts

    def locked_until(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> dt.datetime:
        """When an attempt is let through again (UTC): once so many failures no longer count that
        both numbers are below their limits."""
        ends = [timezone.now()]
        (under_name,) = self.get_user_attempts(request, credentials)
        for attempts, limit in (
            (under_name, settings.AXES_FAILURE_LIMIT),
            (self.from_address(request), settings.FAILURES_FROM_ADDRESS),
        ):
            counting = _sum(attempts)
            for attempt in attempts.order_by("attempt_time"):
                if counting < limit:
                    break
                counting -= attempt.failures_since_start
                ends.append(attempt.attempt_time + settings.AXES_COOLOFF_TIME)
        return max(ends)


def _sum(attempts: QuerySet[Any]) -> int:
    return attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0


def client_address(request: HttpRequest) -> str | None:
    """Whose failures are counted together: an IPv4 address, or the /64 that an IPv6 customer has.

    That is the other end of the connection, unless TRUST_X_FORWARDED_FOR says how many proxies stand
    before the site: each writes the address that it was asked from behind what it was sent, so the
    visitor's own stands that many places from the end, and what stands before it may be made up.
    Where nothing readable stands there, it is the other end of the connection again. None where no
    address is known (a Unix socket): all such visitors are then counted together.
    """
    address = None
    if settings.TRUST_X_FORWARDED_FOR:
        chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(chain) >= settings.TRUST_X_FORWARDED_FOR:
            address = _read_address(chain[-settings.TRUST_X_FORWARDED_FOR])
    address = address or _read_address(request.META.get("REMOTE_ADDR", ""))
    if address is None:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), 64), strict=False).network_address)
    return str(address)


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, which a proxy may have written with a port or in brackets."""
    text = text.strip()
    with_port = re.fullmatch(r"\[([^]]*)](?::\d+)?|([^:]*):\d+", text)
    if with_port:
        text = with_port[1] or with_port[2]
    try:
        return ip_address(text)
    except ValueError:
        return None


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The page of somebody who is locked out: until when, and what to do. Status 429."""
    until = LockoutHandler().locked_until(request, credentials)
    # Rounded up to the minute: nobody should come back some seconds early.
    shown = (until + dt.timedelta(seconds=59)).replace(second=0, microsecond=0)
    context = {
        "until": shown,
        "minutes": max(1, math.ceil((until - timezone.now()).total_seconds() / 60)),
        "title": "Signing in is locked for a while",
        "site_header": "Counterclaim desk",
        "site_title": "Counterclaim desk",
    }
    page = render(request, "admin/locked_out.html", context, status=429)
    page["Retry-After"] = str(max(1, math.ceil((until - timezone.now()).total_seconds())))
    page["Cache-Control"] = "no-store"
    return page
