"""PDF, read by pypdf: its lines in the order in which they are drawn, with blank lines where it has gaps.

No line is joined to another but for a word that was divided between them: where a turn begins shows in how
a line begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

from sources.label_shapes import classify
from sources.parsing import TranscriptError

MAX_PAGES = 2_000
MAGIC = b"%PDF-"
SMALLEST = 4.0  # points between two lines; what is raised or lowered by less is in the line
GAP = 1.45  # of the usual distance between lines: from there on a paragraph ends
_PAGE_NUMBER = re.compile(
    r"[-–—\[(\s]*(?:(?:Page|p\.|Seite|стр\.?)\s*)?\d{1,4}(?:\s*(?:of|/|von|из)\s*\d{1,4})?[-–—\])\s]*",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-‐\u00ad][^\W\d_]+)*")
_DIVIDED = re.compile(r"([^\W\d_]{2,})([-‐\u00ad])\n([^\W\d_]{2,})([^\s\w]*)[^\S\n]*\n?")
# Words that stay joined by a hyphen, whether it ends a line or not.
_PREFIXES = frozenset(
    "anti all co cross ex half high low mid multi non post pre pro quasi self semi so well".split()
)

Line = tuple[float, str]  # how high it stands on the page, and what it says


def read(data: bytes) -> str:
    """The text of a PDF. Raises TranscriptError for one that is broken, locked, endless or mere pictures."""
    try:
        pages = _pages(data)
    except TranscriptError:
        raise
    except MemoryError:
        raise
    # pypdf raises whatever its reading of a broken file runs into: KeyError, TypeError, RecursionError …
    except (PyPdfError, Exception) as error:
        raise TranscriptError("The PDF file is broken and cannot be read.") from error
    text = undivided("\n\n".join(_texts(_without_furniture(pages))))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    if not text.strip():
        raise TranscriptError(
            "The PDF file has no text: it is pictures of pages. Have the text recognised first (OCR), or "
            "type it."
        )
    return text + "\n"


def _pages(data: bytes) -> list[list[Line]]:
    reader = PdfReader(BytesIO(data), strict=False)
    # Without a password any reader opens it, whatever its author would like to forbid.
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise TranscriptError("The PDF file is locked with a password: save it without one.")
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise TranscriptError(f"The PDF file has {count:,} pages; at most {MAX_PAGES:,} are read.")
    return [_lines(page) for page in reader.pages]


def _lines(page: Any) -> list[Line]:
    """The lines of a page, by where their pieces stand."""
    lines: list[Line] = []

    def visit(text: str, matrix: Any, place: Any, font: Any, size: float) -> None:
        height = place[4] * matrix[1] + place[5] * matrix[3] + matrix[5]
        for number, piece in enumerate(text.split("\n")):
            if number or not lines:
                lines.append((height, ""))
            if piece:
                before = lines[-1]
                lines[-1] = (before[0] if before[1].strip() else height, before[1] + piece)

    page.extract_text(visitor_text=visit)
    return [(height, " ".join(line.split())) for height, line in lines if line.strip()]


def _without_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Without page numbers, and without heads and feet that most pages have alike."""
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_masked(line) for line in _edges(page)})
    often = {line for line, number in edges.items() if number >= 3 and number * 2 > len(pages)}
    kept = []
    for page in pages:
        first, last = 0, len(page)
        while first < last and _is_furniture(page[first][1], often, alone=len(pages) == 1):
            first += 1
        while first < last and _is_furniture(page[last - 1][1], often, alone=len(pages) == 1):
            last -= 1
        kept.append(page[first:last])
    return kept


def _edges(page: Sequence[Line]) -> list[str]:
    return [line for _, line in [*page[:2], *page[-2:]]]


def _masked(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _is_furniture(line: str, often: set[str], *, alone: bool) -> bool:
    if _masked(line) in often:
        # What somebody says on each page is no head of it.
        return line[-1] not in ".?!…" and not classify(line.partition(":")[0].strip())
    return not alone and _PAGE_NUMBER.fullmatch(line) is not None


def _texts(pages: Sequence[Sequence[Line]]) -> list[str]:
    """Each page with blank lines between its paragraphs."""
    steps = sorted(
        above - below
        for page in pages
        for (above, _), (below, _) in pairwise(page)
        if above - below > SMALLEST
    )
    # A tenth of the lines are surely within a paragraph, however short those are.
    usual = steps[len(steps) // 10] if steps else 0.0
    texts = []
    for page in pages:
        pieces = [page[0][1]] if page else []
        for (above, _), (below, line) in pairwise(page):
            # Up again: another column, or a box that was drawn later.
            apart = above - below > usual * GAP or below > above + 1
            pieces.append(("\n\n" if apart else "\n") + line)
        texts.append("".join(pieces))
    return [text for text in texts if text]


def undivided(text: str) -> str:
    """`text` with words whole that a hyphen divides at the end of a line, as far as that can be told.

    A hyphen stays where the document has the word with it elsewhere, or each half as a word of its own.
    """
    words = Counter(word.casefold() for word in _WORD.findall(_DIVIDED.sub(" ", text)))

    def join(match: re.Match[str]) -> str:
        first, hyphen, second, marks = match.groups()
        whole, joined = f"{first}{second}".casefold(), f"{first}-{second}".casefold()
        keeps = (
            hyphen != "\u00ad"
            and not words[whole]
            and (
                bool(words[joined])
                or first.casefold() in _PREFIXES
                or not second[0].islower()
                or first.isupper() != second.isupper()
                or bool(words[first.casefold()] and words[second.casefold()])
            )
        )
        return f"{first}{'-' if keeps else ''}{second}{marks}\n"

    return _DIVIDED.sub(join, text)
