"""A visit to an address, as polite as it is careful, and what can be read of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from jobs.retries import Later
from sources import store
from sources.extraction import ExtractedText, extract_text
from sources.fetching import LIMITS, Exchange, NotFetched, politeness
from sources.models import Snapshot, Source
from sources.models.source import SourceKind
from sources.parsing import TranscriptError

from . import metadata

# An answer that another time may be a better one (RFC 9110, RFC 6585, RFC 8470); all from 500 on are.
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Found:
    """What was read of an answer: its text, or why there is none; and what it says of itself."""

    extracted: ExtractedText | None
    reason: str = ""
    proposed: dict[str, str] = field(default_factory=dict)
    snapshot: Snapshot | None = (
        None  # the edition whose text it has, where that is known from the bytes
    )


def visit(url: str, *, by: str) -> Exchange:
    """Fetch `url` as is due to its host; `by` names the visit.

    Raises Later where it is not our turn there yet; Refused; NotFetched, also for an answer that is no
    document.
    """
    try:
        exchange = politeness.visit(url, by=by, limits=LIMITS)
    except politeness.Busy as busy:
        raise Later(busy.until) from busy
    status = exchange.status
    if not 200 <= status < 300:
        raise NotFetched(
            f"The server answered {status} {exchange.reason}".strip() + ".",
            final=status < 500 and status not in PASSING,
            status=status,
        )
    return exchange


def read(exchange: Exchange, source: Source) -> Found:
    """Take the text from the body: of a transcript whole, of another page without what stands around it."""
    before = source.captures.filter(
        sha256=store.digest(exchange.body), snapshot__isnull=False
    ).first()
    if before is not None:  # the same bytes are the same text: to read them again takes a second
        return Found(None, proposed=before.proposed, snapshot=before.snapshot)
    name = PurePosixPath(unquote(urlsplit(exchange.final_url).path)).name
    try:
        extracted = extract_text(
            exchange.body,
            filename=name,
            media_type=exchange.media_type,
            charset=exchange.charset,
            article=source.kind != SourceKind.TRANSCRIPT,
        )
    except TranscriptError as error:
        return Found(None, reason=str(error))
    proposed = metadata.propose(exchange.body, extracted.media_type, exchange.charset)
    return Found(extracted, reason=extracted.note, proposed=proposed)
