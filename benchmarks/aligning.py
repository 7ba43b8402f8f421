"""How well the turns of two renditions are laid side by side, where the truth is known.

Usage: aligning.py [--data DIR] [--rounds N] [--seed N]

Of each transcript a second rendition is made by seeded edits: turns left out, split and merged, lengths
scaled and with noise, speakers no longer known. Counted are pairs of turns of the same words.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from sources.aligning import Line, align
from sources.extraction import extract_text
from sources.parsing import TranscriptError, parse_transcript

TRANSCRIPTS = Path(__file__).resolve().parents[2] / "shared/data/transcripts"
SHORT = 200  # characters: what is shorter is not split

Pairs = set[tuple[int, int]]


def lines_of(text: str) -> list[Line]:
    """The turns of a transcript; who speaks is the label as printed."""
    return [
        Line(turn.end - turn.start, speaker=turn.label or "", role=str(turn.role))
        for turn in parse_transcript(text).turns
    ]


def rendition(
    lines: Sequence[Line], rng: random.Random, *, edits: float, noise: float, unknown: float
) -> tuple[list[Line], Pairs]:
    """Return another rendition of `lines`, and which turns are of the same words.

    `edits`: the share of turns that are left out, split or merged with the next; `noise`: the standard
    deviation of the length, relative to it; `unknown`: the share whose speaker is not known.
    """
    ratio = rng.uniform(0.8, 1.3)
    made: list[Line] = []
    truth: Pairs = set()

    def add(length: float, speaker: str, role: str, *of: int) -> None:
        scaled = max(1, round(length * ratio * max(0.3, rng.gauss(1, noise))))
        known = "" if rng.random() < unknown else speaker
        truth.update((i, len(made)) for i in of)
        made.append(Line(scaled, speaker=known, role=role))

    i = 0
    while i < len(lines):
        line = lines[i]
        kind = rng.choice(("drop", "split", "merge")) if rng.random() < edits else ""
        if kind == "split" and line.length >= SHORT:
            share = rng.uniform(0.3, 0.7)
            add(line.length * share, line.speaker, line.role, i)
            add(line.length * (1 - share), line.speaker, line.role, i)
        elif kind == "merge" and i + 1 < len(lines):
            add(line.length + lines[i + 1].length, line.speaker, line.role, i, i + 1)
            i += 1
        elif kind != "drop":
            add(line.length, line.speaker, line.role, i)
        i += 1
    return made, truth


def ours(left: Sequence[Line], right: Sequence[Line]) -> Pairs:
    return {(i, j) for one, two in align(left, right) for i in one for j in two}


def from_both_ends(left: Sequence[Line], right: Sequence[Line]) -> Pairs:
    """As it was done before: by number where there are as many, or else from the beginning and from the end
    as far as speakers agree; what lies between counts for nothing."""
    if len(left) == len(right):
        return {(i, i) for i in range(len(left))}

    def agree(one: Line, two: Line) -> bool:
        known = bool(one.speaker and two.speaker)
        return one.speaker == two.speaker if known else one.role == two.role

    shorter = min(len(left), len(right))
    head = tail = 0
    while head < shorter and agree(left[head], right[head]):
        head += 1
    while tail < shorter - head and agree(left[-1 - tail], right[-1 - tail]):
        tail += 1
    return {(i, i) for i in range(head)} | {
        (len(left) - n, len(right) - n) for n in range(1, tail + 1)
    }


WAYS: dict[str, Callable[[Sequence[Line], Sequence[Line]], Pairs]] = {
    "aligning": ours,
    "from both ends": from_both_ends,
}


def measure(
    texts: dict[str, list[Line]], *, rounds: int, seed: int, **how: float
) -> dict[str, dict[str, float]]:
    """Return for each way: `precision` (of the pairs that it gives, those that are true), `recall` (of the
    true ones, those that it gives) and `seconds`."""
    counted = {name: [0, 0, 0, 0.0] for name in WAYS}
    for title, lines in sorted(texts.items()):
        for number in range(rounds):
            other, truth = rendition(lines, random.Random(f"{seed} {title} {number}"), **how)
            for name, way in WAYS.items():
                began = time.process_time()
                given = way(lines, other)
                row = counted[name]
                row[3] += time.process_time() - began
                row[0] += len(given & truth)
                row[1] += len(given)
                row[2] += len(truth)
    return {
        name: {"precision": true / (given or 1), "recall": true / (all_of or 1), "seconds": seconds}
        for name, (true, given, all_of, seconds) in counted.items()
    }


def read_all(directory: Path) -> dict[str, list[Line]]:
    texts: dict[str, list[Line]] = {}
    for path in sorted(directory.iterdir()):
        try:
            texts[path.name] = lines_of(extract_text(path.read_bytes(), filename=path.name).text)
        except TranscriptError:
            continue
    return {name: lines for name, lines in texts.items() if len(lines) >= 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=TRANSCRIPTS)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    texts = read_all(asked.data)
    print(f"{len(texts)} texts, {sum(map(len, texts.values()))} turns, {asked.rounds} rounds")
    for edits, noise, unknown in ((0.0, 0.1, 0.0), (0.05, 0.15, 0.2), (0.15, 0.2, 0.5)):
        found = measure(
            texts, rounds=asked.rounds, seed=asked.seed, edits=edits, noise=noise, unknown=unknown
        )
        for name, row in found.items():
            print(
                f"edits {edits:.0%}, noise {noise:.0%}, unknown {unknown:.0%} | {name} | "
                f"precision {row['precision']:.1%} | recall {row['recall']:.1%} | {row['seconds']:.1f} s"
            )


if __name__ == "__main__":
    main()
