"""The transcript as the annotate screen shows it: the whole stored text, in order, with its marks.

The elements that carry text (`data-start`), put together, are the snapshot's text, character by character:
that is what `annotate-text.js` counts offsets by. Everything else on the page (names, letters of marks) lies
outside of them or has no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from claims.marking import Paragraph, Span, mark
from claims.models import Appearance, Evidence, Note, Rebuttal
from sources.models import Passage, Snapshot, Turn

from .selection import Selection

# What hangs on a passage: its letter beside the words, and its name.
KINDS: dict[str, tuple[str, Any]] = {
    "appearance": ("A", Appearance),
    "rebuttal": ("R", Rebuttal),
    "evidence": ("E", Evidence),
    "note": ("N", Note),
}
# In the name of a mark, as much of a claim as a listener needs to tell it from others.
NAMED = 100


@dataclass
class Mark:
    """A passage with what hangs on it, in words; nothing, where its last row was deleted."""

    span: Span
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.span[0]}-{self.span[1]}"

    @property
    def letters(self) -> str:
        """Its kinds, each with its number from two on: “A2 R”."""
        shown = [
            f"{letter}{len(self.names[kind]) if len(self.names[kind]) > 1 else ''}"
            for kind, (letter, _) in KINDS.items()
            if kind in self.names
        ]
        return " ".join(shown) or "–"

    @property
    def kinds(self) -> str:
        """As a class for the style sheet: of several kinds, the first."""
        return next(iter(self.names), "bare")

    @property
    def name(self) -> str:
        """For a screen reader: what hangs on it, and on what."""
        told = [name for kind in KINDS for name in self.names.get(kind, [])]
        return f"{self.letters}: {'; '.join(told) or 'marked, nothing on it'}"


@dataclass
class Stretch:
    """A paragraph, or the label as printed: an element with `data-start`."""

    start: int
    segments: Paragraph


@dataclass
class Block:
    """A turn with its printed label, or words outside any turn (a heading, a note of the transcript)."""

    turn: Turn | None
    label: Span | None
    words: Span | None
    printed: list[Stretch] = field(default_factory=list)
    paragraphs: list[Stretch] = field(default_factory=list)

    @property
    def start(self) -> int:
        return (self.label or self.words or (0, 0))[0]

    @property
    def end(self) -> int:
        return (self.words or self.label or (0, 0))[1]

    @property
    def key(self) -> str:
        """The id of its element."""
        return f"t{self.turn.position}" if self.turn else f"b{self.start}"


def cut(text: str, turns: Iterable[Turn]) -> Iterator[Block]:
    """Yield the blocks of `text`, which leave out no character: `turns` in order, each after its label,
    and what stands between them."""
    at = 0
    for turn in turns:
        label = text.rfind(turn.label, at, turn.start) if turn.label else turn.start
        if label > at and text[at:label].strip():
            yield Block(None, None, (at, label))
            at = label
        yield Block(turn, (at, turn.start) if at < turn.start else None, (turn.start, turn.end))
        at = turn.end
    if at < len(text):
        rest = (at, len(text))
        # White space after the last turn is text, too, but nothing to read.
        yield Block(None, None, rest) if text[at:].strip() else Block(None, rest, None)


def blocks_of(
    snapshot: Snapshot, user: Any, *, touched: Selection | None = None
) -> tuple[list[Block], dict[Span, Mark]]:
    """Return the blocks of the snapshot with the marks in them, and the marks by span, as far as `user`
    may see what hangs on them. With `touched`, only the blocks that this selection reaches into. Six
    queries, however many there are."""
    text = snapshot.text
    turns = snapshot.turns.select_related("speaker").order_by("start")
    blocks = list(cut(text, turns))
    if touched is not None:
        blocks = [row for row in blocks if row.start < touched.end and row.end > touched.start]
    reach = (blocks[0].start, blocks[-1].end) if blocks else (0, 0)
    marks = marks_of(snapshot, reach, user)
    parts = [(block, part) for block in blocks for part in (block.label, block.words) if part]
    marked = mark(text, [part for _, part in parts], marks)
    for (block, part), paragraphs in zip(parts, marked, strict=True):
        target = block.printed if part == block.label else block.paragraphs
        at = part[0]
        for segments in paragraphs:
            target.append(Stretch(at, segments))
            at += sum(len(segment.text) for segment in segments)
    return blocks, marks


def may_view(user: Any, kind: str) -> bool:
    """Whether `user` may see the rows of a kind of KINDS."""
    return bool(user.has_perm(f"claims.view_{kind}"))


def marks_of(snapshot: Snapshot, reach: Span, user: Any) -> dict[Span, Mark]:
    """Return the marks that reach into the span `reach`, drafts and public rows alike, with the kinds of
    rows that `user` may see. Five queries."""
    passages = Passage.objects.filter(snapshot=snapshot, start__lt=reach[1], end__gt=reach[0])
    spans = {row: (start, end) for row, start, end in passages.values_list("pk", "start", "end")}
    marks = {span: Mark(span) for span in spans.values()}
    within = {
        "passage__snapshot": snapshot,
        "passage__start__lt": reach[1],
        "passage__end__gt": reach[0],
    }
    for kind, (_, model) in KINDS.items():
        if not may_view(user, kind):
            continue
        says = "body" if kind == "note" else "claim__text"
        rows = model.objects.filter(**within).order_by("pk")
        if kind == "note":
            rows = rows.open()
        for passage, words in rows.values_list("passage", says):
            if passage in spans:  # not marked between the two queries
                told = f"“{words[:NAMED]}{'…' if len(words) > NAMED else ''}”"
                told = f"note {told}" if kind == "note" else f"{_OF[kind]} {told}"
                marks[spans[passage]].names.setdefault(kind, []).append(told)
    return marks


_OF = {"appearance": "appearance of", "rebuttal": "rebuttal of", "evidence": "evidence on"}
