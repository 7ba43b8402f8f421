"""Text of a transcript -> its header and turns. Pure: no database, no network, no clock.

What counts as a transcript
---------------------------
A text with speaker labels (`sources.labels`) is a transcript. A text without any is still one
person's speech if it reads as prose: at least three sentences and forty words, mostly letters, and
sentences of a length that people speak. It becomes a single turn with an empty label. All else,
such as lists, tables, code or loose words, is refused with `TranscriptError`.

Weak labels (no title, no role word, no question) have to prove themselves the other way round: at
least a third of the turns must hold a sentence, or the "labels" are the keys of a table.

Offsets are Unicode code points into the text as given, start inclusive, end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sources.header import Header, front_matter, parse_header, words_begin
from sources.label_shapes import MODERATION_WORDS, QUESTION_WORDS, Shape, classify, role_word
from sources.labels import Label, TooManyLabels, find_labels
from sources.roles import Role, Spoken, assign_roles

__all__ = ["Header", "ParsedTranscript", "ParsedTurn", "TranscriptError", "parse_transcript"]


class TranscriptError(ValueError):
    """The document cannot be imported as a transcript; the message says why, for a person."""


@dataclass(frozen=True)
class ParsedTurn:
    """One speaker's uninterrupted words: `text[start:end]`, in code points.

    `label` is exactly as printed, without the colon; `position` counts from 1.
    """

    position: int
    label: str
    role: Role
    start: int
    end: int


@dataclass(frozen=True)
class ParsedTranscript:
    """A transcript's header and its turns, in order and without overlap."""

    header: Header
    turns: tuple[ParsedTurn, ...]


_END = re.compile(
    r"^[^\S\n]*+[*_]{0,3}(?:[(\[]|[-–—]{1,3}[ ]?)?"
    r"(?:END|End of (?:transcript|recording|call|event))"
    r"(?:[^\S\n]{1,80}\d{1,2}:\d{2}[^\n]{0,30})?[)\]]?(?:[ ]?[-–—]{1,3})?[*_]{0,3}[^\S\n]*+$",
    re.MULTILINE,
)
# Signs of the press trade that nothing follows, and the imprint below a Kremlin page.
_END_OF_DOCUMENT = re.compile(
    r"^[^\S\n]*+(?:\#[ ]?\#[ ]?\#|-[ ]?30[ ]?-|END TRANSCRIPT|\[END\]|"
    r"(?:See also|Topics|Tags|Смотрите также|Темы)|"
    r"(?:Publication status|Статус материала)\b.*)[^\S\n]*+$",
    re.MULTILINE,
)
_IMPRINT = re.compile(r"\s(?:Статус материала Опубликован|Publication status Published)\b")
_SEE_ALSO = re.compile(
    r"(?:Смотрите также|See also)\s(?:(?![.?!…]\s)[^\n]){1,300}\d{4}(?:\sгода|\sроку)?\Z"
)
_FURNITURE = re.compile(
    r"""[*_(\[]{0,3}(?:
      \d{1,2}[:.]\d{2}\s*(?:[AaPp]\.?\s?[Mm]\.?)(?:\s*\(?(?:[A-Z]{2,5}|[Ll]ocal(?:\s[Tt]ime)?)\)?)?
    | \d{1,2}\s?[ap]\.?m\.?
    | (?:[*\#_=~•–—-]\s?){3,80}
    | \#{1,6}\s.{1,200}
    | \d{1,2}\s\w{3,9}\s\d{4}\s*:\s*Column\s\w{1,10}
    | <\s?(?:…|\.\.\.)\s?>
    | (?<=[(\[])(?:The|Whereupon)\b[^()]{0,160}\b(?:concluded|adjourned|ended|recessed)\b[^()]{0,80}
    | Question\s(?:again\s)?(?:put|proposed)\b.{0,80}
    | Several\shon\.?\sMembers\srose\W{0,3}
    | Page\s\d{1,5}(?:\sof\s\d{1,5})?
    | <?https?://\S+
    | (?:Back\sto\stop|Previous\sSection|Next\sSection|Home\sPage|Index|Print|Share|Tags|Topics)
    )[*_)\]]{0,3}\.?""",
    re.VERBOSE,
)
_SENTENCE = re.compile(r"[^\W\d_][^.?!…]{0,20}?[.?!…]+[\"”’»)\]*_]{0,3}(?=\s|\Z)")
_SENTENCE_END = re.compile(r"[.?!…:;,—–\-)\]\"”’»*_][\s*_]*\Z")
_WHITE_SPACE = re.compile(r"\s*+")
_PLAIN_PARTICLES = frozenset("a an and at by for from in of on or the to with и в на о по".split())


def parse_transcript(text: str, *, known: Sequence[Label] = ()) -> ParsedTranscript:
    """Read a transcript: its header and every turn, with roles.

    Offsets in the result are Unicode code points into `text`. A turn runs over all paragraphs up to
    the next label; time lines, rules and end marks behind the last words belong to nobody. Where a
    document says itself who speaks, as captions may, its labels are `known`, and none is looked for.

    Raises `TranscriptError` if there are no recognisable turns, and nothing else for any string.
    """
    if known:
        return _turns(text, list(_spans(text, known)), Header())
    front, body = front_matter(text)
    try:
        labels = find_labels(text, body)
    except TooManyLabels as error:
        raise TranscriptError(
            "No recognisable turns: too many lines look like speaker labels; this is a table or a "
            "list, not a transcript."
        ) from error
    spans = list(_spans(text, labels))
    if not spans or not _plausible(text, labels, spans):
        return _unlabelled(text, front, body)
    return _turns(text, spans, parse_header(text, front, body, labels[0].start))


def _turns(text: str, spans: Sequence[tuple[Label, int, int]], header: Header) -> ParsedTranscript:
    roles = assign_roles(
        [Spoken(label.printed, text[start:end], label.numbered) for label, start, end in spans]
    )
    turns = tuple(
        ParsedTurn(position, label.printed, role, start, end)
        for position, ((label, start, end), role) in enumerate(zip(spans, roles, strict=True), 1)
    )
    return ParsedTranscript(header, turns)


def _spans(text: str, labels: Sequence[Label]) -> Iterator[tuple[Label, int, int]]:
    """Each label with the first and the last offset of its words; labels without words left out."""
    for number, label in enumerate(labels):
        last = number + 1 == len(labels)
        limit = len(text) if last else labels[number + 1].start
        blank = _WHITE_SPACE.match(text, label.words, max(label.words, limit))
        start = min(blank.end() if blank else label.words, limit)
        end = _end_of_words(text, start, limit, last=last)
        if end > start:
            yield label, start, end


def _end_of_words(text: str, start: int, limit: int, *, last: bool) -> int:
    """The end of the words in `text[start:limit]`; lines below them that are nobody's are left."""
    marks = [_END, _END_OF_DOCUMENT] if last else [_END]
    for mark in marks:
        found = mark.search(text, start, limit)
        if found:
            limit = found.start()
    if last:
        limit = _before_imprint(text, start, limit)
    while True:
        limit = _without_white_space(text, start, limit)
        line_start = max(start, text.rfind("\n", start, limit) + 1)
        line = text[line_start:limit].strip() if limit - line_start <= 400 else ""
        furniture = bool(line) and _FURNITURE.fullmatch(line) is not None
        if not furniture and not _is_heading(text, start, line_start, line):
            break
        limit = line_start
    linked = _SEE_ALSO.search(text, max(start, limit - 320), limit)
    if linked and linked.end() == limit:
        limit = _without_white_space(text, start, linked.start())
    return limit


def _without_white_space(text: str, start: int, limit: int) -> int:
    """Like `rstrip`, without copying what may be megabytes once for every line taken away."""
    while limit > start and text[limit - 1].isspace():
        limit -= 1
    return limit


def _before_imprint(text: str, start: int, limit: int) -> int:
    """Cut "… Topics … Publication status Published in: …" from a page flattened to one line."""
    imprint = _IMPRINT.search(text, max(start, limit - 3000), limit)
    if not imprint:
        return limit
    before = text[max(start, imprint.start() - 400) : imprint.start()]
    ends = list(re.finditer(r"[.?!…][\"”»)]?\s", before))
    return imprint.start() - len(before) + ends[-1].end() if ends else imprint.start()


def _is_heading(text: str, start: int, line_start: int, line: str) -> bool:
    """A line in Title Case, a paragraph by itself below finished prose: the next heading."""
    words = line.split()
    if (
        line_start <= start
        or not 0 < len(words) <= 12
        or len(line) > 100
        or _SENTENCE_END.search(line)
    ):
        return False
    above = text[max(start, line_start - 200) : line_start]
    if not re.search(r"\n[^\S\n]*\n\Z", above) or not _SENTENCE_END.search(above.rstrip()):
        return False
    return words[0][0].isupper() and all(
        word[0].isupper() or word in _PLAIN_PARTICLES or "-" in word for word in words
    )


def _plausible(text: str, labels: Sequence[Label], spans: Sequence[tuple[Label, int, int]]) -> bool:
    """Whether weak labels label speech: a third of the turns must hold a sentence."""
    for label in labels:
        shape = classify(label.printed)
        single = (
            " " not in label.printed
            and role_word(label.printed) not in MODERATION_WORDS | QUESTION_WORDS
        )
        if shape in {Shape.FORMAL, Shape.INITIALS} or (shape is Shape.CAPS_KNOWN and not single):
            return True
    sentences = sum(bool(_SENTENCE.search(text, start, end)) for _, start, end in spans)
    return sentences * 3 >= len(spans)


def _unlabelled(text: str, front: dict[str, object], body: int) -> ParsedTranscript:
    start = words_begin(text, body)
    start += len(text[start:]) - len(text[start:].lstrip())
    end = _end_of_words(text, start, len(text), last=True)
    if not _is_prose(text[start:end]):
        raise TranscriptError(
            "No recognisable turns: the text has no speaker labels such as “MR. PRICE:” or "
            "“QUESTION:” at the start of a line, and it does not read as one person’s speech."
        )
    header = parse_header(text, front, body, start)
    return ParsedTranscript(header, (ParsedTurn(1, "", "statement", start, end),))


def _is_prose(text: str) -> bool:
    """At least three sentences and forty words, mostly letters, sentences of a speakable length."""
    sample = text[:200_000]
    words = re.findall(r"[^\W\d_]+", sample)
    sentences = len(_SENTENCE.findall(sample))
    letters = sum(map(len, words)) + len(re.findall(r"\s", sample))
    lower = sum(word.islower() for word in words)
    return (
        len(words) >= 40
        and sentences >= 3
        and len(words) / sentences <= 80
        and letters >= 0.88 * len(sample)
        and lower >= 0.6 * len(words)
        and len(re.findall(r"[{}<>=;|\t]", sample)) * 30 <= len(words)
    )
