"""How well passages are found again in a text that was edited, where the truth is known.

Usage: reanchoring.py [--data DIR] [--rounds N] [--passages N] [--seed N] [--speed]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from diff_match_patch import diff_match_patch

from mutating import Mutated, choose, mutate, own, reads, truth  # isort: skip  # beside this file

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from sources.anchoring import CONTEXT
from sources.extraction import extract_text
from sources.reanchoring import Finding, Reanchoring

TRANSCRIPTS = Path(__file__).resolve().parents[2] / "shared/data/transcripts"
EACH = (
    400  # characters of a text for each passage: more of them would be edited more than a text is
)
NEAR_ENOUGH = 0.8  # of a changed passage: what its true span and the one proposed have in common

Span = tuple[int, int]
Answer = tuple[str, Span | None]  # certain, proposed or abstained, and the place


def ours(compared: Reanchoring, old: str, new: str, start: int, end: int) -> Answer:
    place = compared.find(start, end)
    span = None if place.start is None or place.end is None else (place.start, place.end)
    if place.finding in (Finding.FOUND, Finding.MOVED):
        return "certain", span
    if place.finding == Finding.CHANGED:
        return "proposed", span
    return ("nowhere" if place.finding == Finding.ORPHANED else "abstained"), None


def exact_search(_: object, old: str, new: str, start: int, end: int) -> Answer:
    """The words as they are, where they stand: the first place, as str.find has it."""
    at = new.find(old[start:end])
    return ("nowhere", None) if at < 0 else ("certain", (at, at + end - start))


def exact_once(_: object, old: str, new: str, start: int, end: int) -> Answer:
    """The words as they are, if they stand once."""
    found = new.count(old[start:end])
    return exact_search(_, old, new, start, end) if found < 2 else ("abstained", None)


def diff_match(_: object, old: str, new: str, start: int, end: int) -> Answer:
    """Google's match_main at the old place, with its thresholds as they come (0.5, 1,000): the first 32
    characters of the passage, and the last 32, as its patches look for longer ones."""
    dmp, exact = diff_match_patch(), old[start:end]
    size = dmp.Match_MaxBits
    first = dmp.match_main(new, exact[:size], start)
    if first < 0:
        return "nowhere", None
    if len(exact) <= size:
        return "certain", (first, first + len(exact))
    last = dmp.match_main(new, exact[-size:], first + len(exact) - size)
    if last < first:
        return "nowhere", None
    return "certain", (first, last + size)


WAYS: dict[str, Callable[..., Answer]] = {
    "reanchoring": ours,
    "exact search, first place": exact_search,
    "exact search, if unique": exact_once,
    "diff-match-patch": diff_match,
}


def judge(answer: Answer, it: Mutated, old: str, passage: Span) -> str:
    """What an answer is worth, as the README says: the group of the passage, and what came of it."""
    kind, place = answer
    true = truth(it, old, *passage)
    if true is None:
        group = "gone"
    elif any(passage[0] < b and a < passage[1] for a, b in it.doubled):
        group = "twice"
    else:
        group = "same" if reads(old[slice(*passage)]) == reads(it.text[slice(*true)]) else "changed"
    if kind == "certain" and place is not None and own(it, place, *passage) < 0.5:
        return f"{group}, wrong"
    if true is None or group == "twice":
        return f"{group}, {kind}"
    right = kind == "certain" or (group == "changed" and kind == "proposed")
    if right and place is not None and common(place, true) >= NEAR_ENOUGH:
        return f"{group}, correct"
    return f"{group}, {'elsewhere' if place else 'abstained'}"


def common(one: Span, other: Span) -> float:
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(both, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def texts(folder: Path) -> dict[str, str]:
    found = {
        path.name: extract_text(path.read_bytes(), filename=path.name).text
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    return {name: text for name, text in found.items() if len(text) > 4_000}


def measure(
    held: dict[str, str],
    *,
    rounds: int,
    passages: int,
    seed: int,
    ways: dict[str, Callable[..., Answer]],
) -> tuple[dict[str, Counter[str]], list[str]]:
    """Return by way how often each judgement fell, and the first that ours got wrong, in words."""
    counted: dict[str, Counter[str]] = {way: Counter() for way in ways}
    told = []
    for name, old in held.items():
        for number in range(rounds):
            rng = random.Random(f"{seed} {name} {number}")
            chosen = choose(old, min(passages, len(old) // EACH), rng)
            it = mutate(old, chosen, rng)
            compared = Reanchoring(old, it.text)
            for start, end in chosen:
                for way, look in ways.items():
                    answer = look(compared, old, it.text, start, end)
                    judged = judge(answer, it, old, (start, end))
                    counted[way][judged] += 1
                    if way == "reanchoring" and judged.endswith("wrong"):
                        told.append(
                            f"{name}, round {number}, {start}–{end} {old[start:end]!r}: "
                            f"{answer}, truth {truth(it, old, start, end)}"
                        )
    return counted, told


def table(counted: dict[str, Counter[str]]) -> str:
    lines = [
        "| way | passages | with one true place | correct | abstained | elsewhere | wrong, of all |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, judged in counted.items():
        total = sum(judged.values())
        of = {
            what: judged[f"same, {what}"] + judged[f"changed, {what}"]
            for what in ("correct", "abstained", "elsewhere")
        }
        placed = sum(n for kind, n in judged.items() if kind.startswith(("same", "changed")))
        shares = " | ".join(f"{n / placed:.2%}" for n in of.values())
        lines.append(f"| {way} | {total:,} | {placed:,} | {shares} | {wrong(judged):,} |")
    return "\n".join(lines)


def wrong(judged: Counter[str]) -> int:
    return sum(n for kind, n in judged.items() if kind.endswith("wrong"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=TRANSCRIPTS)
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--passages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ours", action="store_true", help="leave the other ways out")
    asked = parser.parse_args()
    ways = {"reanchoring": ours} if asked.ours else WAYS
    begun = time.process_time()
    counted, told = measure(
        texts(asked.data), rounds=asked.rounds, passages=asked.passages, seed=asked.seed, ways=ways
    )
    print(table(counted))
    for way, judged in counted.items():
        print(way, dict(sorted(judged.items())))
    print(*told[:20], sep="\n")
    print(f"{time.process_time() - begun:.0f} s of one processor; context {CONTEXT}")


if __name__ == "__main__":
    main()
