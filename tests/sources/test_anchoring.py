import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.anchoring import (
    CONTEXT,
    AnchoringError,
    locate,
    places,
    select,
    words_after,
    words_before,
)

TEXT = "One. Two 🙂 three. Two 🙂 four."


def test_a_quotation_has_one_place():
    assert locate(TEXT, "three") == (11, 16)


def test_offsets_are_code_points_not_utf16_units():
    start, end = locate(TEXT, "🙂 three")
    assert (start, end, TEXT[start:end]) == (9, 16, "🙂 three")


@pytest.mark.parametrize("missing", ["five", "two", "One.Two 🙂 three"])
def test_a_quotation_that_is_not_there_is_refused(missing):
    with pytest.raises(AnchoringError, match="does not read"):
        locate(TEXT, missing)


def test_a_quotation_in_two_places_is_refused_and_never_guessed():
    with pytest.raises(AnchoringError, match="in 2 places"):
        locate(TEXT, "Two 🙂")


def test_the_words_around_tell_look_alikes_apart():
    assert locate(TEXT, "Two 🙂", suffix=" four") == (18, 23)
    assert locate(TEXT, "Two 🙂", prefix="One. ") == (5, 10)


def test_an_empty_quotation_is_refused():
    with pytest.raises(AnchoringError, match="empty"):
        locate(TEXT, "")


def test_overlapping_places_are_all_found():
    assert places("aaaa", "aa") == [(0, 2), (1, 3), (2, 4)]


def test_a_quotation_is_found_across_the_lines_of_a_text():
    text = "He said:\n  never\n\u00a0promised,  ever."
    start, end = locate(text, "never promised, ever")
    assert text[start:end] == "never\n\u00a0promised,  ever"
    assert locate(text, "promised,", prefix="never ") == locate(text, "promised,")


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 3), (0, len(TEXT) + 1)])
def test_a_span_outside_the_text_is_refused(start, end):
    with pytest.raises(AnchoringError, match="not within the text"):
        select(TEXT, start, end)


@given(st.text(min_size=1), st.data())
def test_every_span_is_found_again_by_what_surrounds_it(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quotation = select(text, start, end)
    assert quotation.exact == text[start:end]
    assert text[:start].endswith(quotation.prefix)
    assert text[end:].startswith(quotation.suffix)
    assert max(len(quotation.prefix), len(quotation.suffix)) <= CONTEXT
    found = places(text, quotation.exact, prefix=quotation.prefix, suffix=quotation.suffix)
    assert (start, end) in found


@pytest.mark.parametrize(
    ("text", "whole", "words"),
    [
        ("", True, ""),
        ("Good day. And ", True, "Good day. And "),
        ("half a wo is cut. A whole one ", False, "A whole one "),
        ("ut off, and it goes on ", False, "… off, and it goes on "),
        ("One ends here. ", False, "… ends here. "),
        ("of another.\n\nOf this paragraph ", False, "Of this paragraph "),
        ("of another.\n\n", False, ""),
        ("oneword", False, ""),
        ("She asked: “Why?” He ", False, "He "),
    ],
)
def test_words_before_begin_where_a_reader_can(text, whole, words):
    assert words_before(text, whole=whole) == words


@pytest.mark.parametrize(
    ("text", "whole", "words"),
    [
        ("", True, ""),
        (", and so on. Then it en", True, ", and so on. Then it en"),
        (", and so on. Then it en", False, ", and so on."),
        (", and it goes on to be cu", False, ", and it goes on to be …"),
        (" to the end.\n\nOf another", False, " to the end."),
        ("\n\nOf another paragraph", False, ""),
        ("oneword", False, ""),
        (" it, he said.” Then som", False, " it, he said.”"),
    ],
)
def test_words_after_end_where_a_reader_can(text, whole, words):
    assert words_after(text, whole=whole) == words
