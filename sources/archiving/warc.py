"""WARC 1.1 (ISO 28500:2017): an exchange as it went over the wire, and the text that was taken from it.

One file for each capture, each record compressed by itself, in this order:

    warcinfo     who wrote it
    request      \\ of each redirect, then of the answer; their responses follow at once
    response     /
    conversion   the body with its compression undone, where the standard library of Python cannot undo it
    conversion   the text that offsets are of (section 6.7), text/plain; it refers to what it was taken from

An edition that was imported from a file has a `resource` record in the place of the exchange. All digests are
SHA-256, in hexadecimal, as everywhere else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BufferWARCWriter

from sources.fetching.decoding import encodings, values

if TYPE_CHECKING:
    from sources.fetching import Exchange, Hop
    from sources.models import Snapshot

VERSION = "WARC/1.1"
STANDARD = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
HTTP = "application/http"
# Compressions that zlib undoes: whoever reads the file needs nothing else for these.
PLAIN = {"gzip", "x-gzip", "deflate"}

Headers = Iterable[tuple[str, str]]


def write(exchange: Exchange, text: str | None) -> bytes:
    """Return the WARC file of an exchange, and of the `text` taken from its body, unless that is None."""
    writing = Writing(exchange.started_at)
    agent = ", ".join(values(exchange.request_headers, "user-agent"))
    writing.info(
        ("software", "Counterclaim"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", STANDARD),
        ("isPartOf", settings.SITE_URL),
        ("operator", ", ".join(filter(None, [settings.PUBLISHER_NAME, settings.PUBLISHER_CONTACT]))),
        ("http-header-user-agent", agent),
        ("robots", "obey"),
    )  # fmt: skip
    for hop in exchange.hops:
        # What a redirect says besides where it leads to is not read.
        writing.exchange(hop.url, hop, b"", ("WARC-Truncated", "unspecified"))
    response = writing.exchange(exchange.final_url, exchange, exchange.raw)
    taken_from = response
    if not set(encodings(exchange.response_headers)) <= PLAIN:
        media_type = exchange.media_type or "application/octet-stream"
        taken_from = writing.conversion(
            exchange.final_url, exchange.body, media_type, refers_to=response
        )
    if text is not None:
        writing.text(exchange.final_url, text, refers_to=taken_from)
    return writing.done()


def compose(snapshot: Snapshot) -> bytes:
    """Return a WARC file of an edition that was imported from a file: the same bytes each time.

    Raises store.Missing and store.Damaged.
    """
    data, uri = snapshot.content, f"urn:sha256:{snapshot.sha256}"
    writing = Writing(snapshot.retrieved_at, names=f"{uri}:{snapshot.text_sha256}")
    writing.info(
        ("software", "Counterclaim"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", STANDARD),
        ("description", "A file that was handed in; the date is when. It was not fetched from an address."),
    )  # fmt: skip
    resource = writing.record("resource", data, snapshot.media_type, ("WARC-Target-URI", uri))
    writing.text(uri, snapshot.text, refers_to=resource)
    return writing.done()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Writing:
    """A WARC file as it is written. `names`, where given, is what the names of its records come from."""

    def __init__(self, at: dt.datetime, *, names: str = "") -> None:
        self.date = f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        self.names = names
        self.number = 0
        self.writer = BufferWARCWriter(gzip=True, warc_version=VERSION)

    def done(self) -> bytes:
        data: bytes = self.writer.get_contents()
        self.writer.out.close()
        return data

    def _name(self) -> str:
        self.number += 1
        named = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.names}:{self.date}:{self.number}")
        return f"<urn:uuid:{named if self.names else uuid.uuid4()}>"

    def record(self, kind: str, block: bytes, media_type: str, *headers: tuple[str, str]) -> str:
        """Write a record of these bytes as they are; returns its name."""
        name = self._name()
        said = [("WARC-Type", kind), ("WARC-Record-ID", name), ("WARC-Date", self.date), *headers]
        if kind in ("resource", "conversion"):  # the block is the payload
            said.append(("WARC-Payload-Digest", _digest(block)))
        said.append(("WARC-Block-Digest", _digest(block)))
        row: Any = ArcWarcRecord(
            *("warc", kind, StatusAndHeaders("", said, protocol=VERSION), io.BytesIO(block)),
            *(None, media_type, len(block)),
        )
        row.payload_length = len(block)
        self.writer.write_record(row)
        return name

    def info(self, *fields: tuple[str, str]) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
        self.record("warcinfo", lines.encode(), "application/warc-fields")

    def exchange(
        self, url: str, part: Exchange | Hop, payload: bytes, *response: tuple[str, str]
    ) -> str:
        """Write what was asked and what was answered; returns the name of the response."""
        about = [("WARC-Target-URI", url)] + ([("WARC-IP-Address", part.ip)] if part.ip else [])
        split = urlsplit(url)
        target = f"{split.path or '/'}{'?' if split.query else ''}{split.query}"
        asked = _head(f"GET {target} HTTP/1.1", part.request_headers)
        nothing = ("WARC-Payload-Digest", _digest(b""))
        request = self.record("request", asked, f"{HTTP}; msgtype=request", *about, nothing)
        answered = _head(f"HTTP/1.1 {part.status} {part.reason}", part.response_headers) + payload
        about += [("WARC-Concurrent-To", request), ("WARC-Payload-Digest", _digest(payload))]
        return self.record("response", answered, f"{HTTP}; msgtype=response", *about, *response)

    def conversion(self, url: str, data: bytes, media_type: str, *, refers_to: str) -> str:
        about = [("WARC-Target-URI", url), ("WARC-Refers-To", refers_to)]
        return self.record("conversion", data, media_type, *about)

    def text(self, url: str, text: str, *, refers_to: str) -> None:
        self.conversion(url, text.encode(), "text/plain; charset=utf-8", refers_to=refers_to)


def _head(first: str, headers: Headers) -> bytes:
    """A request or an answer up to its body. The pieces (`Transfer-Encoding`) that a body travelled in have
    been put together: the header that told of them is kept under another name."""
    lines = [first]
    for name, value in headers:
        apart = name.lower() == "transfer-encoding"
        lines.append(f"{'X-Archive-Orig-' if apart else ''}{name}: {value}")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1", "replace")
