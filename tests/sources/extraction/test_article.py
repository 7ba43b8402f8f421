"""Articles: the text of a page without what stands around it."""

from __future__ import annotations

import contextlib
import time

import pytest

from sources.extraction import apart, extract_text
from sources.parsing import TranscriptError

SENTENCES = [
    f"Paragraph {number} says of the matter what is known of it, and by whom, and since when."
    for number in ("one", "two", "three", "four", "five")
]
PAGE = f"""<!DOCTYPE html><html><head><title>What the Alliance promised - The Paper</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/w">World news</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies to improve your stay on this website.</p></div>
<article><h1>What the Alliance promised</h1>{"".join(f"<p>{line}</p>" for line in SENTENCES)}
<table><tr><td>1949</td><td>12 members</td></tr></table></article>
<aside><h2>Most read</h2><ul><li><a href="/x">Something else altogether</a></li></ul></aside>
<footer><p>© The Paper. All rights reserved.</p></footer></body></html>"""


def test_the_article_is_found_in_its_page() -> None:
    extracted = extract_text(PAGE.encode(), media_type="text/html", article=True)
    assert extracted.media_type == "text/html"
    paragraphs = extracted.text.rstrip("\n").split("\n\n")
    assert paragraphs[0] == "What the Alliance promised"
    assert paragraphs[1:6] == SENTENCES
    for furniture in ("Home", "cookies", "Most read", "rights reserved"):
        assert furniture not in extracted.text


def test_the_same_bytes_give_the_same_text() -> None:
    texts = {extract_text(PAGE.encode(), article=True).text for _ in range(3)}
    assert len(texts) == 1


def test_a_page_without_an_article_is_read_whole() -> None:
    page = "<html><body><p>Short.</p><p>Shorter.</p></body></html>"
    assert extract_text(page.encode(), article=True).text == "Short.\n\nShorter.\n"


def test_only_pages_have_articles() -> None:
    assert extract_text(b"Just text.", article=True).text == "Just text."


def test_what_cannot_be_done_within_the_limits_is_read_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object, **kwargs: object) -> str:
        raise TranscriptError("The page takes too long to read.")

    monkeypatch.setattr(apart, "read", refuse)
    text = extract_text(PAGE.encode(), article=True).text
    assert "Most read" not in text  # an aside, to the transcripts' reader too
    assert "Paragraph five" in text


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 150_000, "<p>" + "<!--" * 400_000, "<p>" + '<a href="' * 200_000, "<html><p>" + "<" * 190_000,
     "<html><body><p>" + "&#" * 500_000, "<html>" + "<table><tr><td>" * 50_000],
)  # fmt: skip
def test_hostile_pages_take_no_minutes(markup: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(TranscriptError):
        extract_text(markup.encode(), article=True)
    assert time.perf_counter() - started < 150
