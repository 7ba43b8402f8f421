"""A transcript: its turns, its marks, its editions."""

import re

import pytest

from sources.models import Passage, Snapshot
from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    SnapshotFactory,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db


def test_a_transcript_shows_its_turns_and_marks_its_passages(client, argument):
    snapshot = Snapshot.objects.get(source__slug="speech")
    soup = page(client, "/transcripts/speech/")

    assert [turn["id"] for turn in soup.select(".turn")] == ["t1", "t2", "t3"]
    words = [p.get_text() for p in soup.select("#t1 .words")]
    assert [re.sub(r"\d+$", "", w.strip()) for w in words[1:]] == [
        "The Alliance never promised that."
    ]
    assert [mark["id"] for mark in soup.find_all("mark")] == [
        p.anchor for p in Passage.objects.filter(snapshot=snapshot)
    ]
    assert text(soup.select_one("#n1")) == (
        "1 Moscow claims, as reported by Secretary Doe The Alliance promised not to grow. False"
    )
    assert snapshot.sha256 in text(soup.main)


def test_an_older_edition_says_that_there_is_a_newer_one(client, argument):
    source = Snapshot.objects.get(source__slug="speech").source
    second = SnapshotFactory(source=source, edition=2, text="MR. ROE: The text, corrected.")
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(second, "corrected"))

    # The desk's alone until something on it is public.
    assert "A newer one is held" not in text(page(client, "/transcripts/speech/").main)
    assert client.get("/transcripts/speech/?edition=2").status_code == 404
    published(claim)
    assert "A newer one is held" in text(page(client, "/transcripts/speech/?edition=1").main)
    newest = page(client, "/transcripts/speech/")
    assert "Earlier editions of this text are held too" in text(newest.main)
    assert [text(mark) for mark in newest.find_all("mark")] == ["corrected"]


def test_words_outside_any_turn_are_shown_where_they_are_annotated(client):
    snapshot = transcript(slug="speech")
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=passage(snapshot, "Remarks on the Alliance"))
    published(claim)

    assert text(page(client, "/transcripts/speech/").mark) == "Remarks on the Alliance"
