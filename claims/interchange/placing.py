"""Where in a text an annotation made elsewhere belongs: one place, or a reason why none. Pure.

Spans are (start, end) in code points of the text, start inclusive, end exclusive, as the Web Annotation
Data Model has it in sections 4.2.4 and 4.2.5 ("in terms of unicode code points … not in terms of code
units"). Programs that run in a browser count UTF-16 code units all the same, of a text of their own;
hence their offsets never decide alone.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

Span = tuple[int, int]
# For so many quotations that the text does not read, `Text.difference` looks for what it nearly reads: each
# takes a millisecond or two in a long text.
HINTS = 300

WHITE = re.compile(r"\s+")
# Quotation marks, apostrophes and dashes that programs put in each other's place, each as the plain one.
TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)


class Status(StrEnum):
    FOUND = "FOUND"  # one place, exactly
    AMBIGUOUS = "AMBIGUOUS"  # several, and nothing tells which
    ORPHANED = "ORPHANED"  # none
    REFUSED = "REFUSED"  # malformed: there was nothing to look for


@dataclass(frozen=True)
class Quote:
    """A TextQuoteSelector: the words, and those just before and after, as far as given."""

    exact: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Placement:
    status: Status
    reason: str  # why, in words; empty where a quotation was simply found
    span: Span | None = None  # where, if FOUND
    places: int = 0  # how many places read the words


class Text:
    """A text in which quotations are looked up, thousands of them, each in a fraction of a millisecond."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._occurrences: dict[str, dict[int, Span]] = {}
        self._hints = 0

    @property
    def all_hinted(self) -> bool:
        """Whether `difference` has looked for every quotation that it was asked about."""
        return self._hints <= HINTS

    @cached_property
    def _flat(self) -> tuple[str, list[int]]:
        """The text with one blank for each run of white space, and where each code point came from."""
        return WHITE.sub(" ", self.text), [
            place
            for run in re.finditer(r"\s+|\S+", self.text)
            for place in (
                [run.start()] if run.group()[:1].isspace() else range(run.start(), run.end())
            )
        ]

    @cached_property
    def _dense(self) -> tuple[str, list[int]]:
        """The text without white space, and where each code point came from."""
        return WHITE.sub("", self.text), [
            place for run in re.finditer(r"\S+", self.text) for place in range(*run.span())
        ]

    @cached_property
    def _beyond_plane_0(self) -> list[int]:
        """Where the characters are that take two UTF-16 code units."""
        return [match.start() for match in re.finditer("[\U00010000-\U0010ffff]", self.text)]

    def in_utf16(self, span: Span) -> Span:
        """Return `span` as a program would give it that counts UTF-16 code units."""
        start, end = (place + bisect_left(self._beyond_plane_0, place) for place in span)
        return start, end

    def reads(self, exact: str, *, prefix: str = "", suffix: str = "") -> list[Span]:
        """Return the spans that read `exact`, between `prefix` and `suffix`, overlapping ones included.

        Between words, any white space stands for any other; at the ends of `exact` it belongs to the
        span only where the text has the very same. In `prefix` and `suffix` it does not count at all:
        where a page ends a paragraph, a program may have put none. Blank `exact`: none.
        """
        spans = self._reading(exact)
        if not (prefix.strip() or suffix.strip()):
            return list(spans.values())
        dense, origins = self._dense
        before, words, after = (WHITE.sub("", part) for part in (prefix, exact, suffix))
        starts = (origins[place + len(before)] for place in _finds(dense, before + words + after))
        return [spans[start] for start in starts if start in spans]

    def _reading(self, exact: str) -> dict[int, Span]:
        """Return the spans that read `exact`, each under the place where its first word begins."""
        known = self._occurrences.get(exact)
        if known is None:
            core = exact.strip()
            lead = exact[: len(exact) - len(exact.lstrip())]
            trail = exact[len(exact.rstrip()) :]
            flat, origins = self._flat
            words = WHITE.sub(" ", core)
            known = {}
            for place in _finds(flat, words) if words else ():
                start, end = origins[place], origins[place + len(words) - 1] + 1
                first = start - len(lead) * self.text.endswith(lead, 0, start)
                last = end + len(trail) * self.text.startswith(trail, end)
                known[start] = (first, last)
            self._occurrences[exact] = known
        return known

    def difference(self, exact: str) -> str:
        """Say in what alone the text differs where it almost reads `exact`; empty if that is not easily
        told, and after the first HINTS."""
        self._hints += 1
        if not self.all_hinted:
            return ""
        for what, fold in FOLDS.items():
            folded = self._folded.get(what)
            if folded is None:
                folded = self._folded[what] = fold(self.text)
            if (words := fold(exact)) and words in folded:
                return what
        return ""

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {}


def _finds(text: str, words: str) -> list[int]:
    """Return where `words` begins in `text`, overlaps included."""
    found = []
    place = text.find(words)
    while place >= 0:
        found.append(place)
        place = text.find(words, place + 1)
    return found


def _canonical(text: str) -> str:
    return WHITE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _plain(text: str) -> str:
    return _canonical(text).translate(TYPOGRAPHY).replace("...", "…")


# Told, never acted upon.
FOLDS: dict[str, Callable[[str], str]] = {
    "the white space between words": lambda text: WHITE.sub("", text),
    "its Unicode normalisation (NFC or NFD)": _canonical,
    "its quotation marks, apostrophes or dashes": _plain,
    "capital and small letters": lambda text: _plain(text).casefold(),
    "its typography": lambda text: WHITE.sub(
        "", _plain(unicodedata.normalize("NFKC", text)).casefold()
    ).replace("\u00ad", ""),
}


def place(
    text: Text, quote: Quote | None, position: Span | None, *, of_this_text: bool = False
) -> Placement:
    """Return where in `text` an annotation belongs that quotes `quote` and gives the offsets `position`.

    `of_this_text`: it names this very text by its digest, so that its offsets are of this text. Those of
    an annotation that names no text, or another, count only where they agree with all else.
    """
    if position is not None and of_this_text:
        return _by_offsets(text, quote, position)
    if quote is None:
        if position is None:
            return Placement(Status.ORPHANED, "It quotes nothing: it has no TextQuoteSelector.")
        return Placement(
            Status.ORPHANED,
            "It gives offsets without a quotation, and does not name the text that they are of: "
            "nothing can verify them.",
        )
    if not quote.exact.strip():
        return Placement(Status.ORPHANED, "Its quotation is blank.")
    spans = text.reads(quote.exact)
    if not spans:
        what = text.difference(quote.exact)
        hint = f" A place differs from it in {what} alone: look there." if what else ""
        return Placement(Status.ORPHANED, f"The text does not read this.{hint}")
    if len(spans) == 1:
        return _only(text, quote, spans[0])
    return _of_several(text, quote, position, spans)


def _by_offsets(text: Text, quote: Quote | None, position: Span) -> Placement:
    start, end = position
    if not 0 <= start < end <= len(text.text):
        reason = f"It names this very text, but its offsets {start}–{end} are not within it."
        return Placement(Status.ORPHANED, reason)
    if not text.text[start:end].strip():
        reason = f"It names this very text, but its offsets {start}–{end} mark white space only."
        return Placement(Status.ORPHANED, reason)
    if quote is not None:
        words, quoted = (
            WHITE.sub(" ", part).strip() for part in (text.text[start:end], quote.exact)
        )
        if words != quoted:
            return Placement(
                Status.ORPHANED,
                f"It names this very text, but at its offsets {start}–{end} that reads “{cut(words)}”.",
            )
    return Placement(Status.FOUND, "By its offsets: it names this very text.", position, 1)


def _only(text: Text, quote: Quote, span: Span) -> Placement:
    """One place reads the words. It is another one where all that is given of its surroundings differs."""
    given = [
        side
        for side in ({"prefix": quote.prefix}, {"suffix": quote.suffix})
        if any(words.strip() for words in side.values())
    ]
    if given and not any(text.reads(quote.exact, **side) for side in given):
        return Placement(
            Status.ORPHANED,
            f"The one place that reads this ({span[0]}–{span[1]}) stands between other words than those "
            "that it gives: look there.",
            places=1,
        )
    return Placement(Status.FOUND, "", span, 1)


def _of_several(text: Text, quote: Quote, position: Span | None, spans: list[Span]) -> Placement:
    count = f"{len(spans)} places read this"
    if not (quote.prefix.strip() or quote.suffix.strip()):
        reason = f"{count}, and it does not give the words before or after."
        return Placement(Status.AMBIGUOUS, reason, places=len(spans))
    fitting = text.reads(quote.exact, prefix=quote.prefix, suffix=quote.suffix)
    if len(fitting) == 1:
        reason = f"{count}; the words before and after tell which."
        return Placement(Status.FOUND, reason, fitting[0], len(spans))
    if not fitting:
        reason = f"{count}, none of them between the words that it gives before and after."
        return Placement(Status.AMBIGUOUS, reason, places=len(spans))
    # Whoever counts UTF-16 code units may mean another of these places than whoever counts code points.
    meant = [
        span
        for span in fitting
        if position in (span, text.in_utf16(span)) and text.text[slice(*span)] == quote.exact
    ]
    if len(meant) == 1:
        reason = f"{count}, {len(fitting)} of them between the same words; its offsets tell which."
        return Placement(Status.FOUND, reason, meant[0], len(spans))
    reason = f"{count}, {len(fitting)} of them between the same words."
    return Placement(Status.AMBIGUOUS, reason, places=len(spans))


def cut(words: str, length: int = 60) -> str:
    """Return the beginning of `words`, in one line."""
    line = WHITE.sub(" ", words).strip()
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
