"""The measures of a ranking, against values computed by hand."""

import pytest


@pytest.fixture
def ranking(program):
    return program("ranking")


@pytest.mark.parametrize(
    ("labels", "average", "r"),
    [
        ([1, 0, 1, 0], (1 + 2 / 3) / 2, 1 / 2),
        ([0, 0, 1], 1 / 3, 0),
        ([1, 1, 0], 1, 1),
        ([0, 1, 1, 0, 1], (1 / 2 + 2 / 3 + 3 / 5) / 3, 2 / 3),
        ([0, 0], 0, 0),
        ([], 0, 0),
    ],
)
def test_average_and_r_precision(ranking, labels, average, r):
    assert ranking.average_precision(labels) == pytest.approx(average)
    assert ranking.r_precision(labels) == pytest.approx(r)


def test_precision_at_a_place_beyond_the_end_counts_what_is_missing(ranking):
    assert ranking.precision_at([1, 0, 1, 1], 2) == 0.5
    assert ranking.precision_at([1, 0, 1, 1], 10) == 0.3


def test_of_equal_scores_the_earlier_line_comes_first(ranking):
    assert ranking.ranked([0, 1, 0, 1], [0.5, 0.5, 0.9, 0.1]) == [0, 0, 1, 1]
    assert ranking.ranked([1, 0], [0.5, 0.5]) == [1, 0]
