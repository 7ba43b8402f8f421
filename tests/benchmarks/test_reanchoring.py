"""The benchmark of re-anchoring, small and on a text of our own: nothing wrong, and the truth is kept."""

import random
from pathlib import Path

import pytest

SEED = Path(__file__).parents[2] / "seeds" / "transcripts" / "000_c64cec048aca3c72.txt"


@pytest.fixture
def mutating(program):
    return program("mutating")


def test_no_passage_is_found_for_certain_in_another_place_than_its_own(program):
    pytest.importorskip("diff_match_patch")
    bench = program("reanchoring")
    counted, told = bench.measure(
        {"seed": SEED.read_text(encoding="utf-8")},
        rounds=6,
        passages=60,
        seed=1,
        ways={"reanchoring": bench.ours},
    )
    judged = counted["reanchoring"]
    assert told == []
    assert bench.wrong(judged) == 0
    assert sum(judged.values()) > 200
    placed = sum(n for kind, n in judged.items() if kind.startswith(("same", "changed")))
    assert (judged["same, correct"] + judged["changed, correct"]) / placed > 0.95


def test_a_character_keeps_its_identity_when_it_is_moved(mutating):
    it = mutating.Mutated("One. Two. Three.")
    it.move(0, 5, 10)
    assert it.text == "Two. One. Three."
    assert mutating.truth(it, "One. Two. Three.", 0, 4) == (5, 9)
    it.replace(5, 8, "Won", inherit=True)
    assert mutating.own(it, (5, 9), 0, 4) == 1
    it.replace(5, 9, "")
    assert mutating.truth(it, "One. Two. Three.", 0, 4) is None


def test_words_put_in_are_nobodys(mutating):
    it = mutating.Mutated("One. Two.")
    it.replace(5, 5, "One. ", inherit=False)
    assert it.text == "One. One. Two."
    assert mutating.own(it, (5, 9), 0, 4) == 0
    assert mutating.truth(it, "One. Two.", 0, 4) == (0, 4)


def test_the_same_seed_makes_the_same_text(mutating):
    old = SEED.read_text(encoding="utf-8")
    made = [
        mutating.mutate(old, mutating.choose(old, 9, random.Random(3)), random.Random(3)).text
        for _ in range(2)
    ]
    assert made[0] == made[1] != old
