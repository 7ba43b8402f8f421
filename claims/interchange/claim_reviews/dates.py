"""The day that a date means, as publishers print it; or why it means none. Pure.

Nothing is guessed: where the day may be the month, no day is better than the wrong one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
FULL = (
    "january february march april may june july august september october november december"
).split()

# A time after it, and a zone, change nothing: the day is the one that was printed.
_TAIL = r"(?:[T ,]+(?:at )?\d{1,2}[:.h]\d{2}.*|Z|[+-]\d{2}:?\d{2})?$"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TAIL}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?$|\d{12,13}$")
_NUMBERS = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TAIL}")
_MONTH_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TAIL}")
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?([A-Za-z]{{3,9}})\.?,?[ -](\d{{4}}){_TAIL}"
)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? ", re.IGNORECASE)
# What is no date of a review, but what programs write that have none.
EARLIEST = 1000


class NoDay(ValueError):
    """The text means no single day; the message says why."""


def day_of(text: str) -> dt.date:
    """Return the day that `text` names: 2022-01-07, 20220107, 2022/1/7, Jan 7, 2022, 7 January 2022, Fri,
    07 Jan 2022 10:00:00 GMT, 31/12/2022, seconds or milliseconds since 1970 (UTC), each with or without a
    time. Raises NoDay for everything else, with a sentence."""
    text = _WEEKDAY.sub("", " ".join(text.split()), count=1)
    for form, read in _FORMS:
        match = form.match(text)
        if match:
            try:
                day = read(match)
            except (ValueError, OverflowError, OSError) as error:
                if isinstance(error, NoDay):
                    raise
                raise NoDay(f"There is no such day: {text[:40]}.") from error
            if day.year < EARLIEST:
                raise NoDay(f"It is no date that was ever meant: {text[:40]}.")
            return day
    raise NoDay(f"It is in no form that names one day: {text[:40]}.")


def _year_first(match: re.Match[str]) -> dt.date:
    return dt.date(int(match[1]), int(match[2]), int(match[3]))


def _numbers(match: re.Match[str]) -> dt.date:
    one, other, year = int(match[1]), int(match[2]), int(match[3])
    if one <= 12 and other <= 12 and one != other:
        raise NoDay(f"The day may be the month: {match[1]}, {match[2]} and {year}.")
    return dt.date(year, min(one, other), max(one, other))


def _epoch(match: re.Match[str]) -> dt.date:
    seconds = float(match[0])
    if len(match[0].split(".")[0]) > 10:
        seconds /= 1000
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).date()


def _named(month: str, day: str, year: str) -> dt.date:
    name = month.lower()
    # “Sept” is in use, too.
    number = FULL.index(name) if name in FULL else MONTHS.index("sep" if name == "sept" else name)
    return dt.date(int(year), number + 1, int(day))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], dt.date]], ...] = (
    (_ISO, _year_first),
    (_EPOCH, _epoch),
    (_COMPACT, _year_first),
    (_NUMBERS, _numbers),
    (_MONTH_DAY, lambda match: _named(match[1], match[2], match[3])),
    (_DAY_MONTH, lambda match: _named(match[2], match[1], match[3])),
)
