"""Working days, by which the desk is held to an answer: Monday to Friday, of any country. Pure.

Public holidays count as working days: which there are depends on where somebody works, and a promise that
anybody can check on a calendar is worth more than a day's grace.
"""

from __future__ import annotations

import datetime as dt

SATURDAY = 5


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < SATURDAY


def after(day: dt.date, n: int) -> dt.date:
    """Return the `n`th working day after `day`, which does not count itself; `n` from 1.

    Raises ValueError for less: there is no such day.
    """
    if n < 1:
        raise ValueError("The first working day after a day is number 1.")
    # From the end of a weekend it is as far as from the Friday before it.
    day -= dt.timedelta(days=max(0, day.weekday() - SATURDAY + 1))
    weeks, days = divmod(n, SATURDAY)
    day += dt.timedelta(weeks=weeks)
    if day.weekday() + days >= SATURDAY:
        days += 2
    return day + dt.timedelta(days=days)


def between(day: dt.date, other: dt.date) -> int:
    """Return how many working days there are after `day` and up to `other`, which counts if it is one; less
    than zero where `other` is the earlier."""
    if other < day:
        return -between(other, day)
    weeks, days = divmod((other - day).days, 7)
    rest = (day + dt.timedelta(days=n) for n in range(1, days + 1))
    return SATURDAY * weeks + sum(map(is_working_day, rest))
