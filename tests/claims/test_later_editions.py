"""What the public is told when the text that a claim rests on changes, and what it is not."""

from __future__ import annotations

import datetime as dt

import pytest

from claims.querysets import passages_read_otherwise, relocation_tasks
from sources import store
from sources.models import Change, Relocation, Snapshot, Source
from tests.factories import (
    TRANSCRIPT,
    AppearanceFactory,
    CaptureFactory,
    ClaimFactory,
    EvidenceFactory,
    RebuttalFactory,
    approved,
    editor,
    passage,
    researcher,
    transcript,
)

pytestmark = pytest.mark.django_db

FOUND = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
VERDICT = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
DENIES = "The Alliance never promised that."
OTHER = "The Alliance never ever promised that."
DIFFERS = 'In the text as retrieved on <time datetime="2026-05-03">3 May 2026</time> (edition 2)'


def next_edition(source, text, *, at=LATER, captured=True):
    """Another text at the address of the source; or a file that was handed in."""
    snapshot = Snapshot.objects.keep(source, text.encode(), text=text, retrieved_at=at)
    Relocation.objects.look_for(snapshot)
    if captured:
        CaptureFactory(
            source=source, snapshot=snapshot, outcome="new", sha256=snapshot.sha256,
            size=len(text.encode()), asked_at=at,
        )  # fmt: skip
    return snapshot


def rated(exact=DENIES, *, slug="speech", at=VERDICT):
    """A claim with a verdict in force that quotes a text: as claimed, answered and shown."""
    text = transcript(slug=slug, title="A speech")
    claim = ClaimFactory(slug=f"claim-on-{slug}")
    where = passage(text, exact)
    AppearanceFactory(claim=claim, passage=where)
    RebuttalFactory(claim=claim, passage=where)
    EvidenceFactory(claim=claim, source=text.source, passage=where, summary="It says so.")
    approved(claim=claim, at=at)
    return claim, Source.objects.get(pk=text.source_id)


def page_of(client, claim):
    response = client.get(claim.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_note_stands_beside_each_quotation_whose_words_changed_after_the_verdict(client):
    claim, source = rated()
    assert "read differently" not in page_of(client, claim)
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))

    page = page_of(client, claim)
    note = f"{DIFFERS} these words read differently."
    assert page.count(note) == 3  # the appearance, the rebuttal, the evidence
    assert page.count("/sources/speech/editions/2/changes/?against=1") == 3
    assert note in " ".join(client.get(source.get_absolute_url()).content.decode().split())


def test_the_api_says_the_same(client):
    claim, source = rated()
    found = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert found["appearances"][0]["passage"]["later"] is None
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))

    later = {
        "edition": 2,
        "retrieved_at": "2026-05-03T12:00:00Z",
        "finding": "changed",
        "url": "http://testserver/sources/speech/editions/2/changes/?against=1",
    }
    claim_found = client.get(f"/api/v1/claims/{claim.slug}/").json()
    rows = [claim_found[name][0] for name in ("appearances", "rebuttals", "evidence")]
    rows += [
        client.get(f"/api/v1/{name}/").json()["results"][0]
        for name in ("appearances", "rebuttals", "evidence")
    ]
    for row in rows:
        told = row["passage"]["later"]
        assert told.pop("url").endswith(later["url"].removeprefix("http://testserver"))
        assert told == {name: later[name] for name in ("edition", "retrieved_at", "finding")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TRANSCRIPT.replace(DENIES, ""), "these words were not found."),
        (
            TRANSCRIPT.replace(f"{DENIES}\n", f"{DENIES} {DENIES}\n"),
            "it is not certain which words these are.",
        ),
        (TRANSCRIPT.replace("Good afternoon", "Good morning"), None),
        (TRANSCRIPT.replace(DENIES, "The Alliance\nnever  promised that."), None),
    ],
)
def test_what_is_told_is_what_was_found(client, text, words):
    claim, source = rated()
    next_edition(source, text)
    page = page_of(client, claim)
    if words is None:
        assert "In the text as retrieved" not in page
    else:
        assert f"{DIFFERS} {words}" in page


def test_a_decision_takes_the_place_of_what_was_computed(client):
    claim, source = rated()
    second = next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
    (relocation,) = Relocation.objects.all()
    relocation.decide(by=researcher(), nowhere=True)
    assert "these words were not found." in page_of(client, claim)
    relocation.decide(by=editor())
    assert "these words read differently." in page_of(client, claim)
    # The same words elsewhere, which only a person has found: nothing to tell.
    third = next_edition(
        source, second.text + f"\nSECRETARY DOE: {DENIES}\n", at=LATER + dt.timedelta(1)
    )
    again = Relocation.objects.get(passage=relocation.passage, snapshot=third)
    at = third.text.index(DENIES)
    again.decide(by=editor() if again.decided_at else researcher(), start=at, end=at + len(DENIES))
    assert "In the text as retrieved" not in page_of(client, claim)


def test_nothing_is_told_of_what_the_public_does_not_see(client):
    claim, source = rated()
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER), captured=False)  # handed in, not quoted

    assert "In the text as retrieved" not in page_of(client, claim)
    assert client.get("/sources/speech/editions/2/changes/").status_code == 404
    assert passages_read_otherwise(source) == []
    found = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert found["appearances"][0]["passage"]["later"] is None


def test_nothing_is_told_of_what_the_verdict_could_take_into_account(client):
    claim, source = rated(at=LATER + dt.timedelta(days=1))
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
    assert "In the text as retrieved" not in page_of(client, claim)


def test_nor_where_there_is_no_verdict(client):
    text = transcript(slug="speech")
    row = AppearanceFactory(passage=passage(text, DENIES))
    row.claim.publish(by=editor())
    next_edition(Source.objects.get(pk=text.source_id), TRANSCRIPT.replace(DENIES, OTHER))
    assert "In the text as retrieved" not in page_of(client, row.claim)


def test_drafts_are_told_of_nowhere(client):
    claim, source = rated()
    draft = passage(source.snapshots.get(), "Nobody did, as far as I know.")
    AppearanceFactory(claim=claim, passage=draft)
    next_edition(source, TRANSCRIPT.replace("Nobody did, as far as I know.", ""))
    assert passages_read_otherwise(source) == []
    assert list(relocation_tasks()) == []
    assert "In the text as retrieved" not in page_of(client, claim)


def test_the_claim_page_asks_no_more_for_it(client, django_assert_num_queries):
    claim, source = rated()
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
    with django_assert_num_queries(8):
        client.get(claim.get_absolute_url())


def test_the_feed_tells_the_claims_concerned_once_the_edition_is_public(client):
    claim, source = rated()

    def told():
        client.get("/api/v1/changes/")
        rows = Change.objects.numbered()[told.before :]
        told.before += len(rows)
        return {(row.resource, row.key, row.kind) for row in rows}

    told.before = 0
    told()
    second = next_edition(source, TRANSCRIPT.replace(DENIES, OTHER), captured=False)
    assert told() == set()  # it is the desk's
    other = AppearanceFactory(passage=passage(second, "Nobody did, as far as I know."))
    other.claim.publish(by=editor())
    assert ("claims", claim.slug, "updated") in told()
    assert "these words read differently." in page_of(client, claim)
    Relocation.objects.get(passage__exact=DENIES).decide(by=researcher(), nowhere=True)
    assert told() >= {("claims", claim.slug, "updated"), ("sources", "speech", "updated")}


# --- The page of changes ---


def test_two_editions_word_by_word(client, django_assert_num_queries):
    _, source = rated()
    second = next_edition(source, TRANSCRIPT.replace(DENIES, OTHER))
    with django_assert_num_queries(1):
        response = client.get("/sources/speech/editions/2/changes/")
    page = response.content.decode()
    assert "<ins>ever </ins>" in page
    assert page.count("<ins>") == 2  # and the one that says what it means
    assert "words the same" in page
    assert second.text_sha256 in page
    assert source.snapshots.get(edition=1).text_sha256 in page
    assert "3 May 2026" in page


def test_an_edition_against_any_earlier_one_that_the_public_sees(client):
    _, source = rated()
    next_edition(source, TRANSCRIPT.replace(DENIES, OTHER), captured=False)
    next_edition(source, TRANSCRIPT.replace(DENIES, "Never."), at=LATER + dt.timedelta(1))

    def status(address):
        return client.get(f"/sources/speech/editions/{address}").status_code

    page = client.get("/sources/speech/editions/3/changes/").content.decode()
    assert "Edition 1" in page  # the second is the desk's
    assert "<ins>ever " not in page
    assert status("3/changes/?against=1") == 200
    for hidden in ("3/changes/?against=2", "3/changes/?against=3", "3/changes/?against=x",
                   "3/changes/?against=4", "1/changes/", "2/changes/"):  # fmt: skip
        assert status(hidden) == 404, hidden


def test_long_texts_are_compared_in_time(client):
    text = transcript(slug="long", text=TRANSCRIPT)
    source = text.source
    words = " ".join(f"word{n} and" for n in range(20_000))
    row = AppearanceFactory(passage=passage(text, DENIES))
    row.claim.publish(by=editor())
    source = Source.objects.get(pk=source.pk)
    next_edition(source, f"{TRANSCRIPT}\n{words}\n")
    next_edition(
        source, f"{TRANSCRIPT}\n{words.replace('word777 ', 'other ')}\n", at=LATER + dt.timedelta(1)
    )
    page = client.get("/sources/long/editions/3/changes/").content.decode()
    assert "<del>word777 </del>" in page
    assert len(page) < 40_000


def test_the_digest_of_bytes_is_of_the_store():
    _, source = rated()
    assert store.read(next_edition(source, "Another text.").sha256) == b"Another text."
