"""The same standard for everyone: what is counted of whom, and in what words."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SourceFactory,
    SpeakerFactory,
    VerdictFactory,
    approved,
    editor,
    passage,
    published,
    transcript,
    withdrawn,
)

pytestmark = pytest.mark.django_db

PAGE = "/methodology/parity/"
DAY = dt.timedelta(days=1)
START = dt.datetime(2022, 1, 10, 9, tzinfo=dt.UTC)


def counted(client):
    """What is not nothing of each speaker and side, from the JSON."""
    return {
        (row.pop("speaker"), row.pop("side")): {
            name: value for name, value in row.items() if value and name != "name"
        }
        for row in client.get("/data/parity.json").json()["rows"]
    }


@pytest.fixture
def exchange():
    """Moscow makes a claim, with another who does; Doe answers with one of their own; a part is nobody's."""
    snapshot = transcript(slug="speech")
    moscow, kyiv, doe = (
        SpeakerFactory(slug=slug, name=name)
        for slug, name in (("moscow", "=Moscow"), ("kyiv", "kyiv"), ("doe", "Doe, J."))
    )
    claim = ClaimFactory(slug="promise", selection="decides")
    for claimant in (moscow, kyiv):
        AppearanceFactory(claim=claim, passage=passage(snapshot), claimant=claimant)
    AppearanceFactory(claim=claim, passage=passage(snapshot), claimant=doe, manner="denied")
    never = ClaimFactory(slug="never", selection="answer")
    never_said = passage(snapshot, "The Alliance never promised that.")
    AppearanceFactory(claim=never, passage=never_said, claimant=doe)
    RebuttalFactory(claim=claim, counterclaim=never, passage=never_said, speaker=doe)
    nobody = passage(snapshot, "Nobody did")
    RebuttalFactory(claim=claim, passage=nobody, speaker=doe)
    record, late = SourceFactory(), SourceFactory()
    copy = SourceFactory(derived_from=record, derivation="reprint")
    for on, source, direction in (
        (claim, record, "supports"),
        (claim, copy, "supports"),
        (claim, copy, "context"),
        (claim, late, "refutes"),
        (never, late, "supports"),
    ):
        EvidenceFactory(claim=on, source=source, direction=direction, locator=direction)
    published(never, at=START)
    published(ClaimFactory(slug="part", part_of=claim, selection="part"), at=START)
    published(claim, at=START)
    approved(claim=claim, at=START + 1.5 * DAY)
    later = approved(
        claim=claim,
        reason="error",
        note="A letter was overlooked.",
        rating=RatingFactory(slug="true"),
        at=START + 5 * DAY,
    )
    withdrawn(later, why="It was wrong.")
    approved(claim=never, at=START)
    return claim


MADE = {
    "claims": 1,
    "rebuttals_received": 2,
    "selected_decides": 1,
    "open": 1,
    "evidence_supports": 1,
    "evidence_context": 1,
    "evidence_refutes": 1,
    "origins": 2,
    "first_verdicts": 1,
    "median_days": 1.5,
    "corrections": 1,
    "corrections_error": 1,
    "withdrawals": 1,
}
ANSWER = {
    "claims": 1,
    "rebuttals_given": 2,
    "selected_answer": 1,
    "rating_false": 1,
    "evidence_supports": 1,
    "origins": 1,
    "first_verdicts": 1,
}
EXCHANGE = {
    (None, "made"): MADE,
    (None, "answer"): ANSWER,
    (None, "nobody"): {"claims": 1, "selected_part": 1, "open": 1},
    (None, "all"): MADE
    | {"claims": 3, "selected_answer": 1, "selected_part": 1, "open": 2, "rating_false": 1}
    | {"rebuttals_given": 2, "evidence_supports": 2, "first_verdicts": 2, "median_days": 0.8},
    ("moscow", "made"): MADE,
    ("moscow", "answer"): {},
    ("doe", "made"): {},
    ("doe", "answer"): ANSWER,
    ("kyiv", "made"): MADE,
    ("kyiv", "answer"): {},
}


def test_each_side_is_counted_by_the_records(client, exchange):
    assert counted(client) == EXCHANGE


def test_what_the_public_does_not_see_counts_nowhere(client, exchange):
    """Beside each public row its draft, and a claim that was retired: by the others' leak test, all pages and
    files stay the same with drafts; here, where a figure could hang on one."""
    before = client.get("/data/parity.csv").content
    draft, speaker = ClaimFactory(selection="reader"), SpeakerFactory(name="Draft")
    retired = published(ClaimFactory(selection="reader"))
    never = Claim.objects.get(slug="never")
    for on in (draft, exchange, retired):
        AppearanceFactory(claim=on, claimant=speaker)
        RebuttalFactory(claim=on, speaker=speaker, counterclaim=never)
        EvidenceFactory(claim=on)
    VerdictFactory(claim=exchange, reason="error", note="It was wrong.")
    VerdictFactory(claim=draft)
    approved(claim=retired)
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=exchange)
    assert client.get("/data/parity.csv").content == before
    # A public rebuttal that amounts to what the public does not see.
    for hidden in (draft, retired):
        exchange.rebuttals.published().filter(counterclaim=None).update(counterclaim=hidden)
        assert client.get("/data/parity.csv").content == before
        exchange.rebuttals.filter(counterclaim=hidden).update(counterclaim=None)


def test_the_page_shows_the_same_and_says_what_it_does_not(client, exchange):
    soup = page(client, PAGE)
    sides, *speakers = soup.main.find_all("table")

    def column(table, heading):
        at = [text(th) for th in table.select("thead th")].index(heading)
        return {
            text(tr.th): text(tr.find_all(["th", "td"])[at]) for tr in table.select("tr:has(td)")
        }

    assert [text(h3) for h3 in soup.main.find_all("h3")] == ["=Moscow", "Doe, J.", "kyiv"]
    made = column(sides, "Claims made")
    assert (
        made["A decision or a policy rests on it"] == made["Claims that the desk selected"] == "1"
    )
    assert (made["Median, in days"], made["Rebuttals given"]) == ("1.5", "–")
    assert column(sides, "Nobody on record")["Open: no verdict yet"] == "1"
    assert column(speakers[1], "Claims in answer")["Rebuttals given"] == "2"
    # Each table has the same rows; a reason that nobody's claim has is in none.
    assert len({tuple(column(table, "Claims made")) for table in (sides, *speakers)}) == 1
    assert "A reader asked for it" not in made
    assert not {"score", "average"} & {text(th).lower() for th in soup.main.find_all("th")}
    assert "no random sample" in text(soup.main)
    linked = {a["href"] for a in page(client, "/methodology/").main.find_all("a")}
    assert PAGE in linked
    assert {"/data/parity.csv", "/data/parity.json"} <= {a["href"] for a in soup.main.find_all("a")}


def test_the_files_say_what_they_are_and_no_cell_is_a_formula(client, exchange):
    answer = client.get("/data/parity.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["name"], row["side"]) for row in rows if row["speaker"]][:2] == [
        ("'=Moscow", "made"),
        ("'=Moscow", "answer"),
    ]
    assert rows[0]["rebuttals_given"] == rows[5]["median_days"] == ""
    told = client.get("/data/parity.json")
    assert told["Content-Type"] == "application/json"
    body = told.json()
    assert body["about"] == "http://testserver/methodology/parity/"
    assert [set(row) for row in body["rows"]] == [set(rows[0])] * len(rows)
    assert client.post(PAGE).status_code == client.post("/data/parity.csv").status_code == 405


def test_hundreds_of_speakers_are_on_pages_of_twenty_at_the_same_cost(client, exchange):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            for path in (PAGE, "/data/parity.json", "/data/parity.csv"):
                assert client.get(path).status_code == 200
        return len(asked)

    few = queries()
    spoken, reader = exchange.appearances.first().passage, editor()
    for n in range(40):
        speaker = SpeakerFactory(name=f"Z {n:02}")
        speaker.publish(by=reader)
        row = AppearanceFactory(claim=exchange, passage=spoken, claimant=speaker)
        row.publish(by=reader)

    assert queries() == few == 21
    assert len(page(client, PAGE).main.find_all("h3")) == 20
    assert [text(h3) for h3 in page(client, f"{PAGE}?page=3").main.find_all("h3")][-1] == "Z 39"
    assert client.get(f"{PAGE}?page=4").status_code == 404
    assert client.get(f"{PAGE}?page=x").status_code == 400


def test_before_there_is_anything_the_page_stands(client):
    assert len(page(client, PAGE).main.find_all("table")) == 1
    assert counted(client) == {(None, side): {} for side in ("made", "answer", "nobody", "all")}
