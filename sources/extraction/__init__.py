"""Bytes of a document -> its text; each kind of document has its own reader, in a module of this package.

What it is shows in its content first, then in what its server says, then in its name.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

from sources.parsing import TranscriptError

from . import apart, captions, charsets, html, plain
from .document import (
    MAX_BYTES,
    MAX_FILE_BYTES,
    ExtractedText,
    Voice,
    refuse_controls,
    refuse_size,
    unify_lines,
    without_controls,
)
from .html import MAX_TAGS

__all__ = ["MAX_BYTES", "MAX_FILE_BYTES", "MAX_TAGS", "ExtractedText", "Voice", "extract_text"]

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_CALLED = {"pdf": "PDF file", "docx": "Word file"}
_UNREAD = [
    (b"\xd0\xcf\x11\xe0", "An old Word file (DOC)"),
    (b"{\\rtf", "Rich text (RTF)"),
]
_PAGES = {"text/html", "application/xhtml+xml"}
_LOOKS_LIKE_A_PAGE = re.compile(rb"\s*<", re.ASCII)


def extract_text(
    data: bytes,
    *,
    filename: str = "",
    media_type: str = "",
    charset: str = "",
    article: bool = False,
) -> ExtractedText:
    """The text of `data`: without byte order mark, lines ending in "\\n".

    `media_type` and `charset` are what a server said of bytes that were fetched; both empty, a person
    hands them over, and text has to be UTF-8. Plain text and Markdown are kept character for character,
    so that offsets into the text hold; HTML, PDF and Word files become paragraphs separated by blank lines
    (HTML with `article` without what stands around the article), and captions running text with times.

    Raises `TranscriptError`, with a sentence for a person, and nothing else for any bytes: for an empty
    file, one that is too large, one that is no text, and control characters such as NUL.
    """
    apart_as = _read_apart(data, filename, media_type)
    refuse_size(len(data), MAX_FILE_BYTES if apart_as else MAX_BYTES)
    if not data.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    if apart_as:
        text = without_controls(unify_lines(apart.read(apart_as, data, called=_CALLED[apart_as])))
        return _checked(ExtractedText(text, _MEDIA_TYPES[apart_as]))
    fetched = bool(media_type or charset)
    note = ""
    if fetched:
        text, note = charsets.decode_fetched(data, charset=charset)
        text = without_controls(text)
    else:
        text = charsets.decode_uploaded(data, is_page=bool(_LOOKS_LIKE_A_PAGE.match(data)))
    text = unify_lines(text)
    refuse_controls(text)
    if kind := captions.kind_of(text):
        return _checked(replace(captions.read(text, kind), note=note))
    text = plain.undo_bytes_repr(text)
    if html.is_html(text) or media_type in _PAGES:
        return _checked(ExtractedText(_page(text, article=article), "text/html", note=note))
    markdown = filename.lower().endswith((".md", ".markdown")) or media_type == "text/markdown"
    return _checked(ExtractedText(text, "text/markdown" if markdown else "text/plain", note=note))


def _read_apart(data: bytes, filename: str, media_type: str) -> str:
    """The reader of documents that are no text themselves; "" for text. Refuses those that have none."""
    opening = data[:1024]
    named = media_type == _MEDIA_TYPES["pdf"] or filename.lower().endswith(".pdf")
    if opening.startswith(pdf_magic := b"%PDF-") or (named and pdf_magic in opening):
        return "pdf"
    if opening.startswith(b"PK\x03\x04"):
        return "docx"
    for magic, called in _UNREAD:
        if opening.startswith(magic):
            raise TranscriptError(f"{called} is not read: save it as DOCX, PDF or plain text.")
    if media_type in _MEDIA_TYPES.values() or named:
        raise TranscriptError(
            "The file is not what its name or its server says: no PDF or Word file."
        )
    return ""


def _page(markup: str, *, article: bool) -> str:
    """The text of a page: of the article in it, if that is asked for and there is one, or all of it."""
    if article:
        html.refuse_too_many_tags(markup)
        with contextlib.suppress(TranscriptError):
            if text := apart.read("article", markup.encode(), called="page"):
                return unify_lines(without_controls(text))
    return html.read(markup)


def _checked(extracted: ExtractedText) -> ExtractedText:
    refuse_controls(extracted.text)
    if not extracted.text.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    return extracted
