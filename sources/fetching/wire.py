"""One question and its answer over one connection, byte by byte: HTTP/1.1, within limits.

Not by `requests`: what is archived are the headers as they came, in their order, and the address that was
connected to; and the limits on time and on headers hold for each byte, in any thread. A server that sends one
byte now and then keeps to every limit that a library has.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from functools import cache

import certifi
from django.conf import settings

from . import guard
from .address import Address
from .decoding import values
from .exchange import MB, Headers, Limits, NotFetched

STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9][0-9])(?: (.*))?")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
SIZE = re.compile(rb"[0-9A-Fa-f]{1,12}")
LINE = 8_000  # bytes of a line that is no header: the status, the size of a piece
INTERIM = 10  # answers that say only that another comes
PIECE = 64 * 1024


class Clock:
    """The time that is left for a whole visit."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def left(self, most: float) -> float:
        """At most so many seconds; raises NotFetched when none are left."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise NotFetched(
                f"There was no whole answer within {self.seconds:g} seconds.", final=False
            )
        return min(left, most)


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed: the system's authorities, and those that browsers believe."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Connection:
    """To one server, for one question. Use as a context manager; raises Refused, NotFetched and OSError."""

    def __init__(self, address: Address, limits: Limits, clock: Clock) -> None:
        self.limits, self.clock = limits, clock
        self.buffer = bytearray()
        self.received = 0
        self.heads = 0  # bytes of header lines
        # Beyond what a body may have: for its pieces' sizes, and no more.
        self.most = 2 * limits.sent + 2 * limits.header_bytes + PIECE
        self.socket = guard.connect(
            address.host,
            address.port,
            left=lambda: clock.left(limits.connect),
            loopback=settings.FETCH_FROM_THIS_MACHINE,
        )
        try:
            self.ip = str(self.socket.getpeername()[0]).partition("%")[0]
            if address.scheme == "https":
                self.socket.settimeout(clock.left(limits.connect))
                self.socket = trust().wrap_socket(self.socket, server_hostname=address.host)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def ask(self, target: str, headers: Headers) -> None:
        lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        self.socket.settimeout(self.clock.left(self.limits.read))
        self.socket.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1"))

    def _more(self) -> bool:
        """Read some more; whether there was any."""
        self.socket.settimeout(self.clock.left(self.limits.read))
        try:
            came = self.socket.recv(PIECE)
        except TimeoutError as error:
            self.clock.left(1)
            raise NotFetched(
                f"The server sent nothing for {self.limits.read:g} seconds.", final=False
            ) from error
        self.received += len(came)
        if self.received > self.most:
            raise NotFetched("The server sends without end.", final=True)
        self.buffer += came
        return bool(came)

    def _line(self, most: int, sentence: str) -> bytes:
        """The next line without its end; raises NotFetched with `sentence` if it is longer than `most`."""
        looked = 0
        while (end := self.buffer.find(b"\n", looked)) < 0:
            looked = len(self.buffer)
            if looked > most:
                raise NotFetched(sentence, final=True)
            if not self._more():
                raise NotFetched("The connection was closed without a whole answer.", final=False)
        if end > most:
            raise NotFetched(sentence, final=True)
        line = bytes(self.buffer[:end]).removesuffix(b"\r")
        del self.buffer[: end + 1]
        return line

    def head(self) -> tuple[int, str, Headers]:
        """Return status, reason and headers of the answer."""
        for _ in range(INTERIM):
            begun = STATUS.fullmatch(self._line(LINE, "The server does not speak HTTP."))
            if not begun:
                raise NotFetched("The server does not speak HTTP.", final=True)
            status, reason = int(begun[1]), (begun[2] or b"").decode("latin-1")
            headers = self._headers()
            if status == 101:
                raise NotFetched(
                    "The server changes to another protocol.", final=True, status=status
                )
            if status >= 200:
                return status, reason, headers
        raise NotFetched("The server announces an answer without end.", final=True)

    def _headers(self) -> Headers:
        headers: Headers = []
        many = f"The answer has more than {self.limits.header_bytes / 1000:g} kB of headers."
        while line := self._line(self.limits.header_bytes - self.heads, many):
            self.heads += len(line) + 2
            name, colon, value = line.decode("latin-1").partition(":")
            if line[:1] in b" \t":  # a line that goes on, as it was allowed once
                if headers:
                    headers[-1] = (
                        headers[-1][0],
                        f"{headers[-1][1]} {line.decode('latin-1').strip()}",
                    )
                continue
            if not colon or not TOKEN.fullmatch(name.rstrip()):
                continue  # as browsers do with a line that is no header
            headers.append((name.rstrip(), value.strip(" \t")))
            if len(headers) > self.limits.headers:
                raise NotFetched(
                    f"The answer has more than {self.limits.headers} headers.", final=True
                )
        return headers

    def body(self, status: int, headers: Headers) -> bytes:
        """Return the body with its pieces put together, its compression as it is."""
        body = bytearray()
        limit = self.limits.sent
        for piece in self._pieces(status, headers):
            body += piece
            if len(body) > limit:
                if not self.limits.cut:
                    raise NotFetched(f"The answer is larger than {limit / MB:g} MB.", final=True)
                del body[limit:]
                break
        return bytes(body)

    def _pieces(self, status: int, headers: Headers) -> Iterator[bytes]:
        if status in (204, 304):
            return iter(())
        transfer = ",".join(values(headers, "transfer-encoding")).lower()
        if transfer == "chunked":
            return self._chunks()
        if transfer not in ("", "identity"):
            raise NotFetched("The answer travels in a way that we do not read.", final=True)
        said = {part.strip() for v in values(headers, "content-length") for part in v.split(",")}
        if not said:
            return self._all()
        length = said.pop()
        if said or not (length.isascii() and length.isdigit()) or len(length) > 15:
            raise NotFetched("The server gives no length that can be.", final=True)
        if int(length) > self.limits.sent and not self.limits.cut:
            raise NotFetched(f"The answer is larger than {self.limits.sent / MB:g} MB.", final=True)
        return self._exactly(int(length))

    def _all(self) -> Iterator[bytes]:
        """To the end of the connection."""
        while self.buffer or self._more():
            yield bytes(self.buffer)
            self.buffer.clear()

    def _exactly(self, length: int) -> Iterator[bytes]:
        while length:
            if not self.buffer and not self._more():
                raise NotFetched("The answer broke off before its end.", final=False)
            piece = bytes(self.buffer[:length])
            del self.buffer[: len(piece)]
            length -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        broken = "The answer travels in pieces whose sizes are wrong."
        while True:
            size = self._line(LINE, broken).partition(b";")[0].strip()
            if not SIZE.fullmatch(size):
                raise NotFetched(broken, final=False)
            if not (length := int(size, 16)):
                break
            yield from self._exactly(length)
            if self._line(LINE, broken):
                raise NotFetched(broken, final=False)
        self._headers()  # what may follow, and says nothing to us
