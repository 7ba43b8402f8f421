"""A whole article, sentence by sentence."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.search import encoding, vectors, whole_text
from tests import factories
from tests.factories import approved, published

pytestmark = pytest.mark.django_db

PROMISE = "After the Cold War NATO promised not to admit Eastern European countries."
SAID = "NATO promised not to admit the countries of Eastern Europe."
FILLER = "The minister arrived at noon, before the room was full of journalists."


@pytest.fixture
def claims():
    claim = approved(claim__text=PROMISE).claim
    published(factories.ClaimFactory(text="New bridges were built in 1950."))
    draft = factories.ClaimFactory(text="The minister arrived at noon by train.")
    vectors.embed()
    return claim, draft


@pytest.fixture(params=["semantic", "lexical"])
def engine(request, monkeypatch):
    if request.param == "lexical":
        monkeypatch.setattr(encoding, "is_installed", lambda: False)
    return request.param


def test_sentences_that_make_a_claim_are_found_wherever_they_stand(claims, engine):
    text = f"{FILLER} {SAID}\n\nGood day. {FILLER}\n\n{SAID}"

    found = whole_text.read(text)

    assert (found.engine, found.n_sentences, found.n_looked_up) == (engine, 5, 4)
    assert [(text[one.start : one.end]) for one in found.said] == [SAID, SAID]
    assert [one.start for one in found.said] == [text.index(SAID), text.rindex(SAID)]
    assert [[each.claim for each in one.matches] for one in found.said] == [[claims[0]]] * 2


def test_a_draft_is_found_at_the_desk_alone(claims, engine):
    assert whole_text.read(FILLER).said == []
    (said,) = whole_text.read("The minister arrived at noon by train.", drafts=True).said
    assert [each.claim for each in said.matches] == [claims[1]]


def test_the_number_of_queries_does_not_grow_with_the_text(claims):
    found = []
    for n in (1, 40):
        text = " ".join(f"{SAID[:-1]}, says witness number {i}." for i in range(n))
        whole_text.read(text)  # how rare words are is counted
        with CaptureQueriesContext(connection) as queries:
            assert len(whole_text.read(text).said) == n
        found.append(len(queries))

    # By meaning, three; texts, vectors, rarity; what is shown, four.
    assert found == [10, 10]


def test_one_character_too_many():
    whole_text.read("a" * whole_text.LONGEST)
    with pytest.raises(whole_text.TooLong, match=r"100,001 characters: 100,000 are read at most"):
        whole_text.read("a" * (whole_text.LONGEST + 1))


@given(st.text(max_size=5_000))
@settings(
    max_examples=40, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_can_be_read(claims, text):
    found = whole_text.read(text)

    assert len(found.text) == len(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found.said)
