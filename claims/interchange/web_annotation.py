"""Names of the W3C Web Annotation Data Model (Recommendation of 23 February 2017). Pure."""

from __future__ import annotations

import base64
import hashlib

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'


def digest_iri(data: bytes) -> str:
    """Return the name of exactly these bytes: an `ni:` IRI with their SHA-256 (RFC 6920, section 3)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"


def text_iri(text: str) -> str:
    """Return the name of exactly this text, in UTF-8: what offsets into it are offsets of.

    Not that of a Snapshot's bytes, from which another program may take another text.
    """
    return digest_iri(text.encode())
