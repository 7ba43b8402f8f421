"""What becomes of a selection: all of it or nothing, and by the rules of the models."""

import datetime as dt
from unittest.mock import patch

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from claims.annotate import actions
from claims.annotate.selection import Selection
from claims.models import Appearance, Claim, Evidence, Rebuttal
from sources.models import Passage
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    SpeakerFactory,
    TopicFactory,
    passage,
    published,
)

pytestmark = pytest.mark.django_db

PROMISE = "The Alliance promised that it would never grow."


def told(response, status=200):
    assert response.status_code == status, response.content[:2000]
    return response.json()


def test_a_new_claim_with_its_appearance_reported_by_the_speaker_of_the_turn(
    make, snapshot, moscow, doe, user
):
    topic = TopicFactory()
    answer = told(
        make("claim", text=PROMISE, claimant="Moscow", kind="historical", topics=[topic.pk])
    )

    row = Appearance.objects.get()
    assert (row.claimant, row.reported_by, row.manner) == (moscow, doe, "reported")
    assert row.passage.exact == "promised not to grow"
    assert row.passage.turn.position == 1
    assert (row.claim.text, row.claim.kind) == (PROMISE, "historical")
    assert row.claim.slug == "the-alliance-promised-that-it-would-never-grow"
    assert list(row.claim.topics.all()) == [topic]
    assert not row.is_published
    assert not row.claim.is_published
    assert row.history.get().history_user == user
    assert answer["message"] == (
        f"Saved as a draft: appearance of “{PROMISE}” The claim is new: a draft, too."
    )
    assert list(answer["blocks"]) == ["t1"]
    assert 'data-letters="A"' in answer["blocks"]["t1"]
    assert PROMISE in answer["panel"]


def test_the_speaker_as_claimant_asserts_it(make, doe):
    told(make("claim", text=PROMISE, claimant="Jane Doe", claimant_slug="jane-doe"))
    row = Appearance.objects.get()
    assert (row.claimant, row.reported_by, row.manner) == (doe, None, "asserted")


@pytest.mark.parametrize(
    ("given", "reporter", "manner"),
    [
        ({"manner": "quoted"}, "Jane Doe", "quoted"),
        ({"manner": "denied"}, None, "denied"),
        ({"manner": "asserted"}, None, "asserted"),
        ({"reported_by": "Agency"}, "Agency", "reported"),
    ],
)
def test_what_the_researcher_says_stands(make, moscow, given, reporter, manner):
    SpeakerFactory(name="Agency")
    told(make("claim", text=PROMISE, claimant="Moscow", **given))
    row = Appearance.objects.get()
    assert (row.reported_by and row.reported_by.name, row.manner) == (reporter, manner)


def test_in_a_turn_of_nobody_known_the_claimant_asserts(make, moscow):
    told(make("claim", "Did anybody ask?", text=PROMISE, claimant="Moscow"))
    row = Appearance.objects.get()
    assert (row.passage.turn.label, row.reported_by, row.manner) == ("QUESTION", None, "asserted")


def test_over_two_turns_there_is_no_turn_to_follow(make, moscow):
    answer = told(make("claim", "promised that.\n\nQUESTION: Did", text=PROMISE, claimant="Moscow"))
    row = Appearance.objects.get()
    assert (row.passage.turn, row.reported_by, row.manner) == (None, None, "asserted")
    assert list(answer["blocks"]) == ["t1", "t2"]


@pytest.mark.parametrize(
    ("said_on", "stored"),
    [("2022-01-07", None), ("2022-01-06", dt.date(2022, 1, 6)), ("", None)],
)
def test_the_date_of_the_source_is_not_stored_twice(make, moscow, said_on, stored):
    told(make("claim", text=PROMISE, claimant="Moscow", said_on=said_on))
    assert Appearance.objects.get().said_on == stored


def test_a_month_is_no_day(make, moscow, snapshot):
    type(snapshot.source).objects.update(date=dt.date(2022, 1, 1), date_precision="month")
    told(make("claim", text=PROMISE, claimant="Moscow", said_on="2022-01-01"))
    assert Appearance.objects.get().said_on == dt.date(2022, 1, 1)


def test_addresses_are_made_free(make, moscow):
    ClaimFactory(slug="the-alliance-promised-that-it-would-never-grow", text="Something else.")
    ClaimFactory(slug="claim", text="Another thing.")
    told(make("claim", text=PROMISE, claimant="Moscow"))
    told(make("claim", "Good afternoon", text="Альянс обещал.", claimant="Moscow"))
    assert [row.slug for row in Claim.objects.order_by("pk")[2:]] == [
        "the-alliance-promised-that-it-would-never-grow-2",
        "claim-2",
    ]


def test_a_claim_that_the_desk_has_is_not_born_twice_unawares(make, moscow):
    ClaimFactory(text=PROMISE)
    answer = told(make("claim", text=PROMISE, claimant="Moscow"), 422)
    assert f"There is a very similar claim: “{PROMISE}” (100 % probable; shares “" in answer["form"]
    assert "Use this claim instead" in answer["form"]
    assert 'name="another"' in answer["form"]
    assert not Passage.objects.exists()

    told(make("claim", text=PROMISE, claimant="Moscow", another="on"))
    assert Claim.objects.count() == 2


def test_an_existing_public_claim_gets_a_draft_appearance(make, moscow, doe):
    claim = published(ClaimFactory(text=PROMISE))
    told(make("appearance", claim="x", claim_slug=claim.slug, claimant="moscow"), 422)
    told(make("appearance", claim=PROMISE, claim_slug=claim.slug, claimant="moscow"))
    row = Appearance.objects.get()
    assert (row.claim, row.manner, row.is_published) == (claim, "reported", False)

    again = told(make("appearance", claim=PROMISE, claimant="moscow"), 422)
    assert "marked here already" in again["form"]
    assert Appearance.objects.count() == 1


def test_one_passage_bears_several(make, moscow):
    for number in (1, 2):
        claim = ClaimFactory(text=f"Promise number {number}.")
        told(make("appearance", claim=claim.text, claimant="moscow"))
    answer = told(make("rebuttal", claim=claim.text, speaker="Moscow", summary="It denies it."))
    assert Passage.objects.count() == 1
    assert 'data-letters="A2 R"' in answer["blocks"]["t1"]


def test_a_rebuttal_with_a_counterclaim_that_the_desk_has(make, doe):
    claim, counter = ClaimFactory(text=PROMISE), ClaimFactory(text="It never promised.")
    told(
        make(
            "rebuttal",
            "The Alliance never promised that.",
            claim=PROMISE,
            speaker="Jane Doe",
            summary="She says that there was none.",
            counterclaim=counter.text,
        )
    )
    row = Rebuttal.objects.get()
    assert (row.claim, row.counterclaim, row.speaker) == (claim, counter, doe)


def test_a_rebuttal_makes_its_counterclaim_in_the_same_step(make, doe):
    ClaimFactory(text=PROMISE)
    fields = {"claim": PROMISE, "speaker": "Jane Doe", "summary": "She says so."}
    words = "The Alliance never promised that."
    told(make("rebuttal", words, **fields, counterclaim_text="There never was a promise."))

    row = Rebuttal.objects.get()
    assert row.counterclaim.text == "There never was a promise."
    made = Appearance.objects.get()
    assert (made.claim, made.claimant, made.manner) == (row.counterclaim, doe, "asserted")
    assert made.passage == row.passage


def test_a_counterclaim_that_the_desk_has_is_not_born_twice_unawares(make, doe):
    ClaimFactory(text=PROMISE)
    ClaimFactory(text="There never was a promise.")
    fields = {"claim": PROMISE, "speaker": "Jane Doe", "summary": "She says so."}
    fields["counterclaim_text"] = "There never was a promise."
    answer = told(make("rebuttal", **fields), 422)
    assert "very similar claim: “There never was a promise.”" in answer["form"]
    assert 'name="another"' in answer["form"]
    assert not Rebuttal.objects.exists()
    assert not Passage.objects.exists()
    assert Claim.objects.count() == 2

    told(make("rebuttal", **fields, another="on"))
    assert Rebuttal.objects.get().counterclaim.slug == "there-never-was-a-promise"
    assert Claim.objects.count() == 3


def test_what_is_told_ends_with_one_full_stop(make, moscow):
    for words, text in [("Good afternoon", "It promised"), ("Nobody did", "Did it promise?")]:
        ClaimFactory(text=text)
        answer = told(make("appearance", words, claim=text, claimant="Moscow"))
        stop = "" if text.endswith("?") else "."
        assert answer["message"] == f"Saved as a draft: appearance of “{text}”{stop}"


def test_the_kind_is_shown_where_it_was_changed_or_refused(make):
    shut = told(make("claim", text=PROMISE, claimant="Nobody known"), 422)
    assert "<details open" not in shut["form"]
    for kind in ("historical", "nonsense"):
        answer = told(make("claim", text=PROMISE, claimant="Nobody known", kind=kind), 422)
        assert "<details open" in answer["form"]


def test_a_form_that_is_refused_elsewhere_does_not_ask_whether_it_is_another(make, doe):
    ClaimFactory(text=PROMISE)
    answer = told(make("rebuttal", claim=PROMISE, speaker="Jane Doe"), 422)
    assert 'name="another"' not in answer["form"]
    assert "<details open" not in answer["form"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"counterclaim": PROMISE, "counterclaim_text": "None."}, "not both"),
        ({"counterclaim": PROMISE}, "not its own counterclaim"),
        ({"counterclaim_text": "None\x01 at all."}, "invisible control character"),
        ({"summary": " "}, "This field is required"),
    ],
)
def test_a_rebuttal_that_is_refused_leaves_nothing(make, doe, fields, message):
    ClaimFactory(text=PROMISE)
    given = {"claim": PROMISE, "speaker": "Jane Doe", "summary": "She says so.", **fields}
    assert message in told(make("rebuttal", **given), 422)["form"]
    assert not Rebuttal.objects.exists()
    assert not Passage.objects.exists()
    assert Claim.objects.count() == 1


def test_evidence_from_this_transcript(make, snapshot):
    claim = ClaimFactory(text=PROMISE)
    fields = {"claim": PROMISE, "direction": "refutes", "directness": "indirect", "summary": "No."}
    told(make("evidence", **fields, locator="turn 1"))
    row = Evidence.objects.get()
    assert (row.claim, row.source, row.direction) == (claim, snapshot.source, "refutes")
    assert row.passage.exact == "promised not to grow"

    again = told(make("evidence", "Nobody did", **fields, locator="turn 1"), 422)
    assert "This place of the source is evidence on the claim already" in again["form"]
    told(make("evidence", "Nobody did", **fields, locator="turn 3"))
    assert Evidence.objects.count() == 2


def test_a_retired_claim_is_not_to_be_had(make, moscow, snapshot):
    into = ClaimFactory(text="The one that stays.")
    retired = ClaimFactory(text=PROMISE, duplicate_of=into)
    fields = {"claim": PROMISE, "claim_slug": retired.slug, "claimant": "moscow"}
    assert "No claim has these words" in told(make("appearance", **fields), 422)["form"]

    # Retired in the moment after the form had found it.
    with pytest.raises(ValidationError, match="retired meanwhile"):
        actions.appearance(snapshot, Selection(30, 40), retired, actions.Made(moscow))
    answer = Rebuttal(claim=into, speaker=moscow, summary="No.", counterclaim=retired)
    with pytest.raises(ValidationError) as refusal:
        actions.rebuttal(snapshot, Selection(30, 40), answer)
    assert list(refusal.value.error_dict) == ["counterclaim"]
    assert not Passage.objects.exists()


def test_the_claims_are_locked_in_one_order_before_anything_is_written(snapshot, moscow):
    """Whoever writes at the desk locks the claim first: two writers never wait for each other."""
    first, second = ClaimFactory(text=PROMISE), ClaimFactory(text="It never promised.")
    rows = [
        lambda: actions.appearance(snapshot, Selection(0, 7), second, actions.Made(moscow)),
        lambda: actions.rebuttal(
            snapshot,
            Selection(8, 12),
            Rebuttal(claim=second, speaker=moscow, summary="No.", counterclaim=first),
        ),
        lambda: actions.evidence(
            snapshot, Selection(13, 17), Evidence(claim=second, direction="refutes", summary="No.")
        ),
    ]
    for make, wanted in zip(rows, [[second], [first, second], [second]], strict=True):
        with CaptureQueriesContext(connection) as queries:
            make()
        asked = [query["sql"] for query in queries]
        written = next(i for i, sql in enumerate(asked) if sql.startswith("INSERT"))
        read = [sql for sql in asked[:written] if 'FROM "claims_claim"' in sql]
        assert len(read) == len(wanted)
        for sql, claim in zip(read, wanted, strict=True):
            assert f'"claims_claim"."id" = {claim.pk}' in sql
            assert ("FOR UPDATE" in sql) == connection.features.has_select_for_update


def test_words_that_fit_several_are_told_apart(make, moscow):
    for number in (1, 2):
        ClaimFactory(slug=f"promise-{number}", text=f"Promise number {number}.")
    answer = told(make("appearance", claim="promise number", claimant="kremlin"), 422)
    assert "Several fit" in answer["form"]
    assert "[promise-2]" in answer["form"]
    told(make("appearance", claim="promise-2", claimant="kremlin"))
    assert Appearance.objects.get().claim.slug == "promise-2"


def test_a_failure_in_the_middle_leaves_nothing(make, moscow):
    with (
        patch.object(Appearance, "save", side_effect=IntegrityError),
        pytest.raises(IntegrityError),
    ):
        make("claim", text=PROMISE, claimant="Moscow")
    assert not Passage.objects.exists()
    assert not Claim.objects.exists()


def test_who_loses_a_race_tries_once_more(make, moscow):
    save, calls = Appearance.save, []

    def lose_once(row, *args, **kwargs):
        calls.append(row)
        if len(calls) == 1:
            raise IntegrityError
        save(row, *args, **kwargs)

    with patch.object(Appearance, "save", lose_once):
        told(make("claim", text=PROMISE, claimant="Moscow"))
    assert Appearance.objects.get().claim == Claim.objects.get()
    assert Passage.objects.count() == 1


def test_the_same_span_is_the_same_passage(make, moscow, snapshot):
    there = passage(snapshot)
    AppearanceFactory(passage=there)
    EvidenceFactory(passage=there, source=snapshot.source)
    told(make("claim", "promised not to grow", text=PROMISE, claimant="Moscow", another="on"))
    assert Passage.objects.get() == there


def test_why_is_asked_and_once_a_document_is_checked_whole_proposed(desk, make, snapshot, moscow):
    def proposed():
        soup = BeautifulSoup(
            desk.get(f"/admin/claims/annotate/{snapshot.pk}/").content, "html.parser"
        )
        chosen = soup.select_one("[data-make=claim] [name=selection] option[selected]")
        return chosen["value"] if chosen else ""

    assert proposed() == ""
    said = {"text": "It promised not to grow.", "claimant": "moscow", "another": "on"}
    assert "selection" in make("claim", **said, selection="").json()["form"]
    assert make("claim", **said, selection="reader").status_code == 200
    assert (Appearance.objects.get().claim.selection, proposed()) == ("reader", "")
    make("claim", "Nobody did", **said | {"text": "Nobody asked."}, selection="document")
    assert proposed() == "document"
    answered = Appearance.objects.first().claim
    row = {
        "claim": answered.text,
        "claim_slug": answered.slug,
        "speaker": "moscow",
        "summary": "No.",
    }
    new = {"counterclaim_text": "There was never a promise of that kind.", "another": "on"}
    assert make("rebuttal", "The Alliance never promised that.", **row, **new).status_code == 200
    assert Rebuttal.objects.get().counterclaim.selection == "answer"
