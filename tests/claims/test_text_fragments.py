"""Links that carry the words they lead to."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from claims.text_fragments import LONGEST_EXACT, folded, text_directive

# “Fragment directive grammar” of the specification, as far as `text=` goes.
TERM = r"(?:[a-zA-Z0-9!$'()*+./:;=?@_~]|%[0-9A-F]{2})+"
VALID = re.compile(
    f":~:text=(?:(?P<prefix>{TERM})-,)?(?P<start>{TERM})(?:,(?P<end>{TERM}))?(?:,-(?P<suffix>{TERM}))?"
)

TEXT = "Moscow said so, and said so again: the Alliance broke its word & the peace – twice-over, it was said."


def directive(exact, text=TEXT):
    start = text.index(exact)
    before, after = text[:start], text[start + len(exact) :]
    return text_directive(exact, before=before, after=after, page=folded(text))


def test_words_that_are_alone_need_no_context():
    assert directive("the Alliance broke its word") == (
        ":~:text=the%20Alliance%20broke%20its%20word"
    )


def test_what_divides_the_terms_is_encoded_within_them():
    assert directive("its word & the peace – twice-over, it") == (
        ":~:text=its%20word%20%26%20the%20peace%20%E2%80%93%20twice%2Dover%2C%20it"
    )


def test_few_words_come_with_the_words_around_them():
    assert (
        directive("again") == ":~:text=so%2C%20and%20said%20so-,again,-%3A%20the%20Alliance%20broke"
    )


def test_of_words_that_stand_twice_the_context_tells_which():
    text = "He said that it was so. She said that it was so, too."
    assert directive("said that it was so", text) == (
        ":~:text=He-,said%20that%20it%20was%20so,-.%20She%20said%20that"
    )


def test_part_of_a_word_comes_with_the_rest_of_it():
    assert directive("liance broke its word", TEXT).startswith(
        ":~:text=so%20again%3A%20the%20Al-,liance"
    )


def test_a_word_cut_in_the_middle_of_both_ends():
    text = "An unfortunately long sentence."
    assert directive("fortunate", text) == ":~:text=An%20un-,fortunate,-ly%20long%20sentence."


def test_where_nothing_tells_the_words_from_others_there_is_no_directive():
    page = folded("Thank you.\n\nThank you.")
    assert text_directive("Thank you.", before="", after="", page=page) == ""


def test_places_that_overlap_are_two():
    page = folded("Yes. " * 10)
    assert text_directive("Yes.", before="Yes. " * 5, after=" Yes." * 4, page=page) == ""


def test_long_words_are_a_range_from_the_first_to_the_last():
    words = [f"word{n}" for n in range(100)]
    found = VALID.fullmatch(directive(" ".join(words), "Well, " + " ".join(words)))
    assert unquote(found["start"]) == " ".join(words[:6])
    assert unquote(found["end"]) == " ".join(words[-6:])


def test_no_term_runs_over_the_end_of_a_paragraph():
    text = "First comes this one sentence.\n \nThen there\nis another one, and more."
    found = VALID.fullmatch(directive("this one sentence.\n \nThen there\nis another one", text))
    assert (unquote(found["start"]), unquote(found["end"])) == (
        "this one sentence.",
        "Then there is another one",
    )


def matches(found, page):
    """Where a browser would look: the first place that reads so, context and all."""
    terms = {name: folded(unquote(value or "")) for name, value in found.groupdict().items()}
    if terms["end"]:
        return 1
    pattern = r"\s*".join(re.escape(terms[name]) for name in ("prefix", "start", "suffix"))
    return re.search(pattern, page)


paragraph = st.lists(
    st.sampled_from(["so", "it", "was", "said", "a-b", "c, d", "&", "é", "Это", "“q”"]), min_size=1
)


@given(paragraph, st.data())
def test_every_directive_is_valid_and_the_first_match_is_the_passage(words, data):
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    exact = text[start:end]
    if not exact.strip():
        return
    page = folded(text)
    made = text_directive(exact, before=text[:start], after=text[end:], page=page)
    if not made:
        return
    found = VALID.fullmatch(made)
    assert found, made
    if len(exact) <= LONGEST_EXACT:
        place = matches(found, page)
        prefix = folded(unquote(found["prefix"] or ""))
        before = folded(text[:start])
        assert place
        assert page[: place.start() + len(prefix)].strip() == before
