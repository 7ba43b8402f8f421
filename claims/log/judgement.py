"""What is stored of verdicts, merges and changes of keys, held against what was logged of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Q

from ..models.log import EventKind, LogDocument, LogEntry, Recorded
from . import canonical
from . import documents as told

FEW = 20  # verdicts, of which each may be long

COLUMNS = (
    *told.VERDICT,
    *told.ENDING,
    *told.SEALED_PUBLICATION,
    *told.SEALED_ENDING[1:],
    "claim_id",
    "publication_entry",
    "ending_entry",
)


def judgement_findings() -> Iterator[str]:
    """A sentence for each thing that is stored otherwise than it was logged."""
    yield from verdict_findings()
    yield from override_findings()
    yield from merge_findings()
    yield from rotation_findings()


def verdict_findings() -> Iterator[str]:
    verdicts = apps.get_model("claims", "Verdict").objects.filter(
        Q(published_at__isnull=False)
        | Q(ended_at__isnull=False)
        | Q(publication_entry__isnull=False)
        | Q(ending_entry__isnull=False)
    )
    last = 0
    while rows := list(verdicts.filter(pk__gt=last).order_by("pk").values(*COLUMNS)[:FEW]):
        last = rows[-1]["id"]
        entries = LogEntry.objects.in_bulk(
            [
                row[name]
                for row in rows
                for name in ("publication_entry", "ending_entry")
                if row[name] is not None
            ]
        )
        for row in rows:
            yield from _publication_findings(row, entries.get(row["publication_entry"]))
            if row["ending_entry"] is not None or row["ended_at"] is not None:
                yield from _ending_findings(row, entries.get(row["ending_entry"]))


def _publication_findings(row: Mapping[str, Any], entry: LogEntry | None) -> Iterator[str]:
    name = _name(row)
    kinds = (EventKind.PUBLISHED if row["version"] == 1 else EventKind.CORRECTED,)
    yield from _entry_findings(name, row, entry, "publication_entry", kinds)
    if entry is None:
        return
    if row["published_at"] is None:
        yield f"{name}: it is logged as published, and is not (published_at)."
    yield from _document_findings(name, entry, "verdict", told.verdict(row))
    yield from _sealed_findings(name, entry, row, told.SEALED_PUBLICATION)


def _ending_findings(row: Mapping[str, Any], entry: LogEntry | None) -> Iterator[str]:
    name = _name(row)
    yield from _entry_findings(name, row, entry, "ending_entry", (row["ending"],))
    if entry is None:
        return
    yield from _document_findings(name, entry, "ending", told.ending(row))
    yield from _sealed_findings(name, entry, row, told.SEALED_ENDING)
    if said(entry.body).get("publication") != row["publication_entry"]:
        yield f"{name}: entry {entry.number} is of the end of what another entry published."


def _entry_findings(
    name: str, row: Mapping[str, Any], entry: LogEntry | None, field: str, kinds: Iterable[str]
) -> Iterator[str]:
    if entry is None:
        yield f"{name}: its entry {row[field]} is missing ({field})."
        return
    if entry.verdict_id != row["id"]:
        yield f"{name}: entry {entry.number} is of verdict {entry.verdict_id} ({field})."
    if entry.claim_id != row["claim_id"]:
        yield f"{name}: entry {entry.number} is of another claim (claim)."
    if entry.kind not in kinds:
        yield f"{name}: entry {entry.number} says {entry.kind} ({field})."


def _document_findings(
    name: str, entry: LogEntry, what: str, stored: dict[str, Any]
) -> Iterator[str]:
    """Which fields of a document differ from what is stored now."""
    digest = digests_of(said(entry.body)).get(what)
    if canonical.digest(stored) == digest:
        return
    document = LogDocument.objects.filter(pk=digest).first()
    logged = said(document.body) if document else {}
    if not logged:
        yield f"{name}: what entry {entry.number} says of it cannot be read ({what})."
    for field in stored if logged else ():
        if logged.get(field) != stored[field]:
            yield f"{name}: what is stored differs from what entry {entry.number} says ({field})."


def _sealed_findings(
    name: str, entry: LogEntry, row: Mapping[str, Any], names: Iterable[str]
) -> Iterator[str]:
    """Which columns differ from what the desk keeps of an entry."""
    sealed = said(entry.sealed)
    for field, value in told.sealed(row, names).items():
        if field != "salt" and sealed.get(field) != value:
            yield f"{name}: it differs from what was kept with entry {entry.number} ({field})."


def override_findings() -> Iterator[str]:
    """Of verdicts that were logged at once: each gate overridden has its entry, in their order. Others were
    published before the log, or elsewhere: there, what was overridden stands in the verdict's document."""
    verdicts = apps.get_model("claims", "Verdict").objects.filter(published_at__isnull=False)
    rows = verdicts.exclude(overrides=[]).order_by("pk")
    logged = LogEntry.objects.filter(kind=EventKind.OVERRIDDEN)
    names = ("id", "claim__slug", "version", "overrides", "publication_entry__body")
    for row in rows.values(*names).iterator():
        if said(row["publication_entry__body"] or "").get("recorded") != Recorded.AT_ONCE:
            continue
        entries = logged.filter(verdict=row["id"]).order_by("number")
        told_of = [digests_of(said(entry.body)).get("override") for entry in entries]
        if told_of != [canonical.digest(one) for one in row["overrides"]]:
            yield f"{_name(row)}: what was overridden differs from what was logged of it (overrides)."
    stray = logged.exclude(verdict__in=rows.values("pk")).values_list("number", flat=True)
    for number in stray:
        yield f"entry {number}: it is of no verdict for which a gate was overridden."


def merge_findings() -> Iterator[str]:
    merges = apps.get_model("claims", "Merge").objects.filter(retired__published_at__isnull=False)
    logged: dict[tuple[int, str], list[LogEntry]] = {}
    kinds = (EventKind.MERGED, EventKind.UNMERGED)
    # Merges are made by hand: there are few of them.
    for entry in LogEntry.objects.filter(kind__in=kinds).order_by("number"):
        logged.setdefault((entry.merge_id or 0, entry.kind), []).append(entry)
    steps = {"merged": told.SEALED_MERGE, "undone": told.SEALED_UNDOING}
    for merge in merges.order_by("pk").iterator():
        for (step, names), kind in zip(steps.items(), kinds, strict=True):
            name = f"merge {merge.pk}"
            at = getattr(merge, f"{step}_at")
            entries = logged.pop((merge.pk, kind), [])
            if len(entries) != (at is not None):
                yield f"{name}: it has {len(entries)} entries that say {kind} ({step}_at)."
            for entry in entries:
                if at is not None and entry.at != at:
                    yield f"{name}: it differs from what entry {entry.number} says ({step}_at)."
                if entry.claim_id != merge.retired_id:
                    yield f"{name}: entry {entry.number} is of another claim (retired)."
                yield from _sealed_findings(name, entry, vars(merge), names)
    for entries in logged.values():
        for entry in entries:
            yield f"entry {entry.number}: it is of no merge of a public claim (merge)."


def rotation_findings() -> Iterator[str]:
    rotations = apps.get_model("claims", "LogKeyRotation")
    for row in rotations.objects.filter(confirmed_at__isnull=False).select_related("entry"):
        name = f"change of key {row.pk}"
        if row.entry is None or row.entry.kind != EventKind.KEY_ROTATED:
            yield f"{name}: its entry is missing (entry)."
            continue
        if row.entry.at != row.confirmed_at:
            yield f"{name}: it differs from what entry {row.entry_id} says (confirmed_at)."
        if _dict(said(row.entry.body).get("keys")).get("to") != row.verifier:
            yield f"{name}: it differs from what entry {row.entry_id} says (verifier)."
        yield from _sealed_findings(name, row.entry, vars(row), rotations.SEALED)
    for number in LogEntry.objects.filter(kind=EventKind.KEY_ROTATED, rotation=None).values_list(
        "number", flat=True
    ):
        yield f"entry {number}: nobody confirmed the key that it brought."


def _name(row: Mapping[str, Any]) -> str:
    return f"verdict {row['id']} ({row['claim__slug']}, version {row['version']})"


def said(text: str) -> dict[str, Any]:
    """What canonical JSON says, if it is an object; else nothing."""
    try:
        return _dict(canonical.read(text.encode()))
    except canonical.NotCanonical:
        return {}


def digests_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The documents that an entry names: name → digest."""
    return {
        name: digest
        for name, digest in _dict(body.get("documents")).items()
        if isinstance(digest, str)
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
