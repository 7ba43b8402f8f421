"""The ClaimReview of each claim of the seed, as it stands on its page, held against what others ask of it."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from claims.models import Claim
from tests.claims.google_rules import RECOMMENDED, SHORT, broken
from tests.claims.structured_data import (
    check_pages,
    check_terms,
    check_with_tool,
    rated,
    reviews,
    schema_org,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup, django_db_blocker):
    """The seeds, loaded once for all tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_seeds", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def pages(client):
    """The page of every claim, by its path."""
    paths = [claim.get_absolute_url() for claim in Claim.objects.published()]
    return {path: client.get(path).content.decode() for path in paths}


def slug(path):
    return path.split("/")[2]


def test_each_page_keeps_googles_rules(pages):
    check_pages(pages)
    assert len(rated()) == 23


def test_what_google_recommends_is_left_out_only_where_it_is_not_known(pages):
    lacking = Counter()
    for path, there in reviews(pages).items():
        for review in there:
            item, claim = review["itemReviewed"], Claim.objects.get(slug=slug(path))
            made = claim.appearances.asserting().exists()
            own = claim.appearances.filter(manner="asserted").exists()
            for name, known in (
                ("author", made),
                ("appearance", made),
                ("firstAppearance", own),
                ("datePublished", own),
            ):
                assert (name in item) == known, (path, name)
            lacking.update(broken(review, f"http://testserver{path}", level=RECOMMENDED))

    short = f"claimReviewed: shorter than {SHORT} characters"
    assert lacking == {
        short: 16,
        "itemReviewed.author: who makes the claim; left out where nobody is known": 4,
        "itemReviewed.appearance: a work that the claim is in": 4,
        "itemReviewed.datePublished: when the claim was made": 7,
        "itemReviewed.firstAppearance: the work that it is in first": 7,
    }


def test_which_claims_of_the_seed_are_longer_than_google_would_like(pages):
    """They stand as they were judged: none is cut."""
    claims = {
        claim.slug: claim.verdict.claim_text for claim in Claim.objects.rated().with_verdict()
    }
    found = {slug(path): there[0]["claimReviewed"] for path, there in reviews(pages).items()}

    assert found == claims
    assert sorted(slug for slug, text in found.items() if len(text) >= SHORT) == [
        "assurances-of-1990-covered-states-beyond-east-germany",
        "baker-said-enlargement-was-not-discussed",
        "five-permanent-members-stated-a-nuclear-war-cannot-be-won",
        "gorbachev-said-enlargement-was-not-discussed",
        "nato-broke-a-promise-not-to-enlarge",
        "nato-made-a-binding-commitment-not-to-enlarge",
        "new-start-was-extended-at-the-beginning-of-the-us-administration",
        "no-progress-in-talks-while-russia-escalates",
        "open-door-is-a-provision-of-the-north-atlantic-treaty",
        "russia-confirmed-in-istanbul-the-right-to-choose-alliances",
        "russia-invaded-two-neighbours-and-keeps-troops-in-moldova",
        "russia-keeps-troops-in-moldova-against-its-governments-wishes",
        "russias-account-is-like-the-fox-and-the-chicken-coop",
        "ukrainian-support-for-nato-rose-from-25-to-60-percent",
        "war-in-eastern-ukraine-killed-nearly-14000-people",
        "western-leaders-gave-oral-assurances-on-nato-in-1990-91",
    ]


def test_no_rating_of_the_seed_has_a_number_without_a_truth_value(pages):
    found = Counter()
    for there in reviews(pages).values():
        for review in there:
            rating = review["reviewRating"]
            found[rating["alternateName"], rating.get("ratingValue")] += 1
            assert len({"ratingValue", "bestRating", "worstRating"} & rating.keys()) in (0, 3)

    assert found == {
        ("True", 5): 4,
        ("Mostly true", 4): 3,
        ("Half true", 3): 7,
        ("Mostly false", 2): 2,
        ("False", 1): 1,
        ("Conflicting evidence", None): 2,
        ("Not checkable", None): 2,
        ("Not enough evidence", None): 2,
    }


def test_expansion_drops_nothing_and_every_term_is_schema_orgs(pages):
    context = schema_org()
    for there in reviews(pages).values():
        expanded = check_terms(there[0], context)
        assert expanded["@type"] == ["http://schema.org/ClaimReview"]


def test_expansion_of_the_feed(client):
    feed = json.loads(b"".join(client.get("/data/claimreview.jsonld").streaming_content))

    expanded = check_terms(feed, schema_org())

    assert len(expanded["http://schema.org/dataFeedElement"]) == 23


def test_the_feed_has_what_the_pages_have(client, pages):
    feed = json.loads(b"".join(client.get("/data/claimreview.jsonld").streaming_content))

    assert {entry["url"]: entry["item"] for entry in feed["dataFeedElement"]} == {
        f"http://testserver{path}": there for path, there in reviews(pages).items()
    }


def test_structured_data_testing_tool_finds_nothing_amiss(pages, tmp_path):
    check_with_tool({path: pages[path] for path in rated()}, tmp_path)
