"""PDF -> text: lines as they stand, words whole, and a sentence for each file that cannot be read."""

from __future__ import annotations

import contextlib
import random
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.extraction import MAX_FILE_BYTES, apart, extract_text, pdf
from sources.parsing import TranscriptError, parse_transcript

from . import documents

BRIEFING = [
    ["Briefing on the Alliance", "January 7, 2022"],
    ["SECRETARY DOE: Good afternoon. Moscow claims that the Alliance\npromised not to grow. It never did."],
]  # fmt: skip


def text_of(data: bytes) -> str:
    return extract_text(data, filename="briefing.pdf").text


def test_a_pdf_becomes_lines_and_paragraphs_and_turns() -> None:
    data = documents.pdf(
        [
            [
                "Briefing on the Alliance",
                "SECRETARY DOE: Good afternoon. Moscow claims\nthat the Alliance promised not to grow.",
                "It never promised that.",
                "QUESTION: Did anybody ask?",
            ],
            ["SECRETARY DOE: Nobody did."],
        ]
    )
    extracted = extract_text(data)
    assert extracted.media_type == "application/pdf"
    assert extracted.text == (
        "Briefing on the Alliance\n\n"
        "SECRETARY DOE: Good afternoon. Moscow claims\nthat the Alliance promised not to grow.\n\n"
        "It never promised that.\n\nQUESTION: Did anybody ask?\n\nSECRETARY DOE: Nobody did.\n"
    )
    turns = parse_transcript(extracted.text).turns
    assert [turn.label for turn in turns] == ["SECRETARY DOE", "QUESTION", "SECRETARY DOE"]
    assert extracted.text[turns[0].start : turns[0].end].endswith("It never promised that.")


def test_the_same_bytes_give_the_same_text() -> None:
    data = documents.pdf(BRIEFING)
    assert text_of(data) == text_of(data)


def test_heads_feet_and_page_numbers_that_interrupt_a_turn_are_left_out() -> None:
    pages = [
        [f"MR. ROE: This is what was said on sheet {name}."] for name in ("one", "two", "three")
    ]
    text = text_of(documents.pdf(pages, head="Briefing of January 7", foot="Page {n} of 3"))
    assert "Page" not in text
    assert "Briefing of January 7" not in text
    assert text.count("MR. ROE: This is what was said on sheet") == 3


def test_what_somebody_says_on_each_page_is_no_head_of_it() -> None:
    pages = [["QUESTION: Thank you.", f"MR. ROE: Number {n}."] for n in range(4)]
    assert text_of(documents.pdf(pages)).count("QUESTION: Thank you.") == 4


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("the infor-\nmation of it", "the information\nof it"),
        ("the infor-\nmation, of it", "the information,\nof it"),
        ("infor\u00ad\nmation", "information\n"),
        # Hyphens that belong to the word.
        ("a well-\nknown thing", "a well-known\nthing"),
        ("a non-\nnuclear thing", "a non-nuclear\nthing"),
        ("the cease-\nfire. A cease-fire", "the cease-fire.\nA cease-fire"),
        ("in Nagorno-\nKarabakh", "in Nagorno-Karabakh\n"),
        ("some air-\ncraft in the air; no craft", "some air-craft\nin the air; no craft"),
        # Known elsewhere as one word.
        ("the re-\nsponse, and a response", "the response,\nand a response"),
        # No words that are divided.
        ("1949-\n1991", "1949-\n1991"),
        ("and then –\nnothing", "and then –\nnothing"),
        ("he said -\nand left", "he said -\nand left"),
    ],
)
def test_words_divided_at_the_end_of_a_line(text: str, whole: str) -> None:
    assert pdf.undivided(text) == whole


def test_columns_are_read_one_after_the_other() -> None:
    from fpdf import FPDF

    file = FPDF()
    file.set_font("helvetica", size=11)
    file.add_page()
    for column, word in ((10, "left"), (110, "right")):
        file.set_y(30)
        for line in range(3):
            file.set_x(column)
            file.cell(80, 5, f"{word} line {line}.", new_x="LMARGIN", new_y="NEXT")
    assert text_of(bytes(file.output())) == (
        "left line 0.\nleft line 1.\nleft line 2.\n\nright line 0.\nright line 1.\nright line 2.\n"
    )


def test_one_that_needs_a_password_is_refused_and_one_that_opens_without_is_read() -> None:
    with pytest.raises(TranscriptError, match="locked with a password"):
        text_of(documents.pdf(BRIEFING, user_password="secret"))
    assert "Moscow claims" in text_of(documents.pdf(BRIEFING, user_password=""))


def test_one_of_mere_pictures_is_refused() -> None:
    from fpdf import FPDF
    from PIL import Image

    file = FPDF()
    file.add_page()
    file.image(Image.new("RGB", (40, 40), "white"), 10, 10, 50)
    with pytest.raises(TranscriptError, match="no text: it is pictures of pages"):
        text_of(bytes(file.output()))


def test_one_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    with pytest.raises(TranscriptError, match="3 pages; at most 2"):
        pdf.read(documents.pdf([["a"], ["b"], ["c"]]))


def test_one_that_is_too_large_is_refused() -> None:
    with pytest.raises(TranscriptError, match="too large"):
        extract_text(b"%PDF-1.7" + b" " * MAX_FILE_BYTES)


def test_what_is_merely_called_pdf_is_refused() -> None:
    with pytest.raises(TranscriptError, match="not what its name or its server says"):
        extract_text(b"MR. X: Hello there.", filename="a.pdf")
    with pytest.raises(TranscriptError, match="not what its name or its server says"):
        extract_text(b"MR. X: Hello there.", media_type="application/pdf")


# --- hostile files: the process that reads them has its limits ---------------------------------------


def with_objects(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%b endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (count, len(data))
    return data + head + table + tail


LOOPS = {
    "pages that are their own parents": with_objects(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 9>>"
    ),
    "a cross-reference table before itself": b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \n"
    b"trailer<</Prev 9/Size 1>>\nstartxref\n9\n%%EOF",
    "no more than a beginning": b"%PDF-1.7",
    "a catalogue that is itself": with_objects(b" 1 0 R"),
    "two catalogues that are each other": with_objects(b" 2 0 R", b" 1 0 R"),
    "a million brackets": b"%PDF-1.4\n1 0 obj" + b"[" * 1_000_000 + b"endobj\nstartxref\n9\n%%EOF",
    "a million dictionaries": b"%PDF-1.4\n1 0 obj" + b"<</A" * 300_000 + b"endobj",
}


@pytest.mark.parametrize("name", LOOPS)
def test_broken_ones_end_with_a_sentence(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(TranscriptError, match="PDF"):
        extract_text(LOOPS[name])
    assert time.monotonic() - started < 150


def with_content(content: bytes) -> bytes:
    """A PDF of one page that is drawn by `content`, packed."""
    packed = zlib.compress(content, 9)
    return with_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
    )


def test_such_a_page_can_be_read() -> None:
    assert text_of(with_content(b"BT /F 12 Tf 50 100 Td (Hello) Tj ET")) == "Hello\n"


def test_a_stream_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    bomb = with_content(b" " * 400_000_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(TranscriptError, match="PDF"):
        extract_text(bomb)


def test_what_takes_too_long_is_ended() -> None:
    endless = with_content(b"BT /F 12 Tf (Hello) Tj ET " * 2_000_000)
    started = time.monotonic()
    with pytest.raises(TranscriptError, match=r"needs more than 2 seconds or 1,536 MB\."):
        apart.read("pdf", endless, called="PDF file", seconds=2)
    assert time.monotonic() - started < 30


WHOLE = documents.pdf(BRIEFING)


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_a_damaged_one_gives_text_or_a_transcript_error(chance: random.Random, bites: int) -> None:
    data = bytearray(WHOLE)
    for _ in range(bites):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 50)]
            case 2:
                data[place:place] = data[place : place + chance.randrange(1, 50)]
            case _:
                data[place:place] = str(chance.randrange(10**6)).encode()
    try:
        text = pdf.read(bytes(data))
    except TranscriptError:
        return
    assert text.strip()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_behind_the_sign_of_a_pdf(data: bytes) -> None:
    with contextlib.suppress(TranscriptError):
        assert pdf.read(pdf.MAGIC + data).strip()
