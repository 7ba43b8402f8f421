"""Feeds: what they list, under which addresses."""

import datetime as dt
from xml.etree import ElementTree

import feedparser
import pytest

from tests.claims.knowledge_base import build
from tests.claims.reading import page
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    RatingFactory,
    RebuttalFactory,
    SpeakerFactory,
    TopicFactory,
    VerdictFactory,
    approved,
    published,
    withdrawn,
)

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITE = "https://facts.example.org"


@pytest.fixture(autouse=True)
def _elsewhere(settings):
    """The site's own address is not the one that the requests name."""
    settings.SITE_URL = SITE
    settings.PUBLISHER_NAME = "Example Fact Desk"


def fetch(client, path):
    return ElementTree.fromstring(client.get(path, headers={"host": "localhost"}).content)


def entries(feed):
    return [
        {child.tag.partition("}")[2]: child.text or child.get("href") for child in entry}
        for entry in feed.findall("a:entry", ATOM)
    ]


def moment(day):
    return dt.datetime(2022, 3, day, tzinfo=dt.UTC)


@pytest.fixture
def claim():
    """With a first verdict, a correction of it, and the withdrawal of that."""
    claim = ClaimFactory(slug="promise", text="There was <b>a promise</b> & more.")
    approved(claim=claim, at=moment(1), headline="No such promise.")
    second = approved(
        claim=claim,
        at=moment(2),
        headline="There was one.",
        reason="error",
        note="A letter was overlooked.",
        rating=RatingFactory(slug="true"),
    )
    withdrawn(second, why="The letter is forged.", at=moment(4))
    return claim


def test_verdicts_newest_first(client, claim):
    approved(claim=ClaimFactory(slug="other", text="Another claim."), at=moment(3))
    feed = fetch(client, "/feeds/verdicts.atom")

    assert [
        (e["title"], e["link"], e["published"][:10], e["updated"][:10]) for e in entries(feed)
    ] == [
        ("False: Another claim.", f"{SITE}/claims/other/verdicts/1/", "2022-03-03", "2022-03-03"),
        (
            "Withdrawn: True: There was <b>a promise</b> & more.",
            f"{SITE}/claims/promise/verdicts/2/",
            "2022-03-02",
            "2022-03-04",
        ),
        (
            "Superseded: False: There was <b>a promise</b> & more.",
            f"{SITE}/claims/promise/verdicts/1/",
            "2022-03-01",
            "2022-03-02",
        ),
    ]
    assert [e["summary"] for e in entries(feed)[1:]] == [
        "There was one.\n\nWithdrawn: The letter is forged.",
        "No such promise.\n\nSuperseded: A letter was overlooked.",
    ]
    assert feed.find("a:title", ATOM).text == "Example Fact Desk: verdicts"
    assert {link.get("href") for link in feed.findall("a:link", ATOM)} == {
        f"{SITE}/claims/",
        f"{SITE}/feeds/verdicts.atom",
    }


def test_corrections_say_what_changed_and_what_was_withdrawn(client, claim):
    (entry,) = entries(fetch(client, "/feeds/corrections.atom"))

    assert entry["link"] == f"{SITE}/claims/promise/verdicts/2/"
    assert entry["title"].startswith("Withdrawn: True: ")
    assert entry["summary"] == (
        "There was one.\n\nerror corrected: A letter was overlooked.\n\n"
        "Withdrawn: The letter is forged."
    )


def test_a_first_verdict_that_was_withdrawn_is_a_correction(client):
    verdict = approved(claim=ClaimFactory(), headline="So it is.")
    withdrawn(verdict, why="It was too early.")

    (entry,) = entries(fetch(client, "/feeds/corrections.atom"))

    assert entry["summary"] == "So it is.\n\nWithdrawn: It was too early."


def test_a_topic_has_a_feed_of_the_verdicts_on_its_claims_alone(client, claim):
    topic = TopicFactory(slug="alliance", name="The <Alliance>", description="Who & when.")
    claim.topics.add(topic)
    approved(claim=ClaimFactory(slug="other", text="Another claim."))
    feed = fetch(client, "/feeds/topics/alliance.atom")

    assert [entry["link"] for entry in entries(feed)] == [
        f"{SITE}/claims/promise/verdicts/2/",
        f"{SITE}/claims/promise/verdicts/1/",
    ]
    assert (
        feed.find("a:title", ATOM).text == "Example Fact Desk: verdicts on the topic The <Alliance>"
    )
    assert feed.find("a:subtitle", ATOM).text == "Who & when."
    assert {link.get("href") for link in feed.findall("a:link", ATOM)} == {
        f"{SITE}/topics/alliance/",
        f"{SITE}/feeds/topics/alliance.atom",
    }


def test_a_speaker_has_a_feed_of_the_verdicts_on_what_was_claimed_and_not_denied(client, claim):
    speaker = SpeakerFactory(slug="moscow", name="Moscow")
    denied = ClaimFactory(slug="denied")
    AppearanceFactory(claim=claim, claimant=speaker)
    AppearanceFactory(claim=denied, claimant=speaker, manner="denied")
    answered = RebuttalFactory(claim=ClaimFactory(slug="answered"), speaker=speaker).claim
    published(claim)
    for other in (denied, answered, ClaimFactory(slug="other")):
        approved(claim=other)
    feed = fetch(client, "/feeds/speakers/moscow.atom")

    assert [entry["link"] for entry in entries(feed)] == [
        f"{SITE}/claims/promise/verdicts/2/",
        f"{SITE}/claims/promise/verdicts/1/",
    ]
    assert feed.find("a:title", ATOM).text == "Example Fact Desk: verdicts on claims made by Moscow"
    assert {link.get("href") for link in feed.findall("a:link", ATOM)} == {
        f"{SITE}/speakers/moscow/",
        f"{SITE}/feeds/speakers/moscow.atom",
    }


def test_pages_name_their_feeds(client):
    base = build()
    for path, feed in (
        (base.topic.get_absolute_url(), f"/feeds/topics/{base.topic.slug}.atom"),
        (base.claimant.get_absolute_url(), f"/feeds/speakers/{base.claimant.slug}.atom"),
    ):
        named = page(client, path).find_all("link", type="application/atom+xml")
        hrefs = [link["href"] for link in named]
        assert hrefs == ["/feeds/verdicts.atom", "/feeds/corrections.atom", feed]
        assert len({link["title"] for link in named}) == 3


def test_the_programs_of_readers_take_the_feeds_without_complaint(client, claim):
    base = build()
    empty = published(ClaimFactory(text="An open claim"))
    topic = TopicFactory(slug="empty")
    empty.topics.add(topic)
    for path, is_empty in (
        ("/feeds/verdicts.atom", False),
        ("/feeds/corrections.atom", False),
        (f"/feeds/topics/{base.topic.slug}.atom", False),
        (f"/feeds/speakers/{base.claimant.slug}.atom", False),
        ("/feeds/topics/empty.atom", True),
    ):
        response = client.get(path)
        headers = {"content-type": response["Content-Type"]}
        read = feedparser.parse(response.content, response_headers=headers)
        assert not read.bozo, (path, read.get("bozo_exception"))
        assert read.version == "atom10"
        assert read.feed.language == "en-gb"
        assert (not read.entries) == is_empty, path
        assert len({entry.id for entry in read.entries}) == len(read.entries)
        assert all(entry.updated_parsed and entry.link.startswith(SITE) for entry in read.entries)
        assert client.get(path).content == response.content  # though it may be empty


def test_a_draft_has_no_feed_and_is_in_none(client):
    base = build()
    paths = [
        f"/feeds/topics/{base.topic.slug}.atom",
        f"/feeds/speakers/{base.claimant.slug}.atom",
    ]
    before = [client.get(path).content for path in paths]
    unknown = [client.get(f"/feeds/{kind}/xyzzy.atom") for kind in ("topics", "speakers")]
    topic, speaker = TopicFactory(slug="xyzzy"), SpeakerFactory(slug="xyzzy")
    draft = ClaimFactory(text="XYZZY")
    draft.topics.add(topic, base.topic)
    for who in (speaker, base.claimant):
        AppearanceFactory(claim=draft, claimant=who)
    verdict = VerdictFactory(claim=draft)
    verdict.submit(by=verdict.author)

    assert [client.get(path).content for path in paths] == before
    for kind, was in zip(("topics", "speakers"), unknown, strict=True):
        answer = client.get(f"/feeds/{kind}/xyzzy.atom")
        assert (answer.status_code, answer.content) == (404, was.content)


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/verdicts.atom",
        "/feeds/corrections.atom",
        "/feeds/topics/alliance.atom",
        "/feeds/speakers/claimant.atom",
    ],
)
def test_they_are_read_and_not_written_to(client, path):
    build()
    for method in (client.post, client.put, client.delete):
        assert method(path).status_code == 405
    assert client.head(path).status_code == 200


def test_a_feed_that_loses_an_entry_is_not_said_to_stand_as_it_was(client):
    base = build()
    for path in (
        f"/feeds/topics/{base.topic.slug}.atom",
        f"/feeds/speakers/{base.claimant.slug}.atom",
    ):
        response = client.get(path)
        assert response.status_code == 200
        assert not response.has_header("Last-Modified")
        assert client.get(path, headers={"if-none-match": response["ETag"]}).status_code == 304
