"""The list of claims."""

import pytest

from tests.claims.knowledge_base import build
from tests.claims.reading import page, text
from tests.factories import (
    ClaimFactory,
    published,
)

pytestmark = pytest.mark.django_db


def test_a_list_of_claims_is_filtered_and_keeps_its_question_from_page_to_page(client):
    for i in range(51):
        published(ClaimFactory(text=f"A promise, number {i}."))
    published(ClaimFactory(text="Something else."))

    soup = page(client, "/claims/?q=promise")
    assert text(soup.select_one(".count")) == "51 claims"
    assert len(soup.select(".rows > li")) == 50
    assert soup.find("input", id="by-q")["value"] == "promise"
    (following,) = soup.select("[rel=next]")
    assert len(page(client, "/claims/" + following["href"]).select(".rows > li")) == 1


def test_the_form_keeps_what_the_facets_chose(client):
    build()
    soup = page(client, "/claims/?q=main&claimant=claimant&has_verdict=true&ordering=updated_at")

    assert soup.find("input", id="by-q")["value"] == "main"
    (chosen,) = soup.find("select", {"name": "ordering"}).select("[selected]")
    assert chosen["value"] == "updated_at"
    hidden = {i["name"]: i["value"] for i in soup.select(".ask input[type=hidden]")}
    assert hidden == {"claimant": "claimant", "has_verdict": "true"}
    assert text(page(client, "/claims/?q=xyzzy").main).endswith("Show all claims")


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("?q=&rating=&ordering=-published_at", ""),
        ("?page=1", ""),
        ("?kind=factual&q=+alliance+", "?q=alliance&kind=factual"),
        ("?has_verdict=FALSE&year=02022", "?year=2022&has_verdict=false"),
        ("?page=1&ordering=updated_at&has_verdict=", "?ordering=updated_at"),
        ("?published_before=2030-01-01&topic=", "?published_before=2030-01-01"),
    ],
)
def test_one_list_has_one_address(client, asked, canonical):
    published(ClaimFactory(text="The Alliance."))

    for prefix in ("", "/de"):
        response = client.get(f"{prefix}/claims/{asked}")

        assert (response.status_code, response["Location"]) == (302, f"{prefix}/claims/{canonical}")
        assert client.get(response["Location"]).status_code == 200


def test_the_next_page_is_asked_for_last(client):
    for _ in range(51):
        published()

    response = client.get("/claims/?page=2&kind=factual")

    assert response["Location"] == "/claims/?kind=factual&page=2"
    assert len(page(client, response["Location"]).select(".rows > li")) == 1


def test_every_filter_is_said_in_words_and_can_be_removed(client):
    base = build()
    question = (
        "claimant=claimant&rebutted_by=answerer&source=record&transcript=speech&kind=factual&year=2022"
        "&has_verdict=true&published_after=2020-01-01&updated_after=2020-01-01T12%3A00%3A00Z"
        "&ordering=updated_at"
    )
    soup = page(client, f"/claims/?{question}")

    assert [text(li) for li in soup.select(".active li")] == [
        f"Claimed by: {base.claimant.name} Remove",
        f"Answered by: {base.speaker.name} Remove",
        "Resting on: A record Remove",
        "Made or answered in: A speech Remove",
        "Of the kind: Factual Remove",
        "Said in: 2022 Remove",
        "With a verdict in force: yes Remove",
        "Published from: 1 January 2020 UTC Remove",
        "Changed from: 1 January 2020, 12:00:00 UTC Remove",
        "Remove all filters",
    ]
    everything = soup.select_one(".active .all a")["href"]
    assert everything == "/claims/?ordering=updated_at"
    for _ in range(9):
        soup = page(client, soup.select_one(".active a")["href"])
    assert not soup.select(".active")
    assert "ordering" in soup.find("option", value="updated_at").find_parent("select")["name"]


@pytest.mark.parametrize(
    ("question", "robots"),
    [
        ("", None),
        ("?ordering=updated_at", "noindex, follow"),
        ("?kind=factual", "noindex, follow"),
        ("?kind=factual&ordering=updated_at", "noindex, follow"),
        ("?kind=factual&year=2022", "noindex, nofollow"),
        ("?q=a&kind=factual", "noindex, nofollow"),
    ],
)
def test_crawlers_do_not_walk_the_combinations_of_filters(client, question, robots):
    build()
    soup = page(client, f"/claims/{question}")

    said = soup.find("meta", {"name": "robots"})
    assert (said and said["content"]) == robots
    canonical = soup.find("link", rel="canonical")["href"]
    assert canonical == f"http://testserver/claims/{question}"
    assert bool(soup.find("link", rel="alternate", hreflang="de")) == (robots is None)
    for link in soup.select(".facets a"):
        filters = [f for f in link["href"].partition("?")[2].split("&") if f]
        n = sum(not f.startswith("ordering=") for f in filters)
        assert (link.get("rel") == ["nofollow"]) == (n > 1), link


def test_a_later_page_of_all_claims_is_its_own_canonical_page(client):
    for _ in range(51):
        published()

    soup = page(client, "/claims/?page=2")

    assert soup.find("link", rel="canonical")["href"] == "http://testserver/claims/?page=2"
    assert not soup.select(".active, .ask input[type=hidden]")
