"""A site on this machine that answers as the web does: in every dress, slowly, wrongly, with malice. On a
second visit it has changed; on a third, some of that is taken back."""

from __future__ import annotations

import gzip
import io
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotlicffi
import docx
import fpdf

BEFORE = "The ministers met for two days in the old town hall and spoke about the security of the continent."
CITED = "No promise was ever written down, and none was asked for in that year."
AFTER = (
    "The minutes of the meeting were released by the archive in the spring of the following year."
)
SECTION = (
    f"So much is agreed among those who were there. {CITED} Of the rest they tell many things."
)
REWORDED = SECTION.replace("written down", "put in writing")
MORE = "A second delegation arrived on the evening of the first day, and took no part in the talks."
HTML, UTF8 = "text/html", "text/html; charset=utf-8"


def html(*paragraphs: str, title: str = "Minutes of a meeting", head: str = "") -> str:
    said = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{said}</article></body></html>"
    )


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    type: str = UTF8
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    # In the place of a body of known length: what is written after the head, as long as somebody reads.
    pieces: Callable[[], Iterator[bytes]] | None = None


def page(*paragraphs: str, **more: Any) -> Answer:
    return Answer(html(*(paragraphs or (BEFORE, SECTION, AFTER)), **more).encode())


def packed(encoding: str, pack: Callable[[bytes], bytes]) -> Answer:
    return Answer(pack(page().body), headers={"Content-Encoding": encoding})


def to(address: str, status: int) -> Answer:
    return Answer(status=status, headers={"Location": address})


def raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(data) + packing.flush()


def bomb() -> bytes:
    """A hundred megabytes in a hundred kilobytes."""
    return gzip.compress(b"\0" * 100_000_000, compresslevel=9)


def in_chunks() -> Iterator[bytes]:
    for part in page().body.splitlines(keepends=True):
        yield b"%x\r\n%b\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def slowly() -> Iterator[bytes]:
    for part in page().body.splitlines(keepends=True):
        time.sleep(0.1)
        yield part


def never() -> Iterator[bytes]:
    time.sleep(3)
    yield b""


def for_ever() -> Iterator[bytes]:
    while True:
        yield b"<p>And so on, and so forth.</p>" * 1000


def broken_off() -> Iterator[bytes]:
    yield b"<p>The beginn"


def pdf(*lines: str) -> bytes:
    made = fpdf.FPDF()
    made.set_title("Minutes as a file")
    made.set_author("The Bureau")
    made.add_page()
    made.set_font("Helvetica", size=12)
    for line in lines:
        made.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def word(*paragraphs: str) -> bytes:
    made = docx.Document()
    made.core_properties.title = "Minutes as a file"
    made.core_properties.author = "The Bureau"
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CYRILLIC = "Обещания никогда не было записано, и никто о нём не просил в том году."
FRENCH = "La promesse n’a jamais été écrite ; l’année passée, personne ne l’a demandée à l’État."
SPOKEN = (
    "SECRETARY DOE: Good afternoon. Nobody promised that.\n\nQUESTION: Did anybody ask?\n\n"
    "SECRETARY DOE: Nobody did, as far as I know.\n"
)
VTT = f"WEBVTT\n\n00:00.000 --> 00:04.000\n{BEFORE}\n\n00:04.000 --> 00:09.000\n{CITED}\n"
SRT = f"1\n00:00:00,000 --> 00:00:04,000\n{BEFORE}\n\n2\n00:00:04,000 --> 00:00:09,000\n{CITED}\n"
DOCUMENT, SHEET = pdf(BEFORE, CITED, AFTER), word(BEFORE, CITED, AFTER)

# What each path answers, visit by visit; the last answer stands.
PAGES: dict[str, list[Answer]] = {
    "/robots.txt": [Answer(b"User-agent: *\nDisallow: /private/\n", "text/plain")],
    # In every dress.
    "/plain": [page()],
    "/text": [Answer(f"{BEFORE}\n\n{CITED}\n".encode(), "text/plain; charset=utf-8")],
    "/gzip": [packed("gzip", gzip.compress)],
    "/deflate": [packed("deflate", zlib.compress)],
    "/raw-deflate": [packed("deflate", raw_deflate)],
    "/brotli": [packed("br", brotlicffi.compress)],
    "/chunked": [Answer(headers={"Transfer-Encoding": "chunked"}, pieces=in_chunks)],
    "/301": [to("/plain", 301)],
    "/302": [to("/plain", 302)],
    "/307": [to("/plain", 307)],
    "/chain": [to("/chain/2", 301)],
    "/chain/2": [to("/chain/3", 302)],
    "/chain/3": [to("/chain/4", 307)],
    "/chain/4": [to("/plain", 308)],
    "/slow": [Answer(pieces=slowly)],
    # Letters.
    "/wrong-charset": [Answer(html(CYRILLIC, CYRILLIC).encode("cp1251"), UTF8)],
    "/meta-charset": [
        Answer(html(CYRILLIC, CYRILLIC, head="<meta charset=windows-1251>").encode("cp1251"), HTML)
    ],
    "/utf-16": [Answer(html(CYRILLIC, CYRILLIC).encode("utf-16"), HTML)],
    "/latin-1": [
        Answer(html(FRENCH.replace("’", "'")).encode("latin-1"), "text/html; charset=iso-8859-1")
    ],
    # Other kinds of documents.
    "/minutes.pdf": [Answer(DOCUMENT, "application/pdf")],
    "/minutes.docx": [Answer(SHEET, DOCX)],
    "/captions.vtt": [Answer(VTT.encode(), "text/vtt")],
    "/captions.srt": [Answer(SRT.encode(), "application/x-subrip")],
    "/transcript": [Answer(SPOKEN.encode(), "text/plain; charset=utf-8")],
    # Nothing to read.
    "/empty": [Answer()],
    "/image": [Answer(b"\x89PNG\r\n\x1a\n", "image/png")],
    "/no-text": [Answer(b"<!DOCTYPE html><html><body><img src=a.png></body></html>")],
    "/scan.pdf": [Answer(pdf(), "application/pdf")],
    # Not for us, or against us.
    "/private/page": [page()],
    "/metadata": [to("http://169.254.169.254/latest/meta-data/", 302)],
    "/file": [to("file:///etc/passwd", 302)],
    "/circle": [to("/circle/2", 302)],
    "/circle/2": [to("/circle", 302)],
    "/huge": [Answer(b"x" * 300_000)],
    "/bomb": [Answer(bomb(), headers={"Content-Encoding": "gzip"})],
    "/endless": [Answer(pieces=for_ever)],
    "/never": [Answer(pieces=never)],
    "/broken-off": [Answer(headers={"Content-Length": "900"}, pieces=broken_off)],
    # Changed at the second visit.
    "/other-bytes": [page(), page(head="<meta name=generator content=other>")],
    "/longer-after": [page(), page(BEFORE, SECTION, AFTER, MORE)],
    "/longer-before": [page(), page(MORE, BEFORE, SECTION, AFTER)],
    "/reordered": [page(SECTION, BEFORE, AFTER, MORE), page(BEFORE, AFTER, MORE, SECTION)],
    "/reworded": [page(), page(BEFORE, REWORDED, AFTER)],
    "/doubled": [page(), page(BEFORE, SECTION, AFTER, BEFORE, SECTION, AFTER)],
    "/removed": [page(), page(BEFORE, AFTER)],
    "/reverted": [page(), page(BEFORE, REWORDED, AFTER), page()],
    "/404": [page(), Answer(b"Gone.", status=404)],
    "/410": [page(), Answer(b"Gone.", status=410)],
    "/503": [page(), Answer(b"Later.", status=503)],
    "/now-elsewhere": [page(), to("/plain", 301)],
}  # fmt: skip


class Site(ThreadingHTTPServer):
    daemon_threads = True
    visit = 1

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        answers = PAGES.get(self.path) or [Answer(b"No such page.", status=404)]
        answer = answers[min(self.server.visit, len(answers)) - 1]
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        if answer.pieces is None:
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        try:
            for piece in answer.pieces() if answer.pieces else [answer.body]:
                self.wfile.write(piece)
        except OSError:
            pass  # who asked has heard enough

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def open_site() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Handler) as site:
        threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
        yield site
        site.shutdown()
