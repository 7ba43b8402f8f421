"""One place, or a reason why none: never a guess."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.interchange.placing import HINTS, Quote, Status, Text, place
from sources.anchoring import select

SPEECH = "He said: it never grew.\nShe said: it never grew. “Never,” he said. It’s so. Café, ¡sí!"


def placed(text, exact, prefix="", suffix="", position=None, **given):
    return place(Text(text), Quote(exact, prefix, suffix), position, **given)


def words_at(text, placement):
    return text[slice(*placement.span)]


# --- FOUND ---


@pytest.mark.parametrize(
    ("exact", "prefix", "suffix"),
    [
        ("She said", "", ""),  # once
        ("it never grew", "He said: ", ""),  # twice, and told apart before
        ("it never grew", "", ". “Never"),  # and after
        ("it  never\ngrew", "He said:", ".\n"),  # white space is white space
        ("grew.\nShe", "it never", " said"),
        ("it never grew.", "said:", "She"),  # a program that puts none between paragraphs
        ("Never", "“", ",”"),
    ],
)
def test_one_place_is_found(exact, prefix, suffix):
    placement = placed(SPEECH, exact, prefix, suffix)

    assert placement.status == Status.FOUND
    assert words_at(SPEECH, placement).split() == exact.split()


@pytest.mark.parametrize(
    ("exact", "found"),
    [
        ("“Never,” ", "“Never,” "),
        ("She said ", "She said"),
        ("\nShe said", "\nShe said"),
        (" She said", "She said"),
        ("grew.\nShe said\t", "grew.\nShe said"),
    ],
)
def test_white_space_at_its_ends_belongs_to_it_where_the_text_has_the_same(exact, found):
    assert words_at(SPEECH, placed(SPEECH, exact)) == found


def test_one_side_of_its_surroundings_suffices_for_an_only_place():
    assert placed(SPEECH, "She said", "other words", ": it").status == Status.FOUND
    assert placed(SPEECH, "She said", "grew. ", "other words").status == Status.FOUND


def test_offsets_settle_what_all_else_leaves_open():
    text = "yes yes yes yes"

    assert placed(text, "yes", "yes ", " yes", (4, 7)).span == (4, 7)
    assert placed(text, "yes", "yes ", " yes", (8, 11)).span == (8, 11)
    # A place that reads so, but not between these words; no place at all.
    assert placed(text, "yes", "yes ", " yes", (0, 3)).status == Status.AMBIGUOUS
    assert placed(text, "yes", "yes ", " yes", (5, 8)).status == Status.AMBIGUOUS


def test_offsets_of_utf_16_count_unless_they_may_mean_two_places():
    text = "🕊 yes yes yes yes"

    assert placed(text, "yes", "yes ", " yes", (7, 10)).span == (6, 9)  # UTF-16
    assert placed(text, "yes", "yes ", " yes", (6, 9)).span == (6, 9)  # code points
    # Four doves before: as code points it is the one, as UTF-16 code units the other.
    text = "🕊🕊🕊🕊 yes yes yes yes yes"
    placement = placed(text, "yes", "yes ", " yes", (13, 16))
    assert text[13:16] == text[9:12] == "yes"
    assert placement.status == Status.AMBIGUOUS


def test_an_annotation_that_names_this_very_text_goes_by_its_offsets():
    text = "yes yes"

    assert placed(text, "yes", position=(4, 7), of_this_text=True).span == (4, 7)
    assert place(Text(text), None, (4, 7), of_this_text=True).span == (4, 7)
    # Its white space may have been tidied, not its words.
    assert placed("a\n\nb", "a b", position=(0, 4), of_this_text=True).span == (0, 4)
    assert placed(text, "no", position=(4, 7), of_this_text=True).status == Status.ORPHANED
    assert placed(text, "yes", position=(4, 99), of_this_text=True).status == Status.ORPHANED
    # A passage of nothing but white space is none.
    blank = place(Text(text), None, (3, 4), of_this_text=True)
    assert (blank.status, blank.span) == (Status.ORPHANED, None)
    assert "3–4 mark white space only" in blank.reason
    # Without offsets it is one like any other.
    assert placed(text, "yes", of_this_text=True).status == Status.AMBIGUOUS


# --- AMBIGUOUS ---


@pytest.mark.parametrize(
    ("exact", "prefix", "suffix", "position", "told"),
    [
        ("it never grew", "", "", None, "2 places"),
        (
            "it never grew",
            "",
            "",
            (9, 22),
            "does not give the words before",
        ),  # offsets alone: never
        ("it never grew", "They said:", "", None, "none of them"),
        ("it never grew", "They said:", "", (9, 22), "none of them"),
        ("it never grew", "said: ", ".", None, "2 of them between the same words"),
    ],
)
def test_several_places_are_not_chosen_from(exact, prefix, suffix, position, told):
    placement = placed(SPEECH, exact, prefix, suffix, position)

    assert (placement.status, placement.span, placement.places) == (Status.AMBIGUOUS, None, 2)
    assert told in placement.reason


def test_overlapping_places_are_several():
    assert placed("ababa", "aba").places == 2


# --- ORPHANED ---


@pytest.mark.parametrize(
    ("exact", "hint"),
    [
        ("nowhere", ""),
        ("“Never,”he said", "the white space between words"),
        ("Cafe\u0301", "its Unicode normalisation (NFC or NFD)"),
        ('"Never," he', "its quotation marks, apostrophes or dashes"),
        ("It's so", "its quotation marks, apostrophes or dashes"),
        ("SHE SAID", "capital and small letters"),
        ("¡ｓí!", "its typography"),
    ],
)
def test_what_the_text_does_not_read_is_not_placed_but_the_difference_told(exact, hint):
    placement = placed(SPEECH, exact)

    assert (placement.status, placement.span) == (Status.ORPHANED, None)
    assert (f"in {hint} alone" in placement.reason) if hint else "alone" not in placement.reason


def test_the_difference_is_looked_for_a_few_hundred_times():
    text = Text(SPEECH)
    told = [place(text, Quote("SHE SAID"), None).reason for _ in range(HINTS + 1)]
    assert all("small letters" in reason for reason in told[:HINTS])
    assert told[HINTS] == "The text does not read this."


def test_an_only_place_between_other_words_is_another_place():
    placement = placed(SPEECH, "She said", "other words ", " altogether")
    assert placement.status == Status.ORPHANED
    assert "(24–32)" in placement.reason
    assert placed(SPEECH, "She said", "other words ").status == Status.ORPHANED


@pytest.mark.parametrize("exact", ["", " ", "\n\n"])
def test_a_blank_quotation_is_none(exact):
    assert placed(SPEECH, exact).reason == "Its quotation is blank."


def test_without_a_quotation_nothing_is_verified():
    text = Text(SPEECH)
    assert "offsets without a quotation" in place(text, None, (0, 5)).reason
    assert "quotes nothing" in place(text, None, None).reason
    assert {place(text, None, at).status for at in (None, (0, 5))} == {Status.ORPHANED}


# --- Whatever the text ---

texts = st.text(
    st.sampled_from("ab \n\t.é\u0301🕊👩‍🚀שא\u00a0\u2028“”")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=80,
)


@st.composite
def spans(draw):
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@settings(max_examples=500)
@given(spans())
def test_a_passage_comes_back_to_its_own_place_or_to_none(case):
    text, start, end = case
    quotation = select(text, start, end)
    quote = Quote(quotation.exact, quotation.prefix, quotation.suffix)

    blank = not quotation.exact.strip()
    itself = place(Text(text), quote, (start, end), of_this_text=True)
    assert itself.span == (None if blank else (start, end))
    for position in (None, (start, end), Text(text).in_utf16((start, end))):
        placement = place(Text(text), quote, position)
        assert placement.span in (None, (start, end))
        assert (placement.status == Status.ORPHANED) == blank
        assert (placement.status == Status.FOUND) == (placement.span is not None)


@settings(max_examples=300)
@given(spans(), texts)
def test_what_is_found_in_another_text_reads_the_same_words(case, other):
    text, start, end = case
    quotation = select(text, start, end)

    placement = place(Text(other), Quote(quotation.exact, quotation.prefix), (start, end))

    if placement.span:
        assert other[slice(*placement.span)].split() == quotation.exact.split()


@given(texts, st.integers(0, 80), st.integers(0, 80))
def test_utf_16_is_what_a_browser_counts(text, start, end):
    start, end = sorted(min(place, len(text)) for place in (start, end))
    counted = [len(text[:place].encode("utf-16-le")) // 2 for place in (start, end)]
    assert Text(text).in_utf16((start, end)) == tuple(counted)
