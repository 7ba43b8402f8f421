"""Marks in a text: which characters each passage covers, ready to be written as nested elements.

Pure functions over offsets. Passages may overlap, nest, start together and span several blocks;
elements may not overlap. So a passage is cut into pieces wherever another one ends inside it, where a
paragraph ends and where a block ends. No character is lost, added or moved: the texts of all
segments of a block, put together, are the text of the block.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
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


def mark(
    text: str,
    blocks: Sequence[Span],
    spans: Iterable[Span],
    numbers: Mapping[Span, int] | None = None,
) -> list[list[Paragraph]]:
    """Return the paragraphs of each block (a span of `text`, in order), with `spans` marked in them.

    In every paragraph the pieces open and close like brackets. `numbers` of the spans are those of their
    order, if not given.
    """
    ordered = in_order(spans)
    if numbers is None:
        numbers = {span: number for number, span in enumerate(ordered, start=1)}
    # Text and spans are swept once, side by side: a paragraph is not asked about marks far away.
    coming = iter([*ordered, (len(text), len(text))])
    ahead = next(coming)
    reaching: list[Span] = []
    marked: list[list[Paragraph]] = []
    for block in blocks:
        marked.append([])
        for paragraph in paragraphs(text, block):
            start, end = paragraph
            while ahead[0] < end:
                reaching.append(ahead)
                ahead = next(coming)
            reaching = [span for span in reaching if span[1] > start]
            inside = [Piece(span, numbers[span]) for span in reaching]
            marked[-1].append(_segments(text, paragraph, inside))
    pieces: dict[Span, list[Piece]] = {}
    for shown in marked:
        for segments in shown:
            for segment in segments:
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


def _segments(text: str, paragraph: Span, inside: list[Piece]) -> Paragraph:
    """Cut `paragraph` at the edges of the pieces `inside` it, which may begin before and end after it."""
    start, end = paragraph
    opening: dict[int, list[Piece]] = {}
    for piece in inside:
        opening.setdefault(max(start, piece.span[0]), []).append(piece)
    edges = {start, end} | {e for piece in inside for e in piece.span if start < e < end}
    segments: Paragraph = []
    open_pieces: list[Piece] = []
    for left, right in itertools.pairwise(sorted(edges)):
        segment = Segment(text[left:right])
        # The longest outermost: it is the least likely to be cut by the end of another.
        segment.opens = sorted(
            opening.get(left, []), key=lambda piece: (-piece.span[1], piece.span[0])
        )
        open_pieces += segment.opens
        ending = [i for i, piece in enumerate(open_pieces) if piece.span[1] <= right]
        keep = len(open_pieces) if right < end else 0
        if ending:
            keep = min(keep, ending[0])
        # What lies inside a piece that closes closes with it, and opens anew in the next segment.
        segment.closes = open_pieces[keep:][::-1]
        again = [Piece(p.span, p.number) for p in segment.closes if p.span[1] > right]
        opening.setdefault(right, []).extend(again)
        open_pieces = open_pieces[:keep]
        segments.append(segment)
    return segments


def gaps(length: int, blocks: Sequence[Span], spans: Iterable[Span]) -> list[Span]:
    """Return the stretches of a text of `length` code points that lie in no block, but hold the whole
    of some span: without them that span would be shown nowhere."""
    edges = [0, *(edge for block in blocks for edge in block), length]
    free = [(left, right) for left, right in zip(edges[::2], edges[1::2], strict=True)]
    ordered = in_order(spans)
    # The earliest end among the spans from each one on: with it one look tells whether a gap holds one.
    ends = list(itertools.accumulate(reversed([end for _, end in ordered]), min))[::-1]
    found = []
    for left, right in free:
        first = bisect_left(ordered, left, key=lambda span: span[0])
        if first < len(ends) and ends[first] <= right:
            found.append((left, right))
    return found
