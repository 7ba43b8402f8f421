"""Which claims are near a text, how near, and what is said of it."""

import pytest

from claims.similarity import FLOOR, LONGEST, SAME, similar_claims
from tests import factories

pytestmark = pytest.mark.django_db

PROMISED = "After the Cold War NATO promised not to admit Eastern European countries."
BROKE = "By admitting Eastern European countries, NATO broke a promise that it had made."
SUPPORT = "Support for joining NATO in Ukraine was about 25 percent before 2014."
POISON = "A toxic chemical was used in Salisbury, England."
OTHERS = [
    "Russia invaded Georgia in 2008.",
    "The Minsk agreements have been fulfilled by nobody.",
    "Unemployment is at a record low.",
]


def make(*texts):
    return [factories.ClaimFactory(text=text) for text in texts]


def found(text, **options):
    return [similar.claim.text for similar in similar_claims(text, **options)]


def test_the_nearest_claim_comes_first_and_says_what_it_shares():
    make(PROMISED, BROKE, SUPPORT, POISON, *OTHERS)
    best, second = similar_claims("NATO promised not to admit Eastern European countries")
    assert best.claim.text == PROMISED
    assert best.same
    assert SAME <= best.score < 1
    assert "“Eastern”" in best.reason
    assert "deny" not in best.reason
    assert second.claim.text == BROKE
    assert FLOOR <= second.score < best.score
    assert not second.same


def test_a_denial_is_as_near_but_not_the_same():
    make(PROMISED, *OTHERS)
    (near,) = similar_claims(
        "After the Cold War NATO never promised not to admit Eastern European countries."
    )
    assert near.score == 1
    assert near.reason.endswith("only one says “never”: it may deny the other")
    assert not near.same


@pytest.mark.parametrize(
    "text",
    [
        "Unemployment is not at a record low.",
        "Unemployment isn’t at a record low.",
        "Nobody denies that unemployment was never at a record low.",
    ],
)
def test_negations_are_counted(text):
    make(*OTHERS)
    (near,) = similar_claims(text)
    assert near.claim.text == OTHERS[2]
    assert "only one says" in near.reason
    assert not near.same


def test_two_negations_cancel_each_other():
    make("Unemployment is at a record low.", *OTHERS[:2])
    (near,) = similar_claims("Nobody denies unemployment is at a record low.")
    assert "only one says" not in near.reason
    assert near.same


def test_the_same_words_are_told_as_such_whatever_their_case_and_spaces():
    make(POISON, *OTHERS)
    (near,) = similar_claims(" A toxic chemical  was used in salisbury, ENGLAND. ")
    assert (near.score, near.reason, near.same) == (1, "the same words", True)


def test_numbers_tell_claims_apart():
    make(SUPPORT, *OTHERS)
    (near,) = similar_claims("Support for joining NATO in Ukraine is now 60 percent.")
    assert near.reason.endswith("; the numbers differ")
    assert not near.same
    (nearer,) = similar_claims("Support for joining NATO in Ukraine was then 25 percent.")
    assert nearer.score > near.score
    assert "differ" not in nearer.reason


def test_names_weigh_more_than_other_words():
    by_name, by_noun = make("The town of Salisbury is quiet.", "The town of others is quiet.")
    make(*OTHERS)
    scores = {each.claim: each.score for each in similar_claims("In Salisbury the town hall burns")}
    assert scores[by_name] > scores.get(by_noun, 0)


def test_words_of_other_forms_and_languages_meet():
    make("НАТО обещала не расширяться на восток.", "Countries were invaded by armies.", *OTHERS)
    assert found("нато обещало не расширяться на Восток") == [
        "НАТО обещала не расширяться на восток."
    ]
    assert found("An army invades a country") == ["Countries were invaded by armies."]


def test_drafts_are_found_and_retired_claims_are_not():
    draft, kept, retired = make(POISON, PROMISED, PROMISED)
    retired.duplicate_of = kept
    retired.save()
    assert [each.claim for each in similar_claims(PROMISED)] == [kept]
    assert [each.claim for each in similar_claims(POISON)] == [draft]


def test_a_claim_is_not_compared_with_itself():
    claim, twin = make(POISON, POISON)
    assert [each.claim for each in similar_claims(POISON, exclude=claim)] == [twin]
    assert len(similar_claims(POISON, exclude=type(claim)(text="unsaved"))) == 2


def test_equals_come_in_the_order_of_their_making_up_to_the_limit():
    claims = make(*[POISON] * 4)
    assert [each.claim for each in similar_claims(POISON, limit=3)] == claims[:3]


@pytest.mark.parametrize("text", ["", " ", "it is not so", "“…” – ?", "zebra"])
def test_what_says_nothing_or_nothing_known_is_near_to_nothing(text):
    make(PROMISED, *OTHERS)
    assert similar_claims(text) == []


@pytest.mark.parametrize("number", [1, 12])
def test_two_queries_however_many_claims(number, django_assert_num_queries):
    make(*[POISON] * number)
    with django_assert_num_queries(2):
        for near in similar_claims(POISON):
            assert str(near.claim)
            assert near.claim.slug
            near.claim.get_absolute_url()


def test_of_a_long_text_only_as_much_is_compared_as_a_claim_may_have():
    make(PROMISED, *OTHERS)
    assert found("and " * 100 + PROMISED) == [PROMISED]
    assert found("and " * LONGEST + PROMISED) == []


def test_without_any_claim_there_is_no_near_one():
    assert similar_claims(POISON) == []
