"""A text as words and marks, and two such texts aligned. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

# Words and marks are compared, one by one: "well-\nknown" reads as "well-known".
TOKEN = re.compile(r"\w+|[^\w\s]")
SAME_MARKS = str.maketrans("“”„‟«»‘’‚‛′‐‑‒–—―", '""""""' + "'''''" + "------")

NEAR = 8  # tokens on each side that say whether words are still among the same words
KEY = 4  # tokens just beside the words, by which places that could be the old one are looked up
FAR = (
    64  # tokens on each side by which places are told apart: more than a sentence that is repeated
)
MOST = 300  # places that are compared at all; what stands in more is told apart by nobody
ENDS = frozenset(".?!…")  # of a sentence, and of more that looks like one
SHINGLES = (12, 6, 3)  # lengths of the runs of tokens by which two texts are aligned
EXACTLY = 20_000  # tokens, on each side of a gap, that are still aligned one by one


class Tokens:
    """A text as its words and marks."""

    def __init__(self, text: str) -> None:
        self.text = text
        spans = [match.span() for match in TOKEN.finditer(text)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.words = [plain(text[start:end]) for start, end in spans]
        # To look up runs of tokens as fast as strings are looked up; each token has a bar on both sides.
        self.joined = f"|{'|'.join(word.replace('|', '¦') for word in self.words)}|"
        self.bars: list[int] = []
        at = 0
        for word in self.words:
            self.bars.append(at)
            at += len(word) + 1

    def __len__(self) -> int:
        return len(self.words)

    def occurrences(self, words: Sequence[str], *, most: int = MOST) -> list[int]:
        """Return where the run of `words` begins, `most` places and one at most."""
        if not words:
            return []
        wanted = f"|{'|'.join(word.replace('|', '¦') for word in words)}|"
        found: list[int] = []
        at = self.joined.find(wanted)
        while at >= 0 and len(found) <= most:
            found.append(bisect_left(self.bars, at))
            at = self.joined.find(wanted, at + 1)
        return found

    def sentence(self, i: int, j: int) -> tuple[int, int]:
        """Return the tokens from the beginning of the sentence that `i` is in to the end of the one that
        `j` ends in; from the middle of a paragraph, no further than that."""
        first, last = self.paragraph_start(i), self.paragraph_end(j)
        begin = next((n + 1 for n in range(i - 1, first - 1, -1) if self.words[n] in ENDS), first)
        end = next((n + 1 for n in range(max(j - 1, i), last) if self.words[n] in ENDS), last)
        return begin, end

    def paragraph_start(self, i: int) -> int:
        """Return the first token of the paragraph that token `i` is in, or that ends before it."""
        while i > 0 and self.text.count("\n", self.ends[i - 1], self.starts[i]) < 2:
            i -= 1
        return i

    def paragraph_end(self, j: int) -> int:
        """Return the token after the last of the paragraph that the token before `j` is in."""
        while j < len(self) and self.text.count("\n", self.ends[j - 1], self.starts[j]) < 2:
            j += 1
        return j

    def is_paragraph(self, i: int, j: int) -> bool:
        """Whether nothing stands before and after the tokens but empty lines, or the end of the text."""
        return self.paragraph_start(i) == i and self.paragraph_end(j) == j

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the tokens that `text[start:end]` has a part of: the first, and the one after the last."""
        return bisect_left(self.ends, start + 1), bisect_left(self.starts, end)


def plain(word: str) -> str:
    """A token as it is compared: the same whichever way a mark is printed or a letter is encoded."""
    return word if word.isascii() else unicodedata.normalize("NFKC", word).translate(SAME_MARKS)


def align(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """Return for each token of `old` the token of `new` that it has become, or -1, in rising order.

    First by long runs of tokens that stand once in each (as in patience diff), in the order that most of
    them have, then by shorter ones between these, and what is left between them token by token. A text of
    n tokens takes some n log n, since no gap is compared that is longer than `EXACTLY`.
    """
    image = [-1] * len(old)
    gaps = [(0, len(old), 0, len(new), 0)]
    while gaps:
        a, b, c, d, depth = gaps.pop()
        while a < b and c < d and old[a] == new[c]:
            image[a] = c
            a, c = a + 1, c + 1
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
            image[b] = d
        if a == b or c == d:
            continue
        if depth == len(SHINGLES):
            if max(b - a, d - c) <= EXACTLY:
                for block in LCSseq.opcodes(old[a:b], new[c:d]):
                    if block.tag == "equal":
                        for n in range(block.src_end - block.src_start):
                            image[a + block.src_start + n] = c + block.dest_start + n
            continue
        size = SHINGLES[depth]
        left, right = a, c
        for n, k in in_order(once(old, a, b, size), once(new, c, d, size)):
            if n < left or k < right:  # within the run before it
                continue
            gaps.append((left, n, right, k, depth + 1))
            while n < b and k < d and old[n] == new[k]:
                image[n] = k
                n, k = n + 1, k + 1
            left, right = n, k
        gaps.append((left, b, right, d, depth + 1))
    return image


def once(words: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    """The runs of `size` tokens that stand once between `start` and `end`, and where."""
    places: dict[tuple[str, ...], int] = {}
    for n in range(start, end - size + 1):
        run = tuple(words[n : n + size])
        places[run] = -1 if run in places else n
    return {run: n for run, n in places.items() if n >= 0}


def in_order(
    old: dict[tuple[str, ...], int], new: dict[tuple[str, ...], int]
) -> list[tuple[int, int]]:
    """The longest series of the runs that both have which rises in both (by patience sorting)."""
    pairs = [(n, new[run]) for run, n in old.items() if run in new]
    tops: list[int] = []  # of each pile the place in `new`
    piles: list[int] = []  # and its index in `pairs`
    before: list[int] = []
    for index, (_, k) in enumerate(pairs):
        pile = bisect_left(tops, k)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [k]
        piles[pile : pile + 1] = [index]
    series: list[tuple[int, int]] = []
    index = piles[-1] if piles else -1
    while index >= 0:
        series.append(pairs[index])
        index = before[index]
    return series[::-1]


def agreement(old: Sequence[str], new: Sequence[str]) -> float:
    """How much of `old` stands in `new`, in its order: 0 to 1. Nothing agrees with nothing."""
    if not old:
        return 0.0 if new else 1.0
    return float(LCSseq.similarity(old, new) / len(old))


def within(run: Sequence[str], words: Sequence[str]) -> bool:
    return bool(run) and any(
        words[n : n + len(run)] == run for n in range(len(words) - len(run) + 1)
    )


def image_of(image: Sequence[int], i: int, j: int) -> tuple[int, int] | None:
    """Where an alignment has the tokens `i` to `j`: with what stands in place of the first or last
    of them, where those are no more; None where it has none of them, or what it has is scattered."""
    kept = [n for n in range(i, j) if image[n] >= 0]
    # A mark or a word that the alignment has found far from the others is another one, unless its own
    # neighbours outside the passage stand beside it.
    fixed = i > 0 and kept and kept[0] == i and image[i - 1] == image[i] - 1
    while (
        len(kept) > 2 and not fixed and image[kept[1]] - image[kept[0]] > kept[1] - kept[0] + NEAR
    ):
        del kept[0]
    fixed = j < len(image) and kept and kept[-1] == j - 1 and image[j] == image[j - 1] + 1
    while (
        len(kept) > 2
        and not fixed
        and image[kept[-1]] - image[kept[-2]] > kept[-1] - kept[-2] + NEAR
    ):
        del kept[-1]
    if not kept:
        return None
    first, last = image[kept[0]], image[kept[-1]] + 1
    # What stands in place of the first or last words begins behind what stood before them.
    if kept[0] > i:
        bound = next((k + 1 for k in reversed(image[max(i - NEAR, 0) : i]) if k >= 0), first)
        first = max(min(bound, first), first - (kept[0] - i) - KEY)
    if kept[-1] < j - 1:
        bound = next((k for k in image[j : j + NEAR] if k >= 0), last)
        last = min(max(bound, last), last + (j - 1 - kept[-1]) + KEY)
    if last - first > 2 * (j - i) + 2 * FAR:
        return None
    return first, last
