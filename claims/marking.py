"""Marks in a text: which characters each passage covers, ready to be written as nested elements.

Pure functions over offsets. Passages may overlap, nest, start together and span several blocks;
elements may not overlap. So a passage is cut into pieces wherever another one ends inside it, where a
paragraph ends and where a block ends. No character is lost, added or moved: the texts of all
segments of a block, put together, are the text of the block.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]  # start inclusive, end exclusive, in code points of the snapshot's text

# A paragraph keeps the blank lines that follow it, so that its offsets stay those of the text.
_PARAGRAPH_END = re.compile(r"\n\s*\n\s*")


@dataclass(eq=False)
class Piece:
    """One element's worth of a passage, which has a number in the text; `first` and `last` among the
    pieces of that passage."""

    span: Span
    number: int
    first: bool = False
    last: bool = False


@dataclass
class Segment:
    """A run of text without a boundary in it; the pieces that open before and close after it."""

    text: str
    opens: list[Piece] = field(default_factory=list)
    closes: list[Piece] = field(default_factory=list)


Paragraph = list[Segment]


def mark(text: str, blocks: Sequence[Span], spans: Iterable[Span]) -> list[list[Paragraph]]:
    """Return the paragraphs of each block (a span of `text`, in order), with `spans` marked in them.

    In every paragraph the pieces open and close like brackets.
    """
    numbers = {span: number for number, span in enumerate(in_order(spans), start=1)}
    marked = [
        [_segments(text, paragraph, numbers) for paragraph in paragraphs(text, block)]
        for block in blocks
    ]
    pieces: dict[Span, list[Piece]] = {}
    for block in marked:
        for paragraph in block:
            for segment in paragraph:
                for piece in segment.opens:
                    pieces.setdefault(piece.span, []).append(piece)
    for parts in pieces.values():
        parts[0].first = parts[-1].last = True
    return marked


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Return each span once, as a reader meets them: by their start, the longer before the shorter."""
    return sorted(set(spans), key=lambda span: (span[0], -span[1]))


def paragraphs(text: str, block: Span) -> list[Span]:
    """Return the spans of the paragraphs of `block`, each with the blank lines that follow it."""
    start, end = block
    cuts = [match.end() for match in _PARAGRAPH_END.finditer(text, start, end)]
    edges = [start, *(cut for cut in cuts if cut < end), end]
    return list(itertools.pairwise(edges))


def _segments(text: str, paragraph: Span, numbers: dict[Span, int]) -> Paragraph:
    start, end = paragraph
    inside = [span for span in numbers if span[0] < end and span[1] > start]
    edges = sorted({start, end} | {edge for span in inside for edge in span if start < edge < end})
    segments: Paragraph = []
    open_pieces: list[Piece] = []
    for left, right in itertools.pairwise(edges):
        segment = Segment(text[left:right])
        begun = {piece.span for piece in open_pieces}
        # The longest outermost: it is the least likely to be cut by the end of another.
        beginning = sorted(
            (span for span in inside if span[0] <= left < span[1] and span not in begun),
            key=lambda span: (-span[1], span[0]),
        )
        segment.opens = [Piece(span, numbers[span]) for span in beginning]
        open_pieces += segment.opens
        ending = [i for i, piece in enumerate(open_pieces) if piece.span[1] <= right]
        keep = len(open_pieces) if right < end else 0
        if ending:
            keep = min(keep, ending[0])
        # What lies inside a piece that closes closes with it, and opens anew in the next segment.
        segment.closes = open_pieces[keep:][::-1]
        open_pieces = open_pieces[:keep]
        segments.append(segment)
    return segments


def gaps(length: int, blocks: Sequence[Span], spans: Iterable[Span]) -> list[Span]:
    """Return the stretches of a text of `length` code points that lie in no block, but hold the whole
    of some span: without them that span would be shown nowhere."""
    edges = [0, *(edge for block in blocks for edge in block), length]
    free = [(left, right) for left, right in zip(edges[::2], edges[1::2], strict=True)]
    return [
        (left, right)
        for left, right in free
        if any(left <= s and e <= right for s, e in set(spans))
    ]
