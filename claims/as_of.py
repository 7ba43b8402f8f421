"""A claim as of a day: what the desk had found by then, and what the public could know then. Pure.

A day is one of UTC, and what holds as of it holds at its end. What counts of evidence is when it became
public, not when the desk recorded it: what the desk published years later may have been there to be known.
A date that is known to the month or year counts once the whole month or year is past.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .pictures.timeline import days, public_since, said

CALENDAR_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DIRECTIONS = ("supports", "refutes", "mixed", "context")


class When(Enum):
    """Where something stands that happened on a day which is known more or less precisely."""

    THEN = "then"
    LATER = "later"
    UNCERTAIN = "uncertain"  # its day is not known, or not precisely enough to tell


@dataclass
class Apart:
    """What does not belong to the claim as of the day, under the names that it has of a claim that is read
    as of now."""

    public_appearances: list[Any] = field(default_factory=list)
    public_rebuttals: list[Any] = field(default_factory=list)
    public_answers: list[Any] = field(default_factory=list)
    public_evidence: list[Any] = field(default_factory=list)
    public_searches: list[Any] = field(default_factory=list)
    public_external_reviews: list[Any] = field(default_factory=list)
    published_verdicts: list[Any] = field(default_factory=list)


def searched(search: Any) -> tuple[dt.date | None, str]:
    return search.searched_on, "day"


def reviewed(review: Any) -> tuple[dt.date | None, str]:
    return review.reviewed_on, "day"


# Of each list of a claim that is read: when one of its rows came about, and how precisely that is known.
DATED: dict[str, Callable[[Any], tuple[dt.date | None, str]]] = {
    "public_appearances": said,
    "public_rebuttals": said,
    "public_answers": said,
    "public_evidence": public_since,
    "public_searches": searched,
    "public_external_reviews": reviewed,
}


def past_day(text: str, *, today: dt.date | None = None) -> dt.date:
    """Return the day that `text` names (a calendar date of ISO 8601 in its extended form, YYYY-MM-DD).

    Raises ValidationError for anything else, and for days after `today` (of UTC; that of now if left out).
    """
    try:
        if not CALENDAR_DATE.fullmatch(text):
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("Give a day as YYYY-MM-DD, as in 2022-01-07.")) from None
    if day > (today or dt.datetime.now(dt.UTC).date()):
        raise ValidationError(_("That day is still to come."))
    return day


def end_of(day: dt.date) -> dt.datetime:
    """Return the first moment (UTC) that is no longer of `day`, which is not the calendar's last."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def when(date: dt.date | None, precision: str, day: dt.date) -> When:
    """Return where what happened on `date` (None: not known), known to the day, month or year, stands as of
    the end of `day`."""
    if date is None:
        return When.UNCERTAIN
    first, after = days(date, precision)
    if after - 1 <= day.toordinal():
        return When.THEN
    return When.LATER if first > day.toordinal() else When.UNCERTAIN


def look_back(claim: Any, day: dt.date) -> Any:
    """Narrow `claim`, as `Claim.objects.read` returns it, down to what it was as of `day`, and return it.

    Its lists keep what had been said, searched and published by then, its counts count that, and its
    verdict is the one in force then; likewise the verdicts of its parts, of its whole and of the claims that
    answer it or are answered. Besides it has `as_of` (the day), `verdict_now`, and apart, as they stand now,
    `later` and `uncertain` (`Apart`). Versions that were published or ended later are among the later ones.
    Its wording, context, topics and parts are those of now. Costs no query.
    """
    claim.as_of = day
    claim.verdict_now = claim.verdict
    claim.later, claim.uncertain = Apart(), Apart()
    claim.later.published_verdicts = [
        verdict
        for verdict in claim.published_verdicts
        if not _had(verdict.published_at, day)
        or (verdict.ended_at and not _had(verdict.ended_at, day))
    ]
    for name, dated in DATED.items():
        stands: dict[When, list[Any]] = {each: [] for each in When}
        for row in getattr(claim, name):
            stands[when(*dated(row), day)].append(row)
        setattr(claim, name, stands[When.THEN])
        setattr(claim.later, name, stands[When.LATER])
        setattr(claim.uncertain, name, stands[When.UNCERTAIN])
    claim.asserting_appearances = [row for row in claim.public_appearances if row.is_asserting]
    claim.n_appearances = len(claim.public_appearances)
    claim.n_rebuttals = len(claim.public_rebuttals)
    for direction in DIRECTIONS:
        rows = [row for row in claim.public_evidence if row.direction == direction]
        # Copies of one record count once, as `ClaimQuerySet.with_counts` has it.
        setattr(claim, f"n_{direction}", len({row.origin_id for row in rows} - {None}))
    for each in (claim, *_beside(claim)):
        each.published_verdicts = [
            as_it_stood(verdict, day)
            for verdict in each.published_verdicts
            if _had(verdict.published_at, day)
        ]
        each.verdicts_in_force = [v for v in each.published_verdicts if v.ended_at is None]
    return claim


def as_it_stood(verdict: Any, day: dt.date) -> Any:
    """Return the published version without an end that came after `day`."""
    if verdict.ended_at is None or _had(verdict.ended_at, day):
        return verdict
    then = copy(verdict)
    then.ended_at, then.ending, then.ending_reason = None, "", ""
    return then


def _had(at: dt.datetime, day: dt.date) -> bool:
    """Whether what happened `at` (UTC) had happened by the end of `day`."""
    return at < end_of(day)


def _beside(claim: Any) -> Iterator[Any]:
    """The claims that are shown with it, each with its verdict."""
    yield from claim.public_parts
    yield from (
        row.public_counterclaim for row in claim.public_rebuttals if row.public_counterclaim
    )
    yield from (row.claim for row in claim.public_answers)
    if claim.public_whole:
        yield claim.public_whole
