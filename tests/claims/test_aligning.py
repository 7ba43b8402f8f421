"""Two texts side by side: which turns stand beside which."""

from hypothesis import given
from hypothesis import strategies as st

from claims.aligning import align

turns = st.text(alphabet="abc", max_size=8)


def rows(left, right):
    return [("".join(a), "".join(b)) for a, b in align(left, right, lambda a, b: a == b)]


def test_of_as_many_turns_each_stands_beside_the_one_with_its_number():
    assert rows("abc", "xbz") == [("a", "x"), ("b", "b"), ("c", "z")]


def test_a_turn_that_one_text_lacks_stands_alone():
    assert rows("abcd", "abd") == [("a", "a"), ("b", "b"), ("c", ""), ("d", "d")]


def test_what_lies_between_the_beginning_and_the_end_is_one_row():
    assert rows("abxyc", "azc") == [("a", "a"), ("bxy", "z"), ("c", "c")]


def test_where_nothing_agrees_the_texts_stand_beside_each_other_whole():
    assert rows("ab", "xyz") == [("ab", "xyz")]


@given(turns, turns)
def test_each_turn_stands_once_and_in_its_order(left, right):
    found = rows(left, right)
    assert "".join(a for a, _ in found) == left
    assert "".join(b for _, b in found) == right
    assert all(a or b for a, b in found)
