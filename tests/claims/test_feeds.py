"""Feeds, sitemap and robots.txt: what they list, under which addresses."""

import datetime as dt
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from sources.models import Source
from tests.claims.knowledge_base import build
from tests.factories import ClaimFactory, RatingFactory, approved, editor, published

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
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
    second.withdraw(by=editor(), why="The letter is forged.", at=moment(4))
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
    verdict.withdraw(by=editor(), why="It was too early.")

    (entry,) = entries(fetch(client, "/feeds/corrections.atom"))

    assert entry["summary"] == "So it is.\n\nWithdrawn: It was too early."


def test_sitemap_lists_each_page_once_with_its_last_change(client):
    base = build()
    urls = {
        url.find("s:loc", SITEMAP).text: url.findtext("s:lastmod", None, SITEMAP)
        for url in fetch(client, "/sitemap.xml")
    }

    sources = Source.objects.published()
    expected = {reverse(name) for name in "home claims speakers sources topics".split()}
    expected |= {"/corrections/", "/methodology/"}
    for manager in (type(base.claim), type(base.claimant), type(base.source), type(base.topic)):
        expected |= {row.get_absolute_url() for row in manager.objects.published()}
    expected |= {s.get_transcript_url() for s in sources.filter(snapshots__passages__isnull=False)}
    assert set(urls) == {SITE + path for path in expected}
    base.claim.refresh_from_db()
    assert urls[SITE + base.claim.get_absolute_url()] == base.claim.updated_at.date().isoformat()


def test_sitemap_leaves_out_what_is_retired(client):
    kept = published(ClaimFactory(slug="kept"))
    retired = published(ClaimFactory(slug="retired"))
    retired.duplicate_of = kept
    retired.save()

    paths = [url.find("s:loc", SITEMAP).text for url in fetch(client, "/sitemap.xml")]

    assert [path for path in paths if "/claims/" in path] == [
        f"{SITE}/claims/",
        f"{SITE}/claims/kept/",
    ]


@pytest.mark.parametrize(
    "path", ["/feeds/verdicts.atom", "/feeds/corrections.atom", "/sitemap.xml", "/robots.txt"]
)
def test_they_are_read_and_not_written_to(client, path):
    for method in (client.post, client.put, client.delete):
        assert method(path).status_code == 405
    assert client.head(path).status_code == 200


def test_robots_names_the_sitemap(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {SITE}/sitemap.xml" in response.content.decode().splitlines()
