"""What every reader of documents gives back, and what all of them refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sources.parsing import TranscriptError

MAX_BYTES = 5 * 1024 * 1024  # of text, whatever it comes in
MAX_FILE_BYTES = 25 * 1024 * 1024  # of a PDF or Word file, whose pictures count too

# Tab, line feed, form feed and carriage return are the controls that text files do hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Voice:
    """Where captions say who begins to speak: offsets of the label and of the words after it."""

    name: str
    start: int
    words: int


@dataclass(frozen=True)
class ExtractedText:
    """The text of a document and what it was taken from. Offsets are code points of `text`."""

    text: str
    media_type: str  # of the document: text/plain, text/html, application/pdf, …
    times: tuple[tuple[int, int], ...] = ()  # of captions: offset, milliseconds; one for each cue
    voices: tuple[Voice, ...] = ()  # of captions that name who speaks
    note: str = ""  # what a person should know of how it was read, in a sentence


def unify_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_controls(text: str) -> None:
    """Raise TranscriptError for a control character such as NUL, which PostgreSQL cannot store."""
    control = _CONTROL.search(text)
    if control:
        raise TranscriptError(
            f"The file is not text: it holds the control character U+{ord(control.group()):04X} "
            f"at character {control.start()}."
        )


def without_controls(text: str) -> str:
    return _CONTROL.sub("", text)


def refuse_size(size: int, limit: int) -> None:
    """Raise TranscriptError for more than `limit` bytes."""
    if size > limit:
        raise TranscriptError(
            f"The file is too large: {size:,} bytes; at most {limit:,} bytes are read."
        )
