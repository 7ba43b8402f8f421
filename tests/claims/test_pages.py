"""What holds for every page, and how the site answers odd questions."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from tests.claims.knowledge_base import build
from tests.claims.reading import page, text

pytestmark = pytest.mark.django_db


def test_every_page_is_whole_and_has_nothing_inline(client, settings):
    settings.PUBLISHER_CONTACT = "desk@example.org"
    pages = build().pages
    titles = []
    for name in pages.keys() - {"verdict_feed", "correction_feed", "sitemap", "robots"}:
        soup = page(client, pages[name])
        titles.append(soup.title.text)
        assert soup.html["lang"] == "en-GB"
        assert len(soup.find_all("h1")) == 1, name
        assert soup.find("meta", {"name": "description"})["content"].strip(), name
        assert soup.find("main")["id"] == soup.find("a", class_="skip")["href"][1:]
        assert name == "search" or soup.find("link", rel="canonical")["href"].startswith(
            "http://testserver/"
        )
        assert not soup.find_all("style")
        assert not soup.find_all(style=True)
        for script in soup.find_all("script"):
            data = script.get("type") == "application/ld+json"
            assert data or script["src"].startswith("/static/")
        assert not [t for t in soup.find_all(True) if any(a.startswith("on") for a in t.attrs)]
        ids = [t["id"] for t in soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), name
        assert "desk@example.org" in text(soup.footer)
    assert len(set(titles)) == len(titles)


def test_every_link_within_the_site_leads_somewhere(client):
    pages = build().pages
    seen = set()
    for name in pages.keys() - {"verdict_feed", "correction_feed", "sitemap", "robots"}:
        soup = page(client, pages[name])
        for link in soup.find_all("a", href=True):
            path, _, fragment = link["href"].partition("#")
            if path.endswith(".atom"):
                assert client.get(path).status_code == 200
            elif path.startswith("/") and (path, fragment) not in seen:
                seen.add((path, fragment))
                target = page(client, path)
                assert not fragment or target.find(id=fragment), link["href"]
            elif not path:
                assert soup.find(id=fragment), (name, link["href"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/claims/no-such-claim/", 404),
        ("/claims/no-such-claim/history/", 404),
        ("/claims/no-such-claim/verdicts/1/", 404),
        ("/claims/main/verdicts/99/", 404),
        ("/speakers/nobody/", 404),
        ("/sources/nothing/", 404),
        ("/transcripts/nothing/", 404),
        ("/topics/nothing/", 404),
        ("/transcripts/speech/?edition=2", 404),
        ("/transcripts/speech/?edition=0", 404),
        ("/transcripts/speech/?edition=one", 400),
        ("/transcripts/speech/?edition=99999999999999999999", 400),
        ("/claims/?page=99", 404),
        ("/claims/?page=0", 404),
        ("/claims/?page=x", 400),
        ("/claims/?colour=red", 400),
        ("/claims/?rating=no-such-rating", 400),
        ("/claims/?q=a%00b", 400),
        ("/search/?kind=rumours", 400),
        ("/search/?page=x", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_helpfully(client, path, status):
    build()
    soup = page(client, path, status)

    assert len(soup.find_all("h1")) == 1
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex"
    assert soup.main.find("a", href="/search/") or soup.main.find("form", action="/search/")
    if status == 400:
        assert f"“{path.partition('?')[2].partition('=')[0]}”" in text(soup.main)


def test_a_fault_of_ours_is_owned_up_to(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("claims.views.topics.render", lambda *args: 1 / 0)

    assert text(page(client, "/topics/", 500).h1) == "Something went wrong here"


def test_pages_are_read_and_not_written_to(client):
    for name in ("home", "claims", "speakers", "sources", "search", "corrections", "robots"):
        assert client.post(reverse(name)).status_code == 405


@pytest.mark.parametrize(
    ("address", "german"),
    [
        ("/claims/", "/de/claims/"),
        ("/claims/?has_verdict=false", "/de/claims/?has_verdict=false"),
        ("/uk/search/?q=a+b", "/de/search/?q=a+b"),
    ],
)
def test_who_changes_the_language_stays_where_they_are(client, address, german):
    build()

    link = page(client, address).select_one(".languages a[hreflang=de]")

    assert link["href"] == german


def test_an_address_in_nearly_a_language_leads_to_no_nonsense(client):
    response = client.get("/de-at/claims/x/")

    assert response.status_code == 404
    for link in BeautifulSoup(response.content, "html.parser").select(".languages a"):
        assert link["href"].endswith("/de-at/claims/x/")


def test_a_refusal_is_in_the_language_of_the_page(client):
    response = client.get("/de/claims/?page=x")

    assert response.status_code == 400
    assert "nimmt eine ganze Zahl" in response.content.decode()
