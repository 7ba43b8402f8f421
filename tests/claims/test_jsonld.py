"""ClaimReview: what it says, what it leaves out, and that no text gets out of its script element."""

import datetime as dt
import json

import pytest
from django.conf import settings
from django.utils.translation import override

from claims.jsonld import claim_review, data_feed_item, script_json
from claims.models import Claim
from tests import factories
from tests.claims.world import published_world

pytestmark = pytest.mark.django_db

PUBLISHER = {
    "@type": "NewsMediaOrganization",
    "name": "Counterclaim",
    "url": "http://testserver/",
    "correctionsPolicy": "http://testserver/corrections/",
    "verificationFactCheckingPolicy": "http://testserver/methodology/",
    "ownershipFundingInfo": "http://testserver/about/#publisher",
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
        "inLanguage": "en",
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
            "firstAppearance": work,
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
    factories.withdrawn(judge(claim), why="The document was a forgery.")

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
        "inLanguage": "en",
        "datePublished": "2007-02",
    }
    assert item["firstAppearance"] == item["appearance"][0]
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
    assert item["appearance"].keys() == {"@type", "name", "url", "inLanguage"}


def test_drafts_stay_out(claim):
    judge(claim)
    before = review(claim)
    factories.AppearanceFactory(claim=claim)
    factories.AppearanceFactory(
        claim=claim,
        claimant=claim.appearances.first().claimant,
        passage=factories.passage(factories.transcript(date=dt.date(1990, 1, 1))),
    )
    draft = factories.VerdictFactory(
        claim=claim, reason="error", note="XYZZY", rating=factories.RatingFactory(slug="true")
    )
    assert review(claim) == before

    draft.submit(by=draft.author)
    assert review(claim) == before


def test_a_draft_ends_the_chain_to_the_original(claim):
    source = claim.appearances.get().passage.snapshot.source
    judge(claim)
    draft = factories.SourceFactory(url="https://secret.example/")
    type(source).objects.filter(pk=source.pk).update(derived_from=draft, derivation="translation")

    assert "isBasedOn" not in review(claim)["itemReviewed"]["appearance"]


@pytest.mark.parametrize(
    ("rendition", "warning"),
    [
        ("original", None),
        ("human-translation", "A translation; not the speaker’s own words."),
        ("machine-translation", "A machine translation; not the speaker’s own words."),
        ("unknown", "It is not known whether this is the original wording."),
    ],
)
def test_a_work_says_what_its_words_are_worth(rendition, warning):
    original = factories.SourceFactory(url="https://archive.example/original", language="ru")
    snapshot = factories.transcript(
        rendition=rendition, language="uk", derived_from=original, derivation="translation"
    )
    claim = factories.ClaimFactory()
    factories.AppearanceFactory(claim=claim, passage=factories.passage(snapshot))
    judge(claim)

    item = review(claim)["itemReviewed"]
    work = item["appearance"]

    assert work.get("description") == warning
    assert work["inLanguage"] == "uk"
    assert work["isBasedOn"] == {
        "@type": "CreativeWork",
        "url": "https://archive.example/original",
    }
    assert item["firstAppearance"] == work


def test_a_work_says_by_way_of_what_it_was_translated():
    original = factories.SourceFactory(url="https://archive.example/original", title="As spoken")
    between = factories.SourceFactory(
        slug="between",
        title="Between",
        language="ru",
        url="",
        rendition="human-translation",
        translated_by="An agency",
        derived_from=original,
        derivation="translation",
    )
    snapshot = factories.transcript(
        rendition="machine-translation",
        translated_by="An engine",
        derived_from=between,
        derivation="translation",
    )
    claim = factories.ClaimFactory()
    factories.AppearanceFactory(claim=claim, passage=factories.passage(snapshot))
    judge(claim)

    work = review(claim)["itemReviewed"]["appearance"]

    assert work["description"] == (
        "A machine translation; not the speaker’s own words. Translated by: An engine."
    )
    assert work["isBasedOn"]["url"] == "https://archive.example/original"
    assert work["translationOfWork"] == {
        "@type": "CreativeWork",
        "name": "Between",
        "url": f"{settings.SITE_URL}/sources/between/",
        "inLanguage": "ru",
        "description": "A translation; not the speaker’s own words. Translated by: An agency.",
        "translationOfWork": {
            "@type": "CreativeWork",
            "name": "As spoken",
            "url": "https://archive.example/original",
            "inLanguage": "en",
        },
    }


def test_a_work_that_only_reports_the_claim_says_by_whom(claim):
    doe, roe = factories.SpeakerFactory(name="J. Doe"), factories.SpeakerFactory(name="R. Roe")
    report = factories.transcript(date=dt.date(2023, 1, 1), title="A report")
    for reporter, exact, manner in (
        (doe, "promised not to grow", "reported"),
        (roe, "as far as I know", "quoted"),
        (doe, "Nobody did", "quoted"),
    ):
        factories.AppearanceFactory(
            claim=claim,
            passage=factories.passage(report, exact),
            claimant=claim.appearances.first().claimant,
            reported_by=reporter,
            manner=manner,
        )
    judge(claim)

    own, reported = review(claim)["itemReviewed"]["appearance"]

    assert "description" not in own
    assert reported["description"] == "Here the claim is reported or quoted by J. Doe, R. Roe."


def day(*date, precision="day", manner="asserted", said_on=None):
    return {
        "date": dt.date(*date) if date else None,
        "precision": precision if date else "",
        "manner": manner,
        "said_on": said_on,
    }


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ([day(2022, 1, 7)], 0),
        ([day(2022, 1, 7), day(2021, 5, 5)], 1),
        ([day(2022, 1, 7), day(2023, 1, 1, manner="reported")], 0),
        # Somebody else has it earlier: then it was said before, and where is not known here.
        ([day(2022, 1, 7), day(2021, 5, 5, manner="reported")], None),
        ([day(2022, 1, 7), day(2023, 1, 1, manner="reported", said_on=dt.date(2007, 2, 10))], None),
        ([day(2022, 1, 7), day(2021, 5, 5, manner="quoted")], None),
        ([day(2022, 1, 7, manner="reported")], None),
        # It could be either.
        ([day(2022, 1, 7), day(2022, 1, 1, precision="year")], None),
        ([day(2022, 1, 7), day(2022, 2, 1, precision="month")], 0),
        ([day(2022, 1, 7), day(2021, 1, 1, precision="year")], 1),
        ([day(2022, 1, 7), day()], None),
        ([day()], None),
        # A text that was published later than it was spoken.
        ([day(2022, 1, 7), day(2023, 1, 1, said_on=dt.date(2022, 1, 6))], 1),
    ],
)
def test_the_first_appearance_is_told_only_where_it_is_known(rows, first):
    claim = factories.ClaimFactory()
    reporter = factories.SpeakerFactory()
    for number, row in enumerate(rows):
        snapshot = factories.transcript(
            title=str(number), date=row["date"], date_precision=row["precision"]
        )
        factories.AppearanceFactory(
            claim=claim,
            passage=factories.passage(snapshot),
            manner=row["manner"],
            reported_by=None if row["manner"] == "asserted" else reporter,
            said_on=row["said_on"],
        )
    judge(claim)

    found = review(claim)["itemReviewed"].get("firstAppearance")

    assert (found and int(found["name"])) == first


def test_later_versions_and_withdrawals_are_corrections_in_their_order(claim):
    judge(claim)
    assert "correction" not in review(claim)

    def later(version, month, **kwargs):
        return factories.approved(
            claim=claim,
            rating=factories.RatingFactory(slug="true"),
            note=f"Note {version}.",
            at=dt.datetime(2022, month, 1, tzinfo=dt.UTC),
            **kwargs,
        )

    def comment(text, date, version):
        return {
            "@type": "CorrectionComment",
            "text": text,
            "datePublished": date,
            "url": f"http://testserver/claims/no-promise/verdicts/{version}/",
        }

    second = later(2, 4, reason="new-evidence")
    told = comment("Note 2.", "2022-04-01", 2)
    assert review(claim)["correction"] == told
    assert review(claim)["datePublished"] == "2022-04-01"

    factories.withdrawn(second, why="A forgery.", at=dt.datetime(2022, 5, 1, tzinfo=dt.UTC))
    assert review(claim) is None

    later(3, 6, reason="error")
    assert review(claim)["correction"] == [
        told,
        comment("Withdrawn: A forgery.", "2022-05-01", 2),
        comment("Note 3.", "2022-06-01", 3),
    ]


def test_the_review_is_the_same_in_whatever_language_the_page_is_read(claim):
    judge(claim)
    before = review(claim)

    with override("de"):
        assert review(claim) == before


def test_of_one_claim_and_of_many_it_is_the_same():
    world = published_world()
    found = {row.slug: claim_review(row) for row in Claim.objects.for_review()}

    assert found.keys() == {"promise", "never"}
    assert found == {slug: review(Claim(slug=slug)) for slug in found}
    assert found[world.claim.slug]["itemReviewed"]["appearance"]["isBasedOn"]


def test_what_it_says_of_the_publisher_is_there_to_be_read(client):
    for name in ("correctionsPolicy", "verificationFactCheckingPolicy", "ownershipFundingInfo"):
        address = PUBLISHER[name].removeprefix("http://testserver")
        path, _, anchor = address.partition("#")
        response = client.get(path)

        assert response.status_code == 200
        assert not anchor or f'id="{anchor}"' in response.content.decode()


def test_it_costs_no_query(claim, django_assert_num_queries):
    judge(claim)
    alone = Claim.objects.read(claim.slug)
    with django_assert_num_queries(4):
        among_many = Claim.objects.for_review().get(slug=claim.slug)

    with django_assert_num_queries(0):
        claim_review(alone)
        data_feed_item(among_many)


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
