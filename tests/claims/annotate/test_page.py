"""The page's elements with `data-start`, put together, are the stored text, whatever is marked in it."""

import html
import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from claims.annotate.page import Mark, cut
from claims.marking import mark
from claims.templatetags.annotate import segments
from sources.models import Turn
from tests.claims.annotate.test_selection import texts


@st.composite
def transcripts(draw):
    """A text, its turns (with labels that stand before them or do not), and spans."""
    text = draw(texts)
    edge = st.integers(0, len(text))
    edges = sorted(draw(st.sets(edge, max_size=6)))
    turns = []
    for position, (start, end) in enumerate(zip(edges[::2], edges[1::2], strict=False), start=1):
        before = text[turns[-1].end if turns else 0 : start]
        label = draw(st.sampled_from(["", before.strip()[:3], "MR. ROE"]))
        turns.append(Turn(position=position, label=label, start=start, end=end))
    spans = [(a, b) for a, b in draw(st.lists(st.tuples(edge, edge), max_size=6)) if a < b]
    return text, turns, spans


@given(transcripts())
def test_blocks_leave_out_no_character(transcript):
    text, turns, _ = transcript
    blocks = list(cut(text, turns))
    parts = [part for block in blocks for part in (block.label, block.words) if part]

    assert "".join(text[a:b] for a, b in parts) == text
    assert [block.turn for block in blocks if block.turn] == turns
    assert all((block.start, block.end) != (0, 0) for block in blocks)
    assert len({block.key for block in blocks}) == len(blocks)


@given(transcripts())
def test_what_is_rendered_reads_as_the_text_and_marks_add_nothing(transcript):
    text, turns, spans = transcript
    parts = [p for block in cut(text, turns) for p in (block.label, block.words) if p]
    marks = {span: Mark(span) for span in spans}
    rendered = "".join(
        segments(paragraph, marks) for block in mark(text, parts, spans) for paragraph in block
    )

    assert html.unescape(re.sub("<[^>]*>", "", rendered).replace("&#13;", "\r")) == text
    buttons = BeautifulSoup(rendered, "html.parser").find_all("button")
    assert sorted(button["value"] for button in buttons) == sorted(
        f"{a}-{b}" for a, b in set(spans)
    )
    assert all(button.get_text() == "" for button in buttons)


def test_a_mark_names_its_kinds_by_letters_and_words():
    row = Mark((3, 9), {"rebuttal": ["rebuttal of “B”"], "appearance": ["x", "appearance of “A”"]})

    assert (row.letters, row.kinds, row.key) == ("A2 R", "rebuttal", "3-9")
    assert row.name == "A2 R: x; appearance of “A”; rebuttal of “B”"
    assert Mark((1, 2)).name == "–: marked, nothing on it"
    assert Mark((1, 2)).kinds == "bare"


@pytest.mark.parametrize(
    ("text", "turns", "parts"),
    [
        (
            "Head\n\nA: x\nB: y\n",
            [("A", 9, 10), ("B", 14, 15)],
            ["Head\n\n", "A: ", "x", "\nB: ", "y", "\n"],
        ),
        ("x", [("", 0, 1)], ["x"]),
        ("x (laughter) y", [("", 0, 1), ("", 13, 14)], ["x", " (laughter) ", "y"]),
        ("A: x. Notes", [("A", 3, 5)], ["A: ", "x.", " Notes"]),
    ],
)
def test_labels_stand_beside_their_turn_and_the_rest_by_itself(text, turns, parts):
    rows = [Turn(position=n, label=w, start=a, end=b) for n, (w, a, b) in enumerate(turns, 1)]
    found = [p for block in cut(text, rows) for p in (block.label, block.words) if p]
    assert [text[a:b] for a, b in found] == parts
