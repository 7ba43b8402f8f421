"""The panel beside the text: a selection, what hangs on it, and what can be made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from claims.models import Appearance, Evidence, Note, Rebuttal
from claims.search.matching import Matched
from claims.second_claim import is_repetition, near
from sources.models import Passage, Snapshot

from .forms import FORMS, ActionForm, NewClaimForm, Place, claims
from .page import KINDS, may_view
from .selection import Selection


@dataclass
class Rows:
    """What hangs on one passage, drafts and public rows alike, of the kinds that somebody may see. One
    query for the passage, four more for what hangs on it."""

    passage: Passage | None = None
    appearances: list[Appearance] = field(default_factory=list)
    rebuttals: list[Rebuttal] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, snapshot: Snapshot, start: int, end: int, user: Any) -> Rows:
        passage = Passage.objects.filter(snapshot=snapshot, start=start, end=end).first()
        if passage is None:
            return cls()

        def on(kind: str, *related: str) -> list[Any]:
            if not may_view(user, kind):
                return []
            rows = KINDS[kind][1].objects.filter(passage=passage)
            return list(rows.select_related(*related))

        return cls(
            passage,
            on("appearance", "claim", "claimant", "reported_by"),
            on("rebuttal", "claim", "speaker", "counterclaim"),
            on("evidence", "claim"),
            on("note", "author", "done_by"),
        )

    def __bool__(self) -> bool:
        return bool(self.appearances or self.rebuttals or self.evidence or self.notes)


@dataclass
class Panel:
    """What the template of the panel shows. Without a selection: the blank one that JavaScript fills."""

    forms: list[ActionForm]
    selection: Selection | None = None
    words: str = ""
    rows: Rows = field(default_factory=Rows)
    action: str = ""  # the form that is open
    near: Matched | None = None  # the claims near the one that is proposed
    outside: bool = False  # whether the selection reaches into no turn

    @property
    def repeats(self) -> bool:
        """Whether the claim that is proposed is probably one that the desk has."""
        return self.near is not None and is_repetition(self.near)


def blank(user: Any, snapshot: Snapshot) -> Panel:
    """The panel of no selection yet, with the forms that are open to `user`."""
    return Panel(
        [form(initial=form.prefilled_in(snapshot)) for form in FORMS.values() if form.open_to(user)]
    )


def panel_of(
    snapshot: Snapshot,
    selection: Selection,
    user: Any,
    *,
    action: str = "",
    claim: str = "",
    bound: ActionForm | None = None,
) -> Panel:
    """The panel of `selection`, its forms filled from the turn, that of an appearance with the claim whose
    slug is `claim`; `bound` is a form that was sent and refused. Claims are compared only where the form
    of a new one is open."""
    start, end = selection.start, selection.end
    # The first two are enough: of the turns that it reaches into, the one that holds it is the only one.
    reached = snapshot.turns.filter(start__lt=end, end__gt=start).select_related("speaker")
    turns = list(reached.order_by("start")[:2])
    turn = next((turn for turn in turns if turn.start <= start and end <= turn.end), None)
    place = Place(snapshot, selection, turn)
    chosen = claims().filter(slug=claim).first() if claim else None
    forms = [
        bound
        if bound is not None and form is type(bound)
        else form(initial={"claim": chosen, **form.prefilled(place)})
        for form in FORMS.values()
        if form.open_to(user)
    ]
    opened = bound.action if bound else action
    text = bound.data.get("text", "") if bound else place.proposed
    return Panel(
        forms,
        selection,
        place.words,
        Rows.of(snapshot, selection.start, selection.end, user),
        opened,
        near(text) if opened == NewClaimForm.action else None,
        outside=not turns,
    )
