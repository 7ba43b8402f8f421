"""The benchmark of aligning, small and on turns of our own."""

import random

import pytest

from sources.aligning import Line


@pytest.fixture
def bench(program):
    return program("aligning")


@pytest.fixture
def text():
    rng = random.Random(3)
    return [Line(rng.randint(30, 900), speaker=rng.choice("abc")) for _ in range(80)]


def test_turns_are_found_again_better_than_from_both_ends(bench, text):
    found = bench.measure({"text": text}, rounds=10, seed=1, edits=0.05, noise=0.15, unknown=0.2)
    new, old = found["aligning"], found["from both ends"]
    assert new["precision"] > 0.9
    assert new["recall"] > 0.9
    assert new["recall"] > old["recall"] + 0.2


def test_the_truth_has_each_turn_that_was_not_left_out(bench, text):
    plain, truth = bench.rendition(text, random.Random(1), edits=0, noise=0, unknown=0)
    assert truth == {(i, i) for i in range(len(text))}
    assert [line.speaker for line in plain] == [line.speaker for line in text]
    edited, truth = bench.rendition(text, random.Random(1), edits=0.5, noise=0.1, unknown=0.5)
    assert {j for _, j in truth} == set(range(len(edited)))
    assert len({i for i, _ in truth}) < len(text)
