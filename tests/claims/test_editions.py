"""The editions that the public may see, and their pages."""

from __future__ import annotations

import datetime as dt

import pytest

from claims.querysets import public_copies, public_editions
from sources import store
from sources.models import Capture, Snapshot
from tests.factories import (
    AppearanceFactory,
    SnapshotFactory,
    SourceFactory,
    editor,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)


def captured(snapshot: Snapshot, **fields) -> Capture:
    """A visit to the address of its source that found these bytes, if nothing else is said."""
    values = {
        "source": snapshot.source,
        "snapshot": snapshot,
        "url": snapshot.source.url,
        "final_url": snapshot.source.url,
        "occasion": "desk",
        "ended_at": AT,
        "outcome": "new",
        "status": 200,
        "media_type": snapshot.media_type,
        "sha256": snapshot.sha256,
    }
    return Capture.objects.create(**(values | fields))


def public_source(**fields):
    source = SourceFactory(**fields)
    source.publish(by=editor(), at=AT)
    return source


def test_what_is_quoted_or_was_captured_for_a_published_source_is_public_and_nothing_else():
    quoted = transcript(slug="quoted")
    published(AppearanceFactory(passage=passage(quoted)).claim)
    SnapshotFactory(source=quoted.source, edition=2, text="A file, handed in; nobody quotes it.")
    AppearanceFactory(passage=passage(transcript(slug="quoted-by-a-draft")))
    archived = SnapshotFactory(source=public_source(slug="archived"), text="Archived.")
    captured(archived)
    captured(SnapshotFactory(source__slug="draft", text="Of a draft."))
    handed_in = SnapshotFactory(source=public_source(slug="handed-in"), text="The same words.")
    captured(handed_in, outcome="same", sha256=store.keep(b"<p>The same words."))
    captured(archived, outcome="failed", snapshot=None, sha256="", reason="Nobody answered.")

    def told(rows):
        return sorted(rows.values_list("source__slug", "edition"))

    assert told(public_copies()) == [("archived", 1), ("quoted", 1)]
    assert told(public_editions()) == [("quoted", 1)]
