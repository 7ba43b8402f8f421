"""The annotate screen in the browser: by mouse, by keyboard alone, and what its script counts."""

import re
import unicodedata

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from claims.annotate.page import Mark, Stretch, cut
from claims.annotate.selection import SelectionError, select
from claims.marking import mark
from tests.browser.conftest import NARROW, WIDE
from tests.claims.annotate.test_page import transcripts

pytestmark = pytest.mark.browser

PAGE = "/admin/claims/annotate/1/"
OATH = "NATO swore an oath not to accept Eastern European countries into its ranks"


@pytest.fixture
def screen(desk):
    """The annotate screen of the seed's transcript, with its suggestions."""

    def screen(role="researcher", **options):
        page = desk(role, **options)
        page.goto(PAGE)
        expect(page.locator("[data-annotate][data-ready][data-suggested]")).to_be_attached()
        return page

    return screen


SELECT = """(words) => {
  for (const element of document.querySelectorAll("[data-words] [data-start]")) {
    const at = element.textContent.indexOf(words);
    if (at < 0) continue;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let seen = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const [from, to] = [at - seen, at + words.length - seen];
      if (from >= 0 && from < node.data.length) range.setStart(node, from);
      if (to > 0 && to <= node.data.length) range.setEnd(node, to);
      seen += node.data.length;
    }
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const [first, last] = [range.getClientRects()[0], [...range.getClientRects()].at(-1)];
    return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
  }
}"""


def drag_over(page, words):
    """Select the words as a person does: press, move, let go."""
    left, top, right, bottom = page.evaluate(SELECT, words)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.mouse.move(right + 1, bottom)
    page.mouse.up()
    expect(page.locator("[data-exact]")).to_have_text(words)


def panel(page):
    return page.locator("#annotate-panel")


def status(page):
    return page.locator("[data-status]")


def test_a_claim_its_rebuttal_and_evidence_by_mouse(screen):
    page = screen()
    page.evaluate("window.stayed = true")
    words = "this is a matter of Russia"
    words = page.evaluate(
        """() => [...document.querySelectorAll("[data-words] [data-start]")].map((p) => p.textContent)
            .find((t) => t.startsWith("I want to thank")).trim()"""
    )
    drag_over(page, words)
    page.get_by_role("button", name="New claim here").click()
    form = panel(page).locator("[data-make=claim]")
    expect(form.get_by_label("Claim", exact=True)).to_have_value(words)
    expect(form.get_by_label("Claimant")).to_have_value("Antony Blinken")
    expect(form.get_by_label("Manner")).to_have_value("asserted")
    expect(form.get_by_label("Said on")).to_have_value("2022-01-07")

    # Who reports, and how, follow the claimant.
    form.get_by_label("Claimant").fill("russ")
    page.get_by_role("option", name="Russia").click()
    expect(form.get_by_label("Claimant")).to_have_value("Russia")
    expect(form.get_by_label("Reported by")).to_have_value("Antony Blinken")
    expect(form.get_by_label("Manner")).to_have_value("reported")
    form.get_by_label("Claim", exact=True).fill(
        "Jens Stoltenberg convened the meeting of 7 January."
    )
    scroll = page.evaluate("scrollY")
    form.get_by_role("button", name="Create the claim").click()
    expect(status(page)).to_contain_text("Saved as a draft: appearance of “Jens Stoltenberg")
    assert page.evaluate("scrollY") == scroll
    assert page.evaluate("window.stayed")
    expect(page.locator(":focus")).to_have_attribute(
        "aria-label", "A: appearance of “Jens Stoltenberg convened the meeting of 7 January.”"
    )
    expect(panel(page).get_by_role("list", name="On this passage")).to_contain_text(
        "Russia, reported by Antony Blinken"
    )

    # The same passage bears a rebuttal with a counterclaim, and evidence.
    page.get_by_role("button", name="Rebuttal of a claim").click()
    form = panel(page).locator("[data-make=rebuttal]")
    choose(page, form.get_by_label("Claim that is answered"), "stoltenberg convened")
    expect(form.get_by_label("Speaker", exact=True)).to_have_value("Antony Blinken")
    form.get_by_label("Summary").fill("The speaker thanks another person for it.")
    form.locator("summary").click()
    form.get_by_label("Or a new counterclaim").fill("Another person convened the meeting.")
    form.get_by_role("button", name="Mark the rebuttal").click()
    expect(status(page)).to_contain_text("Saved as a draft: rebuttal")

    page.get_by_role("button", name="Evidence for or against a claim").click()
    form = panel(page).locator("[data-make=evidence]")
    choose(page, form.get_by_label("Claim", exact=True), "stoltenberg convened")
    form.get_by_label("supports the claim").check()
    form.get_by_label("Summary").fill("The speaker thanks him for it.")
    form.get_by_role("button", name="Add the evidence").click()
    expect(status(page)).to_contain_text("Saved as a draft: evidence")
    expect(page.locator(":focus")).to_have_attribute("data-letters", "A2 R E")

    # A mark shows what hangs on it; the cross closes the panel and gives the focus back.
    page.get_by_label("Close the panel").click()
    expect(page.locator(":focus")).to_have_attribute("data-letters", "A2 R E")
    expect(panel(page).get_by_role("heading", name="Mark a passage")).to_be_visible()
    page.locator(":focus").click()
    expect(panel(page).locator("[data-rows] li")).to_have_count(4)
    page.get_by_role("link", name="Evidence", exact=True).click()
    expect(page.get_by_role("heading", name="Change evidence")).to_be_visible()


def choose(page, field, words):
    field.press_sequentially(words)
    option = page.get_by_role("option").first
    expect(option).to_be_visible()
    option.click()


def test_the_same_by_keyboard_alone(screen):
    page = screen()
    keys = page.keyboard
    keys.press("j")
    expect(page.locator(":focus")).to_have_attribute(
        "aria-label", "Words of Antony Blinken, turn 1"
    )
    word = page.locator("[data-word]")
    keys.press("ArrowRight")
    expect(word).to_have_text("afternoon")
    keys.press("ArrowLeft")
    expect(word).to_have_text("Good")
    keys.press("ArrowDown")
    expect(word).to_have_text("I")
    keys.press("Control+Shift+ArrowRight")
    expect(page.locator("[data-exact]")).to_have_text("I am very glad to see journalists here.")
    keys.press("Shift+ArrowLeft")
    expect(page.locator("[data-exact]")).to_have_text("I am very glad to see journalists")

    # Three keys: c, Ctrl and Enter.
    keys.press("c")
    expect(page.locator(":focus")).to_have_value("I am very glad to see journalists.")
    keys.press("Control+Enter")
    expect(status(page)).to_contain_text("Saved as a draft")
    expect(page.locator(":focus")).to_have_attribute(
        "aria-label", "A: appearance of “I am very glad to see journalists.”"
    )

    # From the mark on, the words go on; by their list, a claim is chosen without the mouse.
    keys.press("ArrowRight")
    expect(word).to_have_text("here")
    keys.press("Enter")
    expect(panel(page)).to_be_focused()
    expect(page.locator("[data-exact]")).to_have_text("here")
    keys.press("a")
    keys.type("nato")
    expect(page.get_by_role("option").first).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.locator(":focus").fill("")
    keys.type("NATO promised")
    expect(page.get_by_role("option").first).to_be_visible()
    keys.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]").inner_text()
    keys.press("Enter")
    expect(page.locator(":focus")).to_have_value(chosen.removesuffix(" draft"))
    keys.press("Escape")
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("^Words of"))

    # Words that are typed are found as well.
    keys.press("q")
    keys.type(f"after the Cold War {OATH}")
    keys.press("Control+Enter")
    expect(page.locator("[data-exact]")).to_have_text(f"after the Cold War {OATH}")
    expect(panel(page)).to_be_focused()
    expect(panel(page).get_by_role("list", name="On this passage")).to_be_visible()
    keys.press("Escape")

    keys.press("n")
    first = page.locator(":focus").get_attribute("data-badge")
    keys.press("n")
    assert page.locator(":focus").get_attribute("data-badge") != first
    keys.press("p")
    expect(page.locator(":focus")).to_have_attribute("data-badge", first)
    keys.press("Enter")
    expect(panel(page)).to_be_focused()
    keys.press("Escape")
    expect(page.locator(":focus")).to_have_attribute("data-badge", first)
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_suggestions_tell_their_reason_and_can_be_hidden(screen):
    page = screen()
    page.keyboard.press("s")
    suggestion = page.locator(":focus")
    reason = suggestion.get_attribute("aria-label").removeprefix("?: suggestion, ")
    assert reason
    start, end = map(int, suggestion.get_attribute("data-suggestion").split("-"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-reasons]")).to_have_text(f"Suggested: {reason}.")
    assert len(page.locator("[data-exact]").inner_text()) == end - start
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(suggestion).to_be_focused()
    assert page.evaluate("CSS.highlights.get('annotate-suggestions').size") > 3
    page.get_by_role("button", name="Suggestions").click()
    expect(page.locator("[data-suggestion]")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-suggested]")).to_be_attached()
    expect(page.locator("[data-suggestion]")).to_have_count(0)


def test_a_claim_that_is_there_already_is_shown_first_and_taken_instead(screen):
    page = screen()
    drag_over(page, "to discuss our coordinated response")
    page.keyboard.press("c")
    page.locator(":focus").fill(
        "After the Cold War, NATO promised not to admit Eastern European countries."
    )
    near = panel(page).locator("[data-similar]")
    expect(near).to_contain_text(
        "After the Cold War NATO promised not to admit Eastern European countries."
    )
    near.get_by_role("link", name="Use this claim instead").first.click()
    form = panel(page).locator("[data-make=appearance]")
    expect(form.get_by_label("Claim", exact=True)).to_have_value(
        "After the Cold War NATO promised not to admit Eastern European countries."
    )
    expect(form.get_by_label("Claimant")).to_have_value("Antony Blinken")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("Saved as a draft: appearance")


def test_without_script_the_same_is_done_with_forms(desk):
    page = desk("researcher", java_script_enabled=False)
    page.goto(PAGE)
    page.get_by_label("Words of the transcript").fill("We are ready to resolutely respond")
    page.get_by_role("button", name="Find the words").click()
    expect(page.locator("[data-exact]")).to_have_text("We are ready to resolutely respond")
    page.get_by_role("button", name="New claim here").click()
    form = page.locator("#annotate-panel [data-make=claim]")
    form.get_by_label("Claim", exact=True).fill("The speaker's government is ready.")
    form.get_by_label("Claimant").fill("russia")
    form.get_by_role("button", name="Create the claim").click()
    expect(page.locator(".messagelist")).to_contain_text("Saved as a draft")
    expect(panel(page)).to_contain_text("Russia, reported by Antony Blinken")
    page.get_by_role("button", name="appearance of “The speaker").click()
    expect(panel(page)).to_contain_text("The speaker's government is ready.")


@pytest.fixture
def lenient(desk, browser, site, passwords):
    """A page of a server that refuses, which the console also tells."""
    from tests.browser.conftest import sign_in

    context = browser.new_context(base_url=site, viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/admin/login/?next=/admin/")
    sign_in(page, "researcher", passwords["researcher"])
    page.goto(PAGE)
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    yield page
    context.close()


def test_what_is_refused_is_told_beside_its_field_and_keeps_what_was_typed(lenient):
    page = lenient
    drag_over(page, "I want to thank NATO Secretary General Stoltenberg")
    page.keyboard.press("c")
    form = panel(page).locator("[data-make=claim]")
    form.get_by_label("Claim", exact=True).fill("He organised it.")
    form.get_by_label("Claimant").fill("Nobody whom the desk knows")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_have_text("Not saved: see what is said at “Claimant”.")
    expect(form.get_by_label("Claimant")).to_be_focused()
    expect(form.locator(".errorlist")).to_have_text(
        "No speaker has these words. Choose one from the list."
    )
    expect(form.get_by_label("Claim", exact=True)).to_have_value("He organised it.")

    # A text that is not what was shown, and a session that has ended: told in words, nothing lost.
    page.evaluate(
        "document.querySelector('#annotate-panel [data-make=claim] [name=exact]').value = 'Other words'"
    )
    form.get_by_label("Claimant").fill("Russia")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("The stored text reads otherwise")
    page.wait_for_load_state(
        "networkidle"
    )  # the search for the claimant, which would be refused, too
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("You are signed out")
    expect(status(page).get_by_role("link", name="Sign in (new tab)")).to_have_attribute(
        "href", "/admin/login/?next=%2Fadmin%2Fclaims%2Fannotate%2F1%2F"
    )
    expect(form.get_by_label("Claim", exact=True)).to_have_value("He organised it.")


def test_a_form_that_was_left_is_found_again_as_it_was(screen):
    page = screen()
    drag_over(page, "I want to thank NATO Secretary")
    page.keyboard.press("c")
    page.locator(":focus").fill("Half of a")
    drag_over(page, "resolutely respond to further")
    expect(panel(page).locator("[data-make=claim] [name=text]")).not_to_have_value("Half of a")
    drag_over(page, "I want to thank NATO Secretary")
    expect(panel(page).locator("[data-make=claim] [name=text]")).to_have_value("Half of a")


def test_what_was_typed_survives_a_reload(screen):
    page = screen()
    drag_over(page, "these urgent discussions")
    page.keyboard.press("r")
    form = panel(page).locator("[data-make=rebuttal]")
    form.get_by_label("Summary").press_sequentially("Half of an answer")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    panel(page).get_by_role("button", name="Rebuttal of a claim").click()
    expect(page.locator("[data-exact]")).to_have_text("these urgent discussions")
    expect(form.get_by_label("Summary")).to_have_value("Half of an answer")

    # Saved, it is forgotten.
    choose(page, form.get_by_label("Claim that is answered"), "provoke")
    form.get_by_role("button", name="Mark the rebuttal").click()
    expect(status(page)).to_contain_text("Saved as a draft: rebuttal")
    page.reload()
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    expect(page.locator("[data-unsaved] li")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_accessibility_violation_and_no_sideways_scrolling(screen, viewport, scheme):
    page = screen(viewport=viewport, color_scheme=scheme)
    for open_it in (
        lambda: None,
        lambda: page.locator("[data-badge]").first.click(),
        lambda: page.keyboard.press("c"),
        lambda: page.keyboard.press("Escape"),
        lambda: page.locator("[data-help]").click(),
    ):
        open_it()
        page.wait_for_timeout(300)
        # (What axe would load beforehand, to look at style sheets, the content security policy refuses.)
        results = Axe().run(page, options={"preload": False})
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


# --- What the script counts -------------------------------------------------------------------------

MEASURE = """async ({ html, selections }) => {
  const root = document.querySelector("[data-text]");
  root.innerHTML = html;
  document.dispatchEvent(new CustomEvent("annotate:changed"));
  // Code points of the stored text to places of the document, in a way of this test's own.
  const nodes = [];
  for (const carrier of root.querySelectorAll("[data-start]")) {
    const walker = document.createTreeWalker(carrier, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node);
  }
  const place = (at, early) => {
    let seen = 0;
    for (const node of nodes) {
      const points = [...node.data];
      if (at < seen + points.length || (early && at === seen + points.length)) {
        return [node, points.slice(0, at - seen).join("").length];
      }
      seen += points.length;
    }
    return [nodes.at(-1), nodes.at(-1).data.length];
  };
  const tick = () => new Promise((done) => { setTimeout(done, 1); });
  const release = async () => {
    root.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    document.dispatchEvent(new PointerEvent("pointerup"));
    await tick();
  };
  let heard = null;
  const listen = (event) => { heard = event.detail; };
  document.addEventListener("annotate:selected", listen);
  const answers = [];
  for (const [from, to, early, late] of selections) {
    getSelection().removeAllRanges();
    await release();
    heard = null;
    const range = document.createRange();
    range.setStart(...place(from, early));
    range.setEnd(...place(to, late));
    getSelection().addRange(range);
    await release();
    const measured = heard && [heard.start, heard.end, heard.exact];
    heard = null;
    // And back: the same place, found by its code points.
    if (measured) document.dispatchEvent(new CustomEvent("annotate:find",
      { detail: { start: measured[0], end: measured[1] } }));
    answers.push([measured, heard && [heard.start, heard.end, heard.exact]]);
  }
  document.removeEventListener("annotate:selected", listen);
  return { text: nodes.map((node) => node.data).join(""), answers };
}"""


def rendered(text, turns, spans):
    """The blocks as the page has them."""
    marks = {span: Mark(span) for span in spans}
    out = []
    for number, turn in enumerate(turns, start=1):
        turn.pk = number
    blocks = list(cut(text, turns))
    parts = [(block, part) for block in blocks for part in (block.label, block.words) if part]
    for (block, part), paragraphs in zip(
        parts, mark(text, [part for _, part in parts], spans), strict=True
    ):
        at = part[0]
        for segments in paragraphs:
            target = block.printed if part == block.label else block.paragraphs
            target.append(Stretch(at, segments))
            at += sum(len(segment.text) for segment in segments)
    for block in blocks:
        out.append(
            render_to_string("admin/claims/annotate/block.html", {"block": block, "marks": marks})
        )
    return "".join(out)


@st.composite
def selections(draw):
    text, turns, spans = draw(transcripts().filter(lambda one: "\0" not in one[0]))
    edge = st.integers(0, len(text))
    pairs = draw(
        st.lists(
            st.tuples(edge, edge, st.booleans(), st.booleans()).filter(lambda s: s[0] < s[1]),
            min_size=1,
            max_size=5,
        )
    )
    return text, turns, spans, pairs


def test_the_script_counts_code_points_as_python_does(screen):
    page = screen()
    compared = 0

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    @given(selections())
    def counts_alike(case):
        nonlocal compared
        text, turns, spans, pairs = case
        answer = page.evaluate(MEASURE, {"html": rendered(text, turns, spans), "selections": pairs})
        assert answer["text"] == text
        for (start, end, _, _), (measured, again) in zip(pairs, answer["answers"], strict=True):
            try:
                wanted = select(text, start, end)
            except SelectionError:
                assert measured is None
                continue
            assert measured == [wanted.start, wanted.end, text[wanted.start : wanted.end]]
            assert again == measured
            compared += 1

    counts_alike()
    assert compared > 150


def test_a_word_of_many_marks_and_joiners_is_counted_as_stored(screen):
    page = screen()
    family = "👩🏽\u200d👩🏽\u200d👧"
    letter = unicodedata.lookup("MATHEMATICAL DOUBLE-STRUCK CAPITAL A")
    text = f"שלום {family} e\u0301 {letter}\n\nמה {family}"
    html = rendered(text, [], [(0, 8), (5, 13)])
    pairs = [(a, b, early, not early) for a in range(0, len(text), 3)
             for b in range(a + 1, len(text) + 1, 2) for early in (True, False)]  # fmt: skip
    answer = page.evaluate(MEASURE, {"html": html, "selections": pairs})
    wanted = []
    for start, end, _, _ in pairs:
        try:
            found = select(text, start, end)
        except SelectionError:
            wanted.append(None)
        else:
            wanted.append([found.start, found.end, text[found.start : found.end]])
    assert [measured for measured, _ in answer["answers"]] == wanted


def test_an_address_leads_to_its_passage_with_the_form_it_names(screen):
    page = screen()
    found = page.evaluate(
        """words => {
            const whole = [...document.querySelectorAll("[data-start]")];
            const carrier = whole.find(one => one.textContent.includes(words));
            const at = Number(carrier.dataset.start);
            return at + [...carrier.textContent.slice(0, carrier.textContent.indexOf(words))].length;
        }""",
        OATH,
    )
    page.goto(f"{PAGE}?start={found}&end={found + len(OATH)}&action=evidence")

    expect(page.locator("[data-exact]")).to_have_text(OATH)
    form = page.locator("form[data-make=evidence]")
    expect(form.get_by_label("Claim", exact=True)).to_be_focused()
    expect(form.get_by_label("Where in the source")).not_to_have_value("")
    assert page.evaluate("scrollY") > 1000


# --- Answers that come late, and browsers that keep nothing ---------------------------------------------


def hold(page, address):
    """Let requests to `address` wait; returns the list of those that do."""
    held = []
    page.route(address, lambda route: held.append(route))
    return held


def start_claim(page, words, text, claimant="Russia"):
    drag_over(page, words)
    page.keyboard.press("c")
    form = panel(page).locator("[data-make=claim]")
    form.get_by_label("Claim", exact=True).fill(text)
    form.get_by_label("Claimant").fill(claimant)
    return form


FIRST, SECOND = "I want to thank NATO Secretary General", "resolutely respond to further"


def test_an_answer_that_comes_late_leaves_the_panel_of_another_passage_as_it_is(screen):
    page = screen()
    form = start_claim(page, FIRST, "Zebras outnumber quaggas in Wallonia.")
    held = hold(page, "**/make/claim/")
    form.get_by_role("button", name="Create the claim").click()
    expect(status(page)).to_have_text("Saving…")

    drag_over(page, SECOND)
    page.keyboard.press("e")
    summary = panel(page).locator("[data-make=evidence]").get_by_label("Summary")
    summary.press_sequentially("Typed while the first was saved.")
    page.wait_for_timeout(500)
    held[0].continue_()
    expect(status(page)).to_contain_text("Zebras outnumber quaggas")

    expect(page.locator("[data-exact]")).to_have_text(SECOND)
    expect(summary).to_have_value("Typed while the first was saved.")
    expect(summary).to_be_focused()
    expect(page.locator("[data-badge]", has_text="").and_(
        page.get_by_label("A: appearance of “Zebras outnumber")
    )).to_have_count(1)  # fmt: skip
    # What was saved is forgotten; of the other passage each form still is its own.
    drafts = page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('desk-draft'))")
    assert [name.rsplit("-", 1)[1] for name in drafts] == ["evidence"]
    shown = page.evaluate(
        """() => [...document.querySelectorAll("#annotate-panel [data-make]")].map((form) =>
            [form.elements.exact.value, form.dataset.draft.includes(
                `-${form.elements.start.value}-${form.elements.end.value}-`)])"""
    )
    assert shown == [[SECOND, True]] * 4

    # Back at the first: its row is there, and nothing of the form that was saved.
    page.get_by_label("A: appearance of “Zebras outnumber").click()
    expect(panel(page).get_by_role("list", name="On this passage")).to_contain_text("Zebras")


def test_a_refusal_that_comes_late_says_where_and_waits_there(lenient):
    page = lenient
    form = start_claim(page, FIRST, "Okapis outnumber quaggas.", claimant="Nobody known")
    held = hold(page, "**/make/claim/")
    form.get_by_role("button", name="Create the claim").click()
    expect(status(page)).to_have_text("Saving…")
    drag_over(page, SECOND)
    page.keyboard.press("e")
    summary = panel(page).locator("[data-make=evidence]").get_by_label("Summary")
    summary.fill("Half of a")
    held[0].continue_()
    expect(status(page)).to_contain_text(f"Not saved: the form at “{FIRST}” was refused")
    expect(summary).to_be_focused()
    drag_over(page, FIRST)
    expect(panel(page).locator("[data-make=claim] .errorlist")).to_contain_text("No speaker has")
    expect(
        panel(page).locator("[data-make=claim]").get_by_label("Claim", exact=True)
    ).to_have_value("Okapis outnumber quaggas.")


def test_a_draft_never_says_where_it_belongs(screen):
    """What an older draft kept of another place does not move what is saved here."""
    page = screen()
    drag_over(page, SECOND)
    page.keyboard.press("e")
    form = panel(page).locator("[data-make=evidence]")
    form.get_by_label("Summary").press_sequentially("Typed here.")
    page.wait_for_timeout(500)
    name = page.evaluate("Object.keys(localStorage).find((name) => name.endsWith('-evidence'))")
    draft = page.evaluate("(name) => JSON.parse(localStorage.getItem(name))", name)
    assert not {"start", "end", "exact"} & set(draft["content"])
    draft["content"] |= {"start": ["0"], "end": ["7"], "exact": ["Remarks"]}
    page.evaluate("([name, draft]) => localStorage.setItem(name, JSON.stringify(draft))",
                  [name, draft])  # fmt: skip

    page.goto(PAGE)
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    drag_over(page, SECOND)
    page.keyboard.press("e")
    expect(form.get_by_label("Summary")).to_have_value("Typed here.")
    expect(form.locator("[name=exact]")).to_have_value(SECOND)
    assert form.locator("[name=start]").input_value() != "0"


def test_a_browser_that_keeps_nothing_still_has_the_screen(lenient):
    page = lenient
    errors = []
    # (The admin's own scripts do complain.)
    page.on("pageerror", lambda error: errors.append(error.stack))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('denied', 'SecurityError'); } })"
    )
    page.goto(PAGE)
    expect(page.locator("[data-annotate][data-ready][data-suggested]")).to_be_attached()
    page.get_by_role("button", name="Suggestions").click()
    expect(page.locator("[data-suggestion]")).to_have_count(0)
    page.get_by_role("button", name="Suggestions").click()
    expect(page.locator("[data-suggestion]")).not_to_have_count(0)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    drag_over(page, FIRST)
    page.keyboard.press("c")
    expect(panel(page).locator("[data-form=claim]")).to_be_hidden()
    assert not [stack for stack in errors if "admin-counterclaim" in stack]


def test_where_near_claims_cannot_be_asked_for_nothing_is_shown_of_it(lenient):
    page = lenient
    page.route("**/similar/?*", lambda route: route.fulfill(status=500, json={"message": "no"}))
    with page.expect_response("**/similar/?*"):
        start_claim(page, FIRST, "Okapis.")
    page.wait_for_timeout(500)
    expect(panel(page).locator("[data-make=claim] [data-similar]")).to_be_empty()


def test_what_was_typed_is_back_at_once_and_can_be_discarded(screen):
    page = screen()
    drag_over(page, FIRST)
    page.keyboard.press("c")
    form = panel(page).locator("[data-make=claim]")
    text = form.get_by_label("Claim", exact=True)
    proposed = text.input_value()
    text.fill("Half of a claim")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    expect(page.locator("[data-unsaved] li")).to_have_text(re.compile(r"New claim here, turn \d+"))
    drag_over(page, FIRST)
    page.keyboard.press("c")
    expect(text).to_have_value("Half of a claim")
    expect(form.get_by_role("status")).to_contain_text("is back. It is not saved yet.")
    # What was typed is not replaced by the next key.
    assert page.evaluate("(() => { const a = document.activeElement;"
                         " return a.selectionEnd - a.selectionStart; })()") == 0  # fmt: skip
    form.get_by_role("button", name="Discard").click()
    expect(text).to_have_value(proposed)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("[data-annotate][data-ready]")).to_be_attached()
    expect(page.locator("[data-unsaved] li")).to_have_count(0)


def test_turns_come_first_and_what_stands_outside_is_named_as_such(screen):
    page = screen()
    page.keyboard.press("j")
    first = page.locator("[data-position] [data-words]").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel(page).locator("[data-outside]")).to_be_hidden()
    heading = page.locator("[data-block]:not([data-position]) [data-words]").first.inner_text()
    drag_over(page, heading.split("\n")[0].strip())
    expect(panel(page).locator("[data-outside]")).to_be_visible()
    # By mouse, nothing but the selection is marked.
    drag_over(page, FIRST)
    assert not page.evaluate("CSS.highlights.has('annotate-cursor')")


def test_a_sentence_does_not_end_with_an_abbreviation(screen):
    page = screen()
    html = rendered("The U.S. Secretary and Mr. Smith came. They left.", [], [])
    page.evaluate(
        """(html) => { document.querySelector("[data-text]").innerHTML = html;
            document.dispatchEvent(new CustomEvent("annotate:changed")); }""",
        html,
    )
    page.keyboard.press("j")
    page.keyboard.press("Control+Shift+ArrowRight")
    expect(page.locator("[data-exact]")).to_have_text("The U.S. Secretary and Mr. Smith came.")


def test_the_question_whether_a_claim_is_another_is_there_before_it_is_refused(screen):
    page = screen()
    form = start_claim(
        page, FIRST, "After the Cold War, NATO promised not to admit Eastern European countries."
    )
    another = form.get_by_label("It is another claim")
    another.check()
    form.get_by_label("Claim", exact=True).press("End")
    with page.expect_response("**/similar/?*"):
        form.get_by_label("Claim", exact=True).press_sequentially("..")
    page.wait_for_timeout(200)
    expect(another).to_be_checked()
    form.get_by_role("button", name="Create the claim").click()
    expect(status(page)).to_contain_text("Saved as a draft: appearance")
