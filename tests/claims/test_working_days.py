"""Working days: Monday to Friday, whatever the calendar of a country says."""

import datetime as dt

import pytest

from claims import working_days

MONDAY = dt.date(2022, 1, 3)  # and so on for three weeks


@pytest.mark.parametrize(
    ("day", "n", "found"),
    [
        (3, 1, 4),  # from a Monday to the Tuesday
        (3, 5, 10),  # to the Monday after
        (3, 7, 12),
        (7, 1, 10),  # from a Friday over the weekend
        (8, 1, 10),  # a Saturday and a Sunday are as far from it
        (9, 1, 10),
        (9, 7, 18),
    ],
)
def test_the_nth_working_day_after_a_day(day, n, found):
    assert working_days.after(dt.date(2022, 1, day), n) == dt.date(2022, 1, found)


def test_there_is_no_working_day_number_nought():
    with pytest.raises(ValueError, match="number 1"):
        working_days.after(MONDAY, 0)


def test_both_agree_with_counting_on_fingers():
    for start in range(14):
        day = MONDAY + dt.timedelta(days=start)
        passed, n = day, 0
        while n < 23:
            passed += dt.timedelta(days=1)
            n += passed.weekday() < 5
            assert working_days.between(day, passed) == n
            assert working_days.between(passed, day) == -n
            if passed.weekday() < 5:
                assert working_days.after(day, n) == passed


def test_a_public_holiday_is_a_working_day():
    assert working_days.is_working_day(dt.date(2023, 12, 25))
    assert working_days.after(dt.date(2023, 12, 22), 1) == dt.date(2023, 12, 25)
