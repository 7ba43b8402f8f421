"""Bytes in, text out: what is kept, what is undone and what is refused."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.extraction import MAX_BYTES, MAX_TAGS, extract_text
from sources.parsing import TranscriptError, parse_transcript


def text_of(data: bytes | str, filename: str = "") -> str:
    raw = data.encode() if isinstance(data, str) else data
    return extract_text(raw, filename=filename).text


# --- plain text ----------------------------------------------------------------------------------


def test_plain_text_is_kept_exactly() -> None:
    text = "  MR. X:\u00a0 Hello\t \n\n\n“It’s”   here.  \n\x0c* a *\n"
    assert extract_text(text.encode(), filename="a.txt").text == text
    assert extract_text(text.encode(), filename="a.txt").media_type == "text/plain"


def test_markdown_is_kept_exactly() -> None:
    text = "---\ntitle: x\n---\n\n**MR. X:** Hello  \nthere <b>you</b> &amp; me\n"
    extracted = extract_text(text.encode(), filename="A.MD")
    assert (extracted.text, extracted.media_type) == (text, "text/markdown")


def test_byte_order_mark_is_removed_and_line_ends_are_unified() -> None:
    assert text_of(b"\xef\xbb\xbfone\r\ntwo\rthree\n\r\nfour") == "one\ntwo\nthree\n\nfour"


def markup_free_text() -> st.SearchStrategy[str]:
    return st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<\ufeff"), min_size=1
    ).filter(str.strip)


@given(markup_free_text())
def test_any_text_without_markup_comes_back(text: str) -> None:
    assert text_of(text) == text


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_a_transcript_error(data: bytes) -> None:
    try:
        text = extract_text(data).text
    except TranscriptError:
        return
    assert text.strip()
    assert "\x00" not in text
    assert "\r" not in text


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"<html><body></body></html>"]
)
def test_empty_file(data: bytes) -> None:
    with pytest.raises(TranscriptError, match="empty"):
        extract_text(data)


@pytest.mark.parametrize(
    "data", [b"MR. X: a\x00b", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04 abc"]
)
def test_not_text(data: bytes) -> None:
    with pytest.raises(TranscriptError, match="not text"):
        extract_text(data)


def test_invalid_utf_8_names_the_byte() -> None:
    with pytest.raises(TranscriptError, match=r"0xe9 at byte offset 5\."):
        extract_text(b"abc: \xe9t\xe9")


def test_utf_16_is_named() -> None:
    with pytest.raises(TranscriptError, match="UTF-16"):
        extract_text("Hello".encode("utf-16"))


def test_size_limit_names_both_sizes() -> None:
    assert len(text_of(b"a" * MAX_BYTES)) == MAX_BYTES
    with pytest.raises(TranscriptError, match=r"5,242,881 bytes; at most 5,242,880 bytes"):
        extract_text(b"a" * (MAX_BYTES + 1))


def test_nul_hidden_in_a_bytes_repr_is_refused() -> None:
    with pytest.raises(TranscriptError, match=r"U\+0000"):
        extract_text(rb"b'MR. X: Hello\x00there, all of you.'")


@pytest.mark.parametrize("reference", ["&#0;", "&#1;", "&#27;"])
def test_control_characters_of_html_do_not_pass(reference: str) -> None:
    try:
        text = text_of(f"<html><body><p>MR. X: a{reference}b</p></body></html>")
    except TranscriptError:
        return
    assert not any(ord(character) < 32 and character not in "\n\t\f" for character in text)


# --- HTML ------------------------------------------------------------------------------------------


def test_html_becomes_paragraphs_with_their_labels() -> None:
    page = """<!DOCTYPE html><html><head><title>Briefing</title><style>p {}</style></head><body>
      <nav><a href="/">Home</a></nav><div class="navLinks">Previous Index</div>
      <h1>Department Press Briefing</h1>
      <p><strong>MR PRICE:</strong>
         Good&nbsp;day,
         <em>all</em>.</p><p>QUESTION: Why &amp; how?<br/>And when?</p>
      <script>alert("MR. EVIL: no")</script><!-- MR. GHOST: no -->
      <footer>Privacy</footer></body></html>"""
    extracted = extract_text(page.encode(), filename="page.txt")
    assert extracted.media_type == "text/html"
    assert extracted.text == (
        "Department Press Briefing\n\nMR PRICE: Good\u00a0day, all.\n\n"
        "QUESTION: Why & how?\nAnd when?\n"
    )


def test_html_is_recognised_by_content_not_by_name() -> None:
    plain = "MR. X: He wrote <p> and <b>bold</b> on the wall.\n"
    assert extract_text(plain.encode(), filename="x.html").text == plain
    assert text_of("<h1>A</h1>\n<p>B</p>", "x.txt") == "A\n\nB\n"
    assert text_of('<?xml version="1.0"?><!DOCTYPE html><html><p>B</p></html>') == "B\n"


def test_title_element_stands_in_for_a_missing_heading() -> None:
    assert text_of("<html><head><title>T</title></head><body><p>B</p></body></html>") == "T\n\nB\n"


def test_hansard_page_keeps_labels_and_column_marks() -> None:
    page = """<html><body><p><a name="x"> </a>1. <a name="y"> </a><b>Mr John Roe (Delyn) (Lab):</b>
When he expects it. [6]</p><p><b>The Minister (Mr William Doe):</b>
It is hypocrisy  <br/>

</p><a name="column_772"> </a><p><b>19 July 2011 : Column 772</b></p><p>of them.</p></body></html>"""
    text = text_of(page)
    assert text == (
        "1. Mr John Roe (Delyn) (Lab): When he expects it. [6]\n\n"
        "The Minister (Mr William Doe): It is hypocrisy\n\n19 July 2011 : Column 772\n\nof them.\n"
    )
    assert [turn.label for turn in parse_transcript(text).turns] == [
        "Mr John Roe (Delyn) (Lab)",
        "The Minister (Mr William Doe)",
    ]


def test_preformatted_text_keeps_its_lines() -> None:
    assert text_of("<html><pre>MR. X: a\n\nQ    b</pre></html>") == "MR. X: a\n\nQ    b\n"


# --- the repr of bytes -----------------------------------------------------------------------------


def test_body_that_is_the_repr_of_bytes_is_undone() -> None:
    page = (
        "<h1>A Call</h1>\n"
        r"b'<div>\n<p>3:03 P.M. EST<br/>\n<br/>\n\t\xc2\xa0\xc2\xa0 MS. X:\xc2\xa0 It\xe2\x80\x99s me.<br/>"
        r"\n<br/>\n\tQ\xc2\xa0\xc2\xa0 I\'d ask?</p></div>'"
    )
    text = text_of(page)
    assert text == "A Call\n\n3:03 P.M. EST\n\nMS. X:\u00a0 It’s me.\n\nQ\u00a0\u00a0 I'd ask?\n"
    assert [turn.label for turn in parse_transcript(text).turns] == ["MS. X", "Q"]


def test_repr_of_plain_text_is_undone_too() -> None:
    assert (
        text_of(rb'b"MR. X:\xc2\xa0 It\'s me.\r\n\r\nQ    Why?"')
        == "MR. X:\u00a0 It's me.\n\nQ    Why?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "MR. X: He typed\n\nb'abc'\n\nand went home, and so did all the rest of us.\n",
        "b'not \\xff utf-8'",
        "b'unfinished \\'",
        "b'two' + b'parts'",
    ],
)
def test_what_only_looks_like_a_repr_stays(text: str) -> None:
    assert text_of(text) == text


# --- hostile pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 150_000, "<p>" + "<!--" * 500_000, "<p>" + '<a href="' * 300_000, "<p>" + "<a " * 500_000,
     "<p>" + "<" * 1_000_000, "<p>" + "&#" * 500_000, "<p><script>" * 100_000, "<p>" + "<a /" * 300_000,
     "<p>" + "<![CDATA[" * 200_000],
)  # fmt: skip
def test_hostile_html_takes_no_minutes(markup: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(TranscriptError):
        extract_text(markup.encode())
    assert time.perf_counter() - started < 30


def test_too_many_tags() -> None:
    with pytest.raises(TranscriptError, match=r"200,001 HTML tags; at most 200,000"):
        extract_text(b"<p>" * (MAX_TAGS + 1))
