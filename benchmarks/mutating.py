"""A text and what becomes of it by seeded edits, with the true place of each of its characters.

Every character of the first text has its index as its identity. It keeps it when it is moved; what stands
in place of replaced characters inherits theirs; what is put in, a copy of other words too, has none.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from rapidfuzz.distance import LCSseq

SENTENCE = re.compile(r"[^\s.!?][^.!?]*[.!?]+[”\"’)]*")
WORD = re.compile(r"\w+")
PARAGRAPH = re.compile(r"(?:[^\n]|\n(?!\s*\n))+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PLAIN = str.maketrans("“”‘’—–", "\"\"''--")
NEW = -1


@dataclass
class Mutated:
    """A text under way: its characters, and the identity of each."""

    text: str
    ids: list[int] = field(default_factory=list)
    # Of the second of two sentences that stand in a row and read the same: the identities of the first.
    again: dict[int, int] = field(default_factory=dict)
    copies: int = NEW
    # Spans of identities whose sentence stands twice in a row: which is which, the text does not say.
    doubled: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = self.ids or list(range(len(self.text)))

    def replace(
        self,
        start: int,
        end: int,
        text: str,
        *,
        inherit: bool = True,
        twin: list[int] | None = None,
    ) -> None:
        """Put `text` in place of a span; with `inherit` it is what the span has become, and of a sentence
        that is said twice in a row `twin` has the identities of the first."""
        old = self.ids[start:end]
        inherited = (
            [old[n * len(old) // len(text)] for n in range(len(text))]
            if inherit and old
            else [NEW] * len(text)
        )
        if twin is not None:
            for n, one in enumerate(twin):
                self.copies -= 1
                self.again[self.copies] = one
                inherited[len(text) - len(twin) + n] = self.copies
        self.text = self.text[:start] + text + self.text[end:]
        self.ids[start:end] = inherited

    def move(self, start: int, end: int, to: int) -> None:
        """Move a span to before the character that stands at `to`, outside it."""
        text, ids = self.text[start:end], self.ids[start:end]
        if to > end:
            to -= end - start
        self.text, self.ids = self.text[:start] + self.text[end:], self.ids[:start] + self.ids[end:]
        self.text = self.text[:to] + text + self.text[to:]
        self.ids[to:to] = ids


# --- Edits: each takes the text and a random number generator, and does one thing somewhere ---


def typo(it: Mutated, rng: random.Random) -> None:
    word = somewhere(it, rng, WORD, least=4)
    if word is None:
        return
    start, end = word
    letters = it.text[start:end]
    at = rng.randrange(len(letters) - 1)
    new = rng.choice(
        [
            letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :],
            letters[:at] + letters[at + 1 :],
            letters[:at] + rng.choice(LETTERS) + letters[at + 1 :],
            letters[:at] + letters[at] + letters[at:],
        ]
    )
    it.replace(start, end, new)


def other_word(it: Mutated, rng: random.Random) -> None:
    word, other = somewhere(it, rng, WORD, least=3), somewhere(it, rng, WORD, least=3)
    if word and other:
        it.replace(*word, it.text[slice(*other)])


def insertion(it: Mutated, rng: random.Random) -> None:
    """Some words of elsewhere, or a whole sentence made of them."""
    words = [
        w for w in (somewhere(it, rng, WORD) for _ in range(rng.choice([1, 2, 3, 8, 20]))) if w
    ]
    at = somewhere(it, rng, WORD)
    if at and words:
        it.replace(at[0], at[0], " ".join(it.text[a:b] for a, b in words) + " ", inherit=False)


def deletion(it: Mutated, rng: random.Random) -> None:
    """A word or a few, or a sentence."""
    span = somewhere(it, rng, rng.choice([WORD, WORD, SENTENCE]))
    if span and span[1] - span[0] < 600:
        it.replace(*span, "")


def duplicate(it: Mutated, rng: random.Random) -> None:
    """A copy of a sentence elsewhere, or just behind it."""
    span, to = somewhere(it, rng, SENTENCE, least=12), somewhere(it, rng, SENTENCE)
    if span is None or to is None or span[1] - span[0] > 600:
        return
    if rng.random() < 0.25:
        kept = [n for n in it.ids[slice(*span)] if n >= 0]
        if kept:
            it.doubled.append((min(kept), max(kept) + 1))
        to = span
    twin = it.ids[slice(*span)] if to == span else None
    it.replace(to[1], to[1], " " + it.text[slice(*span)], inherit=False, twin=twin)


def move_paragraph(it: Mutated, rng: random.Random) -> None:
    span, to = somewhere(it, rng, PARAGRAPH, least=200), somewhere(it, rng, PARAGRAPH)
    if span is None or to is None or span[0] <= to[0] <= span[1]:
        return
    start, end = span
    while end < len(it.text) and it.text[end].isspace():
        end += 1
    if not start <= to[0] <= end:
        it.move(start, end, to[0])


def reflow(it: Mutated, rng: random.Random) -> None:
    """Break the lines elsewhere, within paragraphs."""
    width, column = rng.choice([40, 60, 72, 90, 10_000]), 0
    for match in list(re.finditer(r"\s+", it.text)):
        start, end = match.span()
        if it.text[start:end].count("\n") > 1:
            column = end
        elif end - start == 1:
            new = "\n" if start - column > width else " "
            column = end if new == "\n" else column
            it.text = it.text[:start] + new + it.text[end:]


def marks(it: Mutated, rng: random.Random) -> None:
    """Print quotation marks and dashes another way."""
    it.text = it.text.translate(PLAIN)


def somewhere(
    it: Mutated, rng: random.Random, what: re.Pattern[str], *, least: int = 1
) -> tuple[int, int] | None:
    """The span of one of `what`, at random, of at least so many characters; None if there is none near."""
    begin = rng.randrange(max(len(it.text) - 200, 1))
    for match in what.finditer(it.text, begin):
        if match.start() > begin and match.end() - match.start() >= least:
            return match.span()
    return None


EVERYWHERE = (
    (typo, 1_500),
    (other_word, 4_000),
    (insertion, 4_000),
    (deletion, 5_000),
    (duplicate, 4_000),
)


def mutate(text: str, passages: list[tuple[int, int]], rng: random.Random) -> Mutated:
    """Return the text after edits all over it (one for so many characters), some of them aimed at the
    `passages`: in one of eight words are replaced, one of sixteen is cut out."""
    it = Mutated(text)
    edits = [edit for edit, each in EVERYWHERE for _ in range(len(text) // each + 1)]
    edits += [move_paragraph] * rng.randrange(1, min(len(text) // 10_000, 3) + 2)
    edits += [reflow] * rng.randrange(2) + [marks] * rng.randrange(2)
    rng.shuffle(edits)
    for edit in edits:
        edit(it, rng)
    for passage in passages:
        aimed = rng.random()
        if aimed > 3 / 16:
            continue
        place = truth(it, text, *passage)
        if place is None:
            continue
        if aimed < 1 / 16:
            it.replace(*place, "")
        else:
            words = list(WORD.finditer(it.text, *place))
            for match in rng.sample(words, min(len(words), rng.choice([1, 1, 2]))):
                if it.text[match.start() : match.end()] == match[0]:
                    it.replace(*match.span(), "".join(rng.sample(LETTERS, 6))[: len(match[0])])
    return it


def truth(it: Mutated, old: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the passage of the `old` text stands in the mutated one: from the first of its characters
    to the last. None where it has no one place any more: where what is left of it is not together, or less
    than half of the words (of both together) are the same."""
    here = [at for at, n in enumerate(it.ids) if start <= n < end]
    if not here:
        return None
    first, last = here[0], here[-1] + 1
    while first < last and it.text[first].isspace():
        first += 1
    while first < last and it.text[last - 1].isspace():
        last -= 1
    order = [it.ids[at] for at in here]
    strangers = sum(1 for n in it.ids[first:last] if n >= 0 and not start <= n < end)
    if first == last or strangers or order != sorted(order):
        return None
    before, after = reads(old[start:end]), reads(it.text[first:last])
    alike = 2 * LCSseq.similarity(before, after) / (len(before) + len(after) or 1)
    return (first, last) if alike >= 0.5 else None


def reads(text: str) -> list[str]:
    """Its words and marks, however they are spaced and printed."""
    return re.findall(r"\w+|[^\w\s]", text.translate(PLAIN))


def choose(text: str, number: int, rng: random.Random) -> list[tuple[int, int]]:
    """Return so many passages: phrases of two words and of some, sentences, and several in a row."""
    words = [match.span() for match in WORD.finditer(text)]
    sentences = [m.span() for m in SENTENCE.finditer(text) if 2 * 4 < m.end() - m.start() < 500]
    chosen = []
    for _ in range(number):
        kind = rng.random()
        if kind < 0.6:
            size = rng.choice([2, 3, 4, 5, 6, 8, 10, 14, 20])
            at = rng.randrange(len(words) - size)
            chosen.append((words[at][0], words[at + size - 1][1]))
        elif kind < 0.85:
            chosen.append(rng.choice(sentences))
        else:
            at = rng.randrange(len(sentences) - 3)
            chosen.append((sentences[at][0], sentences[at + rng.choice([1, 2])][1]))
    return chosen


def own(it: Mutated, place: tuple[int, int], start: int, end: int) -> float:
    """Return how much of a place in the mutated text is the passage's own: characters that it had, or their
    copies where its sentence is said twice in a row."""
    ids = [it.again.get(n, n) for n in it.ids[slice(*place)]]
    return sum(1 for n in ids if start <= n < end) / max(len(ids), 1)
