"""The claims desk in the browser: found accessible, and worked by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

PAGES = [
    "/admin/claims/queue/?queue=unassigned",
    "/admin/claims/queue/?queue=stale",
    "/admin/claims/queue/?queue=mentions",
    "/admin/claims/claim/merge/?claim=1",
    "/admin/claims/claim/merge/?claim=2&claim=3",
    "/admin/claims/claim/merge/?claim=3&into=2",
    "/admin/claims/claim/1/split/",
]
# What the claim's page has from the claims desk; the rest of it is the stock admin's.
SECTIONS = ["#notes", "#assignment", ".object-tools"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_pages_of_the_queue_are_accessible_and_fit_their_window(desk, viewport):
    # axe writes styles into the page, which the policy of the desk forbids.
    page = desk("editor", viewport=viewport, bypass_csp=True)
    for path in PAGES:
        assert page.goto(path).status == 200, path
        results = Axe().run(page, options={"preload": False})
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], path


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_the_claim_page_has_from_the_desk_is_accessible(desk, viewport):
    # axe writes styles into the page, which the policy of the desk forbids.
    page = desk("editor", viewport=viewport, bypass_csp=True)
    page.goto("/admin/claims/claim/1/change/")
    results = Axe().run(page, context={"include": [[section] for section in SECTIONS]})

    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_claim_is_taken_assigned_and_talked_about_by_keyboard_alone(desk):
    page = desk("researcher")
    page.get_by_role("link", name="Unassigned", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue: Unassigned")).to_be_visible()

    # Tick the first two claims, and say what is to be done with them.
    boxes = page.get_by_role("checkbox")
    names = [boxes.nth(n).get_attribute("aria-label") for n in (0, 1)]
    boxes.first.focus()
    page.keyboard.press("Space")
    boxes.nth(1).focus()
    page.keyboard.press("Space")
    ticked = page.get_by_role("group", name="With the claims that are ticked")
    ticked.get_by_label("Assign to").focus()
    page.keyboard.type("researcher")
    page.keyboard.press("Tab")
    page.keyboard.type("high")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(ticked.get_by_role("button", name="Apply")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Changed: 2 claims.")).to_be_visible()

    page.get_by_role("link", name="Mine").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="high")).to_have_count(2)
    page.get_by_role("link", name=names[0], exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Assigned to")).to_have_value("researcher")

    page.get_by_label("New note").focus()
    page.keyboard.type("Is the date right?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the colleagues
    page.keyboard.press("Tab")
    page.get_by_role("checkbox", name="editor").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Add note").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted, and told editor.")).to_be_visible()

    page = desk("editor")
    page.get_by_role("link", name="Mentions of me").click()
    page.get_by_role("link", name=names[0]).click()
    notes = page.get_by_role("region", name="Notes (1 open)")
    expect(notes.get_by_text("Is the date right?")).to_be_visible()
    notes.get_by_role("button", name="Mark done").press("Enter")
    expect(page.get_by_role("heading", name="Notes (0 open)")).to_be_visible()


def test_a_merge_is_made_and_undone_from_its_message(desk):
    page = desk("editor")
    page.goto("/admin/claims/claim/2/change/")
    retired = page.locator("#content h2").first.inner_text()
    page.get_by_role("link", name="Merge into another claim").click()
    page.get_by_label("Search for the claim that stays").fill("Ukraine threatens Russia")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ukraine threatens Russia.").click()
    expect(page.get_by_role("heading", name="Merge duplicates: what moves")).to_be_visible()
    page.get_by_role("button", name="Merge").click()
    message = page.locator(".messagelist")
    expect(message).to_contain_text(f"Merged: “{retired}” now leads here.")
    message.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The merge is undone.")).to_be_visible()
