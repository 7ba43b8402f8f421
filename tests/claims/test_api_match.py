"""`/api/v1/match/`: whether a statement has been checked already."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.api.match import LONGEST, MOST, TOGETHER
from claims.search import encoding, matching, vectors
from tests import factories
from tests.claims.problems import wrong
from tests.factories import approved, published

pytestmark = pytest.mark.django_db

PATH = "/api/v1/match/"
PROMISE = "After the Cold War NATO promised not to admit Eastern European countries."
ASKED = "NATO promised not to admit the countries of Eastern Europe"
CONTRARY = "After the Cold War NATO never promised not to admit Eastern European countries."


@pytest.fixture
def claims():
    """One that is asked for, beside some that are not."""
    claim = approved(
        claim__slug="promise", claim__text=PROMISE, headline="The records disagree."
    ).claim
    for number, subject in enumerate("taxes rivers schools bridges courts ships mines".split()):
        published(factories.ClaimFactory(text=f"New {subject} were built in {1950 + number}."))
    vectors.embed()
    return claim


def ask(client, *texts, **more):
    return client.post(PATH, {"texts": list(texts), **more}, content_type="application/json")


@pytest.fixture(params=["semantic", "lexical"])
def engine(request, monkeypatch):
    """With the extra that compares meanings, and as if it were not installed."""
    if request.param == "lexical":
        monkeypatch.setattr(encoding, "is_installed", lambda: False)
    return request.param


def test_a_statement_finds_its_claim_in_other_words(client, claims, engine):
    (found,) = client.get(PATH, {"text": ASKED}).json()["results"]

    assert (found["text"], found["engine"], found["none"]) == (ASKED, engine, False)
    first = found["candidates"][0]
    assert first["claim"]["slug"] == "promise"
    assert first["claim"]["url"] == "http://testserver/claims/promise/"
    assert first["claim"]["verdict"]["headline"] == "The records disagree."
    assert first["probability"] > 0.5
    assert first["reasons"]["names"][:1] == ["NATO"] or "NATO" in first["reasons"]["names"]
    assert "promised" in first["reasons"]["words"]
    assert first["reasons"]["contradictions"] == []
    assert client.get(PATH, {"text": ASKED}).json() == ask(client, ASKED).json()


def test_the_contrary_is_offered_and_never_as_the_same(client, claims, engine):
    first = ask(client, CONTRARY).json()["results"][0]["candidates"][0]

    assert first["claim"]["slug"] == "promise"
    assert first["same"] is False
    assert first["reasons"]["contradictions"] == [
        {
            "kind": "negation",
            "text": "never",
            "claim": "",
            "said": "only one says “never”: it may deny the other",
        }
    ]


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (
            "Russia has fulfilled none of its promises.",
            "Ukraine has fulfilled none of its promises.",
        ),
        ("Ukraine threatens Russia.", "Russia threatens Ukraine."),
        (
            "Support grew from 25 percent to 60 percent.",
            "Support grew from 60 percent to 25 percent.",
        ),
        ("Kohl said that nothing was promised.", "Baker said that nothing was promised."),
        ("The New START treaty was extended.", "The INF treaty was extended."),
    ],
)
def test_names_and_numbers_that_are_exchanged_are_not_the_same(client, claim, text):
    published(factories.ClaimFactory(text=claim))

    same, other = ask(client, claim, text).json()["results"]

    assert [one["same"] for one in same["candidates"]] == [True]
    assert [one["same"] for one in other["candidates"]] in ([False], [])


@pytest.mark.parametrize(
    "text",
    ["NATO promised Moscow and did not" + " " * k + "membership accept new" for k in (86, 90, 95)]
    + ["-" * 60 + "(@a)" + " " * 4_900 + "x"],
)
def test_odd_texts_are_answered_at_once(client, claims, text):
    published(factories.ClaimFactory(text="NATO never promised not to accept new members."))

    assert client.get(PATH, {"text": text}).status_code == 200


def test_another_number_is_told(client, engine):
    published(
        factories.ClaimFactory(text="Last year 25 % of all schools in the country were closed.")
    )
    vectors.embed()
    text = "Last year 60 % of all schools in the country were closed."
    (first,) = ask(client, text).json()["results"][0]["candidates"]
    assert first["same"] is False
    assert [each["kind"] for each in first["reasons"]["contradictions"]] == ["number"]


@pytest.mark.parametrize("text", ["The moon is made of cheese.", "?", "Наука 😀", "\u202eabc"])
def test_nothing_is_offered_where_nothing_is_good_enough(client, claims, engine, text):
    (found,) = ask(client, text).json()["results"]
    assert (found["none"], found["candidates"]) == (True, [])


def test_a_longer_text_says_which_of_its_sentences_it_was(client, claims):
    other = "The weather in the mountains was fine, and there were many visitors that week. " * 4
    (found,) = ask(client, f"{other}{ASKED}. {other}").json()["results"]
    assert found["candidates"][0]["claim"]["slug"] == "promise"
    assert found["candidates"][0]["reasons"]["sentence"] == f"{ASKED}."


def test_answers_stand_in_the_order_of_the_texts_and_are_limited(client, claims):
    found = ask(client, "Cheese", ASKED, ASKED, limit=1).json()["results"]
    assert [one["text"] for one in found] == ["Cheese", ASKED, ASKED]
    assert [len(one["candidates"]) for one in found] == [0, 1, 1]


def test_the_number_of_queries_does_not_depend_on_the_texts(client, claims):
    def queries(*texts):
        ask(client, ASKED)  # what is read once for the process
        with CaptureQueriesContext(connection) as captured:
            assert ask(client, *texts).status_code == 200
        return len(captured)

    one = queries(ASKED)
    assert one <= 16
    many = queries(*[f"{ASKED}, number {n}" for n in range(25)])
    assert many == one


def test_no_draft_is_offered_counted_or_told(client, claims):
    before = {text: ask(client, text).json() for text in (ASKED, CONTRARY, "A secret harbour")}
    draft = factories.ClaimFactory(text="A secret harbour was built, NATO promised.")
    factories.VerdictFactory(claim=draft, headline="A secret harbour.")
    factories.VerdictFactory(
        claim=claims, headline="A secret harbour.", reason="error", note="A secret harbour."
    )
    factories.ClaimFactory(text=f"{ASKED}.")
    retired = factories.MergeFactory().retired
    vectors.embed()

    for text, answer in before.items():
        assert ask(client, text).json() == answer, text
    assert retired.slug not in json.dumps(ask(client, retired.text).json())
    matching_drafts = matching.match(["A secret harbour was built"], drafts=True)[0]
    assert [one.claim.pk for one in matching_drafts.matches] == [draft.pk]


def test_what_cannot_be_read_is_told_by_its_name(client):
    def errors(response):
        return wrong(response)

    assert errors(client.get(PATH)).keys() == {"text"}
    assert errors(client.get(PATH, {"text": ""})).keys() == {"text"}
    assert errors(client.get(PATH, {"text": "x" * (LONGEST + 1)})).keys() == {"text"}
    assert errors(client.get(PATH, {"text": "a", "limit": "0"})).keys() == {"limit"}
    assert errors(client.get(PATH, {"text": "a", "colour": "red"})).keys() == {"colour"}
    assert errors(ask(client)).keys() == {"texts"}
    assert errors(ask(client, *["a"] * (MOST + 1))).keys() == {"texts"}
    assert errors(ask(client, "a", "", "b", 3, ["c"])).keys() == {"texts[1]", "texts[4]"}
    assert errors(ask(client, "a\0b")).keys() == {"texts[0]"}
    assert errors(ask(client, *["x" * LONGEST] * (TOGETHER // LONGEST + 1))).keys() == {"texts"}
    said = client.post(PATH, {"texts": ["a"], "text": "a"}, content_type="application/json")
    assert errors(said) == {"text": ["Unknown: only “texts” and “limit” are read."]}
    said = client.post(PATH, "[]", content_type="application/json")
    assert 'no JSON object with texts: {"texts": ["…"]}' in str(errors(said))
    assert client.post(PATH, "{", content_type="application/json").status_code == 400
    assert client.post(PATH, {"texts": "a"}).status_code == 415
    assert client.put(PATH, "{}", content_type="application/json").status_code == 405


def test_it_needs_no_cookie_and_sets_none_and_other_sites_may_ask(client, claims):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        PATH,
        json.dumps({"texts": [ASKED]}),
        content_type="application/json",
        headers={"origin": "https://elsewhere.example"},
    )
    assert response.status_code == 200
    assert not response.cookies
    assert response["Access-Control-Allow-Origin"] == "*"
    asked = strict.options(
        PATH,
        headers={"origin": "https://elsewhere.example", "access-control-request-method": "POST"},
    )
    assert "POST" in asked["Access-Control-Allow-Methods"]
