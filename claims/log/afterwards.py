"""Entries of what was there before it was logged: at the beginning of the log, and after an import."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from . import events
from .writing import append, fill

BATCH = 200  # entries

# (name of the model, primary key, whether it is the end)
Event = tuple[str, int, bool]


def log_what_is_there(get_model: Any) -> None:
    """Log every verdict that is published, every end of one and every merge of public claims, in the order of
    their times. For a database in which nothing of it is logged, and without triggers on verdicts."""
    verdicts = get_model("claims", "Verdict").objects.filter(published_at__isnull=False)
    merges = get_model("claims", "Merge").objects.filter(retired__published_at__isnull=False)
    found = []
    for pk, claim, version, begin, end in verdicts.values_list(
        "pk", "claim", "version", "published_at", "ended_at"
    ):
        found.append((begin, claim, version, ("Verdict", pk, False)))
        if end is not None:
            found.append((end, claim, version, ("Verdict", pk, True)))
    for pk, claim, begin, end in merges.values_list("pk", "retired", "merged_at", "undone_at"):
        found.append((begin, claim, 0, ("Merge", pk, False)))
        if end is not None:
            found.append((end, claim, 0, ("Merge", pk, True)))
    write([event for *_, event in sorted(found)], get_model, recorded="afterwards")


def write(found: Iterable[Event], get_model: Any, *, recorded: str) -> None:
    """Log the events `found` in their order. A verdict that names no entry gets the number of its own."""
    head = get_model("claims", "LogHead").objects.get()
    waiting = iter(found)
    while batch := list(islice(waiting, BATCH)):
        entries, documents = [], []
        for number, (model, pk, end) in enumerate(batch, start=head.size):
            entry = get_model("claims", "LogEntry")(number=number)
            entries.append(entry)
            documents += fill(entry, **_said(entry, model, pk, end, get_model, recorded))
        append(head, entries, documents)


def _said(
    entry: Any, model: str, pk: int, end: bool, get_model: Any, recorded: str
) -> dict[str, Any]:
    rows = get_model("claims", model).objects
    if model == "Merge":
        merge = rows.select_related("retired", "into").get(pk=pk)
        return events.merging(entry, merge, undone=end, recorded=recorded)
    verdict = rows.select_related("claim").get(pk=pk)
    name = "ending_entry_id" if end else "publication_entry_id"
    if getattr(verdict, name) is None:
        setattr(verdict, name, entry.number)
        rows.filter(pk=pk).update(**{name: entry.number})
    if end:
        return events.end(entry, verdict, recorded=recorded)
    return events.publication(entry, verdict, recorded=recorded, get_model=get_model)
