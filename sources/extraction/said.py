"""What a document says of itself: the words of its title, authors, publisher, date and language, as JSON.

Each library is loaded where it is needed, for each takes a while.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

PDF, ZIP = b"%PDF-", b"PK\x03\x04"
_LANGUAGE = re.compile(
    r"<html\b[^<>]{0,2000}?\blang\s*=\s*[\"']?([A-Za-z0-9-]{2,35})", re.IGNORECASE
)


def read(data: bytes) -> str:
    """Return what a PDF or Word file, or a web page in UTF-8, says: a mapping of names to texts."""
    reader = _pdf if data.startswith(PDF) else _docx if data.startswith(ZIP) else _page
    said = reader(data)
    return json.dumps({name: str(value) for name, value in said.items() if value})


def _page(data: bytes) -> dict[str, Any]:
    import trafilatura

    page = data.decode("utf-8")
    said = trafilatura.extract_metadata(page)
    language = _LANGUAGE.search(page[:20_000])
    return {
        "title": said.title,
        "authors": said.author,
        "publisher": said.sitename,
        "date": said.date,
        "language": said.language or (language and language[1]),
    }


def _pdf(data: bytes) -> dict[str, Any]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    said: Any = reader.metadata
    root: Any = reader.root_object
    created = said and said.creation_date
    return {
        "title": said and said.title,
        "authors": said and said.author,
        "date": created and created.date(),
        "language": root.get("/Lang"),
    }


def _docx(data: bytes) -> dict[str, Any]:
    import docx

    said = docx.Document(io.BytesIO(data)).core_properties
    return {
        "title": said.title,
        "authors": said.author,
        "date": said.created and said.created.date(),
        "language": said.language,
    }
