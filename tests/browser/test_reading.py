"""From home to the exact sentence in the transcript, and back: without script, and by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

CLAIM = "After the Cold War NATO promised not to admit Eastern European countries."
PATH = "/claims/nato-promised-not-to-admit-eastern-european-countries/"
WORDS = (
    "after the Cold War NATO swore an oath not to accept Eastern European countries into its ranks"
)
# More presses than this on the way to one link are no way.
PRESSES = 150


def is_in_view(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    height = page.viewport_size["height"]
    return box["y"] >= 0 and box["y"] + min(box["height"], 40) <= height


def at_the_sentence(page: Page) -> None:
    marked = page.locator("mark:target")
    expect(marked).to_be_visible()
    assert " ".join(marked.first.inner_text().split()).startswith(WORDS[:40])
    assert is_in_view(page, "mark:target")
    expect(page.get_by_text("machine translation").first).to_be_attached()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_without_script(visit, viewport):
    page = visit("/", viewport=viewport, java_script_enabled=False)

    page.get_by_role("link", name=CLAIM).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)
    page.get_by_role("link", name="Read it in its place").first.click()
    at_the_sentence(page)
    page.locator(".note-card", has=page.get_by_role("link", name=CLAIM)).get_by_role(
        "link", name=CLAIM
    ).first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)


def press_on_to(page: Page, name: str) -> None:
    """Press Tab until the link `name` has the focus, which must then be seen, and press Enter on it."""
    for _ in range(PRESSES):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and " ".join(focused.inner_text().split()) == name:
            assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            assert is_in_view(page, ":focus")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{PRESSES} presses of Tab lead to no link “{name}”")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_with_the_keyboard_alone(visit, viewport):
    page = visit("/", viewport=viewport)

    press_on_to(page, CLAIM)
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)
    press_on_to(page, "Read it in its place")
    at_the_sentence(page)
    press_on_to(page, CLAIM)

    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)


def test_the_skip_link_leads_past_the_head_of_the_page(visit):
    page = visit("/claims/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#content")).to_be_focused()


def test_from_a_passage_to_its_note_and_back_by_keyboard(visit):
    page = visit(PATH)
    press_on_to(page, "Read it in its place")
    at_the_sentence(page)  # the keyboard goes on from the passage once the browser has gone there
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("marker")
    page.keyboard.press("Enter")
    expect(page.locator(".note-card:target")).to_be_in_viewport()


def test_a_claim_page_does_not_shift_while_it_loads(visit):
    page = visit("/")
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver((list) => {
             for (const entry of list.getEntries()) window.shift += entry.value;
           }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.get_by_role("link", name=CLAIM).first.click()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("window.shift") == 0


@pytest.mark.parametrize("preference", [{"forced_colors": "active"}, {"color_scheme": "dark"}])
def test_a_rating_is_told_by_words_whatever_the_colours(visit, preference):
    page = visit("/methodology/", **preference)

    ratings = page.locator(".scale .rating")

    assert ratings.count() > 5
    for text in ratings.all_inner_texts():
        assert text.strip()


def test_it_prints_without_what_is_only_for_the_screen(visit):
    page = visit(PATH)
    page.emulate_media(media="print")

    for selector in (".masthead nav", ".find", ".contents", ".colophon nav"):
        expect(page.locator(selector).first).to_be_hidden()
    expect(page.get_by_text("What the rebuttal invokes").first).to_be_visible()
    expect(page.locator(".citations").first).to_be_visible()


@pytest.mark.parametrize("path", ["/claims/", "/sources/", "/speakers/"])
def test_a_list_prints_across_the_page(visit, path):
    page = visit(path)
    page.emulate_media(media="print")

    assert page.locator(".row-title").first.bounding_box()["width"] > 400
