"""What an assistant is told of claims that it looks for."""

import pytest

from claims.assistants.briefs import SAID, TITLES
from tests import factories
from tests.claims.assistants.asking import refused, told
from tests.claims.world import drafts, published_world

pytestmark = pytest.mark.django_db

KINDS = list(drafts(None))
OTHERS = ["draft-claim", "draft-speaker", "secretly", "xyzzy"]


def search(query="alliance promised", **more):
    return told("search_claims", query=query, **more)[0]


def test_each_result_has_rating_both_sides_rendition_and_page():
    published_world()

    answer, text = told("search_claims", query="promised not to grow")

    (brief,) = answer["results"]
    assert brief["slug"] == "promise"
    assert brief["rating"]["in_words"].startswith("“True”, 5 on a scale from 1 to 5")
    assert (brief["headline"], brief["since"]) == ("It did.", "2022-02-20")
    assert brief["corrected"].startswith("Version 2 (“True”) took the place of version 1 (“False”)")
    assert brief["evidence"] == {
        "in_words": "Evidence for the claim: 1 record; against it: 1 record. Copies of one record count "
        "once.",
        "n_supports": 1,
        "n_refutes": 1,
        "n_mixed": 0,
        "n_context": 0,
        "supports": ["Memo"],
        "refutes": ["The original"],
    }
    assert brief["said"] == ["Moscow claims it, as reported by J. Doe", "J. Doe answers it"]
    assert brief["rendition_warning"] == (
        "Passages in which it is made or answered: 2 in a machine translation (English). What is not in the "
        "original wording is not the speaker’s own words: whoever quotes it has to say so."
    )
    assert brief["cite"]["page"] == "http://testserver/claims/promise/"
    for part in (
        brief["rating"]["in_words"],
        brief["evidence"]["in_words"],
        "For: Memo",
        "Against: The original",
        brief["rendition_warning"],
        "Cite: http://testserver/claims/promise/",
        "This version, for good: http://testserver/claims/promise/verdicts/2/",
    ):
        assert part in text


def test_evidence_is_counted_as_on_the_page(argument):
    (brief,) = search("promised not to grow")["results"]
    whole = told("read_verdict", claim="promise")[0]
    for side in ("supports", "refutes", "mixed", "context"):
        assert brief["evidence"][f"n_{side}"] == whole["evidence"][side]["n_records"]
    assert brief["evidence"]["in_words"] == whole["evidence"]["in_words"]
    assert brief["rating"] == whole["rating"]
    assert brief["rendition_warning"] == whole["rendition_warning"]
    assert brief["cite"] == whole["cite"]


def test_open_and_withdrawn_claims_say_that_there_is_no_verdict():
    factories.published(factories.ClaimFactory(slug="open", text="The harbour was closed."))
    verdict = factories.approved(
        claim=factories.ClaimFactory(slug="gone", text="The harbour was open.")
    )
    factories.withdrawn(verdict, why="The record was forged.")

    answer, text = told("search_claims", query="harbour")

    found = {brief["slug"]: brief for brief in answer["results"]}
    assert {brief["rating"]["label"] for brief in found.values()} == {"No verdict"}
    assert "Why: The record was forged." in found["gone"]["rating"]["in_words"]
    assert "withdrawn" not in found["open"]["rating"]["in_words"]
    assert found["gone"]["headline"] is found["gone"]["corrected"] is None
    assert text.count("No verdict: the desk has recorded this claim") == 2


def test_nothing_found_is_no_finding():
    answer, text = told("search_claims", query="xyzzy")
    assert (answer["total"], answer["results"]) == (0, [])
    assert "says nothing on whether what was looked for is so" in text


def test_what_was_looked_for_instead_is_said():
    factories.published(factories.ClaimFactory(text="The harbour was closed."))
    answer = search("harbuor")
    assert answer["looked_for"] == "harbour"
    assert "“harbuor” as “harbour”" in answer["note"]
    assert len(answer["results"]) == 1


def test_what_has_not_all_words_is_not_passed_off():
    factories.published(factories.ClaimFactory(text="The harbour was closed."))
    factories.published(factories.ClaimFactory(text="The dog barks."))
    answer = search("harbour dog")
    assert len(answer["results"]) == 2
    assert "None of them has all the words" in answer["note"]


def test_at_most_as_many_as_were_asked_for():
    for number in range(25):
        factories.published(factories.ClaimFactory(text=f"Harbour number {number}."))
    assert [len(search("harbour", limit=n)["results"]) for n in (1, 20)] == [1, 20]
    answer = search("harbour")
    assert (answer["total"], len(answer["results"])) == (25, 5)
    assert answer["note"] == "25 found, 5 shown."


def test_long_lists_are_cut():
    claim = factories.ClaimFactory(text="The harbour was closed.")
    for _ in range(SAID + 3):
        factories.AppearanceFactory(claim=claim)
        factories.EvidenceFactory(claim=claim)
    factories.published(claim)
    (brief,) = search("harbour")["results"]
    assert brief["said"][SAID:] == ["and 3 more"]
    assert len(brief["evidence"]["supports"]) == TITLES
    assert brief["evidence"]["n_supports"] == SAID + 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_changes_nothing(kind):
    world = published_world()

    def everything():
        return [told("search_claims", query=query) for query in ("alliance promise", *OTHERS)]

    before = everything()
    assert before[0][0]["results"]

    drafts(world)[kind]()

    assert everything() == before


@pytest.mark.parametrize(
    "query",
    [
        "a\0b",
        "\ud800 alliance",
        "😀" * 1_000,
        "مرحبا ‮ שלום",
        "\u202e\u2066alliance",
        '"unclosed',
        "-",
        "NOT",
        "*",
        "' OR 1=1 --",
        "a" * 1_000,
    ],
)
def test_any_text_is_answered(query):
    published_world()
    answer, text = told("search_claims", query=query)
    assert answer["note"]
    (str(answer) + text).encode()


def test_too_much_or_nothing_is_refused():
    assert refused("search_claims", query=" ") == "The query is empty: give some words."
    assert refused("search_claims", query="x" * 1_001) == (
        "The query has 1,001 characters: give at most 1,000."
    )


@pytest.mark.parametrize("rows", [1, 20])
def test_queries_do_not_grow_with_what_is_found(rows, django_assert_num_queries):
    for _ in range(rows):
        claim = factories.ClaimFactory(text="The harbour was closed.")
        for _ in range(2):
            factories.AppearanceFactory(claim=claim)
            factories.EvidenceFactory(claim=claim)
            factories.RebuttalFactory(claim=claim)
        factories.approved(claim=claim)

    # What is found; the claims, their verdicts, who makes them (claims.finding); then, for all of them,
    # evidence, who makes and who answers them, versions of the verdicts.
    with django_assert_num_queries(8) as captured:
        assert len(search("harbour", limit=20)["results"]) == rows
    assert all(query["sql"].lstrip("(").startswith(("SELECT", "WITH")) for query in captured)
