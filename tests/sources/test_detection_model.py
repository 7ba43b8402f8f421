"""The shipped model: whole, of this version, small; and what is said of one that is not."""

import json
from collections import Counter

import pytest

from sources.detection_model import FORMAT, MODEL, ModelError, digest, from_content, read, shipped
from sources.traits import terms, traits

TREE = [0, 0.5, -1.0, [1, 2.0, 0.25, 3.0]]


def content(**changes):
    made = {
        "format": FORMAT,
        "traits": ["question", "length"],
        "trees": [TREE, 0.5],
        "terms": {"tax": [2.0, 1.0], "taxes": [1.0, -0.5], "the tax": [4.0, 2.0]},
        "scales": [2.0, 4.0],
        "quantiles": [-1.0, 0.0, 1.0, 2.0],
        "trained_on": [],
    } | changes
    return made | {"sha256": digest(made)}


def test_trees_and_words_are_added_up():
    model = from_content(content())
    assert model.score({}, Counter()) == (-1.0 + 0.5) / 2
    assert model.score({"question": 1.0, "length": 2.0}, Counter()) == (0.25 + 0.5) / 2
    assert model.score({"question": 1.0, "length": 2.1}, Counter()) == (3.0 + 0.5) / 2
    # A unit vector of how often and how rare: (2, 4) / √20.
    said = model.weights(Counter({"tax": 1, "the tax": 1, "unknown": 3}))
    assert dict(said) == pytest.approx({"tax": 2 / 20**0.5, "the tax": 4 / 20**0.5 * 2})
    assert model.score({}, Counter({"taxes": 7})) == pytest.approx(-0.25 - 0.5 / 4)


def test_the_standing_is_a_share():
    model = from_content(content())
    assert [model.standing(mark) for mark in (-2, -1, 0.5, 9)] == [0, 0.25, 0.5, 1]


def test_another_format_and_a_changed_file_are_refused(tmp_path):
    with pytest.raises(ModelError, match="has format 0 where 1 is read: train it anew"):
        from_content(content(format=0))
    with pytest.raises(ModelError, match="not as it was written"):
        from_content(content() | {"scales": [1.0, 1.0]})
    broken = tmp_path / "model.json"
    with pytest.raises(ModelError, match=r"model\.json cannot be read as a model"):
        read(broken)
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"model\.json cannot be read as a model"):
        read(broken)


def test_the_shipped_model_is_whole_small_and_knows_the_traits_of_today():
    assert MODEL.stat().st_size < 5_000_000
    model = read(MODEL)
    assert model == shipped()
    debate = ["Thank you.", "We lost $800 billion.", "Why?", "(APPLAUSE)", "No, not once, he said."]
    known = {name for trait in traits(debate, ["A", "B", "A", "SYSTEM", "B"]) for name in trait}
    assert known & set(model.names)
    assert all(len(term.split()) <= 2 for term in model.terms)


def test_the_file_holds_no_sentence():
    stored = json.loads(MODEL.read_text(encoding="utf-8"))
    assert set(stored) == {
        "format", "traits", "trees", "terms", "scales", "quantiles", "trained_on", "sha256",
    }  # fmt: skip


def test_terms_are_words_and_pairs_with_numbers_made_alike():
    assert terms("The U.S. tax, the tax of 1,500!") == Counter(
        "the u s tax the tax of 0".split()
    ) + Counter(["the u", "u s", "s tax", "tax the", "the tax", "tax of", "of 0"])


def test_traits_know_the_turn_and_its_neighbours():
    said = ["Why?", "We lost $800 billion.", "Well.", "(APPLAUSE)"]
    first, second, third, last = traits(said, ["HOLT", "TRUMP", "TRUMP", "SYSTEM"])
    assert first["question"] == first["turn: first"] == first["turn: last"] == 1
    assert first["after: cue: money"] == 0
    assert second["cue: money"] == third["before: cue: money"] == third["around: cue: money"] == 1
    assert third["before applause"] == last["speaker: room"] == 1
    assert [trait["debate: place"] for trait in (first, last)] == [0, 1]
    assert traits([], []) == []
