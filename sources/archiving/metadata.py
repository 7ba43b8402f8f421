"""What a document says of itself: its title, authors, publisher, date and language. A proposal, no more."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import docx
import pypdf
from bs4 import BeautifulSoup, Tag
from trafilatura import extract_metadata

from sources.models.source import LANGUAGE_TAG, Source

NAMES = ("title", "authors", "publisher", "date", "language")
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def propose(data: bytes, media_type: str) -> dict[str, str]:
    """Return what the document of these bytes says of itself, as `Source` has it: several authors separated
    by semicolons, a date as YYYY-MM-DD. What it does not say, or not in a form that can be kept, is left out.
    """
    readers = {"text/html": _page, "application/xhtml+xml": _page, PDF: _pdf, DOCX: _docx}
    reader = readers.get(media_type)
    if reader is None:
        return {}
    try:
        said = reader(data)
    except Exception:  # of whatever library, on whatever bytes: nothing rests on a proposal
        return {}
    kept = {name: _fitting(name, said.get(name)) for name in NAMES}
    return {name: value for name, value in kept.items() if value}


def _fitting(name: str, value: Any) -> str:
    """The value as the Source's field takes it; empty where it does not."""
    if isinstance(value, dt.date):
        value = f"{value:%Y-%m-%d}"
    value = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", str(value or "")).split())
    if name == "language":
        return value if re.fullmatch(LANGUAGE_TAG, value) and len(value) <= 35 else ""
    if name == "date":
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            return ""
    limit: Any = Source._meta.get_field(name).max_length
    return value if len(value) <= limit else ""


def _page(data: bytes) -> dict[str, Any]:
    said = extract_metadata(data)  # type: ignore[arg-type]  # it takes bytes as well
    html = BeautifulSoup(data[:20_000], "html.parser").html
    language = html.get("lang") if isinstance(html, Tag) else ""
    return {
        "title": said.title,
        "authors": said.author,
        "publisher": said.sitename,
        "date": said.date,
        "language": said.language or language,
    }


def _pdf(data: bytes) -> dict[str, Any]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    said: Any = reader.metadata or {}
    language: Any = reader.trailer["/Root"].get("/Lang", "")  # type: ignore[union-attr]
    created = getattr(said, "creation_date", None)
    return {
        "title": said.get("/Title"),
        "authors": said.get("/Author"),
        "date": created.date() if created else None,
        "language": language,
    }


def _docx(data: bytes) -> dict[str, Any]:
    said = docx.Document(io.BytesIO(data)).core_properties
    return {
        "title": said.title,
        "authors": said.author,
        "date": said.created.date() if said.created else None,
        "language": said.language,
    }
