"""Where a recording is known, readers and programs are led to the second in which the words are heard."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sources.importing import Details, import_transcript
from sources.models import Passage
from tests.factories import AppearanceFactory, ClaimFactory, editor
from tests.sources.test_recordings import VTT

pytestmark = pytest.mark.django_db

RECORDING = "https://example.org/briefing.mp4"


def public(*, recording=RECORDING, quotations=("the Alliance promised",)):
    """A public claim that is made in captions."""
    details = Details(recording_url=recording, language="en")
    snapshot = import_transcript(VTT, filename="briefing.vtt", details=details).snapshot
    claim = ClaimFactory()
    for words in quotations:
        passage = Passage.objects.quote(snapshot, words)
        AppearanceFactory(claim=claim, passage=passage)
    claim.publish(by=editor())
    return claim, snapshot


def test_the_page_of_a_claim_leads_to_the_second(client):
    claim, _ = public()
    html = client.get(claim.get_absolute_url()).content.decode()
    assert f'href="{RECORDING}#t=61" rel="external">Listen from 1:01</a>' in html


def test_without_a_recording_nothing_is_offered(client):
    claim, snapshot = public(recording="")
    assert "Listen" not in client.get(claim.get_absolute_url()).content.decode()
    html = client.get(snapshot.source.get_transcript_url()).content.decode()
    assert "Listen" not in html
    assert re.findall(r"· (\d+:\d\d)</p>", html) == ["0:58", "1:33", "1:33"]


def test_the_transcript_has_the_time_beside_each_turn(client):
    _, snapshot = public()
    html = client.get(snapshot.source.get_transcript_url()).content.decode()
    assert re.findall(r'href="([^"]+)" rel="external">Listen from ([\d:]+)<', html) == [
        (f"{RECORDING}#t=58", "0:58"),
        (f"{RECORDING}#t=93", "1:33"),
        (f"{RECORDING}#t=93", "1:33"),
    ]


def test_a_text_that_was_not_recorded_has_no_times(client):
    snapshot = import_transcript(b"MR. X: Hello.\n\nQUESTION: Why?\n", filename="a.txt").snapshot
    claim = ClaimFactory()
    AppearanceFactory(claim=claim, passage=Passage.objects.quote(snapshot, "Hello"))
    claim.publish(by=editor())
    assert "Listen" not in client.get(snapshot.source.get_transcript_url()).content.decode()
    answer = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert answer["appearances"][0]["passage"]["recording"] is None
    turns = client.get(f"/api/v1/transcripts/{snapshot.source.slug}/").json()["turns"]
    assert [turn["time"] for turn in turns] == [None, None]


def test_the_api_says_when(client):
    claim, snapshot = public()
    answer = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert answer["appearances"][0]["passage"]["recording"] == {
        "seconds": 61, "url": f"{RECORDING}#t=61",
    }  # fmt: skip
    (row,) = client.get("/api/v1/appearances/").json()["results"]
    assert row["passage"]["recording"]["seconds"] == 61
    turns = client.get(f"/api/v1/transcripts/{snapshot.source.slug}/").json()["turns"]
    assert [turn["time"] for turn in turns] == [58, 93, 93]


def test_the_api_says_when_also_where_the_recording_has_no_address(client):
    claim, _ = public(recording="")
    answer = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert answer["appearances"][0]["passage"]["recording"] == {"seconds": 61, "url": None}


@pytest.mark.parametrize(
    "path", ["{page}", "/api/v1/claims/{slug}/", "/api/v1/appearances/", "{transcript}"]
)
def test_it_costs_no_query(client, path):
    claim, snapshot = public(recording="")
    address = path.format(
        page=claim.get_absolute_url(),
        slug=claim.slug,
        transcript=snapshot.source.get_transcript_url(),
    )
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for words in ("Good afternoon", "Moscow claims", "anybody ask", "Nobody at all"):
        passage = Passage.objects.quote(snapshot, words)
        AppearanceFactory(claim=claim, passage=passage)
    claim.publish(by=editor())
    snapshot.source.recording_url = RECORDING
    snapshot.source.save()
    with CaptureQueriesContext(connection) as after:
        answer = client.get(address).content.decode()
    assert "#t=93" in answer
    assert len(after) == len(before)
