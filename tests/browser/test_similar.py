"""The page of a new claim shows those that are near it while one types."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

ADD = "/admin/claims/claim/add/"
AGAIN = "After the Cold War, NATO promised not to admit Eastern European countries"


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_near_claims_come_as_one_types_and_leave_the_form_alone(desk, viewport):
    # axe writes styles into the page, which the policy of the desk forbids.
    page = desk("researcher", viewport=viewport, bypass_csp=True)
    page.goto(ADD)
    text = page.get_by_label("Text:", exact=True)
    text.press_sequentially(AGAIN)
    near = page.get_by_role("region", name="Similar claims")

    # Drafts that other tests left may be as near.
    same = near.get_by_role("listitem").filter(
        has_text="After the Cold War NATO promised not to admit Eastern European countries."
    )
    expect(same).to_contain_text("probably the same")
    expect(near.get_by_role("status")).to_contain_text("near this text")
    expect(text).to_be_focused()
    assert text.input_value() == AGAIN
    # Under the text, and next on the way by keyboard.
    page.keyboard.press("Tab")
    expect(near.get_by_role("link").first).to_be_focused()
    expect(near.get_by_label("It is another claim")).not_to_be_checked()
    results = Axe().run(page, context="[data-similar]")
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

    text.fill("NATO promised to expand")
    contrary = near.get_by_role("listitem").filter(has_text="After the Cold War NATO promised not")
    expect(contrary).to_contain_text("may deny it")
    expect(near.get_by_label("It is another claim")).to_have_count(0)

    text.fill("Marmosets")
    expect(near.get_by_role("listitem")).to_have_count(0)


def test_a_lost_connection_is_said_and_the_form_stays(desk):
    page = desk("researcher")
    page.goto(ADD)
    page.route("**/claim/similar/**", lambda route: route.fulfill(status=204, body=""))
    page.get_by_label("Text:", exact=True).fill("Something")
    expect(page.get_by_role("region", name="Similar claims").get_by_role("listitem")).to_have_count(
        0
    )
    page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('offline')))")
    page.get_by_label("Text:", exact=True).fill(AGAIN)
    status = page.get_by_role("region", name="Similar claims").get_by_role("status")
    expect(status).to_have_text("Similar claims could not be looked up.")
    assert page.get_by_label("Text:", exact=True).input_value() == AGAIN
