"""Claims on other people's pages: the card that they frame, and how their programs learn of it."""

from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    SpeakerFactory,
    approved,
    published,
    researcher,
)

pytestmark = pytest.mark.django_db

SITE = "https://facts.example.org"
CLAIM = f"{SITE}/claims/promise/"


@pytest.fixture(autouse=True)
def _publisher(settings):
    settings.SITE_URL = SITE
    settings.PUBLISHER_NAME = "Facts & Figures"


@pytest.fixture
def claim():
    claim = ClaimFactory(slug="promise", text="There was a “promise” & <more>.")
    AppearanceFactory(claim=claim, claimant=SpeakerFactory(name="Moscow"))
    return approved(claim=claim, headline="There was none.").claim


def ask(client, status=200, **parameters):
    response = client.get("/oembed", parameters, headers={"host": "localhost"})
    assert response.status_code == status, parameters
    return response


# --- The card ---


def test_the_card_says_claim_claimant_rating_and_finding_and_leads_to_the_rest(client, claim):
    soup = page(client, "/claims/promise/embed/")

    assert text(soup.main) == (
        "Claim · Facts & Figures There was a “promise” & <more>. Claimed by Moscow False "
        f"There was none. The evidence for and against · Version 1, {claim.verdict.published_at:%-d %B %Y}"
    )
    (link,) = soup.find_all("a")
    assert (link["href"], link["target"], link["rel"]) == (CLAIM, "_blank", ["noopener"])
    assert soup.find("link", rel="canonical")["href"] == CLAIM
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex"
    assert not soup.find_all(["script", "style", "form", "input"])


def test_the_card_of_an_open_claim_and_of_many_claimants(client):
    claim = ClaimFactory(slug="open", text="There was one.")
    for name in ("A", "B", "C", "D", "E"):
        AppearanceFactory(claim=claim, claimant=SpeakerFactory(name=name))
    published(claim)
    said = text(page(client, "/claims/open/embed/").main)

    assert "Open: no verdict yet" in said
    assert "Claimed by A, B, C and 2 others" in said
    assert "Version" not in said


def test_it_alone_may_be_framed_also_after_it_was_asked_for_again(client, claim):
    response = client.get("/claims/promise/embed/")
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response

    again = client.get("/claims/promise/embed/", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    # A policy on it would take the place of the one that came with the page.
    assert "Content-Security-Policy" not in again
    assert "X-Frame-Options" not in again

    for path in ("/claims/promise/", "/oembed", "/claims/unknown/embed/", "/claims/promise/embed"):
        other = client.get(path)
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"], path
        assert "X-Frame-Options" in other or other.status_code == 301, path


def test_the_page_hands_out_a_frame_that_reads_as_it_should(client, claim):
    soup = page(client, "/claims/promise/")
    frame = BeautifulSoup(soup.find("textarea", id="embed-code").text, "html.parser").iframe

    assert frame["src"] == f"{CLAIM}embed/"
    assert frame["title"] == "Claim: There was a “promise” & <more>."
    assert soup.find("a", href="/claims/promise/embed/")


# --- oEmbed ---


def test_json(client, claim):
    response = ask(client, url=CLAIM)
    answer = response.json()
    frame = BeautifulSoup(answer.pop("html"), "html.parser").iframe
    picture = answer.pop("thumbnail_url")

    assert response["Content-Type"] == "application/json"
    assert answer == {
        "type": "rich",
        "version": "1.0",
        "title": "There was a “promise” & <more>.",
        "provider_name": "Facts & Figures",
        "provider_url": f"{SITE}/",
        "cache_age": 3600,
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
        "width": 600,
        "height": int(frame["height"]),
    }
    assert picture.startswith(f"{CLAIM}card.png?v=")
    assert (frame["src"], frame["width"]) == (f"{CLAIM}embed/", "600")


def test_xml_says_the_same(client, claim):
    response = ask(client, url=CLAIM, format="xml")
    root = ElementTree.fromstring(response.content)

    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert root.tag == "oembed"
    assert {child.tag: child.text for child in root} == {
        name: str(value) for name, value in ask(client, url=CLAIM, format="json").json().items()
    }


def test_it_is_no_wider_and_no_higher_than_asked(client, claim):
    wide, narrow = ask(client, url=CLAIM).json(), ask(client, url=CLAIM, maxwidth=300).json()
    low = ask(client, url=CLAIM, maxwidth=2000, maxheight=100).json()

    assert narrow["width"] == 300
    assert narrow["height"] >= wide["height"]
    assert (low["width"], low["height"]) == (600, 100)
    assert 'width="600" height="100"' in low["html"]


def test_a_page_in_another_language_is_framed_in_it(client, claim):
    answer = ask(client, url=f"{SITE}/de/claims/promise/?utm=x#evidence").json()

    assert f'src="{SITE}/de/claims/promise/embed/"' in answer["html"]


def test_a_merged_claim_is_the_other(client, claim):
    retired = published(ClaimFactory(slug="retired"))
    retired.duplicate_of = claim
    retired.save()
    response = client.get("/de/claims/retired/embed/")

    assert ask(client, url=f"{SITE}/claims/retired/").content == ask(client, url=CLAIM).content
    assert (response.status_code, response.url) == (301, "/de/claims/promise/embed/")


@pytest.mark.parametrize(
    "url",
    [
        f"{SITE}/claims/unknown/",
        f"{SITE}/claims/draft/",
        f"{SITE}/claims/",
        f"{SITE}/claims/promise/history/",
        f"{SITE}/xx/claims/promise/",
        f"{SITE}:8443/claims/promise/",
        f"{SITE}.evil.example/claims/promise/",
        "http://facts.example.org/claims/promise/",
        "http://localhost/claims/promise/",
        "https://facts.example.org@evil.example/claims/promise/",
        "https://evil.example/claims/promise/",
        "//facts.example.org/claims/promise/",
        "/claims/promise/",
        "javascript:alert(1)",
        "https://[facts/",
        "\0",
        "",
    ],
)
def test_of_every_other_address_it_knows_nothing(client, claim, url):
    ClaimFactory(slug="draft")

    ask(client, 404, url=url)


def test_what_is_not_to_be_understood(client, claim):
    ask(client, 400)
    ask(client, 400, url=CLAIM, maxwidth="wide")
    ask(client, 400, url=CLAIM, maxheight="-1")
    ask(client, 501, url=CLAIM, format="yaml")
    assert client.post(f"/oembed?url={CLAIM}").status_code == 405


def test_the_page_tells_programs_where_to_ask(client, claim):
    soup = page(client, "/uk/claims/promise/")
    links = {
        link["type"]: link["href"] for link in soup.find_all("link", rel="alternate", type=True)
    }

    for media_type in ("application/json+oembed", "text/xml+oembed"):
        address = links[media_type]
        assert address.startswith(f"{SITE}/oembed?url=https%3A%2F%2Ffacts")
        answer = client.get(address.removeprefix(SITE))
        assert answer.status_code == 200
        assert f"{SITE}/uk/claims/promise/embed/" in answer.content.decode()


def test_a_draft_verdict_changes_nothing(client, claim):
    paths = ["/claims/promise/embed/", f"/oembed?url={CLAIM}"]
    before = [client.get(path).content for path in paths]
    AppearanceFactory(claim=claim, claimant=SpeakerFactory(name="XYZZY"))
    verdict = claim.verdicts.model(
        claim=claim,
        rating=claim.verdict.rating,
        headline="XYZZY",
        rationale="XYZZY",
        reason="error",
    )
    verdict.note, verdict.author = "XYZZY", researcher()
    verdict.save()

    assert [client.get(path).content for path in paths] == before
