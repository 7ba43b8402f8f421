"""A text's sentences, as spans of it. Pure functions; offsets are code points."""

from __future__ import annotations

from collections.abc import Iterable

import sentencex


def sentences(
    text: str, spans: Iterable[tuple[int, int]] | None = None, *, language: str = "en"
) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of `text`, start inclusive, end exclusive, without white
    space at its ends, in the order of `spans`.

    `spans` are the (start, end) of turns, the whole text if left out: no sentence reaches from one
    into another. `language` is an ISO 639-1 code. Raises ValueError for a span outside the text.
    """
    found = []
    for start, end in [(0, len(text))] if spans is None else spans:
        if not 0 <= start <= end <= len(text):
            raise ValueError(
                f"The span {start}–{end} is not within the text, which has {len(text)} code points."
            )
        for boundary in sentencex.get_sentence_boundaries(language, text[start:end]):
            first, last = boundary["start_index"] + start, boundary["end_index"] + start
            while first < last and text[first].isspace():
                first += 1
            while first < last and text[last - 1].isspace():
                last -= 1
            if first < last:
                found.append((first, last))
    return found
