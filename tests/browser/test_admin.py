"""The desk in the browser: from a quotation to an approved verdict, under the content security policy."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW

pytestmark = pytest.mark.browser

CLAIM = "Ukraine seeks to provoke a conflict."
PAGES = [
    "/admin/",
    "/admin/claims/claim/",
    "/admin/claims/queue/?queue=unassigned",
    "/admin/claims/claim/merge/?claim=3&into=2",
    "/admin/claims/claim/1/split/",
    "/admin/claims/claim/1/change/",
    "/admin/claims/claim/1/history/",
    "/admin/claims/claim/add/",
    "/admin/claims/verdict/1/change/",
    "/admin/claims/verdict/1/step/propose-withdrawal/",
    "/admin/sources/source/",
    "/admin/sources/source/import/",
    "/admin/sources/snapshot/1/change/",
    "/admin/sources/turn/1/change/",
]


@pytest.mark.parametrize("viewport", [None, NARROW], ids=["wide", "narrow"])
def test_no_page_of_the_desk_breaks_the_policy_or_the_window(desk, viewport):
    page = desk("editor", **({"viewport": viewport} if viewport else {}))
    for path in PAGES:
        assert page.goto(path).status == 200, path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], path
    # `visit` fails where the console complained of anything.


def test_from_a_quotation_to_a_verdict_that_is_sent_back(desk):
    page = desk("researcher")
    page.goto("/admin/claims/claim/?q=provoke")
    page.get_by_role("link", name=CLAIM).click()

    # Add a row, choose by autocomplete, quote: wrongly, then rightly.
    page.get_by_role("button", name="Add another Appearance").click()
    row = page.locator(".dynamic-appearances").last
    choose(page, row.locator(".form-row.field-claimant"), "Russia")
    choose(page, row.locator(".form-row.field-reported_by"), "Blinken")
    row.get_by_label("Manner").select_option("reported")
    choose(page, row.locator(".form-row.field-snapshot"), "Anthony Blinken")
    row.get_by_label("Quotation").fill("These words are nowhere")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(row).to_contain_text("does not read “These words are nowhere”")
    row.get_by_label("Quotation").fill("massive, unprovoked buildup")
    page.get_by_role("button", name="Save and continue editing").click()
    rows = page.locator(".dynamic-appearances summary")
    expect(rows.filter(has_text="“massive, unprovoked buildup” draft")).to_be_visible()

    page.get_by_role("link", name="Write a verdict").click()
    page.get_by_label("Rating").select_option("Not checkable")
    page.get_by_label("Headline").fill("What a state seeks is not on the record.")
    page.get_by_label("Rationale").fill("The statement names no event.")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Awaiting review.")).to_be_visible()
    expect(page.get_by_role("link", name="Approve and publish")).to_have_count(0)

    page = desk("editor")
    page.get_by_role("link", name="What a state seeks is not on the record.").click()
    expect(page.get_by_role("link", name="Approve and publish")).to_be_visible()
    judged = page.get_by_role("region", name="What is judged")
    expect(judged.get_by_role("link", name=CLAIM)).to_be_visible()
    page.get_by_role("link", name="Send back").click()
    page.get_by_label("Reason for the author").fill("Weigh the other half, too.")
    page.get_by_role("button", name="Send back").click()
    expect(page.get_by_text("Sent back: it is a draft again.")).to_be_visible()


def choose(page, field, words):
    """Pick by autocomplete the first choice that `words` find."""
    field.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.fill(words)
    page.locator(".select2-results__option--highlighted", has_text=words).click()
    expect(field.locator(".select2-selection")).to_contain_text(words)
