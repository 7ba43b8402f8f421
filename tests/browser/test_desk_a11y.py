"""Every kind of page of the desk, whole and in every state, at both widths: axe finds nothing, nothing
stands beyond the edge of the window, what has the focus is seen, and one can skip to the content."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, sign_in
from tests.browser.test_admin import choose
from tests.browser.test_annotate import drag_over

pytestmark = pytest.mark.browser

OPEN_CLAIM = "nearly-100000-russian-troops-near-ukraine"

# Gives each thing that the Tab key comes to the focus, and returns those of which nobody would see it.
UNSEEN = """() => {
    const reached = "a[href], button, input, select, textarea, summary, [tabindex]";
    const framed = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    };
    const unseen = [];
    for (const element of document.querySelectorAll(reached)) {
        if (element.tabIndex < 0 || element.disabled || !element.checkVisibility()) continue;
        element.focus();
        if (document.activeElement !== element) continue;
        if (![element, element.closest(".select2-selection")].some((part) => part && framed(part))) {
            unseen.push(element.outerHTML.slice(0, 120));
        }
    }
    document.activeElement.blur();
    return unseen;
}"""

LAY_OUT_ALL = """() => document.querySelectorAll(".annotate-block")
    .forEach((block) => { block.style.contentVisibility = "visible"; })"""

CUT_OFF = """() => [...document.querySelectorAll(".inline-related:has(> .desk-row)")]
    .filter((row) => row.scrollWidth > row.clientWidth + 1).map((row) => row.id)"""


class Look:
    """Looks at pages as one role sees them, and remembers what is wrong with them."""

    def __init__(self, page):
        self.page = page
        self.wrong = []

    def at(self, *addresses):
        """At each of the addresses, loaded anew in each window, with what the Tab key does there."""
        for address in addresses:
            for viewport in (WIDE, NARROW):
                self.page.set_viewport_size(viewport)
                answer = self.page.goto(address)
                assert answer.status == 200, address
                self._look(address, viewport)
                self._tab(address, viewport)

    def now(self, state):
        """At the page in the state that somebody brought it to."""
        for viewport in (NARROW, WIDE):
            self.page.set_viewport_size(viewport)
            self.page.wait_for_timeout(100)  # what unfolds, unfolds
            self._look(state, viewport)

    def _look(self, name, viewport):
        where = f"{name} at {viewport['width']} px"
        # What is laid out only when it comes into view moves while axe reads what lies over what.
        self.page.evaluate(LAY_OUT_ALL)
        # Without fetching style sheets, which it would resolve against the page and not find.
        found = (
            Axe().run(self.page, options={"preload": False, "resultTypes": ["violations"]}).response
        )
        for fault in found["violations"]:
            for node in fault["nodes"]:
                self.wrong.append(
                    f"{where}: {fault['id']}: {node['target']} {node['html'][:200]} "
                    f"{node.get('failureSummary', '')}"
                )
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            self.wrong.append(f"{where}: {width} px wide")
        # A row has an edge of its own, behind which things could be cut off.
        for row in self.page.evaluate(CUT_OFF):
            self.wrong.append(f"{where}: cut off at the edge of {row}")

    def _tab(self, name, viewport):
        where = f"{name} at {viewport['width']} px"
        # What is laid out only when it comes into view moves while axe reads what lies over what.
        self.page.evaluate(LAY_OUT_ALL)
        skip = self.page.locator(".skip-to-content-link, .skip")  # the desk's, readers'
        if skip.count():  # a window that pops up has nothing to skip
            skip.focus()
            if skip.bounding_box()["y"] < 0:
                self.wrong.append(f"{where}: the link to the content stays hidden")
            self.page.keyboard.press("Enter")
            if not self.page.evaluate("document.querySelector('main:target') !== null"):
                self.wrong.append(f"{where}: the link to the content leads elsewhere")
        elif "_popup" not in name:
            self.wrong.append(f"{where}: no link to the content")
        self.page.keyboard.press("Tab")  # a browser frames what has the focus for who uses keys
        self.wrong += [f"{where}: focus is not seen: {it}" for it in self.page.evaluate(UNSEEN)]


@pytest.fixture(scope="module")
def window(browser, site, passwords):
    """The window of a role, signed in once for all the tests here."""
    contexts, windows = [], {}

    def window(role):
        if role not in windows:
            # axe writes styles into the page, which the policy of the desk forbids.
            context = browser.new_context(base_url=site, bypass_csp=True, reduced_motion="reduce")
            contexts.append(context)
            page = windows[role] = context.new_page()
            page.goto("/admin/login/?next=/admin/")
            sign_in(page, role, passwords[role])
        windows[role].set_viewport_size(WIDE)
        return windows[role]

    yield window
    for context in contexts:
        context.close()


@pytest.fixture
def look(window):
    """`look(role)` looks; what was wrong anywhere is told in the end, all of it."""
    looks = []

    def look(role):
        looks.append(Look(window(role)))
        return looks[-1]

    yield look
    wrong = [fault for each in looks for fault in each.wrong]
    assert not wrong, "\n".join(wrong)


def models(page):
    """The addresses of the lists that the first page of the desk leads to."""
    page.goto("/admin/")
    links = page.locator("#content-main .module th a")
    addresses = [link.get_attribute("href") for link in links.all()]
    assert "/admin/claims/claim/" in addresses
    return addresses


def first_row(page, address):
    """The address of the first row of a list, if it has one."""
    page.goto(address)
    link = page.locator("#result_list tbody th a").first
    return [link.get_attribute("href").partition("?")[0]] if link.count() else []


def history(page, address):
    """The addresses of the history of a row and of the entry that is first in it."""
    listed = address.replace("/change/", "/history/")
    page.goto(listed)
    entry = page.locator("#change-history a").first.get_attribute("href")
    return [listed, page.evaluate("entry => new URL(entry, location).pathname", entry)]


def test_lists_and_forms_of_every_model(look):
    """Of all that the editor comes to from the first page: what is new there is looked at, too."""
    it = look("editor")
    for address in models(it.page):
        it.at(address, *first_row(it.page, address))
        if it.page.goto(f"{address}add/").status == 200:
            it.at(f"{address}add/")


def test_lists_and_forms_of_who_manages_people(look):
    it = look("administrator")
    pages = models(it.page)
    assert "/admin/auth/user/" in pages
    for address in pages:
        if address.startswith(("/admin/claims/", "/admin/sources/")):
            continue
        it.at(address, *first_row(it.page, address))
        if it.page.goto(f"{address}add/").status == 200:
            it.at(f"{address}add/")
    it.at("/admin/", "/admin/auth/user/1/password/", "/admin/auth/user/1/delete/")


def test_first_page_queue_and_the_pages_about_several_claims(look):
    it = look("editor")
    it.at(
        "/admin/",
        "/admin/claims/",
        *(
            f"/admin/claims/queue/?queue={queue}"
            for queue in ("mine", "unassigned", "review", "stale", "no-evidence", "mentions")
        ),
        "/admin/claims/queue/?queue=unassigned&q=troops&kind=factual",
        "/admin/claims/claim/?kind__exact=factual&q=troops",
        "/admin/claims/claim/merge/?claim=1",
        "/admin/claims/claim/merge/?claim=2&claim=3",
        "/admin/claims/claim/merge/?claim=3&into=2",
        "/admin/claims/claim/1/split/",
        "/admin/sources/speaker/add/?_popup=1",
    )
    for address in ("/admin/claims/claim/1/change/", *first_row(it.page, "/admin/claims/verdict/")):
        it.at(*history(it.page, address))


def test_the_researcher_s_view_of_what_is_public(look):
    it = look("researcher")
    it.at("/admin/", "/admin/claims/claim/1/change/", "/admin/claims/queue/?queue=stale")
    for name in ("appearance", "rebuttal", "evidence", "search", "citation", "verdict", "topic"):
        it.at(*first_row(it.page, f"/admin/claims/{name}/"))
    for name in ("source", "speaker", "turn", "snapshot"):
        it.at(*first_row(it.page, f"/admin/sources/{name}/"))


def test_a_claim_s_form_in_use(look):
    it = look("researcher")
    page = it.page
    page.goto("/admin/claims/claim/add/")
    page.get_by_label("Text:", exact=True).fill("NATO promised not to admit eastern countries")
    expect(
        page.get_by_role("region", name="Similar claims").get_by_role("listitem").first
    ).to_be_visible()
    it.now("new claim, with those near it")
    page.get_by_label("Text:", exact=True).fill("A claim on which everything is tried.")
    page.get_by_label("Why selected:").select_option("repeated")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    address = page.url.partition("?")[0]
    it.now("claim, saved")

    # By name, which is what a screen reader has: one to choose, and several.
    source = open_evidence(page)
    it.now("claim, a new row of evidence")
    source.click()
    search = page.locator(".select2-dropdown").get_by_role("searchbox", name="Source:")
    search.fill("Treaty")
    expect(page.get_by_role("listbox", name="Source:").get_by_role("option").first).to_be_visible()
    expect(page.locator(".select2-results__option--highlighted")).to_be_visible()
    it.now("claim, a source is looked for")
    page.keyboard.press("Enter")
    expect(source).to_contain_text("Treaty")
    topics = page.get_by_role("searchbox", name="Topics:")
    topics.press_sequentially("a")
    page.locator(".select2-results__option--highlighted").click()
    expect(page.locator(".select2-selection__choice")).to_have_count(1)
    it.now("claim, a source and a topic are chosen")

    # A save that is refused.
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".errornote")).to_be_visible()
    it.now("claim, refused")

    page.goto(address)
    page.get_by_label("New note").fill(" ")
    page.get_by_role("button", name="Add note").evaluate("button => button.form.noValidate = true")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Nothing was noted")).to_be_visible()
    it.now("note, refused")
    page.goto(address)
    page.get_by_label("New note").fill("Where is the record?")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Noted.")).to_be_visible()
    it.now("claim, with a note")
    it.at(*first_row(page, "/admin/claims/note/"), address.replace("/change/", "/delete/"))
    page.goto("/admin/claims/claim/?q=everything+is+tried")
    page.locator("#result_list .action-select").first.check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.locator("#changelist .actions button").first.click()
    expect(page.get_by_role("heading", name="Delete multiple objects")).to_be_visible()
    it.now("claims, to be deleted")


def open_evidence(page):
    """A new row of evidence, and the box of its source."""
    page.get_by_role("button", name="Add another Evidence").click()
    row = page.locator(".dynamic-evidence").last
    return row.get_by_role("combobox", name="Source:")


def test_a_row_opened_and_a_choice_of_several_of_what_is_public(look):
    it = look("editor")
    it.page.goto("/admin/claims/claim/1/change/")
    for row in it.page.locator("details.desk-row:not([open]) > summary").all():
        if row.is_visible():
            row.click()
    it.now("public claim, every row opened")
    it.page.goto("/admin/sources/speaker/1/change/")
    it.page.get_by_role("button", name="Add another Speaker name").click()
    it.now("speaker, a new label")


def test_help_and_errors_are_tied_to_what_has_the_focus(window):
    page = window("researcher")
    page.goto("/admin/claims/evidence/add/")
    page.get_by_role("button", name="Save", exact=True).click()
    source = page.get_by_role("combobox", name="Source:")

    # `required` is of the field that is hidden; so are help and error.
    expect(source).to_have_attribute("aria-invalid", "true")
    expect(source).to_have_attribute("aria-haspopup", "listbox")
    expect(source).to_have_accessible_description(re.compile("."))
    choose(page, page.locator(".form-row.field-source"), "North Atlantic Treaty")
    expect(source).to_have_accessible_name("Source:")
    expect(source).not_to_have_attribute("aria-controls", re.compile("."))
    passage = page.locator(".form-row.field-passage")
    choose(page, passage, "NATO")
    expect(passage.locator(".select2-selection__clear")).to_have_attribute("aria-hidden", "true")


def test_annotating(look):
    it = look("researcher")
    page = it.page
    it.at("/admin/claims/annotate/1/")
    page.set_viewport_size(WIDE)
    page.goto("/admin/claims/annotate/1/")
    expect(page.locator("[data-annotate][data-ready][data-suggested]")).to_be_attached()
    it.now("annotate, ready")
    drag_over(page, "I want to thank NATO Secretary")
    it.now("annotate, words chosen")
    for action in (
        "New claim here",
        "Appearance of an existing claim",
        "Rebuttal of a claim",
        "Evidence for or against a claim",
    ):
        page.get_by_role("button", name=action).click()
        form = page.locator("#annotate-panel form:visible").last
        it.now(f"annotate, {action}")
        form.evaluate(
            """form => {
                form.noValidate = true;
                for (const field of form.querySelectorAll("textarea, input[type=text]")) field.value = "";
            }"""
        )
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-status]")).to_contain_text("Not saved")
        it.now(f"annotate, {action}, refused")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        drag_over(page, "I want to thank NATO Secretary")
    page.keyboard.press("Escape")
    page.locator("[data-badge]").first.click()
    it.now("annotate, a passage with marks")
    page.keyboard.press("Escape")
    page.locator("[data-help]").click()
    it.now("annotate, keys")


def test_a_verdict_from_draft_to_withdrawal(look):
    author, approver = look("researcher"), look("editor")
    page, judge = author.page, approver.page
    page.goto(f"/admin/claims/claim/?q={OPEN_CLAIM}")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Write a verdict").click()
    author.at(page.url)
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="Save and continue editing").click()
    author.now("verdict, refused")
    page.get_by_label("Rating").select_option("Not enough evidence")
    page.get_by_label("Headline").fill("Nobody has shown it.")
    page.get_by_role("textbox", name="Rationale").fill("The records *do not* say.")
    expect(page.locator("#preview em")).to_have_text("do not")
    author.now("verdict, previewed")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("successfully")).to_be_visible()
    address = page.url.partition("?")[0]
    author.at(address)
    approver.at(address)
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.get_by_text("Awaiting review.")).to_be_visible()
    author.at(address, "/admin/claims/queue/?queue=review")

    approver.at(address, "/admin/", "/admin/claims/queue/?queue=review")
    for link in ("As readers will see it", "Approve and publish", "Send back"):
        judge.goto(address)
        approver.at(judge.get_by_role("link", name=link).first.get_attribute("href"))
    judge.get_by_role("button", name="Send back").evaluate("it => it.form.noValidate = true")
    judge.get_by_role("button", name="Send back").click()
    approver.now("sent back without a reason")
    judge.get_by_label("Reason for the author").fill("@researcher, whose records?")
    judge.get_by_role("button", name="Send back").click()
    expect(judge.get_by_text("Sent back: it is a draft again.")).to_be_visible()
    approver.now("verdict, sent back, for the editor")
    author.at(address, "/admin/claims/queue/?queue=mentions", "/admin/")
    page.goto(address.replace("/change/", "/delete/"))
    author.now("verdict, to be deleted")

    judge.goto("/admin/claims/verdict/1/change/")
    asks = judge.get_by_role("link", name="Propose withdrawal").get_attribute("href")
    approver.at(asks)
    judge.goto(asks)
    judge.get_by_label("Reason for readers").fill("The record is forged.")
    judge.get_by_role("button", name="Propose withdrawal").click()
    expect(judge.get_by_text("Its withdrawal is proposed")).to_be_visible()
    approver.now("verdict, its withdrawal proposed")
    approver.at("/admin/claims/withdrawal/", "/admin/claims/queue/?queue=withdrawals", "/admin/")
    # Who proposed it is offered to take it back; another person, what decides it.
    judge.goto("/admin/claims/withdrawal/1/change/")
    expect(judge.get_by_role("button", name="Take back")).to_be_visible()
    expect(judge.get_by_role("link", name="Confirm and withdraw")).to_have_count(0)
    approver.now("withdrawal, one's own")


def test_two_at_once(look):
    it = look("researcher")
    page, other = it.page, it.page.context.new_page()
    page.goto("/admin/claims/claim/add/")
    page.get_by_label("Text:", exact=True).fill("Two write at once.")
    page.get_by_label("Why selected:").select_option("repeated")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    other.goto(page.url)
    for each, words in ((other, "One wrote it."), (page, "The other wrote it.")):
        each.get_by_label("Text:", exact=True).fill(words)
    # From whom a draft is kept, it is offered again.
    page.wait_for_timeout(500)
    other.get_by_role("button", name="Save and continue editing").click()
    expect(other.get_by_text("was changed successfully")).to_be_visible()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing that you typed is lost")
    it.now("conflict")
    other.get_by_label("Context").fill("Kept in the browser.")
    other.wait_for_timeout(500)
    page.goto(other.url)
    other.close()
    expect(page.get_by_role("region", name="Unsaved changes")).to_be_visible()
    it.now("claim, with a draft of the browser")
    page.get_by_role("button", name="Discard").click()


def test_importing(look, tmp_path):
    it = look("researcher")
    page = it.page
    it.at("/admin/sources/source/import/", "/admin/claims/annotate/1/import/")
    page.set_viewport_size(WIDE)
    page.goto("/admin/sources/source/import/")
    page.get_by_role("button", name="Import", exact=True).click()
    it.now("import, refused")
    transcript = tmp_path / "briefing.txt"
    transcript.write_text(
        "# Briefing at the harbour\n\n**MS. ALDEN:** The gates are shut.\n\n"
        "**QUESTION:** Since when?\n\n**MS. ALDEN:** Since noon.\n",
        "utf-8",
    )
    page.get_by_label("File").set_input_files(transcript)
    page.get_by_label("Check only").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".desk-result")).to_be_visible()
    it.now("import, its result")
    page.goto("/admin/claims/annotate/1/import/")
    foreign = tmp_path / "annotations.jsonld"
    foreign.write_text(
        '{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "id": "urn:x:1", '
        '"body": [{"type": "TextualBody", "value": "Look here."}], "target": {"source": "urn:x", '
        '"selector": {"type": "TextQuoteSelector", "exact": "words that nobody spoke"}}}',
        "utf-8",
    )
    page.locator("input[type=file]").set_input_files(foreign)
    page.get_by_label("Check only").check()
    page.locator(".submit-row [type=submit]").click()
    expect(page.locator("#content")).to_contain_text("ORPHANED")
    it.now("annotations imported, their result")


def test_signing_in_and_one_s_own_account(look, browser, site, passwords):
    it = look("editor")
    it.at("/admin/second-factor/", "/admin/second-factor/new/", "/admin/password_change/")
    it.page.set_viewport_size(WIDE)
    it.page.locator("#content form").evaluate("form => form.noValidate = true")
    it.page.locator("#content [type=submit]").click()
    expect(it.page.locator(".errornote")).to_be_visible()
    it.now("password, refused")

    context = browser.new_context(base_url=site, bypass_csp=True, reduced_motion="reduce")
    door = Look(context.new_page())
    door.at("/admin/login/?next=/admin/")
    door.page.set_viewport_size(WIDE)
    door.page.get_by_label("Username").fill("researcher")
    door.page.get_by_label("Password").fill("not a password")
    door.page.get_by_role("button", name="Log in").click()
    expect(door.page.locator(".errornote")).to_be_visible()
    door.now("login, refused")
    sign_in(door.page, "researcher", passwords["researcher"])
    door.page.get_by_role("button", name="Log out").click()
    expect(door.page.get_by_text("You are signed out.")).to_be_visible()
    door.now("signed out")
    context.close()
    it.wrong += door.wrong
