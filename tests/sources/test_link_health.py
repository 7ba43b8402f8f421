"""What a look at an address means, as a table: nothing is fetched here."""

import datetime as dt

import pytest

from sources.link_health import (
    DAY,
    FAILURES,
    LONGEST,
    Found,
    Health,
    Look,
    after,
    moved_to,
    unanswered,
)

NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def known(state="ok", *, waits=DAY, **fields):
    """What is known at NOON of an address that was looked at `waits` ago."""
    return Health(
        state=state, since=NOON - 90 * DAY, checked_at=NOON - waits, next_at=NOON, **fields
    )


FAILING = known(failures=4, failing_since=NOON - 4 * DAY)
OK, OTHER = Look(Found.AS_ARCHIVED, 200), Look(Found.OTHER_TEXT, 200)
MOVED = Look(Found.AS_ARCHIVED, 200, moved_to="https://new.example.org/")
NOT_THERE = Look(Found.NOT_THERE, 404, reason="The server answered 404 Not Found.")
FAILED = Look(Found.FAILED, 503, reason="The server answered 503.")
NOT_LET_IN = Look(Found.NOT_LET_IN, None, reason="robots.txt disallows it.")

TABLE = {
    # what was known, what came of looking: the state, since now?, failures, when to look again
    "the first look": (Health(), OK, "ok", True, 0, DAY),
    "as before": (known(), OK, "ok", False, 0, 2 * DAY),
    "as before, for long": (known(waits=16 * DAY), OK, "ok", False, 0, LONGEST),
    "as before, for longer": (known(waits=LONGEST), OK, "ok", False, 0, LONGEST),
    "other text": (known(waits=8 * DAY), OTHER, "changed", True, 0, DAY),
    "other text each time": (known("changed"), OTHER, "changed", False, 0, 2 * DAY),
    "as archived, once more": (known("changed"), OK, "ok", True, 0, DAY),
    "moved": (known(), MOVED, "moved", True, 0, DAY),
    "moved, as before": (known("moved"), MOVED, "moved", False, 0, 2 * DAY),
    "moved to another text": (
        known(), Look(Found.OTHER_TEXT, 200, moved_to="https://new.example.org/"), "changed", True, 0, DAY,
    ),
    "not there": (known(), NOT_THERE, "gone", True, 1, 4 * HOUR),
    "not there, still": (
        known("gone", failures=1, failing_since=NOON - DAY), NOT_THERE, "gone", False, 2, 12 * HOUR,
    ),
    "there again": (known("gone", failures=3, failing_since=NOON - DAY), OK, "ok", True, 0, DAY),
    "never there": (Health(), NOT_THERE, "gone", True, 1, 4 * HOUR),
    "fails once": (known(waits=16 * DAY), FAILED, "ok", False, 1, 4 * HOUR),
    "fails at first": (Health(), FAILED, "unchecked", False, 1, 4 * HOUR),
    "fails often, over days": (FAILING, FAILED, "gone", True, 5, 4 * DAY),
    "fails often, within a day": (
        known(failures=7, failing_since=NOON - DAY), FAILED, "ok", False, 8, LONGEST,
    ),
    "fails for days, but seldom": (
        known(failures=3, failing_since=NOON - 9 * DAY), FAILED, "ok", False, 4, 2 * DAY,
    ),
    "works again": (FAILING, OK, "ok", False, 0, DAY),
    "fails where it was gone": (
        known("gone", failures=1, failing_since=NOON - HOUR), FAILED, "gone", False, 2, 12 * HOUR,
    ),
    "not let in": (known(), NOT_LET_IN, "ok", False, 0, 2 * DAY),
    "not let in at first": (Health(), NOT_LET_IN, "unchecked", False, 0, DAY),
    "not let in any more": (FAILING, NOT_LET_IN, "ok", False, 0, DAY),
    "not let in where it was gone": (known("gone"), NOT_LET_IN, "gone", False, 0, 2 * DAY),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_what_is_known_after_a_look(case):
    before, look, state, anew, failures, waits = TABLE[case]

    now = after(before, look, at=NOON)

    assert (now.state, now.failures, now.next_at - NOON) == (state, failures, waits)
    assert now.since == (NOON if anew else before.since)
    assert now.checked_at == NOON
    assert (now.failing_since is None) == (failures == 0)
    assert (now.reason, now.status) == (look.reason, look.status)


def test_a_healthy_address_is_looked_at_less_and_less_often():
    known, waits = Health(), []
    for _ in range(8):
        known = after(known, OK, at=known.next_at or NOON)
        waits.append((known.next_at - known.checked_at).days)

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_what_fails_is_gone_only_after_some_failures_over_some_days():
    known, gone_after = after(Health(), OK, at=NOON), None
    first = known.next_at
    while known.state != "gone":
        known = after(known, FAILED, at=known.next_at)
    gone_after = known.checked_at - first

    assert known.failures == FAILURES
    assert dt.timedelta(days=3) <= gone_after <= dt.timedelta(days=5)
    assert known.since == known.checked_at
    assert known.failing_since == first


def test_a_new_address_is_kept_while_it_fails_and_forgotten_when_it_leads_nowhere_else():
    moved = after(known(), MOVED, at=NOON)

    assert after(moved, FAILED, at=NOON + DAY).moved_to == MOVED.moved_to
    assert after(moved, OK, at=NOON + DAY).moved_to == ""


A, B, C = "https://a.example.org/x", "https://b.example.org/x", "https://c.example.org/x"


@pytest.mark.parametrize(
    ("hops", "final", "there"),
    [
        ([], A, ""),
        ([(A, 301)], B, B),
        ([(A, 308)], B, B),
        ([(A, 302)], B, ""),
        ([(A, 307)], B, ""),
        ([(A, 303)], B, ""),
        ([(A, 301), (B, 308)], C, C),
        ([(A, 301), (B, 302)], C, B),
        ([(A, 302), (B, 301)], C, ""),
        ([(A, 301), (B, 301)], A, ""),
        ([(A, 301)], f"{A}#part", ""),
        ([(A, 301)], "https://a.example.org/" + "x" * 2000, ""),
    ],
)
def test_only_permanent_redirects_from_the_address_itself_move_it(hops, final, there):
    assert moved_to(A, hops, final) == there


class Failure(Exception):
    def __init__(self, status):
        super().__init__(f"The server answered {status}.")
        self.status = status


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (404, Found.NOT_THERE),
        (410, Found.NOT_THERE),
        (None, Found.FAILED),
        (500, Found.FAILED),
        (503, Found.FAILED),
        (408, Found.FAILED),
        (301, Found.FAILED),  # to nowhere, or in a circle
        (401, Found.NOT_LET_IN),
        (403, Found.NOT_LET_IN),
        (429, Found.NOT_LET_IN),
        (451, Found.NOT_LET_IN),
    ],
)
def test_no_document_is_not_yet_no_page(status, found):
    assert unanswered(Failure(status)).found is found
