"""Where the parts of a picture stand: within its frame, in order, and none on another."""

import datetime as dt
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from claims.models import Rating
from claims.pictures.argument_map import WIDTH, wide
from claims.pictures.distribution import LEAST, distribution, of_ratings
from claims.pictures.timeline import LANES, RADIUS, Event, days, timeline
from tests.claims.reading import text

STEPS = [
    Rating(slug=slug, label=slug.replace("-", " ").capitalize(), value=value)
    for slug, value in (
        ("true", 5),
        ("half-true", 3),
        ("false", 1),
        ("conflicting-evidence", None),
        ("not-checkable", None),
        ("not-enough-evidence", None),
    )
]


def drawn(name, picture):
    html = render_to_string(f"claims/pictures/{name}.html", {"picture": picture, "id": "it"})
    return BeautifulSoup(html, "html.parser")


def event(date, precision="day", lane="claimed", words="It was said."):
    date = dt.date.fromisoformat(date) if date else None
    return Event(lane, date, precision, words, "/claims/it/", "en")


# --- The distribution ---


@given(st.lists(st.tuples(st.sampled_from([*STEPS, None]), st.integers(0, 10**6)), max_size=9))
def test_bars_are_true_to_scale_and_within_the_frame(counts):
    picture = distribution(counts)

    assert [(bar.rating, bar.n) for bar in picture.bars] == counts
    assert picture.total == sum(n for _rating, n in counts)
    most = max([LEAST, *(n for _rating, n in counts)])
    for bar in picture.bars:
        assert bar.width == pytest.approx(WIDTH * bar.n / most, abs=0.06)
        assert 0 <= bar.y < bar.bar_y + picture.bar_height <= picture.height
        assert bar.width <= WIDTH
    assert all(a.bar_y + picture.bar_height < b.y + 4 for a, b in pairwise(picture.bars))


def test_a_long_name_ends_before_the_number():
    name = "Neither proved nor disproved by what is accessible"
    (bar,) = distribution([(Rating(slug="x", label=name), 1234)]).bars

    assert bar.name == name
    assert name.startswith(bar.label.removesuffix("…"))
    assert bar.label != name
    assert wide(bar.label) + len(" 1,234") <= (WIDTH - 66) / 7.3


def test_the_truth_s_steps_are_all_there_and_of_the_others_what_is_not_nothing():
    ratings = [Rating(slug=r.slug, label=r.label, value=r.value) for r in STEPS]
    for rating, n in zip(ratings, (0, 2, 0, 1, 0, 0), strict=True):
        rating.n_verdicts = n

    assert [(r and r.slug, n) for r, n in of_ratings(ratings, 4)] == [
        ("true", 0),
        ("half-true", 2),
        ("false", 0),
        ("conflicting-evidence", 1),
        (None, 4),
    ]
    assert all(rating for rating, _n in of_ratings(ratings, 0))


def test_a_distribution_says_its_numbers_and_leads_to_what_it_counts():
    picture = distribution([(STEPS[0], 3), (STEPS[3], 1), (None, 1200)], among={"topic": "a"})
    soup = drawn("distribution", picture)

    svg = soup.find("svg", role="img")
    assert text(soup.find(id=svg["aria-labelledby"])) == "How 1,204 claims are rated"
    assert [text(t) for t in svg.find_all("text")] == [
        *("True", "3"),
        *("⇄", "Conflicting evidence", "1"),
        *("○", "Open: no verdict yet", "1,200"),
    ]
    assert len(svg.select("svg.dots")) == 1
    assert [(text(tr.th), text(tr.td), tr.a["href"]) for tr in soup.select("tbody tr")] == [
        ("True", "3", "/claims/?rating=true&topic=a"),
        ("Conflicting evidence", "1", "/claims/?rating=conflicting-evidence&topic=a"),
        ("Open: no verdict yet", "1,200", "/claims/?topic=a&has_verdict=false"),
    ]


# --- The timeline ---

EVENTS = st.lists(
    st.builds(
        lambda lane, date, precision: Event(lane, date, precision, "What", "/claims/it/"),
        st.sampled_from(list(LANES)),
        st.one_of(
            st.dates(),
            st.dates(dt.date(1949, 1, 1), dt.date(2026, 1, 1)),
            st.dates(dt.date(2022, 1, 1), dt.date(2022, 1, 9)),
        ),
        st.sampled_from(["day", "month", "year"]),
    ),
    min_size=1,
    max_size=60,
)


@given(EVENTS)
def test_no_mark_leaves_the_frame_and_none_covers_another(events):
    picture = timeline(events)

    assert sum(mark.n for mark in picture.marks) == len(events)
    for lane in LANES:
        marks = [mark for mark in picture.marks if mark.lane == lane]
        assert sum(m.n for m in marks) == sum(e.lane == lane for e in events)
        for level in {mark.y for mark in marks}:
            row = sorted((m for m in marks if m.y == level), key=lambda m: m.x)
            assert all(a.right < b.left for a, b in pairwise(row))
    for mark in picture.marks:
        assert 0 <= mark.left < mark.right <= WIDTH
        assert 0 <= mark.start <= mark.x <= mark.end <= WIDTH
        assert RADIUS < mark.y < picture.axis - RADIUS
    # Lanes lie below each other, each under its label.
    for a, b in pairwise(picture.lanes):
        assert a.y < a.base < b.y < b.base
    for lane in picture.lanes:
        assert all(lane.y < m.y - RADIUS for m in picture.marks if m.lane == lane.name)


@given(EVENTS)
def test_the_axis_has_labels_that_keep_apart_and_marks_keep_the_order_of_time(events):
    picture = timeline(events)

    assert picture.ticks
    assert all(a.right < b.left for a, b in pairwise(picture.ticks))
    for tick in picture.ticks:
        assert 0 <= tick.left < tick.right <= WIDTH + 0.01
        assert 0 <= tick.x <= WIDTH
    spans = [days(e.date, e.precision) for e in picture.events]
    assert spans == sorted(spans)
    for lane in LANES:
        marks = sorted((m for m in picture.marks if m.lane == lane), key=lambda m: m.x)
        middles = sorted(sum(days(e.date, e.precision)) for e in events if e.lane == lane)
        at = iter(middles)
        means = [sum(next(at) for _ in range(mark.n)) / mark.n for mark in marks]
        assert means == sorted(means)


def test_an_axis_over_all_of_the_calendar_has_labels_that_keep_apart():
    ticks = timeline([event("0017-01-01"), event("9727-01-01")]).ticks

    assert len(ticks) > 1
    assert all(a.right < b.left for a, b in pairwise(ticks))


def test_the_axis_is_true_to_scale():
    picture = timeline([event("1949-04-04"), event("1990-02-09"), event("2026-01-01")])
    a, b, c = (mark.x for mark in picture.marks)
    part, whole = (dt.date(*day) - dt.date(1949, 4, 4) for day in ((1990, 2, 9), (2026, 1, 1)))

    assert (b - a) / (c - a) == pytest.approx(part / whole, abs=0.001)
    assert [tick.label for tick in picture.ticks] == [str(y) for y in range(1950, 2021, 10)]


def test_one_event_stands_in_the_middle_of_some_months():
    picture = timeline([event("2022-01-07", lane="verdict")])

    assert [mark.x for mark in picture.marks] == [WIDTH / 2]
    assert [lane.name for lane in picture.lanes] == ["verdict"]
    assert [tick.label for tick in picture.ticks] == ["Jan 2022", "Feb 2022"]
    with translation.override("ru"):
        russian = timeline([event("2022-01-07")])
        assert [tick.label for tick in russian.ticks] == ["Янв 2022", "Фев 2022"]


def test_a_month_or_a_year_is_a_stretch_and_no_day():
    picture = timeline([event("1990-05-17", "year"), event("1992-07-09", "month")])
    year, month = picture.marks

    assert year.is_span
    assert picture.has_spans
    assert not month.is_span  # it is narrower than its mark
    assert days(dt.date(1990, 5, 17), "year") == (
        dt.date(1990, 1, 1).toordinal(),
        dt.date(1991, 1, 1).toordinal(),
    )
    assert days(dt.date(1999, 12, 9), "month")[1] == dt.date(2000, 1, 1).toordinal()
    assert days(dt.date(9999, 12, 9), "year")[1] == dt.date.max.toordinal() + 1
    assert [text(t) for t in drawn("timeline", picture).select("tbody time")] == [
        "1990",
        "July 1992",
    ]


def test_what_happened_on_one_day_is_stacked_and_more_of_it_is_counted():
    three = timeline([event("2022-01-07")] * 3)
    assert [mark.n for mark in three.marks] == [1, 1, 1]
    assert len({mark.x for mark in three.marks}) == 1
    assert len({mark.y for mark in three.marks}) == 3

    many = timeline([event("2022-01-07")] * 250 + [event("2023-01-07")])
    assert [mark.n for mark in many.marks] == [250, 1]
    assert len({mark.y for mark in many.marks}) == 1
    assert [text(t) for t in drawn("timeline", many).select("svg .n")] == ["250"]


def test_what_has_no_date_is_in_the_table_alone():
    picture = timeline([event(None, ""), event("2022-01-07")])
    soup = drawn("timeline", picture)

    assert len(picture.marks) == 1
    assert [text(tr.td) for tr in soup.select("tbody tr")] == ["7 January 2022", "not known"]
    assert timeline([event(None, "")]) is None
    assert timeline([]) is None


def test_a_timeline_has_a_title_forms_and_a_table_that_is_folded_where_it_is_long():
    events = [event("2022-01-07", lane=lane, words=lane) for lane in LANES]
    soup = drawn("timeline", timeline(events))

    svg = soup.find("svg", role="img")
    title = "Timeline of 4 dated events, 2022 to 2022"
    assert text(soup.find(id=svg["aria-labelledby"])) == title
    # Not by colour alone: each lane's marks have their own form.
    forms = [g.find(["circle", "path"]).get("d") for g in svg.select(".event")]
    assert len(set(forms)) == len(LANES)
    assert not soup.details
    assert [text(tr) for tr in soup.select("tbody tr")] == [
        "7 January 2022 Claimed claimed",
        "7 January 2022 Answered answered",
        "7 January 2022 Evidence public evidence",
        "7 January 2022 Verdict verdict",
    ]
    assert {a["href"] for a in soup.select("tbody a")} == {"/claims/it/"}
    assert drawn("timeline", timeline(events * 2)).select("details table")
