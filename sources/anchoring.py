"""A quotation and its place in a text, each from the other. Pure functions.

Offsets are Unicode code points, start inclusive, end exclusive, as in the W3C Web Annotation Data
Model: TextPositionSelector (section 4.2.5) and TextQuoteSelector (section 4.2.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# How much of the surrounding text a quotation keeps on each side, in code points: enough to tell
# repeated phrases of a speech apart, little enough to stay a quotation.
CONTEXT = 32

_PARAGRAPH_END = re.compile(r"\n\s*\n\s*")
_SENTENCE_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][”’»)\"]))\s+")


class AnchoringError(ValueError):
    """A quotation or a span has no one place in the text."""


@dataclass(frozen=True)
class Quotation:
    """What a TextQuoteSelector holds: the words, and up to `CONTEXT` code points on each side."""

    exact: str
    prefix: str
    suffix: str


def select(text: str, start: int, end: int) -> Quotation:
    """Return the Quotation of `text[start:end]`.

    Raises AnchoringError unless `0 <= start < end <= len(text)`.
    """
    if not 0 <= start < end <= len(text):
        raise AnchoringError(
            f"The span {start}–{end} is not within the text, which has {len(text)} code points."
        )
    return Quotation(
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
    )


def places(text: str, exact: str, *, prefix: str = "", suffix: str = "") -> list[tuple[int, int]]:
    """Return (start, end) of each place where `text` reads `prefix`, `exact`, `suffix` in a row, overlaps
    included. Any white space in them stands for any other: a text may break its lines anywhere."""
    before, words, after = (
        r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in (prefix, exact, suffix)
    )
    # Looked for by looking ahead, so that the next place may begin before this one ends.
    pattern = re.compile(f"(?={before}(?P<exact>{words}){after})")
    return [match.span("exact") for match in pattern.finditer(text)]


def locate(text: str, exact: str, *, prefix: str = "", suffix: str = "") -> tuple[int, int]:
    """Return (start, end) of the one place where `text` reads `exact` between `prefix` and `suffix`,
    whatever the white space between its words.

    Raises AnchoringError for an empty quotation, for none, and for more than one such place: a
    look-alike is never taken for the passage that was meant.
    """
    if not exact.strip():
        raise AnchoringError("The quotation is empty.")
    found = places(text, exact, prefix=prefix, suffix=suffix)
    if not found:
        raise AnchoringError(f"The text does not read “{exact}”.")
    if len(found) > 1:
        raise AnchoringError(
            f"The text reads “{exact}” in {len(found)} places: give the words just before or after it."
        )
    return found[0]


def words_before(text: str, *, whole: bool) -> str:
    """Return the end of `text` as a reader can take it in: within the last paragraph, from the beginning of
    a sentence on, or else of a word, with an ellipsis. `whole`: nothing stands before `text`."""
    paragraph = _PARAGRAPH_END.split(text)[-1]
    if whole or paragraph != text:
        return paragraph.lstrip()
    sentence = _SENTENCE_END.split(paragraph, maxsplit=1)
    if sentence[1:] and sentence[1]:
        return sentence[1]
    _, space, words = paragraph.partition(" ")
    return f"… {words}" if space else ""


def words_after(text: str, *, whole: bool) -> str:
    """Return the beginning of `text` as a reader can take it in: within the first paragraph, to the end of
    a sentence, or else of a word, with an ellipsis. `whole`: nothing follows `text`."""
    paragraph = _PARAGRAPH_END.split(text)[0]
    if whole or paragraph != text:
        return paragraph.rstrip()
    ends = [match.start() for match in _SENTENCE_END.finditer(paragraph)]
    if ends:
        return paragraph[: ends[-1]]
    words, space, _ = paragraph.rpartition(" ")
    return f"{words} …" if space else ""
