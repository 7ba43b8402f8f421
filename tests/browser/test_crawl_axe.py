"""Every public page that can be reached from home is accessible (axe): both widths, both schemes."""

from __future__ import annotations

from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import NARROW, WIDE
from tests.browser.crawling import Crawler

pytestmark = [pytest.mark.browser, pytest.mark.crawl]

NARROWEST = 320  # px: a window of 1280 at 400 % (WCAG 2.2, 1.4.10)
AXE = "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html).slice(0, 3)])"


@pytest.fixture(scope="module")
def paths(site: str) -> dict[str, list[str]]:
    """The pages of each language, in the order in which they were found."""
    with closing(Crawler(site)) as crawler:
        found: dict[str, list[str]] = {}
        for answer in crawler.crawl().values():
            if answer.is_page:
                found.setdefault(answer.language, []).append(answer.path)
        return found


def look(page, path: str, *, viewports: tuple, schemes: tuple) -> list[str]:
    """Return what axe finds on the page, and where it scrolls sideways."""
    faults = []
    page.goto(path)
    page.evaluate(Axe().axe_script)
    for viewport in viewports:
        page.set_viewport_size(viewport)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > viewport["width"]:
            faults.append(f"{path}: {wide} wide in a window of {viewport['width']}")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for rule, nodes in page.evaluate(AXE):
                faults.append(f"{path} ({viewport['width']}, {scheme}): {rule}: {nodes}")
    return faults


def test_every_page_in_english(visit, paths):
    page = visit("/")
    faults = [
        fault
        for path in paths["en-GB"]
        for fault in look(page, path, viewports=(WIDE, NARROW), schemes=("light", "dark"))
    ]

    assert len(paths["en-GB"]) > 150
    assert not faults, "\n".join(["", *faults[:30], f"({len(faults)} in all)"])


@pytest.mark.parametrize("language", ["de", "ru", "uk"])
def test_every_page_in_another_language_in_the_narrowest_window(visit, paths, language):
    """The same templates with other words: longer ones, at the width where they are in the way."""
    page = visit(f"/{language}/")
    narrowest = ({"width": NARROWEST, "height": 700},)
    plain = [path for path in paths[language] if "?" not in path]
    faults = [
        fault
        for path in plain
        for fault in look(page, path, viewports=narrowest, schemes=("dark",))
    ]

    assert len(plain) > 100
    assert not faults, "\n".join(["", *faults[:30], f"({len(faults)} in all)"])
