"""A claim by its slug, its id, or an address: and what is none."""

import pytest

from claims.models import Claim
from tests import factories
from tests.claims.assistants.asking import refused, told
from tests.claims.world import drafts, published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return published_world()


def read(claim):
    return told("read_verdict", claim=claim)[0]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "name",
    [
        " promise ",
        "http://testserver/claims/promise/",
        "http://testserver/claims/promise/history/",
        "http://testserver/de/claims/promise/?x=1#found",
        "HTTP://TESTSERVER/claims/promise",
        "/claims/promise/",
        "claims/promise",
        "http://testserver/claims/promise/verdicts/2/",
        "http://testserver/api/v1/claims/promise/",
        "http://testserver/claims/promise/citation.json",
    ],
)
def test_a_claim_by_whatever_leads_to_it(name):
    assert read(name) == read("promise")


def test_a_claim_by_its_id(world):
    assert read(str(world.claim.pk)) == read("promise")


@pytest.mark.usefixtures("world")
def test_the_address_of_an_older_version_says_that_another_is_in_force():
    answer = read("http://testserver/claims/promise/verdicts/1/")

    assert answer["notes"] == ["You named version 1. What follows is version 2, which is in force."]
    assert answer | {"notes": []} == read("promise")
    assert refused("read_verdict", claim="/claims/promise/verdicts/3/") == (
        "That claim has no published verdict of version 3."
    )


def test_a_retired_claim_leads_to_the_one_that_it_duplicates(world):
    retired = factories.published(factories.ClaimFactory(slug="old"))
    retired.merge_into(world.claim, by=factories.editor())

    answer = read("old")

    assert answer["slug"] == "promise"
    assert answer["notes"][0].startswith("What you named was retired as a duplicate.")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "The name of the claim is empty: give some words."),
        ("\0 \n", "The name of the claim is empty: give some words."),
        ("no-such-claim", "There is no public claim “no-such-claim”."),
        ("9" * 18, "There is no public claim “999999999999999999”."),
        ("9" * 400, "There is no public claim “99999"),
        ("\ud800", "There is no public claim “?”."),
        ("‮עברית", "There is no public claim “‮עברית”."),
        ("😀" * 1_999, "There is no public claim “😀"),
        ("x" * 2_001, "The name of the claim has 2,001 characters: give at most 2,000."),
        ("http://[", "That is no address: “http://[”."),
        ("http://other.example/claims/promise/", "That address is of another site"),
        ("http://testserver/speakers/moscow/", "That address is not of a claim"),
        ("http://testserver/claims/", "That address is not of a claim"),
        ("http://testserver/admin/claims/claim/1/change/", "That address is not of a claim"),
        ("../../etc/passwd", "That address is not of a claim"),
    ],
)
def test_what_is_no_claim_is_refused_in_a_sentence(name, sentence):
    assert refused("read_verdict", claim=name).startswith(sentence)


def test_a_draft_is_refused_as_what_does_not_exist(world):
    drafts(world)["claim"]()
    draft = Claim.objects.get(slug="draft-claim")

    for name in ("draft-claim", str(draft.pk), "/claims/draft-claim/"):
        sentence = refused("read_verdict", claim=name).replace(str(draft.pk), "no-such")
        nothing = refused("read_verdict", claim="no-such")
        assert sentence.replace("draft-claim", "no-such") == nothing
