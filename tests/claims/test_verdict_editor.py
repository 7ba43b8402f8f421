"""The page on which a verdict is written and judged: preview, citations, difference, conversation,
approval. Its checklist has tests of its own."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Note, Verdict
from tests import factories
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    VerdictFactory,
    approved,
    published,
)

pytestmark = pytest.mark.django_db

PREVIEW = "/admin/claims/verdict/preview/"
HOSTILE = (
    "<script>alert(1)</script> [x](javascript:alert(1)) [y](data:text/html,x) "
    '![pixel](https://spy.example/p.png) <img src=x onerror=alert(1)> [z](/sources/a/ "\'onclick=x")'
)


@pytest.fixture
def researcher():
    return factories.researcher(username="rita")


@pytest.fixture
def editor():
    return factories.editor(username="edda", first_name="Edda", last_name="Editor")


def url(verdict, view="change", *args):
    return reverse(f"admin:claims_verdict_{view}", args=[verdict.pk, *args])


def page(client, user, address):
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Seen(HTMLParser):
    """What a browser would take for elements and attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.attributes |= {value.partition(":")[0] for name, value in attrs if name == "href"}


def harmless(html):
    seen = Seen(html)
    assert seen.tags == {"p", "a"}
    assert seen.attributes == {"href", "rel", "title", "https", "/sources/a/"}
    return True


# --- Preview ---


def test_the_preview_is_what_readers_will_see(client, researcher):
    claim = ClaimFactory()
    cited = EvidenceFactory(claim=claim, source__slug="treaty")
    EvidenceFactory(claim=claim)
    EvidenceFactory(source=cited.source)  # on another claim
    client.force_login(researcher)

    with CaptureQueriesContext(connection) as queries:
        answer = client.post(
            PREVIEW, {"rationale": "It *was* [said](/sources/treaty/).", "claim": claim.pk}
        )

    assert answer.json() == {
        "html": '<p>It <em>was</em> <a href="/sources/treaty/" rel="nofollow noopener">said</a>.</p>\n',
        "cited": [cited.pk],
    }
    # Session, user, two for the permissions, evidence.
    assert len(queries) == 5
    assert not Verdict.objects.exists()


def test_hostile_markdown_stays_harmless_in_every_place_where_it_is_shown(
    client, researcher, editor
):
    verdict = VerdictFactory(rationale=HOSTILE, author=researcher)
    client.force_login(researcher)
    shown = client.post(PREVIEW, {"rationale": HOSTILE}).json()["html"]
    assert harmless(shown)
    assert "&lt;script&gt;" in shown

    def preview_of(html):
        found = re.search(r'class="verdict-prose"[^>]*>(.*?)</div>', html, re.DOTALL)
        return found[1]

    assert harmless(preview_of(page(client, researcher, url(verdict))))
    verdict.submit(by=researcher)
    assert harmless(preview_of(page(client, editor, url(verdict))))
    assert harmless(preview_of(page(client, editor, url(verdict, "step", "approve"))))
    found = (
        page(client, editor, url(verdict, "readers"))
        .partition('class="prose"')[2]
        .partition(">")[2]
    )
    assert harmless(found.partition("</div>")[0])


@pytest.mark.parametrize("claim", ["", "0", "x", "-1", "9" * 30])
def test_a_preview_without_a_known_claim_cites_nothing(client, researcher, claim):
    client.force_login(researcher)
    answer = client.post(PREVIEW, {"rationale": "x", "claim": claim})
    assert answer.json() == {"html": "<p>x</p>\n", "cited": []}


def test_who_may_not_write_verdicts_gets_no_preview(client, researcher):
    administrator = factories.UserFactory(role="administrator")
    for user, status in ((administrator, 403), (factories.UserFactory(), 403), (researcher, 200)):
        client.force_login(user)
        assert client.post(PREVIEW, {"rationale": "x"}).status_code == status
    assert client.get(PREVIEW).status_code == 405
    client.logout()
    assert client.post(PREVIEW, {"rationale": "x"}).status_code == 302


def test_a_preview_needs_the_token_against_forged_requests(researcher):
    client = Client(enforce_csrf_checks=True)
    client.force_login(researcher)
    assert client.post(PREVIEW, {"rationale": "x"}).status_code == 403


def test_a_preview_has_a_limit(client, researcher):
    client.force_login(researcher)
    assert client.post(PREVIEW, {"rationale": "x" * 100_000}).status_code == 200
    assert client.post(PREVIEW, {"rationale": "x" * 100_001}).status_code == 413


def test_without_a_script_a_button_shows_the_preview_and_saves_nothing(client, researcher):
    verdict = VerdictFactory(author=researcher, headline="As it was.")
    sent = {
        "rating": verdict.rating_id, "headline": "", "rationale": "It *is* new.",
        "reason": "first", "note": "", "_preview": "1",
    }  # fmt: skip
    client.force_login(researcher)
    assert 'name="_preview"' in client.get(url(verdict)).content.decode()

    response = client.post(url(verdict), sent)

    shown = response.content.decode()
    assert response.status_code == 200
    assert "<p>It <em>is</em> new.</p>" in shown
    assert ">\nIt *is* new.</textarea>" in shown
    assert "errornote" not in shown
    verdict.refresh_from_db()
    assert (verdict.headline, verdict.history.count()) == ("As it was.", 1)

    claim = ClaimFactory()
    EvidenceFactory(claim=claim, source__title="The treaty")
    added = client.post(
        reverse("admin:claims_verdict_add"), sent | {"claim": claim.pk}
    ).content.decode()
    assert "<p>It <em>is</em> new.</p>" in added
    assert "The treaty" in added
    assert Verdict.objects.count() == 1


# --- Citations ---


def test_what_is_judged_can_be_cited(client, researcher):
    verdict = VerdictFactory(author=researcher, rationale="See [it](/sources/cited/).")
    EvidenceFactory(
        claim=verdict.claim, source=SourceFactory(slug="cited", title="Cited [1]"), locator="p. 1"
    )
    EvidenceFactory(claim=verdict.claim, source=SourceFactory(slug="other", title="Other"))
    ClaimFactory(part_of=verdict.claim, slug="part", text="A part.")
    RebuttalFactory(claim=verdict.claim, counterclaim=ClaimFactory(slug="counter", text="Never."))

    shown = page(client, researcher, url(verdict))

    for markdown in (
        r"[Cited \[1\]](/sources/cited/), p. 1",
        "[Other](/sources/other/)",
        "[A part.](/claims/part/)",
        "[Never.](/claims/counter/)",
    ):
        assert f'data-insert="{markdown}" hidden>' in shown
        assert f"<noscript><code>{markdown}</code></noscript>" in shown
    cited, other = (
        shown.partition(f'id="evidence-{row.pk}"')[2].partition("</li>")[0]
        for row in verdict.claim.evidence.order_by("pk")
    )
    assert "✓ cited in the rationale" in cited
    assert "✗ not cited" in other


def test_who_only_reads_is_offered_no_insertion(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    EvidenceFactory(claim=verdict.claim)
    verdict.submit(by=researcher)
    for user in (researcher, editor):
        shown = page(client, user, url(verdict))
        assert "✗ not cited" in shown
        assert "data-insert" not in shown
        assert "data-preview" not in shown


# --- What is judged, by author and approver alike ---


def all_of_it(verdict):
    """Attach one of everything, each with words to look for."""
    claim = verdict.claim
    record = SourceFactory(title="The record of 1990")
    report = SourceFactory(title="A report of it", derived_from=record, derivation="report")
    for source in (record, report):
        EvidenceFactory(claim=claim, source=source, summary="It says so.", direction="refutes")
    SearchFactory(
        claim=claim, place="The archive", terms=record.slug, outcome="Nothing came of it."
    )
    snapshot = factories.transcript(title="The speech", rendition="machine-translation")
    AppearanceFactory(
        claim=claim, passage=factories.passage(snapshot), claimant__name="Moscow",
        reported_by=factories.SpeakerFactory(name="Doe"), manner="reported",
    )  # fmt: skip
    rebuttal = RebuttalFactory(
        claim=claim,
        passage=factories.passage(snapshot, "The Alliance never promised that."),
        counterclaim=ClaimFactory(text="It never did."),
    )
    CitationFactory(rebuttal=rebuttal, invoked="A remark", source=None, note="Looked for in vain.")
    ClaimFactory(part_of=claim, text="A part of it.")
    RebuttalFactory(claim__text="The claim that it answers.", counterclaim=claim)


WORDS = (
    "2 reports of one record count once: The record of 1990",
    "Refutes the claim", "It says so.", "The archive", "Nothing came of it.",
    "Moscow , reported by Doe",
    "…Moscow claims that the Alliance promised not to grow . The", "machine translation",
    "Invokes: A remark. Not located. Looked for in vain.", "It never did.", "A part of it.",
    "in answer to The claim that it answers.",
)  # fmt: skip


def test_the_approver_sees_all_that_the_author_saw(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    all_of_it(verdict)

    def judged(user):
        shown = page(client, user, url(verdict))
        return text(shown.partition('id="judged"')[2].partition("</aside>")[0])

    written = judged(researcher)
    for words in WORDS:
        assert words in written
    verdict.submit(by=researcher)
    read = judged(editor)
    for words in WORDS:
        assert words in read


def test_what_was_attached_after_the_submission_is_pointed_out(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    EvidenceFactory(claim=verdict.claim)
    verdict.submit(by=researcher)
    EvidenceFactory(claim=verdict.claim, source__title="A late find")

    shown = page(client, editor, url(verdict))

    assert shown.count("added after the submission") == 1
    assert "evidence added: A late find" in shown


# Session, user and permissions are four of each; the version of the row one; the dossier nine, and what is
# archived one; the scale of the rating, which the page is shared with, one.
QUERIES = {"draft": 26, "add": 21, "submitted": 34, "approve": 50, "readers": 16}


@pytest.mark.parametrize("n", [1, 30])
def test_the_page_costs_the_same_with_one_row_and_with_thirty(client, researcher, editor, n):
    first = approved()
    verdict = VerdictFactory(
        claim=first.claim, author=researcher, reason="error", note="x", rationale="[a](/sources/a/)"
    )
    for _ in range(n):
        all_of_it(verdict)
        Note.write(on=verdict, body="@rita, look.", by=editor)

    def cost(user, address):
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    add = f"{reverse('admin:claims_verdict_add')}?claim={verdict.claim_id}"
    cost(researcher, url(verdict))  # what is read once for each process: the type of the model
    found = {"draft": cost(researcher, url(verdict)), "add": cost(researcher, add)}
    verdict.submit(by=researcher)
    found |= {
        "submitted": cost(editor, url(verdict)),
        "approve": cost(editor, url(verdict, "step", "approve")),
        "readers": cost(editor, url(verdict, "readers")),
    }
    assert found == QUERIES


# --- Difference ---


def test_a_new_version_is_compared_with_the_one_in_force(client, researcher):
    first = approved(
        rationale="The record\nshows *none*.\n\n- one", headline="There was a promise."
    )
    draft = VerdictFactory(
        claim=first.claim, author=researcher, headline="There was no promise.",
        rationale="The record shows *two*.\n\n- one", rating=RatingFactory(slug="true"),
        reason="error", note="A date was wrong.",
    )  # fmt: skip

    shown = page(client, researcher, url(draft)).partition('id="difference"')[2]
    told = text(shown.partition("</section>")[0])

    assert "Difference to version 1, which is in force" in told
    assert "Version 1 There was removed: a (end) promise." in told
    assert "This draft There was added: no (end) promise." in told
    # A line end within a paragraph is none for a reader.
    assert "Version 1 The record shows * removed: none (end) *. - one" in told
    assert "Version 1 removed: False (end) This draft added: True (end)" in told
    assert "Claim as judged unchanged" in told
    assert "<del>" in shown
    assert "<ins>" in shown


def test_a_first_version_has_nothing_to_be_compared_with(client, researcher):
    assert 'id="difference"' not in page(client, researcher, url(VerdictFactory()))


# --- Conversation ---


def test_the_review_is_told_with_its_steps_and_notes_in_order(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    Note.write(on=verdict, body="Is Art. 10 weighed?", by=editor)
    verdict.send_back(by=editor, why="@rita, weigh the other half.")
    Note.write(on=verdict, body="I did.", by=researcher)

    shown = page(client, researcher, url(verdict))
    notice = text(shown.partition("verdict-sent-back")[2].partition("</div>")[0])
    told = text(shown.partition('id="notes"')[2].partition("</ol>")[0])

    assert "Sent back by edda" in notice
    assert "weigh the other half." in notice
    order = ["Review (3 open)", "Submitted by rita", "Is Art. 10 weighed?", "Sent back by edda",
             "weigh the other half.", "I did."]  # fmt: skip
    places = [told.index(words) for words in order]
    assert places == sorted(places)
    assert told.count("weigh the other half.") == 1

    verdict.submit(by=researcher)
    shown = page(client, researcher, url(verdict))
    assert "verdict-sent-back" not in shown
    verdict.approve(by=editor)
    approved(claim=verdict.claim, reason="error", note="A date.")
    told = text(page(client, editor, url(verdict)).partition('id="notes"')[2])
    assert "Approved by edda" in told
    assert "Superseded by" in told


def test_a_reason_whose_note_was_taken_back_is_told_all_the_same(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    verdict.send_back(by=editor, why="Weigh it.")
    verdict.notes.get().delete()
    told = page(client, researcher, url(verdict)).partition('id="notes"')[2]
    assert "Weigh it." in told


def test_who_may_not_read_notes_reads_the_reason_and_no_conversation(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    verdict.send_back(by=editor, why="Weigh it.")
    Note.write(on=verdict, body="XYZZY", by=editor)
    for group in get_user_model().objects.get(pk=researcher.pk).groups.all():
        group.permissions.remove(*group.permissions.filter(codename="view_note"))
    shown = page(client, researcher, url(verdict))
    assert "Weigh it." in shown
    assert "XYZZY" not in shown


def test_sending_back_asks_why(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    client.force_login(editor)
    step = url(verdict, "step", "send-back")

    assert "Reason for the author" in client.get(step).content.decode()
    assert "This field is required" in client.post(step, {"why": " "}).content.decode()
    client.post(step, {"why": "Weigh it."})

    verdict.refresh_from_db()
    assert (verdict.state, verdict.notes.get().body) == ("draft", "Weigh it.")


def test_no_word_of_the_review_is_public(client, researcher, editor):
    claim = published()
    EvidenceFactory(claim=claim)
    verdict = VerdictFactory(claim=claim, author=researcher, rationale="Shown.")
    paths = [
        claim.get_absolute_url(), f"{claim.get_absolute_url()}history/", "/feeds/verdicts.atom",
        "/corrections/",
        f"{claim.get_absolute_url()}verdicts/1/", f"/api/v1/claims/{claim.slug}/", "/api/v1/verdicts/",
    ]  # fmt: skip
    for number in range(2):
        verdict.submit(by=researcher)
        Note.write(on=verdict, body="XYZZY one", by=editor)
        if number == 0:
            verdict.send_back(by=editor, why="XYZZY two")
    verdict.approve(by=editor)
    client.logout()
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        assert "XYZZY" not in response.content.decode(), path


def test_the_first_page_tells_the_author_why_it_came_back(client, researcher, editor):
    returned, again, never = (VerdictFactory(author=researcher) for _ in range(3))
    for verdict in (returned, again):
        verdict.submit(by=researcher)
        verdict.send_back(by=editor, why="Weigh the <other> half.")
    again.submit(by=researcher)
    again.send_back(by=editor, why="Nearly.")
    for verdict in (returned, again, never):
        verdict.headline = f"Better said {verdict.pk}."
        verdict.save()  # its last entry in the history is no step

    told = Verdict.objects.in_the_making().with_return().order_by("pk")
    reasons = [verdict.returned_because for verdict in told]
    assert reasons == ["Weigh the <other> half.", "Nearly.", None]
    shown = page(client, researcher, "/admin/")
    assert "<strong>Sent back:</strong> Weigh the &lt;other&gt; half." in shown
    assert shown.count("Sent back:") == 2
    steps = text(page(client, researcher, url(again)).partition('id="notes"')[2])
    assert steps.count("Sent back by edda") == 2


# --- Approval ---


def test_approval_is_asked_for_beside_what_becomes_public(client, researcher, editor):
    first = approved(claim=ClaimFactory(text="It was promised."))
    verdict = VerdictFactory(
        claim=first.claim, author=researcher, headline="It was not.", rationale="The *record*.",
        reason="error", note="A date was wrong.",
    )  # fmt: skip
    all_of_it(verdict)
    verdict.submit(by=researcher)
    Note.write(on=verdict, body="Open.", by=editor)

    shown = text(page(client, editor, url(verdict, "step", "approve")))

    for words in (
        "What review needs, and lacks",
        "The notes of the review are done : not met",
        "It was promised.", "False", "It was not.", "The record .", "What changed: A date was wrong.",
        "Difference to version 1", "Version 1 is superseded",
        "Evidence: The record of 1990", "Search: The archive: source-", "Source: A report of it",
        "Speaker: Moscow", "Counterclaim: It never did.", "Part: A part of it.",
        "reviewed by Edda Editor",
    ):  # fmt: skip
        assert words in shown
    assert Verdict.objects.get(pk=verdict.pk).state == "submitted"


def test_of_a_public_claim_nothing_else_becomes_public(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    shown = text(page(client, editor, url(verdict, "step", "approve")))
    assert f"The claim: {verdict.claim}" in shown
    published(verdict.claim)
    shown = text(page(client, editor, url(verdict, "step", "approve")))
    assert "Nothing else: all that is attached is public already." in shown


def test_what_was_approved_is_what_was_looked_at(client, researcher, editor):
    verdict = VerdictFactory(author=researcher)
    verdict.submit(by=researcher)
    shown = page(client, editor, url(verdict, "step", "approve"))
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    EvidenceFactory(claim=verdict.claim)

    for sent in ({}, {"seen": seen}):
        client.post(url(verdict, "step", "approve"), sent)
        verdict.refresh_from_db()
        assert verdict.state == "submitted"
    told = [str(m) for m in client.get(url(verdict)).context["messages"]]
    assert "has changed since you looked" in told[0]

    shown = page(client, editor, url(verdict, "step", "approve"))
    client.post(
        url(verdict, "step", "approve"),
        {"seen": re.search(r'name="seen" value="([^"]+)"', shown)[1]},
    )
    verdict.refresh_from_db()
    assert verdict.state == "published"


def test_who_wrote_it_is_offered_neither_approval_nor_return(client):
    author = factories.editor()
    verdict = VerdictFactory(author=author)
    verdict.submit(by=author)
    other = factories.editor()
    for user, offered in ((author, False), (other, True)):
        shown = page(client, user, url(verdict))
        for step in ("approve", "send-back"):
            assert (url(verdict, "step", step) in shown) is offered
            assert (client.get(url(verdict, "step", step)).status_code == 200) is offered


# --- As readers will see it ---


def test_the_page_as_readers_will_see_it_is_the_page_that_they_then_see(
    client, researcher, editor, argument
):
    first = argument.verdicts.in_force().get()
    EvidenceFactory(claim=argument, source__title="Added since")
    CitationFactory(rebuttal=argument.rebuttals.get(), source__title="A source to come")
    RebuttalFactory(claim=argument, counterclaim=ClaimFactory(text="A draft that stays one."))
    RebuttalFactory(claim=ClaimFactory(text="A draft that it answers."), counterclaim=argument)
    ClaimFactory(part_of=argument, text="A part that stays a draft.", part_position=3)
    verdict = VerdictFactory(
        claim=argument, author=researcher, reason="error", note="A date.", headline="Anew."
    )
    verdict.submit(by=researcher)
    client.force_login(editor)

    response = client.get(url(verdict, "readers"))
    shown = response.content.decode()

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in shown
    assert "canonical" not in shown
    assert "ld+json" not in shown
    assert "Not public." in shown
    assert "is submitted, is approved" in text(shown)
    verdict.refresh_from_db()
    first.refresh_from_db()
    assert (verdict.state, first.state) == ("submitted", "published")
    verdict.approve(by=editor)

    def body(html):
        # The reviewer's name and the days are known only then.
        article = html.partition("<article")[2].partition("</article>\n\n")[0]
        return re.sub(r"<time[^>]*>[^<]*</time>|reviewed by [\w ]+\.", "", text_of_article(article))

    public = client.get(argument.get_absolute_url()).content.decode()
    assert body(shown) == body(public)
    assert "Added since" in public
    assert client.get(url(verdict, "readers")).url == verdict.get_absolute_url()


def text_of_article(html):
    return html.partition("</main>")[0]


def test_the_readers_page_is_for_who_may_see_verdicts(client, researcher):
    verdict = VerdictFactory()
    client.force_login(factories.UserFactory())
    assert client.get(url(verdict, "readers")).status_code == 403
    client.force_login(researcher)
    assert (
        client.get(
            f"{reverse('admin:claims_verdict_changelist')}999/as-readers-see-it/"
        ).status_code
        == 404
    )
    client.logout()
    assert client.get(url(verdict, "readers")).status_code == 302
