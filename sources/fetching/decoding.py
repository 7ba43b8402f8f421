"""Undoing the compression of a body, within a limit: a bomb is left as soon as it shows. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import brotlicffi

from .exchange import MB, Headers, NotFetched

PIECE = 64 * 1024
MEMBERS = 2_000  # of a gzip file, which may be several in a row
MOST = 2  # one in the other: a proxy may compress once more what was compressed

Undo = Callable[[Iterator[bytes]], Iterator[bytes]]


def values(headers: Headers, name: str) -> list[str]:
    """What the headers of this name say, each line by itself, in order."""
    return [value.strip() for key, value in headers if key.lower() == name]


def encodings(headers: Headers) -> list[str]:
    """The compressions of a body, in the order in which they were applied, in lower case."""
    said = [
        part.strip().lower() for part in ",".join(values(headers, "content-encoding")).split(",")
    ]
    return [part for part in said if part not in ("", "identity")]


def decode(raw: bytes, headers: Headers, *, most: int, cut: bool = False) -> bytes:
    """Return the body that `raw` is, by its Content-Encoding; raises NotFetched where it is damaged, of an
    unknown kind, or larger than `most` (with `cut`, where only the beginning is asked for, none of these)."""
    said = encodings(headers)
    if unknown := [one for one in said if one not in UNDOING]:
        raise NotFetched(
            f"The answer is compressed in a way that we do not read: {unknown[0][:40]}.", final=True
        )
    if len(said) > MOST:
        raise NotFetched("The answer is compressed more than twice over.", final=True)
    # In pieces, because what is left of one is copied each time that something of it is undone.
    pieces: Iterator[bytes] = (raw[at : at + PIECE] for at in range(0, len(raw), PIECE))
    for one in reversed(said):
        pieces = _within(UNDOING[one](pieces), most, cut=cut)
    body = bytearray()
    try:
        for piece in pieces:
            body += piece
    except (zlib.error, brotlicffi.error, EOFError) as error:
        if not cut:
            raise NotFetched("The answer is compressed, and damaged.", final=False) from error
    return bytes(body)


def _within(pieces: Iterator[bytes], most: int, *, cut: bool) -> Iterator[bytes]:
    """These pieces as long as there are no more than `most` bytes."""
    left = most
    for piece in pieces:
        if len(piece) > left:
            if not cut:
                raise NotFetched(f"The answer is larger than {most / MB:g} MB.", final=True)
            yield piece[:left]
            return
        left -= len(piece)
        yield piece


def _zlib(wbits: int, pieces: Iterator[bytes], *, members: bool = False) -> Iterator[bytes]:
    undoing = zlib.decompressobj(wbits)
    begun, number = False, 1
    for given in pieces:
        data = given
        while data:
            if undoing.eof:
                data = data.lstrip(b"\0") if members else data  # padding, as Python's gzip has it
                if not data:
                    break
                number += 1
                if not members or number > MEMBERS:
                    raise EOFError
                undoing = zlib.decompressobj(wbits)
            begun = True
            yield undoing.decompress(data, PIECE)
            data = undoing.unconsumed_tail or undoing.unused_data
    while begun and not undoing.eof:
        rest = undoing.decompress(undoing.unconsumed_tail, PIECE)
        if not rest and not undoing.eof:
            raise EOFError
        yield rest


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return _zlib(31, pieces, members=True)


def _deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """As the standard says, with the frame of zlib, or as many servers send it, without."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= 2:
            break
    framed = len(first) >= 2 and first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0

    def again() -> Iterator[bytes]:
        if first:
            yield first
        yield from pieces

    return _zlib(15 if framed else -15, again())


def _brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    undoing = brotlicffi.Decompressor()
    begun = False
    for given in pieces:
        begun = True
        if undoing.is_finished():
            raise EOFError
        yield undoing.process(given, output_buffer_limit=PIECE)
        while not undoing.can_accept_more_data():
            yield undoing.process(b"", output_buffer_limit=PIECE)
    if begun and not undoing.is_finished():
        raise EOFError


UNDOING: dict[str, Undo] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
}
