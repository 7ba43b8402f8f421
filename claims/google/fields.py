"""Field masks: which parts of an answer a client wants. Pure.

The syntax is that of Google's partial responses: `a,b` selects several fields, `a/b` (or `a.b`) a field of a
field, `a(b,c)` several of them, and `*` all that there are on that level. Fields of a list are those of each
of its entries.
https://developers.google.com/webmaster-tools/v1/how-tos/performance#partial
"""

from __future__ import annotations

import re
from typing import Any

# What a field holds: names and what each of them holds, or None for a plain value.
Shape = dict[str, Any] | None
# What is wanted of it: everything (None), or some fields and what of each.
Mask = dict[str, Any] | None

_TOKEN = re.compile(r"\s*(?:([A-Za-z_]\w*|\*)|([,/.()]))", re.ASCII)


class MaskError(ValueError):
    """A field mask that cannot be read, or that names a field that there is not."""


def read(mask: str, shape: dict[str, Any]) -> Mask:
    """Return what `mask` selects of an answer of that `shape`. Raises MaskError.

    Nothing below a plain value can be selected, so no mask is nested deeper than the shape is.
    """
    tokens = _tokens(mask)
    selected = _selection(tokens, shape)
    if tokens:
        raise MaskError(f"“{tokens[-1]}” stands where a field mask has ended.")
    return selected


def pick(answer: Any, mask: Mask) -> Any:
    """Return the parts of `answer` that the mask selects. An entry of a list stays, even if nothing is left
    of it; a field of which nothing is left goes."""
    if mask is None:
        return answer
    if isinstance(answer, list):
        return [pick(entry, mask) for entry in answer]
    if not isinstance(answer, dict):
        return {}  # a wildcard led below a plain value
    picked = {name: pick(value, mask[name]) for name, value in answer.items() if name in mask}
    return {name: value for name, value in picked.items() if value != {}}


def _tokens(mask: str) -> list[str]:
    """The tokens, the last one first: they are taken off the end."""
    tokens, at, end = [], 0, len(mask.rstrip())
    while at < end:
        match = _TOKEN.match(mask, at)
        if match is None:
            raise MaskError(f"“{mask[at]}” has no meaning in a field mask.")
        tokens.append(match[1] or match[2])
        at = match.end()
    return tokens[::-1]


def _selection(tokens: list[str], shape: Shape) -> dict[str, Any]:
    """One or more paths, separated by commas."""
    selected = _path(tokens, shape)
    while tokens and tokens[-1] == ",":
        tokens.pop()
        selected = _union(selected, _path(tokens, shape)) or {}
    return selected


def _path(tokens: list[str], shape: Shape) -> dict[str, Any]:
    name = tokens.pop() if tokens else ""
    if not re.fullmatch(r"\w+|\*", name):
        raise MaskError(
            f"A field's name is missing before “{name}”." if name else "It ends too early."
        )
    if shape is None or (name != "*" and name not in shape):
        raise MaskError(f"There is no field “{name}” there.")
    # Below a wildcard a field is looked for wherever there are fields.
    within = _all_of(shape) if name == "*" else shape[name]
    follows = tokens[-1] if tokens else ""
    below: Mask = None
    if follows in ("/", "."):
        tokens.pop()
        below = _path(tokens, within)
    elif follows == "(":
        tokens.pop()
        below = _selection(tokens, within)
        if not tokens or tokens.pop() != ")":
            raise MaskError("A parenthesis is not closed.")
    if name != "*":
        return {name: below}
    if below is None:
        return dict.fromkeys(shape)
    return {field: below for field, holds in shape.items() if holds is not None}


def _all_of(shape: dict[str, Any]) -> Shape:
    """The fields of all the fields of a shape."""
    fields: dict[str, Any] = {}
    for holds in shape.values():
        for name, value in (holds or {}).items():
            fields[name] = value if fields.get(name) is None else fields[name]
    return fields or None


def _union(one: Mask, other: Mask) -> Mask:
    if one is None or other is None:
        return None
    both = dict(one)
    for name, below in other.items():
        both[name] = _union(both[name], below) if name in both else below
    return both
