"""What a researcher selected, held against the stored text. Pure functions over code points.

A browser counts in UTF-16 and shows white space as it likes; `annotate.js` turns that into code points of
the stored text, and here it is checked: `start` and `end` are believed only where the text between them is
what the browser showed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from sources.anchoring import AnchoringError

# As Python's str.isspace(); `annotate-text.js` has the same list. (JavaScript's \s is another one.)
WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# What a sentence may end with, and what a quotation leaves at its edges.
ENDS = ".!?…"
_LEFT_OVER = " ,;:–—-\"'“”„‟«»‘’()[]…"


class SelectionError(AnchoringError):
    """A selection cannot be taken for words of the stored text."""


@dataclass(frozen=True)
class Selection:
    """`text[start:end]` of a snapshot, in code points, without white space at its ends."""

    start: int
    end: int

    @property
    def anchor(self) -> str:
        """The id of its mark on the page, as `Passage.anchor`."""
        return f"p{self.start}-{self.end}"


def select(text: str, start: int, end: int, *, shown: str | None = None) -> Selection:
    """Return the Selection of `text[start:end]` (code points), without the white space at its ends.

    `shown` is what the browser showed there; None where the server itself has counted. It may differ
    from the stored text in white space only: line ends are sent as \\r\\n, and runs are shown as one
    space. Raises SelectionError, in a sentence for the researcher.
    """
    if not 0 <= start < end <= len(text):
        raise SelectionError("The selection is not within the text. Select the words again.")
    words = text[start:end]
    if shown is not None and _collapsed(shown) != _collapsed(words):
        raise SelectionError(
            "The stored text reads otherwise than what was selected. Reload the page and select again."
        )
    if not words.strip():
        raise SelectionError("Select some words: there is only white space.")
    before = sum(1 for _ in takewhile(str.isspace, words))
    after = sum(1 for _ in takewhile(str.isspace, reversed(words)))
    return Selection(start + before, end - after)


def proposed(words: str) -> str:
    """Return the selected words tidied into a sentence, for a researcher to edit."""
    line = " ".join(words.split()).strip(_LEFT_OVER)
    if not line:
        return ""
    line = line[0].upper() + line[1:]
    return line if line[-1] in ENDS else f"{line}."


def _collapsed(words: str) -> str:
    return re.sub(rf"[{re.escape(WHITE_SPACE)}]+", " ", words).strip(" ")
