"""What a look at the address of a source tells of it, and when to look again. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fetching import Exchange, NotFetched

DAY = dt.timedelta(days=1)
LONGEST = dt.timedelta(days=30)

# After the first failure in a row, the second, …; after that the longest.
AFTER_FAILURES = [
    dt.timedelta(hours=4),
    dt.timedelta(hours=12),
    DAY,
    2 * DAY,
    4 * DAY,
    8 * DAY,
    16 * DAY,
]

# What may pass (no answer, an error of the server) is taken for the end only after so many failures in a
# row, over so long.
FAILURES, OVER = 5, 3 * DAY

FOR_GOOD = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
NO_LONGER_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
# Errors that are said to be the asker's, and pass all the same (RFC 9110, RFC 8470).
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}


class Found(Enum):
    AS_ARCHIVED = "as archived"  # or nothing is archived that it could be compared with
    OTHER_TEXT = "other text"
    NOT_THERE = "not there"  # so the server says
    FAILED = "failed"  # no answer, or an error of the server
    NOT_LET_IN = (
        "not let in"  # by robots.txt, by the server, or by our own guard: it may well be there
    )


@dataclass(frozen=True)
class Look:
    """What came of looking once."""

    found: Found
    status: int | None = None
    moved_to: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Health:
    """What is known of an address: the fields of a Link."""

    state: str = "unchecked"
    since: dt.datetime | None = None
    checked_at: dt.datetime | None = None
    next_at: dt.datetime | None = None
    status: int | None = None
    moved_to: str = ""
    reason: str = ""
    failures: int = 0
    failing_since: dt.datetime | None = None


def answered(exchange: Exchange, *, other_text: bool) -> Look:
    """The Look of an answer with a document, whose text is another than is archived, or not."""
    return Look(
        Found.OTHER_TEXT if other_text else Found.AS_ARCHIVED,
        status=exchange.status,
        moved_to=moved_to(
            exchange.url, [(hop.url, hop.status) for hop in exchange.hops], exchange.final_url
        ),
    )


def unanswered(failure: NotFetched) -> Look:
    """The Look of no answer, or of one that is no document."""
    status, reason = failure.status, str(failure)
    if status in NO_LONGER_THERE:
        return Look(Found.NOT_THERE, status, reason=reason)
    if status is not None and 400 <= status < 500 and status not in PASSING:
        return Look(Found.NOT_LET_IN, status, reason=reason)
    return Look(Found.FAILED, status, reason=reason)


def moved_to(url: str, hops: Sequence[tuple[str, int]], final_url: str) -> str:
    """Return where `url` has moved for good: the end of the permanent redirects that it begins with; empty
    where the first is none. `hops` are (address, status) of each redirect on the way to `final_url`."""
    places = [*(place for place, _ in hops), final_url]
    there = url
    for (_, status), following in zip(hops, places[1:], strict=True):
        if status not in FOR_GOOD:
            break
        there = following
    there = there.partition("#")[0]
    return "" if there == url.partition("#")[0] or len(there) > 2000 else there


def after(before: Health, look: Look, *, at: dt.datetime) -> Health:
    """Return what is known after `look`, made at the time `at`."""
    if look.found is Found.NOT_LET_IN:
        # No news of the address, good or bad; another answer than a failure, if it was failing.
        return replace(
            before, checked_at=at, next_at=at + _longer(before), status=look.status,
            reason=look.reason, failures=0, failing_since=None,
        )  # fmt: skip
    if look.found in (Found.NOT_THERE, Found.FAILED):
        failures, failing_since = before.failures + 1, before.failing_since or at
        lasting = failures >= FAILURES and at - failing_since >= OVER
        gone = look.found is Found.NOT_THERE or lasting
        waits = dict(enumerate(AFTER_FAILURES, 1)).get(failures, LONGEST)
        return replace(
            before, **_state("gone" if gone else before.state, before, at), checked_at=at,
            next_at=at + waits, status=look.status, reason=look.reason, failures=failures,
            failing_since=failing_since,
        )  # fmt: skip
    changed = look.found is Found.OTHER_TEXT
    state = "changed" if changed else "moved" if look.moved_to else "ok"
    steady = state == before.state and not before.failures
    return Health(
        **_state(state, before, at),
        checked_at=at,
        next_at=at + (_longer(before) if steady else DAY),
        status=look.status,
        moved_to=look.moved_to,
    )


def _state(state: str, before: Health, at: dt.datetime) -> dict[str, Any]:
    return {"state": state, "since": before.since if state == before.state else at}


def _longer(before: Health) -> dt.timedelta:
    """Twice as long as the last time."""
    if before.checked_at is None or before.next_at is None or before.failures:
        return DAY
    return min(max(DAY, 2 * (before.next_at - before.checked_at)), LONGEST)
