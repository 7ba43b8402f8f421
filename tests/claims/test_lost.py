"""Addresses that lead nowhere, that have moved, and that are gone."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.template.loader import render_to_string
from django.utils.translation import override

from claims.models import Topic
from tests.claims.reading import page, text
from tests.factories import ClaimFactory, TopicFactory, approved, published

pytestmark = pytest.mark.django_db


def asked_for(soup):
    return soup.main.find("input", {"name": "q"})["value"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/claims/nato-promised-nothing/", "nato promised nothing"),
        ("/de/claims/nato_promised/verdicts/", "nato promised"),
        ("/speakers/antony-blinken/", "antony blinken"),
        ("/feeds/topics/arms-control.atom", "arms control"),
        ("/sources/%D0%B4%D0%BE%D0%B3%D0%BE%D0%B2%D1%96%D1%80/", "договір"),
        ("/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "script alert 1 script"),
        ("/" + "a-" * 500, ("a " * 100).strip()),
        ("/%00%01", ""),
    ],
)
def test_a_lost_reader_searches_for_the_words_of_the_address(client, path, words):
    soup = page(client, path, 404)

    assert asked_for(soup).strip() == words
    assert soup.title.text.strip()
    assert {"/claims/", "/speakers/", "/sources/", "/topics/"} <= {
        link["href"].removeprefix("/de") for link in soup.main.find_all("a")
    }


def test_claims_near_the_address_are_offered_and_no_drafts(client, django_assert_num_queries):
    published(ClaimFactory(slug="promised", text="The Alliance promised not to grow."))
    published(ClaimFactory(slug="other", text="Something else altogether."))
    ClaimFactory(slug="draft", text="The Alliance promised not to grow at all.")
    # For the claim, for where it was merged; for what is near, and for those claims.
    with django_assert_num_queries(4):
        soup = page(client, "/claims/alliance-promises-growth/", 404)

    near = [
        link["href"] for link in soup.main.find_all("a") if link["href"].startswith("/claims/p")
    ]
    assert near == ["/claims/promised/"]
    assert "at all" not in text(soup)
    assert "altogether" not in text(soup)


def test_what_machines_try_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page(client, "/wp-admin/setup-config.php", 404)
        page(client, "/alliance-promised/", 404)


def test_a_draft_answers_to_the_letter_as_what_never_was(client):
    names = ["", "history/", "verdicts/1/", "embed/", "card.png", "citation.json", "citation.bib"]
    addresses = [f"/claims/promise-of-moscow/{name}" for name in names]
    addresses += ["/topics/alliance/", "/feeds/topics/alliance.atom"]
    before = [client.get(address).content for address in addresses]

    claim = ClaimFactory(slug="promise-of-moscow", text="The promise of Moscow.")
    claim.topics.add(TopicFactory(slug="alliance"))

    after = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in after} == {404}
    assert [answer.content for answer in after] == before


@pytest.mark.parametrize(
    "path", ["claims/promise", "claims/promise/embed", "de/claims/promise", "topics/alliance"]
)
def test_an_address_without_its_last_slash_leads_on(client, path):
    response = client.get(f"/{path}")

    assert (response.status_code, response.url) == (301, f"/{path}/")


def test_every_address_of_a_merged_claim_leads_on(client):
    kept = published(ClaimFactory(slug="kept"))
    retired = approved(claim=ClaimFactory(slug="retired")).claim
    retired.duplicate_of = kept
    retired.save()
    found = {}
    for name in ("", "history/", "verdicts/1/", "embed/", "card.png", "citation.json"):
        response = client.get(f"/claims/retired/{name}")
        assert response.status_code == 301
        # Merging can be undone: nobody may hold on to it.
        assert response["Cache-Control"] == "public, no-cache"
        found[name] = response.url

    assert found == {
        "": "/claims/kept/",
        "history/": "/claims/kept/",
        "verdicts/1/": "/claims/kept/",
        "embed/": "/claims/kept/embed/",
        "card.png": "/claims/kept/card.png",
        "citation.json": "/claims/kept/citation.json",
    }
    assert client.get("/de/claims/retired/").url == "/de/claims/kept/"


# --- Topics: the only thing whose public address can change or go ---


@pytest.fixture
def topic():
    """Public, for one claim bears it."""
    topic = TopicFactory(slug="alliance", name="The Alliance")
    claim = ClaimFactory(slug="promise", text="A promise of the alliance.")
    claim.topics.add(topic)
    published(claim)
    return topic


def rename(topic, slug):
    topic.slug = slug
    topic.save()


def test_a_topic_that_was_renamed_leads_on(client, topic):
    rename(topic, "nato")
    rename(topic, "north-atlantic-treaty")

    for old in ("alliance", "nato"):
        for path in ("/topics/{}/", "/uk/topics/{}/", "/feeds/topics/{}.atom"):
            response = client.get(path.format(old))
            assert (response.status_code, response.url) == (
                301,
                path.format("north-atlantic-treaty"),
            )
    assert client.get("/topics/north-atlantic-treaty/").status_code == 200


def test_a_topic_that_no_public_claim_bears_any_more_is_gone(client, topic):
    topic.claims.clear()
    soup = page(client, "/topics/alliance/", 410)

    assert text(soup.h1) == "This topic is no longer here"
    assert "The Alliance" not in text(soup)
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex"
    assert asked_for(soup) == "alliance"
    assert client.get("/feeds/topics/alliance.atom").status_code == 410

    published(ClaimFactory()).topics.add(topic)
    assert client.get("/topics/alliance/").status_code == 200


def test_a_topic_that_was_deleted_is_gone(client, topic):
    rename(topic, "nato")
    topic.delete()

    assert [client.get(f"/topics/{slug}/").status_code for slug in ("alliance", "nato")] == [
        410
    ] * 2


def test_a_topic_of_a_claim_that_was_merged_is_gone(client, topic):
    claim = topic.claims.get()
    claim.duplicate_of = published(ClaimFactory())
    claim.save()

    assert client.get("/topics/alliance/").status_code == 410


def test_a_name_that_another_topic_has_taken_is_that_one_s(client, topic):
    rename(topic, "nato")
    published(ClaimFactory()).topics.add(TopicFactory(slug="alliance", name="Another"))

    assert text(page(client, "/topics/alliance/").h1) == "Another"


def test_what_the_desk_did_with_a_draft_stays_with_the_desk(client):
    topic = TopicFactory(slug="first-name")
    draft = ClaimFactory()
    draft.topics.add(topic)
    rename(topic, "second-name")
    gone = TopicFactory(slug="deleted")
    draft.topics.add(gone)
    gone.delete()
    # Only now it becomes public, under its newest name.
    published(draft)

    assert Topic.objects.published().get() == topic
    assert client.get("/topics/second-name/").status_code == 200
    for slug in ("first-name", "deleted", "never"):
        for path in (f"/topics/{slug}/", f"/feeds/topics/{slug}.atom"):
            assert client.get(path).status_code == 404, path


# --- Faults of ours ---


def test_the_page_about_a_fault_needs_neither_the_database_nor_a_list_of_files(
    django_assert_num_queries, monkeypatch
):
    def refuse(*args):
        raise ValueError("The list of static files is missing.")

    monkeypatch.setattr(StaticFilesStorage, "url", refuse)
    with django_assert_num_queries(0), override("de"):
        soup = BeautifulSoup(render_to_string("500.html"), "html.parser")

    assert soup.html["lang"] == "de"
    assert len(soup.find_all("h1")) == 1
    for link in soup.find_all("link"):
        assert finders.find(link["href"].removeprefix("/static/")), link["href"]
    assert not soup.find_all(["script", "style"])


def test_what_ends_a_sentence_is_no_part_of_an_address(client):
    for path in ("/claims/promise.", "/claims/promise/.", "/de/claims/promise)/"):
        response = client.get(path)
        bare = "/de/claims/promise/" if "/de/" in path else "/claims/promise/"
        assert (response.status_code, response["Location"]) == (302, bare), path
    # Never to another site.
    for path in ("//evil.example.", "/\\evil.example.", "//evil.example/claims/x."):
        assert client.get(path).get("Location", "/").startswith("/"), path
        assert not client.get(path).get("Location", "/").startswith("//"), path


def test_a_list_is_answered_without_what_others_hang_on_its_address(client):
    for asked, left in (
        ("/claims/?utm_source=x", "/claims/"),
        ("/claims/?kind=factual&fbclid=1", "/claims/?kind=factual"),
        ("/sources/?utm_campaign=a&utm_source=b", "/sources/"),
    ):
        response = client.get(asked)
        assert (response.status_code, response["Location"]) == (302, left), asked
    assert client.get("/claims/?foo=1").status_code == 400
