"""Passages found again in another edition: never in the wrong place."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.reanchoring import Finding, Reanchoring, as_cited, find
from sources.token_alignment import Tokens, align

SPEECH = """THE CHAIR: Good morning. We meet to speak about the promise that was made in the spring.

THE MINISTER: I was in the room. Nobody promised that the Alliance would not grow. We spoke about troops, and
about nothing else. I have the notes of that day with me, and I shall read from them if you wish.

THE CHAIR: Please do. I agree.

THE MINISTER: The first page says that the troops are to leave within four years. The second page says who
pays for it. There is no third page. I agree that this is short, but so was the meeting.

THE CHAIR: Did anybody write down what was said about other countries?

THE MINISTER: Nobody did. It was not asked, and it was not answered. We had other things to do that year.
"""
PROMISED = "Nobody promised that the Alliance would not grow."
TROOPS = "We spoke about troops, and\nabout nothing else."
PAGES = "There is no third page."


def place(new, words, old=SPEECH, nth=0):
    start = -1
    for _ in range(nth + 1):
        start = old.index(words, start + 1)
    return find(old, new, start, start + len(words))


def words_at(text, found):
    return text[found.start : found.end]


def test_the_same_words_at_the_same_place():
    new = SPEECH.replace("Good morning", "Good evening, all of you")
    found = place(new, PROMISED)
    assert found.finding == Finding.FOUND
    assert words_at(new, found) == PROMISED
    assert found.similarity is None


def test_lines_that_are_broken_elsewhere_and_marks_that_are_printed_otherwise_are_no_change():
    new = SPEECH.replace("and\nabout", "and about").replace("spoke about", "spoke  about")
    found = place(new, TROOPS)
    assert found.finding == Finding.FOUND
    assert words_at(new, found) == "We spoke  about troops, and about nothing else."
    quoted = SPEECH.replace("the notes", "“the notes”")
    assert (
        place(SPEECH.replace("the notes", '"the notes"'), "“the notes”", quoted).finding == "found"
    )


def test_a_part_of_a_word_is_the_same_part():
    new = SPEECH.replace("Good morning", "Good evening")
    found = place(new, "romised that the All")
    assert words_at(new, found) == "romised that the All"


def test_other_words_at_the_same_place_are_shown_and_not_taken():
    new = SPEECH.replace("Nobody promised", "Nobody ever promised").replace("Alliance", "alliance")
    found = place(new, PROMISED)
    assert found.finding == Finding.CHANGED
    assert words_at(new, found) == "Nobody ever promised that the alliance would not grow."
    assert 0.8 < found.similarity < 1


def test_words_that_are_gone():
    found = place(SPEECH.replace(PAGES, ""), PAGES)
    assert found == (found.__class__)(Finding.ORPHANED)


def test_a_paragraph_that_was_moved_takes_its_words_with_it():
    paragraphs = SPEECH.split("\n\n")
    paragraphs.insert(1, paragraphs.pop(5))
    new = "\n\n".join(paragraphs)
    found = place(new, "It was not asked, and it was not answered.")
    assert found.finding == Finding.MOVED
    assert words_at(new, found) == "It was not asked, and it was not answered."


def test_a_look_alike_is_never_taken_for_the_place():
    """What Hypothesis's client does: the words are gone, or altered, and stand somewhere else once."""
    elsewhere = SPEECH.replace("Please do.", f"Please do. {PROMISED}")
    gone = elsewhere.replace(f"room. {PROMISED}", "room.")
    assert gone.count(PROMISED) == 1
    found = place(gone, PROMISED)
    assert found.finding not in (Finding.FOUND, Finding.MOVED)
    altered = elsewhere.replace(
        f"room. {PROMISED}", f"room. {PROMISED.replace('Nobody', 'Somebody')}"
    )
    found = place(altered, PROMISED)
    assert found.finding == Finding.CHANGED
    assert words_at(altered, found) == PROMISED.replace("Nobody", "Somebody")


def test_a_copy_elsewhere_does_not_hide_the_place():
    new = SPEECH.replace("Please do.", f"Please do. {PROMISED}")
    found = place(new, PROMISED)
    assert found.finding == Finding.FOUND
    assert found.start == new.index(PROMISED)


def test_of_a_sentence_that_stands_twice_in_a_row_nobody_knows_which_it_was():
    new = SPEECH.replace(PAGES, f"{PAGES} {PAGES}")
    found = place(new, PAGES)
    assert found.finding == Finding.AMBIGUOUS
    first = new.index(PAGES)
    second = new.index(PAGES, first + 1)
    assert [start for start, _ in found.places] == [first, second]


def test_words_that_stand_more_than_once_are_told_apart_by_what_is_around_them():
    new = SPEECH.replace("Good morning", "Good evening")
    for nth in (0, 1):
        found = place(new, "I agree", nth=nth)
        assert found.finding == Finding.FOUND
        assert new[: found.start].count("I agree") == nth
    cut = SPEECH.replace("Please do. I agree.", "Please do.")
    assert place(cut, "I agree").finding not in (Finding.FOUND, Finding.MOVED)
    assert place(cut, "I agree", nth=1).finding == Finding.FOUND


def test_what_a_passage_became_is_held_against_what_is_cited():
    new = SPEECH.replace("Good", "Very good")
    found = place(new, PROMISED)
    assert as_cited(found, PROMISED, new) == found
    other = as_cited(found, "Nobody promised anything of the kind, and it would not grow.", new)
    assert other.finding == Finding.CHANGED
    assert (other.start, other.end) == (found.start, found.end)
    gone = place("", PROMISED)
    assert as_cited(gone, PROMISED, "") == gone


@pytest.mark.parametrize("words", ["", "   ", "…"])
def test_without_words_there_is_nothing_to_look_for(words):
    old = f"One {words} two."
    start = old.index(words) if words else 4
    assert find(old, "Three.", start, start + len(words)).finding == Finding.ORPHANED


# --- Whatever the texts are ---

WORDS = st.lists(
    st.sampled_from(["nato", "said", "no", ".", "\n\n", "so", "it", "grew", "—"]), max_size=40
)
TEXTS = WORDS.map(" ".join)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_place_is_in_the_text_and_reads_as_it_says(data):
    old, new = data.draw(TEXTS), data.draw(TEXTS)
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    found = find(old, new, start, end)
    for first, last in found.places:
        assert 0 <= first < last <= len(new)
    if found.start is not None:
        assert found.places == ((found.start, found.end),)
    if found.finding in (Finding.FOUND, Finding.MOVED):
        i, j = Tokens(old).span(start, end)
        k, m = Tokens(new).span(found.start, found.end)
        assert Tokens(old).words[i:j] == Tokens(new).words[k:m]
    if found.finding == Finding.CHANGED:
        assert 0 <= found.similarity < 1
    assert (found.finding == Finding.ORPHANED) == (not found.places)


@settings(max_examples=200, deadline=None)
@given(WORDS, st.data())
def test_spacing_alone_never_loses_a_place(words, data):
    old, new = " ".join(words), "  ".join(words)
    tokens = Tokens(old)
    if not tokens.words:
        return
    i = data.draw(st.integers(0, len(tokens) - 1))
    found = find(old, new, tokens.starts[i], tokens.ends[i])
    if found.finding in (Finding.FOUND, Finding.MOVED):
        assert Tokens(new).span(found.start, found.end) == (i, i + 1)
    else:
        # It may be that nothing tells the word from its like; gone it is not.
        assert found.finding == Finding.AMBIGUOUS


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS)
def test_an_alignment_rises_and_joins_the_same_words(old, new):
    image = align(old, new)
    kept = [k for k in image if k >= 0]
    assert kept == sorted(set(kept))
    assert all(old[n] == new[k] for n, k in enumerate(image) if k >= 0)


def test_it_takes_seconds_at_most_for_a_long_text_and_many_passages():
    """No timing of a benchmark: what took minutes would be of another order."""
    paragraphs = [
        f"Speaker {n}: The number {n * 7919 % 10007} was said, and again {n}." for n in range(1_700)
    ]
    old = "\n\n".join(paragraphs)
    new = old.replace("was said", "was then said").replace("Speaker 5:", "Speaker Five:")
    assert len(old) > 80_000
    begun = time.process_time()
    compared = Reanchoring(old, new)
    for n in range(0, 1_600, 8):
        start = old.index(f"Speaker {n}:")
        compared.find(start, start + 60)
    assert time.process_time() - begun < 60
