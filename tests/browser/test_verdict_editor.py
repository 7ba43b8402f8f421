"""A correction in the browser: written with citations, sent back with a reason, approved by another."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

SLUG = "open-door-is-a-provision-of-the-north-atlantic-treaty"
REASON = "The treaty is the record of what it says."
CITATION = "[The North Atlantic Treaty](/sources/north-atlantic-treaty-1949/), Art. 10"


def tab_to(page, selector, most=60):
    """Press Tab until the focus is on what `selector` names."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}")


@pytest.fixture
def looked_at(desk):
    """Look at an address as the role sees it, at both widths: accessible, not wider than its window."""
    windows = {}

    def looked_at(role, address):
        if role not in windows:
            # axe writes styles into the page, which the policy of the desk forbids.
            windows[role] = desk(role, bypass_csp=True)
        page = windows[role]
        for viewport in (WIDE, NARROW):
            page.set_viewport_size(viewport)
            page.goto(address)
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

    return looked_at


def test_a_correction_is_written_sent_back_and_approved(desk, visit, looked_at):
    # The author begins from what is in force, by keyboard alone.
    page = desk("researcher")
    page.goto(f"/admin/claims/claim/?q={SLUG}")
    page.locator("#result_list tbody th a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Write a verdict").focus()
    page.keyboard.press("Enter")
    rationale = page.get_by_label("Rationale:")
    expect(rationale).to_have_value(re.compile("The substance is in Article 10"))
    preview = page.get_by_role("region", name="Preview, as readers will see it")
    expect(preview).to_contain_text("The substance is in Article 10")

    # What is typed is shown as readers will see it, and nothing in it runs.
    rationale.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("It **allows** it. <script>alert(1)</script> ![x](/x.png)\n\nSee")
    expect(preview.locator("strong")).to_have_text("allows")
    expect(preview).to_contain_text("<script>alert(1)</script>")
    assert preview.locator("script, img").count() == 0
    mark = page.locator("[data-cited]").first
    expect(mark).to_have_text("✗ not cited")

    # Evidence is cited where the cursor stands, and the marks follow.
    tab_to(page, "[id^=evidence] button[data-insert]")
    page.keyboard.press("Enter")
    expect(rationale).to_be_focused()
    expect(rationale).to_have_value(re.compile(re.escape(f"See {CITATION}The substance")))
    expect(mark).to_have_text("✓ cited in the rationale")
    expect(preview.get_by_role("link", name="The North Atlantic Treaty")).to_be_visible()
    page.keyboard.insert_text(".\n\n")
    page.keyboard.press("Control+Home")
    for _ in range(len("It **allows** it. <script>alert(1)</script> ![x](/x.png)")):
        page.keyboard.press("Delete")

    page.get_by_label("Reason for this version").select_option("error corrected")
    page.get_by_label("What changed").fill("The treaty is cited.")
    page.get_by_role("button", name="Save and continue editing").focus()
    page.keyboard.press("Enter")

    # What review needs is told once it is saved; the difference to what is in force, too.
    needs = page.get_by_role("region", name="What review needs")
    expect(needs.get_by_text("The rationale cites the evidence met")).to_be_visible()
    expect(needs.get_by_text("It says what changed met")).to_be_visible()
    difference = page.get_by_role("region", name="Difference to version 1")
    expect(difference.locator("ins").first).to_contain_text("See")
    looked_at("researcher", page.url)
    page.get_by_role("button", name="Save and submit for review").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Awaiting review.")).to_be_visible()
    expect(page.get_by_role("link", name="Approve and publish")).to_have_count(0)
    expect(page.get_by_role("link", name="Send back")).to_have_count(0)
    address = page.url

    # The editor sees the same, and sends it back with a reason.
    editor = desk("editor")
    editor.goto(address)
    expect(editor.get_by_role("region", name="What is judged")).to_contain_text("Art. 10")
    looked_at("editor", address)
    editor.get_by_role("link", name="Send back").focus()
    editor.keyboard.press("Enter")
    editor.get_by_label("Reason for the author").fill("@researcher, say that states *may* invite.")
    editor.get_by_role("button", name="Send back").focus()
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("Sent back: it is a draft again.")).to_be_visible()

    page.goto(address)
    expect(page.locator(".verdict-sent-back")).to_contain_text("say that states *may* invite")
    review = page.get_by_role("region", name="Review (1 open)")
    expect(review).to_contain_text("Sent back by editor")
    review.get_by_label("New note").fill("It says so in the third sentence.")
    review.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("It says so in the third sentence.")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name=re.compile("Mark done")).first.click()
    expect(page.get_by_role("region", name="Review (0 open)")).to_be_visible()
    page.get_by_role("button", name="Save and submit for review").click()

    # One record alone bears on it, and nobody was asked: a second editor lets it through, and says why.
    second = desk("coeditor")
    for gate in (
        "The evidence has at least two independent origins",
        "An answer was considered, or asked for",
    ):
        second.goto(address)
        second.get_by_role("link", name="Override a gate").focus()
        second.keyboard.press("Enter")
        second.get_by_label("Gate that the evidence").select_option(gate)
        second.get_by_label("Reason for readers").fill(REASON)
        second.get_by_role("button", name="Override a gate").focus()
        second.keyboard.press("Enter")
        expect(second.locator(".messagelist")).to_contain_text("Overridden, for readers")
    looked_at("coeditor", second.url)

    # Approval is asked for beside what becomes public.
    editor.goto(address)
    editor.get_by_role("link", name="As readers will see it").click()
    expect(editor.get_by_text("Not public.")).to_be_visible()
    looked_at("editor", editor.url)
    editor.get_by_role("link", name="Back to the verdict").click()
    editor.get_by_role("link", name="Approve and publish").focus()
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("Version 1 is superseded, and stays on record.")).to_be_visible()
    looked_at("editor", editor.url)
    editor.get_by_role("button", name="Approve and publish").focus()
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("Approved and published")).to_be_visible()

    public = visit(f"/claims/{SLUG}/")
    found = public.get_by_role("region", name="Why the desk finds so")
    expect(found.get_by_text(REASON)).to_have_count(2)
    found.get_by_role("link", name="The North Atlantic Treaty").click()
    expect(public).to_have_url(re.compile("/sources/north-atlantic-treaty-1949/$"))
    assert "may* invite" not in public.content()


def test_without_a_script_the_preview_has_a_button_and_citations_are_to_be_copied(desk):
    page = desk("editor", java_script_enabled=False)
    page.goto("/admin/claims/verdict/?state=published&q=half+of+his+answer")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="write a new version").click()
    page.get_by_label("Rationale:").fill("It **was** so.")
    page.get_by_role("button", name="Preview, and save nothing").click()

    preview = page.get_by_role("region", name="Preview, as readers will see it")
    expect(preview.locator("strong")).to_have_text("was")
    expect(page.get_by_label("Rationale:")).to_have_value("It **was** so.")
    copied = page.get_by_role("region", name="What is judged").locator("code").first
    expect(copied).to_contain_text("](/sources/")
    expect(page.get_by_role("button", name=re.compile("^Insert"))).to_have_count(0)
