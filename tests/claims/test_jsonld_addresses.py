"""The addresses of ClaimReview: one review, and all of them as a feed."""

import datetime as dt
import gzip
import json

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.jsonld import claim_review
from claims.models import Claim
from claims.views import claimreview
from sources.models import Source, Speaker
from tests import factories
from tests.claims.world import FIRST, SECOND, drafts, published_world

FEED = "/data/claimreview.jsonld"

pytestmark = pytest.mark.django_db


def feed(client, **headers):
    response = client.get(FEED, **headers)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_the_review_of_a_claim_is_the_one_on_its_page(client):
    published_world()

    response = client.get("/claims/promise/claimreview.jsonld")
    soup = BeautifulSoup(client.get("/claims/promise/").content, "html.parser")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/ld+json"
    assert response["Cache-Control"] == "public, no-cache"
    assert response.json() == json.loads(soup.find("script", type="application/ld+json").string)
    assert response.json() == claim_review(Claim.objects.read("promise"))
    again = client.get("/claims/promise/claimreview.jsonld", HTTP_IF_NONE_MATCH=response["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_a_page_with_a_verdict_leads_to_it(client, prefix):
    published_world()

    def alternates(slug):
        soup = BeautifulSoup(client.get(f"{prefix}/claims/{slug}/").content, "html.parser")
        return [link["href"] for link in soup.find_all("link", type="application/ld+json")]

    assert alternates("promise") == ["/claims/promise/claimreview.jsonld"]
    assert alternates("part") == []


@pytest.mark.parametrize("path", ["/", "/claims/", "/uk/claims/"])
def test_the_lists_lead_to_the_feed(client, path):
    soup = BeautifulSoup(client.get(path).content, "html.parser")

    assert [link["href"] for link in soup.find_all("link", type="application/ld+json")] == [FEED]


def test_there_is_none_without_a_verdict_in_force(client):
    world = published_world()
    draft = factories.VerdictFactory().claim
    factories.withdrawn(world.verdict, why="The memo was a forgery.")

    for slug in ("part", "promise", draft.slug, "nowhere"):
        assert client.get(f"/claims/{slug}/claimreview.jsonld").status_code == 404
    assert client.get("/claims/never/claimreview.jsonld").status_code == 200


def test_the_address_of_a_retired_claim_leads_on_for_good(client):
    world = published_world()
    factories.published(factories.ClaimFactory(slug="same"))
    Claim.objects.filter(slug="same").update(duplicate_of=world.claim)

    response = client.get("/claims/same/claimreview.jsonld")

    assert (response.status_code, response["Location"]) == (
        301,
        "/claims/promise/claimreview.jsonld",
    )


def test_the_whole_of_a_feed(client):
    published_world()
    reviews = {slug: claim_review(Claim.objects.read(slug)) for slug in ("promise", "never")}

    assert json.loads(feed(client)) == {
        "@context": "https://schema.org",
        "@type": "DataFeed",
        "name": "Counterclaim: fact checks",
        "url": "http://testserver/data/claimreview.jsonld",
        "creator": reviews["never"]["author"],
        "dataFeedElement": [
            {
                "@type": "DataFeedItem",
                "url": "http://testserver/claims/promise/",
                "dateCreated": FIRST.isoformat(),
                "dateModified": SECOND.isoformat(),
                "item": [reviews["promise"]],
            },
            {
                "@type": "DataFeedItem",
                "url": "http://testserver/claims/never/",
                "dateCreated": FIRST.isoformat(),
                "dateModified": Claim.objects.get(slug="never").updated_at.isoformat(),
                "item": [reviews["never"]],
            },
        ],
        "dateModified": max(
            claim.updated_at for claim in Claim.objects.filter(slug__in=reviews)
        ).isoformat(),
    }


def test_each_entry_of_the_feed_is_a_line(client):
    published_world()

    head, *entries, end = feed(client).decode().rstrip("\n").split("\n")

    assert head.endswith('"dataFeedElement": [')
    assert [json.loads(line.rstrip(","))["item"][0]["@type"] for line in entries] == [
        "ClaimReview"
    ] * 2
    assert end.startswith("], ")


def test_an_empty_feed_is_a_feed(client):
    assert json.loads(feed(client))["dataFeedElement"] == []
    assert "dateModified" not in json.loads(feed(client))


def test_the_feed_has_neither_open_nor_retired_nor_withdrawn(client):
    world = published_world()
    retired = factories.approved(claim=factories.ClaimFactory(slug="same")).claim
    Claim.objects.filter(pk=retired.pk).update(duplicate_of=world.claim)
    factories.withdrawn(world.verdict, why="The memo was a forgery.")

    entries = json.loads(feed(client))["dataFeedElement"]

    assert [entry["url"] for entry in entries] == ["http://testserver/claims/never/"]


def test_the_feed_is_compressed_and_asked_for_with_conditions(client):
    published_world()
    plain = feed(client)

    response = client.get(FEED, HTTP_ACCEPT_ENCODING="gzip")
    body = b"".join(response.streaming_content)

    assert response["Content-Type"] == "application/ld+json"
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain
    # Of what travels compressed the tag is a weak one; either is understood.
    assert response["ETag"].startswith('W/"')
    for etag in (response["ETag"], client.get(FEED)["ETag"]):
        with CaptureQueriesContext(connection) as queries:
            again = client.get(FEED, HTTP_IF_NONE_MATCH=etag)
        assert again.status_code == 304
        assert len(queries) == 3


def test_head_says_the_same_and_reads_no_claim(client):
    published_world()

    with CaptureQueriesContext(connection) as queries:
        head = client.head(FEED)
    n = len(queries)

    assert head.status_code == 200
    assert head["ETag"] == client.get(FEED)["ETag"]
    assert head["Content-Type"] == "application/ld+json"
    assert n == 3
    assert client.post(FEED).status_code == 405


def rename_speaker(world):
    Speaker.objects.get(slug="moscow").save()


def retitle_source(world):
    Source.objects.get(slug="remarks").save()


def withdraw(world):
    factories.withdrawn(world.verdict, why="A forgery.", at=SECOND)


def correct(world):
    factories.approved(claim=world.claim, reason="error", note="No.", at=SECOND)


def add_appearance(world):
    factories.AppearanceFactory(claim=world.claim, claimant=world.appearance.claimant)
    world.claim.publish(by=factories.editor())


def remove_appearance(world):
    world.appearance.delete()


def publish_with_a_time_of_the_past(world):
    factories.approved(claim=world.part, at=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "change",
    [
        rename_speaker,
        retitle_source,
        withdraw,
        correct,
        add_appearance,
        remove_appearance,
        publish_with_a_time_of_the_past,
    ],
)
def test_the_etag_moves_with_whatever_the_feed_tells(client, change):
    world = published_world()
    before = client.get(FEED)["ETag"]
    assert client.get(FEED)["ETag"] == before

    change(world)

    assert client.get(FEED, HTTP_IF_NONE_MATCH=before).status_code == 200


@pytest.mark.parametrize("name", list(drafts(None)))
def test_a_draft_changes_neither(client, name):
    world = published_world()
    paths = [f"/claims/{slug}/claimreview.jsonld" for slug in ("promise", "never")]

    def told():
        return feed(client), client.get(FEED)["ETag"], [client.get(path).content for path in paths]

    before = told()
    drafts(world)[name]()

    assert told() == before


def test_external_reviews_are_not_ours(client):
    world = published_world()
    before = feed(client)
    if factory := getattr(factories, "ExternalReviewFactory", None):
        factory(claim=world.claim)
        world.claim.external_reviews.update(
            published_at=SECOND, published_by=world.verdict.reviewer
        )

    assert feed(client) == before


def add_claims(n):
    for number in range(n):
        claim = factories.ClaimFactory(text=f"Claim {number}.")
        for _ in range(2):
            factories.AppearanceFactory(claim=claim)
        factories.approved(claim=claim)
        factories.approved(claim=claim, reason="error", note="Put right.")


# Claim, verdict in force, all versions, appearances.
ONE = 4
# Sources, speakers, verdicts for the digest; the rows.
FEED_ONCE = 4
# Verdicts in force, all versions, appearances.
FEED_CHUNK = 3


def queries_of(client, path):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        assert response.status_code == 200
        if response.streaming:
            list(response.streaming_content)
    return len(queries)


@pytest.mark.parametrize("n", [1, 12])
def test_number_of_queries(client, n, monkeypatch):
    add_claims(n)
    slug = Claim.objects.first().slug

    assert queries_of(client, f"/claims/{slug}/claimreview.jsonld") == ONE
    assert queries_of(client, FEED) == FEED_ONCE + FEED_CHUNK

    monkeypatch.setattr(claimreview, "CHUNK", 3)
    assert queries_of(client, FEED) == FEED_ONCE + FEED_CHUNK * -(-n // 3)


def test_chunks_join_to_the_same_feed(client, monkeypatch):
    add_claims(5)
    whole = feed(client)

    monkeypatch.setattr(claimreview, "CHUNK", 2)

    assert feed(client) == whole
