"""What changed between two texts, word by word. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from .token_alignment import align

# A word or a single mark, and the white space behind it.
TOKEN = re.compile(r"(\w+(?:['’-]\w+)*|[^\w\s])(\s*)")

BRIEF = 1_500  # words and marks
AROUND = 12  # words and marks that are shown of what is the same before and after a change


def word_differences(old: str, new: str) -> list[tuple[str, str]]:
    """Return how `old` becomes `new`, as (op, text) with op one of "=" (kept), "-" (removed) and "+"
    (added), in reading order.

    Words and marks are compared, and not the white space between them: a text that was only wrapped
    anew has not changed. The words kept and removed are those of `old`, the words kept and added those
    of `new`, in their order.
    """
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    found: list[tuple[str, str]] = []
    lost = gained = ""  # white space behind what was kept, where the texts part
    for op, i, j, k, m in _opcodes([word for word, _ in before], [word for word, _ in after]):
        if op == "equal":
            *kept, last = after[k:m]
            lost, gained = before[j - 1][1], last[1]
            if lost and gained:
                kept, lost, gained = [*kept, last], "", ""
            else:
                kept = [*kept, (last[0], "")]
            found.append(("=", _text(kept)))
            continue
        found += [("-", lost + _text(before[i:j]))] if j > i else []
        found += [("+", gained + _text(after[k:m]))] if m > k else []
    return found


def _text(tokens: list[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in tokens)


def _opcodes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """As difflib has them. It takes time with the square of the length, or worse: what is longer than a
    paragraph or two is aligned by what stands once in each first."""
    if max(len(old), len(new)) <= BRIEF:
        # autojunk would take frequent words for noise.
        yield from SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        return
    image, i, k = align(old, new), 0, 0
    while i < len(old) or k < len(new):
        j, m = i, k
        while j < len(old) and image[j] == m:
            j, m = j + 1, m + 1
        if j > i:
            yield "equal", i, j, k, m
            i, k = j, m
        while j < len(old) and image[j] < 0:
            j += 1
        m = image[j] if j < len(old) else len(new)
        if j > i or m > k:
            yield "replace", i, j, k, m
            i, k = j, m


@dataclass(frozen=True)
class Stretch:
    """Changes that stand close together, with a few words around them; and how many words before them are
    the same in both texts and left out."""

    pieces: list[tuple[str, str]]
    skipped: int


def redline(old: str, new: str) -> tuple[list[Stretch], int]:
    """Return where `old` and `new` differ, in reading order, and how many words at the end are the same and
    left out. Nothing is left out of what differs."""
    stretches: list[Stretch] = []
    pieces: list[tuple[str, str]] = []
    skipped = 0
    for op, text in word_differences(old, new):
        words = list(TOKEN.finditer(text))
        around = AROUND if pieces else 0
        if op != "=" or len(words) <= around + AROUND:
            pieces.append((op, text))
            continue
        if around:
            stretches.append(Stretch([*pieces, ("=", text[: words[around - 1].end()])], skipped))
        skipped = len(words) - around - AROUND
        pieces = [("=", text[words[-AROUND].start() :])]
    if not any(op != "=" for op, _ in pieces):
        return stretches, skipped + sum(len(TOKEN.findall(text)) for _, text in pieces)
    return [*stretches, Stretch(pieces, skipped)], 0


def first_of(stretches: list[Stretch], *, most: int, characters: int) -> list[Stretch]:
    """Return the first of the stretches, `most` at most and about so many characters of them: the last is
    broken off where it is too long, which an ellipsis says."""
    chosen: list[Stretch] = []
    for stretch in stretches[:most]:
        pieces = []
        for op, text in stretch.pieces:
            if characters <= 0:
                break
            pieces.append((op, text if len(text) <= characters else f"{text[:characters]}…"))
            characters -= len(text)
        if pieces:
            chosen.append(Stretch(pieces, stretch.skipped))
    return chosen
