"""What an assistant is told of a statement: which claims it may make, and what speaks against it."""

import pytest

from claims.search import encoding
from tests import factories
from tests.claims.assistants.asking import told
from tests.claims.world import drafts, published_world

pytestmark = pytest.mark.django_db

KINDS = list(drafts(None))
STATEMENT = "The harbour of Odessa was closed to grain ships in March."


@pytest.fixture(autouse=True)
def _index(settings, tmp_path):
    """Of what was published here, and nothing else."""
    settings.SEARCH_ROOT = tmp_path


def match(text=STATEMENT, **more):
    return told("match_statement", text=text, **more)[0]


def rated(text=STATEMENT, **claim):
    row = factories.ClaimFactory(text=text, **claim)
    factories.AppearanceFactory(
        claim=row, passage=factories.passage(factories.transcript(rendition="machine-translation"))
    )
    factories.EvidenceFactory(claim=row)
    factories.EvidenceFactory(claim=row, direction="refutes")
    factories.approved(claim=row, headline="It was closed on the third.")
    return row


def test_the_claim_is_found_with_all_that_an_answer_carries():
    rated(slug="harbour")
    factories.published(factories.ClaimFactory(text="Wages of nurses rose by 4 per cent."))

    answer, text = told("match_statement", text=STATEMENT)

    assert answer["found"] is True
    first = answer["results"][0]
    assert (first["claim"]["slug"], first["contradictions"]) == ("harbour", [])
    assert 0 < first["probability"] <= 1
    assert first["why"].startswith("shares ")
    brief = first["claim"]
    assert brief["rating"]["in_words"].startswith("“False”, 1 on a scale from 1 to 5")
    assert brief["evidence"]["in_words"].startswith(
        "Evidence for the claim: 1 record; against it: 1 record."
    )
    assert "1 in a machine translation" in brief["rendition_warning"]
    for part in (
        brief["rating"]["in_words"],
        brief["evidence"]["in_words"],
        brief["rendition_warning"],
        first["in_words"],
        "Cite: http://testserver/claims/harbour/",
    ):
        assert part in text
    assert told("search_claims", query="harbour")[0]["results"] == [brief]


def test_what_was_taken_for_mistyped_is_said():
    rated(slug="harbour")

    answer, text = told("match_statement", text=STATEMENT.replace("harbour", "harbuor"))

    assert [one["claim"]["slug"] for one in answer["results"]] == ["harbour"]
    assert answer["note"].endswith("Words that occur nowhere were read so: “harbuor” as “harbour”.")
    assert answer["note"] in text


def test_the_contrary_is_offered_and_its_rating_is_none_of_the_statement():
    rated(slug="harbour")

    answer, text = told("match_statement", text=STATEMENT.replace("was closed", "was never closed"))

    (one,) = answer["results"]
    assert one["same"] is False
    assert one["contradictions"] == ["only one says “never”: it may deny the other"]
    assert one["in_words"] == (
        "It may say something else, or the contrary: only one says “never”: it may deny the other. Its "
        "rating is not one of the statement."
    )
    assert one["in_words"] in text


@pytest.mark.parametrize(("installed", "by"), [(True, "words and meaning"), (False, "words alone")])
def test_it_says_by_what_it_was_found(monkeypatch, installed, by):
    monkeypatch.setattr(encoding, "is_installed", lambda: installed)
    rated(slug="harbour")
    answer, text = told("match_statement", text=STATEMENT)
    assert answer["matched_by"] == by
    assert f"Matched by: {by}." in text
    assert [one["claim"]["slug"] for one in answer["results"]] == ["harbour"]


def test_that_nothing_is_near_is_no_finding():
    rated()

    answer, text = told("match_statement", text="Penguins cannot whistle operas.")

    assert (answer["found"], answer["results"]) == (False, [])
    assert "That is no finding on the statement" in text


def test_at_most_as_many_as_were_asked_for():
    for _ in range(8):
        rated()
    assert len(match(limit=3)["results"]) == 3
    assert len(match()["results"]) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_changes_nothing(kind):
    world = published_world()
    statement = "Did the Alliance promise secretly, XYZZY, that it would not grow?"
    before = told("match_statement", text=statement)
    assert before[0]["found"] is True

    drafts(world)[kind]()

    assert told("match_statement", text=statement) == before


@pytest.mark.parametrize(
    "text",
    ["a\0b", "\ud800 harbour", "😀" * 5_000, "\u202eמרחבא العربية", "1" * 5_000, "- " * 2_500],
)
def test_any_text_is_answered(text):
    rated()
    answer, text = told("match_statement", text=text)
    assert answer["note"]
    (str(answer) + text).encode()


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_do_not_grow_with_what_is_found(rows, django_assert_num_queries):
    for _ in range(rows):
        rated()
    match()  # what a process keeps is read once

    # What may be meant (claims.search.matching), the claims with what a list shows of each; then, for all of
    # them, evidence, who makes and who answers them, versions of the verdicts.
    with django_assert_num_queries(16) as captured:
        assert len(match(limit=20)["results"]) == rows
    assert all(query["sql"].lstrip("(").startswith(("SELECT", "WITH")) for query in captured)
