"""The one way to write a value as JSON: JCS (RFC 8785), so that it has one hash. Pure.

A number is what a double of IEEE 754 holds (§3.1). Integers are refused beyond 2^53-1, where doubles no
longer tell neighbours apart (I-JSON, RFC 7493, section 2.2); text is kept as it is, not normalised (§3.1).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

import rfc8785

MAX_INTEGER = 2**53 - 1
# So that what one process could write another can read: the interpreter's own limit depends on who calls.
MAX_DEPTH = 64

_SURROGATE = re.compile("[\ud800-\udfff]")


class CanonicalError(ValueError):
    """A value cannot be said in canonical JSON: `where` is the place (a JSON Pointer, RFC 6901; "" is the
    whole), and `why` a sentence about what stands there."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or 'The value'}: {why}")
        self.where = where
        self.why = why


class NotCanonical(ValueError):
    """Bytes are not the canonical form of anything; the message says why."""


def canonical(value: Any) -> bytes:
    """Return `value` (None, booleans, numbers, text, lists, tuples, and dicts with text for keys) as
    canonical JSON, in UTF-8. Raises CanonicalError."""
    _check(value, "", 0)
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """The SHA-256 of the canonical form of `value`, as 64 lower-case hexadecimal digits. Raises
    CanonicalError."""
    return hashlib.sha256(canonical(value)).hexdigest()


def read(data: bytes) -> Any:
    """Return the value whose canonical form is `data`; a number is an int wherever it can be one.

    Raises NotCanonical for anything else, also for what means the same.
    """
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_object, parse_int=_number, parse_constant=_constant
        )
        written = canonical(value)
    except UnicodeDecodeError as error:
        raise NotCanonical(f"It is not in UTF-8: byte {error.start} cannot be read.") from None
    except json.JSONDecodeError as error:
        raise NotCanonical(f"It is not JSON: character {error.pos}: {error.msg}.") from None
    except RecursionError:
        raise NotCanonical(f"It is nested more than {MAX_DEPTH} levels deep.") from None
    except CanonicalError as error:
        raise NotCanonical(str(error)) from None
    if written != data:
        same = next(
            (i for i, (a, b) in enumerate(zip(written, data, strict=False)) if a != b),
            min(len(written), len(data)),
        )
        raise NotCanonical(f"It is not written in the canonical way, from byte {same} on.")
    return value


def _check(value: Any, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalError(where, f"it is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise CanonicalError(where, f"JSON has no number {value}.")
    elif isinstance(value, int):  # also True and False
        if abs(value) > MAX_INTEGER:
            raise CanonicalError(where, "the integer is beyond 2^53-1: say it as text.")
    elif isinstance(value, dict):
        for key, held in value.items():
            if not isinstance(key, str):
                raise CanonicalError(where, f"a key is of type {type(key).__name__}, not text.")
            _check_text(key, where)
            _check(held, f"{where}/{key.replace('~', '~0').replace('/', '~1')}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, held in enumerate(value):
            _check(held, f"{where}/{place}", depth + 1)
    elif value is not None:
        raise CanonicalError(where, f"JSON has nothing like {type(value).__name__}.")


def _check_text(text: str, where: str) -> None:
    if found := _SURROGATE.search(text):
        raise CanonicalError(where, f"it holds half of a pair, U+{ord(found.group()):04X}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotCanonical(f"The key {key!a} is given twice.")
        found[key] = value
    return found


def _number(digits: str) -> int | float:
    """A number without a fraction: also doubles beyond the integers are written so (appendix B)."""
    value = float(digits)
    return int(digits) if abs(value) <= MAX_INTEGER else value


def _constant(name: str) -> Any:
    raise NotCanonical(f"JSON has no number {name}.")
