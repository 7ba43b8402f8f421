"""A claim on somebody else's page, in the frame that this site hands out for it."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.browser


@contextmanager
def newspaper(body: str) -> Iterator[str]:
    """The address of another site, with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            page = (
                f"<!doctype html><html lang=en><title>News</title><link rel=icon href=data:>{body}"
            )
            self.wfile.write(page.encode())

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def oembed(site: str, path: str, width: int) -> dict:
    query = urlencode({"url": site + path, "maxwidth": width})
    with urllib.request.urlopen(f"{site}/oembed?{query}", timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def claims(site: str) -> list[str]:
    with urllib.request.urlopen(f"{site}/sitemap.xml", timeout=30) as answer:
        return re.findall(rf"<loc>{site}(/claims/[^<]+/)</loc>", answer.read().decode())


@pytest.mark.parametrize("width", [300, 600])
def test_the_card_is_shown_whole_in_its_frame_on_the_page_of_another_site(
    browser, site, claims, width
):
    assert len(claims) > 30
    answers = [oembed(site, path, width) for path in claims]
    framed = "".join(answer["html"].replace('loading="lazy"', "") for answer in answers)
    context = browser.new_context(viewport={"width": 800, "height": 900})
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    with newspaper(framed) as address:
        page.goto(address)
        page.wait_for_load_state("networkidle")
    cards = [frame for frame in page.frames if frame.url.endswith("/embed/")]
    cut = {}
    for card, answer in zip(cards, answers, strict=True):
        seen = card.evaluate(
            "[document.querySelector('main p:last-child').getBoundingClientRect().bottom,"
            " document.documentElement.scrollWidth, innerWidth, innerHeight]"
        )
        bottom, wide, inner_width, inner_height = seen
        assert (inner_width, inner_height) == (width, answer["height"])
        assert wide == width, card.url
        if not inner_height - 140 < bottom <= inner_height:
            cut[card.url] = (bottom, inner_height)
    context.close()

    assert not refused
    assert not cut
