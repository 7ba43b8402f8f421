"""What an entry of the log says, and the documents that its digests stand for: rows → values of JSON. Pure.

A row is what `QuerySet.values(*…)` gives for the names of one of the tuples here. What stands in a document
is public; what is not public is sealed: its digest, made with a salt, is in the entry, and the rest stays
with the desk. docs/log.md describes every field.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from .canonical import canonical

FORMAT = 1

Row = Mapping[str, Any]

CLAIM = (
    *"slug text kind language context decides_whole".split(),
    *(f"part_of__{name}" for name in ("slug", "published_at", "duplicate_of_id")),
)
# As the API has them (`VerdictSerializer`), so that a stranger can compare.
TOLD = tuple("version claim_text headline rationale reason note no_primary overrides".split())
RATING = ("rating__slug", "rating__label", "rating__value")
SCALE = ("rating__scale__best", "rating__scale__worst")
VERDICT = (*TOLD, "published_at", "claim__slug", *RATING, *SCALE)
ENDING = ("ending", "ending_reason", "ended_at")
# Columns of a verdict that say who did it and when, within the desk.
SEALED_PUBLICATION = tuple(
    "id author_id created_at submitted_at submitted_by_id reviewer_id".split()
)
SEALED_ENDING = ("id", "ended_by_id")
SEALED_MERGE = ("id", "merged_by_id", "moved")
SEALED_UNDOING = ("id", "undone_by_id")

EVIDENCE = (
    *"locator direction directness summary available_on source__slug source__title source__url".split(),
    *(f"passage__{name}" for name in ("exact", "start", "end")),
    *(f"passage__snapshot__{name}" for name in ("edition", "sha256", "text_sha256")),
)
# Of a capture: the edition that it found the very bytes of.
CAPTURED = (
    "snapshot__source__slug",
    *(f"snapshot__{name}" for name in ("edition", "sha256", "text_sha256")),
)


def moment(at: dt.datetime | None) -> str | None:
    """A time as RFC 3339 has it, in UTC, as the API writes it."""
    return None if at is None else at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def claim(row: Row) -> dict[str, Any]:
    """The claim as the public sees it: that it is a part of a draft, or of a retired claim, nobody sees."""
    seen = row["part_of__published_at"] is not None and row["part_of__duplicate_of_id"] is None
    names = "slug text kind language context decides_whole".split()
    return {name: row[name] for name in names} | {"part_of": row["part_of__slug"] if seen else None}


def verdict(row: Row) -> dict[str, Any]:
    """What a version of a verdict says."""
    measured = row["rating__value"] is not None
    return {name: row[name] for name in TOLD} | {
        "claim": row["claim__slug"],
        "published_at": moment(row["published_at"]),
        "rating": {
            "slug": row["rating__slug"],
            "label": row["rating__label"],
            "value": row["rating__value"],
            "best": row["rating__scale__best"] if measured else None,
            "worst": row["rating__scale__worst"] if measured else None,
        },
    }


def ending(row: Row) -> dict[str, Any]:
    """How a version of a verdict ended."""
    return {name: row[name] for name in ENDING} | {"ended_at": moment(row["ended_at"])}


def evidence(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The public evidence, in the order of `rows`."""
    return [
        {name: row[name] for name in "locator direction directness summary".split()}
        | {
            "available_on": row["available_on"] and row["available_on"].isoformat(),
            "source": {name: row[f"source__{name}"] for name in ("slug", "title", "url")},
            "passage": _passage(row),
        }
        for row in rows
    ]


def snapshots(evidence: Iterable[Row], captured: Iterable[Row]) -> list[dict[str, Any]]:
    """The archived editions of the sources cited: those quoted, and those captured at their addresses, each
    once, in the order of their names."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in evidence:
        if row["passage__snapshot__sha256"] is not None:
            found |= [_edition(row, row["source__slug"], "passage__snapshot__")]
    for row in captured:
        found |= [_edition(row, row["snapshot__source__slug"], "snapshot__")]
    return [found[key] for key in sorted(found)]


def sealed(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """What the desk alone knows of a row, with a salt by which nobody can guess it from its digest."""
    told = {name: row[name] for name in names}
    told = {name: moment(v) if isinstance(v, dt.datetime) else v for name, v in told.items()}
    return {"salt": secrets.token_hex(32), **told}


def entry(
    number: int,
    kind: str,
    *,
    at: dt.datetime,
    logged_at: dt.datetime,
    recorded: str,
    documents: Mapping[str, str],
    **says: Any,
) -> bytes:
    """The bytes of entry `number`, which are its leaf; `documents`: name → digest. What is None is left
    out."""
    told = {
        "log": FORMAT,
        "number": number,
        "kind": kind,
        "at": moment(at),
        "logged_at": moment(logged_at),
        "recorded": recorded,
        "documents": dict(documents),
    }
    return canonical(told | {name: value for name, value in says.items() if value is not None})


def _passage(row: Row) -> dict[str, Any] | None:
    if row["passage__exact"] is None:
        return None
    words = {name: row[f"passage__{name}"] for name in ("exact", "start", "end")}
    return words | {"sha256": row["passage__snapshot__sha256"]}


def _edition(row: Row, source: str, before: str) -> tuple[tuple[str, int], dict[str, Any]]:
    told = {name: row[f"{before}{name}"] for name in ("edition", "sha256", "text_sha256")}
    return (source, told["edition"]), {"source": source, **told}
