"""Plain text and Markdown: every character stays as it is, so that offsets into the text hold."""

from __future__ import annotations

import ast
import re

from .document import unify_lines

_BYTES_REPR = re.compile(r"^[^\S\n]*+(b(?:'[^\n]*'|\"[^\n]*\"))[^\S\n]*$", re.MULTILINE)


def undo_bytes_repr(text: str) -> str:
    """Undo a scraper's `str(response.content)`: a body printed as b'…\\xc2\\xa0\\n…'.

    Only where such lines make up most of the document; a transcript may well quote one.
    """
    found = list(_BYTES_REPR.finditer(text))
    if not found or sum(len(match.group()) for match in found) * 2 <= len(text):
        return text
    return unify_lines(_BYTES_REPR.sub(_bytes_of, text))


def _bytes_of(match: re.Match[str]) -> str:
    try:
        value = ast.literal_eval(match.group(1))
        return value.decode("utf-8") if isinstance(value, bytes) else match.group()
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return match.group()  # only looks like one; UnicodeDecodeError is a ValueError
