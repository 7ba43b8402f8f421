"""Which claims the interface of Google's clients finds, and what it says of them."""

import datetime as dt
import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from sources.models import Source
from tests.claims.google.asking import ADDRESS, ask, review, texts, titles
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    RatingFactory,
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

THEN = dt.datetime(2022, 1, 20, 9, 30, 15, 999, dt.UTC)
TODAY = dt.datetime(2022, 3, 1, 12, 0, tzinfo=dt.UTC)


def harbour(**fields):
    return ClaimFactory(text="The harbour was closed.", slug="harbour", **fields)


def test_all_that_is_said_of_a_claim_and_its_reviews(client, settings):
    settings.SITE_URL = "https://www.desk.example:8443"
    claim = harbour()
    AppearanceFactory(claim=claim, claimant=SpeakerFactory(name="Moscow"))
    approved(claim=claim, headline="It was open.", at=THEN, rating=RatingFactory(slug="false"))
    review(claim, publisher_site="www.Facts.example", url="https://www.facts.example/1")

    assert ask(client, query="harbour") == {
        "claims": [
            {
                "text": "The harbour was closed.",
                "claimant": "Moscow",
                "claimDate": "2022-01-07T00:00:00Z",
                "claimReview": [
                    {
                        "publisher": {"name": "Counterclaim", "site": "desk.example"},
                        "url": "https://www.desk.example:8443/claims/harbour/",
                        "title": "It was open.",
                        "reviewDate": "2022-01-20T09:30:15Z",
                        "textualRating": "False",
                        "languageCode": "en",
                    },
                    {
                        "publisher": {"name": "Facts Elsewhere", "site": "facts.example"},
                        "url": "https://www.facts.example/1",
                        "title": "What others found",
                        "reviewDate": "2022-02-01T00:00:00Z",
                        "textualRating": "Misleading",
                        "languageCode": "en",
                    },
                ],
            }
        ]
    }


def test_what_is_not_known_is_left_out(client):
    review(harbour(), title="", rating_text="", rating_value="3", reviewed_on=None, language="")

    assert ask(client, query="harbour")["claims"] == [
        {
            "text": "The harbour was closed.",
            "claimReview": [
                {
                    "publisher": {"name": "Facts Elsewhere", "site": "facts.example"},
                    "url": "https://facts.example/0",
                }
            ],
        }
    ]


def test_a_language_that_is_not_determined_is_left_out(client):
    claim = harbour(language="und")
    approved(claim=claim)
    review(claim, language="und")

    (found,) = ask(client, query="harbour")["claims"]
    assert [each.get("languageCode") for each in found["claimReview"]] == [None, None]


def test_where_nothing_is_found_both_keys_are_left_out(client):
    approved()
    for question in ("xyzzy", "???", '"'):
        response = client.get(ADDRESS, {"query": question})
        assert response.content == b"{}\n"


def test_who_made_a_claim_first_and_when(client):
    claim = harbour()
    late = transcript(date=dt.date(2022, 1, 9))
    AppearanceFactory(claim=claim, passage=passage(late), claimant=SpeakerFactory(name="Late"))
    denied = transcript(date=dt.date(2022, 1, 1))
    AppearanceFactory(
        claim=claim, passage=passage(denied), manner="denied", claimant=SpeakerFactory(name="No")
    )
    early = transcript(date=dt.date(2022, 1, 5))
    row = AppearanceFactory(
        claim=claim, passage=passage(early), claimant=SpeakerFactory(name="Early")
    )
    approved(claim=claim)

    def found():
        (answer,) = ask(client, query="harbour")["claims"]
        return answer["claimant"], answer.get("claimDate")

    assert found() == ("Early", "2022-01-05T00:00:00Z")
    # A date of which the day is not known is no day.
    source = Source.objects.filter(pk=early.source_id)
    source.update(date=dt.date(2022, 1, 1), date_precision="month")
    assert found() == ("Early", None)
    # Neither is the date of a report that on which the claim was made; unless that is known.
    source.update(date=dt.date(2022, 1, 5), date_precision="day")
    rows = type(row).objects.filter(pk=row.pk)
    rows.update(manner="reported", reported_by=SpeakerFactory())
    assert found() == ("Early", None)
    rows.update(said_on=dt.date(2022, 1, 2))
    assert found() == ("Early", "2022-01-02T00:00:00Z")
    # Before all that has no date.
    Source.objects.filter(pk=late.source_id).update(date=None, date_precision="")
    assert found() == ("Early", "2022-01-02T00:00:00Z")


def test_of_a_claim_that_the_desk_has_seen_nowhere_others_say_who_made_it(client):
    claim = harbour()
    review(claim, reviewed_on=dt.date(2022, 2, 2))
    review(claim, claimant_name="A blog", claimed_on=dt.date(2022, 1, 3))

    (found,) = ask(client, query="harbour")["claims"]
    assert (found["claimant"], found["claimDate"]) == ("A blog", "2022-01-03T00:00:00Z")


def test_what_was_judged_is_what_is_said_to_be_judged(client):
    claim = approved(claim=harbour()).claim
    Claim.objects.filter(pk=claim.pk).update(text="The harbour was shut.")
    assert texts(ask(client, query="harbour")) == ["The harbour was closed."]
    # Either wording finds it.
    assert texts(ask(client, query="shut")) == texts(ask(client, query="closed"))


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("harbours", True),  # by the stem
        ("HARBOUR", True),
        ("northern", True),  # the context
        ("headline", True),
        ("warden", True),  # who makes the claim
        ("printed elsewhere", True),  # another publisher's words and title
        ("blogger", True),
        ("harbour xyzzy", False),
        ("harbour northern xyzzy", True),  # two thirds of the words
        ("harbour xyzzy plugh", False),
        ('"harbour was closed"', True),
        ('"closed harbour"', False),
        ("the harbour was it", True),  # words that every text has are not counted
        ("growing", True),  # the words in which it was made
        ("clos*", True),
        ("harbour -northern", False),
        ('harbour -"as printed"', False),
        ("harbour -xyzzy", True),
        ("-xyzzy", False),
        (".* [a-z] (", False),
        ("harbour\x00", True),
        ("x" * 3000, False),
        ("harbour " * 500, True),
    ],
)
def test_what_finds_a_claim(client, question, found):
    claim = harbour(context="It concerns the northern one.")
    AppearanceFactory(claim=claim, claimant=SpeakerFactory(name="The Warden"))
    approved(claim=claim, headline="A headline.")
    review(claim, claim_reviewed="As printed.", title="Elsewhere.", claimant_name="Blogger")

    assert texts(ask(client, query=question)) == (["The harbour was closed."] if found else [])


def test_what_has_most_of_the_words_comes_first_and_then_the_newest(client):
    for text, headline, day in (
        ("Aside.", "The harbour of ships.", 25),
        ("Ships in a harbour.", "First.", 20),
        ("A harbour for ships.", "Second.", 22),
        ("A harbour with ships and cargo.", "Third.", 10),
    ):
        approved(
            claim=ClaimFactory(text=text),
            headline=headline,
            at=dt.datetime(2022, 1, day, tzinfo=dt.UTC),
        )
    found = texts(ask(client, query="harbour ships cargo"))
    assert found == [
        "A harbour with ships and cargo.",
        "A harbour for ships.",
        "Ships in a harbour.",
        "Aside.",
    ]
    # Another's review counts as much as ours.
    review(Claim.objects.get(text="Ships in a harbour."), reviewed_on=dt.date(2022, 1, 23))
    assert texts(ask(client, query="harbour ships cargo"))[1] == "Ships in a harbour."


# --- What is asked of reviews ---


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("en", {"en", "en-GB", "EN-us"}),
        ("en-US", {"en", "en-GB", "EN-us"}),  # the region is passed over
        ("EN", {"en", "en-GB", "EN-us"}),
        ("eng", set()),
        ("e" * 2, set()),
        ("sr", {"sr", "sr-Latn", "sr-Cyrl-RS", "sr-RS"}),
        ("sr-RS", {"sr", "sr-Latn", "sr-Cyrl-RS", "sr-RS"}),
        ("sr-Latn", {"sr", "sr-Latn", "sr-RS"}),  # the script not, where both name one
        ("sr-cyrl-BA", {"sr", "sr-Cyrl-RS", "sr-RS"}),
        ("fil", {"fil"}),
        ("fi", set()),
        ("de", set()),
    ],
)
def test_reviews_in_a_language(client, asked, found):
    tags = ["en", "en-GB", "EN-us", "sr", "sr-Latn", "sr-Cyrl-RS", "sr-RS", "fil", ""]
    for n, tag in enumerate(tags):
        if n % 2 and tag:
            approved(claim=ClaimFactory(text=f"Harbour {tag}", language=tag))
        else:
            review(ClaimFactory(text=f"Harbour {tag}", language="de"), language=tag)

    answer = ask(client, query="harbour", languageCode=asked)
    assert {text.removeprefix("Harbour ") for text in texts(answer)} == found


def test_only_the_reviews_that_were_asked_for_are_shown(client):
    claim = approved(claim=harbour(), headline="Ours.").claim
    review(claim, title="Deutsch.", language="de", publisher_site="fakten.example")
    review(claim, title="Wieder.", language="de", publisher_site="facts.example")

    assert titles(ask(client, query="harbour")) == [["Ours.", "Deutsch.", "Wieder."]]
    assert titles(ask(client, query="harbour", languageCode="de-AT")) == [["Deutsch.", "Wieder."]]
    both = {"languageCode": "de", "reviewPublisherSiteFilter": "facts.example"}
    assert titles(ask(client, query="harbour", **both)) == [["Wieder."]]
    assert titles(ask(client, **both)) == [["Wieder."]]
    assert titles(ask(client, query="xyzzy", **both)) == []


@pytest.mark.parametrize(
    ("site", "found"),
    [
        ("testserver", ["Ours."]),
        ("https://www.TESTSERVER/claims/", ["Ours."]),
        ("facts.example", ["Theirs.", "Also theirs."]),
        ("www.facts.example", ["Theirs.", "Also theirs."]),
        ("acts.example", []),
        ("example", []),
        ("more.facts.example", []),
        ("facts_example", []),
        ("факты.example", []),
        ("[::1]:8000", []),
    ],
)
def test_reviews_of_a_publisher(client, site, found):
    claim = approved(claim=harbour(), headline="Ours.").claim
    review(claim, title="Theirs.")
    review(claim, title="Also theirs.", publisher_site="www.facts.EXAMPLE")

    answer = ask(client, reviewPublisherSiteFilter=site)
    assert [title for reviews in titles(answer) for title in reviews] == found


def test_of_a_publisher_the_newest_comes_first(client):
    for day in (3, 5, 4, None):
        review(ClaimFactory(text=f"{day}"), reviewed_on=day and dt.date(2022, 1, day))
    found = texts(ask(client, reviewPublisherSiteFilter="facts.example"))
    assert found == ["5", "4", "3", "None"]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (0, {"verdict", "review", "claim", "said", "none"}),
        (100, {"verdict", "review", "claim", "said"}),
        (29, {"verdict", "review", "claim", "said"}),
        (28, {"review", "claim", "said"}),
        (27, {"claim", "said"}),
        (20, {"claim", "said"}),
        (19, {"said"}),
        (1, set()),
        (800_000, {"verdict", "review", "claim", "said", "none"}),  # before there were years
        (2**31 - 1, {"verdict", "review", "claim", "said", "none"}),
    ],
)
def test_the_age_is_that_of_the_claim_or_its_review_whichever_is_newer(
    client, time_machine_at, days, found
):
    old = dt.datetime(2022, 1, 31, 23, 59, tzinfo=dt.UTC)
    approved(claim=ClaimFactory(text="verdict"), at=old)
    review(ClaimFactory(text="review"), reviewed_on=dt.date(2022, 2, 1))
    review(
        ClaimFactory(text="claim"),
        reviewed_on=dt.date(2021, 2, 1),
        claimed_on=dt.date(2022, 2, 9),
    )
    said = ClaimFactory(text="said")
    AppearanceFactory(claim=said, passage=passage(transcript(date=dt.date(2022, 2, 20))))
    approved(claim=said, at=old)
    review(ClaimFactory(text="none"), reviewed_on=None)

    sites = ("facts.example", "testserver")
    answers = [ask(client, reviewPublisherSiteFilter=site, maxAgeDays=days) for site in sites]
    assert {text for answer in answers for text in texts(answer)} == found


@pytest.fixture
def time_machine_at():
    with time_machine.travel(TODAY, tick=False):
        yield


# --- Pages ---


def pages(client, **asked):
    """All claims in the order in which the pages have them, and the sizes of the pages."""
    found, sizes, token = [], [], {}
    while True:
        answer = ask(client, **asked, **token)
        found += texts(answer)
        sizes.append(len(answer.get("claims", [])))
        if "nextPageToken" not in answer:
            return found, sizes
        token = {"pageToken": answer["nextPageToken"]}


def test_pages_leave_nothing_out_and_give_nothing_twice(client):
    for i in range(25):
        approved(claim=ClaimFactory(text=f"Harbour {i % 3} {i}"), at=THEN)

    for asked in ({"query": "harbour"}, {"reviewPublisherSiteFilter": "testserver"}):
        found, sizes = pages(client, **asked)
        assert sizes == [10, 10, 5]
        assert len(set(found)) == 25
        for size, expected in ((7, [7, 7, 7, 4]), (5, [5] * 5), (25, [25]), (100, [25])):
            again, sizes = pages(client, **asked, pageSize=size)
            assert (again, sizes) == (found, expected)
        # Of no size is of the usual size; more than the largest is the largest.
        assert texts(ask(client, **asked, pageSize=0)) == found[:10]
        assert texts(ask(client, **asked, pageSize=2**31 - 1)) == found
        # An offset counts from the first; a token knows better.
        assert texts(ask(client, **asked, offset=12)) == found[12:22]
        assert ask(client, **asked, offset=25) == {}
        assert ask(client, **asked, offset=2**31 - 1) == {}
        token = ask(client, **asked, offset=3)["nextPageToken"]
        assert texts(ask(client, **asked, offset=1, pageToken=token)) == found[13:23]


def test_no_page_has_more_than_a_hundred(client):
    reviewed = [review(public=False) for _ in range(101)]
    by = editor()
    for row in reviewed:
        row.claim.publish(by=by)
    found, sizes = pages(client, reviewPublisherSiteFilter="facts.example", pageSize=1000)
    assert (len(set(found)), sizes) == (101, [100, 1])


def test_a_page_that_is_asked_for_again_is_the_same(client):
    for i in range(3):
        approved(claim=ClaimFactory(text=f"Harbour {i}"))
    asked = {"query": "harbour", "pageSize": 2}
    with time_machine.travel(TODAY, tick=False):
        first = client.get(ADDRESS, asked)
    with time_machine.travel(TODAY + dt.timedelta(hours=1), tick=False):
        again = client.get(ADDRESS, asked, headers={"If-None-Match": first["ETag"]})
    assert "nextPageToken" in first.json()
    assert again.status_code == 304


def test_a_token_is_of_one_question(client):
    for i in range(3):
        approved(claim=ClaimFactory(text=f"Harbour {i}"))
    asked = {
        "query": "harbour",
        "maxAgeDays": 9,
        "languageCode": "en",
        "reviewPublisherSiteFilter": "testserver",
    }
    token = ask(client, **asked, pageSize=1)["nextPageToken"]

    assert len(texts(ask(client, **asked, pageToken=token))) == 2
    others = {
        "query": "harbours",
        "maxAgeDays": 8,
        "languageCode": "en-GB",
        "reviewPublisherSiteFilter": "x.example",
    }
    for name, value in others.items():
        error = ask(client, 400, **asked | {name: value}, pageToken=token)["error"]
        assert error["details"][0]["fieldViolations"][0]["field"] == "pageToken"
    for spoilt in (token[:-1], token + "x", token.replace(":", ";"), "x" * 5000, "\x00"):
        ask(client, 400, **asked, pageToken=spoilt)


def test_a_claim_does_not_age_from_page_to_page(client):
    for i, day in enumerate((10, 11, 12)):
        review(ClaimFactory(text=f"{i}"), reviewed_on=dt.date(2022, 2, day))
    asked = {"reviewPublisherSiteFilter": "facts.example", "maxAgeDays": 19, "pageSize": 1}
    with time_machine.travel(TODAY, tick=False):
        first = ask(client, **asked)
    with time_machine.travel(TODAY + dt.timedelta(days=1), tick=False):
        second = ask(client, **asked, pageToken=first["nextPageToken"])
        third = ask(client, **asked, pageToken=second["nextPageToken"])
        assert len(texts(ask(client, **asked | {"pageSize": 9}))) == 2
    assert [texts(page) for page in (first, second, third)] == [["2"], ["1"], ["0"]]
    assert "nextPageToken" not in third


# --- How it is written ---


def test_it_is_indented_unless_that_is_refused(client):
    approved(claim=harbour())
    indented = client.get(ADDRESS, {"query": "harbour"}).content.decode()
    assert indented.startswith(
        '{\n  "claims": [\n    {\n      "text": "The harbour was closed.",\n'
    )
    compact = client.get(ADDRESS, {"query": "harbour", "prettyPrint": "false"}).content.decode()
    assert compact.startswith('{"claims":[{"text":"The harbour was closed.",')
    assert json.loads(indented) == json.loads(compact)


def test_a_field_mask_is_taken_from_the_parameter_or_the_header(client):
    approved(claim=harbour())
    mask = "claims(text,claimReview/publisher/name),nextPageToken"
    expected = {
        "claims": [
            {
                "text": "The harbour was closed.",
                "claimReview": [{"publisher": {"name": "Counterclaim"}}],
            }
        ]
    }
    assert ask(client, query="harbour", fields=mask) == expected
    header = client.get(ADDRESS, {"query": "harbour"}, headers={"X-Goog-FieldMask": mask})
    assert header.json() == expected


def test_what_generated_clients_send_besides_is_taken(client):
    approved(claim=harbour())
    plain = ask(client, query="harbour")
    besides = {
        "$.xgafv": "2", "access_token": "x", "alt": "json", "oauth_token": "x", "prettyPrint": "true",
        "quotaUser": "x", "uploadType": "media", "upload_protocol": "raw", "fields": "", "pageToken": "",
        "languageCode": "", "reviewPublisherSiteFilter": "",
    }  # fmt: skip
    assert ask(client, query="harbour", **besides) == plain
    # As Google's own servers do, the names of the protocol's definition are read like those of JSON.
    other = {"language_code": "en", "review_publisher_site_filter": "testserver", "max_age_days": 0,
             "page_size": 5, "$alt": "json", "$prettyPrint": "false"}  # fmt: skip
    assert ask(client, query="harbour", **other) == plain


def test_an_answer_that_still_stands_is_not_sent_again(client):
    approved(claim=harbour())
    response = client.get(ADDRESS, {"query": "harbour"})
    again = client.get(ADDRESS, {"query": "harbour"}, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert response["Cache-Control"] == "public, no-cache"
    assert client.head(ADDRESS, {"query": "harbour"}).status_code == 200


# --- Drafts ---


def test_nothing_comes_out_that_is_not_public(client):
    public = harbour()
    AppearanceFactory(claim=public, claimant=SpeakerFactory(name="Moscow"))
    approved(claim=public, headline="It was open.")
    review(public, title="Theirs.")
    everything = ask(client, query="harbour")
    assert ask(client, query="harbour -xyzzy") == everything

    draft = ClaimFactory(text="XYZZY harbour")
    review(draft, title="XYZZY harbour", public=False)
    VerdictFactory(claim=draft, headline="XYZZY harbour")
    retired = published(ClaimFactory(text="XYZZY harbour"))
    approved(claim=retired, headline="XYZZY harbour")
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=public)
    published(ClaimFactory(text="XYZZY harbour, open"))  # neither a verdict nor a review
    withdrawn(approved(claim=ClaimFactory(text="XYZZY harbour, withdrawn")))
    submitted = VerdictFactory(
        claim=published(ClaimFactory(text="XYZZY harbour, submitted")), headline="XYZZY"
    )
    submitted.submit(by=submitted.author)
    # On the very claim that is public, too.
    review(public, title="XYZZY", claim_reviewed="XYZZY", claimant_name="XYZZY", public=False)
    early = transcript(date=dt.date(1990, 1, 1))
    AppearanceFactory(claim=public, passage=passage(early), claimant=SpeakerFactory(name="XYZZY"))
    VerdictFactory(
        claim=public, headline="XYZZY", reason="wording", note="Plainer.", rationale="XYZZY"
    )

    assert ask(client, query="harbour") == everything
    assert ask(client, query="harbour -xyzzy") == everything
    assert ask(client, query="xyzzy") == ask(client, query="xyzz*") == {}
    assert texts(ask(client, reviewPublisherSiteFilter="testserver")) == [public.text]
    assert titles(ask(client, reviewPublisherSiteFilter="facts.example")) == [["Theirs."]]


def test_of_a_corrected_verdict_the_version_in_force_is_shown(client):
    claim = harbour()
    approved(claim=claim, headline="The first finding.")
    approved(
        claim=claim, headline="The second one.", reason="error", note="It was wrong.",
        rating=RatingFactory(slug="true"),
    )  # fmt: skip
    assert titles(ask(client, query="harbour")) == [["The second one."]]
    assert ask(client, query="finding") == {}


# --- Queries ---

ASKED = [
    {"query": "harbour"},
    {"query": "harbour ships cargo closed", "languageCode": "sr-Latn", "maxAgeDays": 900_000},
    {"query": "harbour", "languageCode": "en", "maxAgeDays": 1000, "pageSize": 100},
    {"reviewPublisherSiteFilter": "testserver", "maxAgeDays": 1000},
    {"reviewPublisherSiteFilter": "facts.example", "offset": 1},
    {"query": "harbour", "fields": "claims/text"},
]


@pytest.mark.parametrize("n", [1, 12])
def test_four_queries_whatever_is_asked_and_found(client, n):
    for i in range(n):
        claim = ClaimFactory(text=f"Harbour {i}")
        for j in range(2):
            AppearanceFactory(
                claim=claim,
                passage=passage(transcript()),
                claimant=SpeakerFactory(name=f"N{i} {j}"),
            )
            review(claim, title=f"{j}")
        approved(claim=claim)
    counts = {}
    for number, asked in enumerate(ASKED):
        with CaptureQueriesContext(connection) as queries:
            ask(client, **asked)
        counts[number] = len(queries)
    # Which claims, and of these what they are, the verdicts, the reviews. The language and the offset leave
    # nothing of one claim, and another's site none of the desk's verdicts.
    assert counts == {0: 4, 1: 1, 2: 4, 3: 4, 4: 3 if n > 1 else 1, 5: 4}


def test_a_refusal_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        ask(client, 400, query="harbour", pageSize="x")
        ask(client, 400)
        client.get("/$discovery/rest")
        ask(client, query="???")
