import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.differences import word_differences

TEXT = st.text(alphabet="ab é.,’-\n")


def words(text):
    return re.findall(r"\w+|[^\w\s]", text)


@given(TEXT, TEXT)
def test_the_words_of_both_texts_are_in_it_in_their_order(old, new):
    found = word_differences(old, new)

    assert [w for op, text in found if op in "=-" for w in words(text)] == words(old)
    assert [w for op, text in found if op in "=+" for w in words(text)] == words(new)
    assert all(text for _, text in found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("Same.", "Same.", [("=", "Same.")]),
        ("", "New.", [("+", "New.")]),
        ("Old.", "", [("-", "Old.")]),
        (
            "NATO never promised it.",
            "NATO hardly promised that.",
            [("=", "NATO "), ("-", "never "), ("+", "hardly "), ("=", "promised "), ("-", "it"),
             ("+", "that"), ("=", ".")],
        ),
        (
            "It was the red house.",
            "It is a blue house.",
            [("=", "It "), ("-", "was the red "), ("+", "is a blue "), ("=", "house.")],
        ),
        ("don’t go", "do go", [("-", "don’t "), ("+", "do "), ("=", "go")]),
        ("Wrapped\nhere.", "Wrapped here.", [("=", "Wrapped here.")]),
        # The space before a change is the change's where only one of the texts has it.
        ("It stays and goes", "It stays", [("=", "It stays"), ("-", " and goes")]),
        ("It stays.", "It stays here.", [("=", "It stays"), ("+", " here"), ("=", ".")]),
        ("It stays here.", "It stays.", [("=", "It stays"), ("-", " here"), ("=", ".")]),
    ],
)  # fmt: skip
def test_what_is_kept_removed_and_added(old, new, expected):
    assert word_differences(old, new) == expected


def test_frequent_words_of_a_long_text_are_compared_too():
    old = "the cat and the dog " * 100
    assert word_differences(old, old + "slept") == [("=", old), ("+", "slept")]
    # Of both texts nothing runs together that stood apart.
    assert word_differences("a b", "a, c") == [("=", "a"), ("-", " b"), ("+", ", c")]
