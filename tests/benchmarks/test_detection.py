"""The detection benchmark from end to end, on made-up debates."""

import csv
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from sources.detection import score
from sources.detection_model import from_content, read

from .conftest import BENCHMARKS

WORTHY = ["We lost 800 billion dollars last year.", "Crime rose by 17 percent since 2008."]
IDLE = ["Thank you very much.", "Is that so?", "Well, I think that it is good.", "Go ahead."]


def lines(number, labelled=True):
    """A debate in which some sentences come again: a file's lines."""
    said = [*IDLE, WORTHY[number % 2], *IDLE, f"In {1990 + number} we signed 3 treaties.", *IDLE]
    for place, sentence in enumerate(said, start=1):
        label = int(any(letter.isdigit() for letter in sentence))
        speaker = "HOLT" if place % 3 else "TRUMP"
        yield "\t".join([str(place), speaker, sentence, *([str(label)] if labelled else [])])


@pytest.fixture
def folder(tmp_path):
    directory = tmp_path / "debates"
    directory.mkdir()
    for number in range(3):
        text = "\n".join(lines(number)) + "\n"
        (directory / f"debate-{number}.tsv").write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def detection(program, monkeypatch, tmp_path):
    module = program("detection")
    monkeypatch.setattr(module, "DEVELOPMENT", tmp_path / "absent")
    monkeypatch.setattr(module, "WORDS", 300)
    return module


def written(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def table(output, row):
    """The first row of that name in the printed tables, as numbers."""
    line = next(line for line in output.splitlines() if line.startswith(f"| {row}"))
    return [float(cell) for cell in line.split("|")[2:-1]]


def test_the_shipped_model_on_files_of_others(detection, folder, tmp_path, capsys):
    # A line that comes again, one without a sentence, one without any field, one with a carriage return.
    with (folder / "debate-0.tsv").open("a", encoding="utf-8", newline="") as file:
        file.write("1\tHOLT\tAgain.\t0\n15\tHOLT\t\t0\n\n17\tHOLT\tAt 5 percent.\t1\r\n")
    out = tmp_path / "scores.csv"
    detection.main(["--data", str(folder), "--out", str(out)])
    output = capsys.readouterr().out
    assert "3 files, 45 lines, 7 check-worthy. Detection: as shipped, not trained" in output
    assert "cross-validated by debate." in output  # of TF-IDF: there is nothing else to learn from
    found = written(out)
    assert [(row["file"], row["line"]) for row in found] == [
        *[("debate-0.tsv", str(line)) for line in range(1, 18)],
        *[(f"debate-{number}.tsv", str(line)) for number in (1, 2) for line in range(1, 15)],
    ]
    marks = [float(row["score"]) for row in found]
    assert marks[14] == marks[15] == min(marks)
    assert marks[16] > marks[0]
    said = [line.split("\t") for line in lines(1)]
    expected = score([each[2] for each in said], [each[1] for each in said])
    assert marks[17:31] == pytest.approx(expected, abs=1e-6)


def test_the_table_names_the_baselines_and_the_files(detection, folder, capsys):
    detection.main(["--data", str(folder)])
    output = capsys.readouterr().out
    assert "3 files, 42 lines, 6 check-worthy." in output
    best = table(output, "detection")
    assert best[0] == 1
    assert best[1:] == [1, 0.2, 0.1, 0.04]
    assert table(output, "debate-1.tsv") == best
    for baseline in ("TF-IDF", "length", "random"):
        assert 0 < table(output, baseline)[0] <= 1
    assert "Speed: " in output


def test_files_that_it_was_trained_on_are_cross_validated(
    detection, program, folder, monkeypatch, tmp_path, capsys
):
    file = folder / "debate-1.tsv"
    known = program("debates").read(file).marks
    monkeypatch.setattr(detection, "shipped", lambda: SimpleNamespace(trained_on=known))
    # Saved anew by another program, it is the same debate.
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    seen = []
    train = detection.train
    monkeypatch.setattr(
        detection,
        "train",
        lambda debates, traits: (
            seen.append([debate.name for debate in debates]) or train(debates, traits)
        ),
    )
    out = tmp_path / "scores.tsv"
    detection.main(["--data", str(folder), "--out", str(out)])
    assert "Detection: cross-validated by debate" in capsys.readouterr().out
    names = [f"debate-{number}.tsv" for number in range(3)]
    assert seen == [[name for name in names if name != left_out] for left_out in names]
    assert len(written(out)) == 42


def test_a_debate_is_known_by_its_sentences(program):
    debates = program("debates")
    said = [f"In the year {1900 + number} we signed {number} treaties." for number in range(100)]
    known = debates.marks(said)
    assert len(known) == debates.MARKS

    def same(sentences):
        return debates.overlap(
            debates.Debate("", debates.marks(sentences), [], [], sentences, []), known
        )

    assert same([each.upper().replace(" ", "  ") for each in reversed(said)])
    assert same(said[:70])
    assert not same([f"{each} Nobody kept them." for each in said])
    assert not same([])


def test_without_labels_nothing_is_measured_and_all_is_scored(detection, tmp_path, capsys):
    directory = tmp_path / "unlabelled"
    directory.mkdir()
    text = "line\tspeaker\tsentence\n" + "\n".join(lines(0, labelled=False))
    (directory / "debate.tsv").write_text(text, encoding="utf-8")
    (directory / "plain.txt").write_text("We lost 3 percent.\n\nWell.\n", encoding="utf-8")
    out = tmp_path / "scores.csv"
    detection.main(["--data", str(directory), "--out", str(out)])
    assert "2 files without labels" in capsys.readouterr().out
    assert [row["line"] for row in written(out)] == [*map(str, range(1, 15)), "1", "2", "3"]


@pytest.mark.parametrize("arguments", [["--data", "nowhere"], ["--data", "."]])
def test_a_folder_without_debates_is_refused(detection, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        detection.main(arguments)
    assert "folder nowhere" in (error := capsys.readouterr().err) or "no file of debates" in error


def test_training_writes_the_same_model_twice_and_it_can_be_read(folder, tmp_path):
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        subprocess.run(
            [sys.executable, BENCHMARKS / "train_detection.py", "--data", folder, "--out", file],
            check=True,
            capture_output=True,
            cwd=tmp_path,
        )
    assert files[0].read_bytes() == files[1].read_bytes()
    model = read(files[0])
    assert len(model.trained_on) == 6  # sentences that are long enough


def test_trees_say_in_plain_python_what_the_library_says(program):
    """Exported trees are followed as scikit-learn follows them."""
    numpy = pytest.importorskip("numpy")
    ensemble = pytest.importorskip("sklearn.ensemble")
    training = program("training")
    chance = numpy.random.default_rng(0)
    matrix = chance.integers(0, 5, (400, 3)).astype(float)
    labels = (matrix[:, 0] + matrix[:, 1] * chance.random(400) > 4).astype(int)
    grown = ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(matrix, labels)
    content = training.finished(
        {
            "format": training.FORMAT,
            "traits": ["a", "b", "c"],
            "trees": [training.exported(each[0].nodes) for each in grown._predictors],
            "terms": {},
            "scales": [1.0, 1.0],
            "quantiles": [0.0],
            "trained_on": [],
        }
    )
    model = from_content(json.loads(json.dumps(content)))
    ours = [model.score(dict(zip("abc", row, strict=True)), {}) for row in matrix.tolist()]
    theirs = grown.decision_function(matrix) - float(grown._baseline_prediction[0, 0])
    assert ours == pytest.approx(theirs.tolist(), abs=1e-3)
