"""What comes of a visit to a server that means well, or nearly so."""

from __future__ import annotations

import datetime as dt
import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from dataclasses import replace

import brotlicffi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from sources.fetching import LIMITS, Hop, NotFetched, Refused, fetch, wire
from sources.fetching.decoding import decode
from tests.sources.fetching.servers import serving

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("here")]

PAGE = "<p>Straße</p>".encode()


def answer(body: bytes = PAGE, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *(headers or ["Content-Type: text/html"]), "", ""]
    return "\r\n".join(lines).encode() + body


def test_an_exchange_is_what_was_asked_and_what_came(settings):
    settings.SITE_URL = "https://facts.example.org"
    head = (
        b'HTTP/1.1 200 All is well\r\nserver: Odd/1\r\nContent-Type: Text/HTML; x=y; Charset="UTF-8"\r\n'
        b"Set-Cookie: a=1\r\nSET-COOKIE:b=2  \r\nX-Folded: one\r\n  two\r\n"
        b"no header at all\r\nX-Latin: \xe4\r\n\r\n"
    )
    before = timezone.now()
    with serving(head + PAGE) as server:
        url = f"{server.url}/ä b?q=ü#part".replace(" ", "%20")
        came = fetch(url, headers=[("If-None-Match", '"a"')])

        assert server.seen == [
            b"GET /%C3%A4%20b?q=%C3%BC HTTP/1.1\r\n"
            b"Host: " + server.url.removeprefix("http://").encode() + b"\r\n"
            b"User-Agent: Counterclaim/0.1.0 (+https://facts.example.org/about/; archiving)\r\n"
            b"Accept: text/html,application/xhtml+xml,application/pdf;q=0.9,text/*;q=0.9,*/*;q=0.5\r\n"
            b"Accept-Encoding: gzip, deflate\r\n"
            b'If-None-Match: "a"\r\n'
            b"Connection: close\r\n\r\n"
        ]
        asked = server.seen[0].decode().split("\r\n")[1:-2]
        assert [f"{name}: {value}" for name, value in came.request_headers] == asked
        assert came.final_url == f"{server.url}/%C3%A4%20b?q=%C3%BC"
    assert came.url == url
    assert before <= came.started_at <= timezone.now()
    assert came.started_at.tzinfo is dt.UTC
    assert (came.ip, came.status, came.reason) == ("127.0.0.1", 200, "All is well")
    assert came.response_headers == [
        ("server", "Odd/1"),
        ("Content-Type", 'Text/HTML; x=y; Charset="UTF-8"'),
        ("Set-Cookie", "a=1"),
        ("SET-COOKIE", "b=2"),
        ("X-Folded", "one two"),
        ("X-Latin", "ä"),
    ]
    assert (came.raw, came.body) == (PAGE, PAGE)
    assert (came.media_type, came.charset, came.hops) == ("text/html", "utf-8", [])


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


# By their names only: gzip writes the time into a file, and each of two processes names a test by what it is
# tried with.
COMPRESSED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "GZip": gzip.compress(PAGE[:5]) + gzip.compress(PAGE[5:]) + bytes(7),
    "deflate": zlib.compress(PAGE),
    " deflate ": raw_deflate(PAGE),
    "br": brotlicffi.compress(PAGE),
    "identity": PAGE,
    "": PAGE,
    "br, gzip": gzip.compress(brotlicffi.compress(PAGE)),
    "gzip, identity, gzip": gzip.compress(gzip.compress(PAGE)),
}


@pytest.mark.parametrize("said", COMPRESSED)
def test_compression_is_undone_and_kept(said):
    raw = COMPRESSED[said]
    headers = ["Content-Type: text/html", f"Content-Encoding: {said}"]
    with serving(answer(raw, *headers)) as server:
        came = fetch(server.url)
    assert (came.raw, came.body) == (raw, PAGE)


@pytest.mark.parametrize("kind", ["gzip", "deflate", "br"])
def test_large_bodies_are_undone_piece_by_piece(kind):
    text = b"".join(b"%d %d\n" % (number, number * number) for number in range(100_000))
    compress = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotlicffi.compress}[kind]
    raw = brotlicffi.compress(text, quality=2) if kind == "br" else compress(text)

    assert len(raw) > 200_000
    assert decode(raw, [("Content-Encoding", kind)], most=10_000_000) == text
    assert decode(raw, [("Content-Encoding", kind)], most=99_999, cut=True) == text[:99_999]


BOMBS = {
    "gzip": lambda: gzip.compress(bytes(100_000_000), 1),
    "deflate": lambda: zlib.compress(bytes(100_000_000), 1),
    "br": lambda: brotlicffi.compress(bytes(100_000_000), quality=1),
    "gzip, gzip": lambda: gzip.compress(gzip.compress(bytes(100_000_000), 1), 9),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_left_before_it_takes_memory(kind):
    bomb = BOMBS[kind]()
    tracemalloc.start()
    try:
        with pytest.raises(NotFetched, match="larger than 1 MB"):
            decode(bomb, [("Content-Encoding", kind)], most=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_file_of_millions_of_empty_members_is_left():
    raw = gzip.compress(b"") * 100_000
    begun = time.monotonic()
    with pytest.raises(NotFetched, match="damaged"):
        decode(raw, [("Content-Encoding", "gzip")], most=1_000_000)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        (b"5\r\n<p>St\r\n9;remark=1\r\nra\xc3\x9fe</p>\r\n0\r\nX-After: all\r\n\r\n", []),
        # A length besides says nothing: RFC 9112, 6.3.
        (b"e\r\n<p>Stra\xc3\x9fe</p>\r\n000\r\n\r\n", ["Content-Length: 3"]),
    ],
)
def test_what_travels_in_pieces_is_put_together(pieces, headers):
    head = ["Content-Type: text/html", "Transfer-Encoding: Chunked", *headers]
    with serving(answer(pieces, *head)) as server:
        assert fetch(server.url).raw == PAGE


def test_a_length_that_is_too_short_is_the_length():
    with serving(answer(PAGE, "Content-Type: text/html", "Content-Length: 3, 3")) as server:
        assert fetch(server.url).body == b"<p>"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_has_none(status):
    with serving(
        answer(PAGE, "Content-Length: 99", "Content-Type: image/png", status=status)
    ) as server:
        came = fetch(server.url)
    assert (came.status, came.body) == (int(status[:3]), b"")


@pytest.mark.parametrize("status", [206, 300, 400, 404, 410, 429, 451, 500, 503])
def test_any_status_is_an_answer(status):
    with serving(answer(b"gone", "Content-Type: text/html", status=f"{status}")) as server:
        came = fetch(server.url)
    assert (came.status, came.reason, came.body) == (status, "", b"gone")


def test_an_error_may_be_a_picture_and_what_is_too_much_of_one_says_its_status():
    body = [b"x" * 2000, "Content-Type: image/png"]
    with serving(answer(*body, status="404 Not Found")) as server:
        assert fetch(server.url).media_type == "image/png"
        with pytest.raises(NotFetched) as failure:
            fetch(server.url, limits=replace(LIMITS, sent=1000))
        assert failure.value.status == 404


def test_announcements_before_an_answer_are_passed():
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with serving(early + answer()) as server:
        assert fetch(server.url).response_headers == [("Content-Type", "text/html")]


@pytest.mark.parametrize(
    ("media_type", "body", "path", "found"),
    [
        ("text/plain", b"a", "/a", "text/plain"),
        ("TEXT/VTT", b"a", "/a", "text/vtt"),
        ("application/ld+json", b"{}", "/a", "application/ld+json"),
        ("application/atom+xml", b"<a/>", "/a", "application/atom+xml"),
        ("application/pdf", b"no pdf", "/a", "application/pdf"),
        ("application/octet-stream", b"%PDF-1.7", "/a", "application/pdf"),
        ("", b"%PDF-1.7", "/a", "application/pdf"),
        ("binary/octet-stream", b"\xef\xbb\xbfWEBVTT\n", "/a", "text/vtt"),
        (
            "application/octet-stream",
            b"1\n00:00:01,000 --> 00:00:02,000\nHello",
            "/A.SRT?v=1",
            "application/x-subrip",
        ),
        (
            "application/octet-stream",
            b"PK\x03\x04",
            "/minutes.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_a_document_is_of_the_type_that_is_said_or_that_it_shows(media_type, body, path, found):
    with serving(answer(body, f"Content-Type: {media_type}")) as server:
        assert fetch(server.url + path).media_type == found


@pytest.mark.parametrize(
    ("said", "charset"),
    [
        ("text/html;charset=windows-1251", "windows-1251"),
        ("text/html; charset='KOI8-R'", "koi8-r"),
        ("text/html; charset=", ""),
        ("text/html; charset=\u00fc", ""),
        ("text/html; nocharset=utf-8", ""),
        ("text/html; charset=a/../../b", "a"),
        ("text/html; charset=no-such-thing", "no-such-thing"),
    ],
)
def test_a_charset_is_told_as_it_is_said_and_changes_no_byte(said, charset):
    with serving(answer(PAGE, f"Content-Type: {said}")) as server:
        came = fetch(server.url)
    assert (came.charset, came.body) == (charset, PAGE)


def test_redirects_are_followed_and_kept():
    pages = {
        "/a": answer(b"ignored", "Location: b?c=d", "Content-Length: 99", status="301 Moved"),
        "/b?c=d": answer(b"", "location: /\u00e9\u0434#x", status="307 Temporary Redirect"),
        "/%C3%A9%D0%B4": answer(
            b"", "Location: /e%0d%0aX-Injected:%20yes f", status="303 See Other"
        ),
        "/e%0d%0aX-Injected:%20yes%20f": answer(
            b"", "Location: ?g", status="308 Permanent Redirect"
        ),
        "/e%0d%0aX-Injected:%20yes%20f?g": answer(),
    }

    def send(connection: socket.socket, head: bytes, number: int) -> None:
        connection.sendall(pages[head.split(b" ")[1].decode()])

    with serving(send) as server:
        came = fetch(server.url + "/a")

        assert server.targets == list(pages)
        assert all(b"injected:" not in head.lower().partition(b"\r\n")[2] for head in server.seen)
        assert [hop.url for hop in came.hops] == [server.url + path for path in list(pages)[:-1]]
        assert came.hops[0] == Hop(
            url=server.url + "/a",
            ip="127.0.0.1",
            status=301,
            reason="Moved",
            request_headers=came.request_headers,
            response_headers=[("Location", "b?c=d"), ("Content-Length", "99")],
        )
        assert (came.url, came.body) == (server.url + "/a", PAGE)
        assert came.final_url == server.url + list(pages)[-1]


@pytest.mark.parametrize("redirects", [0, 1, 5])
def test_so_many_redirects_and_no_more(redirects):
    def send(connection: socket.socket, head: bytes, number: int) -> None:
        to = answer(b"", f"Location: /{number + 1}", status="302 Found")
        connection.sendall(to if number < redirects else answer())

    with serving(send) as server:
        came = fetch(server.url, limits=replace(LIMITS, redirects=redirects))
        assert len(came.hops) == redirects
    with serving(send) as server:
        if redirects:
            with pytest.raises(NotFetched, match="more than"):
                fetch(server.url, limits=replace(LIMITS, redirects=redirects - 1))
            assert len(server.seen) == redirects


def test_who_is_asked_before_each_address_may_refuse_it():
    asked = []

    def before(url: str) -> None:
        asked.append(url)
        time.sleep(0.3)  # its time is its own
        if url.endswith("/b"):
            raise Refused("Not there.")

    with serving(answer(b"", "Location: /b", status="302 Found")) as server:
        with pytest.raises(Refused, match="Not there"):
            fetch(server.url, before=before, limits=replace(LIMITS, whole=0.2))
        assert asked == [server.url + "/", server.url + "/b"]
        assert server.targets == ["/"]


@pytest.mark.parametrize("more", [("X", "a\r\nHost: b"), ("X\r\n", "a"), ("X: y", "a"), ("X", "ä")])
def test_a_header_of_ours_cannot_become_two(more):
    with pytest.raises(ValueError, match="line break"):
        fetch("http://127.0.0.1:9/", headers=[more])


def test_time_is_over_in_any_thread():
    came: list[BaseException] = []

    def drip(connection: socket.socket, head: bytes, number: int) -> None:
        for _ in range(50):
            connection.sendall(b"H")
            time.sleep(0.05)

    def ask() -> None:
        try:
            fetch(server.url, limits=replace(LIMITS, whole=0.3, read=0.2))
        except NotFetched as failure:
            came.append(failure)

    with serving(drip) as server:
        begun = time.monotonic()
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(5)

    assert time.monotonic() - begun < 2
    assert [str(one) for one in came] == ["There was no whole answer within 0.3 seconds."]


def test_where_nobody_listens():
    with serving(b"") as server:
        pass
    with pytest.raises(NotFetched, match="refused") as failure:
        fetch(server.url)
    assert not failure.value.final


# --- https ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for news.example that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "news.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("news.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "news.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tls, names):
    names["news.example"] = [["127.0.0.1"]]
    with (
        serving(answer(), tls=tls) as server,
        pytest.raises(NotFetched, match="certificate is not good: self-signed"),
    ):
        fetch(f"https://news.example:{server.port}/")
    assert server.seen == []


def test_a_certificate_is_for_the_name_that_was_asked(tls, certificate, names, monkeypatch):
    names["news.example"] = names["other.example"] = [["127.0.0.1"]]
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(wire, "trust", lambda: trusting)
    with serving(answer(), tls=tls) as server:
        assert fetch(f"https://news.example:{server.port}/").body == PAGE
        for host in ("other.example", "127.0.0.1"):
            with pytest.raises(NotFetched, match="certificate is not good"):
                fetch(f"https://{host}:{server.port}/")
        assert len(server.seen) == 1


def test_https_where_there_is_none():
    with (
        serving(answer(), hear=False) as server,
        pytest.raises(NotFetched, match=r"No secure connection|closed without"),
    ):
        fetch(f"https://127.0.0.1:{server.port}/")


def test_a_handshake_that_never_ends():
    with (
        serving(lambda connection, head, number: connection.recv(9), hear=False) as server,
        pytest.raises(NotFetched),
    ):
        fetch(f"https://127.0.0.1:{server.port}/", limits=replace(LIMITS, connect=0.3))


def test_http_where_only_https_is(tls):
    with (
        serving(answer(), tls=tls) as server,
        pytest.raises(NotFetched, match=r"HTTP|closed without"),
    ):
        fetch(server.url)
