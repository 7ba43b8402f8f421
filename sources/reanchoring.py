"""Where the words of one edition of a text stand in another. Pure functions.

Words move with what stands around them, or it is not known that they moved. A place is certain (FOUND,
MOVED) where it reads the same, white space and the shape of quotation marks aside, where its surroundings
are those of the old place, and where no other place is nearly as good, neither in the new text nor for
other words of the old one. Everything else is for a person to decide: a look-alike elsewhere is never
taken for the place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from .token_alignment import FAR, KEY, MOST, NEAR, Tokens, agreement, align, image_of, within

ENOUGH = 5  # of these
SLACK = 16  # tokens that may have come in between
MARGIN = 0.15  # by how much a place has to be better than another, of 2 (1 for each side)
ALIKE = 0.5  # similarity from which other words are shown as what the words may have become
ALMOST = 0.999  # of words that are not the same
DOUBLE = 0.75  # similarity from which words just beside could be what these were
LIKE = 0.65  # similarity from which words could be what these were, and others a copy
SHORT_LIKE = 0.8  # the same of a few words, which are like many others
WHOLE = 0.85  # agreement from which one side is taken to be untouched
PARAGRAPH = 20  # tokens of a paragraph that is known by itself


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
        once = len(exact) == len(twins) == 1
        if (
            max(ours) < LIKE + MARGIN / 2
            and not self._is_beside_its_own(i, j, at)
            and not (once and self._keeps_its_paragraph(i, j, at))
        ):
            # Their sentence may be a copy, for what is around it is another; not so a whole paragraph that
            # stands once in each text.
            return False
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
        # A few words are like others: one side is then not enough, unless it is as good as untouched.
        enough = ENOUGH if j - i >= KEY or min(near_left, near_right) >= ENOUGH else NEAR - 1
        if max(near_left, near_right) >= enough:
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
            self._is_held(i, j, image) or self._likeness(i, j, image) >= LIKE
        ):
            return False
        return self._is_beside_its_own(i, j, at) or self._keeps_its_paragraph(i, j, at)

    def _keeps_its_paragraph(self, i: int, j: int, at: int) -> bool:
        """Whether the whole paragraph that the words are in stands at `at`, and is long enough to be known by
        itself."""
        start, stop = self.old.paragraph_start(i), self.old.paragraph_end(j)
        here, there = self.new.paragraph_start(at), self.new.paragraph_end(at + j - i)
        words, now = self.old.words[start:stop], self.new.words[here:there]
        same = LCSseq.similarity(words, now) / max(len(words), len(now))
        return len(words) >= PARAGRAPH and same >= WHOLE

    def _is_beside_its_own(self, i: int, j: int, at: int) -> bool:
        """Whether what stood just before or just after the sentence of the words stands so at `at`, too."""
        first, last = self.old.sentence(i, j)
        begin, end = at - (i - first), at + last - i
        old, new = self.old.words, self.new.words
        before, after = old[max(first - NEAR, 0) : first], old[last : last + NEAR]
        left = new[max(begin - NEAR - KEY, 0) : max(begin + KEY, 0)]
        right = new[max(end - KEY, 0) : end + NEAR + KEY]
        return bool(
            LCSseq.similarity(before, left) >= ENOUGH or LCSseq.similarity(after, right) >= ENOUGH
        )

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
