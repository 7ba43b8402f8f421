"""What a document says of itself, as far as it fits a Source. A proposal, no more."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from sources.extraction import apart, charsets
from sources.models.source import LANGUAGE_TAG, Source
from sources.parsing import TranscriptError

NAMES = ("title", "authors", "publisher", "date", "language")
PAGE = "text/html"
SPEAKING = {
    PAGE,
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def propose(data: bytes, media_type: str, charset: str = "") -> dict[str, str]:
    """Return what the document of these bytes says of itself, as a Source has it: several authors separated
    by semicolons, a date as YYYY-MM-DD. What it does not say, or not in a form that can be kept, is left out.
    """
    if media_type not in SPEAKING:
        return {}
    try:
        if media_type == PAGE:
            data = charsets.decode_fetched(data, charset=charset)[0].encode()
        said = json.loads(apart.read("said", data, called="document"))
    except TranscriptError:  # nothing rests on a proposal
        return {}
    kept = {name: _fitting(name, said.get(name, "")) for name in NAMES}
    return {name: value for name, value in kept.items() if value}


def _fitting(name: str, value: str) -> str:
    """The value as the Source's field takes it; empty where it does not."""
    value = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", value).split())
    if name == "language":
        return value if re.fullmatch(LANGUAGE_TAG, value) and len(value) <= 35 else ""
    if name == "date":
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            return ""
    field: Any = Source._meta.get_field(name)
    return value if len(value) <= field.max_length else ""
