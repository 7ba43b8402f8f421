"""WARC files that others' tools read: warcio, and nothing but the standard library."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import brotlicffi
import pytest
from warcio.archiveiterator import ArchiveIterator

from sources.archiving import warc
from tests.factories import SnapshotFactory

AT = dt.datetime(2026, 11, 26, 7, 30, 1, 250, dt.UTC)
PAGE = "<p>Keine Zusage – никакой гарантии.</p>".encode()
TEXT = "Keine Zusage – никакой гарантии.\n"


def exchange(raw: bytes = PAGE, *headers: tuple[str, str], body: bytes = PAGE) -> SimpleNamespace:
    hop = SimpleNamespace(
        url="http://a.example/old?x=1", ip="192.0.2.7", status=301, reason="Moved Permanently",
        request_headers=[("Host", "a.example"), ("User-Agent", "Desk")],
        response_headers=[("Location", "https://b.example/new"), ("Content-Length", "12")],
    )  # fmt: skip
    return SimpleNamespace(
        url=hop.url, final_url="https://b.example/new", started_at=AT, ip="2001:db8::7",
        status=200, reason="OK", media_type="text/html", charset="utf-8", raw=raw, body=body, hops=[hop],
        request_headers=[("Host", "b.example"), ("User-Agent", "Desk")],
        response_headers=[("Content-Type", "text/html; charset=utf-8"), *headers],
    )  # fmt: skip


def check(*paths: Path) -> subprocess.CompletedProcess[str]:
    """The command that comes with warcio, on the file."""
    command = str(Path(sys.executable).with_name("warcio"))
    return subprocess.run(
        [command, "check", "-v", *map(str, paths)], capture_output=True, text=True, check=False
    )


def records(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """The headers and blocks of a file, by the standard library alone."""
    found, plain = [], gzip.decompress(data)
    while plain:
        head, _, rest = plain.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        assert first == "WARC/1.1"
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers["Content-Length"])
        assert rest[length : length + 4] == b"\r\n\r\n"
        found.append((headers, rest[:length]))
        plain = rest[length + 4 :]
    return found


def test_each_exchange_is_there_as_it_went_over_the_wire_and_the_text_after_it():
    written = records(warc.write(exchange(), TEXT))

    kinds = [headers["WARC-Type"] for headers, _ in written]
    assert kinds == ["warcinfo", "request", "response", "request", "response", "conversion"]
    (info, about), (asked, _), (moved, answer), (_, request), (page, _), (text, words) = written
    assert b"isPartOf: http://testserver\r\n" in about
    assert b"robots: obey\r\n" in about
    assert b"http-header-user-agent: Desk\r\n" in about
    assert info["WARC-Date"] == "2026-11-26T07:30:01.000250Z"
    assert moved["WARC-Concurrent-To"] == asked["WARC-Record-ID"]
    assert (moved["WARC-IP-Address"], page["WARC-IP-Address"]) == ("192.0.2.7", "2001:db8::7")
    assert moved["WARC-Target-URI"] == "http://a.example/old?x=1"
    assert answer.startswith(
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://b.example/new\r\n"
    )
    assert request == b"GET /new HTTP/1.1\r\nHost: b.example\r\nUser-Agent: Desk\r\n\r\n"
    assert page["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    assert text["WARC-Refers-To"] == page["WARC-Record-ID"]
    assert words.decode() == TEXT


def test_a_body_that_only_another_library_can_unpack_is_there_unpacked(tmp_path):
    packed = exchange(brotlicffi.compress(PAGE), ("Content-Encoding", "br"))

    written = records(warc.write(packed, TEXT))

    (response, _), (body, unpacked), (text, words) = written[-3:]
    assert (body["WARC-Refers-To"], unpacked) == (response["WARC-Record-ID"], PAGE)
    assert (text["WARC-Refers-To"], words.decode()) == (body["WARC-Record-ID"], TEXT)


def test_without_text_there_is_no_conversion():
    written = records(warc.write(exchange(), None))
    assert [headers["WARC-Type"] for headers, _ in written][-2:] == ["request", "response"]


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (PAGE, []),
        (b"", []),
        (gzip.compress(PAGE), [("Content-Encoding", "gzip")]),
        (brotlicffi.compress(PAGE), [("Content-Encoding", "br")]),
        (PAGE, [("Transfer-Encoding", "chunked"), ("X-Odd", "na\xefve")]),
    ],
    ids=["plain", "empty", "gzip", "brotli", "chunked"],
)
def test_warcio_reads_and_checks_it(raw, headers, tmp_path):
    data = warc.write(exchange(raw, *headers, body=PAGE if raw else b""), TEXT)

    (tmp_path / "a.warc.gz").write_bytes(data)
    checked = check(tmp_path / "a.warc.gz")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("digest pass") == len(records(data))
    read = ArchiveIterator(io.BytesIO(data), check_digests="raise")
    bodies = [row.content_stream().read() for row in read if row.rec_type == "response"]
    # What warcio has no library for, it leaves as it is.
    assert bodies[-1] in (PAGE if raw else b"", raw)


def test_a_file_that_was_changed_is_found_out(tmp_path):
    plain = gzip.decompress(warc.write(exchange(), TEXT))
    (tmp_path / "a.warc").write_bytes(plain.replace(b"Keine Zusage", b"Eine  Zusage"))
    assert check(tmp_path / "a.warc").returncode == 1


@pytest.mark.django_db
def test_an_imported_edition_has_a_file_of_its_own_the_same_each_time(tmp_path):
    snapshot = SnapshotFactory(text="MR. X: No promise.\n")

    data = warc.compose(snapshot)

    assert warc.compose(type(snapshot).objects.get(pk=snapshot.pk)) == data
    (_, _), (resource, block), (text, words) = records(data)
    assert (resource["WARC-Type"], block) == ("resource", b"MR. X: No promise.\n")
    assert resource["WARC-Target-URI"] == f"urn:sha256:{snapshot.sha256}"
    assert (text["WARC-Refers-To"], words.decode()) == (resource["WARC-Record-ID"], snapshot.text)
    (tmp_path / "a.warc.gz").write_bytes(data)
    assert check(tmp_path / "a.warc.gz").returncode == 0
