"""Captions in, turns with times out; and from a passage to the second at which it is heard."""

from __future__ import annotations

import pytest

from sources import recordings
from sources.extraction import extract_text
from sources.importing import Details, import_transcript, keep_edition
from sources.models import Passage, Snapshot, Turn
from tests.factories import SourceFactory, SpeakerFactory

VTT = b"""WEBVTT

00:58.500 --> 01:01.000
MS. ROE: Good afternoon. Moscow claims

01:01.000 --> 01:04.000
that the Alliance promised not to grow.

01:33.250 --> 01:36.000
QUESTION: Did anybody ask? MS. ROE: Nobody did.

01:02:03.000 --> 01:02:05.000
Nobody at all.
"""


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://example.org/briefing.mp4", "https://example.org/briefing.mp4#t=93"),
        ("https://example.org/v?id=4&x=", "https://example.org/v?id=4&x=#t=93"),
        ("https://example.org/a.mp4#t=5", "https://example.org/a.mp4#t=93"),
        ("https://example.org/a.mp4#xywh=0,0,9,9&t=5,7", "https://example.org/a.mp4#xywh=0,0,9,9&t=93"),
        ("https://example.org/a.mp4#player", "https://example.org/a.mp4#t=93"),
        # Players that are asked in the query: those that are known, and those that are asked so already.
        ("https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc&t=93"),
        ("https://m.youtube.com/watch?v=abc&t=1m2s", "https://m.youtube.com/watch?v=abc&t=93"),
        ("https://youtu.be/abc", "https://youtu.be/abc?t=93"),
        ("https://example.org/player?start=0&v=1", "https://example.org/player?start=93&v=1"),
        ("https://example.org/p?12-1/title&t=0s", "https://example.org/p?12-1/title&t=93"),
        ("https://notyoutube.com/watch?v=abc", "https://notyoutube.com/watch?v=abc#t=93"),
    ],
)  # fmt: skip
def test_the_address_of_a_moment(url, moment):
    assert recordings.moment(url, 93) == moment


@pytest.mark.parametrize(
    ("second", "clock"),
    [(0, "0:00"), (9, "0:09"), (93, "1:33"), (3599, "59:59"), (3723, "1:02:03")],
)
def test_a_moment_as_players_write_it(second, clock):
    assert recordings.clock(second) == clock


@pytest.mark.django_db
def test_turns_of_captions_have_the_times_of_their_cues():
    snapshot = import_transcript(VTT, filename="briefing.vtt").snapshot
    assert snapshot.media_type == "text/vtt"
    turns = list(Turn.objects.filter(snapshot=snapshot))
    said = [
        [(snapshot.text[offset:][:7], milliseconds) for offset, milliseconds in turn.times]
        for turn in turns
    ]
    assert [turn.label for turn in turns] == ["MS. ROE", "QUESTION", "MS. ROE"]
    assert said == [
        [("Good af", 58500), ("that th", 61000)],
        [("Did any", 93250)],
        [
            ("Nobody ", 93250),
            ("Nobody ", 3723000),
        ],  # whose first words are in the cue of the question
    ]
    assert [(turn.second, turn.clock) for turn in turns] == [
        (58, "0:58"), (93, "1:33"), (93, "1:33"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_passage_leads_to_its_second():
    details = Details(recording_url="https://example.org/briefing.mp4")
    snapshot = import_transcript(VTT, filename="briefing.vtt", details=details).snapshot
    passage = Passage.objects.quote(snapshot, "the Alliance promised")
    assert (passage.second, passage.clock) == (61, "1:01")
    assert passage.recording_url == "https://example.org/briefing.mp4#t=61"
    # In a cue, a passage begins no earlier than the cue.
    assert Passage.objects.quote(snapshot, "anybody ask").second == 93


@pytest.mark.django_db
def test_no_recording_or_no_times_or_several_turns_lead_nowhere():
    snapshot = import_transcript(VTT, filename="briefing.vtt").snapshot
    passage = Passage.objects.quote(snapshot, "the Alliance promised")
    assert (passage.second, passage.recording_url) == (61, "")
    two = Passage.objects.mark(snapshot, start=passage.start, end=snapshot.text.index("Nobody"))
    assert (two.turn, two.second, two.clock, two.recording_url) == (None, None, "", "")
    plain = import_transcript(b"MR. X: Hello.\n\nQUESTION: Why?\n", filename="a.txt").snapshot
    plain.source.recording_url = "https://example.org/a.mp4"
    turn = plain.turns.first()
    assert (turn.times, turn.second, turn.clock) == ([], None, "")
    assert Passage.objects.quote(plain, "Hello").second is None


def test_the_time_at_an_offset_is_that_of_the_cue_that_has_begun():
    turn = Turn(times=[[10, 1000], [20, 2000]])
    assert [turn.time_at(offset) for offset in (0, 9, 10, 19, 20, 99)] == [
        None, None, 1000, 1000, 2000, 2000,
    ]  # fmt: skip


@pytest.mark.django_db
def test_voices_are_who_speaks_however_they_look():
    anna = SpeakerFactory(name="Anna Roe")
    anna.names.create(name="anna the moderator")
    data = (
        b"WEBVTT\n\n00:00.000 --> 00:01.000\n<v anna the moderator>Well?\n\n"
        b"00:01.000 --> 00:02.000\n<v 007>no\n\n00:02.000 --> 00:03.000\nmusic\n"
    )
    snapshot = import_transcript(data, filename="x.vtt").snapshot
    assert [(turn.label, turn.speaker, turn.second) for turn in snapshot.turns.all()] == [
        ("anna the moderator", anna, 0),
        ("007", None, 1),
        ("", None, 2),
    ]
    words = [snapshot.text[turn.start : turn.end] for turn in snapshot.turns.all()]
    assert words == ["Well?", "no", "music"]


@pytest.mark.django_db
def test_captions_that_name_nobody_are_one_turn_although_they_have_no_sentences():
    data = b"1\n00:00:01,000 --> 00:00:02,000\nso there you are\n\n2\n00:00:02,000 --> 00:00:03,000\nand so\n"
    snapshot = import_transcript(data, filename="auto.srt").snapshot
    assert [(turn.label, turn.times) for turn in snapshot.turns.all()] == [
        ("", [[0, 1000], [17, 2000]])
    ]
    assert snapshot.source.title == "auto"


@pytest.mark.django_db
def test_an_edition_that_is_kept_has_turns_where_it_is_a_transcript():
    at = Snapshot._meta.get_field("retrieved_at").default()
    text = b"MR. X: Hello.\n\nQUESTION: Why?\n"
    doe = SpeakerFactory(name="X")
    doe.names.create(name="MR. X")
    kept = keep_edition(SourceFactory(kind="transcript"), text, extract_text(text), at=at)
    assert [(turn.label, turn.speaker) for turn in kept.turns.all()] == [
        ("MR. X", doe),
        ("QUESTION", None),
    ]
    assert (kept.edition, kept.retrieved_at, kept.content) == (1, at, text)
    article = keep_edition(SourceFactory(kind="article"), text, extract_text(text), at=at)
    assert not article.turns.exists()
    none = keep_edition(SourceFactory(kind="transcript"), b"a list", extract_text(b"a list"), at=at)
    assert not none.turns.exists()
