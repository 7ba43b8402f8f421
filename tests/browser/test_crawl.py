"""Every public address that can be reached from home, on the seed knowledge base: what holds for all."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter, defaultdict
from contextlib import closing

import pytest

from tests.browser.crawling import Answer, Crawler

pytestmark = [pytest.mark.browser, pytest.mark.crawl]

# Bytes on the wire of a page with all that it loads, when nothing of it is cached.
HEAVIEST = 60_000
HEAVIEST_SHEETS = 30_000


@pytest.fixture(scope="module")
def answers(site: str) -> dict[str, Answer]:
    with closing(Crawler(site)) as crawler:
        return crawler.crawl()


@pytest.fixture(scope="module")
def pages(answers: dict[str, Answer]) -> list[Answer]:
    return [answer for answer in answers.values() if answer.is_page]


def told(faults: dict[str, str] | list[str]) -> str:
    lines = [f"{k}: {v}" for k, v in faults.items()] if isinstance(faults, dict) else faults
    return "\n".join(["", *lines[:40], f"({len(lines)} in all)"])


def test_it_reaches_every_kind_of_page_in_every_language(answers, pages):
    kinds = Counter((page.language, page.path.strip("/").split("/")[0]) for page in pages)

    assert len(pages) > 400
    english = {kind for language, kind in kinds if language == "en-GB"}
    assert english >= set(
        "claims speakers sources transcripts topics search corrections methodology".split()
    )
    assert {language for language, _ in kinds} == {"en-GB", "de", "ru", "uk"}
    assert any(path.endswith(".atom") for path in answers)


def test_no_link_is_broken_and_none_leads_through_a_redirect(answers):
    faults = {
        f"{answer.path} (linked from {from_of(answers, answer.path)})": str(answer.status)
        for answer in answers.values()
        if answer.status != 200
    }

    assert not faults, told(faults)


def from_of(answers: dict[str, Answer], path: str) -> str:
    return next((a.path for a in answers.values() if any(path == to for to, _ in a.links)), "?")


def test_every_fragment_is_there(answers, pages):
    ids = {
        page.path: {tag["id"] for tag in page.soup.find_all(id=True)} | {"top"} for page in pages
    }
    faults = [
        f"{page.path}: {path}#{fragment}"
        for page in pages
        for path, fragment in page.links
        if fragment and path in ids and fragment not in ids[path]
    ]

    assert not faults, told(faults)


def test_every_page_has_what_identifies_it(site, pages):
    faults = defaultdict(list)
    titles: dict[tuple[str, str], str] = {}
    for page in pages:
        soup = page.soup
        title = soup.title.text.strip() if soup.title else ""
        if not title:
            faults[page.path].append("no title")
        description = soup.find("meta", {"name": "description"})
        if not description or not description["content"].strip():
            faults[page.path].append("no description")
        canonical = soup.find_all("link", rel="canonical")
        if len(canonical) != 1 or not canonical[0]["href"].startswith(f"{site}/"):
            faults[page.path].append("no canonical address")
            continue
        # Two addresses of one page (an edition, a choice within it) name the same canonical one.
        other = titles.setdefault((page.language, title), canonical[0]["href"])
        if other != canonical[0]["href"]:
            faults[page.path].append(f"the title of {other}: {title}")
        if len(soup.find_all("h1")) != 1:
            faults[page.path].append(f"{len(soup.find_all('h1'))} h1")
        if not soup.html.get("lang"):
            faults[page.path].append("no lang")

    assert not faults, told({path: "; ".join(said) for path, said in faults.items()})


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(pages):
    faults = []
    for page in pages:
        soup = page.soup
        inline = [tag.name for tag in soup.find_all(style=True)] + soup.find_all("style")
        inline += [
            tag.name
            for tag in soup.find_all(True)
            if any(name.startswith("on") for name in tag.attrs)
        ]
        inline += [
            "script"
            for tag in soup.find_all("script")
            if not tag.get("src") and tag.get("type") != "application/ld+json"
        ]
        foreign = [address for address in page.loads if not address.startswith("/")]
        if inline or foreign:
            faults.append(f"{page.path}: {inline} {foreign}")

    assert not faults, told(faults)


def test_every_page_is_light(answers, pages):
    weights = {
        page.path: page.weight + sum(answers[path].weight for path in page.loads) for page in pages
    }
    heavy = {path: str(weight) for path, weight in weights.items() if weight > HEAVIEST}
    sheets = {path for page in pages for path in page.loads if path.endswith(".css")}

    assert not heavy, told(heavy)
    assert sum(len(answers[path].body) for path in sheets) < HEAVIEST_SHEETS


def test_every_page_is_valid_html(pages, tmp_path):
    """By the Nu HTML checker, VNU_JAR: errors and warnings alike."""
    jar = os.environ.get("VNU_JAR")
    if not jar:
        pytest.skip("VNU_JAR does not name the Nu HTML checker (npm: vnu-jar); .ci/run sets it")
    names = {}
    for number, page in enumerate(pages):
        file = tmp_path / f"{number}.html"
        file.write_bytes(page.body)
        names[file.as_uri()] = page.path
    # Which language a page seems to be in is a guess; what it says of itself is asserted above.
    checked = subprocess.run(
        [
            "java",
            "-jar",
            jar,
            "--no-langdetect",
            "--format",
            "json",
            "--exit-zero-always",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    where = defaultdict(list)
    for message in json.loads(checked.stderr)["messages"]:
        place = names[message["url"].replace("file:/", "file:///", 1)]
        where[f"{message['message']} {message.get('extract', '')[:160]!r}"].append(place)

    assert not where, told(
        [f"{places[0]} ({len(places)}): {what}" for what, places in where.items()]
    )
