"""A file of annotations → Passages and Notes in one edition of a text, in one transaction, and a report
that tells of every one of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from sources.models import Passage, Snapshot

from ..models import Note
from . import export, recreating
from .placing import HINTS, Placement, Span, Status, Text, cut, place
from .reading import Incoming, Refused, Target, read
from .untrusted_json import MAX_BYTES, FileError
from .web_annotation import text_iri

PERMISSIONS = ("sources.add_passage", "claims.add_note")

# Each target that is placed becomes a Note with the whole annotation: so many characters of JSON, together.
MAX_KEPT = 5 * MAX_BYTES

THERE_ALREADY = "It is there already."


@dataclass
class Outcome:
    """What came of one annotation, or of one of its targets where it has several."""

    item: int  # 1 for the first in the file
    status: Status
    quote: str  # the beginning of what it quotes
    reason: str
    annotation: Any  # the whole of it, as it came
    target: int = 0  # 1 for the first of several; 0: it has but one
    span: Span | None = None
    new: bool = False  # stored by this import, or (in a dry run) to be stored
    differs: bool = False  # there already, in other words, which stay
    told_at: Outcome | None = None  # that of an earlier target, with which the annotation is told

    @property
    def where(self) -> str:
        return f"{self.item}.{self.target}" if self.target else str(self.item)

    @property
    def lost(self) -> bool:
        """Whether it is not stored as it came, so that the report must keep it."""
        return self.span is None or self.differs

    @property
    def kept(self) -> str:
        """Of what is not stored, the annotation as it came: for the report, lest it be lost. Once: of
        several targets, with the first such one."""
        return _json(self.annotation) if self.lost and self.told_at is None else ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data; what was not stored is in it as it came, or the number of the target with
        which it is."""
        told: dict[str, Any] = {
            "item": self.item,
            "target": self.target or 1,
            "status": self.status.value,
            "quote": self.quote,
            "reason": self.reason,
        }
        if self.span:
            told |= {"start": self.span[0], "end": self.span[1], "new": self.new}
        if self.told_at is not None:
            told["annotation_with_target"] = self.told_at.target
        elif self.lost:
            told["annotation"] = self.annotation
        return told


@dataclass
class ImportReport:
    """What an import did, or with `dry_run` would do."""

    snapshot: Snapshot
    dry_run: bool
    outcomes: list[Outcome] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # on the file as a whole
    made_on: Counter[str] = field(default_factory=Counter)  # addresses, as the file gives them

    @property
    def totals(self) -> dict[str, int]:
        """How many there are of each status, in the order of `Status`."""
        counted = Counter(outcome.status for outcome in self.outcomes)
        return {status.value: counted[status] for status in Status}

    @property
    def n_new(self) -> int:
        return sum(outcome.new for outcome in self.outcomes)

    @property
    def complete(self) -> bool:
        """Whether each has its place."""
        return all(outcome.status == Status.FOUND for outcome in self.outcomes)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the annotations were made, the most frequent address first. (A template that asked the
        Counter itself would be told 0.)"""
        return self.made_on.most_common()

    @property
    def summary(self) -> str:
        told = ", ".join(f"{number} {status}" for status, number in self.totals.items())
        doing = "would be stored" if self.dry_run else "stored"
        return f"{told}; {self.n_new} {doing}."

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.snapshot.source.slug,
            "edition": self.snapshot.edition,
            "dry_run": self.dry_run,
            "totals": self.totals,
            "new": self.n_new,
            "remarks": self.remarks,
            "made_on": dict(self.addresses),
            "annotations": [outcome.as_dict() for outcome in self.outcomes],
        }

    def as_json(self) -> str:
        return _json(self.as_dict())


def _json(value: Any) -> str:
    """As JSON; escaped where a refused annotation holds what no encoding has."""
    told = json.dumps(value, ensure_ascii=False, indent=2)
    return told.encode("utf-8", "backslashreplace").decode()


def import_annotations(
    data: bytes,
    snapshot: Snapshot,
    *,
    by: Any,
    dry_run: bool = False,
    made_on: str = "",
    claims: bool = False,
) -> ImportReport:
    """Import a file of annotations into `snapshot`, in the name of `by`. The same file again changes
    nothing.

    What has exactly one place becomes a Note on the Passage there; everything else is told in the report
    and not stored. `made_on`: take over only what was made on this address. `claims`: of what a desk like
    this one exported, make drafts again, claims and speakers included, and Notes only of the rest. Raises
    FileError where the file is none of annotations, or one of too many, PermissionDenied unless `by` has
    the PERMISSIONS (with `claims`, those of `recreating` too).
    """
    if not by.has_perms(PERMISSIONS):
        raise PermissionDenied("Importing annotations takes the right to add passages and notes.")
    if claims:
        recreating.check_rights(by)
    reading = read(data)
    report = ImportReport(snapshot, dry_run, remarks=reading.remarks)
    text = Text(snapshot.text)
    name = text_iri(snapshot.text)
    placed: list[tuple[Outcome, Incoming]] = []
    for annotation in reading.annotations:
        if isinstance(annotation, Refused):
            report.outcomes.append(_refused(annotation))
            continue
        for target in annotation.targets:
            report.made_on[target.source or "not said"] += 1
            placement = _place(text, name, target, made_on=made_on)
            outcome = _outcome(annotation, target, placement)
            report.outcomes.append(outcome)
            if outcome.span:
                placed.append((outcome, annotation))
    _refuse_copies(placed)
    with transaction.atomic():
        # Two imports of one file at once wait for each other.
        Snapshot.objects.light().select_for_update().get(pk=snapshot.pk)
        new = list(_new_notes(snapshot, placed, by=by))
        if new and (claims or not dry_run):
            passages = Passage.objects.mark_all(snapshot, (span for _, span, _ in new))
            for _, span, note in new:
                note.passage = passages[span]
            notes = [
                note
                for outcome, span, note in new
                if not (claims and _recreated(outcome, note, passages[span], by=by))
            ]
            # Not one by one: thousands are seconds. Whom such a note names with @ is somebody elsewhere,
            # so that nobody here is told (`Note.save`).
            Note.objects.bulk_create(notes, batch_size=500)
            if dry_run:
                transaction.set_rollback(True)
    if not text.all_hinted:
        report.remarks.append(
            f"The text does not read many of the quotations; for the first {HINTS} of them it was looked "
            "what place nearly reads the same."
        )
    _tell_once(report)
    return report


def _refuse_copies(placed: list[tuple[Outcome, Incoming]]) -> None:
    """Raise FileError where a small file would fill the database with copies of itself."""
    copies = Counter(annotation.item for _, annotation in placed)
    kept = 0
    for annotation in {annotation.item: annotation for _, annotation in placed}.values():
        number = copies[annotation.item]
        kept += number * len(_json(annotation.annotation)) if number > 1 else 0
        if kept > MAX_KEPT:
            raise FileError(
                f"Each place keeps the whole annotation: with the {number} of annotation {annotation.item} "
                f"that would be more than {MAX_KEPT // 1024**2} MB. Give it fewer targets."
            )


def _tell_once(report: ImportReport) -> None:
    """Of an annotation with several targets that are not stored, let the later ones refer to the first."""
    first: dict[int, Outcome] = {}
    for outcome in report.outcomes:
        if outcome.lost and first.setdefault(outcome.item, outcome) is not outcome:
            outcome.told_at = first[outcome.item]


def _recreated(outcome: Outcome, note: Note, passage: Passage, *, by: Any) -> bool:
    """Make a draft of what the annotation of `note` describes; tell in `outcome` what came of it."""
    desk = (note.imported or {}).get("desk")
    if not (isinstance(desk, dict) and desk.get("kind") in recreating.KINDS):
        return False
    try:
        recreating.recreate(desk, passage, by=by)
    except ValidationError as error:
        outcome.reason = f"{outcome.reason} As a note: {' '.join(error.messages)}".strip()
        return False
    outcome.reason = f"{outcome.reason} Made a draft of.".strip()
    return True


def _refused(annotation: Refused) -> Outcome:
    field = f"{annotation.field}: " if annotation.field else ""
    return Outcome(
        annotation.item, Status.REFUSED, "", f"{field}{annotation.why}", annotation.annotation
    )


def _place(text: Text, name: str, target: Target, *, made_on: str) -> Placement:
    if made_on and target.source.rstrip("/") != made_on.rstrip("/"):
        return Placement(
            Status.ORPHANED,
            f"It was made on another address: {cut(target.source, 200) or 'not said'}.",
        )
    if target.unreadable and target.position is None:
        return Placement(Status.ORPHANED, target.unreadable)
    ours = name in target.digests
    # Offsets of a text that is known to be another say nothing of this one.
    position = target.position if ours or not target.digests else None
    return place(text, target.quote, position, of_this_text=ours)


def _outcome(annotation: Incoming, target: Target, placement: Placement) -> Outcome:
    return Outcome(
        item=annotation.item,
        target=target.number if len(annotation.targets) > 1 else 0,
        status=placement.status,
        quote=cut(target.quote.exact) if target.quote else "",
        reason=placement.reason,
        annotation=annotation.annotation,
        span=placement.span,
    )


def _new_notes(
    snapshot: Snapshot, placed: list[tuple[Outcome, Incoming]], *, by: Any
) -> Iterator[tuple[Outcome, Span, Note]]:
    """The notes to be stored, each with its outcome and place. Of what is there already, the outcome says
    so."""
    stored = Note.objects.filter(passage__snapshot=snapshot).exclude(iri="")
    held = {
        (start, end, iri): imported
        for start, end, iri, imported in stored.values_list(
            "passage__start", "passage__end", "iri", "imported"
        )
    }
    ours = _rows_by_key(snapshot) if any(annotation.desk for _, annotation in placed) else {}
    now = timezone.now()
    for outcome, annotation in placed:
        assert outcome.span is not None  # noqa: S101 -- of a placed one
        row = ours.get(_key(outcome.span, annotation.desk))
        if row is not None:
            _tell(outcome, _differing(row, annotation.desk))
            continue
        key = (*outcome.span, annotation.iri)
        if key in held:
            same = held[key] == annotation.annotation
            _tell(outcome, "" if same else "here as it read when it was imported")
            continue
        note = Note(
            body=annotation.body,
            author=by,
            created_at=now,
            iri=annotation.iri,
            creator=annotation.creator,
            imported=annotation.annotation,
        )
        try:
            note.clean_fields(exclude=["passage", "author", "imported"])
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            outcome.status, outcome.span = Status.REFUSED, None
            outcome.reason = f"{name}: {messages[0]}"
            continue
        held[key] = annotation.annotation
        outcome.new = True
        yield outcome, outcome.span, note


def _tell(outcome: Outcome, difference: str) -> None:
    outcome.differs = bool(difference)
    there = f"It is there already, {difference}." if difference else THERE_ALREADY
    outcome.reason = f"{outcome.reason} {there}".strip()


# --- Our own rows, coming back ---


def _rows_by_key(snapshot: Snapshot) -> dict[Any, dict[str, Any]]:
    """What the desk has annotated in `snapshot`, as export gives it, by what makes each the one it is."""
    found = {}
    for rows in export.rows(snapshot).values():
        for row in rows:
            desk = export.desk_of(row)
            found[_key((row.passage.start, row.passage.end), desk)] = desk
    found.pop(None, None)
    return found


def _key(span: Span, desk: dict[str, Any] | None) -> Any:
    """What makes a row the one it is: its place and kind, its claim, and who speaks."""
    desk = desk or {}
    kind = desk.get("kind")
    if kind == "note":
        return (*span, kind, str(desk.get("author")), str(desk.get("body")))
    who = {"appearance": "claimant", "rebuttal": "speaker", "evidence": "locator"}.get(str(kind))
    if who is None:
        return None
    given = desk.get("claim"), desk.get(who)
    claim, speaker = (value.get("slug") if isinstance(value, dict) else value for value in given)
    return (*span, kind, str(claim), str(speaker))


def _differing(row: dict[str, Any], desk: dict[str, Any] | None) -> str:
    """Say in which columns a row that comes back differs from the one here."""
    given = desk or {}
    names = [name for name in row if name != "published" and row[name] != given.get(name)]
    return f"with another {' and '.join(names).replace('_', ' ')}" if names else ""
