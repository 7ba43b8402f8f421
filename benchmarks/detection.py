"""How well sources/detection ranks the check-worthy sentences of debates, beside three baselines.

    .venv/bin/python benchmarks/detection.py [--data DIR] [--out FILE] [--speed]

Without --data: the development files of CheckThat! 2019 task 1, cross-validated by debate. Whoever ranks a
debate, model or TF-IDF, has been trained on all the others and never on it. With --data DIR: the model
that the project ships, on files of that form (line number, speaker, sentence, label; tab-separated) which
it was not trained on, and TF-IDF trained on the development files (cross-validated over DIR where these
are absent). If DIR holds a debate that the shipped model was trained on, in whatever form (told by its
sentences), all of it is cross-validated.

--out FILE writes file, line and score of every line once, as CSV (tab-separated if FILE ends in .tsv).
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from debates import DEVELOPMENT, Debate, overlap, read_all
from ranking import average_precision, precision_at, r_precision, ranked
from training import baseline, described, scores, train

from sources.cues import forget
from sources.detection import find, score
from sources.detection_model import shipped

RANDOM_RUNS = 20
WORDS = 20_000  # of a transcript of two hours
MEASURES: dict[str, Callable[[Sequence[int]], float]] = {
    "AP": average_precision,
    "R-prec": r_precision,
    "P@10": lambda labels: precision_at(labels, 10),
    "P@20": lambda labels: precision_at(labels, 20),
    "P@50": lambda labels: precision_at(labels, 50),
}
Scores = list[list[float]]  # for each debate, for each line


def cross_validated(
    debates: Sequence[Debate], rank: Callable[[list[int]], Callable[[int], list[float]]]
) -> Scores:
    """`rank` is given the places of the debates to learn from, and answers with what scores another."""
    learning = [place for place, debate in enumerate(debates) if debate.measured]
    found = []
    for place in range(len(debates)):
        others = [other for other in learning if other != place]
        found.append(rank(others)(place))
        print(f"\r  {place + 1} of {len(debates)}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 20 + "\r", end="", file=sys.stderr, flush=True)
    return found


def by_model(debates: Sequence[Debate]) -> Scores:
    traits = described(debates)

    def rank(others: list[int]) -> Callable[[int], list[float]]:
        content = train([debates[each] for each in others], [traits[each] for each in others])
        return lambda place: scores(content, debates[place].sentences, traits[place])

    return cross_validated(debates, rank)


def by_tf_idf(debates: Sequence[Debate], others: Sequence[Debate] | None) -> Scores:
    """Trained on `others`, or where there are none cross-validated."""
    if others:
        judge = baseline(others)
        return [judge(debate.sentences) for debate in debates]

    def rank(learning: list[int]) -> Callable[[int], list[float]]:
        judge = baseline([debates[each] for each in learning])
        return lambda place: judge(debates[place].sentences)

    return cross_validated(debates, rank)


def by_length(debates: Sequence[Debate]) -> Scores:
    return [[float(len(sentence)) for sentence in debate.sentences] for debate in debates]


def by_chance(debates: Sequence[Debate], seed: int) -> Scores:
    chance = random.Random(seed)
    return [[chance.random() for _ in debate.sentences] for debate in debates]


def measured(debates: Sequence[Debate], found: Scores) -> dict[str, list[float]]:
    """Each measure for each debate that can be measured."""
    return {
        name: [
            measure(ranked([label or 0 for label in debate.labels], marks))
            for debate, marks in zip(debates, found, strict=True)
            if debate.measured
        ]
        for name, measure in MEASURES.items()
    }


def written(path: Path, debates: Sequence[Debate], found: Scores) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(
            file, delimiter="\t" if path.suffix == ".tsv" else ",", lineterminator="\n"
        )
        rows.writerow(["file", "line", "score"])
        for debate, marks in zip(debates, found, strict=True):
            rows.writerows(
                [debate.name, line, f"{mark:.6f}"]
                for line, mark in zip(debate.lines, marks, strict=True)
            )


def show(names: list[str], rows: dict[str, list[float]]) -> None:
    print(f"| {'':30} | " + " | ".join(f"{name:>6}" for name in names) + " |")
    print(f"| {'-' * 30} | " + " | ".join("-----:" for _ in names) + " |")
    for label, values in rows.items():
        print(f"| {label:30} | " + " | ".join(f"{value:6.3f}" for value in values) + " |")


def speed() -> str:
    """How long `find` takes for a transcript of two hours: made-up sentences, the best of five runs."""
    chance = random.Random(0)
    parts = (
        ["Moscow", "The President", "She", "We", "NATO", "Our economy", "The Senate"],
        [
            "claims that it",
            "never promised that it",
            "said it",
            "will say why it",
            "thinks that it",
        ],
        ["lost 14,000 jobs", "grew by 3 percent", "signed the treaty", "is ready to talk"],
        ["in 2014.", "since the last election, and nobody knows why.", "once more?", "here."],
    )
    sentences: list[str] = []
    words = 0
    while words < WORDS:
        # No sentence comes again, so that nothing is answered from memory.
        name = "".join(chance.choices("abcdefghijklmnop", k=8)).capitalize()
        sentence = " ".join([f"{name} and", *(chance.choice(part) for part in parts)])
        words += len(sentence.split())
        sentences.append(sentence)
    turns, text = [], ""
    for place in range(0, len(sentences), 8):
        start = len(text)
        text += " ".join(sentences[place : place + 8])
        turns.append((start, len(text)))
        text += "\n\n"
    times, work = [], []
    for _ in range(5):
        forget()
        started, worked = time.perf_counter(), time.process_time()
        found = find(text, turns)
        times.append(time.perf_counter() - started)
        work.append(time.process_time() - worked)
    return (
        f"Speed: {words:,} words in {len(sentences):,} sentences and {len(turns):,} turns: "
        f"{min(times):.2f} s (best of five; median {sorted(times)[2]:.2f} s; of the processor "
        f"{min(work):.2f} s), {len(found):,} suggested."
    )


def machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {version(name)}" for name in ("scikit-learn", "sentencex"))
    return f"{model}; {platform.system()}; Python {platform.python_version()}, {versions}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEVELOPMENT, metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--speed", action="store_true", help="measure the speed alone")
    options = parser.parse_args(arguments)
    if options.speed:
        print(f"{machine()}\n\n{speed()}")
        return
    if not options.data.is_dir():
        parser.error(f"There is no folder {options.data}. Name one with --data.")
    debates = read_all(options.data)
    if not debates:
        parser.error(f"{options.data} holds no file of debates (*.tsv, *.txt, *.csv).")
    labelled = [debate for debate in debates if debate.measured]
    known = any(overlap(debate, shipped().trained_on) for debate in debates)
    if known and len(labelled) < 2:
        parser.error(
            "The model was trained on this file, and there is no other to train it on anew."
        )
    print(f"{machine()}\n")
    if known:
        how, others = "cross-validated by debate", None
        found = by_model(debates)
    else:
        how = "as shipped, not trained on these files"
        found = [score(debate.sentences, debate.speakers) for debate in debates]
        asked = frozenset(mark for debate in debates for mark in debate.marks)
        others = read_all(DEVELOPMENT) if DEVELOPMENT.is_dir() else []
        others = [debate for debate in others if not overlap(debate, asked)]
    if options.out:
        written(options.out, debates, found)
    rows = {"detection": measured(debates, found)}
    if not labelled:
        print(f"{len(debates)} files without labels (or without a check-worthy one): not measured.")
    else:
        if others or len(labelled) > 1:
            rows["TF-IDF, logistic regression"] = measured(debates, by_tf_idf(debates, others))
        rows["length of the sentence"] = measured(debates, by_length(debates))
        chance = [measured(debates, by_chance(debates, seed)) for seed in range(RANDOM_RUNS)]
        rows[f"random, mean of {RANDOM_RUNS}"] = {
            name: [mean(values) for values in zip(*(run[name] for run in chance), strict=True)]
            for name in MEASURES
        }
        lines = sum(len(debate.lines) for debate in labelled)
        worthy = sum(label == 1 for debate in labelled for label in debate.labels)
        trained = "trained on the development files" if others else "cross-validated by debate"
        print(f"{len(labelled)} files, {lines:,} lines, {worthy} check-worthy. Detection: {how}.")
        print(f"TF-IDF with logistic regression: {trained}.\n")
        print("Mean over the files:\n")
        names = list(MEASURES)
        show(
            ["MAP", *names[1:]],
            {label: [mean(row[name]) for name in names] for label, row in rows.items()},
        )
        best = mean(rows["detection"]["AP"])
        print("\nMAP of detection, as a multiple of each baseline's:\n")
        for label, row in list(rows.items())[1:]:
            print(f"- {label}: {best / mean(row['AP']):.2f}")
        print("\nDetection, each file:\n")
        show(
            names,
            {
                debate.name[:30]: [rows["detection"][name][place] for name in names]
                for place, debate in enumerate(labelled)
            },
        )
    print(f"\n{speed()}")


if __name__ == "__main__":
    main()
