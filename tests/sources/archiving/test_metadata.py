"""What documents say of themselves, where it fits and where it does not."""

from __future__ import annotations

import pytest

from sources.archiving import metadata
from tests.sources.archiving import site

PAGE = """<!DOCTYPE html><html lang="{language}"><head><title>{title} | Blatt</title>
<meta name="author" content="Jane Roe, John Doe"><meta property="og:site_name" content="Das Blatt">
<meta property="article:published_time" content="2022-01-07T10:00:00Z"></head>
<body><article><h1>{title}</h1><p>Some words.</p></article></body></html>"""
PDF = "application/pdf"


def page(title="A promise", language="de"):
    return PAGE.format(title=title, language=language).encode()


def test_a_page_says_all_of_it():
    assert metadata.propose(page(), "text/html") == {
        "title": "A promise",
        "authors": "Jane Roe; John Doe",
        "publisher": "Das Blatt",
        "date": "2022-01-07",
        "language": "de",
    }


def test_letters_are_read_as_its_server_says():
    said = metadata.propose(page("Обещание").decode().encode("cp1251"), "text/html", "windows-1251")
    assert said["title"] == "Обещание"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(site.DOCUMENT, PDF), (site.SHEET, site.DOCX)],
    ids=["pdf", "docx"],
)
def test_a_file_says_title_and_author(data, media_type):
    said = metadata.propose(data, media_type)
    assert (said["title"], said["authors"]) == ("Minutes as a file", "The Bureau")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"Some words.", "text/plain"),
        (b"", "text/html"),
        (b"\xff\xfe\x00", "text/html"),
        (b"%PDF-1.7\nbroken", PDF),
        (site.DOCUMENT[:400], PDF),
        (b"PK\x03\x04broken", site.DOCX),
    ],
)
def test_what_says_nothing_proposes_nothing(data, media_type):
    assert metadata.propose(data, media_type) == {}


def test_what_does_not_fit_is_left_out():
    said = metadata.propose(page("A" * 501, "no language!"), "text/html")
    assert {"title", "language"} & said.keys() in (set(), {"language"})
    assert said.get("language", "no") == "no"
    assert said["publisher"] == "Das Blatt"
