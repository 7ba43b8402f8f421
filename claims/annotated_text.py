"""A text as readers see it: its turns, its passages, and what is publicly annotated on them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from sources.models import Passage, Snapshot, Turn

from .marking import Paragraph, Span, gaps, in_order, mark, paragraphs
from .models import Appearance, Claim, Evidence, Rebuttal, Verdict
from .querysets import verdict_in_force
from .text_fragments import folded, text_directive

# As many words of a turn as are shown in its place where it is folded.
LINE = 12


@dataclass(frozen=True)
class Who:
    """Who speaks a turn: a Speaker whom the public knows, or else (no `slug`) the label as printed."""

    name: str
    slug: str = ""

    @classmethod
    def speaks(cls, turn: Turn) -> Who:
        """Who speaks `turn`, by its label where the Speaker is unknown or a draft."""
        speaker = turn.speaker if turn.speaker and turn.speaker.is_published else None
        return cls(speaker.name, speaker.slug) if speaker else cls(turn.label)


@dataclass
class Annotated:
    """A passage, its number on the page, who speaks where it begins, and what is annotated on it."""

    passage: Passage
    number: int = 0
    turn: Turn | None = None
    permalink: str = ""
    appearances: list[Appearance] = field(default_factory=list)
    rebuttals: list[Rebuttal] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def who(self) -> Who | None:
        return Who.speaks(self.turn) if self.turn else None

    @property
    def claims(self) -> list[Claim]:
        """The claims on which something is annotated here, each once."""
        rows: list[Any] = [*self.appearances, *self.rebuttals, *self.evidence]
        return list({row.claim_id: row.claim for row in rows}.values())

    @property
    def verdicts(self) -> list[Verdict | None]:
        """The verdict in force on each of the claims; None where it is open."""
        return [claim.verdict for claim in self.claims]

    @property
    def ratings(self) -> str:
        """Their ratings in words."""
        labels = [
            _(row.rating.label) if row else _("Open: no verdict yet") for row in self.verdicts
        ]
        return ", ".join(dict.fromkeys(labels))


@dataclass
class Stretch:
    """A paragraph with the notes on the passages that begin in it."""

    segments: Paragraph
    notes: list[Annotated]

    @property
    def words(self) -> list[str]:
        return "".join(segment.text for segment in self.segments).split()


@dataclass
class Block:
    """A turn, or (`turn` is None) words outside any turn that somebody has annotated."""

    span: Span
    turn: Turn | None
    paragraphs: list[Stretch] = field(default_factory=list)
    folded: bool = False
    recording_url: str = ""  # where it is heard
    beside: list[Turn] = field(default_factory=list)  # of another rendition, where one is shown

    @property
    def who(self) -> Who | None:
        return Who.speaks(self.turn) if self.turn else None

    @property
    def notes(self) -> list[Annotated]:
        return [note for paragraph in self.paragraphs for note in paragraph.notes]

    @property
    def words(self) -> list[str]:
        return [word for paragraph in self.paragraphs for word in paragraph.words]

    @property
    def fits_a_line(self) -> bool:
        return len(self.words) <= LINE

    @property
    def beginning(self) -> str:
        """The first words, as much as fits into a line."""
        return f"{' '.join(self.words[:LINE])} …"


def annotations_of(snapshot: Snapshot) -> dict[Span, Annotated]:
    """Return what is publicly annotated on the snapshot, by span, in the order of the text. Four queries."""
    found: dict[Span, Annotated] = {}
    claims: list[Any] = []
    for name, rows in (
        ("appearances", Appearance.objects.select_related("claimant", "reported_by")),
        ("rebuttals", Rebuttal.objects.select_related("speaker")),
        ("evidence", Evidence.objects.all()),
    ):
        public = rows.published().filter(passage__snapshot=snapshot)
        for row in public.select_related("claim", "passage").order_by("id"):
            span = (row.passage.start, row.passage.end)
            getattr(found.setdefault(span, Annotated(row.passage)), name).append(row)
            claims.append(row.claim)
    prefetch_related_objects(claims, verdict_in_force())
    ordered = {span: found[span] for span in in_order(found)}
    for number, note in enumerate(ordered.values(), start=1):
        note.number = number
    return ordered


def place(snapshot: Snapshot, turns: Sequence[Turn], annotated: Mapping[Span, Annotated]) -> None:
    """Tell each of the annotated passages the turn that it begins in, and the link that carries its words."""
    text = snapshot.text
    spans = spans_of(snapshot, turns, annotated)
    shown = sorted(span for block in spans for span in paragraphs(text, block))
    says = [claim.text for note in annotated.values() for claim in note.claims]
    page = folded("\n".join([text, *says]))
    for (start, end), note in annotated.items():
        note.turn = _around(turns, start, lambda turn: (turn.start, turn.end))
        first = _around(shown, start, lambda span: span) or (start, end)
        last = _around(shown, end - 1, lambda span: span) or (start, end)
        directive = text_directive(
            text[start:end], before=text[first[0] : start], after=text[end : last[1]], page=page
        )
        note.permalink = f"?edition={snapshot.edition}#{note.passage.anchor}{directive}"


def _around(rows: Sequence[Any], at: int, span: Any) -> Any:
    """The one of `rows`, which are in order and apart, that the character `at` lies in."""
    position = bisect_right(rows, at, key=lambda row: span(row)[0]) - 1
    return rows[position] if position >= 0 and at < span(rows[position])[1] else None


def spans_of(snapshot: Snapshot, turns: Iterable[Turn], annotated: Iterable[Span]) -> list[Span]:
    """Return the spans of the turns, and between them of whatever else is annotated, in the order of the
    text; of a text without either, the whole."""
    spoken = sorted((turn.start, turn.end) for turn in turns)
    length = len(snapshot.text)
    return sorted([*spoken, *gaps(length, spoken, annotated)]) or [(0, length)]


def blocks_of(
    snapshot: Snapshot, turns: Sequence[Turn], annotated: Mapping[Span, Annotated]
) -> list[Block]:
    """Return the text in blocks, in its order, with the passages of `annotated` marked in it."""
    by_span = {(turn.start, turn.end): turn for turn in turns}
    spans = spans_of(snapshot, turns, annotated)
    numbers = {span: note.number for span, note in annotated.items()}
    blocks = []
    for span, marked in zip(spans, mark(snapshot.text, spans, annotated, numbers), strict=True):
        stretches = [
            Stretch(
                segments,
                [annotated[p.span] for segment in segments for p in segment.opens if p.first],
            )
            for segments in marked
        ]
        turn = by_span.get(span)
        heard = snapshot.source.recording_at(turn.second) if turn else ""
        blocks.append(Block(span, turn, stretches, recording_url=heard))
    return blocks
