"""One request at a time for each host, whoever asks, and some time between two.

The turn is a lease on the row of the `Host`, taken in one statement and seen by every process on every
machine. A process that is killed keeps it until it ends by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from sources.models import Host

from .address import read
from .exchange import LIMITS, Exchange, Limits
from .fetcher import fetch
from .robots import crawl_delay, refuse_if_disallowed


class Busy(Exception):
    """Another process is at that host, or it was asked a moment ago; not before `until`."""

    def __init__(self, name: str, until: datetime) -> None:
        super().__init__(f"{name} is not asked before {until:%Y-%m-%d %H:%M:%S %Z}.")
        self.until = until


@contextmanager
def turn(url: str, *, by: str) -> Iterator[Host]:
    """Hold the lease of the host of `url` while the block lasts. To be used outside a transaction, inside
    which no other process would see it.

    Raises Busy when it is not to be had now, and Refused for an address that is never asked.
    """
    name = read(url).server
    Host.objects.bulk_create([Host(name=name)], ignore_conflicts=True)
    now = timezone.now()
    until = now + timedelta(seconds=settings.FETCH_LEASE)
    # Who comes back after its lease has ended must not give back another's: each is marked anew.
    mark = f"{by[:30]} {uuid.uuid4().hex}"
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    taken = Host.objects.filter(free, name=name, next_at__lte=now).update(
        leased_until=until, leased_by=mark
    )
    host = Host.objects.get(name=name)
    if not taken:
        raise Busy(name, max(filter(None, [host.leased_until, host.next_at, now])))
    try:
        yield host
    finally:
        host.refresh_from_db(fields=["robots"])
        gap = timedelta(seconds=max(settings.FETCH_GAP, crawl_delay(host)))
        Host.objects.filter(name=name, leased_by=mark).update(
            leased_until=None, leased_by="", next_at=timezone.now() + gap
        )


def visit(
    url: str, *, by: str, limits: Limits = LIMITS, headers: Iterable[tuple[str, str]] = ()
) -> Exchange:
    """As `fetch`, with all that is due to the hosts on the way: a turn at each, and its robots.txt obeyed.

    Redirects within one host are followed at once. Raises Busy too, when a redirect leads to a host that
    another process is at.
    """
    held: set[str] = set()
    with ExitStack() as turns:

        def before(address: str) -> None:
            name = read(address).server
            if name not in held:
                turns.enter_context(turn(address, by=by))
                held.add(name)
            refuse_if_disallowed(address)

        return fetch(url, limits=limits, headers=headers, before=before)
