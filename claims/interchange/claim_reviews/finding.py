"""Where in a piece of JSON the reviews are, whatever it is wrapped in. Pure.

A review is a ClaimReview of schema.org, alone, in lists, in an `@graph`, in a page, or as an item of a
DataFeed; or one of the `claimReview` of a claim, as the Fact Check Tools API of Google answers. What is
expected to be one and is none is told, so that nothing gets lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..untrusted_json import MAX_DEPTH, pruned

# Whose elements are expected to be reviews, or to hold some.
EXPECTING = frozenset({"dataFeedElement", "item", "itemListElement", "claims"})
_PREFIXES = ("http://schema.org/", "https://schema.org/", "schema:")


class Reason(StrEnum):
    """Why an item is refused."""

    UNREADABLE = "it cannot be read"
    EMPTY = "it is null or empty"
    NO_OBJECT = "it is no object"
    NO_REVIEW = "it holds no ClaimReview"
    TOO_LARGE = "it is too large for a review"
    NO_ADDRESS = "it has no address on the web"
    LONG_ADDRESS = "its address is too long"
    SECRET_ADDRESS = "its address holds a user name or password, which would be published"  # noqa: S105
    NO_CLAIM = "it does not say which claim it reviews"
    OURS = "it is this desk's own"
    CONTRADICTS = "it says something else of a review that stands earlier in the file"


@dataclass(frozen=True)
class Refused:
    """What is no review that can be taken, and why; `told` says more."""

    reason: Reason
    value: Any = None
    told: str = ""


@dataclass(frozen=True)
class Found:
    """An object that is a review: with the `claim` that holds it in an answer of Google's API, and the
    nodes of its graph by their `@id`, to which it may refer."""

    review: dict[str, Any]
    claim: dict[str, Any] | None = None
    graph: dict[str, Any] = field(default_factory=dict)


def find(value: Any, *, expected: bool = True) -> Iterator[Found | Refused]:
    """Yield the reviews in `value`, in their order; where `expected`, at least one thing is yielded."""
    try:
        yield from _find(value, {}, expected, 0)
    except RecursionError:  # pragma: no cover -- MAX_DEPTH comes first
        yield Refused(Reason.TOO_LARGE, pruned(value), "It is nested too deep.")


def _find(
    value: Any, graph: dict[str, Any], expected: bool, depth: int
) -> Iterator[Found | Refused]:
    if depth > MAX_DEPTH:
        if expected:
            yield Refused(
                Reason.TOO_LARGE, None, f"It is nested more than {MAX_DEPTH} levels deep."
            )
    elif isinstance(value, dict):
        yield from _find_in_object(unprefixed(value), graph, expected, depth)
    elif isinstance(value, list) and value:
        for each in value:
            yield from _find(each, graph, expected, depth + 1)
    elif expected:
        empty = value is None or value in ("", [])
        yield Refused(Reason.EMPTY if empty else Reason.NO_OBJECT, value)


def _find_in_object(
    value: dict[str, Any], graph: dict[str, Any], expected: bool, depth: int
) -> Iterator[Found | Refused]:
    if is_review(value):
        yield Found(value, None, graph)
        return
    if "claimReview" in value:
        reviews = as_list(value["claimReview"])
        for each in reviews:
            if isinstance(each, dict):
                yield Found(each, value, graph)
            else:
                yield Refused(Reason.EMPTY if each is None else Reason.NO_OBJECT, value)
        if not reviews:
            yield Refused(Reason.NO_REVIEW, value, "A claim without a review.")
        return
    nodes = value.get("@graph")
    if isinstance(nodes, list):
        known = {node.get("@id"): node for node in map(_object, nodes) if node.get("@id")}
        graph = graph | {name: node for name, node in known.items() if isinstance(name, str)}
    told = False
    for key, held in value.items():
        if key in EXPECTING or isinstance(held, (dict, list)):
            for each in _find(held, graph, key in EXPECTING, depth + 1):
                told = True
                yield each
    if expected and not told:
        kind = ", ".join(sorted(types(value))) if value else ""
        yield Refused(
            Reason.NO_REVIEW if value else Reason.EMPTY, value, f"A {kind}." if kind else ""
        )


def is_review(value: dict[str, Any]) -> bool:
    """Whether an object is a ClaimReview: it says so, or says which claim it reviews."""
    return "ClaimReview" in types(value) or bool(value.get("claimReviewed"))


def types(value: dict[str, Any]) -> set[str]:
    """What an object says it is, without the address of the vocabulary."""
    said = as_list(value.get("@type", value.get("type")))
    return {_bare(each) for each in said if isinstance(each, str)}


def unprefixed(value: dict[str, Any]) -> dict[str, Any]:
    """An object with the names of its properties as schema.org's own context has them."""
    if any(":" in key for key in value):
        return {_bare(key): held for key, held in value.items()}
    return value


def as_list(value: Any) -> list[Any]:
    """What publishers give as a list or, being one, without; null is none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _object(value: Any) -> dict[str, Any]:
    return unprefixed(value) if isinstance(value, dict) else {}


def _bare(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
