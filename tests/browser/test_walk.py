"""A reader's way: home → claim → passage in the transcript → source → back. With and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW

pytestmark = pytest.mark.browser

CLAIM = "After the Cold War NATO promised not to admit Eastern European countries."
PATH = "/claims/nato-promised-not-to-admit-eastern-european-countries/"


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}, {"viewport": NARROW}])
def test_from_home_to_the_passage_to_the_source_and_back(visit, options):
    page = visit("/", **options)
    page.get_by_role("link", name="Claims", exact=True).click()
    page.get_by_label("With the words").fill("promised admit")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=CLAIM).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)

    page.locator(".appearance").get_by_role("link", name="Read it in its place").first.click()
    mark = page.locator("mark:target").first
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text("swore an oath not to accept Eastern European countries")

    page.locator(".transcript-head").get_by_role("link", name="Source").click()
    expect(page.get_by_text("Machine translation", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Press Availability")).first).to_be_visible()

    for _ in range(2):
        page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)


def test_a_compound_claim_shows_its_parts_both_sides_the_rebuttal_and_the_translation(visit):
    page = visit(PATH)
    ratings = page.locator(".parts > li .rating").all_inner_texts()
    assert len(ratings) == 3
    assert len(set(ratings)) == 3
    for side in ("Supports the claim", "Refutes the claim"):
        expect(page.get_by_role("region", name=side).locator(".evidence").first).to_be_visible()
    rebuttals = page.get_by_role("region", name="What the rebuttal says")
    expect(rebuttals.get_by_text("has never promised not to accept new members")).to_be_visible()
    quotations = page.locator(".quotation")
    assert quotations.count() >= 3
    for quotation in quotations.all():
        expect(quotation).to_contain_text("machine translation; not the speaker’s own words")
        original = quotation.get_by_role("link", name="Read the original")
        assert original.get_attribute("href").startswith("https://state.gov/")


def test_the_two_sides_of_the_evidence_stand_as_equals(visit):
    page = visit(PATH)
    supports, refutes = (
        page.locator(f".side-{side}").bounding_box() for side in ("supports", "refutes")
    )
    for measure in ("y", "width", "height"):
        assert supports[measure] == pytest.approx(refutes[measure], abs=1)
