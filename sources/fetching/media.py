"""Which kinds of documents are fetched: those that a text can be taken from. Pure."""

from __future__ import annotations

import re

from .guard import Refused

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {
    *(PDF, DOCX),
    *("application/xhtml+xml", "application/xml", "application/json"),
    *("application/x-subrip", "application/srt"),
}
# Text in a frame of its own, such as application/ld+json; a picture in SVG is not meant.
FRAMED = re.compile(r"application/[a-z0-9.-]+\+(xml|json)")
ENDLESS = {"text/event-stream"}
# What servers say of a file that they know nothing of: then the file says it itself, or it is not kept.
UNSAID = {"", "application/octet-stream", "binary/octet-stream", "application/x-download"}
TIMES = re.compile(rb"\d\d:\d\d[,.]\d{3} --> ")


def refuse(media_type: str) -> None:
    """Raise Refused for a type that is not fetched, whatever the body holds."""
    text = media_type.startswith("text/") and media_type not in ENDLESS
    if not (text or media_type in TYPES or media_type in UNSAID or FRAMED.fullmatch(media_type)):
        raise Refused(f"What is there is no text that can be kept: {media_type}.")


def settle(media_type: str, body: bytes, target: str) -> str:
    """Return what the body is: what the server says, or, where it says nothing, what the body shows.

    Raises Refused where it shows nothing.
    """
    if media_type not in UNSAID:
        return media_type
    path = target.partition("?")[0].lower()
    if body.startswith(b"%PDF-"):
        return PDF
    if body.startswith(b"PK\x03\x04") and path.endswith(".docx"):
        return DOCX
    if body.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return "text/vtt"
    if path.endswith(".srt") and TIMES.search(body[:2000]):
        return "application/x-subrip"
    if not body:
        return media_type
    raise Refused(
        "The server does not say what kind of file this is, and the file does not show it."
    )
