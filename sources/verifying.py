"""Whether the archive still has what is published: bytes, texts, WARC files and quotations, each computed
anew and held against the digest, or the words, that the database has of it.

The rule is here alone: readers' pages, the command `verify_snapshots` and the nightly job show what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import anchoring, store
from .models import Capture, Passage, Snapshot, Source


class State(models.TextChoices):
    RIGHT = "right", _("as published")
    DAMAGED = "damaged", _("not what is published")
    MISSING = "missing", _("missing")
    LEFT_OUT = "left-out", _("not looked at here: too large")


@dataclass
class Budget:
    """How many bytes of the archive may still be read; None: all that there are."""

    left: int | None = None

    def covers(self, name: str) -> bool:
        """Whether what is kept under `name` may be read; then it is paid for. Raises store.Missing."""
        if self.left is None:
            return True
        size = store.size(name)
        if size > self.left:
            return False
        self.left -= size
        return True


@dataclass(frozen=True)
class Check:
    """What was found of one edition; `warc` is None where it has no WARC file of its own."""

    edition: int
    sha256: str
    data: State
    text_sha256: str
    text: State
    warc_sha256: str
    warc: State | None
    passages: int
    wrong: list[str] = field(default_factory=list)  # the spans of those that read otherwise: 10-42

    @property
    def is_right(self) -> bool:
        """Nothing is amiss; what was left out is not known to be."""
        amiss = {State.DAMAGED, State.MISSING}
        return not (self.wrong or {self.data, self.text, self.warc} & amiss)

    @property
    def quotations(self) -> State:
        return State.DAMAGED if self.wrong else State.RIGHT

    def faults(self) -> list[str]:
        """What is amiss, each in a few words."""
        parts = (("bytes", self.sha256, self.data), ("text", self.text_sha256, self.text))
        warcs = [("WARC file", self.warc_sha256, self.warc)] if self.warc else []
        told = [
            f"{name} {sha256}: {state.value}"
            for name, sha256, state in (*parts, *warcs)
            if state in (State.DAMAGED, State.MISSING)
        ]
        return [*told, *(f"passage {span}: the text reads otherwise there" for span in self.wrong)]


def check(
    snapshot: Snapshot, *, passages: Iterable[Passage], capture: Capture | None, budget: Budget
) -> Check:
    """Compute anew all that is said of an edition: its bytes and the WARC file of `capture` in the archive,
    its text, and whether each of `passages` reads what it should. Files are read a piece at a time."""
    text, found = snapshot.text, list(passages)
    digest = store.digest(text.encode())
    return Check(
        edition=snapshot.edition,
        sha256=snapshot.sha256,
        data=_kept(store.path(snapshot.sha256), snapshot.sha256, budget),
        text_sha256=snapshot.text_sha256,
        text=State.RIGHT if digest == snapshot.text_sha256 else State.DAMAGED,
        warc_sha256=capture.warc_sha256 if capture else "",
        warc=_kept(capture.warc_path, capture.warc_sha256, budget) if capture else None,
        passages=len(found),
        wrong=[f"{row.start}-{row.end}" for row in found if not reads(text, row)],
    )


def reads(text: str, passage: Passage) -> bool:
    """Whether the passage stands in `text` as it says, with the words before and after it."""
    if not 0 <= passage.start < passage.end <= len(text):
        return False
    found = anchoring.select(text, passage.start, passage.end)
    return (
        found.exact == passage.exact
        and text[: passage.start].endswith(passage.prefix)
        and text[passage.end :].startswith(passage.suffix)
    )


def _kept(name: str, sha256: str, budget: Budget) -> State:
    try:
        if not budget.covers(name):
            return State.LEFT_OUT
        store.open_file(name, sha256).close()
    except store.Missing:
        return State.MISSING
    except store.Damaged:
        return State.DAMAGED
    return State.RIGHT


def check_everything(
    sources: models.QuerySet[Source], *, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[str, list[str]]]:
    """Check every edition and every capture of `sources`, drafts too; yields of each what it is, and what is
    amiss with it. Holds one text at a time."""
    every, budget = sources.order_by("pk").values_list("pk", "slug"), Budget()
    for number, (pk, slug) in enumerate(list(every), start=1):
        for edition in list(_editions(pk)):
            snapshot = Snapshot.objects.get(source=pk, edition=edition)
            passages = Passage.objects.filter(snapshot=snapshot).order_by("start", "end")
            # Its WARC files are looked at below, with all others.
            found = check(snapshot, passages=passages.iterator(), capture=None, budget=budget)
            yield f"{slug}, edition {edition}", found.faults()
        for capture in Capture.objects.filter(source=pk).kept().order_by("pk").iterator():
            yield f"{slug}, captured {capture.ended_at:%Y-%m-%d %H:%M}", _of(capture, budget)
        say(f"{number} of {len(every)} sources")


def _editions(source: int) -> Any:
    return (
        Snapshot.objects.filter(source=source).order_by("edition").values_list("edition", flat=True)
    )


def _of(capture: Capture, budget: Budget) -> list[str]:
    """What is amiss with the bytes and the WARC file that a capture has kept."""
    parts = (
        ("bytes", store.path(capture.sha256), capture.sha256),
        ("WARC file", capture.warc_path, capture.warc_sha256),
    )
    told = []
    for name, path, sha256 in parts:
        state = _kept(path, sha256, budget)
        if state != State.RIGHT:
            told.append(f"{name} {sha256}: {state.value}")
    return told
