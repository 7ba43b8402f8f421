"""A transcript as it was printed, with every public annotation marked in its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sources.models import Passage, Snapshot, Speaker, Turn
from sources.querysets import Origin

from ..marking import Paragraph, Span, gaps, in_order, mark
from ..models import Appearance, Evidence, Rebuttal
from ..querysets import public_editions, verdict_in_force
from .paging import whole_number


@dataclass
class Annotated:
    """A passage, its number on the page, and what the desk has annotated on it."""

    passage: Passage
    number: int = 0
    appearances: list[Appearance] = field(default_factory=list)
    rebuttals: list[Rebuttal] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)


@dataclass
class Stretch:
    """A paragraph with the notes on the passages that begin in it."""

    segments: Paragraph
    notes: list[Annotated]


@dataclass
class Block:
    """A turn, or (`turn` is None) words outside any turn that somebody has annotated."""

    turn: Turn | None
    paragraphs: list[Stretch]

    @property
    def speaker(self) -> Speaker | None:
        """Who speaks, unless that Speaker is a draft."""
        speaker = self.turn.speaker if self.turn else None
        return speaker if speaker and speaker.is_published else None


@require_safe
def transcript_detail(request: HttpRequest, slug: str) -> HttpResponse:
    snapshot, newest = _edition(request, slug)
    annotated = annotations_of(snapshot)
    source = snapshot.source
    return render(
        request,
        "claims/transcript_detail.html",
        {
            "title": f"Transcript: {source.title}",
            "description": f"{source.title}, turn by turn, with each passage that the desk has annotated "
            "linked to its claim.",
            "source": source,
            "snapshot": snapshot,
            "newest": newest,
            "annotated": list(annotated.values()),
            "blocks": blocks_of(snapshot, annotated),
        },
    )


def _edition(request: HttpRequest, slug: str) -> tuple[Snapshot, int]:
    """Return the edition that the address asks for, and the number of the newest."""
    editions = public_editions().filter(source__slug=slug)
    numbers = list(editions.order_by("-edition").values_list("edition", flat=True))
    number = whole_number(request, "edition", default=numbers[0] if numbers else 0)
    if number not in numbers:
        raise Http404("There is no such transcript, or no such edition of it.")
    snapshots = editions.select_related("source").defer(None).defer("content")
    return snapshots.annotate(original_url=Origin("source", field="url")).get(
        edition=number
    ), numbers[0]


def annotations_of(snapshot: Snapshot) -> dict[Span, Annotated]:
    """Return what is publicly annotated on the snapshot, by span, in the order of the text."""
    found: dict[Span, Annotated] = {}
    claims: list[Any] = []
    for name, annotations in (
        ("appearances", Appearance.objects.select_related("claimant", "reported_by")),
        ("rebuttals", Rebuttal.objects.select_related("speaker")),
        ("evidence", Evidence.objects.all()),
    ):
        public = annotations.published().filter(passage__snapshot=snapshot)
        for row in public.select_related("claim", "passage").order_by("id"):
            span = (row.passage.start, row.passage.end)
            getattr(found.setdefault(span, Annotated(row.passage)), name).append(row)
            claims.append(row.claim)
    prefetch_related_objects(claims, verdict_in_force())
    for number, span in enumerate(in_order(found), start=1):
        found[span].number = number
        found[span].passage.snapshot = snapshot
    return found


def blocks_of(snapshot: Snapshot, annotated: dict[Span, Annotated]) -> Sequence[Block]:
    """Return the turns, and between them whatever else is annotated, in the order of the text."""
    turns: dict[Span, Turn | None] = {
        (turn.start, turn.end): turn
        for turn in snapshot.turns.select_related("speaker").order_by("position")
    }
    for gap in gaps(len(snapshot.text), sorted(turns), annotated):
        turns[gap] = None
    spans = sorted(turns)
    blocks = []
    for span, paragraphs in zip(spans, mark(snapshot.text, spans, annotated), strict=True):
        stretches = [
            Stretch(
                segments,
                [annotated[p.span] for segment in segments for p in segment.opens if p.first],
            )
            for segments in paragraphs
        ]
        blocks.append(Block(turns[span], stretches))
    return blocks
