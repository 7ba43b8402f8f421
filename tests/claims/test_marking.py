"""Passages marked in a text: nothing of the text is lost, and the marks close as they open."""

from hypothesis import given
from hypothesis import strategies as st

from claims.marking import Piece, gaps, in_order, mark, paragraphs

texts = st.text(alphabet="ab \n\u00a0é", min_size=1, max_size=60)


@st.composite
def marked_texts(draw):
    text = draw(texts)
    edge = st.integers(0, len(text))
    edges = sorted(draw(st.sets(edge, max_size=6)))
    blocks = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if a < b]
    spans = [(a, b) for a, b in draw(st.lists(st.tuples(edge, edge), max_size=6)) if a < b]
    return text, blocks, spans


def pieces(marked) -> list[Piece]:
    return [p for block in marked for par in block for segment in par for p in segment.opens]


@given(marked_texts())
def test_segments_put_together_are_the_text(given_text):
    text, blocks, spans = given_text
    marked = mark(text, blocks, spans)

    assert ["".join(s.text for par in block for s in par) for block in marked] == [
        text[a:b] for a, b in blocks
    ]
    assert all(segment.text for block in marked for par in block for segment in par)


@given(marked_texts())
def test_each_character_is_marked_by_exactly_the_passages_that_cover_it(given_text):
    text, blocks, spans = given_text
    for (position, _), block in zip(blocks, mark(text, blocks, spans), strict=True):
        for paragraph in block:
            stack = []
            for segment in paragraph:
                stack += segment.opens
                for _ in segment.text:
                    covering = {span for span in spans if span[0] <= position < span[1]}
                    assert {piece.span for piece in stack} == covering
                    assert len(stack) == len(covering)
                    position += 1
                for piece in segment.closes:
                    assert stack.pop() is piece, "elements close in the reverse order"
            assert stack == [], "no element outlives its paragraph"


@given(marked_texts())
def test_each_passage_has_one_first_and_one_last_piece(given_text):
    text, blocks, spans = given_text
    found = pieces(mark(text, blocks, spans))
    seen = {piece.span for piece in found}

    assert sorted(p.span for p in found if p.first) == sorted(seen)
    assert sorted(p.span for p in found if p.last) == sorted(seen)
    assert {p.number: p.span for p in found} == {
        number: span for number, span in enumerate(in_order(spans), start=1) if span in seen
    }


@given(marked_texts())
def test_what_lies_in_no_block_is_found_in_a_gap(given_text):
    text, blocks, spans = given_text
    found = gaps(len(text), blocks, spans)

    for start, end in spans:
        outside = all(end <= a or b <= start for a, b in blocks)
        assert outside == any(a <= start and end <= b for a, b in found)


def sketch(text, *spans):
    """The marked text as one would write it by hand."""
    ((paragraph,),) = mark(text, [(0, len(text))], spans)
    return "".join(
        "".join(f"<{p.number}" for p in s.opens) + s.text + ">" * len(s.closes) for s in paragraph
    )


def test_a_passage_within_another_does_not_cut_it():
    assert sketch("abcdef", (1, 5), (2, 4)) == "a<1b<2cd>e>f"


def test_of_two_that_overlap_the_inner_one_is_cut():
    assert sketch("abcdef", (0, 4), (2, 6)) == "<1ab<2cd>><2ef>"


def test_two_that_begin_together():
    assert sketch("abc", (0, 1), (0, 3)) == "<1<2a>bc>"


def test_paragraphs_end_after_their_blank_lines():
    text = "One.\n\nTwo,\nstill two.\n \u00a0\nThree."
    spans = paragraphs(text, (0, len(text)))
    assert [text[a:b] for a, b in spans] == ["One.\n\n", "Two,\nstill two.\n \u00a0\n", "Three."]


def test_a_passage_over_two_paragraphs_and_two_blocks_runs_on():
    text = "Ab.\n\nCd. Ef."
    marked = mark(text, [(0, 8), (9, 12)], [(1, 11)])

    assert [(p.first, p.last) for p in pieces(marked)] == [
        (True, False),
        (False, False),
        (False, True),
    ]
