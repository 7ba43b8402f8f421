"""“Has this been checked?”: a sentence, a paragraph or a whole text."""

import pytest
from bs4 import BeautifulSoup

from claims.search import encoding, vectors, whole_text
from claims.views.match import STATEMENT
from tests import factories
from tests.claims.reading import page, text
from tests.factories import approved, published

pytestmark = pytest.mark.django_db

PATH = "/match/"
PROMISE = "After the Cold War NATO promised not to admit Eastern European countries."
IN_OTHER_WORDS = "NATO promised not to admit the countries of Eastern Europe."
TEXT = f"""The minister arrived at noon. The room was full of journalists.

{IN_OTHER_WORDS} Nobody asked about the weather of that winter.

The rivers of the southern provinces were high. He left at four o'clock in the afternoon."""


@pytest.fixture(autouse=True)
def claim():
    """One that is asked for, beside one that is not, and drafts of both."""
    made = approved(
        claim__slug="promise", claim__text=PROMISE, headline="The records disagree."
    ).claim
    published(factories.ClaimFactory(slug="bridges", text="New bridges were built in 1950."))
    factories.ClaimFactory(slug="draft", text=IN_OTHER_WORDS)
    vectors.embed()
    return made


@pytest.fixture(params=["semantic", "lexical"])
def engine(request, monkeypatch):
    if request.param == "lexical":
        monkeypatch.setattr(encoding, "is_installed", lambda: False)
    return request.param


def paste(client, words, **headers):
    response = client.post(PATH, {"text": words}, **headers)
    return response, BeautifulSoup(response.content, "html.parser")


def test_a_statement_leads_to_its_claim_its_rating_and_the_reason(client, claim, engine):
    soup = page(client, f"{PATH}?text={IN_OTHER_WORDS}")

    assert [a["href"] for a in soup.select(".row-title a")] == ["/claims/promise/"]
    row = text(soup.select_one(".row"))
    assert text(soup.select_one(".row .rating")) == str(claim.verdict.rating)
    assert "The records disagree." in row
    assert "the claim that is meant (" in row
    assert "“NATO”" in row
    assert soup.find("meta", {"name": "robots"})["content"] == "noindex, follow"
    assert ("Compared by words alone" in text(soup.main)) == (engine == "lexical")
    # The same, whichever way it was asked, with what was asked.
    response, sent = paste(client, IN_OTHER_WORDS)
    assert sent.main == soup.main
    assert sent.textarea.text.strip() == IN_OTHER_WORDS
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_what_says_the_contrary_stands_apart(client, engine):
    soup = page(client, f"{PATH}?text=NATO promised to admit Eastern European countries")

    first, second = soup.select("section h2")
    assert (text(first), text(second)) == (
        "Claims that may be meant",
        "Claims that may say the contrary",
    )
    assert text(first.find_next_sibling()) == "None that agrees with it."
    row = second.find_next_sibling("ol").li
    assert row.select_one(".row-title a")["href"] == "/claims/promise/"
    assert "It may say the contrary: only the claim says “not”." in text(row)


def test_the_same_words_are_the_same_claim(client):
    row = page(client, f"{PATH}?text={PROMISE}").select_one(".row")

    assert "The same claim (100 %)." in text(row)


def test_a_slip_is_read_as_what_was_meant_and_that_is_said(client):
    soup = page(client, f"{PATH}?text=NATO promissed not to admit Eastern Europaen countries.")

    assert text(soup.select_one(".notice")) == (
        "“promissed” was read as “promised”. “Europaen” was read as “european”."
    )
    assert soup.select_one(".row-title a")["href"] == "/claims/promise/"


def test_nothing_near_is_said_to_be_no_finding(client, engine):
    soup = page(client, f"{PATH}?text=Penguins are unable to whistle")

    assert text(soup.select_one("#answer")) == "Nothing like it has been published here"
    assert "nothing about whether it is true" in text(soup.main)
    assert not soup.select(".row")


def test_a_text_is_shown_whole_with_what_was_checked_marked_in_it(client, engine):
    _, soup = paste(client, TEXT.replace("\n", "\r\n"))

    assert [mark.text for mark in soup.select("mark")] == [IN_OTHER_WORDS]
    shown = "".join(p.text for p in soup.select("p.words"))
    assert shown == TEXT
    (card,) = soup.select(".note-card")
    assert card.a["href"] == "/claims/promise/"
    assert card.select_one(".rating")
    # A number leads from the words to the note, which stands under their paragraph.
    assert soup.select_one("mark + a.marker")["href"] == f"#{card['id']}"
    assert card.find_parent(class_="stretch").select("mark")
    assert text(soup.select_one("#answer")) == (
        "Of 6 sentences 1 may make a claim that is published here"
    )


def test_a_text_that_makes_no_claim_of_ours(client):
    _, soup = paste(client, "Penguins live there. " * (STATEMENT + 1))

    assert text(soup.select_one("#answer")) == (
        f"Of {STATEMENT + 1} sentences 0 may make claims that are published here"
    )
    assert "None of them says enough to be looked up." in text(soup.main)
    assert not soup.select("mark")


@pytest.mark.parametrize(
    ("method", "longest"), [("get", "5,000"), ("post", f"{whole_text.LONGEST:,}")]
)
def test_a_text_that_is_too_long_is_refused_and_kept_in_the_form(client, method, longest):
    words = "a" * (int(longest.replace(",", "")) + 1)
    response = getattr(client, method)(PATH, {"text": words})
    soup = BeautifulSoup(response.content, "html.parser")

    assert response.status_code == 400
    assert f"The text has more than {longest} characters: give it in parts." in text(soup.main)
    if method == "post":
        assert soup.textarea.text.strip() == words
        assert soup.textarea["aria-invalid"] == "true"
        assert soup.find(id=soup.textarea["aria-describedby"].split()[1])


@pytest.mark.parametrize("words", ["", " \n", "\0"])
def test_nothing_pasted_is_told(client, words):
    response, soup = paste(client, words)

    assert response.status_code == 400
    assert text(soup.find(id="fault")) == "Nothing was pasted."
    assert client.get(PATH, {"text": words}).status_code == 200


@pytest.mark.parametrize("words", ["?", "%", "<b>'\"</b>", "…" * 4_000, "a. " * 1_500])
def test_whatever_is_pasted(client, words, engine):
    response, soup = paste(client, words)

    assert response.status_code == 200
    assert not soup.find("b")


def test_nobody_without_a_cookie_is_refused(client):
    client.handler.enforce_csrf_checks = True

    assert paste(client, IN_OTHER_WORDS)[0].status_code == 200
    assert client.put(PATH).status_code == 405


def test_the_search_page_leads_to_it_with_what_was_typed(client):
    soup = page(client, "/search/?q=did NATO promise not to admit them")
    (link,) = soup.select('main a[href^="/match/"]')

    assert page(client, link["href"]).textarea.text.strip() == "did NATO promise not to admit them"
    assert page(client, "/search/?q=NATO").select_one('main a[href^="/match/"]')["href"] == PATH
