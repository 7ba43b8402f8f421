"""The learned ranking: what it must hold whatever the weights are, and what the shipped ones do."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.search import ranking
from claims.search.ranking import COMPARISONS, Candidate, Document, comparisons, rank, softmax

PROMISE = Document(1, "NATO promised not to expand to the east.")
INFLATION = Document(2, "Inflation fell to two per cent in May.")
TREATY = Document(3, "The treaty was signed in Moscow in September 1990.")
MANY = [
    Document(10 + n, f"A claim about {subject}, made in {1950 + n}.")
    for n, subject in enumerate(
        "taxes wages bridges harvests schools fishing forests rivers courts banks ships mines".split()
        * 4
    )
]


def rarity(stem):
    return {"": 9.0, "nato": 3.0}.get(stem, 7.0)


def lexical(*documents):
    return [Candidate(document) for document in documents]


@pytest.mark.parametrize("semantic", [True, False])
def test_the_claim_that_says_the_same_comes_first_and_probably_is_it(semantic):
    documents = [INFLATION, TREATY, *MANY, PROMISE]
    cosines = {PROMISE.key: 0.86, TREATY.key: 0.3}
    candidates = [
        Candidate(each, cosines.get(each.key, 0.1)) if semantic else Candidate(each)
        for each in documents
    ]
    ranked = rank("NATO has promised not to expand eastwards.", candidates, rarity=rarity)

    assert ranked[0].key == PROMISE.key
    assert len(ranked) == len(documents)
    assert [each.score for each in ranked] == sorted((each.score for each in ranked), reverse=True)
    assert ranked[0].probability > 0.5 > 0.1 > ranked[1].probability


@pytest.mark.parametrize("semantic", [True, False])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 40])
def test_a_wrong_claim_is_not_the_same_for_being_the_best_of_few(semantic, n):
    some = [INFLATION, *MANY][:n]
    candidates = [Candidate(each, 0.12) if semantic else Candidate(each) for each in some]
    ranked = rank("The moon is made of cheese.", candidates, rarity=rarity)
    assert max(each.probability for each in ranked) < ranking.floor()


@pytest.mark.parametrize("semantic", [True, False])
def test_the_same_claim_is_it_even_if_it_is_the_only_one(semantic):
    candidate = Candidate(PROMISE, 0.97) if semantic else Candidate(PROMISE)
    (only,) = rank("NATO promised not to expand to the east", [candidate], rarity=rarity)
    assert only.probability > 0.5


def test_equal_candidates_keep_their_order():
    first, second = Document(7, PROMISE.text), Document(5, PROMISE.text)
    assert [each.key for each in rank("NATO", lexical(first, second), rarity=rarity)] == [7, 5]


@pytest.mark.parametrize("text", ["", " ", "\0", "?!", "…", "😀"])
def test_what_says_nothing_makes_no_claim(text):
    assert rank(text, lexical(Document(1, ""), PROMISE), rarity=rarity) == []
    assert rank("NATO", [], rarity=rarity) == []


def test_a_title_whose_vector_is_not_known_counts_as_its_text():
    titled = Document(1, PROMISE.text, "The promise")
    text = "NATO promised."
    ((*known,),) = comparisons(text, [Candidate(titled, 0.7, 0.7)], rarity)
    ((*unknown,),) = comparisons(text, [Candidate(titled, 0.7)], rarity)
    assert known == unknown
    place = len(COMPARISONS) + COMPARISONS.index("cosine")
    assert unknown[place] == 0.7


def test_a_long_text_has_no_larger_comparisons_than_a_post():
    words = " ".join(a + b for a in "bdfglmnprst" for b in "ambur orbin estal".split())
    ((*row,),) = comparisons(words, lexical(Document(1, words)), lambda stem: 1.0)
    assert row[COMPARISONS.index("weight")] == ranking.MOST_WEIGHT
    assert row[COMPARISONS.index("shared")] == ranking.MOST_SHARED


def test_without_all_cosines_words_alone_are_compared():
    mixed = [Candidate(PROMISE, 0.9), Candidate(INFLATION)]
    assert rank("NATO", mixed, rarity=rarity) == rank(
        "NATO", lexical(PROMISE, INFLATION), rarity=rarity
    )


def test_the_shipped_model_is_whole():
    content = json.loads(ranking.MODEL.read_text(encoding="utf-8"))
    for name in ("semantic", "lexical"):
        model = content[name]
        assert len(model["order"]) == 1 + len(ranking.STANDINGS) * len(model["uses"])
        assert len(model["probability"]) == 1 + len(model["uses"]) + 1
    cosines = {place for place, name in enumerate(COMPARISONS * 2) if name == "cosine"}
    assert cosines <= set(content["semantic"]["uses"])
    assert not cosines & set(content["lexical"]["uses"])
    assert 0 < ranking.floor() < 0.5 < ranking.same() < 1


def test_shares_are_shares():
    assert softmax([0.0, 0.0]) == [0.5, 0.5]
    assert sum(softmax([1000.0, -1000.0, 3.0])) == pytest.approx(1)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=120), max_size=6), st.booleans())
def test_any_text_can_be_ranked_for(text, documents, semantic):
    candidates = [
        Candidate(Document(n, each, each[::-1]), *((0.2, 0.1) if semantic else ()))
        for n, each in enumerate(documents)
    ]
    for each in rank(text, candidates, rarity=rarity):
        assert 0 <= each.probability <= 1
