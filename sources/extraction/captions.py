"""Captions: WebVTT and SRT, read by webvtt-py. Their cues become running text, and their times stay.

A new paragraph begins where somebody else speaks (a voice `<v Anna>`, a label "MR. PRICE:", the ">>" of
television), and after a pause.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise

import webvtt

from sources.label_shapes import TITLES, Shape, classify
from sources.parsing import TranscriptError

from .document import ExtractedText, Voice, without_controls

MAX_CUES = 100_000  # a cue each second for more than a day
VTT, SRT = "text/vtt", "application/x-subrip"
PAUSE = 3_000  # milliseconds of silence that part paragraphs
LONG_PARAGRAPH = 800  # characters, after which one ends with its sentence
ROLLED_UP = 0.3  # of all cues; where people merely repeat themselves it is far less

_SRT = re.compile(
    r"\s*\d{1,9}[^\S\n]*\n[^\S\n]*\d{1,4}:\d{1,2}:\d{1,2}[,.]\d{1,3}[^\S\n]*-->[^\S\n]*\d{1,4}:\d"
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,100})*[^\S\n]+([^<>\n]{1,500})>|(</v>)", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>\n]{0,500}>|</>|<[\d:.]{1,20}>|\{\\[^{}\n]{1,100}\}", re.IGNORECASE)
_LABEL = re.compile(r"(?:>>+\s*|[-–—]\s*)?([^\s:>][^:\n]{0,99}):(?=\s|$)")
_SPEAKER_CHANGES = re.compile(r">>+|[-–—]\s")
_SENTENCE_END = re.compile(r"[.?!…—–][\"”’»)\]]*\Z")
_SENTENCE_ENDS = re.compile(r"[.?!…—–][\"”’»)\]]*\s+(?:[-–—>]+\s+)?")
_STRONG = {Shape.Q, Shape.ROLE, Shape.FORMAL, Shape.INITIALS, Shape.CAPS, Shape.CAPS_KNOWN}


@dataclass
class _Cue:
    start: int  # milliseconds
    end: int
    lines: list[tuple[str | None, str]]  # who speaks, where it is said; the words


def kind_of(text: str) -> str:
    """The media type of captions, or "" for a text that is none."""
    if re.match(r"WEBVTT(?:[ \t\n]|\Z)", text):
        return VTT
    return SRT if _SRT.match(text) else ""


def read(text: str, kind: str) -> ExtractedText:
    """The running text of captions, with a time for each cue and what they say of who speaks.

    Raises TranscriptError for captions that cannot be read, or that have no words.
    """
    cues = list(_cues(text, kind))
    if not any(cue.lines for cue in cues):
        raise TranscriptError("The captions are empty: no cue has words, or none can be read.")
    voiced = any(voice is not None for cue in cues for voice, _ in cue.lines)
    if not voiced:
        cues = _unrolled(cues)
    return _joined(cues, kind, voiced=voiced)


def _cues(text: str, kind: str) -> Iterator[_Cue]:
    try:
        captions = webvtt.WebVTT.from_buffer(
            StringIO(text), format="vtt" if kind == VTT else "srt"
        ).captions
    except (
        webvtt.errors.MalformedFileError,
        webvtt.errors.MalformedCaptionError,
        ValueError,
    ) as error:
        raise TranscriptError(f"The captions cannot be read: {error}.") from error
    if len(captions) > MAX_CUES:
        raise TranscriptError(
            f"The captions have {len(captions):,} cues; at most {MAX_CUES:,} are read."
        )
    rows = [
        _Cue(
            row.start_time.in_milliseconds(),
            row.end_time.in_milliseconds(),
            list(_lines(row.raw_text)),
        )
        for row in captions
    ]
    yield from sorted(rows, key=lambda cue: cue.start)


def _lines(raw: str) -> Iterator[tuple[str | None, str]]:
    """The lines of a cue without their mark-up, each with the voice that it is in."""
    voice: str | None = None
    for line in raw.split("\n"):
        position = 0
        for tag in _VOICE.finditer(line):
            before = line[position : tag.start()]
            if before.strip() not in {"-", "–", "—"}:  # the dash of a dialogue
                yield from _words(voice, before)
            voice, position = (None if tag[2] else _plain(tag[1])[:160].rstrip() or None), tag.end()
        yield from _words(voice, line[position:])


def _words(voice: str | None, piece: str) -> Iterator[tuple[str | None, str]]:
    words = _plain(_TAG.sub("", piece))
    if words:
        yield voice, words


def _plain(piece: str) -> str:
    return without_controls(" ".join(html.unescape(piece).split()))


def _unrolled(cues: Sequence[_Cue]) -> list[_Cue]:
    """Without what rolled-up captions show twice: a line that was the last and moves up, or words that a
    cue repeats from the one before to add some. Only where much of the file is so."""
    overlaps = [0] + [_overlap(before, cue) for before, cue in pairwise(cues)]
    if len(cues) < 4 or sum(map(bool, overlaps)) < ROLLED_UP * len(cues):
        return list(cues)
    return [
        _Cue(cue.start, cue.end, list(_behind(cue.lines, words)))
        for cue, words in zip(cues, overlaps, strict=True)
    ]


def _overlap(before: _Cue, cue: _Cue) -> int:
    """How many words at the beginning of `cue` the one before it has shown already, in whole lines."""
    shown = [word for _, line in before.lines for word in line.split()]
    words = [word for _, line in cue.lines for word in line.split()]
    if not shown or cue.start > before.end + 500:
        return 0
    ends, count = [], 0
    for _, line in cue.lines:
        count += len(line.split())
        ends.append(count)
    for end in reversed(ends):
        if end <= len(shown) and shown[-end:] == words[:end]:
            return end
    return len(shown) if words[: len(shown)] == shown else 0


def _behind(
    lines: Iterable[tuple[str | None, str]], count: int
) -> Iterator[tuple[str | None, str]]:
    for voice, line in lines:
        words = line.split()
        if len(words) > count:
            yield voice, " ".join(words[count:])
        count = max(0, count - len(words))


def _joined(cues: Iterable[_Cue], kind: str, *, voiced: bool) -> ExtractedText:
    pieces: list[str] = []
    times: list[tuple[int, int]] = []
    voices: list[Voice] = []
    length = paragraph = 0  # characters so far, and those where the paragraph began
    last = ""
    speaking: str | None = None
    ended = 0

    def add(piece: str) -> None:
        nonlocal length
        pieces.append(piece)
        length += len(piece)

    for cue in cues:
        timed = False
        pieces_of_cue = (
            cue.lines
            if voiced
            else [(None, piece) for _, line in cue.lines for piece in _at_labels(line)]
        )
        for voice, words in pieces_of_cue:
            changes = bool(pieces) and (
                voice != speaking if voiced else _begins_a_turn(words, after=last)
            )
            if not voiced and (label := _LABEL.match(words)) and words[0] in "-–—":
                words = words[label.start(1) :]
            pause = cue.start - ended >= PAUSE or (
                length - paragraph > LONG_PARAGRAPH and bool(_SENTENCE_END.search(last))
            )
            if pieces:
                add("\n\n" if changes or (pause and not timed) else " ")
            if pieces and pieces[-1] == "\n\n":
                paragraph = length
            if voiced and (changes or not voices):
                start = length
                if voice:
                    add(f"{voice}: ")
                voices.append(Voice(voice or "", start, length))
            if not timed:
                times.append((length, cue.start))
                timed = True
            add(words)
            last, speaking = words, voice
        if cue.lines:
            ended = max(ended, cue.end)
    return ExtractedText("".join(pieces) + "\n", kind, tuple(times), tuple(voices))


def _at_labels(line: str) -> list[str]:
    """A line in pieces, each of which but the first begins with a certain label: "Why? MR. PRICE: Because."
    Otherwise the words would be the former speaker's."""
    starts = [0]
    for colon in re.finditer(r":(?=\s)", line):
        begin = max(starts[-1], colon.start() - 80)
        before = line[begin : colon.start()]
        for end in _SENTENCE_ENDS.finditer(before):
            word = before[: end.start()].rpartition(" ")[2]
            if end[0][0] == "." and (len(word) < 2 or word.casefold() in TITLES):
                continue  # no end: "MR. PRICE"
            if classify(before[end.end() :]) in _STRONG:
                starts.append(begin + end.end())
                break
    return [line[start:end].strip() for start, end in pairwise([*starts, len(line)])]


def _begins_a_turn(line: str, *, after: str) -> bool:
    """Whether somebody else begins to speak with this line, as far as its form says."""
    if _SPEAKER_CHANGES.match(line):
        return True
    label = _LABEL.match(line)
    shape = classify(label[1].strip()) if label else None
    return shape is not None and (shape in _STRONG or bool(_SENTENCE_END.search(after)))
