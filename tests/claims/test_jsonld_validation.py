"""ClaimReview of claims unlike those of the seed, held against what others ask of it; and whether the table
of Google's rules finds a fault where there is one.

schema.org's published SHACL shapes refuse valid literals, and are no oracle.
"""

import pytest

from claims.models import Claim
from tests import factories
from tests.claims.google_rules import REQUIRED, broken
from tests.claims.structured_data import (
    check_pages,
    check_terms,
    check_with_tool,
    reviews,
    schema_org,
    unknown_terms,
)
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def edges(client):
    """The pages of claims that are unlike those of the seed, by path."""
    published_world()
    long = factories.ClaimFactory(slug="long", text=f"{'Words that go on, ' * 27}and end.")
    nobody = factories.ClaimFactory(slug="nobody", language="ru", text="Обещание было дано.")
    many = factories.ClaimFactory(slug="many", text='“Quoted” & <b>bold</b>, \\ and "more".')
    for number, kind in enumerate(("person", "organisation", "state", "group")):
        speaker = factories.SpeakerFactory(
            kind=kind, name=f"Speaker {number} </script>", wikidata_id=f"Q{number + 1}"
        )
        source = {"date": None, "date_precision": "", "url": ""} if number == 3 else {}
        source = {"date_precision": "year"} if number == 2 else source
        factories.AppearanceFactory(
            claim=many, claimant=speaker, passage=factories.passage(factories.transcript(**source))
        )
    denied = factories.ClaimFactory(slug="denied")
    factories.AppearanceFactory(claim=denied, manner="denied")
    rating = factories.RatingFactory(slug="not-checkable")
    for claim in (long, nobody, many):
        factories.approved(claim=claim)
    first = factories.approved(claim=denied, rating=rating)
    factories.withdrawn(first, why="It was a mistake.\n\nA line of its own.")
    factories.approved(claim=denied, rating=rating, reason="error", note="Put right.")
    paths = [claim.get_absolute_url() for claim in Claim.objects.published().rated()]
    return {path: client.get(path).content.decode() for path in paths}


def test_they_keep_googles_rules(edges):
    check_pages(edges)
    assert len(edges) == 6


def test_expansion_drops_nothing_and_every_term_is_schema_orgs(edges):
    context = schema_org()
    for there in reviews(edges).values():
        check_terms(there[0], context)


def test_structured_data_testing_tool_finds_nothing_amiss(edges, tmp_path):
    check_with_tool(edges, tmp_path)


def test_a_term_that_schema_org_does_not_know_is_found_out():
    context = schema_org()

    assert unknown_terms({"@type": "Claim", "claimedBy": "x", "ratingValue": 1}, context) == [
        "Claim.claimedBy",
        "Claim.ratingValue",
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"claimReviewed": " "}, "claimReviewed: what is reviewed, in words"),
        ({"url": "ftp://facts.example/claims/it/"}, "url: the address of the full review"),
        (
            {"url": "https://elsewhere.example/"},
            "url: on the host of the page that bears it, or a part of it",
        ),
        (
            {"reviewRating": {"@type": "Rating"}},
            "reviewRating.alternateName: the assessment in a word or two",
        ),
        *(
            (
                {
                    "reviewRating": {
                        "@type": "Rating",
                        "alternateName": "False",
                        "worstRating": worst,
                        "ratingValue": value,
                        "bestRating": best,
                    }
                },
                "reviewRating: numbers run from a worst of at least 1 to a higher best",
            )
            for worst, value, best in (
                (0, 1, 5),
                (1, 6, 5),
                (5, 5, 5),
                (5, 3, 1),
                (1, None, 5),
                (1, "3", 5),
            )
        ),
        ({"author": {"@type": "Organization"}}, "author.name: an author is named"),
        (
            {"itemReviewed": {"@type": "Claim", "author": [{"@type": "Country", "name": "x"}]}},
            "itemReviewed.author.@type: an organization or a person",
        ),
        (
            {"itemReviewed": {"@type": "Claim", "datePublished": "7 January 2022"}},
            "itemReviewed.datePublished: a date",
        ),
        (
            {"itemReviewed": {"@type": "Claim", "datePublished": "2022-13"}},
            "itemReviewed.datePublished: a date",
        ),
    ],
)
def test_the_table_finds_each_fault(change, fault):
    review = {
        "@type": "ClaimReview",
        "claimReviewed": "It was so.",
        "url": "https://facts.example/claims/it/",
        "reviewRating": {"@type": "Rating", "alternateName": "False"},
    }
    page = "https://facts.example/de/claims/it/"

    assert broken(review, page, level=REQUIRED) == []
    assert broken(review | change, page, level=REQUIRED) == [fault]
