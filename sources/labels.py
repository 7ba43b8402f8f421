"""Find the speaker labels of a transcript: "MR. PRICE:", "Q    ", "Mr David Hanson (Delyn) (Lab):".

Nothing here knows a publisher. A label is believed for what it looks like, where it stands and how
often it comes back, in three steps:

1. Every line start that could be a label is a candidate with a *shape* (`classify`): capitals, a
   formal name with an honorific or a bracketed affiliation, initial and surname, a plain name, a
   single word, a role word such as "Question", or the bare Q of White House transcripts.
2. A candidate's *footing* says how well it stands there: at a paragraph's start, after a finished
   sentence, or on a line that merely continues a paragraph.
3. `find_labels` accepts shapes by their strength. "SECRETARY BLINKEN:" needs nothing more; a plain
   "Moscow:" must come back, beside other labels, or it is prose.

Texts that a scraper has flattened to one endless line get a second reading, `_inline_labels`.
All patterns are bounded, so that the time stays proportional to the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sources.label_shapes import INITIALS, UPPER, Shape, classify, normalise, person_key

MAX_LABEL = 160  # Hansard prints an office and a name in one label, about 100 characters
MAX_CANDIDATES = 100_000  # a turn every fifty characters of the largest file: a table, no meeting
INLINE_LINE = 1500  # a line this long is no paragraph of a page; labels may be inside it
_LEAD = re.compile(
    r"\s*(?:>\s*){0,3}(?P<mark>[*_]{0,3})[^\S\n]*"
    r"(?P<number>[TQ]?\d{1,3}\.\s+(?:\[\d{1,7}\]\s*)?)?(?P<mark2>[*_]{0,3})"
)
_Q = re.compile(
    r"Q(?P<digits>\d{0,2})(?P<colon>[*_]{0,3}[^\S\n]{0,3}:(?!\d)[*_]{0,3}|\.(?=\s))?[*_]{0,3}"
)
_SENTENCE_END = re.compile(r"[.?!…:;—–\-)\]\"”’»*_#]\Z")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*+\n)++")
_SLIP = re.compile(
    rf"[^\S\n]*+(?P<label>[{UPPER}][^\s:]{{0,30}}(?: [{UPPER}#][^\s:]{{0,30}}){{1,6}}?)"
    r"[.;,]?[^\S\n]{2,9}(?=\S)"
)


class TooManyLabels(ValueError):
    """More lines look like labels than any meeting has turns."""


class Label(NamedTuple):
    """A speaker label in a text. Offsets are Unicode code points into that text."""

    printed: str  # exactly as printed, without colon, emphasis marks and outer white space
    start: int  # where the label begins, its indentation, number and emphasis marks included
    words: int  # where the speaker's words begin
    numbered: bool = False  # printed with a number before it, as Hansard prints oral questions


class _Candidate(NamedTuple):
    label: Label
    shape: Shape
    key: str  # what recurrence is counted by
    paragraph: bool  # a blank line (or nothing) stands before
    sentence: bool  # the line before it ends a sentence, or is too short to be wrapped prose
    speech: bool  # words follow on the same line
    strong: bool  # of a bare Q: set off by more than one space


_Found = tuple[str, int, Shape, bool]  # label as printed, offset behind it, shape, strong


def _candidates(text: str, start: int) -> Iterator[_Candidate]:
    """Every line from `start` that begins as a label may begin."""
    position, before = start, ""
    for line in text[start:].split("\n"):
        head = line[: MAX_LABEL + 200].lstrip()
        if head:
            if ":" in head or "Q" in head[:12]:
                candidate = _candidate(text, position, line, before)
                if candidate:
                    yield candidate
            before = line[-120:].rstrip() or "x" * min(len(line), 120)
        else:
            before = ""
        position += len(line) + 1


def _candidate(text: str, position: int, line: str, before: str) -> _Candidate | None:
    lead = _LEAD.match(line)
    if lead is None:  # cannot be: every part of the pattern may be empty
        return None
    begin = lead.end()
    found = _bare_q(line, begin) or _with_colon(line, begin)
    numbered = bool(lead["number"]) and found is not None
    if found is None and lead["number"] and lead["number"].startswith("Q"):
        found = _bare_q(line, lead.start("number"))  # "Q1. Where were you?"
    if found is None:
        return None
    printed, after, shape, strong = found
    emphasis = lead["mark"] or lead["mark2"]
    if emphasis and line.startswith(emphasis, after):
        after += len(emphasis)
    tail = line[after:]
    words = position + after + len(tail) - len(tail.lstrip())
    label = Label(printed, position, words, numbered)
    key = "q" if shape is Shape.Q else normalise(printed)
    sentence = not before or bool(_SENTENCE_END.search(before)) or len(before) <= 60
    return _Candidate(label, shape, key, not before, sentence, bool(tail.strip()), strong)


def _bare_q(line: str, begin: int) -> _Found | None:
    """ "Q    Thank you", "Q: Thank you": strong with a colon or with more than one space."""
    q = _Q.match(line, begin)
    if q is None:
        return None
    gap = line[q.end() : q.end() + 2]
    if not q["colon"] and (q["digits"] or (gap and not gap[0].isspace())):
        return None
    apart = bool(q["colon"]) or gap[:1] in "\t\u00a0" or gap.isspace()
    return "Q" + q["digits"], q.end(), Shape.Q, apart and bool(line[q.end() :].strip())


def _with_colon(line: str, begin: int) -> _Found | None:
    rest = line[begin : begin + MAX_LABEL + 2]
    colon = rest.find(":")
    printed = rest[:colon].rstrip().rstrip("*_").strip() if colon > 0 else ""
    shape = classify(printed) if printed else None
    after = begin + colon + 1
    follows = line[after : after + 2]
    if shape is None or follows == "//" or (printed[-1].isdigit() and follows[:1].isdigit()):
        return None
    return printed, after, shape, True


def find_labels(text: str, start: int = 0) -> list[Label]:
    """The speaker labels of `text` from `start` on, in their order; an empty list if none.

    Raises `TooManyLabels` beyond `MAX_CANDIDATES`.
    """
    candidates = list(islice(_candidates(text, start), MAX_CANDIDATES + 1))
    if len(candidates) > MAX_CANDIDATES:
        raise TooManyLabels
    accepted = _accept(candidates)
    accepted += _without_colon(text, start, accepted)
    inline = _inline_labels(text, start)
    if len(inline) > len(accepted):
        taken = {label.words for label in inline}
        accepted = [label for label in accepted if label.words not in taken] + inline
    return sorted(accepted, key=lambda label: label.start)


def _accept(candidates: list[_Candidate]) -> list[Label]:
    footing = [c for c in candidates if c.paragraph or c.sentence]
    count = Counter(c.key for c in candidates)
    firm = Counter(c.key for c in footing)
    by_shape: dict[Shape, Counter[str]] = {shape: Counter() for shape in Shape}
    for c in footing:
        by_shape[c.shape][c.key] += 1

    known = [c for c in candidates if _is_known(c)]
    caps_document = len(known) + by_shape[Shape.CAPS].total() > 3
    first = min((c.label.start for c in known), default=None)
    people = {person_key(c.label.printed) for c in known}
    strong_q = any(c.shape is Shape.Q and c.strong for c in footing)
    unknown_caps = {c.key for c in footing if c.shape is Shape.CAPS and c.paragraph and c.speech}
    names = _settled_names(by_shape, caps_document=caps_document, known=bool(known or strong_q))
    people |= {person_key(key) for key in names}

    def believed(c: _Candidate) -> bool:
        alias = person_key(c.label.printed) in people
        stands = c.paragraph or c.sentence
        if c.shape is Shape.Q:
            return stands and (c.strong or (c.paragraph and bool(known or strong_q or names)))
        if c.shape is Shape.ROLE:
            others = len(count) > 1 and (known or names or len(by_shape[Shape.ROLE]) > 1)
            return stands and bool(others or strong_q or firm[c.key] > 2)
        if c.shape is Shape.CAPS_KNOWN:
            return True
        if c.shape is Shape.CAPS:
            if (count[c.key] > 1 and firm[c.key]) or (alias and stands):
                return True
            later = first is not None and c.label.start > first
            lonely = any(map(str.isdigit, c.key)) or not c.speech
            return c.paragraph and not lonely and (later or len(unknown_caps) > 1)
        if not stands:
            return False
        if caps_document and not alias:
            return firm[c.key] > 1 and c.shape is not Shape.WORD and c.paragraph and c.key in names
        return c.key in names or (alias and c.shape is not Shape.WORD) or (
            alias and c.paragraph
        )  # fmt: skip

    return [c.label for c in candidates if believed(c)]


def _is_known(c: _Candidate) -> bool:
    return c.shape is Shape.CAPS_KNOWN or (c.shape is Shape.Q and c.strong and c.paragraph)


def _settled_names(
    by_shape: dict[Shape, Counter[str]], *, caps_document: bool, known: bool
) -> set[str]:
    """The keys of mixed-case labels that the document as a whole makes believable."""
    formal, bracketed = by_shape[Shape.FORMAL], by_shape[Shape.BRACKETED]
    initials, plain, words = (by_shape[s] for s in (Shape.INITIALS, Shape.NAME, Shape.WORD))
    settled: set[str] = set(formal)
    if len(bracketed) > 1 or settled or bracketed.total() > 1:
        settled |= set(bracketed)
    if initials.total() > 1 or (initials and known):
        settled |= set(initials)
    recurring = {key for key, times in plain.items() if times > 1}
    roles = bool(by_shape[Shape.ROLE])
    if len(recurring) > 1 or settled or max(plain.values(), default=0) > 2 or (
        recurring and (len(plain) > 1 or roles or known)
    ):  # fmt: skip
        settled |= recurring
    if settled and not caps_document:
        settled |= set(plain)  # where names are labels, someone may speak once
    again = {key for key, times in words.items() if times > 1}
    if len(again) > 1 or (again and (settled or roles)):
        settled |= again
    return settled


def _without_colon(text: str, start: int, accepted: list[Label]) -> list[Label]:
    """Slips of the typist: "PRESIDENT TRUMP.  Yeah." where all the others have a colon.

    Only in capitals, with a title or as already printed, at a paragraph's start, set off by two
    spaces.
    """
    known = {label.printed for label in accepted if " " in label.printed}
    taken = {label.start for label in accepted}
    found: list[Label] = []
    if not known:
        return found
    for blank in _BLANK_LINES.finditer(text, start):
        slip = _SLIP.match(text, blank.end())
        if slip and blank.end() not in taken:
            printed = slip["label"].rstrip(".,;")
            shape = classify(printed)
            if shape is Shape.CAPS_KNOWN or (shape is Shape.CAPS and printed in known):
                found.append(Label(printed, blank.end(), slip.end()))
    return found


_CAPS_WORD = rf"[{UPPER}][{UPPER}.’'-]"
_INLINE = re.compile(
    rf"(?<!\S)(?:{INITIALS}"
    rf"|(?:(?:MR|MRS|MS|DR)\.? )?{_CAPS_WORD}{{2,30}}(?: [{UPPER}#0-9][{UPPER}.’'-]{{0,30}}){{0,5}}"
    rf"|[{UPPER}][\w’'-]{{1,30}}(?: [{UPPER}][\w’'-]{{1,30}}){{0,5}}"
    r")(?: \([^()]{1,80}\))?:(?=\s)"
)
_INLINE_BEFORE = re.compile(r"(?:[.?!…»”\")\]—–]|\d{4}(?: года| року)?|\d:\d\d)\s*\Z")


def _inline_labels(text: str, start: int) -> list[Label]:
    """Labels inside endless lines, where a scraper has lost every paragraph break.

    Only at the end of a sentence or of a date (a page's link to a dated event), and only where
    such labels come back: four of them at the least, one of them twice.
    """
    found: list[tuple[Label, Shape]] = []
    position = start
    for line in text[start:].split("\n"):
        if len(line) > INLINE_LINE:
            found += _inline_candidates(line, position, first=not found)
            if len(found) > MAX_CANDIDATES:
                raise TooManyLabels
        position += len(line) + 1
    count = Counter(normalise(label.printed) for label, _ in found)
    weak = {Shape.NAME, Shape.WORD, Shape.CAPS, Shape.FORMAL, Shape.BRACKETED}
    again = {label.printed for label, _ in found if count[normalise(label.printed)] > 1}
    kept = []
    for label, shape in found:
        if shape not in weak or count[normalise(label.printed)] > (2 if shape is Shape.WORD else 1):
            kept.append(label)
            continue
        # "Moscow Vladimir Putin:" is a place, the last of the heading, before a label that recurs.
        parts = label.printed.split(" ")
        endings = (" ".join(parts[skip:]) for skip in range(1, len(parts)))
        known = next((ending for ending in endings if ending in again), None)
        if known:
            begins = label.start + len(label.printed) - len(known)
            kept.append(Label(known, begins, label.words))
    recurs = any(times > 1 for times in count.values())
    return kept if len(kept) >= 4 and recurs else []


def _inline_candidates(line: str, position: int, *, first: bool) -> Iterable[tuple[Label, Shape]]:
    for match in _INLINE.finditer(line):
        printed = match.group()[:-1]
        shape = classify(printed)
        at = match.start()
        if shape is None or not (
            first or at == 0 or _INLINE_BEFORE.search(line[max(0, at - 20) : at])
        ):
            continue
        first = False
        gap = line[match.end() : match.end() + 40]
        words = position + match.end() + len(gap) - len(gap.lstrip())
        yield Label(printed, position + at, words), shape
