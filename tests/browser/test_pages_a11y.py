"""Every kind of page is accessible (axe), fits its window, and stays light."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

TRANSCRIPT = "statement-by-secretary-of-state-anthony-blinken-during-press-release-2022-01-07"
PAGES = [
    "/",
    "/claims/",
    "/claims/nato-promised-not-to-admit-eastern-european-countries/",
    "/claims/ukraine-threatens-russia/",
    "/claims/war-in-eastern-ukraine-killed-nearly-14000-people/history/",
    "/claims/war-in-eastern-ukraine-killed-nearly-14000-people/verdicts/1/",
    f"/transcripts/{TRANSCRIPT}/",
    "/speakers/",
    "/speakers/russia/",
    "/sources/",
    "/sources/gorbachev-interview-rbth-2014/",
    f"/sources/{TRANSCRIPT}/",
    f"/sources/{TRANSCRIPT}/editions/1/",
    f"/sources/{TRANSCRIPT}/verify/",
    "/topics/",
    "/search/?q=nato",
    "/corrections/",
    "/methodology/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", PAGES)
def test_no_accessibility_violation_and_no_sideways_scrolling(visit, path, viewport, scheme):
    page = visit(path, viewport=viewport, color_scheme=scheme)

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_style_sheet_stays_small(visit, site):
    page = visit("/")
    sheet = page.locator("link[rel=stylesheet]")
    assert sheet.count() == 1
    body = page.request.get(sheet.get_attribute("href")).body()

    assert len(body) < 30_000
    assert page.locator("script").count() == 0
