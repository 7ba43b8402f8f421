"""The annotate screen's addresses: with the script, without it, and for those who may not."""

from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.urls import reverse

from claims.models import Appearance, Claim, Note, Rebuttal
from claims.search import encoding
from sources.models import Passage, Snapshot
from tests.claims.reading import page, text
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    NoteFactory,
    RebuttalFactory,
    SnapshotFactory,
    SpeakerFactory,
    UserFactory,
    passage,
    published,
    researcher,
    transcript,
)

pytestmark = pytest.mark.django_db

FETCH = {"x-requested-with": "fetch"}


def address(snapshot, more=""):
    return f"/admin/claims/annotate/{snapshot.pk}/{more}"


class Stored(HTMLParser):
    """Puts together what stands in elements with `data-start`. (Beautiful Soup shortens white space.)"""

    def __init__(self):
        super().__init__()
        self.carrier, self.text = None, ""

    def handle_starttag(self, tag, attrs):
        if "data-start" in dict(attrs) and tag in ("p", "span"):
            self.carrier = tag

    def handle_endtag(self, tag):
        if tag == self.carrier:
            self.carrier = None

    def handle_data(self, data):
        self.text += data if self.carrier else ""


def stored(response):
    """The text that the page shows as stored, put together."""
    parser = Stored()
    parser.feed(response.content.decode())
    return parser.text


@pytest.fixture
def marked(snapshot):
    """An appearance, a rebuttal that overlaps it, evidence within it, notes, and a bare passage."""
    rows = {
        "appearance": AppearanceFactory(
            claim=ClaimFactory(text="It promised."),
            passage=passage(snapshot, "Moscow claims that the Alliance promised not to grow."),
        ),
        "rebuttal": RebuttalFactory(
            claim=published(ClaimFactory(text="It grew.")),
            passage=passage(snapshot, "not to grow.\n\nThe Alliance never promised that."),
        ),
        "evidence": EvidenceFactory(
            claim=ClaimFactory(text="It is large."),
            source=snapshot.source,
            passage=passage(snapshot, "Alliance promised"),
        ),
        "note": NoteFactory(passage=passage(snapshot, "Did anybody ask?"), body="Who asks?"),
    }
    passage(snapshot, "Nobody did")
    return rows


def test_the_whole_text_is_shown_with_its_speakers_and_marks(desk, snapshot, marked):
    published(marked["appearance"].claim)
    soup = page(desk, address(snapshot))

    assert stored(desk.get(address(snapshot))) == snapshot.text
    assert [text(name) for name in soup.select(".annotate-name")] == ["Jane Doe", "Jane Doe"]
    assert [text(label) for label in soup.select(".annotate-label") if text(label)] == [
        "SECRETARY DOE:",
        "QUESTION:",
        "SECRETARY DOE:",
    ]
    names = [button["aria-label"] for button in soup.select("[data-badge]")]
    assert names == [
        "E: evidence on “It is large.”",
        "A: appearance of “It promised.”",
        "R: rebuttal of “It grew.”",
        "N: note “Who asks?”",
        "–: marked, nothing on it",
    ]
    assert all(button.name == "button" for button in soup.select("[data-badge]"))
    # Nested and cut as brackets are.
    inner = soup.select_one(".annotate-mark .annotate-mark")
    assert text(inner) == "Alliance promised"


def test_a_text_without_turns_is_all_there(desk):
    snapshot = SnapshotFactory(text="<b>Über</b> & 😀\r\nזה\u00a0\u200d x\n\n\n  Ende.  ")
    assert stored(desk.get(address(snapshot))) == snapshot.text


def test_the_bytes_are_not_loaded(desk, snapshot, django_assert_num_queries):
    with django_assert_num_queries(13) as queries:
        desk.get(address(snapshot))
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize("n", [1, 40])
def test_the_page_costs_as_many_queries_for_one_mark_as_for_many(
    desk, snapshot, django_assert_num_queries, n
):
    for start in range(n):
        spot = Passage.objects.mark(snapshot, start=start, end=start + 5)
        AppearanceFactory(passage=spot)
        RebuttalFactory(passage=spot)
        EvidenceFactory(passage=spot, source=snapshot.source, locator=str(start))
        NoteFactory(passage=spot)
    # Session, user, permissions of the user and of the groups; snapshot; turns; passages, appearances,
    # rebuttals, evidence, notes; topics of the form; whether the document is checked whole.
    with django_assert_num_queries(13):
        assert desk.get(address(snapshot)).status_code == 200


@pytest.mark.parametrize("n", [1, 30])
def test_the_panel_costs_as_many_queries_for_one_row_as_for_many(
    desk, snapshot, moscow, django_assert_num_queries, n
):
    spot = passage(snapshot)
    for number in range(n):
        AppearanceFactory(passage=spot, reported_by=SpeakerFactory(), manner="reported")
        RebuttalFactory(passage=spot, counterclaim=ClaimFactory())
        EvidenceFactory(passage=spot, source=snapshot.source, locator=str(number))
        NoteFactory(passage=spot)
    at = f"start={spot.start}&end={spot.end}"
    # Session, user, permissions twice; snapshot, passage, and what hangs on it, kind by kind.
    with django_assert_num_queries(10):
        answer = desk.get(address(snapshot, f"passage/?{at}"), headers=FETCH).json()
    assert answer["rows"].count("annotate-letter") == 4 * n

    # The page, and for its panel: the turn, the passage, four kinds of rows; with a new claim's form
    # open, the claims near its text.
    with django_assert_num_queries(21):
        desk.get(address(snapshot, f"?{at}"))
    with django_assert_num_queries(32):
        desk.get(address(snapshot, f"?{at}&action=claim"))


@pytest.mark.parametrize("n", [1, 30])
def test_creating_costs_as_many_queries_among_one_mark_as_among_many(
    desk, make, snapshot, moscow, django_assert_num_queries, n
):
    for start in range(n):
        AppearanceFactory(passage=Passage.objects.mark(snapshot, start=start, end=start + 200))
    claim = ClaimFactory(text="The promise that was meant.")
    with django_assert_num_queries(55):
        answer = make("appearance", claim=claim.text, claim_slug=claim.slug, claimant="moscow")
    assert answer.status_code == 200


@pytest.mark.parametrize("n", [1, 30])
def test_searching_costs_as_many_queries_for_one_claim_as_for_many(
    desk, snapshot, django_assert_num_queries, n
):
    for number in range(n):
        SpeakerFactory(name=f"Speaker of promise {number}")
        ClaimFactory(text=f"Promise number {number}.")
    for what in ("claim", "speaker"):
        with django_assert_num_queries(5):
            answer = desk.get(f"/admin/claims/annotate/choices/{what}/?q=promise")
        found = BeautifulSoup(answer.content, "html.parser").select("[role=option]")
        assert len(found) == min(n, 8)
    with django_assert_num_queries(19):
        answer = desk.get(address(snapshot, "similar/?text=promise+number"), headers=FETCH)
    assert answer.json()["similar"].count("Use this claim instead") == min(n, 5)


def test_a_search_finds_spellings_and_says_when_there_is_nothing(desk, moscow, snapshot):
    ClaimFactory(text="A retired promise.", duplicate_of=ClaimFactory(text="The promise."))
    found = {
        words: text(BeautifulSoup(desk.get(f"/admin/claims/annotate/choices/{words}").content, "html.parser"))
        for words in ("speaker/?q=kremlin", "claim/?q=promise", "claim/?q=xyz", "claim/?q=")
    }  # fmt: skip
    assert found == {
        "speaker/?q=kremlin": "Moscow",
        "claim/?q=promise": "The promise. draft",
        "claim/?q=xyz": "Nothing has these words.",
        "claim/?q=": "Nothing has these words.",
    }
    assert desk.get("/admin/claims/annotate/choices/verdict/?q=x").status_code == 404


def test_suggestions_come_with_their_reasons(desk, snapshot):
    answer = desk.get(address(snapshot, "suggestions/"), headers=FETCH)
    (first, *_) = answer.json()["suggestions"]
    assert snapshot.text[first["start"] : first["end"]] == (
        "Moscow claims that the Alliance promised not to grow."
    )
    assert any("Moscow" in reason for reason in first["reasons"])
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"exact": "promised to grow"}, "reads otherwise"),
        ({"end": 10**8}, "not within the text"),
        ({"end": "1"}, "not within the text"),
        ({"start": "-1"}, "Select the words first"),
        ({"start": "+1"}, "Select the words first"),
        ({"start": "٣"}, "Select the words first"),
        ({"start": "1" * 30}, "Select the words first"),
        ({"start": ""}, "Select the words first"),
    ],
)
def test_a_selection_that_is_not_what_the_browser_showed_is_refused(
    make, desk, snapshot, moscow, changed, message
):
    fields = {"text": "It promised.", "claimant": "Moscow", **changed}
    answer = make("claim", **fields)
    assert answer.status_code == 409
    assert message in answer.json()["message"]
    plain = make("claim", script=False, **fields)
    assert plain.status_code == 409
    assert message in plain.content.decode()
    assert not Passage.objects.exists()


@pytest.mark.parametrize("script", [True, False])
def test_offsets_are_not_believed_without_the_words_that_were_shown(desk, snapshot, moscow, script):
    data = {"start": 0, "end": 7, "text": "It promised.", "kind": "factual", "claimant": "Moscow"}
    data["selection"] = "reader"
    headers = FETCH if script else {}
    answer = desk.post(address(snapshot, "make/claim/"), data, headers=headers)
    assert answer.status_code == 409
    assert "reads otherwise" in answer.content.decode()
    assert not Passage.objects.exists()


def test_a_nul_among_the_words_is_as_if_it_were_not_there(desk, make, snapshot, moscow):
    claim = ClaimFactory(text="The promise.", slug="the-promise")
    for what in ("claim/?q=prom%00ise", "speaker/?q=mos%00cow"):
        answer = desk.get(f"/admin/claims/annotate/choices/{what}")
        assert "data-slug" in answer.content.decode(), what
    soup = page(desk, address(snapshot, "?start=0&end=7&action=appearance&claim=the-%00promise"))
    form = soup.select_one("#annotate-panel section:not([hidden]) form")
    assert form.select_one("[name=claim_slug]")["value"] == "the-promise"
    assert desk.get(address(snapshot, "similar/?text=a%00b")).status_code == 200
    make("appearance", claim="The pro\0mise.", claim_slug="the-\0promise", claimant="Mos\0cow")
    assert Appearance.objects.get().claim == claim


def test_a_passage_of_nothing_has_no_rows(desk, snapshot):
    assert desk.get(address(snapshot, "passage/?start=x&end=2"), headers=FETCH).status_code == 409
    answer = desk.get(address(snapshot, "passage/?start=1&end=2"), headers=FETCH)
    assert answer.json()["rows"].strip() == ""
    assert desk.get(address(snapshot, "?start=1&end=999999")).status_code == 409


def test_a_passage_marked_with_white_space_at_its_ends_stays_the_one(desk, snapshot):
    start = snapshot.text.index(" Moscow")
    spot = Passage.objects.mark(snapshot, start=start, end=start + 7)
    AppearanceFactory(passage=spot, claim=ClaimFactory(text="It is far."))
    soup = page(desk, address(snapshot, f"?at={spot.start}-{spot.end}"))
    assert "It is far." in text(soup.select_one("[data-rows]"))


def test_without_script_from_a_quotation_to_a_claim(desk, snapshot, moscow, make):
    start = page(desk, address(snapshot)).select_one("[data-quote]")
    assert start["method"] == "post"

    there = desk.post(start["action"], {"words": "the  Alliance\r\npromised"})
    assert there.status_code == 302
    soup = page(desk, there["Location"].partition("#")[0] + "&action=claim")
    form = soup.select_one("#annotate-panel section:not([hidden]) form")
    sent = {
        field["name"]: field.get("value") or field.get_text().strip("\n")
        for field in form.select("input, textarea")
        if field.get("type") != "checkbox"
    }
    assert sent["exact"] == "the Alliance promised"
    assert sent["text"] == "The Alliance promised."
    assert (sent["claimant"], sent["claimant_slug"]) == ("Jane Doe", "jane-doe")
    assert sent["said_on"] == "2022-01-07"

    chosen = {"kind": "factual", "selection": "document"}
    # Refused, the page says why, and keeps what was typed.
    refused = desk.post(form["action"], {**sent, **chosen, "claimant": "Nobody known"})
    assert refused.status_code == 422
    soup = BeautifulSoup(refused.content, "html.parser")
    assert text(soup.select_one("#annotate-panel .errorlist")) == (
        "No speaker has these words. Choose one from the list."
    )
    assert soup.select_one("#annotate-panel [name=claimant]")["value"] == "Nobody known"
    assert stored(refused) == snapshot.text

    done = desk.post(form["action"], {**sent, **chosen, "claimant": "Moscow"}, follow=True)
    row = Appearance.objects.get()
    assert (row.manner, row.reported_by.slug) == ("reported", "jane-doe")
    assert "Saved as a draft" in done.content.decode()
    assert row.claim.text in text(
        BeautifulSoup(done.content, "html.parser").select_one("#annotate-panel [data-rows]")
    )


def test_a_quotation_that_is_not_found_or_not_alone_is_told(desk, snapshot):
    for words, told in [("nowhere", "does not read"), ("Alliance", "places"), ("", "required")]:
        for headers in ({}, FETCH):
            answer = desk.post(address(snapshot, "quote/"), {"words": words}, headers=headers)
            assert answer.status_code == 422
            assert told in answer.content.decode()
    one = {"words": "Alliance", "before": "on the "}
    found = desk.post(address(snapshot, "quote/"), one, headers=FETCH).json()
    assert snapshot.text[found["start"] : found["end"]] == "Alliance"
    there = desk.post(address(snapshot, "quote/"), {**one, "action": "evidence"})["Location"]
    assert "action=evidence" in there


def test_an_existing_claim_is_taken_instead_without_script(desk, snapshot, moscow):
    claim = ClaimFactory(text="The Alliance promised not to grow.")
    spot = passage(snapshot)
    soup = page(desk, address(snapshot, f"?start={spot.start}&end={spot.end}&action=claim"))
    instead = soup.select_one("#annotate-panel [data-instead]")["href"].partition("#")[0]
    form = page(desk, instead).select_one("#annotate-panel section:not([hidden]) form")
    assert form["data-make"] == "appearance"
    assert form.select_one("[name=claim]")["value"] == claim.text
    assert form.select_one("[name=claim_slug]")["value"] == claim.slug


def test_the_panel_says_where_nobody_speaks(desk, snapshot):
    def outside(words):
        start = snapshot.text.index(words)
        soup = page(desk, address(snapshot, f"?start={start}&end={start + len(words)}"))
        return "hidden" not in soup.select_one("#annotate-panel [data-outside]").attrs

    assert outside("Remarks")
    assert not outside("Good afternoon")
    assert not outside("promised that.\n\nQUESTION: Did")


def test_an_address_that_leads_nowhere_is_told(desk, snapshot):
    soup = page(desk, address(snapshot, "?start=0&end=7&action=bogus"))
    assert "names no form of this screen" in text(soup.select_one(".messagelist"))
    assert not soup.select("#annotate-panel section:not([hidden])")
    wrong = desk.get(address(snapshot, "?start=900000&end=5&action=bogus"))
    assert wrong.status_code == 409
    soup = BeautifulSoup(wrong.content, "html.parser")
    assert "not within the text" in text(soup.select_one(".messagelist"))


def test_whether_a_claim_is_another_is_asked_once_it_seems_to_be_there(desk, snapshot, make):
    ClaimFactory(text="The Alliance promised not to grow.")

    def asked(html):
        return len(BeautifulSoup(html, "html.parser").select("[name=another]"))

    for words, n in [("The Alliance promised not to grow.", 1), ("The Alliance grew.", 0)]:
        answer = desk.get(address(snapshot, "similar/"), {"text": words}, headers=FETCH).json()
        assert asked(answer["similar"]) == n
    fields = {"text": "The Alliance promised not to grow.", "claimant": "Nobody known"}
    assert asked(make("claim", **fields).json()["form"]) == 1
    # Answered, it is the form's own field, and there once.
    assert asked(make("claim", **fields, another="on").json()["form"]) == 1


def test_near_claims_say_how_probable_they_are_and_what_may_deny_them(desk, snapshot, monkeypatch):
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    claim = ClaimFactory(text="The Alliance promised not to grow.")
    words = {"text": "The Alliance promised to grow.", "start": "0", "end": "7"}
    answer = desk.get(address(snapshot, "similar/"), words, headers=FETCH).json()

    told = text(BeautifulSoup(answer["similar"], "html.parser"))

    assert told.startswith(f"The desk has already: {claim.text} may deny it (but for that, ")
    assert "· draft · shares “" in told
    assert "only one says “not”: it may deny the other Use this claim instead" in told
    assert told.endswith("Compared by words alone: a claim in other words may not be found.")


def test_a_note_on_a_passage_is_done_and_opened_again(desk, snapshot, user):
    note = NoteFactory(passage=passage(snapshot), body="Who says so?")
    done = desk.post(address(snapshot, f"notes/{note.pk}/"), headers=FETCH).json()
    note.refresh_from_db()
    assert note.done_by == user
    assert "Open it again" in done["panel"]
    assert 'data-letters="–"' in done["blocks"]["t1"]

    plain = desk.post(address(snapshot, f"notes/{note.pk}/"), {"done": "no"}, follow=True)
    note.refresh_from_db()
    assert note.done_at is None
    assert "The note is open again." in plain.content.decode()
    elsewhere = NoteFactory(passage=passage(transcript()))
    assert desk.post(address(snapshot, f"notes/{elsewhere.pk}/")).status_code == 404
    assert note.get_absolute_url() == address(snapshot, f"#{note.passage.anchor}")


def allowed(*names):
    user = UserFactory()
    for name in names:
        app, _, codename = name.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


@pytest.mark.parametrize(
    ("names", "status"),
    [
        ([], 403),
        (["sources.view_snapshot"], 403),
        (["claims.view_claim"], 403),
        (["sources.view_snapshot", "claims.view_claim"], 200),
    ],
)
def test_the_screen_is_for_who_may_read_transcripts_and_claims(client, snapshot, names, status):
    client.force_login(allowed(*names))
    spot = passage(snapshot)
    panel = f"?at={spot.start}-{spot.end}"
    for more in ("", panel, "passage/?start=1&end=2", "suggestions/", "similar/?text=x"):
        assert client.get(address(snapshot, more)).status_code == status, more
    assert client.get("/admin/claims/annotate/choices/claim/?q=x").status_code == status
    assert client.get("/admin/claims/annotate/choices/speaker/?q=x").status_code in (403, 404)
    assert client.post(address(snapshot, "quote/"), {"words": "x"}).status_code == (
        403 if status == 403 else 422
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("appearance", "It promised."),
        ("rebuttal", "It grew."),
        ("evidence", "It is large."),
        ("note", "Who asks?"),
    ],
)
def test_who_may_not_see_a_kind_of_row_sees_none_of_it(client, snapshot, marked, kind, words):
    spot = marked[kind].passage
    places = [address(snapshot), address(snapshot, f"?start={spot.start}&end={spot.end}"),
              address(snapshot, f"passage/?start={spot.start}&end={spot.end}")]  # fmt: skip
    reads = ["sources.view_snapshot", "claims.view_claim"]
    for names, seen in ((reads, False), ([*reads, f"claims.view_{kind}"], True)):
        client.force_login(allowed(*names))
        for place in places:
            assert (words in client.get(place).content.decode()) == seen, (place, names)


@pytest.mark.parametrize("action", ["claim", "appearance", "rebuttal", "evidence"])
def test_each_action_takes_the_right_to_make_what_it_makes(client, snapshot, action):
    client.force_login(allowed("sources.view_snapshot", "claims.view_claim"))
    soup = page(client, address(snapshot))
    assert soup.select("[data-action], [data-make]") == []
    assert client.post(address(snapshot, f"make/{action}/")).status_code == 403
    note = NoteFactory(passage=passage(snapshot))
    assert client.post(address(snapshot, f"notes/{note.pk}/")).status_code == 403

    client.force_login(researcher())
    soup = page(client, address(snapshot))
    # In the template, which the parser reads like any other element.
    assert len(soup.select(f"[data-make={action}]")) == 1
    assert client.post(address(snapshot, "make/verdict/")).status_code == 404


def test_a_new_counterclaim_takes_the_right_to_make_claims(client, snapshot, moscow):
    client.force_login(
        allowed(
            "sources.view_snapshot",
            "claims.view_claim",
            "sources.add_passage",
            "claims.add_rebuttal",
        )
    )
    ClaimFactory(text="It promised.")
    data = {"start": 0, "end": 7, "exact": "Remarks", "claim": "It promised.", "speaker": "Moscow",
            "summary": "No.", "counterclaim_text": "It did not."}  # fmt: skip
    answer = client.post(address(snapshot, "make/rebuttal/"), data, headers=FETCH)
    assert answer.status_code == 422
    assert "You may not make claims" in answer.json()["form"]
    assert not Rebuttal.objects.exists()
    assert not Passage.objects.exists()


def test_what_does_not_exist_is_not_found(desk):
    for more in ("", "passage/?start=1&end=2", "suggestions/", "similar/"):
        assert desk.get(f"/admin/claims/annotate/999/{more}").status_code == 404
    assert desk.post("/admin/claims/annotate/999/quote/").status_code == 404


def test_reading_addresses_change_nothing_and_others_are_posted(desk, snapshot):
    assert desk.post(address(snapshot)).status_code == 405
    assert desk.get(address(snapshot, "make/claim/")).status_code == 405
    assert desk.get(address(snapshot, "quote/")).status_code == 405


def test_who_is_signed_out_is_sent_to_sign_in(client, snapshot):
    answer = client.post(address(snapshot, "make/claim/"), headers=FETCH)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_the_desk_leads_here_and_back(desk, snapshot):
    link = f'href="{address(snapshot)}"'
    for where in (
        reverse("admin:sources_snapshot_change", args=[snapshot.pk]),
        reverse("admin:sources_snapshot_changelist"),
        reverse("admin:sources_source_change", args=[snapshot.source.pk]),
    ):
        assert link in desk.get(where).content.decode(), where
    soup = page(desk, address(snapshot))
    assert soup.select_one(
        f'.breadcrumbs a[href="{reverse("admin:sources_snapshot_change", args=[snapshot.pk])}"]'
    )


def test_what_is_drafted_here_stays_with_the_desk(client, desk, make, moscow, snapshot):
    marked = AppearanceFactory(passage=passage(snapshot, "Good afternoon"))
    published(marked.claim)
    make("claim", text="A secret draft of the desk.", claimant="Moscow")
    NoteFactory(passage=passage(snapshot, "Did anybody ask?"), body="A secret note.")
    assert Claim.objects.count() == 2
    assert Note.objects.count() == 1
    for where in ("/transcripts/speech/", "/api/v1/appearances/", "/api/v1/claims/", "/claims/"):
        content = client.get(where).content.decode()
        assert "secret" not in content, where
        assert "/admin/" not in content, where


def test_the_snapshot_row_is_never_written(desk, make, moscow, snapshot):
    before = Snapshot.objects.values().get()
    make("claim", text="It promised.", claimant="Moscow")
    assert Snapshot.objects.values().get() == before
