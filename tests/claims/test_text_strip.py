"""The strip: where in a text its passages lie, and how they are rated."""

import itertools
import re
from types import SimpleNamespace

import pytest

from claims.pictures.text_strip import BEYOND, FALSE, LENGTH, TRUE, strip

SCALE = SimpleNamespace(worst=1, best=5)


def verdict(slug, value=None):
    rating = SimpleNamespace(slug=slug, value=value, scale=SCALE, measures_truth=value is not None)
    return SimpleNamespace(rating=rating)


def drawn(*passages, turns=(), length=1000):
    return strip(length, turns, passages)


def centre(dot):
    """The middle of a ring, from its path."""
    x, radius = re.match(r"M([\d.]+) [\d.]+a([\d.]+)", dot.path).groups()
    return round(float(x) + float(radius), 1)


def test_a_passage_stands_where_it_stands_in_the_text():
    found = drawn(((0, 100), "first", []), ((450, 550), "half", []), ((990, 1000), "last", []))

    assert [(tick.what, tick.y / LENGTH) for tick in found.ticks] == [
        ("first", pytest.approx(0.05, abs=0.001)),
        ("half", 0.5),
        ("last", pytest.approx(0.995, abs=0.001)),
    ]


@pytest.mark.parametrize(("value", "x"), [(1, FALSE), (3, (FALSE + TRUE) / 2), (5, TRUE)])
def test_a_rating_of_truth_stands_as_far_across_as_on_its_scale(value, x):
    (tick,) = drawn(((0, 10), "", [verdict("step", value)])).ticks
    (dot,) = tick.dots
    assert (centre(dot), dot.tone) == (x, f"full rating-{value}")


def test_what_measures_no_truth_stands_beyond_and_differs_in_form():
    slugs = ("conflicting-evidence", "not-enough-evidence", "not-checkable", "another")
    verdicts = [verdict(slug) for slug in slugs]
    (tick,) = drawn(((0, 10), "", [*verdicts, None])).ticks

    assert [dot.tone for dot in tick.dots] == [
        "diamond rating-conflicting-evidence",
        "square rating-not-enough-evidence",
        "cross rating-not-checkable",
        "ring rating-another",
        "open",
    ]
    # A ring that is open is told by its dashes, the other one by its line.
    assert len({dot.path for dot in tick.dots}) == 4
    assert {centre(dot) for dot in tick.dots if "a" in dot.path} == {BEYOND}


def test_claims_of_one_rating_make_one_mark():
    (tick,) = drawn(((0, 10), "", [None, verdict("false", 1), None])).ticks
    assert [dot.tone for dot in tick.dots] == ["open", "full rating-1"]


def test_the_broadest_bands_are_those_of_who_says_most():
    turns = [((0, 100), "she"), ((100, 700), "he"), ((700, 720), "it"), ((720, 1000), "she")]
    bands = drawn(turns=turns).bands

    she, he, it, _ = (band.width for band in bands)
    assert he > she > it
    assert bands[3].width == she
    assert [band.y for band in bands] == [0, 34, 238, 244.8]
    assert all(one.y + one.height <= two.y for one, two in itertools.pairwise(bands)), (
        "bands touch, and do not overlap"
    )
