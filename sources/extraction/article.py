"""The article of a web page without what stands around it, as trafilatura finds it."""

from __future__ import annotations

import re

import trafilatura

MIN_CHARACTERS = 200  # less is a teaser or a notice about cookies


def read(data: bytes) -> str:
    """The text of the article in a page (HTML in UTF-8), or "" where there is none to be found.

    Its title comes first, then a blank line between paragraphs.
    """
    page = data.decode("utf-8")
    found = trafilatura.bare_extraction(
        page,
        include_comments=False,
        include_tables=True,
        include_images=False,
        include_links=False,
        with_metadata=True,
        favor_recall=True,
    )
    text = (found.text or "").strip() if isinstance(found, trafilatura.settings.Document) else ""
    if len(text) < MIN_CHARACTERS:
        return ""
    paragraphs = [" ".join(line.split()) for line in text.split("\n")]
    title = " ".join((found.title or "").split())  # type: ignore[union-attr]
    if title and title not in paragraphs[:3]:
        paragraphs.insert(0, title)
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, paragraphs))) + "\n"
