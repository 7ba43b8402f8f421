"""The desk's side of the judgement: lists, the claim's page, the steps, and what is refused."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Appearance, Citation, Claim, Evidence, Rebuttal, Verdict
from sources.models import GlossaryNote, Host, Passage, SpeakerName, Turn
from tests import factories

pytestmark = pytest.mark.django_db

NO_ROWS = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
INLINES = [
    *("appearances", "rebuttals", "evidence", "searches", "external_reviews"),
    *("parts", "verdicts"),
]


@pytest.fixture
def researcher():
    return factories.researcher(username="rita")


@pytest.fixture
def editor():
    return factories.editor(username="edda")


@pytest.fixture
def root():
    return get_user_model().objects.create_superuser("root")


def url(row, view="change", *args):
    return reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk, *args]
    )


def messages(response):
    return " ".join(str(message) for message in response.context["messages"])


def press(client, user, row, step, data=None):
    """Press the button `step` on the page of `row`; return what the user is then told."""
    client.force_login(user)
    if step == "approve":
        data = {"seen": row.claim.edition()}
    return messages(client.post(url(row, "step", step), data or {}, follow=True))


def management(**rows):
    """What a browser sends of the claim page's inlines: `rows` by inline, each row as a dict."""
    sent = {}
    for prefix in INLINES:
        given = rows.get(prefix, [])
        sent[f"{prefix}-TOTAL_FORMS"] = len(given)
        sent[f"{prefix}-INITIAL_FORMS"] = len([row for row in given if row.get("id")])
        for number, row in enumerate(given):
            sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def claim_form(claim, **rows):
    return {
        "text": claim.text,
        "slug": claim.slug,
        "kind": claim.kind,
        "selection": claim.selection,
        "selection_note": claim.selection_note,
        "language": claim.language,
        "context": claim.context,
        "part_position": claim.part_position,
        **management(**rows),
    }


def row_errors(response, prefix, number=0):
    """The errors of one inline row of the claim page, as one text."""
    for inline in response.context["inline_admin_formsets"]:
        if inline.formset.prefix == prefix:
            return str(inline.formset.forms[number].errors) + str(inline.formset.non_form_errors())
    raise AssertionError(prefix)


def count_queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code == 200
    return queries


# --- Lists ---


def make_topic(n):
    factories.ClaimFactory().topics.add(factories.TopicFactory())


def make_turn(n):
    factories.transcript()
    Turn.objects.update(speaker=factories.SpeakerFactory())


def make_note(n):
    """On a claim, on a verdict and at a passage, by turns."""
    on = [
        {"claim": factories.ClaimFactory()},
        {"verdict": factories.VerdictFactory()},
        {"passage": factories.passage()},
    ]
    factories.NoteFactory(**on[n % 3])


MAKERS = {
    "alignment": lambda n: factories.alignment(),
    "appearance": lambda n: factories.AppearanceFactory(
        manner="reported", reported_by=factories.SpeakerFactory()
    ),
    "assignment": lambda n: factories.AssignmentFactory(),
    "capture": lambda n: factories.CaptureFactory(
        snapshot=factories.transcript(), outcome="new", asked_by=factories.researcher()
    ),
    "citation": lambda n: factories.CitationFactory(),
    "claim": lambda n: factories.approved(),
    "evidence": lambda n: factories.EvidenceFactory(),
    "externalreview": lambda n: factories.ExternalReviewFactory(),
    "likelyduplicate": lambda n: factories.LikelyDuplicateFactory(),
    "link": lambda n: factories.SourceFactory(url=f"https://example.org/{n}"),
    "host": lambda n: Host.objects.create(name=f"https://host-{n}.example:443"),
    "merge": lambda n: factories.MergeFactory(),
    "glossarynote": lambda n: GlossaryNote.objects.create(
        source=factories.SourceFactory(), printed=f"START {n}", meant="New START"
    ),
    "note": make_note,
    "passage": lambda n: factories.passage(),
    "readerreport": lambda n: factories.ReaderReportFactory(
        claim=factories.approved().claim, assignee=factories.researcher()
    ),
    "relocation": lambda n: factories.relocation(),
    "rating": lambda n: factories.RatingFactory(slug=f"step-{n}", label=f"Step {n}", value=None),
    "ratingscale": lambda n: factories.RatingScaleFactory(slug=f"scale-{n}", name=f"Scale {n}"),
    "rebuttal": lambda n: factories.RebuttalFactory(counterclaim=factories.ClaimFactory()),
    "savedfilter": lambda n: factories.SavedFilterFactory(shared=True),
    "search": lambda n: factories.SearchFactory(),
    "snapshot": lambda n: factories.transcript(),
    "source": lambda n: factories.SourceFactory(
        derived_from=factories.SourceFactory(), derivation="report"
    ),
    "speaker": lambda n: factories.SpeakerFactory(),
    "speakername": lambda n: SpeakerName.objects.create(
        speaker=factories.SpeakerFactory(), name=f"MR. {n}"
    ),
    "topic": make_topic,
    "turn": make_turn,
    "verdict": lambda n: factories.approved(),
    "delivery": lambda n: factories.DeliveryFactory(),
    "webhook": lambda n: factories.WebhookFactory(),
    "withdrawal": lambda n: factories.WithdrawalFactory(verdict=factories.VerdictFactory()),
}
MODELS = [
    model
    for app in ("sources", "claims")
    for model in apps.get_app_config(app).get_models()
    if not model.__name__.startswith("Historical")
    # Everybody reads the first in the API; the others are numbers, and what an index is made of.
    and model.__name__ not in {"Change", "ClaimVector", "Comparison", "IndexedText", "VectorIndex"}
    and not model.__name__.startswith("Log")  # written with events, and read in public
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_list_and_autocomplete_cost_the_same_with_one_row_and_with_thirty(client, root, model):
    assert model in admin.site._registry
    name = model._meta.model_name
    lists = [reverse(f"admin:{model._meta.app_label}_{name}_changelist")]
    for field in admin.site._registry[model].get_autocomplete_fields(None):
        lists.append(
            reverse("admin:autocomplete")
            + f"?app_label={model._meta.app_label}&model_name={name}&field_name={field}"
        )
    client.force_login(root)
    MAKERS[name](0)
    for address in lists:
        client.get(address)  # fills the cache of content types
    before = [count_queries(client, address) for address in lists]

    for n in range(1, 30):
        MAKERS[name](n)
    after = [count_queries(client, address) for address in lists]

    assert [len(queries) for queries in after] == [len(queries) for queries in before]
    loads = [query["sql"] for queries in after for query in queries]
    assert not [sql for sql in loads if '"sources_snapshot"."text"' in sql]
    assert not [sql for sql in loads if '"sources_snapshot"."content"' in sql]


def test_claim_list_tells_the_rating_in_force_and_counts_drafts(client, researcher):
    claim = factories.approved(rating=factories.RatingFactory(slug="half-true")).claim
    factories.EvidenceFactory.create_batch(2, claim=claim)
    client.force_login(researcher)

    row = client.get(reverse("admin:claims_claim_changelist")).context["cl"].result_list[0]
    page = client.get(reverse("admin:claims_claim_changelist")).content.decode()

    assert row.n_evidence == 2
    assert '<td class="field-rating">Half true</td>' in page


@pytest.mark.parametrize(("answer", "found"), [("yes", 1), ("no", 2), ("", 3)])
def test_claims_are_filtered_by_whether_they_are_rated(client, researcher, answer, found):
    factories.approved()
    factories.ClaimFactory.create_batch(2)
    client.force_login(researcher)

    page = client.get(reverse("admin:claims_claim_changelist"), {"rated": answer})

    assert page.context["cl"].result_count == found


def test_verdicts_are_filtered_by_state(client, researcher, editor):
    rows = {"draft": factories.VerdictFactory(), "published": factories.approved()}
    rows["submitted"] = factories.VerdictFactory()
    rows["submitted"].submit(by=researcher)
    rows["withdrawn"] = factories.approved()
    factories.withdrawn(rows["withdrawn"], why="An error.", by=editor)
    rows["superseded"] = factories.approved()
    factories.approved(claim=rows["superseded"].claim, reason="error", note="It was wrong.")
    client.force_login(researcher)

    for state, row in rows.items():
        page = client.get(reverse("admin:claims_verdict_changelist"), {"state": state})
        assert row in page.context["cl"].result_list
        assert {verdict.state for verdict in page.context["cl"].result_list} == {state}


# --- The page of a claim ---


def full_claim(rows):
    claim = factories.ClaimFactory()
    for _ in range(rows):
        factories.AppearanceFactory(
            claim=claim, manner="reported", reported_by=factories.SpeakerFactory()
        )
        factories.RebuttalFactory(claim=claim, counterclaim=factories.ClaimFactory())
        passage = factories.passage()
        factories.EvidenceFactory(claim=claim, source=passage.snapshot.source, passage=passage)
        factories.SearchFactory(claim=claim)
        factories.ExternalReviewFactory(claim=claim)
        factories.ClaimFactory(part_of=claim)
    for n in range(rows):
        if n == 0:
            factories.approved(claim=claim)
        else:
            factories.approved(claim=claim, reason="error", note="It was wrong.")
    return claim


@pytest.mark.parametrize("role", ["researcher", "editor"])
def test_claim_page_costs_the_same_with_one_row_of_each_kind_and_with_eight(client, role):
    client.force_login(factories.UserFactory(role=role))
    one, many = full_claim(1), full_claim(8)
    client.get(url(one))

    assert len(count_queries(client, url(many))) == len(count_queries(client, url(one)))


def test_claim_page_shows_rows_parts_verdicts_and_the_way_to_a_new_verdict(client, researcher):
    claim = full_claim(1)
    client.force_login(researcher)

    page = client.get(url(claim)).content.decode()

    assert "promised not to grow" in page
    assert url(claim.parts.get()) in page
    assert url(claim.verdicts.get()) in page
    assert f"{reverse('admin:claims_verdict_add')}?claim={claim.pk}" in page


def test_saving_an_unchanged_claim_leaves_no_trace(client, editor):
    claim = factories.published()
    client.force_login(editor)
    client.post(url(claim), claim_form(claim))

    assert claim.history.count() == 2  # made, published
    assert Claim.objects.get().updated_at == claim.updated_at


def test_history_says_who_changed_what(client, researcher):
    claim = factories.ClaimFactory(text="The Alliance swore an oath.")
    client.force_login(researcher)
    client.post(url(claim), claim_form(claim) | {"text": "The Alliance made a promise."})

    page = client.get(url(claim, "history")).content.decode()

    assert "rita" in page
    assert re.search("<del>.*swore an oath.*</del>", page)
    assert re.search("<ins>.*made a promise.*</ins>", page)
    assert " style=" not in page
    entry = claim.history.first()
    assert client.get(url(claim, "simple_history", entry.pk)).status_code == 200


def test_history_says_who_published_and_who_reviewed(client, editor):
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)
    verdict.approve(by=editor)
    client.force_login(editor)

    of_claim = client.get(url(verdict.claim, "history")).content.decode()
    of_verdict = client.get(url(verdict, "history")).content.decode()

    assert "<dt>Published by</dt>" in of_claim
    assert "<ins>edda</ins>" in of_claim
    assert "<dt>Reviewer</dt>" in of_verdict
    assert "<dt>Submitted at</dt>" in of_verdict


def test_history_costs_the_same_with_two_entries_and_with_ten(client, root):
    appearance = factories.AppearanceFactory()
    client.force_login(root)

    def change(times):
        for _ in range(times):
            appearance.claimant = factories.SpeakerFactory()
            appearance.save()

    change(1)
    client.get(url(appearance, "history"))
    before = len(count_queries(client, url(appearance, "history")))
    change(8)

    assert len(count_queries(client, url(appearance, "history"))) == before


# --- Passages are given by quotation ---


@pytest.fixture
def snapshot():
    return factories.transcript()


def quoted(snapshot, quotation, **more):
    speaker = factories.SpeakerFactory()
    return {
        "id": "",
        "claimant": speaker.pk,
        "manner": "asserted",
        "snapshot": snapshot.pk,
        "quotation": quotation,
        **more,
    }


def test_researcher_quotes_a_passage_in_a_row_of_the_claim(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)

    client.post(
        url(claim), claim_form(claim, appearances=[quoted(snapshot, "promised not to grow")])
    )

    appearance = claim.appearances.get()
    assert appearance.passage.exact == "promised not to grow"
    assert appearance.history.get().history_user == researcher


def test_line_breaks_of_a_browser_are_those_of_the_record(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    words = "not to grow.\r\n\r\nThe Alliance"

    client.post(url(claim), claim_form(claim, appearances=[quoted(snapshot, words)]))

    assert claim.appearances.get().passage.exact == "not to grow.\n\nThe Alliance"


def test_words_around_tell_apart_what_reads_alike(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    row = quoted(snapshot, "SECRETARY DOE", after=": Nobody")

    client.post(url(claim), claim_form(claim, appearances=[row]))

    assert claim.appearances.get().passage.start > 100


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"quotation": "swore an oath"}, "The text does not read “swore an oath”."),
        ({"quotation": "SECRETARY DOE"}, "in 2 places"),
        ({"quotation": ""}, "Quote the words that are meant."),
        ({"snapshot": ""}, "Say which transcript the quotation is from."),
        ({"snapshot": "", "quotation": ""}, "Quote the words, or choose a passage"),
        ({"snapshot": "999"}, "Select a valid choice"),
        ({"passage": "other"}, "Choose a passage or quote one, not both."),
    ],
)
def test_a_quotation_that_cannot_be_found_is_an_error_of_its_field(
    client, researcher, snapshot, given, answer
):
    claim = factories.ClaimFactory()
    if given.get("passage"):
        given = {"passage": factories.passage(snapshot, "Did anybody ask?").pk}
    before = Passage.objects.count()
    client.force_login(researcher)
    row = quoted(snapshot, "promised not to grow") | given

    response = client.post(url(claim), claim_form(claim, appearances=[row]))

    assert answer in row_errors(response, "appearances")
    assert (Appearance.objects.count(), Passage.objects.count()) == (0, before)


def test_a_refused_form_leaves_no_passage_behind(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    row = quoted(snapshot, "promised not to grow", claimant="")

    response = client.post(url(claim), claim_form(claim, appearances=[row]))

    assert "This field is required" in row_errors(response, "appearances")
    assert not Passage.objects.exists()


def test_quoting_on_the_pages_of_appearance_rebuttal_and_evidence(client, researcher, snapshot):
    claim, speaker = factories.ClaimFactory(), factories.SpeakerFactory()
    words = {"claim": claim.pk, "snapshot": snapshot.pk, "quotation": "promised not to grow"}
    client.force_login(researcher)

    client.post(
        reverse("admin:claims_appearance_add"),
        words | {"claimant": speaker.pk, "manner": "asserted"},
    )
    client.post(
        reverse("admin:claims_rebuttal_add"),
        words | {"speaker": speaker.pk, "summary": "It did not.", **CITATIONS},
    )
    client.post(
        reverse("admin:claims_evidence_add"),
        words
        | {
            "source": snapshot.source_id,
            "direction": "supports",
            "directness": "direct",
            "summary": "It says so.",
        },
    )

    passage = Passage.objects.get()
    assert passage == Appearance.objects.get().passage == Rebuttal.objects.get().passage
    assert passage == Evidence.objects.get().passage


CITATIONS = {"citations-TOTAL_FORMS": 0, "citations-INITIAL_FORMS": 0}


def test_evidence_may_do_without_a_passage(client, researcher):
    claim, source = factories.ClaimFactory(), factories.SourceFactory()
    client.force_login(researcher)
    given = {"claim": claim.pk, "source": source.pk, "direction": "refutes"}
    given |= {"directness": "direct", "summary": "It says otherwise."}

    client.post(reverse("admin:claims_evidence_add"), given)

    assert Evidence.objects.get().passage is None


# --- What is public is an editor's to change ---


def sent_row(row, **changes):
    """An appearance as its form sends it back."""
    return {
        "id": row.pk,
        "claim": row.claim_id,
        "claimant": row.claimant_id,
        "manner": row.manner,
        "passage": row.passage_id,
        **changes,
    }


def test_researcher_changes_drafts_on_a_public_claim_but_nothing_public(
    client, researcher, snapshot
):
    public = factories.AppearanceFactory()
    claim = factories.published(public.claim)
    draft = factories.AppearanceFactory(claim=claim)
    client.force_login(researcher)
    rows = [
        sent_row(public, said_on="2020-01-01", DELETE="on"),
        sent_row(draft, said_on="2020-01-01"),
        quoted(snapshot, "promised not to grow"),
    ]

    response = client.post(
        url(claim), claim_form(claim, appearances=rows) | {"text": "Something else."}
    )

    assert response.status_code == 302
    assert Claim.objects.get(pk=claim.pk).text == claim.text
    assert Claim.objects.get(pk=claim.pk).updated_at == claim.updated_at
    assert Appearance.objects.get(pk=public.pk).said_on is None
    assert str(Appearance.objects.get(pk=draft.pk).said_on) == "2020-01-01"
    assert claim.appearances.count() == 3
    assert "This claim is public" in client.get(url(claim)).content.decode()


def test_editor_changes_what_is_public(client, editor):
    public = factories.AppearanceFactory()
    claim = factories.published(public.claim)
    client.force_login(editor)

    client.post(url(claim), claim_form(claim, appearances=[sent_row(public, said_on="2020-01-01")]))

    assert str(Appearance.objects.get().said_on) == "2020-01-01"
    assert Claim.objects.get().updated_at > claim.updated_at


@pytest.mark.parametrize(
    "make",
    [factories.AppearanceFactory, factories.RebuttalFactory, factories.EvidenceFactory],
    ids=["appearance", "rebuttal", "evidence"],
)
def test_page_of_a_public_row_is_read_only_for_a_researcher(client, researcher, make):
    row = make()
    factories.published(row.claim)
    client.force_login(researcher)

    page = client.get(url(row))

    assert page.context["has_change_permission"] is False
    assert 'name="snapshot"' not in page.content.decode()
    assert client.post(url(row), {}).status_code == 403
    assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403


def test_citations_are_locked_with_their_public_rebuttal(client, researcher, editor):
    citation = factories.CitationFactory()
    factories.published(citation.rebuttal.claim)
    client.force_login(researcher)

    assert client.post(url(citation), {"invoked": "Another"}).status_code == 403
    assert client.post(url(citation, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:claims_citation_add"), {}).status_code == 403
    client.force_login(editor)
    client.post(url(citation), {"invoked": "Another"})
    assert Citation.objects.get().invoked == "Another"


def test_view_on_site_is_offered_for_what_is_public_alone(client, researcher):
    draft, public = factories.ClaimFactory(), factories.published()
    client.force_login(researcher)

    assert "View on site" not in client.get(url(draft)).content.decode()
    assert "View on site" in client.get(url(public)).content.decode()


# --- The life of a verdict, by its buttons ---


def written(client, user, claim, **changes):
    """The verdict that `user` writes on `claim` through the form, or the form's answer."""
    client.force_login(user)
    given = {
        "claim": claim.pk,
        "rating": factories.RatingFactory().pk,
        "headline": "There was no such promise.",
        "rationale": "The record shows none.",
        "reason": "first",
        "note": "",
    }
    response = client.post(reverse("admin:claims_verdict_add"), given | changes)
    if response.status_code == 302:
        return Verdict.objects.latest("pk")
    return str(response.context["errors"])


def test_life_of_a_verdict_by_buttons(client, researcher, editor):
    claim = factories.ClaimFactory()
    first = written(client, researcher, claim)
    assert (first.author, first.version) == (researcher, 1)

    assert "Submitted" in press(client, researcher, first, "submit")
    assert "Sent back" in press(client, editor, first, "send-back", {"why": "Weigh it."})
    press(client, researcher, first, "submit")
    assert "Approved" in press(client, editor, first, "approve")
    first.refresh_from_db()
    assert (first.state, first.reviewer) == ("published", editor)
    assert first.history.first().history_user == editor

    second = written(client, researcher, claim, reason="error", note="A date was wrong.")
    assert second.version == 2
    press(client, researcher, second, "submit")
    press(client, editor, second, "approve")
    first.refresh_from_db()
    assert first.state == "superseded"

    client.force_login(editor)
    asked = client.get(url(second, "step", "propose-withdrawal"))
    assert "Reason for readers" in asked.content.decode()
    refused = client.post(url(second, "step", "propose-withdrawal"), {"why": " "})
    assert "This field is required" in refused.content.decode()
    why = {"why": "The record is forged."}
    assert "Proposed" in press(client, editor, second, "propose-withdrawal", why)
    assert Verdict.objects.get(pk=second.pk).state == "published"
    seen = {"seen": claim.edition()}
    waiting = second.withdrawals.get()
    assert "Withdrawn" in press(client, factories.editor(), waiting, "confirm", seen)
    second.refresh_from_db()
    assert (second.state, second.ending_reason) == ("withdrawn", "The record is forged.")


def test_what_stands_unsaved_in_the_form_is_saved_before_the_step(client, researcher):
    verdict = written(client, researcher, factories.ClaimFactory())
    page = client.get(url(verdict)).content.decode()
    # Behind the form's own buttons: Enter presses the first.
    assert page.index('name="_save"') < page.index('name="_step" value="submit"')

    given = {
        "rating": verdict.rating_id, "headline": "Better said.", "rationale": "Better argued.",
        "reason": "first", "note": "", "_step": "submit",
    }  # fmt: skip
    client.post(url(verdict), given | {"headline": ""})
    verdict.refresh_from_db()
    assert verdict.state == "draft"
    client.post(url(verdict), given)
    verdict.refresh_from_db()
    assert (verdict.state, verdict.headline) == ("submitted", "Better said.")


def test_no_step_is_taken_through_the_form_without_the_right(client, researcher):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    assert client.get(url(claim)).status_code == 200
    response = client.post(url(claim), claim_form(claim) | {"_step": "publish"})
    claim.refresh_from_db()
    assert (response.status_code, claim.is_published) == (403, False)


def test_nothing_happens_without_the_right(client, researcher):
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)

    client.force_login(researcher)

    assert client.post(url(verdict, "step", "approve")).status_code == 403
    verdict.refresh_from_db()
    assert verdict.state == "submitted"
    assert 'class="desk-step"' not in client.get(url(verdict)).content.decode()


def test_author_does_not_approve_whatever_their_rights(client, root):
    verdict = factories.VerdictFactory(author=root)
    verdict.submit(by=root)

    client.force_login(root)

    assert "Approve and publish" not in client.get(url(verdict)).content.decode()
    for step in ("approve", "send-back"):
        assert client.post(url(verdict, "step", step), {"why": "Mine."}).status_code == 403
    verdict.refresh_from_db()
    assert verdict.state == "submitted"


def test_a_step_that_somebody_takes_first_is_refused_with_the_reason(client, editor, monkeypatch):
    verdict = factories.VerdictFactory()
    looked_at = Verdict.objects.get()
    verdict.submit(by=verdict.author)
    monkeypatch.setattr(admin.site._registry[Verdict], "get_object", lambda *args: looked_at)

    assert "Only a draft verdict can be submitted" in press(client, editor, verdict, "submit")


def test_steps_are_taken_by_post_on_what_one_may_see(client, editor):
    verdict = factories.VerdictFactory()
    outsider = factories.UserFactory()
    client.force_login(editor)
    assert client.get(url(verdict, "step", "submit")).status_code == 405
    assert client.post(url(verdict, "step", "no-such-step")).status_code == 404
    client.force_login(outsider)
    assert client.post(url(verdict, "step", "submit")).status_code == 403


def test_a_step_needs_the_token_against_forged_requests(researcher):
    from django.test import Client

    verdict = factories.VerdictFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(researcher)

    assert client.post(url(verdict, "step", "submit")).status_code == 403


def test_publishing_a_claim_and_what_is_added_to_it(client, editor):
    claim = factories.ClaimFactory()
    assert "Published" in press(client, editor, claim, "publish")
    assert "does not fit" in press(client, editor, claim, "publish-changes")
    factories.EvidenceFactory(claim=claim)
    assert "Published" in press(client, editor, claim, "publish-changes")
    assert claim.evidence.get().is_published


@pytest.mark.parametrize("state", ["submitted", "published", "superseded", "withdrawn"])
def test_only_a_draft_can_be_edited(client, editor, state):
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)
    if state != "submitted":
        verdict.approve(by=editor)
    if state == "superseded":
        factories.approved(claim=verdict.claim, reason="error", note="It was wrong.")
    if state == "withdrawn":
        factories.withdrawn(verdict, why="An error.", by=editor)
    client.force_login(editor)

    page = client.get(url(verdict)).content.decode()

    assert "desk-notice" in page
    assert 'name="headline"' not in page
    assert client.post(url(verdict), {"headline": "Another"}).status_code == 403


def test_a_draft_is_edited_and_stays_with_its_claim_and_author(client, researcher):
    verdict = factories.VerdictFactory()
    other = factories.ClaimFactory()
    client.force_login(researcher)
    given = {"claim": other.pk, "rating": verdict.rating_id, "headline": "Another finding."}
    given |= {"rationale": "Because.", "reason": "first", "note": "", "author": researcher.pk}

    client.post(url(verdict), given)

    changed = Verdict.objects.get()
    assert changed.headline == "Another finding."
    assert (changed.claim, changed.author, changed.version) == (verdict.claim, verdict.author, 1)


def test_a_new_version_starts_from_the_one_in_force(client, researcher):
    verdict = factories.approved(headline="There was none.")
    client.force_login(researcher)

    page = client.get(reverse("admin:claims_verdict_add"), {"claim": verdict.claim_id})

    initial = page.context["adminform"].form.initial
    assert initial["headline"] == "There was none."
    assert initial["rating"] == verdict.rating_id
    assert initial["reason"] == ""


@pytest.mark.parametrize("claim", ["", "0", "x", "99999999999999999999999"])
def test_a_new_verdict_on_no_such_claim_starts_empty(client, researcher, claim):
    client.force_login(researcher)

    page = client.get(reverse("admin:claims_verdict_add"), {"claim": claim})

    assert page.status_code == 200


# --- Hostile and mistaken input is answered in the form ---


def test_one_verdict_at_a_time_is_being_written(client, researcher):
    claim = factories.VerdictFactory().claim

    answer = written(client, researcher, claim, reason="error", note="It was wrong.")

    assert "already being written" in answer


def test_reason_and_note_must_fit_the_version(client, researcher):
    claim = factories.ClaimFactory()
    assert "reason for version 1" in written(client, researcher, claim, reason="error", note="x")
    factories.approved(claim=claim)
    assert "reason for version 1" in written(client, researcher, claim)
    assert "tells readers what changed" in written(client, researcher, claim, reason="error")


def test_two_who_save_the_same_at_once_get_a_form_error(client, researcher, monkeypatch):
    """The second one's row passes validation and meets the first one's in the database."""
    claim = factories.ClaimFactory()
    calls = []
    save = Verdict.save

    def beaten(self, *args, **kwargs):
        if not calls:
            calls.append(self)
            raise IntegrityError("UNIQUE constraint failed")
        return save(self, *args, **kwargs)

    monkeypatch.setattr(Verdict, "save", beaten)

    assert written(client, researcher, claim).version == 1


def test_what_no_form_foresaw_is_told_and_nothing_is_saved(client, editor):
    """Two new rows of one form with one value: no single row is wrong."""
    scale = factories.RatingScaleFactory(slug="scale", name="Scale")
    rating = {"label": "A", "slug": "a", "value": 3, "position": 1, "meaning": "A.", "id": ""}
    given = {"name": "Scale", "slug": "scale", "worst": 1, "best": 5}
    given |= {"ratings-TOTAL_FORMS": 2, "ratings-INITIAL_FORMS": 0}
    given |= {f"ratings-0-{name}": value for name, value in rating.items()}
    rating |= {"label": "B", "slug": "b"}
    given |= {f"ratings-1-{name}": value for name, value in rating.items()}
    client.force_login(editor)

    response = client.post(url(scale), given, follow=True)

    assert "Nothing was saved" in messages(response)
    assert not scale.ratings.exists()


@pytest.mark.parametrize("field", ["part_of", "duplicate_of"])
def test_a_claim_is_no_part_nor_duplicate_of_itself(client, researcher, field):
    claim = factories.ClaimFactory()
    client.force_login(researcher)

    response = client.post(url(claim), claim_form(claim) | {field: claim.pk})

    assert "leads back to this one" in str(response.context["errors"])


def test_duplicate_evidence_is_a_form_error(client, researcher):
    evidence = factories.EvidenceFactory()
    client.force_login(researcher)
    row = {"id": "", "source": evidence.source_id, "direction": "mixed", "directness": "direct"}
    row |= {"summary": "Again.", "locator": ""}

    response = client.post(url(evidence.claim), claim_form(evidence.claim, evidence=[row]))
    assert "Claim, Source and Locator already exists" in row_errors(response, "evidence")
    other = factories.ClaimFactory()
    response = client.post(url(other), claim_form(other, evidence=[row, row]))
    assert "duplicate data" in row_errors(response, "evidence", 1)
    assert Evidence.objects.count() == 1


def test_the_same_new_quotation_twice_is_a_form_error(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    row = quoted(snapshot, "promised not to grow")

    response = client.post(url(claim), claim_form(claim, appearances=[row, row]))

    assert "duplicate data" in row_errors(response, "appearances", 1)
    assert not Passage.objects.exists()


def test_asserted_with_a_reporter_is_a_form_error(client, researcher, snapshot):
    claim = factories.ClaimFactory()
    client.force_login(researcher)
    row = quoted(snapshot, "promised not to grow", reported_by=factories.SpeakerFactory().pk)

    response = client.post(url(claim), claim_form(claim, appearances=[row]))

    assert "Asserted has no reporter" in row_errors(response, "appearances")


def test_a_public_row_cannot_lose_its_passage(client, editor):
    public = factories.AppearanceFactory()
    claim = factories.published(public.claim)
    client.force_login(editor)

    response = client.post(
        url(claim), claim_form(claim, appearances=[sent_row(public, passage="")])
    )

    assert "Quote the words, or choose" in row_errors(response, "appearances")


def test_a_rating_without_its_scale_is_a_form_error(client, editor):
    client.force_login(editor)
    given = {"label": "Odd", "slug": "odd", "meaning": "Odd.", "value": 2, "position": 1}

    response = client.post(reverse("admin:claims_rating_add"), given)

    assert "This field is required" in str(response.context["errors"])


def test_what_is_referred_to_is_shown_and_kept(client, editor):
    claim = factories.EvidenceFactory().claim
    client.force_login(editor)

    page = client.post(url(claim, "delete"), {"post": "yes"})

    assert page.status_code == 200
    assert page.context["protected"]
    assert Claim.objects.filter(pk=claim.pk).exists()


def test_a_published_verdict_is_not_deleted(client, root):
    verdict = factories.approved()
    client.force_login(root)
    bulk = {"action": "delete_selected", "_selected_action": [verdict.pk], "post": "yes"}

    assert client.post(url(verdict, "delete"), {"post": "yes"}).status_code == 403
    assert (
        "Cannot delete verdict"
        in client.post(reverse("admin:claims_verdict_changelist"), bulk).content.decode()
    )
    assert Verdict.objects.filter(pk=verdict.pk).exists()


def test_public_rows_are_not_deleted_in_bulk_by_a_researcher(client, researcher, editor):
    row = factories.EvidenceFactory()
    claim = factories.published(row.claim)
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.force_login(researcher)
    assert client.post(reverse("admin:claims_evidence_changelist"), bulk).status_code == 403
    assert Evidence.objects.exists()

    client.force_login(editor)
    client.post(reverse("admin:claims_evidence_changelist"), bulk)
    assert not Evidence.objects.exists()
    assert Claim.objects.get().updated_at > claim.updated_at


# --- The first page ---


def test_first_page_says_what_waits(client, researcher):
    factories.transcript(title="Briefing of January")
    factories.ClaimFactory(text="The Alliance swore an oath.")
    factories.VerdictFactory(headline="Half written.")
    factories.VerdictFactory(headline="To be read.").submit(by=researcher)
    client.force_login(researcher)

    page = client.get(reverse("admin:index"))

    html = page.content.decode()
    assert "Counterclaim desk" in html
    for text in ("Briefing of January", "Half written", "To be read"):
        assert text in html
    waiting = {queue["slug"]: queue["n"] for queue in page.context["queues"]}
    assert waiting == {
        "mine": 0,
        "unassigned": 3,
        "review": 1,
        "withdrawals": 0,
        "stale": 0,
        "no-evidence": 3,
        "mentions": 0,
    }
    assert [app["name"] for app in page.context["app_list"]] == ["The record", "The judgement"]


def test_first_page_shows_nobody_what_they_may_not_see(client):
    factories.VerdictFactory(headline="Half written.")
    client.force_login(factories.UserFactory())

    html = client.get(reverse("admin:index")).content.decode()

    assert "Half written" not in html
    assert "Awaiting review" not in html


def test_first_page_costs_the_same_with_one_row_and_with_fifteen(client, researcher):
    def make(times):
        for _ in range(times):
            factories.transcript()
            factories.WithdrawalFactory(verdict=factories.VerdictFactory())
            factories.VerdictFactory().submit(by=researcher)

    client.force_login(researcher)
    make(1)
    client.get(reverse("admin:index"))
    before = len(count_queries(client, reverse("admin:index")))
    make(14)

    assert len(count_queries(client, reverse("admin:index"))) == before
