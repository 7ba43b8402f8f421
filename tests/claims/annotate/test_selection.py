"""A selection is believed only where the stored text reads what the browser showed."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from claims.annotate.selection import WHITE_SPACE, Selection, SelectionError, proposed, select
from sources.anchoring import CONTEXT, AnchoringError, locate
from sources.anchoring import select as quotation

# What texts of the world hold, and counting trips over: astral, combining, right to left, invisible.
tricky = st.sampled_from(
    list("aé\u0301\u200d\u200b\u202e\u05d0\u0628\xa0\ufeff \n\t👩🏽🇺🇦𝔸\U0001f468\r.,“")
)
anything = st.characters(exclude_categories=["Cs"])
texts = st.text(st.one_of(anything, tricky), min_size=1, max_size=80)


@st.composite
def selected(draw):
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(selected())
def test_what_is_selected_is_what_is_stored_without_white_space_at_its_ends(given_text):
    text, start, end = given_text
    shown = text[start:end]
    if not shown.strip():
        with pytest.raises(SelectionError, match="only white space"):
            select(text, start, end, shown=shown)
        return

    found = select(text, start, end, shown=shown)

    assert text[found.start : found.end] == shown.strip()
    assert start <= found.start < found.end <= end


@given(selected())
def test_a_browser_may_send_line_ends_as_two_and_white_space_collapsed(given_text):
    text, start, end = given_text
    assume(text[start:end].strip())
    found = select(text, start, end)
    shown = text[start:end]

    assert select(text, start, end, shown=re.sub("\r\n|\r|\n", "\r\n", shown)) == found
    assert select(text, start, end, shown=" ".join(shown.split())) == found


@given(selected(), texts)
def test_other_words_are_refused(given_text, other):
    text, start, end = given_text
    assume(other.split() != text[start:end].split())
    with pytest.raises(SelectionError, match="reads otherwise"):
        select(text, start, end, shown=other)


@given(selected())
def test_utf_16_units_taken_for_code_points_are_noticed_or_harmless(given_text):
    text, start, end = given_text

    def units(upto):
        return len(text[:upto].encode("utf-16-le")) // 2

    shown = text[start:end]
    assume(shown.strip())
    try:
        found = select(text, units(start), units(end), shown=shown)
    except SelectionError:
        return
    assert text[found.start : found.end].split() == shown.split()


@given(selected())
def test_selected_quoted_and_located_again_it_is_the_same_place(given_text):
    text, start, end = given_text
    assume(text[start:end].strip())
    found = select(text, start, end)
    quoted = quotation(text, found.start, found.end)

    assert text[max(0, found.start - CONTEXT) : found.end + CONTEXT] == (
        quoted.prefix + quoted.exact + quoted.suffix
    )
    try:
        place = locate(text, quoted.exact, prefix=quoted.prefix, suffix=quoted.suffix)
    except AnchoringError:
        return  # a text that repeats itself for longer than the context is never guessed at
    assert place == (found.start, found.end)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (2, 2), (3, 2), (0, 7), (6, 7)])
def test_a_span_outside_the_text_is_refused(start, end):
    with pytest.raises(SelectionError, match="not within the text"):
        select("abcdef", start, end)


def test_half_a_surrogate_pair_never_passes():
    with pytest.raises(SelectionError):
        select("a🇺🇦b", 1, 2, shown="\ufffd")


def test_the_list_of_white_space_is_pythons_own():
    assert set(WHITE_SPACE) == {chr(n) for n in range(0x110000) if chr(n).isspace()}


def test_a_selection_is_named_as_its_passage():
    assert Selection(3, 9).anchor == "p3-9"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("that NATO grew", "That NATO grew."),
        (" – “nATO\n grew,” ", "NATO grew."),
        ("Did it?", "Did it?"),
        ("…", ""),
        ("éa", "Éa."),
    ],
)
def test_the_words_are_tidied_into_a_sentence(words, sentence):
    assert proposed(words) == sentence
