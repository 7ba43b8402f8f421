"""Bytes of a document -> its text; each kind of document has its own reader, in a module of this package.

What it is shows in its content first, then in what its server says, then in its name.
"""

from __future__ import annotations

import re

from sources.parsing import TranscriptError

from . import charsets, html, plain
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
    so that offsets into the text hold; HTML becomes paragraphs separated by blank lines, with `article`
    without what stands around the article.

    Raises `TranscriptError`, with a sentence for a person, and nothing else for any bytes: for an empty
    file, one that is too large, one that is no text, and control characters such as NUL.
    """
    refuse_size(len(data), MAX_BYTES)
    if not data.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    fetched = bool(media_type or charset)
    note = ""
    if fetched:
        text, note = charsets.decode_fetched(data, charset=charset)
    else:
        text = charsets.decode_uploaded(data, is_page=bool(_LOOKS_LIKE_A_PAGE.match(data)))
    text = unify_lines(text)
    if fetched:
        text = without_controls(text)
    refuse_controls(text)
    undone = plain.undo_bytes_repr(text)
    if html.is_html(undone) or media_type in _PAGES:
        text, kind = html.read(undone), "text/html"
    else:
        text = undone
        markdown = filename.lower().endswith((".md", ".markdown")) or media_type == "text/markdown"
        kind = "text/markdown" if markdown else "text/plain"
    refuse_controls(text)
    if not text.strip():
        raise TranscriptError("The file is empty: it holds no text.")
    return ExtractedText(text, kind, note=note)
