"""Writing to the log: entries, their documents, the tree above them, and the checkpoint of it.

All under the lock of the log's head, in the transaction of the events. The models are asked of the head's
registry, so that a migration writes with those of its own time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from . import documents as told
from . import merkle, notes
from .canonical import canonical, digest
from .checkpoints import Checkpoint
from .tiles import MAX_ENTRY

log = logging.getLogger(__name__)

Hashes = dict[merkle.Place, bytes]


class EntryTooLong(ValueError):
    """An entry has more bytes than a bundle can hold; what is long belongs into a document."""


def hashes(model: Any, places: Iterable[merkle.Place]) -> Hashes:
    """The stored hashes of `places`, in one query; what is not stored is not in it."""
    wanted = Q()
    for level, index in places:
        wanted |= Q(level=level, index=index)
    if not wanted:
        return {}
    rows = model.objects.filter(wanted).values_list("level", "index", "hash")
    return {(level, index): bytes(found) for level, index, found in rows}


def fill(
    entry: Any,
    kind: str,
    *,
    at: dt.datetime,
    recorded: str,
    documents: Mapping[str, Any] | None = None,
    sealed: Mapping[str, Any] | None = None,
    **says: Any,
) -> list[Any]:
    """Give `entry`, which has its number, its content (as `LogEntry.write` has it), and return its documents.
    Nothing is written."""
    written = {name: canonical(value).decode() for name, value in (documents or {}).items()}
    digests = {name: hashlib.sha256(body.encode()).hexdigest() for name, body in written.items()}
    entry.kind, entry.at = kind, at
    entry.sealed = canonical(dict(sealed)).decode() if sealed else ""
    entry.body = told.entry(
        entry.number,
        kind,
        at=at,
        logged_at=timezone.now(),
        recorded=recorded,
        documents=digests,
        sealed=digest(dict(sealed)) if sealed else None,
        **says,
    ).decode()
    model = type(entry)._meta.apps.get_model("claims", "LogDocument")
    return [
        model(sha256=digests[name], body=body, entry_id=entry.number)
        for name, body in written.items()
    ]


def append(head: Any, entries: Sequence[Any], documents: Sequence[Any]) -> Hashes:
    """Write `entries`, numbered on from `head.size`, with `documents` and the nodes that they complete, and
    return hashes from which the new root can be computed. Five queries at most."""
    models = type(head)._meta.apps
    nodes = models.get_model("claims", "LogNode")
    found = hashes(nodes, merkle.needed_for_root(head.size))
    complete = []

    def hash_of(level: int, index: int) -> bytes:
        return found[level, index]

    for size, entry in enumerate(entries, start=head.size):
        data = entry.body.encode()
        if len(data) > MAX_ENTRY:
            raise EntryTooLong(f"Entry {size} has {len(data):,} bytes, of {MAX_ENTRY:,} at most.")
        made = merkle.appended(hash_of, size, merkle.leaf_hash(data))
        found.update({(level, index): hash for level, index, hash in made})
        complete += made
    type(entries[0])._default_manager.bulk_create(entries)
    if documents:
        kept = models.get_model("claims", "LogDocument")
        kept.objects.bulk_create(documents, ignore_conflicts=True)
    nodes.objects.bulk_create(
        [nodes(level=level, index=index, hash=hash) for level, index, hash in complete]
    )
    head.size += len(entries)
    head.save(update_fields=["size"])
    return found


def signing_key() -> notes.SigningKey | None:
    """The key that checkpoints are to be signed with (LOG_KEY), or None."""
    return notes.SigningKey.parse(settings.LOG_KEY) if settings.LOG_KEY else None


def sign(head: Any, found: Hashes, *, also: Sequence[notes.SigningKey] = ()) -> bool:
    """Store a signed checkpoint of the tree as it is now, of whose perfect subtrees `found` has the hashes;
    return whether there is one. The first key that signs becomes the log's.

    An event does not fail for the lack of the key: the next checkpoint covers it too.
    """
    key = signing_key()
    if key is None:
        return False
    models = type(head)._meta.apps
    if head.key is None:
        model = models.get_model("claims", "LogKey")
        head.key = model.objects.create(number=1, verifier=str(key.verifier), since=head.size)
        head.save(update_fields=["key"])
    elif head.key.verifier != str(key.verifier):
        log.error(
            "LOG_KEY is not the key of the log (%s): no checkpoint of its %s entries was signed. "
            "docs/log.md says how a key is changed.",
            head.key.verifier,
            head.size,
        )
        return False
    root = merkle.root(lambda level, index: found[level, index], head.size)
    text = Checkpoint(key.name, head.size, root).text()
    checkpoints = models.get_model("claims", "LogCheckpoint")
    checkpoints.objects.create(size=head.size, root=root, note=notes.sign(text, key, *also))
    return True


def sign_what_is_there(head: Any) -> bool:
    """Sign a checkpoint of the tree as it is, unless there is one; return whether one was made. The head is
    locked."""
    models = type(head)._meta.apps
    checkpoints = models.get_model("claims", "LogCheckpoint").objects
    if not head.size or checkpoints.filter(size=head.size).exists():
        return False
    nodes = models.get_model("claims", "LogNode")
    return sign(head, hashes(nodes, merkle.needed_for_root(head.size)))
