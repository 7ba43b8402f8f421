import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.differences import BRIEF, TOKEN, Stretch, first_of, redline, word_differences

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


def test_of_long_texts_the_words_are_in_it_as_of_short_ones():
    old = " ".join(f"Word {n} was said." for n in range(BRIEF))
    new = old.replace("Word 70 ", "Word seventy ").replace("Word 700 was said. ", "")
    found = word_differences(old, new)
    assert "".join(text for op, text in found if op in "=-").split() == old.split()
    assert "".join(text for op, text in found if op in "=+").split() == new.split()
    assert [op for op, _ in found if op != "="] == ["-", "+", "-"]


@given(TEXT, TEXT)
def test_a_redline_leaves_out_words_that_are_the_same_and_counts_them(old, new):
    stretches, same = redline(old, new)
    assert all(any(op != "=" for op, _ in stretch.pieces) for stretch in stretches)
    told = [text for s in stretches for op, text in s.pieces if op in "=-"]
    kept = sum(len(TOKEN.findall(text)) for text in told)
    assert kept + sum(s.skipped for s in stretches) + same == len(TOKEN.findall(old))


def test_changes_stand_with_a_few_words_around_them():
    before, between, after = "a " * 30, "b " * 60, "c " * 30
    old, new = f"{before}one {between}two {after}", f"{before}eins {between}zwei {after}"
    stretches, same = redline(old, new)
    assert [s.skipped for s in stretches] == [18, 36]
    assert stretches[0].pieces == [
        ("=", "a " * 12),
        ("-", "one "),
        ("+", "eins "),
        ("=", "b " * 12),
    ]
    assert same == 18
    assert redline(old, old) == ([], 122)
    assert redline(old, old.replace(" ", "\n")) == ([], 122)


def test_the_first_of_many_changes():
    stretches = [Stretch([("-", "x" * 10), ("+", "y" * 10)], n) for n in range(5)]
    assert first_of(stretches, most=2, characters=99) == stretches[:2]
    assert first_of(stretches, most=9, characters=25) == [
        stretches[0],
        Stretch([("-", "xxxxx…")], 1),
    ]
