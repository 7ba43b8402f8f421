"""Two people, one claim, at once; and a session that ends in between. Nothing is lost."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, sign_in
from tests.browser.test_admin import choose

pytestmark = pytest.mark.browser


# One for each test, and for some that are asked again: they share the site, which takes no claim twice, nor
# one that is very much like another.
SENTENCES = iter(
    [
        "Marmots sleep through the winter.",
        "The tax on salt was raised in 1680.",
        "Lisbon lies west of Madrid.",
        "Copper melts at 1,085 degrees.",
        "Nobody owns the moon.",
        "Two ships sank off Gotland.",
        "Tea is grown in Assam.",
        "The library burned in the night of the fair.",
        "Bees cannot see red.",
        "A third of the harvest was lost to hail.",
    ]
)


@pytest.fixture
def claim(desk):
    """The address of a draft claim with one piece of evidence."""
    page = desk("researcher")
    page.goto("/admin/claims/claim/add/")
    page.get_by_label("Text:", exact=True).fill(next(SENTENCES))
    page.get_by_label("Why selected:").select_option("repeated")
    add_evidence(page, "Found evidence.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    return page.url


def add_evidence(page, summary, *, locator=""):
    page.get_by_role("button", name="Add another Evidence").click()
    row = page.locator(".dynamic-evidence").last
    row.get_by_label("Direction").select_option("refutes")
    choose(page, row.locator(".form-row.field-source"), "North Atlantic Treaty")
    row.get_by_label("Locator").fill(locator)
    row.get_by_label("Summary").fill(summary)


def save(page):
    page.get_by_role("button", name="Save and continue editing").click()


def summaries(page, address):
    page.goto(address)
    return sorted(
        box.input_value()
        for box in page.locator(".dynamic-evidence textarea[name$=-summary]").all()
    )


def test_two_browsers_edit_one_claim_and_nothing_is_lost(desk, claim):
    rita, edda = desk("researcher", bypass_csp=True), desk("editor")
    for page, who in ((rita, "Rita"), (edda, "Edda")):
        page.goto(claim)
        page.get_by_label("Text:", exact=True).fill(f"Said by {who}.")
        add_evidence(page, f"Evidence of {who}.", locator=who)
    edda.locator("#id_language").fill("ru")
    rita.get_by_label("Context").fill("Context of Rita.")

    save(edda)
    expect(edda.get_by_text("was changed successfully")).to_be_visible()
    save(rita)

    # By keyboard alone from here: the one open field, then the button.
    expect(rita.get_by_role("alert")).to_contain_text("nothing that you typed is lost")
    text = rita.get_by_role("group", name="Text both of you changed it")
    expect(text).to_contain_text("Edda")
    expect(rita.get_by_role("radio", name="Yours: Context")).to_be_checked()
    expect(rita.get_by_role("radio", name="Theirs: Language")).to_be_checked()
    assert_accessible(rita)
    rita.set_viewport_size(NARROW)
    assert rita.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    rita.get_by_role("radio", name="As I write it here: Text").focus()
    rita.keyboard.press("Space")
    rita.keyboard.press("Tab")
    rita.keyboard.press("Control+A")
    rita.keyboard.type("Said by both.")
    rita.get_by_role("button", name="Save the merged version").focus()
    rita.keyboard.press("Enter")

    expect(rita.get_by_text("was changed successfully")).to_be_visible()
    expect(rita.get_by_label("Text:", exact=True)).to_have_value("Said by both.")
    expect(rita.get_by_label("Context")).to_have_value("Context of Rita.")
    expect(rita.locator("#id_language")).to_have_value("ru")
    expect(rita.get_by_role("region", name="Unsaved changes")).to_have_count(0)
    assert summaries(rita, claim) == [
        "Evidence of Edda.", "Evidence of Rita.", "Found evidence.",
    ]  # fmt: skip
    rita.goto(claim.replace("/change/", "/history/"))
    expect(rita.locator("#change-history")).to_contain_text("researcher")
    expect(rita.locator("#change-history")).to_contain_text("editor")


def test_one_goes_back_in_the_history(desk, claim):
    page = desk("researcher", bypass_csp=True)
    page.goto(claim)
    found = page.get_by_label("Text:", exact=True).input_value()
    page.get_by_label("Text:", exact=True).fill("Written over.")
    save(page)
    page.goto(claim.replace("/change/", "/history/"))
    assert_accessible(page)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]

    page.get_by_role("button", name="Go back to this version").first.press("Enter")

    expect(page.get_by_text("Went back to the version of").first).to_be_visible()
    page.goto(claim)
    expect(page.get_by_label("Text:", exact=True)).to_have_value(found)


def test_a_draft_survives_a_reload_and_a_lost_session(desk, claim, passwords):
    page = desk("researcher")
    page.goto(claim)
    page.get_by_label("Context").fill("Typed for an hour.")
    add_evidence(page, "Found after an hour.", locator="p. 60")
    page.wait_for_timeout(500)  # as long as it takes until it is kept

    page.reload()
    offer = page.get_by_role("region", name="Unsaved changes")
    expect(offer).to_contain_text(re.compile(r"You have unsaved changes from \d\d:\d\d\."))
    expect(page.get_by_label("Context")).to_have_value("")
    offer.get_by_role("button", name="Restore").press("Enter")
    expect(page.get_by_label("Context")).to_have_value("Typed for an hour.")
    row = page.locator(".dynamic-evidence").last
    expect(row.locator(".form-row.field-source .select2-selection")).to_contain_text(
        "North Atlantic Treaty"
    )
    expect(row.get_by_label("Summary")).to_have_value("Found after an hour.")

    # A save that is refused does not forget it.
    row.get_by_label("Direction").select_option("")
    save(page)
    expect(page.locator(".errornote")).to_be_visible()
    page.goto(claim)
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Restore").click()
    page.locator(".dynamic-evidence").last.get_by_label("Direction").select_option("supports")

    page.context.clear_cookies(name="sessionid")
    save(page)
    expect(page.get_by_label("Username")).to_be_visible()
    page.get_by_label("Username").fill("researcher")
    page.get_by_label("Password").fill(passwords["researcher"])
    page.get_by_role("button", name="Log in").click()
    expect(offer).to_be_visible()
    assert page.url == claim
    offer.get_by_role("button", name="Restore").click()
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.get_by_label("Context")).to_have_value("Typed for an hour.")
    assert summaries(page, claim) == ["Found after an hour.", "Found evidence."]
    page.reload()
    expect(offer).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes('claim'))") == []


def test_a_draft_of_what_somebody_has_saved_since_comes_to_the_choice(desk, claim):
    rita, edda = desk("researcher"), desk("editor")
    rita.goto(claim)
    rita.get_by_label("Text:", exact=True).fill("Said by Rita.")
    rita.wait_for_timeout(500)
    edda.goto(claim)
    edda.get_by_label("Text:", exact=True).fill("Said by Edda.")
    add_evidence(edda, "Evidence of Edda.", locator="Edda")
    save(edda)
    expect(edda.get_by_text("was changed successfully")).to_be_visible()

    rita.reload()
    rita.get_by_role("button", name="Restore").click()
    save(rita)
    rita.get_by_role("radio", name="Yours: Text").check()
    rita.get_by_role("button", name="Save the merged version").click()

    expect(rita.get_by_label("Text:", exact=True)).to_have_value("Said by Rita.")
    assert summaries(rita, claim) == ["Evidence of Edda.", "Found evidence."]


def test_a_draft_is_discarded_and_is_its_users_own(desk, claim, passwords):
    page = desk("researcher", bypass_csp=True)
    page.goto(claim)
    page.get_by_label("Context").fill("For nobody else.")
    page.wait_for_timeout(500)
    page.context.clear_cookies()
    sign_in(go(page, "/admin/login/?next=/admin/"), "editor", passwords["editor"])
    page.goto(claim)
    page.wait_for_load_state("load")
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)

    page.context.clear_cookies()
    sign_in(go(page, "/admin/login/?next=/admin/"), "researcher", passwords["researcher"])
    page.goto(claim)
    expect(page.get_by_role("region", name="Unsaved changes")).to_be_visible()
    assert_accessible(page, ".desk-draft-offer")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Your unsaved changes are discarded.")).to_be_focused()
    page.reload()
    page.wait_for_load_state("load")
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)


def test_old_drafts_are_forgotten_and_other_forms_are_kept_as_they_ask(desk):
    page = desk("researcher")
    page.evaluate(
        """() => {
            const user = document.querySelector("script[data-drafts-user]").dataset.draftsUser;
            const days = (n) => JSON.stringify({ at: Date.now() - n * 864e5, content: {} });
            localStorage.setItem(`desk-draft:${user}:old`, days(31));
            localStorage.setItem(`desk-draft:${user}:new`, days(29));
            localStorage.setItem(`desk-draft:${user}:broken`, "{");
        }"""
    )
    page.reload()
    page.wait_for_load_state("load")
    names = "Object.keys(localStorage).filter((k) => k.startsWith('desk-draft')).map((k) => k.split(':')[2])"
    assert page.evaluate(names) == ["new"]

    insert = """() => {
        document.querySelector("[data-draft=panel]")?.remove();
        const form = document.createElement("form");
        form.dataset.draft = "panel";
        for (const [name, type] of [["words", "text"], ["secret", "password"], ["mark", "checkbox"]]) {
            const field = Object.assign(document.createElement("input"), { name, type, ariaLabel: name });
            field.autocomplete = "off";
            form.append(field);
        }
        document.querySelector("#content").append(form);
        document.dispatchEvent(new CustomEvent("desk:form", { detail: form }));
    }"""
    page.evaluate(insert)
    page.get_by_label("words").fill("A note")
    page.get_by_label("secret", exact=True).fill("12345")
    page.get_by_label("mark").check()
    page.wait_for_timeout(500)
    assert "12345" not in page.evaluate("JSON.stringify(localStorage)")
    page.evaluate(insert)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("words")).to_have_value("A note")
    expect(page.get_by_label("mark")).to_be_checked()
    page.evaluate(
        """() => document.dispatchEvent(
            new CustomEvent("desk:saved", { detail: document.querySelector("[data-draft=panel]") }))"""
    )
    assert page.evaluate(names) == ["new"]


def go(page, path):
    page.goto(path)
    return page


def assert_accessible(page, part="#content"):
    # axe writes styles into the page, which the policy of the desk forbids: `page` bypasses it.
    found = Axe().run(page, context=part)
    assert found.violations_count == 0, found.generate_report()
