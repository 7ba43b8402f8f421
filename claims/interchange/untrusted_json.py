"""JSON from elsewhere, read without harm: what no database holds is refused, with where it stands. Pure."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 40  # an annotation needs about eight
MAX_DIGITS = 18  # what every program and database holds exactly, and any offset or count needs

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class FileError(ValueError):
    """The file as a whole cannot be read; the message says why."""


class Refusal(ValueError):
    """One value cannot be taken over: `field` is where it stands, such as `target.selector[1].exact`."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}" if field else why)
        self.field = field
        self.why = why


class Number(str):
    """A number, as it was written, that JSON does not have or that no database holds."""


class Object(dict[str, Any]):
    """An object as read, and the first key that it gives twice, if any."""

    repeated: str | None = None


def _object(pairs: list[tuple[str, Any]]) -> Object:
    read = Object(pairs)
    if len(read) < len(pairs):
        read.repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return read


def _integer(digits: str) -> int | Number:
    return int(digits) if len(digits.lstrip("-")) <= MAX_DIGITS else Number(digits)


def _float(digits: str) -> float | Number:
    value = float(digits)
    return value if math.isfinite(value) and len(digits) <= 100 else Number(digits)


def parse(data: bytes) -> Any:
    """Return what the JSON in `data` (UTF-8, at most `MAX_BYTES`) says. Pass each part of it that is used
    through `vet`.

    Raises FileError for anything else.
    """
    if len(data) > MAX_BYTES:
        raise FileError(f"The file is larger than {MAX_BYTES // 1024**2} MB: split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"The file is not in UTF-8: byte {error.start} cannot be read.") from error
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=Number,
        )
    except json.JSONDecodeError as error:
        raise FileError(
            f"The file is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except RecursionError as error:
        line = _line_of_depth(text)
        raise FileError(
            f"The file is nested more than {MAX_DEPTH} levels deep, from line {line} on."
        ) from error


def _line_of_depth(text: str) -> int:
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            return text.count("\n", 0, match.start()) + 1
    return 1


def vet(value: Any, field: str = "", depth: int = 0) -> None:
    """Raise Refusal for whatever in `value` no database holds, or no JSON has: it names the field."""
    if depth > MAX_DEPTH:
        raise Refusal(field, f"it is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, Number):
        raise Refusal(field, f"{value[:30]} is no number that can be kept.")
    if isinstance(value, str):
        vet_text(value, field)
    elif isinstance(value, dict):
        if isinstance(value, Object) and value.repeated is not None:
            raise Refusal(below(field, value.repeated), "it is given twice.")
        for key, held in value.items():
            vet_text(key, field)
            vet(held, below(field, key), depth + 1)
    elif isinstance(value, list):
        for place, held in enumerate(value):
            vet(held, f"{field}[{place}]", depth + 1)


def pruned(value: Any, depth: int = 0) -> Any:
    """Return `value` without what is nested deeper than anything that can be written out again."""
    if depth > MAX_DEPTH and isinstance(value, (dict, list)):
        return "…"
    if isinstance(value, dict):
        return {key: pruned(held, depth + 1) for key, held in value.items()}
    if isinstance(value, list):
        return [pruned(held, depth + 1) for held in value]
    return value


def vet_text(text: str, field: str) -> None:
    found = re.search("[\0\ud800-\udfff]", text)
    if found:
        code = f"U+{ord(found.group()):04X}"
        raise Refusal(field, f"it holds {code}, which is no character that text can hold.")


def below(field: str, key: str) -> str:
    """Return the name of the field `key` of `field`, printable whatever the key."""
    shown = key[:60].encode("ascii", "backslashreplace").decode()
    return f"{field}.{shown}" if field else shown
