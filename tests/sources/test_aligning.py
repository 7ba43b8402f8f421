"""Two texts side by side: which turns stand beside which."""

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from sources.aligning import Line, align, crossing

turns = st.lists(
    st.builds(Line, st.integers(0, 900), speaker=st.sampled_from(["", "a", "b"])), max_size=9
)


def lines(spec):
    """`a300 b40`: who speaks, and how long."""
    return [Line(int(word[1:]), speaker=word[0]) for word in spec.split()]


def rows(left, right, **known):
    found = align(lines(left), lines(right), **known)
    return [(list(one), list(two)) for one, two in found]


def test_the_same_turns_stand_beside_each_other():
    assert rows("a300 b40 a500", "a330 b50 a520") == [([0], [0]), ([1], [1]), ([2], [2])]


def test_a_turn_that_one_text_lacks_stands_alone():
    assert rows("a300 b40 c220 a500", "a300 b40 a500") == [
        ([0], [0]), ([1], [1]), ([2], []), ([3], [2]),
    ]  # fmt: skip


def test_one_that_is_left_out_is_told_by_length_where_one_person_speaks_throughout():
    assert rows("a300 a900 a40 a500", "a310 a45 a480") == [
        ([0], [0]), ([1], []), ([2], [1]), ([3], [2]),
    ]  # fmt: skip


def test_a_turn_that_is_two_in_the_other_text_stands_beside_both():
    assert rows("a300 b800 a100", "a300 b380 b420 a100") == [([0], [0]), ([1], [1, 2]), ([2], [3])]
    assert rows("a300 b380 b420 a100", "a300 b800 a100") == [([0], [0]), ([1, 2], [1]), ([3], [2])]


def test_a_translation_that_is_longer_throughout_is_no_other_text():
    assert rows("a300 b40 a500", "a600 b85 a1000") == [([0], [0]), ([1], [1]), ([2], [2])]


def test_what_a_person_says_stands_whatever_its_length():
    found = rows("a300 b300 c300", "a300 b300 c300", pairs=[(0, 1)])
    assert found[:2] == [([], [0]), ([0], [1])]
    assert rows("a300 b40", "a300 b40", alone=([1], [])) == [([0], [0]), ([], [1]), ([1], [])]
    assert rows("a300 b40", "a300 b40", alone=([], [0]))[-1] == ([1], [1])


def test_two_pairs_that_share_a_turn_are_one_row():
    assert rows("a300 b40 c9", "a300 b40 c9", pairs=[(0, 0), (0, 1)])[0] == ([0], [0, 1])


def test_pairs_that_cross_are_found():
    assert crossing([(0, 2), (1, 1)]) == ((0, 2), (1, 1))
    assert crossing([(0, 1), (1, 1), (1, 2)]) is None


@given(turns, turns, st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=4))
def test_each_turn_stands_once_and_in_its_order(left, right, pairs):
    known = [(i, j) for i, j in pairs if i < len(left) and j < len(right)]
    found = align(left, right, pairs=known)
    assert [i for one, _ in found for i in one] == list(range(len(left)))
    assert [j for _, two in found for j in two] == list(range(len(right)))
    assert all(one or two for one, two in found)


@given(turns)
def test_a_text_beside_itself_is_itself(text):
    assert all(list(one) == list(two) for one, two in align(text, text))


def test_two_thousand_turns_cost_little():
    rng = random.Random(1)
    left = [Line(rng.randint(20, 900), speaker=rng.choice("abc")) for _ in range(2000)]
    right = [line for line in left if rng.random() > 0.02]
    began = time.process_time()
    found = align(left, right)
    assert time.process_time() - began < 10
    right_of = {i: j for one, two in found for i in one for j in two}
    kept = [i for i, line in enumerate(left) if any(line is other for other in right)]
    assert sum(right_of.get(i) == j for j, i in enumerate(kept)) > 0.95 * len(kept)
