"""Links that carry the words they lead to: `#p10-20:~:text=…`.

“URL Fragment Text Directives” (WICG, https://wicg.github.io/scroll-to-text-fragment/) is the specification:
its sections “Syntax” and “Fragment directive grammar” say what such a link looks like, “Generating Text
Fragment Directives” when to give context and when a range. A browser that knows it shows the words even where
the element of that id is gone; any other goes to the element. Pure functions.
"""

from __future__ import annotations

import re
from urllib.parse import quote

# Longer words are given as a range, from the first to the last (“Prefer Exact Matching To Range-based”).
LONGEST_EXACT = 300
# So many words say too little alone (“Use Context Only When Necessary”).
TOO_FEW = 3
# How many words the ends of a range have, and a prefix and a suffix at most.
ENDS, AROUND = 6, 4

_SPACE = re.compile(r"[ \t\n\r\f]+")
_PARAGRAPH_END = re.compile(r"\n\s*\n\s*")


def folded(text: str) -> str:
    """Return `text` as a browser compares it: without the difference of small and capital letters, and with
    one space for what a page shows as one."""
    return _SPACE.sub(" ", text).strip().casefold()


def text_directive(exact: str, *, before: str, after: str, page: str) -> str:
    """Return the directive for the words `exact`, to be put behind a fragment: `:~:text=start` or, as
    far as it needs them, `:~:text=prefix-,start,end,-suffix`.

    `before` and `after`: the rest of the paragraphs in which the words begin and end; `page`: all the words
    that can be meant, `folded`. Returns "" where nothing tells the words from others on the page: the first
    that read alike would be shown.
    """
    if not exact.strip():
        return ""
    start, end = _ends(exact)
    prefix = suffix = ""
    in_word = _joined(before, exact), _joined(exact, after)
    if any(in_word) or len(start.split()) <= TOO_FEW or _twice(start, page):
        prefix = _last_words(before)
        suffix = "" if end else _first_words(after)
        if _twice(prefix + start + suffix, page):
            return ""
    if end and (in_word[1] or _twice(end, folded(exact))):
        suffix = _first_words(after)
    parts = [
        f"{_encoded(prefix)}-" if prefix.strip() else "",
        _encoded(start),
        _encoded(end),
        f"-{_encoded(suffix)}" if suffix.strip() else "",
    ]
    return f":~:text={','.join(part for part in parts if part)}"


def _ends(exact: str) -> tuple[str, str]:
    """Cut what is too long for a link, or runs over a paragraph, which no term may (“Finding Ranges in a
    Document”): into its first and its last words."""
    paragraphs = _PARAGRAPH_END.split(exact.strip())
    if len(paragraphs) == 1 and len(exact) <= LONGEST_EXACT:
        return exact, ""
    start, end = paragraphs[0].split(), paragraphs[-1].split()
    if len(paragraphs) == 1:
        # The two may not overlap.
        ends = min(ENDS, len(start) // 2)
        return (" ".join(start[:ends]), " ".join(start[-ends:])) if ends else (exact, "")
    return " ".join(start[:ENDS]), " ".join(end[-ENDS:])


def _twice(words: str, page: str) -> bool:
    """Whether `page`, which is folded, reads `words` in more than one place."""
    return page.find(folded(words), page.find(folded(words)) + 1) >= 0


def _joined(left: str, right: str) -> bool:
    """Whether one word goes from `left` over into `right`."""
    return left[-1:].isalnum() and right[:1].isalnum()


def _last_words(text: str) -> str:
    words = " ".join(text.split()[-AROUND:])
    return f"{words} " if words and text[-1].isspace() else words


def _first_words(text: str) -> str:
    words = " ".join(text.split()[:AROUND])
    return f" {words}" if words and text[0].isspace() else words


def _encoded(words: str) -> str:
    # `quote` leaves the dash as it is, which here divides the terms.
    return quote(_SPACE.sub(" ", words).strip(), safe="").replace("-", "%2D")
