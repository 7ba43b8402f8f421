"""A file of reviews, of whatever size, → the pieces of JSON in it, one by one, each with its place. Pure.

Four forms are told apart by how the file begins: JSON lines, one JSON document, the CSV of ClaimsKG, and
what is none of them. No more than one piece is held at a time, so that memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

import ijson

from ..untrusted_json import MAX_DIGITS, FileError, Number
from .finding import EXPECTING, Found, Reason, Refused, find, is_review, unprefixed

# How much is read to see which form it is; and a JSON document up to this size is read whole.
HEAD = 4 * 1024 * 1024
# A review has about a thousand characters, and a page with all its JSON-LD some ten thousand.
LONGEST_LINE = 4 * 1024 * 1024
MOST_VALUES = 50_000
DEEPEST = 100
# Of so many lines it is looked whether they are JSON, where the first is none.
SAMPLE = 50
MOST_DIGITS = 1000
_TOO_LONG = re.compile(rb"[0-9]{%d,}" % (MOST_DIGITS + 1))

CSV_ADDRESS = "claimReview_url"
_SPACE = b" \t\r\n"


class Piece(NamedTuple):
    """What was found at a place: `line 12`, `item 3`, or `line 12, item 3` of several in one line."""

    place: str
    found: Found | Refused


def pieces(file: IO[bytes], *, head: int = HEAD) -> Iterator[Piece]:
    """Yield every review in `file`, and whatever stands where one is expected, in their order.

    `head` (bytes) is read before the first is yielded; `file` need not be seekable. Raises FileError where
    the file is of no form that is known, or where it is one JSON document and broken.
    """
    begun = file.read(head + 1)
    is_all = len(begun) <= head
    encoding, begun = _decoding(begun)
    rest = _Joined(begun, file, encoding)
    begin = begun.decode(encoding, "replace").lstrip()
    if not begin:
        raise FileError("The file is empty.")
    if begin[0] in "{[" or begin.startswith("null"):
        whole = begin if is_all else None
        return _lines(rest) if _is_lines(begin, whole=whole) else _document(whole, rest)
    if begin[0] == "<":
        raise FileError(
            "The file is a web page or XML. Save what stands between "
            '<script type="application/ld+json"> and </script>, and import that.'
        )
    if CSV_ADDRESS in begin.partition("\n")[0]:
        return _csv(rest)
    raise FileError(
        "The file is neither JSON (ClaimReview, a DataFeed, an answer of the Fact Check Tools API), nor "
        f"JSON lines, nor CSV with a column {CSV_ADDRESS}."
    )


def _decoding(begun: bytes) -> tuple[str, bytes]:
    """The encoding that the first bytes tell, and the bytes without the mark that tells it."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if begun.startswith(mark):
            return encoding, begun[len(mark) :]
    return "utf-8", begun


class _Joined(io.RawIOBase):
    """What was read already and what is still to come, as UTF-8; what cannot be read is U+FFFD."""

    def __init__(self, begun: bytes, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready, self._file, self._ended = self._recoded(begun), file, False

    def _recoded(self, data: bytes, *, final: bool = False) -> bytes:
        # Of UTF-16, half a pair may stand alone.
        return self._decoder.decode(data, final).encode("utf-8", "replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            data = self._file.read(max(len(buffer), 65536))
            self._ended = not data
            self._ready = self._recoded(data, final=not data)
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        return len(given)


# Numbers of any length and `NaN` included: as they were written.
_loads = json.JSONDecoder(
    parse_int=lambda digits: _integer(digits),
    parse_float=Number,
    parse_constant=Number,
    strict=False,
).decode


def _integer(digits: str) -> int | Number:
    return int(digits) if len(digits.lstrip("-")) <= MAX_DIGITS else Number(digits)


class _Bounded:
    """A file without numbers of more digits than Python takes (some thousand), over which the parser, which
    is written in C, would end the whole program: what is longer is cut."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file, self._held = file, b""

    def read(self, size: int) -> bytes:
        data = b""
        while size and not data:
            read = self._file.read(size) or b""
            data = _TOO_LONG.sub(lambda match: match[0][:MOST_DIGITS], self._held + read)
            # What may go on in what is read next.
            end = len(data.rstrip(b"0123456789")) if read else len(data)
            data, self._held = data[:end], data[end:]
            if not read:
                break
        return data


def _is_lines(begin: str, *, whole: str | None) -> bool:
    """Whether each line is JSON by itself: the first is and more follow; or, if the first is broken and
    so is the whole, most of those that follow are."""
    first, _, rest = begin.partition("\n")
    if not rest.strip():
        return False
    if _reads(first):
        return True
    if begin[0] != "{" or (whole is not None and _reads(whole)):
        return False
    others = [line for line in rest.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    return sum(line[0] == "{" and _reads(line) for line in others) > len(others) / 2


def _reads(line: str) -> bool:
    try:
        _loads(line.strip())
    except (ValueError, RecursionError):
        return False
    return True


def _lines(file: io.RawIOBase) -> Iterator[Piece]:
    buffered = io.BufferedReader(file, 1024 * 1024)
    number = 0
    while line := buffered.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (more := buffered.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            told = f"The line is longer than {LONGEST_LINE // 1024**2} MB."
            yield Piece(f"line {number}", Refused(Reason.TOO_LARGE, None, told))
            continue
        line = line.strip(_SPACE + b"\x1e")
        if not line:
            continue
        try:
            value = _loads(line.decode())
        except (ValueError, RecursionError) as error:
            told = f"The line is no JSON: {error}."
            text = line[:2000].decode(errors="replace")
            yield Piece(f"line {number}", Refused(Reason.UNREADABLE, text, told))
            continue
        yield from _placed(f"line {number}", find(value))


def _placed(place: str, found: Iterator[Found | Refused]) -> Iterator[Piece]:
    """All that was found in one place, numbered if there are several."""
    first = next(found, None)
    second = next(found, None)
    if first is None:
        return
    yield Piece(place if second is None else f"{place}, item 1", first)
    if second is not None:
        yield Piece(f"{place}, item 2", second)
    for number, each in enumerate(found, 3):
        yield Piece(f"{place}, item {number}", each)


def _document(text: str | None, file: io.RawIOBase) -> Iterator[Piece]:
    """The reviews of one JSON document: `text`, if that is all of it, or read piece by piece."""
    if text is None:
        found = _streamed(file)
    else:
        try:
            found = find(_loads(text.strip()))
        except json.JSONDecodeError as error:
            if error.msg == "Extra data":  # several documents, one after the other
                found = _streamed(file)
            else:
                raise FileError(
                    f"The file is no JSON: line {error.lineno}, column {error.colno}: {error.msg}."
                ) from error
        except RecursionError as error:
            raise FileError("The file is nested too deep.") from error
    return (Piece(f"item {number}", each) for number, each in enumerate(found, 1))


def _streamed(file: io.RawIOBase) -> Iterator[Found | Refused]:
    events = ijson.basic_parse(_Bounded(file), multiple_values=True, buf_size=256 * 1024)
    seen = 0
    try:
        for event, value in events:
            for found in _stream(events, event, value, True, 0):
                seen += 1
                yield found
    except ijson.JSONError as error:
        why = " ".join(str(error).split())[:120]
        raise FileError(f"The file is no JSON: after item {seen}: {why}.") from error
    except (ValueError, ArithmeticError) as error:
        raise FileError(f"The file holds a number that is too long, after item {seen}.") from error


_Event = tuple[str, Any]


def _stream(
    events: Iterator[_Event], event: str, value: Any, expected: bool, depth: int
) -> Iterator[Found | Refused]:
    """What is found in the value that `event` begins. The long lists of a feed, an answer or a graph, and
    the members of an object that are reviews, are told one by one; the rest is held until its end."""
    if event == "start_array" and depth < 4:
        empty = True
        for inner, held in events:
            if inner == "end_array":
                break
            empty = False
            yield from _stream(events, inner, held, expected, depth + 1)
        if empty and expected:
            yield Refused(Reason.EMPTY, [])
    elif event == "start_map" and depth < 4:
        yield from _stream_object(events, expected, depth)
    else:
        yield from _find_built(_build(events, event, value), expected)


def _stream_object(
    events: Iterator[_Event], expected: bool, depth: int
) -> Iterator[Found | Refused]:
    own: dict[str, Any] = {}
    too_large: list[str] = []  # what a review is not held up for
    told = False
    for event, key in events:
        if event == "end_map":
            break
        (name,) = unprefixed({key: None})
        event, value = next(events)
        if event == "start_array" and (name in EXPECTING or name == "@graph"):
            for found in _stream(events, event, value, name in EXPECTING, depth + 1):
                told = True
                yield found
            continue
        built = _build(events, event, value)
        if isinstance(built, dict) and is_review(unprefixed(built)):
            told = True
            yield Found(unprefixed(built))
        elif built is _TOO_LARGE:
            too_large.append(name)
        elif len(own) < MOST_VALUES:
            own[name] = built
    if too_large and not is_review(own):
        told = True
        yield Refused(Reason.TOO_LARGE, None, f"The value of “{too_large[0][:60]}”.")
    yield from _find_built(own, expected and not told)


def _find_built(value: Any, expected: bool) -> Iterator[Found | Refused]:
    if value is _TOO_LARGE:
        yield Refused(Reason.TOO_LARGE)
    else:
        yield from find(value, expected=expected)


_TOO_LARGE = object()


def _build(events: Iterator[_Event], event: str, value: Any) -> Any:
    """The value that `event` begins; _TOO_LARGE for one with too many values or levels, which is read to
    its end all the same."""
    if event not in ("start_map", "start_array"):
        return _scalar(value)
    root: Any = {} if event == "start_map" else []
    stack: list[Any] = [root]
    key: Any = None
    keys: list[Any] = []
    count, depth = 0, 1
    for event, value in events:
        if event == "map_key":
            key = value
            continue
        count += 1
        if event in ("end_map", "end_array"):
            depth -= 1
            if len(stack) > depth:
                stack.pop()
                key = keys.pop() if keys else None
            if not depth:
                break
            continue
        fits = count <= MOST_VALUES and depth < DEEPEST and len(stack) == depth
        begins = event in ("start_map", "start_array")
        if begins:
            depth += 1
        if not fits:
            root = _TOO_LARGE
            continue
        held: Any = ({} if event == "start_map" else []) if begins else _scalar(value)
        if isinstance(stack[-1], dict):
            stack[-1][key] = held
        else:
            stack[-1].append(held)
        if begins:
            stack.append(held)
            keys.append(key)
    return root


def _scalar(value: Any) -> Any:
    """Numbers as they were written, as far as the parser still knows."""
    if value is None or isinstance(value, (str, bool)):
        return value
    return value if isinstance(value, int) and abs(value) < 10**MAX_DIGITS else Number(value)


def _csv(file: io.RawIOBase) -> Iterator[Piece]:
    """Rows of the CSV that ClaimsKG's extractors write: a column for each property of a ClaimReview."""
    csv.field_size_limit(LONGEST_LINE)
    text = io.TextIOWrapper(io.BufferedReader(file, 1024 * 1024), "utf-8", newline="")
    rows = csv.DictReader(text, strict=False)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            told = f"The row is no CSV: {error}."
            yield Piece(f"line {rows.line_num}", Refused(Reason.UNREADABLE, None, told))
            continue
        if row is None:
            return
        yield Piece(f"line {rows.line_num}", Found(_from_columns(row)))


def _from_columns(row: dict[str, Any]) -> dict[str, Any]:
    get: Callable[[str], str] = lambda name: row.get(name) or ""  # noqa: E731
    return {
        "@type": "ClaimReview",
        "url": get("claimReview_url"),
        "claimReviewed": get("claimReview_claimReviewed"),
        "name": get("extra_title"),
        "datePublished": get("claimReview_datePublished"),
        "author": {
            "name": get("claimReview_source") or get("claimReview_author_name"),
        },
        # Not creativeWork_author_name and -datePublished: in most of these files they hold the journalist
        # who reviewed the claim, and the day of that, and would make the reviewer the one who said it.
        "reviewRating": {
            "alternateName": get("rating_alternateName"),
            "ratingValue": get("rating_ratingValue"),
            "bestRating": get("rating_bestRating"),
            "worstRating": get("rating_worstRating"),
        },
    }
