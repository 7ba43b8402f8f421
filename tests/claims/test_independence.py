"""Copies of one record count once, wherever evidence is counted; a side of a single origin is pointed out."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from claims import numbers
from claims.checklist import checklist
from claims.dossier import Dossier
from claims.independence import single_origins
from claims.models import Claim
from claims.pictures.argument_map import argument_map
from claims.weighing import weigh
from tests import factories

pytestmark = pytest.mark.django_db

DAY = dt.date(2022, 1, 7)


@pytest.fixture
def copies():
    """A public claim that a record, a report of it and a reprint of the report refute, published by three:
    three pieces of evidence on one record."""
    record = factories.SourceFactory(title="The record", date=DAY, date_precision="day")
    report = factories.SourceFactory(derived_from=record, derivation="report")
    reprint = factories.SourceFactory(derived_from=report, derivation="reprint")
    claim = factories.ClaimFactory(slug="copied")
    for source in (record, report, reprint):
        factories.EvidenceFactory(
            claim=claim, source=source, direction="refutes", directness="direct", available_on=DAY
        )
    factories.approved(claim=claim)
    return Claim.objects.get(pk=claim.pk)


def page(client, address, **asked):
    response = client.get(address, asked)
    assert response.status_code == 200
    return response


def test_the_page_of_a_claim_counts_one(client, copies):
    text = page(client, copies.get_absolute_url()).content.decode()

    assert "Records for: 0, against: 1." in text
    assert "3 reports of one record count once" in text


def test_the_page_as_of_a_day_counts_one(client, copies):
    today = timezone.now().date()

    response = page(client, copies.get_absolute_url(), as_of=today.isoformat())

    assert response.context["claim"].n_refutes == 1
    assert "Records for: 0, against: 1." in response.content.decode()


def test_the_map_of_a_claim_draws_one(copies):
    claim = Claim.objects.read(copies.slug)
    sides = weigh(claim.public_evidence, said_on=None)

    drawn = argument_map(claim, sides)

    assert [box.kind for box in drawn.boxes].count("primary") + [
        box.kind for box in drawn.boxes
    ].count("secondary") == 1


@pytest.mark.parametrize("address", ["/claims/", "/search/?q=copied+claim", "/"])
def test_lists_count_one(client, copies, address):
    Claim.objects.filter(pk=copies.pk).update(text="A copied claim.")

    text = page(client, address).content.decode()

    assert "3 against" not in text
    if address == "/claims/":
        assert "Evidence: 0 for, 1 against." in text


def test_the_claim_with_the_most_evidence_has_the_most_records(client, copies):
    other = factories.ClaimFactory(slug="independent")
    factories.EvidenceFactory.create_batch(2, claim=other, direction="refutes")
    factories.approved(claim=other)

    assert page(client, "/").context["featured"].slug == "independent"


@pytest.mark.parametrize("asked", [{}, {"as_of": "2100-01-01"}])
def test_the_api_counts_one(client, copies, asked):
    listed = page(client, "/api/v1/claims/").json()["results"][0]
    detail = page(client, "/api/v1/claims/copied/").json()

    for claim in (listed, detail):
        assert claim["counts"]["evidence"] == {
            "supports": 0, "refutes": 1, "mixed": 0, "context": 0
        }  # fmt: skip
    assert {row["origin"]["title"] for row in detail["evidence"]} == {"The record"}


def test_the_api_as_of_a_day_counts_one(client, copies):
    today = timezone.now().date().isoformat()

    claim = page(client, "/api/v1/claims/copied/", as_of=today).json()

    assert claim["counts"]["evidence"]["refutes"] == 1


def test_what_stands_on_other_sites_counts_no_pieces(client, copies):
    text = page(client, reverse("claim_embed", args=[copies.slug])).content.decode()

    assert "3" not in [word.strip(".,") for word in text.split()]


def test_the_source_page_counts_claims_and_no_pieces(client, copies):
    for source in (row.source for row in copies.evidence.all()):
        text = page(client, source.get_absolute_url()).content.decode()
        assert "It refutes 1 claim" in text
        assert "they count once together" in text


def test_the_trust_pages_count_one_and_take_it_for_first_hand_if_the_record_is(client, copies):
    record = copies.evidence.order_by("pk").first().source
    assert numbers.of_evidence()["second_hand"] == numbers.Share(1, 1)

    type(record).objects.filter(pk=record.pk).update(primacy="primary")

    assert numbers.of_evidence() == {
        "second_hand": numbers.Share(0, 1),
        "indirect": numbers.Share(0, 1),
    }
    assert page(client, "/limits/").context["evidence"]["indirect"].total == 1


def test_the_queue_counts_one(copies):
    claim = Claim.objects.with_work().get(pk=copies.pk)

    assert (claim.n_for, claim.n_against) == (0, 1)


def test_the_dossier_and_the_checklist_count_one(copies):
    dossier = Dossier.of(copies)
    items = {item.slug: item for item in checklist(dossier.in_force, dossier, open_notes=0)}

    assert len(dossier.sides["refutes"].records) == 1
    assert "on 1 record;" in items["two-origins"].note
    assert items["origins"].state == "not met"
    assert "The record" in items["origins"].note


# --- A side of a single origin ---


@pytest.mark.parametrize(
    ("evidence", "sides"),
    [
        ([], []),
        ([("supports", 1, "A")], [("supports", "A", 1)]),
        ([("supports", 1, "A"), ("supports", 1, "A")], [("supports", "A", 2)]),
        ([("supports", 1, "A"), ("supports", 2, "B")], []),
        ([("refutes", 1, "A"), ("supports", 1, "A")], [("supports", "A", 1), ("refutes", "A", 1)]),
        ([("refutes", 1, "A"), ("supports", 2, "B"), ("supports", 3, "C")], [("refutes", "A", 1)]),
        ([("mixed", 1, "A"), ("context", 2, "B")], []),
    ],
)
def test_which_sides_have_a_single_origin(evidence, sides):
    assert [(row.direction, row.title, row.n) for row in single_origins(evidence)] == sides


def test_the_claim_and_its_dossier_say_the_same_in_one_query_and_in_none(
    copies, django_assert_num_queries
):
    factories.EvidenceFactory.create_batch(2, claim=copies, direction="supports")
    dossier = Dossier.of(copies)

    with django_assert_num_queries(1):
        told = copies.single_origin_sides()
    with django_assert_num_queries(0):
        assert dossier.single_origin_sides == told
    assert [str(side) for side in told] == [
        "All evidence that refutes the claim has a single origin: “The record” (3 pieces)."
    ]


def test_publishing_warns_and_is_done(client):
    evidence = factories.EvidenceFactory(direction="supports")
    client.force_login(factories.editor())
    address = reverse("admin:claims_claim_step", args=[evidence.claim_id, "publish"])

    response = client.post(address, follow=True)

    told = [str(message) for message in response.context["messages"]]
    assert told[0].startswith("Published")
    assert told[1] == (
        f"All evidence that supports the claim has a single origin: “{evidence.source}” (one piece)."
    )
    assert Claim.objects.get().is_published


def test_the_approval_is_asked_for_with_the_warning_and_told_with_it(client):
    verdict = factories.VerdictFactory()
    factories.EvidenceFactory(claim=verdict.claim, direction="refutes")
    verdict.submit(by=verdict.author)
    client.force_login(factories.editor())
    address = reverse("admin:claims_verdict_step", args=[verdict.pk, "approve"])

    asked = client.get(address).content.decode()
    done = client.post(address, {"seen": verdict.claim.edition()}, follow=True)

    assert "All evidence that refutes the claim has a single origin" in asked
    told = [str(message) for message in done.context["messages"]]
    assert any("single origin" in message for message in told)
    verdict.refresh_from_db()
    assert verdict.state == "published"


def test_two_origins_on_each_side_are_not_worth_a_word(client):
    claim = factories.ClaimFactory()
    for direction in ("supports", "refutes"):
        factories.EvidenceFactory.create_batch(2, claim=claim, direction=direction)
    client.force_login(factories.editor())

    response = client.post(
        reverse("admin:claims_claim_step", args=[claim.pk, "publish"]), follow=True
    )

    assert len(list(response.context["messages"])) == 1
