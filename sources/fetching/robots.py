"""robots.txt as RFC 9309 has it: what a host does not want to be read, we do not read.

The file is kept for a day on the row of its `Host`. There is none (4xx): everything may be read. It cannot be
had just now (5xx, 429, no answer): nothing may, for the time being.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from protego import Protego

from sources.models import Host

from .address import read
from .exchange import LIMITS, NotFetched, Refused
from .fetcher import PRODUCT, REDIRECTS, fetch

KEPT = timedelta(days=1)
LIMITS_HERE = replace(LIMITS, sent=500_000, decoded=500_000, whole=20, any_type=True, cut=True)
LONGEST_DELAY = 60  # seconds: who asks for more has it, but not all of it


def refuse_if_disallowed(url: str) -> None:
    """Raise Refused if the host's robots.txt asks us not to read `url`, NotFetched if it cannot be read now,
    and as `fetch` for an address that is never asked."""
    address = read(url)
    host, _ = Host.objects.get_or_create(name=address.server)
    now = timezone.now()
    if host.robots_read_at is None or host.robots_read_at <= now - KEPT:
        try:
            found = _ask(f"{address.scheme}://{address.authority}/robots.txt")
        except Refused:
            # It leads to where nobody can read it: there is none. Is it the host itself that is refused, the
            # page will be as well; so nothing is kept.
            return
        host.robots_status, host.robots = found
        host.robots_read_at = now
        host.save(update_fields=["robots", "robots_status", "robots_read_at"])
        # The page is the next request to this host.
        time.sleep(settings.FETCH_GAP)
    if host.robots and not Protego.parse(host.robots).can_fetch(str(address), PRODUCT):
        raise Refused("The host asks in its robots.txt that this is not read.")


def _ask(url: str) -> tuple[int | None, str]:
    """Return the status and the text of a robots.txt, empty where everything may be read; raises as
    `refuse_if_disallowed`."""
    try:
        came = fetch(url, limits=LIMITS_HERE)
    except NotFetched as failure:
        if failure.final and failure.status in REDIRECTS:
            return failure.status, ""
        raise _later(str(failure), failure.status) from failure
    if came.status >= 500 or came.status == 429:
        raise _later(f"It answers with {came.status}.", came.status)
    if not 200 <= came.status < 300:
        return came.status, ""
    body = came.body
    if len(body) == LIMITS_HERE.decoded:  # cut: half a rule may forbid more than the whole
        body = body.rpartition(b"\n")[0]
    # PostgreSQL keeps no text with a zero in it.
    return came.status, body.decode("utf-8-sig", "replace").replace("\0", "")


def _later(why: str, status: int | None) -> NotFetched:
    return NotFetched(
        f"The host's robots.txt cannot be read just now. {why}", final=False, status=status
    )


def crawl_delay(host: Host) -> float:
    """How many seconds the host asks us to leave between two requests; 0 where it says nothing."""
    if "crawl-delay" not in host.robots.lower():  # most: spare the parsing
        return 0
    return min(Protego.parse(host.robots).crawl_delay(PRODUCT) or 0, LONGEST_DELAY)
