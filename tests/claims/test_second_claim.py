"""Which claims of the desk a new one may repeat or deny, and when that is asked."""

import pytest
from django.core.exceptions import ValidationError

from claims.models import Claim
from claims.search import encoding
from claims.search.vectors import embed
from claims.second_claim import LONGEST, SHOWN, is_repetition, near, near_claim, refuse_second
from tests import factories

pytestmark = pytest.mark.django_db

PROMISED = "After the Cold War NATO promised not to admit Eastern European countries."
AGAIN = "NATO promised not to admit Eastern European countries."
POISON = "A toxic chemical was used in Salisbury, England."
VACCINES = "Vaccines cause autism."
IN_OTHER_WORDS = "Immunisations make kids autistic."


def make(*texts):
    return [factories.ClaimFactory(text=text) for text in texts]


@pytest.fixture
def by_words(monkeypatch):
    """As if the extra that compares meanings were not installed."""
    monkeypatch.setattr(encoding, "is_installed", lambda: False)


def offered(text):
    return [match.claim.text for match in near(text).matches]


def test_a_repetition_is_offered_with_its_reason_and_refused_once():
    make(PROMISED, POISON)
    found = near(AGAIN)
    (match,) = found.matches
    assert (match.claim.text, match.is_likely, is_repetition(found)) == (PROMISED, True, True)
    assert "“Eastern”" in str(match.reasons)
    with pytest.raises(ValidationError) as refusal:
        refuse_second(AGAIN)
    assert refusal.value.error_list[0].code == "similar"
    assert PROMISED in refusal.value.messages[0]
    assert "probable; shares “" in refusal.value.messages[0]


def test_what_a_claim_says_in_no_word_of_it_is_offered_where_meanings_are_compared():
    make(VACCINES, POISON)
    embed()
    found = near(IN_OTHER_WORDS)
    (match,) = found.matches
    assert (found.engine, match.claim.text) == ("semantic", VACCINES)
    assert (match.reasons.shared, str(match.reasons)) == ([], "alike in meaning")
    refuse_second(IN_OTHER_WORDS)  # near is not the same


def test_by_words_alone_it_is_not_and_that_is_said(by_words):
    make(VACCINES, PROMISED)
    found = near(IN_OTHER_WORDS)
    assert (found.engine, found.matches) == ("lexical", [])
    assert offered(AGAIN) == [PROMISED]
    with pytest.raises(ValidationError):
        refuse_second(PROMISED)


@pytest.mark.parametrize("text", ["NATO promised to expand", PROMISED.replace("not ", "")])
def test_the_contrary_is_offered_and_is_never_the_same(text):
    make(PROMISED, POISON)
    found = near(text)
    (match,) = found.matches
    assert (match.claim.text, match.same, is_repetition(found)) == (PROMISED, False, False)
    assert "only one says “not”: it may deny the other" in str(match.reasons)
    refuse_second(text)


def test_drafts_are_offered_and_retired_claims_are_not():
    draft, kept, retired = make(POISON, PROMISED, PROMISED)
    factories.published(kept)
    retired.duplicate_of = kept
    retired.save()
    assert [match.claim for match in near(PROMISED).matches] == [kept]
    assert [match.claim for match in near(POISON).matches] == [draft]


def test_the_most_probable_are_shown_and_no_more():
    make(*[POISON] * (SHOWN + 2))
    assert len(near(POISON).matches) == SHOWN


@pytest.mark.parametrize("text", ["", " ", "“…” – ?", "\0", "\ud800"])
def test_what_says_nothing_is_near_to_nothing(text):
    make(PROMISED)
    assert near(text).none
    refuse_second(text)


def test_of_a_long_text_only_as_much_is_compared_as_a_claim_may_have():
    make(PROMISED)
    assert Claim._meta.get_field("text").max_length == LONGEST
    assert offered("It is so. " * 30 + PROMISED) == [PROMISED]
    assert offered("It is so. " * (LONGEST // 10) + PROMISED) == []


@pytest.mark.parametrize("number", [1, 12])
def test_as_many_queries_however_many_claims(number, django_assert_num_queries):
    for claim in make(*[PROMISED] * number):
        factories.approved(claim=claim)
    near(PROMISED)  # how rare words are is known now
    with django_assert_num_queries(12):
        for match in near(PROMISED).matches:
            assert match.claim.verdict.rating.label


def test_a_claim_is_near_to_others_and_not_to_itself():
    claim, twin, _ = make(PROMISED, AGAIN, POISON)
    embed()
    (match,) = near_claim(claim)
    assert (match.claim, match.is_likely) == (twin, True)
    assert near_claim(factories.ClaimFactory(text="Cows can swim far.")) == []
