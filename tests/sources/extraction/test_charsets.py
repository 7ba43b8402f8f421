"""Bytes -> characters: what is fetched, and what a person hands over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.extraction import charsets, extract_text
from sources.parsing import TranscriptError

RUSSIAN = "Россия утверждает, что Альянс обещал не расширяться. Такого обещания никто не давал."


def page(text: str, *, meta: str = "") -> str:
    named = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{named}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("encoding", "header", "meta", "note"),
    [
        # A byte order mark goes before all.
        ("utf-8-sig", "windows-1251", "koi8-r", ""),
        ("utf-16", "utf-8", "utf-8", ""),
        # Then what the server says, then the page.
        ("cp1251", "windows-1251", "", ""),
        ("cp1251", '"Windows-1251"', "windows-1251", ""),
        ("koi8-r", "koi8-r", "windows-1251", "the page says otherwise"),
        ("cp1251", "", "windows-1251", ""),
        ("cp1251", "no-such-charset", "windows-1251", ""),
        ("utf-8", "", "", ""),
        # The server is wrong, and the page is right.
        ("cp1251", "utf-8", "windows-1251", "its server says otherwise"),
        # Nobody says what is true.
        ("cp1251", "utf-8", "utf-8", "read as cp1251, by its letters"),
        ("cp1251", "", "", "read as cp1251, by its letters"),
    ],
)
def test_what_is_fetched(encoding: str, header: str, meta: str, note: str) -> None:
    data = page(RUSSIAN, meta=meta).encode(encoding)
    extracted = extract_text(data, media_type="text/html", charset=header)
    assert extracted.text == f"{RUSSIAN}\n"
    assert note in extracted.note
    assert bool(note) == bool(extracted.note)


def test_a_few_broken_bytes_do_not_make_another_charset_of_it() -> None:
    data = page(RUSSIAN * 20).encode().replace("давал".encode(), b"\xd0", 1)
    extracted = extract_text(data, media_type="text/html", charset="utf-8")
    assert RUSSIAN in extracted.text
    assert extracted.text.count("\ufffd") == 1
    assert "broken" in extracted.note


def test_iso_8859_1_means_what_browsers_take_it_for() -> None:
    data = page("“Never” — 5 €").encode("cp1252")
    assert (
        extract_text(data, media_type="text/html", charset="iso-8859-1").text == "“Never” — 5 €\n"
    )


@pytest.mark.parametrize(
    "name",
    ["idna", "punycode", "utf-7", "unicode_escape", "rot13", "base64", "zlib", "hex", "mbcs", "\x00", "",
     "é" * 50],
)  # fmt: skip
def test_what_is_no_charset_of_pages_is_not_believed(name: str) -> None:
    assert charsets.known(name) == ""
    assert extract_text(b"plain text", media_type="text/plain", charset=name).text == "plain text"


def test_fetched_pages_lose_stray_control_characters() -> None:
    assert extract_text(b"<p>a\x08b</p><p>c</p>", media_type="text/html").text == "ab\n\nc\n"


def test_what_a_person_hands_over_is_utf_8_or_a_page_that_names_its_charset() -> None:
    data = page(RUSSIAN, meta="windows-1251").encode("cp1251")
    assert extract_text(data).text == f"{RUSSIAN}\n"
    with pytest.raises(TranscriptError, match="not valid UTF-8"):
        extract_text(page(RUSSIAN).encode("cp1251"))
    with pytest.raises(TranscriptError, match="not valid UTF-8"):
        extract_text(f"charset=windows-1251 {RUSSIAN}".encode("cp1251"))


def test_a_page_that_says_utf_8_and_is_not_is_refused() -> None:
    with pytest.raises(TranscriptError, match="not valid UTF-8"):
        extract_text(page(RUSSIAN, meta="utf-8").encode("cp1251"))


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "utf-8", "utf-16", "gb18030", "iso-2022-jp", "cp1252", "x" * 100]),
    st.sampled_from(["", "text/html", "text/plain", "text/markdown", "application/pdf"]),
    st.sampled_from([b"", b"<html>", b"WEBVTT\n\n", b"\xff\xfe", b'<meta charset="gbk">']),
)
def test_any_bytes_that_are_fetched_give_text_or_a_transcript_error(
    data: bytes, charset: str, media_type: str, opening: bytes
) -> None:
    try:
        text = extract_text(opening + data, charset=charset, media_type=media_type).text
    except TranscriptError:
        return
    assert text.strip()
    assert "\x00" not in text
    assert "\r" not in text
    text.encode()  # no half of a pair of surrogates
