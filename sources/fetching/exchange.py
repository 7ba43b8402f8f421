"""What was asked, what came, and why nothing did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from .guard import Refused

Headers = list[tuple[str, str]]

MB = 1_000_000


class NotFetched(Exception):
    """Nothing came that could be kept; the sentence says why.

    `final` is whether another attempt is useless, `status` the status of the answer as far as one came.
    """

    def __init__(self, sentence: str, *, final: bool = False, status: int | None = None) -> None:
        super().__init__(sentence)
        self.final = final
        self.status = status


@dataclass(frozen=True)
class Limits:
    sent: int = 30 * MB  # bytes of a body as it travels
    decoded: int = 60 * MB  # bytes of it when its compression is undone
    header_bytes: int = 64_000  # of all header lines together
    headers: int = 200
    redirects: int = 5
    connect: float = 5  # seconds for the look-up, for each address of a name, and for TLS
    read: float = 15  # seconds without a byte
    whole: float = 60  # seconds for all of it, redirects included
    any_type: bool = False  # whatever media type comes
    cut: bool = False  # end a body at its limits in the place of refusing it


LIMITS = Limits()


@dataclass(frozen=True)
class Hop:
    """A redirect: what was asked, and the answer that led on."""

    url: str
    ip: str
    status: int
    reason: str
    request_headers: Headers
    response_headers: Headers


@dataclass(frozen=True)
class Exchange:
    """A visit that ended in an answer, of whatever status."""

    url: str  # as it was given
    final_url: str  # as it was asked last: ASCII, without a fragment
    started_at: dt.datetime  # UTC
    ip: str
    status: int
    reason: str
    request_headers: Headers
    response_headers: Headers  # in order, as they came
    raw: bytes  # the body: pieces put together, compression as it was
    body: bytes  # the body, compression undone
    media_type: str  # what the body is taken for; lower case, without parameters
    charset: str  # lower case; empty if unsaid
    hops: list[Hop] = field(default_factory=list)  # there are some if and only if redirects led on


__all__ = ["LIMITS", "MB", "Exchange", "Headers", "Hop", "Limits", "NotFetched", "Refused"]
