"""The whole job of the desk, from the file of a transcript to the public page: by mouse, and again by
keyboard alone."""

import re
import shutil

import pytest
import yaml
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, WIDE, demo_passwords, empty_database, served, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.either_database]

TRANSCRIPT = ROOT / "seeds" / "transcripts" / "000_c64cec048aca3c72.txt"
OATH = "NATO swore an oath not to accept Eastern European countries into its ranks"
DENIAL = "the NATO Alliance has never promised not to accept new members"
TREATY = "There were no promises that NATO would not expand"
CLAIM = "After the Cold War NATO promised not to admit Eastern European countries."
KEYS = {
    "New claim here": "c",
    "Rebuttal of a claim": "r",
    "Evidence for or against a claim": "e",
}


class Mouse:
    """Does with a pointing device what a step asks for."""

    def __init__(self, page):
        self.page = page

    def press(self, target):
        target.click()

    def type(self, target, words):
        target.click()
        target.fill(words)

    def choose(self, target, label):
        target.select_option(label)

    def upload(self, target, path):
        with self.page.expect_file_chooser() as chooser:
            target.click()
        chooser.value.set_files(path)

    def select_words(self, words):
        """Press at the beginning of the words, drag to their end, let go."""
        ends = self.page.evaluate(
            """words => {
                const walker = document.createTreeWalker(
                    document.querySelector("[data-text]"), NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    const at = node.data.indexOf(words);
                    if (at < 0) continue;
                    node.parentElement.scrollIntoView({block: "center"});
                    const box = (from, to) => {
                        const range = document.createRange();
                        range.setStart(node, from);
                        range.setEnd(node, to);
                        return range.getBoundingClientRect();
                    };
                    const first = box(at, at + 1), last = box(at + words.length - 1, at + words.length);
                    const middle = box => box.top + box.height / 2;
                    return [first.left + 1, middle(first), last.right - 1, middle(last)];
                }
                throw new Error(`no text node holds: ${words}`);
            }""",
            words,
        )
        self.page.mouse.move(*ends[:2])
        self.page.mouse.down()
        self.page.mouse.move(ends[2] - 20, ends[3])
        self.page.mouse.move(*ends[2:], steps=4)
        self.page.mouse.up()

    def action(self, name):
        self.page.get_by_role("button", name=name).click()

    def save(self):
        self.page.locator("#annotate-panel form:visible [type=submit]").last.click()


class Keyboard:
    """Does the same without one."""

    def __init__(self, page):
        self.page = page

    def focus(self, target):
        """Go there with the Tab key, from wherever the focus is."""
        target.wait_for(state="visible")
        for _ in range(600):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not lead to {target}")

    def press(self, target):
        self.focus(target)
        self.page.keyboard.press("Enter")

    def type(self, target, words):
        self.focus(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def choose(self, target, label):
        self.focus(target)
        self.page.keyboard.type(label)
        expect(target.locator("option:checked")).to_have_text(re.compile(f"^{label}"))

    def upload(self, target, path):
        # A key that comes while the browser is still busy with the page opens no dialog: it is pressed again.
        chosen = []
        self.page.once("filechooser", lambda dialog: chosen.append(dialog))
        for _ in range(6):
            self.focus(target)
            self.page.keyboard.press("Space")
            for _ in range(50):
                if chosen:
                    chosen[0].set_files(path)
                    return
                self.page.wait_for_timeout(100)
        raise AssertionError("the space bar opens no dialog to choose a file")

    def select_words(self, words):
        """To the turn, sentence by sentence, word by word; then the same with Shift."""
        under = """() => [...CSS.highlights.get("annotate-cursor") ?? []].map(String).join("")"""
        around = """() => {
            const range = [...CSS.highlights.get("annotate-cursor")][0];
            const carrier = range.startContainer.parentElement.closest("[data-start]");
            const rest = document.createRange();
            rest.setStart(range.startContainer, range.startOffset);
            rest.setEnd(carrier, carrier.childNodes.length);
            return rest.toString();
        }"""
        turn = "() => document.activeElement.closest('[data-words]')?.textContent ?? ''"
        keys = self.page.keyboard
        keys.press("Escape")
        self._until(lambda: words in self.page.evaluate(turn), "j")
        self._until(lambda: words in self.page.evaluate(around), "ArrowDown")
        self._until(lambda: words not in self.page.evaluate(around), "ArrowDown")
        keys.press("ArrowUp")
        self._until(lambda: self.page.evaluate(around).startswith(words), "ArrowRight")
        for _ in words.split()[1:]:
            keys.press("Shift+ArrowRight")
        assert words in self.page.evaluate(under)

    def _until(self, reached, key):
        for _ in range(200):
            if reached():
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"the key {key} does not lead there")

    def action(self, name):
        self.page.keyboard.press(KEYS[name])

    def save(self):
        self.page.keyboard.press("Control+Enter")


@pytest.fixture
def seeds(tmp_path):
    """What a desk has before its first transcript: speakers, topics, the scale, and the sources of which
    it holds no text."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("speakers.yaml", "topics.yaml", "ratings.yaml"):
        shutil.copy(ROOT / "seeds" / name, folder)
    sources = yaml.safe_load((ROOT / "seeds" / "sources.yaml").read_text(encoding="utf-8"))
    cited = [row for row in sources if "transcript" not in row]
    (folder / "sources.yaml").write_text(yaml.safe_dump(cited, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture
def fresh(tmp_path, seeds):
    """The address of a site without a transcript or claim, and the passwords of its accounts."""
    with (
        empty_database(f"workbench_{tmp_path.name[-6:]}", tmp_path) as database,
        served(database, tmp_path / "static", "--dir", str(seeds)) as address,
    ):
        yield address, demo_passwords(database)


@pytest.mark.parametrize("hand", [Mouse, Keyboard])
def test_from_the_file_of_a_transcript_to_the_public_page(browser, fresh, hand):
    address, passwords = fresh
    complaints = []

    def desk(role):
        context = browser.new_context(base_url=address, viewport=WIDE, reduced_motion="reduce")
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/admin/login/?next=/admin/")
        sign_in(page, role, passwords[role])
        return page, hand(page)

    page, does = desk("researcher")

    # The transcript comes in, and leads to its annotation.
    page.goto("/admin/sources/source/import/")
    does.upload(page.get_by_label("File"), TRANSCRIPT)
    does.choose(page.get_by_label("Rendition"), "machine translation")
    does.press(page.get_by_role("button", name="Import", exact=True))
    does.press(page.get_by_role("link", name=re.compile("annotate", re.IGNORECASE)).last)
    page.locator("[data-annotate][data-ready]").wait_for()

    # The claim: of Russia, as the speaker reports it.
    does.select_words(OATH)
    does.action("New claim here")
    form = page.locator("form[data-make=claim]")
    does.type(form.get_by_label("Claim", exact=True), CLAIM)
    does.choose(
        form.get_by_label("Why it is selected"), "it stands in a document that is checked whole"
    )
    choose_row(page, does, form.get_by_label("Claimant"), "Russia")
    expect(form.get_by_label("Reported by")).to_have_value("Antony Blinken")
    expect(form.get_by_label("Manner")).to_have_value("reported")
    does.save()
    expect(page.locator("[data-status]")).to_contain_text("Saved as a draft")

    # What the speaker answers, which is a claim of its own; and evidence against.
    does.select_words(DENIAL)
    does.action("Rebuttal of a claim")
    form = page.locator("form[data-make=rebuttal]")
    choose_row(page, does, form.get_by_label("Claim that is answered"), "Eastern European")
    does.type(form.get_by_label("Summary"), "The speaker says that no such promise was ever made.")
    does.press(form.locator("summary"))
    does.type(form.get_by_label("Or a new counterclaim"), "NATO has never promised not to grow.")
    does.save()
    expect(page.locator("[data-status]")).to_contain_text("Saved as a draft")
    does.select_words(TREATY)
    does.action("Evidence for or against a claim")
    form = page.locator("form[data-make=evidence]")
    choose_row(page, does, form.get_by_label("Claim", exact=True), "Eastern European")
    side = form.get_by_label("refutes the claim")
    if hand is Keyboard:
        does.focus(form.get_by_label("supports the claim"))
        page.keyboard.press("ArrowDown")
    else:
        side.check()
    expect(side).to_be_checked()
    does.type(
        form.get_by_label("Summary"), "The speaker reports a denial from an interview of 2014."
    )
    does.save()
    expect(page.locator("[data-status]")).to_contain_text("Saved as a draft")
    expect(page.locator("[data-badge]")).to_have_count(3)

    # Evidence for, from another source, on the claim's page.
    page.goto("/admin/claims/claim/?q=Eastern")
    does.press(page.get_by_role("link", name=CLAIM))
    does.press(page.get_by_role("button", name="Add another Evidence"))
    row = page.locator(".dynamic-evidence").last
    does.choose(row.get_by_label("Direction"), "supports the claim")
    choose_option(page, does, row.locator(".form-row.field-source"), "What Gorbachev Heard")
    does.type(row.get_by_label("Summary"), "Baker speaks of NATO moving no inch eastward.")
    does.press(page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    # A verdict, drafted and submitted.
    does.press(page.get_by_role("link", name="Write a verdict"))
    does.choose(page.get_by_label("Rating"), "Conflicting evidence")
    does.type(page.get_by_label("Headline"), "The records and the recollections disagree.")
    does.type(
        page.get_by_role("textbox", name="Rationale"),
        "A record *supports* it; a denial speaks against.",
    )
    expect(page.locator("#preview em")).to_have_text("supports")
    does.press(page.get_by_role("button", name="Save and continue editing"))
    does.press(page.get_by_role("button", name="Submit for review"))
    expect(page.get_by_text("Awaiting review.")).to_be_visible()
    expect(page.get_by_role("link", name="Approve and publish")).to_have_count(0)
    slug = "after-the-cold-war-nato-promised-not-to-admit-eastern-european-countries"
    assert page.goto(f"/claims/{slug}/").status == 404

    # Another person approves it.
    page, does = desk("editor")
    does.press(page.get_by_role("link", name=re.compile("records and the recollections")))
    does.press(page.get_by_role("link", name="Approve and publish"))
    does.press(page.get_by_role("button", name="Approve and publish"))
    expect(page.get_by_text("Approved and published")).to_be_visible()

    # Readers see it.
    public = browser.new_context(base_url=address, viewport=WIDE).new_page()
    assert public.goto(f"/claims/{slug}/").status == 200
    text = public.locator("main").inner_text()
    for told in (
        CLAIM,
        "The records and the recollections disagree.",
        "Conflicting evidence",
        OATH,
        "Russia",
        "Antony Blinken",
        "machine translation",
        "no such promise was ever made",
        "a denial from an interview of 2014",
        "no inch eastward",
    ):
        assert told.lower() in text.lower(), told
    assert [told for told in complaints if "404" not in told] == []


def choose_row(page, does, field, words):
    """Choose from a search-as-you-type field the first row that has the words."""
    does.type(field, words)
    option = page.locator("[role=listbox]:visible [role=option]").first
    expect(option).to_contain_text(words)
    if isinstance(does, Keyboard):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    else:
        option.click()
    expect(option).to_be_hidden()


def choose_option(page, does, row, words):
    """The same in an autocomplete of the admin."""
    box = row.locator(".select2-selection")
    does.press(box)
    page.locator(".select2-search__field").last.wait_for()
    page.keyboard.type(words)
    option = page.locator(".select2-results__option--highlighted", has_text=words)
    option.wait_for()
    if isinstance(does, Keyboard):
        page.keyboard.press("Enter")
    else:
        option.click()
    expect(box).to_contain_text(words)
