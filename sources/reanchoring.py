"""Where the words of one edition of a text stand in another. Pure functions.

Words move with what stands around them, or it is not known that they moved. A place is certain (FOUND,
MOVED) where it reads the same, white space and the shape of quotation marks aside, where its surroundings
are those of the old place, and where no other place is nearly as good, neither in the new text nor for
other words of the old one. Everything else is for a person to decide: a look-alike elsewhere is never
taken for the place.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

# Words and marks are compared, one by one: "well-\nknown" reads as "well-known".
TOKEN = re.compile(r"\w+|[^\w\s]")
SAME_MARKS = str.maketrans("“”„‟«»‘’‚‛′‐‑‒–—―", '""""""' + "'''''" + "------")

NEAR = 8  # tokens on each side that say whether words are still among the same words
ENOUGH = 5  # of these
KEY = 4  # tokens just beside the words, by which places that could be the old one are looked up
FAR = (
    64  # tokens on each side by which places are told apart: more than a sentence that is repeated
)
SLACK = 16  # tokens that may have come in between
MARGIN = 0.15  # by how much a place has to be better than another, of 2 (1 for each side)
MOST = 300  # places that are compared at all; what stands in more is told apart by nobody
ALIKE = 0.5  # similarity from which other words are shown as what the words may have become
ALMOST = 0.999  # of words that are not the same
DOUBLE = 0.75  # similarity from which words just beside could be what these were
LIKE = 0.65  # similarity from which words could be what these were, and others a copy
SHORT_LIKE = 0.8  # the same of a few words, which are like many others
WHOLE = 0.85  # agreement from which one side is taken to be untouched
PARAGRAPH = 20  # tokens of a paragraph that is known by itself
ENDS = frozenset(".?!…")  # of a sentence, and of more that looks like one
SHINGLES = (12, 6, 3)  # lengths of the runs of tokens by which two texts are aligned
EXACTLY = 20_000  # tokens, on each side of a gap, that are still aligned one by one


class Finding(StrEnum):
    FOUND = "found"
    MOVED = "moved"
    CHANGED = "changed"
    AMBIGUOUS = "ambiguous"
    ORPHANED = "orphaned"


@dataclass(frozen=True)
class Place:
    """What became of a passage: the one place in the new text, in code points, where there is one; the
    similarity of the words (0 to 1) where they are others; and each place that could be meant."""

    finding: Finding
    start: int | None = None
    end: int | None = None
    similarity: float | None = None
    places: tuple[tuple[int, int], ...] = ()


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


class Reanchoring:
    """Two editions of a text, compared once, so that many passages can be looked for."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = Tokens(old), Tokens(new)
        self.image = align(self.old.words, self.new.words)
        self.origin = [-1] * len(self.new)
        for n, k in enumerate(self.image):
            if k >= 0:
                self.origin[k] = n
        self._index: dict[tuple[str, ...], list[int]] | None = None

    def find(self, start: int, end: int) -> Place:
        """Return what became of the passage `old[start:end]` (code points) in the new text."""
        i, j = self.old.span(start, end)
        if start >= end or i >= j:
            return Place(Finding.ORPHANED)
        size = j - i
        exact = self.new.occurrences(self.old.words[i:j])
        image = self._image_of(i, j)
        for at in exact:
            # Where a word is said twice, the alignment may have taken the other one.
            if image and min(image[1], at + size) - max(image[0], at) > size // 2:
                image = (at, at + size)
        if len(exact) <= MOST:
            twins = self.old.occurrences(self.old.words[i:j])
            sure = [
                at
                for at in exact
                if len(twins) <= MOST and self._is_sure(i, j, at, exact, twins, image)
            ]
            # More than one cannot be; none of them would be sure.
            if len(sure) == 1:
                at = sure[0]
                here = self._offsets(i, j, at, start, end)
                if image == (at, at + size):
                    return Place(Finding.FOUND, *here, places=(here,))
                if self._has_moved(i, j, at, image):
                    return Place(Finding.MOVED, *here, places=(here,))
        return self._unsure(i, j, exact, image, start, end)

    # --- What is certain ---

    def _is_sure(
        self,
        i: int,
        j: int,
        at: int,
        exact: list[int],
        twins: list[int],
        image: tuple[int, int] | None,
    ) -> bool:
        """Whether the same words at token `at` of the new text are those of the old `i` to `j`, which the
        alignment has at `image`; `exact` are all places of the words in the new text, `twins` in the old."""
        size = j - i
        ours = self._sides(i, j, at, at + size)
        if not self._is_among_its_own(i, j, at, at + size):
            return self._is_paragraph(i, j, at) and len(exact) == len(twins) == 1
        if size < NEAR and max(ours) < LIKE + MARGIN / 2:
            return False  # a few words, and much around them is another
        aligned = image == (at, at + size)
        for other in exact:
            if other != at:
                theirs = self._sides(i, j, other, other + size)
                known = aligned and settled(self.origin[other : other + size], i, j)
                if not self._is_better(
                    ours, theirs, known=known, apart=aligned and abs(other - at)
                ):
                    return False
        for twin in twins:
            if twin != i:
                theirs = self._sides(twin, twin + size, at, at + size)
                known = aligned and settled(self.image[twin : twin + size], at, at + size)
                if not self._is_better(ours, theirs, known=known, apart=aligned and abs(twin - i)):
                    return False
        return not (self._has_rival(i, j, at, ours) or self._has_double(i, j, at, at + size))

    def _is_better(
        self, ours: tuple[float, float], theirs: tuple[float, float], *, known: bool, apart: int
    ) -> bool:
        """Whether our place is better than another by far; or, where the alignment knows that as the place
        of others (`known`), hardly worse; or where whole pages are repeated, far apart, the aligned one."""
        if clearly(ours, theirs):
            return True
        whole = max(ours) >= WHOLE
        if known:
            return whole or sum(ours) >= sum(theirs) - MARGIN
        return whole and apart > 3 * FAR and min(theirs) >= WHOLE

    def _is_paragraph(self, i: int, j: int, at: int) -> bool:
        """Whether the words are a paragraph of their own in both texts, long enough to be known by itself:
        there is nothing about it that could have moved with it."""
        size = j - i
        return (
            size >= PARAGRAPH
            and self._image_of(i, j) is None
            and self.old.is_paragraph(i, j)
            and self.new.is_paragraph(at, at + size)
        )

    def _sides(self, i: int, j: int, k: int, m: int) -> tuple[float, float]:
        """How much of what stands before and after the old tokens `i` to `j` stands so around the new
        `k` to `m`: 0 to 1 for each side."""
        old, new = self.old.words, self.new.words
        left = agreement(old[max(i - FAR, 0) : i], new[max(k - FAR - SLACK, 0) : k])
        right = agreement(old[j : j + FAR], new[m : m + FAR + SLACK])
        return left, right

    def _is_among_its_own(self, i: int, j: int, k: int, m: int) -> bool:
        """Whether the words just before or just after are still there; or at both ends what stood there
        before something was put in between."""
        old, new = self.old.words, self.new.words
        before, after = old[max(i - NEAR, 0) : i], old[j : j + NEAR]
        near_left = LCSseq.similarity(before, new[max(k - NEAR, 0) : k])
        near_right = LCSseq.similarity(after, new[m : m + NEAR])
        if near_left >= ENOUGH or near_right >= ENOUGH:
            return True
        if self._image_of(i, j) == (k, m) and min(self._sides(i, j, k, m)) >= WHOLE:
            return True
        if len(before) + len(after) < ENOUGH:  # hardly anything but these words
            return bool(near_left + near_right == len(before) + len(after))
        left = any(
            self._follows(p + min(KEY, i), k, j) for p in self.new.occurrences(before[-KEY:])
        )
        right = any(self._precedes(q, m, i) for q in self.new.occurrences(after[:KEY]))
        return left and right

    def _follows(self, p: int, k: int, j: int) -> bool:
        """Whether between the end of what stood just before the words, at the new token `p`, and these, at
        `k`, there is nothing but what was put in: nothing that stood just after them."""
        gap = self.new.words[p:k]
        return p <= k <= p + FAR and not within(self.old.words[j : j + KEY], gap)

    def _precedes(self, q: int, m: int, i: int) -> bool:
        """The same of what stood just after the words, from `q` on, and the end of these, `m`."""
        gap = self.new.words[m:q]
        return m <= q <= m + FAR and not within(self.old.words[max(i - KEY, 0) : i], gap)

    def _has_rival(self, i: int, j: int, at: int, ours: tuple[float, float]) -> bool:
        """Whether another place has what stood around the words, as where they were cut out or
        altered while a copy of them stands at `at`. One that has its own place in the old text is none;
        nor, where the other side is untouched, one that has nothing like the words beside it."""
        old, new = self.old.words, self.new.words
        end, room = at + j - i, j - i + SLACK
        before, after = old[max(i - FAR, 0) : i], old[j : j + FAR]
        behind = [  # where places begin that have before them what these words had
            p + min(KEY, i)
            for p in self.new.occurrences(before[-KEY:])
            if self.origin[p + min(KEY, i) - 1] in (-1, i - 1)
        ]
        ahead = [q for q in self.new.occurrences(after[:KEY]) if self.origin[q] in (-1, j)]
        # Both together: the words were cut out there, or altered. Where they stand as they are, that
        # place has been weighed already.
        for k in behind:
            for q in ahead:
                if k == at or q == end or not k <= q <= k + room or new[k:q] == old[i:j]:
                    continue
                if not clearly(ours, self._sides(i, j, k, q)):
                    return True
        whole = self._is_whole(i, j, at, ours)
        for k in behind:
            if k == at or (
                self._follows(k, at, j) and not (at in behind and self._likes(i, j, new[k:at]))
            ):
                continue
            beside = new[k : min(k + room, at)] if k < at else new[k : k + room]
            if whole[1] and not self._likes(i, j, beside):
                continue
            if agreement(before, new[max(k - FAR - SLACK, 0) : k]) > ours[0] - MARGIN / 2:
                return True
        for q in ahead:
            if q == end or (
                self._precedes(q, end, i) and not (end in ahead and self._likes(i, j, new[end:q]))
            ):
                continue
            beside = new[max(q - room, end if q > end else 0) : q]
            if whole[0] and not self._likes(i, j, beside):
                continue
            if agreement(after, new[q : q + FAR + SLACK]) > ours[1] - MARGIN / 2:
                return True
        return False

    def _is_whole(self, i: int, j: int, at: int, ours: tuple[float, float]) -> tuple[bool, bool]:
        """Whether what stood before the words is there untouched, and so what stood after them: far, or as
        far as their paragraph goes, if that is some way."""
        before = self.old.words[max(self.old.paragraph_start(i), i - FAR) : i]
        after = self.old.words[j : min(self.old.paragraph_end(j), j + FAR)]
        end = at + j - i
        left = agreement(before, self.new.words[max(at - len(before) - KEY, 0) : at])
        right = agreement(after, self.new.words[end : end + len(after) + KEY])
        return (
            (len(before) >= NEAR and left >= WHOLE) or (i >= FAR and ours[0] >= WHOLE),
            (len(after) >= NEAR and right >= WHOLE)
            or (j + FAR <= len(self.old) and ours[1] >= WHOLE),
        )

    def _likes(self, i: int, j: int, words: Sequence[str]) -> bool:
        """Whether something among the words is much like the old ones `i` to `j`."""
        enough = LIKE if j - i >= NEAR else SHORT_LIKE
        return fuzz.partial_ratio(" ".join(self.old.words[i:j]), " ".join(words)) / 100 >= enough

    def _has_double(self, i: int, j: int, k: int, m: int) -> bool:
        """Whether words much like these stand just beside them that did not before: which are the altered
        ones and which were put in, the texts do not say."""
        if j - i < NEAR:
            return False
        words, room = " ".join(self.old.words[i:j]), j - i + SLACK
        for old, new in (
            (self.old.words[max(i - room, 0) : i], self.new.words[max(k - room, 0) : k]),
            (self.old.words[j : j + room], self.new.words[m : m + room]),
        ):
            now = fuzz.partial_ratio(words, " ".join(new)) / 100
            if now >= DOUBLE and now - fuzz.partial_ratio(words, " ".join(old)) / 100 > MARGIN / 2:
                return True
        return False

    def _has_moved(self, i: int, j: int, at: int, image: tuple[int, int] | None) -> bool:
        """Whether the words went to `at` with more than their sentence, which may as well have been copied
        there; and nothing like them is left where they stood."""
        if image is not None and (
            self._is_held(i, j, image) or self._likes(i, j, self.new.words[slice(*image)])
        ):
            return False
        first, last = self.old.sentence(i, j)
        begin, end = at - (i - first), at + last - i
        old, new = self.old.words, self.new.words
        before, after = old[max(first - NEAR, 0) : first], old[last : last + NEAR]
        if (
            LCSseq.similarity(before, new[max(begin - NEAR - KEY, 0) : max(begin + KEY, 0)])
            >= ENOUGH
        ):
            return True
        if LCSseq.similarity(after, new[max(end - KEY, 0) : end + NEAR + KEY]) >= ENOUGH:
            return True
        start, stop = self.old.paragraph_start(i), self.old.paragraph_end(j)
        here, there = self.new.paragraph_start(at), self.new.paragraph_end(at + j - i)
        return stop - start >= PARAGRAPH and old[start:stop] == new[here:there]

    def _is_held(self, i: int, j: int, image: tuple[int, int]) -> bool:
        """Whether the alignment has what stood just around the words still around `image`."""
        k, m = image
        before = [self.image[n] for n in range(max(i - NEAR, 0), i)]
        after = [self.image[n] for n in range(j, min(j + NEAR, len(self.old)))]
        left = sum(1 for n in before if n >= 0 and k - NEAR - SLACK <= n < k)
        right = sum(1 for n in after if m <= n < m + NEAR + SLACK)
        return left >= ENOUGH and right >= ENOUGH

    # --- What is not ---

    def _unsure(
        self,
        i: int,
        j: int,
        exact: list[int],
        image: tuple[int, int] | None,
        start: int,
        end: int,
    ) -> Place:
        size = j - i
        places = {(at, at + size): 1.0 for at in exact[:MOST]}
        held = image is not None and self._is_held(i, j, image)
        if image is not None and image not in places:
            likeness = self._likeness(i, j, image)
            kept = sum(1 for k in self.image[i:j] if image[0] <= k < image[1])
            if likeness >= ALIKE or (held and 2 * kept >= size):
                places[image] = likeness
        if image is not None and image in places and places[image] < 1 and held:
            # It stands where it stood, altered; copies of it elsewhere are copies.
            return self._changed(i, j, image, places[image])
        if held and image is not None and image not in places and exact:
            pass  # altered beyond likeness where it stood, and the same words elsewhere: ask
        elif not exact and not held:
            for near in self._alike(i, j):
                places.setdefault(near, self._likeness(i, j, near))
            places = self._best(i, j, places)
        if not places:
            return Place(Finding.ORPHANED)
        if len(places) == 1 and (likeness := next(iter(places.values()))) < 1:
            return self._changed(i, j, next(iter(places)), likeness)
        spans = tuple(
            self._offsets(i, j, k, start, end)
            if likeness == 1
            else (self.new.starts[k], self.new.ends[m - 1])
            for (k, m), likeness in sorted(places.items())
        )
        return Place(Finding.AMBIGUOUS, places=spans)

    def _changed(self, i: int, j: int, at: tuple[int, int], likeness: float) -> Place:
        here = (self.new.starts[at[0]], self.new.ends[at[1] - 1])
        return Place(Finding.CHANGED, *here, similarity=likeness, places=(here,))

    def _best(
        self, i: int, j: int, places: dict[tuple[int, int], float]
    ) -> dict[tuple[int, int], float]:
        """Those of the places that are alike enough, and with what stands around them nearly as much so as
        the best."""
        ranks = {place: n + sum(self._sides(i, j, *place)) / 4 for place, n in places.items()}
        best = max(ranks.values(), default=0)
        kept: dict[tuple[int, int], float] = {}
        for place in sorted(places, key=lambda place: -ranks[place]):
            apart = all(place[1] <= k or m <= place[0] for k, m in kept)
            if places[place] >= ALIKE and ranks[place] > best - MARGIN and apart:
                kept[place] = places[place]
        return kept

    def _likeness(self, i: int, j: int, at: tuple[int, int]) -> float:
        old, new = " ".join(self.old.words[i:j]), " ".join(self.new.words[at[0] : at[1]])
        return min(fuzz.ratio(old, new) / 100, ALMOST)

    def _image_of(self, i: int, j: int) -> tuple[int, int] | None:
        """Where the alignment has the tokens `i` to `j`: with what stands in place of the first or last
        of them, where those are no more. None where it has none of them, or what it has is scattered."""
        return image_of(self.image, i, j)

    def _alike(self, i: int, j: int) -> Iterator[tuple[int, int]]:
        """Yield the places that have runs of three tokens in common with the passage, the most promising
        first: for words that were altered and moved."""
        if self._index is None:
            self._index = {}
            for n in range(len(self.new) - 2):
                self._index.setdefault(tuple(self.new.words[n : n + 3]), []).append(n)
        votes: Counter[int] = Counter()
        step = max((j - i) // 200, 1)
        # Of a few words no run may be left: what stands around them counts, too.
        for n in range(max(i - NEAR, 0), min(j + NEAR, len(self.old)) - 2, step):
            for at in self._index.get(tuple(self.old.words[n : n + 3]), [])[:MOST]:
                votes[(at - n + i) // SLACK] += 1
        for diagonal, _ in votes.most_common(4):
            begin = max(diagonal * SLACK - SLACK, 0)
            finish = min(diagonal * SLACK + 2 * SLACK + j - i, len(self.new))
            around = (max(i - NEAR, 0), min(j + NEAR, len(self.old)))
            image = align(self.old.words[slice(*around)], self.new.words[begin:finish])
            found = image_of(image, i - around[0], j - around[0])
            if found is not None:
                yield found[0] + begin, found[1] + begin

    def _offsets(self, i: int, j: int, at: int, start: int, end: int) -> tuple[int, int]:
        """The code points of the place that reads as the old tokens `i` to `j`, from token `at` on; where
        the passage begins or ends within a word, within the same word."""
        last = at + j - i - 1
        begin, finish = self.new.starts[at], self.new.ends[last]
        if self._reads_the_same(i, at):
            begin += max(start - self.old.starts[i], 0)
        if self._reads_the_same(j - 1, last):
            finish -= max(self.old.ends[j - 1] - end, 0)
        return begin, finish

    def _reads_the_same(self, i: int, k: int) -> bool:
        old, new = self.old, self.new
        return old.text[old.starts[i] : old.ends[i]] == new.text[new.starts[k] : new.ends[k]]


def find(old: str, new: str, start: int, end: int) -> Place:
    """Return what became of `old[start:end]` in `new`: of one passage, what `Reanchoring` does of many."""
    return Reanchoring(old, new).find(start, end)


def as_cited(place: Place, exact: str, new: str) -> Place:
    """What `place`, found from words that a passage had become meanwhile, is of the words as they are
    cited, `exact`: if those are others, it has changed, however surely it is the place."""
    if place.finding not in (Finding.FOUND, Finding.MOVED):
        return place
    words, now = Tokens(exact).words, Tokens(new[place.start : place.end]).words
    if words == now:
        return place
    likeness = min(fuzz.ratio(" ".join(words), " ".join(now)) / 100, ALMOST)
    return Place(Finding.CHANGED, place.start, place.end, likeness, place.places)


def clearly(ours: tuple[float, float], theirs: tuple[float, float]) -> bool:
    """Whether a place is better than another: on no side worse, and on both together by far."""
    no_worse = ours[0] >= theirs[0] and ours[1] >= theirs[1]
    return no_worse and sum(ours) - sum(theirs) >= MARGIN


def settled(counterparts: Sequence[int], start: int, end: int) -> bool:
    """Whether most of some tokens have counterparts, by the alignment, and outside `start` to `end`."""
    own = sum(1 for n in counterparts if n >= 0 and not start <= n < end)
    return 2 * own > len(counterparts)


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
    """Where an alignment has the tokens `i` to `j`: see `Reanchoring._image_of`."""
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
