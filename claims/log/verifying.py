"""The log computed anew, and held against what is stored: what is wrong, named thing by thing.

`findings` yields a sentence for each. Memory does not grow with the log: entries, documents and verdicts are
read in batches, and of the tree only the hashes are kept that the next entries build on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q

from ..models.log import EventKind, LogCheckpoint, LogDocument, LogEntry, LogHead, LogNode
from ..models.log_key import LogKey
from . import canonical, merkle
from . import documents as told
from .checkpoints import Checkpoint, CheckpointError
from .judgement import digests_of, judgement_findings, said
from .notes import KeyFormatError, NoteError, VerifierKey, read, verify

BATCH = 200  # entries
FEW = 20  # documents, of which each may be long

PUBLICATIONS = (EventKind.PUBLISHED, EventKind.CORRECTED)
ENDINGS = (EventKind.SUPERSEDED, EventKind.WITHDRAWN)


def findings() -> Iterator[str]:
    """What is wrong with the log, and with what it says of verdicts, merges and keys: a sentence each, and
    none where all is right."""
    keys = list(LogKey.objects.select_related("entry"))
    yield from key_findings(keys)
    tree = Tree(keys)
    yield from tree.findings()
    yield from document_findings()
    yield from judgement_findings()


# --- Entries, nodes, checkpoints ---


class Tree:
    """The tree as it follows from the entries, beside that which is stored."""

    def __init__(self, keys: list[LogKey]) -> None:
        self._keys = keys
        self._size = 0  # entries that were read
        self._computed: dict[merkle.Place, bytes] = {}
        self._stored: dict[merkle.Place, bytes] = {}
        self._wrong_roots: list[int] = []

    def findings(self) -> Iterator[str]:
        if LogCheckpoint.objects.filter(size=0).exists():
            yield "checkpoint 0: nothing is signed before the first entry."
        last = -1
        while batch := list(
            LogEntry.objects.filter(number__gt=last)
            .select_related("claim", "verdict", "merge__into")
            .defer("verdict__rationale", "claim__context")
            .order_by("number")[:BATCH]
        ):
            last = batch[-1].number
            # Of a small gap the stored hashes may help on; none helps over a wide one.
            near = [one for one in batch if one.number < self._size + 2 * BATCH]
            if near:
                yield from self._batch(near)
            if len(near) < len(batch):
                beyond = batch[len(near)].number
                yield f"entry {self._size} is missing, and so are all before entry {beyond}."
                break
        yield from self._end()

    def _batch(self, batch: list[LogEntry]) -> Iterator[str]:
        first, end = self._size, batch[-1].number + 1
        self._stored.update(_nodes(first, end))
        signed = {
            row.size: row for row in LogCheckpoint.objects.filter(size__gt=first, size__lte=end)
        }
        bodies = {entry.number: said(entry.body) for entry in batch}
        named = {
            digest
            for body in bodies.values()
            for digest in digests_of(body).values()
            if isinstance(digest, str)
        }
        since = dict(LogDocument.objects.filter(pk__in=named).values_list("sha256", "entry"))
        by_number = {entry.number: entry for entry in batch}
        for number in range(first, end):
            entry = by_number.get(number)
            if entry is None:
                yield f"entry {number} is missing."
                leaf = self._stored.get((0, number), bytes(32))
            else:
                yield from entry_findings(entry, bodies[number], since)
                leaf = merkle.leaf_hash(entry.body.encode())
            yield from self._add(leaf)
            if self._size in signed:
                yield from self._checkpoint(signed[self._size])
        keep = merkle.needed_for_root(self._size)
        self._computed = {place: self._computed[place] for place in keep}
        self._stored = {place: self._stored[place] for place in keep if place in self._stored}

    def _add(self, leaf: bytes) -> Iterator[str]:
        complete = merkle.appended(lambda *place: self._computed[place], self._size, leaf)
        for level, index, computed in complete:
            self._computed[level, index] = computed
            stored = self._stored.get((level, index))
            if stored is None:
                yield f"node {level}/{index} is missing."
                continue
            # Against what is stored below it, so that one wrong hash is not told of all above it.
            below = (
                self._stored.get((level - 1, 2 * index)),
                self._stored.get((level - 1, 2 * index + 1)),
            )
            if level == 0:
                if stored != leaf:
                    yield f"entry {index}: its hash is not that of node 0/{index}."
            elif None not in below and stored != merkle.node_hash(*below):  # type: ignore[arg-type]
                yield f"node {level}/{index} is not the hash of the two below it."
        self._size += 1

    def _checkpoint(self, row: LogCheckpoint) -> Iterator[str]:
        name = f"checkpoint {row.size}"
        root = merkle.root(lambda *place: self._computed[place], row.size)
        known = [key for key in self._keys if key.since <= row.size]
        # The first of a key that is not the first: the one before signs too.
        signers = known[-2:] if known and known[-1].since == row.size else known[-1:]
        if not signers:
            yield f"{name}: no key had signed the log by then."
            return
        try:
            keys = [VerifierKey.parse(key.verifier) for key in signers]
            for key in keys:
                text = verify(row.note, [key])
            if len(read(row.note).signatures) != len(keys):
                yield f"{name}: it has other signatures than {len(keys)} of the log."
            says = Checkpoint.parse(text)
        except (NoteError, CheckpointError, KeyFormatError) as error:
            yield f"{name}: {error}"
            return
        if says.origin != keys[0].name:
            yield f"{name}: it is of another log, {says.origin}."
        if says.size != row.size:
            yield f"{name}: what was signed is of {says.size} entries (size)."
        if says.root != bytes(row.root):
            yield f"{name}: its root is not the one that was signed (root)."
        if says.root != root:
            if not self._wrong_roots:
                yield f"{name}: the entries up to {row.size - 1} have another root than was signed."
            self._wrong_roots.append(row.size)

    def _end(self) -> Iterator[str]:
        if len(self._wrong_roots) > 1:
            yield f"checkpoints {self._wrong_roots[1]} to {self._wrong_roots[-1]}: so have they."
        if LogNode.objects.count() != sum(self._size >> level for level in range(64)):
            for level, index in LogNode.objects.values_list("level", "index").iterator():
                if level > 63 or index >= self._size >> level:
                    yield f"node {level}/{index}: the tree has no such node."
        for size in LogCheckpoint.objects.filter(size__gt=self._size).values_list(
            "size", flat=True
        ):
            yield f"checkpoint {size}: the log has {self._size} entries."
        head = LogHead.objects.select_related("key").first()
        if head is None or head.size != self._size:
            yield f"head: it says {head and head.size} entries, and there are {self._size} (size)."
        present = self._keys[-1] if self._keys else None
        if (head and head.key) != present:
            yield "head: its key is not the last one (key)."
        newest = LogCheckpoint.objects.first()
        signed = newest.size if newest else 0
        if signed < self._size and settings.LOG_KEY:
            yield f"entries {signed} to {self._size - 1} are not signed: manage.py sign_log signs them."


def _nodes(first: int, end: int) -> dict[merkle.Place, bytes]:
    """The stored nodes that the entries from `first` to before `end` complete."""
    wanted = Q()
    for level in range(end.bit_length()):
        wanted |= Q(level=level, index__gte=first >> level, index__lt=end >> level)
    rows = LogNode.objects.filter(wanted).values_list("level", "index", "hash")
    return {(level, index): bytes(found) for level, index, found in rows}


def entry_findings(
    entry: LogEntry, body: Mapping[str, Any], since: Mapping[str, int]
) -> Iterator[str]:
    """What is wrong with an entry by itself; `since`: digest → the first entry that a document belongs to."""
    name = f"entry {entry.number}"
    if not body:
        yield f"{name}: it is not canonical JSON (body)."
        return
    expected = {
        "log": told.FORMAT,
        "number": entry.number,
        "kind": entry.kind,
        "at": told.moment(entry.at),
    }
    if entry.kind != EventKind.KEY_ROTATED and entry.kind != EventKind.IMPORTED:
        expected["claim"] = entry.claim and entry.claim.slug
    elif entry.claim_id is not None:
        yield f"{name}: it is of no claim (claim)."
    if entry.kind in (*PUBLICATIONS, *ENDINGS):
        expected["version"] = entry.verdict and entry.verdict.version
    elif entry.kind == EventKind.OVERRIDDEN:
        expected["publication"] = entry.verdict and entry.verdict.publication_entry_id
    elif entry.verdict_id is not None:
        yield f"{name}: it is of no verdict (verdict)."
    if entry.kind in (EventKind.MERGED, EventKind.UNMERGED):
        expected["into"] = entry.merge and entry.merge.into.slug
    elif entry.merge_id is not None:
        yield f"{name}: it is of no merge (merge)."
    for field, value in expected.items():
        if body.get(field) != value:
            yield f"{name}: it says {body.get(field)!r}, and its row {value!r} ({field})."
    sealed = hashlib.sha256(entry.sealed.encode()).hexdigest() if entry.sealed else None
    if body.get("sealed") != sealed:
        yield f"{name}: what the desk keeps of it is not what it has the digest of (sealed)."
    yield from _named_findings(entry)
    for what, digest in digests_of(body).items():
        if digest not in since:
            yield f"{name}: its document {what}, {digest}, is missing."
        elif since[digest] > entry.number:
            yield f"document {digest}: it belongs to entry {entry.number} already (entry)."


def _named_findings(entry: LogEntry) -> Iterator[str]:
    """Whether the verdict of an entry names it."""
    names = {EventKind.PUBLISHED: "publication", EventKind.CORRECTED: "publication"}
    names |= {EventKind.SUPERSEDED: "ending", EventKind.WITHDRAWN: "ending"}
    if entry.kind not in names:
        return
    field = f"{names[EventKind(entry.kind)]}_entry"
    if entry.verdict is None:
        yield f"entry {entry.number}: it is of no verdict (verdict)."
    elif getattr(entry.verdict, f"{field}_id") != entry.number:
        other = getattr(entry.verdict, f"{field}_id")
        yield f"entry {entry.number}: its verdict, {entry.verdict_id}, names entry {other} ({field})."


# --- Documents ---


def document_findings() -> Iterator[str]:
    rows = LogDocument.objects.select_related("entry").order_by("pk")
    for row in rows.iterator(chunk_size=FEW):
        name = f"document {row.pk}"
        if hashlib.sha256(row.body.encode()).hexdigest() != row.pk:
            yield f"{name}: it has another digest (body)."
        try:
            canonical.read(row.body.encode())
        except canonical.NotCanonical as error:
            yield f"{name}: {error} (body)"
        if row.pk not in digests_of(said(row.entry.body)).values():
            yield f"{name}: entry {row.entry_id} does not name it (entry)."


# --- Keys ---


def key_findings(keys: list[LogKey]) -> Iterator[str]:
    """Whether each key but the first came by an entry, and began to sign with it."""
    for place, key in enumerate(keys):
        name = f"key {key.number}"
        if key.number != place + 1:
            yield f"{name}: key {place + 1} is missing (number)."
        try:
            VerifierKey.parse(key.verifier)
        except KeyFormatError as error:
            yield f"{name}: {error} (verifier)"
        if place == 0:
            oldest = LogCheckpoint.objects.order_by("size").first()
            if key.entry_id is not None:
                yield f"{name}: no entry made the first key (entry)."
            if oldest is not None and oldest.size != key.since:
                yield f"{name}: the first checkpoint is of {oldest.size} entries, not {key.since} (since)."
            continue
        body = said(key.entry.body) if key.entry else {}
        if body.get("keys") != {"from": keys[place - 1].verifier, "to": key.verifier}:
            yield f"{name}: no entry puts it in the place of the one before (verifier, entry)."
        elif key.since != key.entry_id + 1:  # type: ignore[operator]
            yield f"{name}: it signed from {key.entry_id + 1} on, not from {key.since} (since)."  # type: ignore[operator]
    rotations = LogEntry.objects.filter(kind=EventKind.KEY_ROTATED, key=None)
    for number in rotations.values_list("number", flat=True):
        yield f"entry {number}: the key that it brought is missing."
