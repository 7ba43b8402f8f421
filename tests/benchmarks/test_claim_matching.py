"""The benchmark of claims in other words, small and on texts of our own: it reads what it says, counts right,
and writes a run as TREC has it."""

import numpy as np
import pytest

DOCUMENTS = [
    ("d1", "Ships were kept out of the harbour in March.", "The harbour was closed"),
    ("d2", "Wages of nurses rose by 4 per cent in 2019.", "Nurses"),
    ("d3", "The bridge over the river was built without a permit.", "A bridge"),
]


@pytest.fixture
def bench(program, monkeypatch, tmp_path):
    # Its module and those that it imports lie in a folder that is no package.
    reading = program("claim_matching")
    monkeypatch.setitem(__import__("sys").modules, "claim_matching", reading)
    monkeypatch.setattr(reading, "CACHE", tmp_path / "cache")
    return reading


@pytest.fixture
def files(tmp_path):
    rows = ["vclaim_id\tvclaim\ttitle", *("\t".join(row) for row in DOCUMENTS)]
    for name, lines in {
        "docs": rows,
        "queries": [
            "q1\tNo ship came into the harbour in March!",
            "q2\tNurses’ wages are up 4 per cent",
        ],
        "qrels": ["q1 0 d1 1", "q2 0 d2 1", "q2 0 d3 0"],
    }.items():
        (tmp_path / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return tmp_path


def test_files_are_read_and_what_is_wrong_is_named_by_its_line(bench, files):
    names, documents = bench.read_documents(files / "docs")
    assert names == ["d1", "d2", "d3"]
    assert (documents[1].text, documents[1].title) == DOCUMENTS[1][1:]
    split = bench.read_split(files / "queries", files / "qrels")
    assert split.answers == {"q1": {"d1"}, "q2": {"d2"}}
    (files / "docs").write_text("vclaim_id\tvclaim\nd1\tA claim.\nd2\t\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: the claim is empty"):
        bench.read_documents(files / "docs")
    (files / "qrels").write_text("q1 0 d1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: four columns"):
        bench.read_answers(files / "qrels")


def test_measures_are_those_of_the_task(bench):
    order, answers = ["a", "x", "b"], {"a", "b"}
    assert bench.average_precision(order, answers) == pytest.approx((1 + 2 / 3) / 2)
    assert bench.reciprocal_rank(["x", "a"], answers) == 0.5
    assert (bench.first(order, answers), bench.recall(order, answers)) == (1, 1)
    assert bench.average_precision([], answers) == bench.reciprocal_rank([], answers) == 0
    low, high = bench.interval([0.0, 1.0] * 50)
    assert 0.35 < low < 0.5 < high < 0.65


def test_a_run_is_written_with_the_right_claims_first(bench, files, program, monkeypatch):
    matching = program("matching")
    out = files / "run.tsv"
    arguments = [
        "matching.py",
        "--docs",
        files / "docs",
        "--queries",
        files / "queries",
        "--out",
        out,
    ]
    monkeypatch.setattr("sys.argv", [str(each) for each in arguments])
    matching.main()

    run = [line.split("\t") for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row[0] for row in run] == ["q1"] * 3 + ["q2"] * 3
    assert [(row[0], row[2]) for row in run if row[3] == "1"] == [("q1", "d1"), ("q2", "d2")]
    assert {(row[1], row[5]) for row in run} == {("Q0", "counterclaim")}
    scores = [float(row[4]) for row in run[:3]]
    assert scores == sorted(scores, reverse=True)


def test_queries_with_a_common_answer_are_in_one_fold(bench, program):
    training = program("train_matching")

    def query(*answers):
        return training.Query("", [], [], np.array([]), frozenset(answers))

    queries = [query("a"), query("b"), query("a", "c"), query("d"), query("c"), query("e")]
    folds = training.folds_of(queries)
    assert folds[0] == folds[2] == folds[4]
    assert len({folds[0], folds[1], folds[3], folds[5]}) == 4


def test_the_threshold_is_one_that_so_few_can_vouch_for(bench, program):
    training = program("train_matching")
    assert training.upper_bound(0, 10) > 0.2
    assert training.upper_bound(0, 400) < 0.01
    right = [(0.9 + n / 10_000, True, False) for n in range(300)]
    assert training.threshold(right) == 0.9
    assert training.threshold(right[:50]) == 1.0
    assert training.threshold([*right, *[(0.5, False, False)] * 50]) == 0.9
    assert training.threshold([*right, *[(0.99, False, True)] * 50]) == 0.9
