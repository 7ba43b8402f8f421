"""ClaimReview: what it says, what it leaves out, and that no text gets out of its script element."""

import datetime as dt
import json

import pytest

from claims.jsonld import claim_review, script_json
from claims.models import Claim
from tests import factories

pytestmark = pytest.mark.django_db

PUBLISHER = {
    "@type": "Organization",
    "name": "Counterclaim",
    "url": "http://testserver/",
}


@pytest.fixture
def claim():
    claim = factories.ClaimFactory(
        slug="no-promise", text="There was no promise.", language="en-GB"
    )
    snapshot = factories.transcript(
        slug="remarks",
        title="Remarks on the Alliance",
        url="https://state.example/remarks",
        date=dt.date(2022, 1, 7),
    )
    factories.AppearanceFactory(
        claim=claim,
        passage=factories.passage(snapshot),
        claimant=factories.SpeakerFactory(
            slug="moscow", name="Moscow", kind="state", wikidata_id="Q159"
        ),
    )
    return claim


def review(claim):
    return claim_review(Claim.objects.read(claim.slug))


def judge(claim, rating="false", **kwargs):
    return factories.approved(
        claim=claim,
        rating=factories.RatingFactory(slug=rating),
        headline="Nobody promised.",
        at=dt.datetime(2022, 3, 4, 23, 30, tzinfo=dt.UTC),
        **kwargs,
    )


def test_the_whole_of_a_review(claim):
    judge(claim)
    work = {
        "@type": "CreativeWork",
        "name": "Remarks on the Alliance",
        "url": "https://state.example/remarks",
        "datePublished": "2022-01-07",
    }

    assert review(claim) == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "http://testserver/claims/no-promise/",
        "datePublished": "2022-03-04",
        "inLanguage": "en-GB",
        "claimReviewed": "There was no promise.",
        "itemReviewed": {
            "@type": "Claim",
            "author": {
                "@type": "Organization",
                "name": "Moscow",
                "sameAs": "https://www.wikidata.org/wiki/Q159",
            },
            "datePublished": "2022-01-07",
            "appearance": work,
        },
        "reviewRating": {
            "@type": "Rating",
            "alternateName": "False",
            "ratingValue": 1,
            "bestRating": 5,
            "worstRating": 1,
            "ratingExplanation": "Nobody promised.",
        },
        "author": PUBLISHER,
        "publisher": PUBLISHER,
    }


def test_a_rating_that_measures_no_truth_has_no_number(claim):
    judge(claim, "not-enough-evidence")

    assert review(claim)["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "Not enough evidence",
        "ratingExplanation": "Nobody promised.",
    }


def test_an_open_claim_has_none(claim):
    factories.published(claim)

    assert review(claim) is None


def test_a_draft_verdict_gives_none(claim):
    factories.published(claim)
    factories.VerdictFactory(claim=claim)

    assert review(claim) is None


def test_a_withdrawn_verdict_gives_none(claim):
    judge(claim).withdraw(by=factories.editor(), why="The document was a forgery.")

    assert review(claim) is None


def test_several_claimants_stand_in_a_list_in_the_order_in_which_they_spoke(claim):
    earlier = factories.transcript(
        slug="earlier",
        title="Earlier remarks",
        url="",
        date=dt.date(2007, 2, 1),
        date_precision="month",
    )
    person = factories.SpeakerFactory(slug="doe", name="J. Doe")
    passage = factories.passage(earlier)
    factories.AppearanceFactory(claim=claim, passage=passage, claimant=person)
    again = factories.passage(earlier, "as far as I know")
    factories.AppearanceFactory(claim=claim, passage=again, claimant=person)
    judge(claim)

    item = review(claim)["itemReviewed"]

    assert [(author["@type"], author["name"]) for author in item["author"]] == [
        ("Person", "J. Doe"),
        ("Organization", "Moscow"),
    ]
    assert [work["name"] for work in item["appearance"]] == [
        "Earlier remarks",
        "Remarks on the Alliance",
    ]
    # Not published elsewhere: then the place of its words on this site.
    assert item["appearance"][0] == {
        "@type": "CreativeWork",
        "name": "Earlier remarks",
        "url": f"http://testserver{passage.get_absolute_url()}",
        "datePublished": "2007-02",
    }
    assert item["datePublished"] == "2007-02"


def test_the_day_on_which_it_was_said_goes_before_that_of_the_source(claim):
    claim.appearances.update(said_on=dt.date(1999, 12, 31))
    judge(claim)

    assert review(claim)["itemReviewed"]["datePublished"] == "1999-12-31"


def test_what_was_judged_is_reviewed_whatever_the_claim_reads_since(claim):
    judge(claim)
    Claim.objects.filter(pk=claim.pk).update(text="There was no written promise.")

    assert review(claim)["claimReviewed"] == "There was no promise."


@pytest.mark.parametrize(
    ("manner", "said_on", "date"),
    [
        ("quoted", None, "2022-01-07"),
        ("reported", None, None),
        ("reported", dt.date(2007, 2, 10), "2007-02-10"),
    ],
)
def test_the_date_of_a_mere_report_is_not_that_of_the_claim(claim, manner, said_on, date):
    reporter = factories.SpeakerFactory()
    claim.appearances.update(manner=manner, reported_by=reporter, said_on=said_on)
    judge(claim)

    item = review(claim)["itemReviewed"]

    assert item.get("datePublished") == date
    assert item["appearance"]["datePublished"] == "2022-01-07"


def test_a_denial_makes_nobody_an_author():
    claim = factories.ClaimFactory()
    factories.AppearanceFactory(claim=claim, manner="denied")
    judge(claim)

    assert review(claim)["itemReviewed"] == {"@type": "Claim"}


def test_what_has_no_date_is_left_without(claim):
    claim.appearances.get().passage.snapshot.source.__class__.objects.update(
        date=None, date_precision=""
    )
    judge(claim)

    item = review(claim)["itemReviewed"]

    assert item.keys() == {"@type", "author", "appearance"}
    assert item["appearance"].keys() == {"@type", "name", "url"}


def test_a_draft_appearance_and_its_draft_speaker_stay_out(claim):
    judge(claim)
    before = review(claim)
    factories.AppearanceFactory(claim=claim)

    assert review(claim) == before


def test_it_costs_no_query(claim, django_assert_num_queries):
    judge(claim)
    claim = Claim.objects.read(claim.slug)

    with django_assert_num_queries(0):
        claim_review(claim)


def test_no_text_gets_out_of_the_script_element(claim):
    hostile = "</script><script>alert(1)</script><!-- & \u2028\u2029 Ж"
    Claim.objects.filter(pk=claim.pk).update(text=hostile)
    claim.refresh_from_db()
    judge(claim)

    text = script_json(review(claim))

    assert not set(text) & set("<>&\u2028\u2029")
    assert "\\u003c/script\\u003e" in text
    assert "Ж" in text
    assert json.loads(text)["claimReviewed"] == hostile
    assert text.__html__() == text
