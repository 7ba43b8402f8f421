"""Servers that mean harm, each a real one on this machine: what becomes of a visit to it.

They are let through by the hook for tests, with limits that a test can wait for. A second server, the canary,
is on every other address of this machine, and hears nothing.
"""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotlicffi
import pytest

from sources.fetching import Limits, NotFetched, Refused, fetch
from tests.sources.fetching.servers import Answer, serving

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("here")]

LIMITS = Limits(
    sent=200_000,
    decoded=1_000_000,
    header_bytes=16_000,
    headers=50,
    redirects=3,
    connect=1,
    read=0.4,
    whole=1,
)
ZEROS = bytes(30_000_000)


def ok(*headers: str, body: bytes = b"", media_type: str = "text/html") -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {media_type}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + body


def redirect(location: str | bytes, status: str = "302 Found") -> bytes:
    location = location if isinstance(location, bytes) else location.encode()
    return f"HTTP/1.1 {status}\r\nLocation: ".encode() + location + b"\r\n\r\n"


def drip(first: bytes, each: bytes, seconds: float = 0.1) -> Answer:
    """Each piece comes in time; all of them never do."""

    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(first)
        for _ in range(60):
            connection.sendall(each)
            time.sleep(seconds)

    return send


def forever(first: bytes, each: bytes) -> Answer:
    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(first)
        while True:  # until nobody listens
            connection.sendall(each)

    return send


def then(first: bytes, do: Callable[[socket.socket], None]) -> Answer:
    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(first)
        do(connection)

    return send


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silence(connection: socket.socket) -> None:
    connection.recv(1)  # until nobody listens


def gzip_again(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data, 1), 1)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(1, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def by_number(*answers: Callable[[int], bytes]) -> Answer:
    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(answers[number % len(answers)](number))

    return send


def by_path(answer: Callable[[str], bytes]) -> Answer:
    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(answer(head.split(b" ")[1].decode()))

    return send


LONG_LINE = b"X-Long: " + b"a" * 1_000_000
CHUNKED = ok("Transfer-Encoding: chunked")

TYPES = """
image/png image/svg+xml video/mp4 audio/mpeg font/woff2 multipart/x-mixed-replace;boundary=a
multipart/form-data;boundary=a message/rfc822 application/zip application/x-msdownload application/javascript
application/gzip application/msword text/event-stream nonsense text */*
""".split()


@dataclass
class Rows:
    """Servers from which nothing comes but this exception, with these words in its sentence."""

    kind: type[Exception]
    words: str
    servers: dict[str, Answer]
    final: bool = True  # whether another attempt is useless


TABLE = [
    Rows(
        NotFetched,
        "larger than 1 MB",
        servers={
            "gzip bomb": ok("Content-Encoding: gzip", body=gzip.compress(ZEROS, 9)),
            "gzip bomb, many members": ok(
                "Content-Encoding: gzip", body=gzip.compress(ZEROS[:400_000]) * 30
            ),
            "gzip in gzip bomb": ok("Content-Encoding: gzip, gzip", body=gzip_again(ZEROS)),
            "gzip in gzip, in two headers": ok(
                "Content-Encoding: gzip", "Content-Encoding: gzip", body=gzip_again(ZEROS)
            ),
            "deflate bomb": ok("Content-Encoding: deflate", body=zlib.compress(ZEROS)),
            "deflate bomb, unframed": ok("Content-Encoding: deflate", body=raw_deflate(ZEROS)),
            "br bomb": ok("Content-Encoding: br", body=brotlicffi.compress(ZEROS, quality=4)),
            "br bomb in gzip": ok(
                "Content-Encoding: br, gzip",
                body=gzip.compress(brotlicffi.compress(ZEROS, quality=4)),
            ),
        },
    ),
    Rows(
        NotFetched,
        "more than twice",
        servers={
            "gzip in gzip in gzip": ok(
                "Content-Encoding: gzip, gzip, gzip", body=gzip.compress(gzip_again(b"a"))
            ),
            "hundred times gzip": ok(
                "Content-Encoding: " + ",".join(["gzip"] * 100), body=gzip.compress(b"a")
            ),
        },
    ),
    Rows(
        NotFetched,
        "compressed in a way",
        servers={
            "zstd": ok("Content-Encoding: zstd", body=b"\x28\xb5\x2f\xfd"),
            "a made-up compression": ok("Content-Encoding: ../../etc", body=b"x"),
        },
    ),
    Rows(
        NotFetched,
        "damaged",
        final=False,
        servers={
            "gzip that is none": ok("Content-Encoding: gzip", body=b"<p>plain</p>"),
            "gzip that breaks off": ok(
                "Content-Encoding: gzip", body=gzip.compress(b"a" * 9000)[:-6]
            ),
            "gzip with a wrong sum": ok(
                "Content-Encoding: gzip", body=gzip.compress(b"abc")[:-8] + bytes(8)
            ),
            "gzip, then something else": ok(
                "Content-Encoding: gzip", body=gzip.compress(b"abc") + b"<script>"
            ),
            "br that breaks off": ok(
                "Content-Encoding: br", body=brotlicffi.compress(b"a b c d e" * 99)[:-3]
            ),
            "br that is none": ok("Content-Encoding: br", body=b"\xff" * 50),
            "deflate that is none": ok("Content-Encoding: deflate", body=b"\xff" * 50),
        },
    ),
    Rows(
        NotFetched,
        "larger than 0.2 MB",
        servers={
            "endless body": forever(ok(), b"a" * 65_536),
            "endless pieces": forever(CHUNKED, b"8000\r\n" + b"a" * 0x8000 + b"\r\n"),
            "a length that is too much": ok("Content-Length: 200001"),
        },
    ),
    Rows(
        NotFetched,
        "without end",
        servers={
            "endless tiny pieces with long remarks": forever(
                CHUNKED, b"1;" + b"x" * 4000 + b"\r\na\r\n"
            ),
            "endless announcements": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            "endless early hints": forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        },
    ),
    Rows(
        NotFetched,
        "headers",
        servers={
            "endless after the last piece": forever(CHUNKED + b"0\r\n", b"X: y\r\n"),
            "endless headers": forever(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n"),
        },
    ),
    Rows(
        NotFetched,
        "more than 50 headers",
        servers={
            "many small headers": ok(*(f"X-{number}: 1" for number in range(60))),
        },
    ),
    Rows(
        NotFetched,
        "of headers",
        servers={
            "header line of 10 MB": forever(b"HTTP/1.1 200 OK\r\n", LONG_LINE),
            "header line that goes on for ever": forever(
                b"HTTP/1.1 200 OK\r\nX: a\r\n", b" and more\r\n"
            ),
            "lines that are no headers": forever(b"HTTP/1.1 200 OK\r\n", b"nonsense\r\n"),
        },
    ),
    Rows(
        NotFetched,
        "speak HTTP",
        servers={
            "endless status line": forever(b"HTTP/1.1 200 ", b"O" * 9000),
            "HTTP/0.9": b"<html>hello</html>\n",
            "HTTP/2": b"HTTP/2 200 OK\r\n\r\n",
            "an SSH server": b"SSH-2.0-OpenSSH_9.2\r\n",
            "a Redis server": b"-ERR wrong number of arguments for 'get' command\r\n",
            "a status of words": b"HTTP/1.1 OK\r\n\r\n",
            "a status of 999": b"HTTP/1.1 999 Odd\r\n\r\n",
            "a negative status": b"HTTP/1.1 -200 OK\r\n\r\n",
            "TLS on a plain port": b"\x15\x03\x01\x00\x02\x02\x46\n",
        },
    ),
    Rows(
        NotFetched,
        "nothing for 0.4 seconds",
        final=False,
        servers={
            "silence": then(b"", silence),
            "silence after the head": then(ok("Content-Length: 9"), silence),
        },
    ),
    Rows(
        NotFetched,
        "no whole answer within 1 second",
        final=False,
        servers={
            "headers that drip": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
            "one header that drips": drip(b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
            "body that drips": drip(ok(), b"a"),
            "body that drips, of a length": drip(ok("Content-Length: 1000"), b"a"),
            "pieces that drip": drip(CHUNKED, b"1\r\na\r\n"),
            "compressed body that drips": drip(ok("Content-Encoding: gzip"), b"\x1f"),
        },
    ),
    Rows(
        NotFetched,
        "broke off",
        final=False,
        servers={
            "a length beyond the end": ok("Content-Length: 10", body=b"short"),
            "a piece that breaks off": CHUNKED + b"5\r\nabc",
            "reset in the body": then(ok("Content-Length: 99", body=b"abc"), reset),
            "reset in a body without a length": then(ok(body=b"abc"), reset),
        },
    ),
    Rows(
        NotFetched,
        "no length that can be",
        servers={
            "a negative length": ok("Content-Length: -1", body=b"abc"),
            "a length of words": ok("Content-Length: many", body=b"abc"),
            "a length with a sign": ok("Content-Length: +3", body=b"abc"),
            "a length in other digits": ok("Content-Length: ٣", body=b"abc"),
            "an enormous length": ok("Content-Length: " + "9" * 5000, body=b"abc"),
            "two lengths": ok("Content-Length: 3", "Content-Length: 4", body=b"abcd"),
        },
    ),
    Rows(
        NotFetched,
        "sizes are wrong",
        final=False,
        servers={
            "pieces of no size": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
            "pieces of a negative size": CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
            "pieces of an enormous size": CHUNKED + b"f" * 40 + b"\r\nabc",
            "a piece longer than it says": CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
        },
    ),
    Rows(
        NotFetched,
        "sizes are wrong",
        servers={"an endless size of a piece": forever(CHUNKED, b"0" * 9000)},
    ),
    Rows(
        NotFetched,
        "closed without a whole answer",
        final=False,
        servers={
            "pieces that break off": CHUNKED + b"5\r\nabcde\r\n",
            "nothing": b"",
            "HTTP/0.9 without an end of line": b"<html>hello</html>",
            "a head that breaks off": b"HTTP/1.1 200 OK\r\nContent-",
        },
    ),
    Rows(
        NotFetched,
        "travels in a way",
        servers={
            "pieces in gzip": ok("Transfer-Encoding: gzip, chunked"),
            "a made-up transfer": ok("Transfer-Encoding: xchunked"),
        },
    ),
    Rows(
        NotFetched,
        "another protocol",
        servers={
            "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        },
    ),
    Rows(
        NotFetched,
        "closed without an answer",
        final=False,
        servers={
            "reset at once": then(b"", reset),
            "reset in the head": then(b"HTTP/1.1 200 OK\r\nCont", reset),
        },
    ),
    Rows(
        Refused,
        "does not say",
        servers={
            "octet-stream": ok(body=b"\x7fELF", media_type="application/octet-stream"),
            "no type": b"HTTP/1.1 200 OK\r\n\r\n<p>hello</p>",
        },
    ),
    Rows(
        Refused,
        "no text",
        servers={
            "a video behind a length of nothing": ok("Content-Length: 0", media_type="video/mp4"),
            "two types, the last a picture": ok("Content-Type: image/png", body=b"x"),
            "endless video": forever(ok(media_type="video/mp4"), b"a" * 9000),
        },
    ),
    Rows(
        NotFetched,
        "does not say where",
        servers={
            "redirect to itself": by_number(lambda n: redirect("")),
            "redirect without a place": b"HTTP/1.1 301 Moved\r\n\r\n",
        },
    ),
    Rows(
        NotFetched,
        "circle",
        servers={
            "redirect in a circle of one": by_number(lambda n: redirect("/")),
            "redirect to itself, by its fragment": by_number(lambda n: redirect("#there")),
            "redirect to no host": redirect("http:///"),  # read as browsers read it: the same place
            "redirect in a circle of two": by_path(
                lambda path: redirect("/b" if path == "/" else "/")
            ),
        },
    ),
    Rows(
        NotFetched,
        "more than 3 redirects",
        servers={
            "redirects without end": by_number(lambda n: redirect(f"/{n}")),
        },
    ),
    Rows(
        NotFetched,
        "no whole answer",
        final=False,
        servers={
            "redirect that drips": drip(b"HTTP/1.1 302 Found\r\nLocation: /", b"a"),
        },
    ),
    Rows(
        Refused,
        "no text that can be kept",
        {f"type {kind}": ok(body=b"x", media_type=kind) for kind in TYPES},
    ),
]
REDIRECTS = {
    "public internet": [
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://10.0.0.1/",
        "http://192.168.1.1/admin",
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:a00:1::]/",
        "http://167772161/",
        "http://0xa000001/",
        "http://012.0.0.1/",
        "http://2852039166/",
        "http://0.0.0.0:{canary}/",
        "http://0:{canary}/",
        "http://[::]:{canary}/",
        "http://inside.example:{canary}/",
        "http://both.example:{canary}/",
    ],
    "four numbers": [
        "http://2130706433:{canary}/",
        "http://0x7f.1:{canary}/",
        "http://0177.0.0.1:{canary}/",
    ],
    "has to begin": [
        "file:///etc/passwd",
        "gopher://127.0.0.1:{canary}/_GET",
        "ftp://127.0.0.1:{canary}/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "mailto:somebody@news.example",
    ],
    "user name": [
        "http://me:password@127.0.0.1:{canary}/",
        "http://@127.0.0.1:{canary}/",
        "http://127.0.0.1%2f@news.example/",
    ],
    "character": [
        "http://127.0.0.1:{canary}\\@news.example/",
        "/a\tb",
        "/a\x00b",
        "/a\rX-Injected: yes",
    ],
    "no web address": [
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
    "no host that can be": [
        "http://news..example/",
    ],
}
TABLE += [
    Rows(Refused, words, {f"redirect to {place!r}": redirect(place) for place in places})
    for words, places in REDIRECTS.items()
]
SERVERS = {name: (answer, rows) for rows in TABLE for name, answer in rows.servers.items()}


def with_canary(answer: Answer, port: int) -> Answer:
    return answer.replace(b"{canary}", str(port).encode()) if isinstance(answer, bytes) else answer


def test_the_table_is_long_enough():
    assert len(SERVERS) == sum(len(rows.servers) for rows in TABLE) >= 60


@pytest.mark.parametrize("name", SERVERS)
def test_a_hostile_server(name, canary, names, connected):
    answer, rows = SERVERS[name]
    names["inside.example"] = [["0.0.0.0"]]
    names["both.example"] = [["127.0.0.1", "0.0.0.0"]]
    begun = time.monotonic()
    with serving(with_canary(answer, canary.port)) as server:
        with pytest.raises(rows.kind, match=rows.words) as failure:
            fetch(server.url + "/", limits=LIMITS)

        assert time.monotonic() - begun < 3
        assert set(connected) == {("127.0.0.1", server.port)}
    assert canary.seen == []
    assert getattr(failure.value, "final", True) is rows.final
    assert str(failure.value).endswith(".")
