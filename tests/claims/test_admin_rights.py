"""What a researcher cannot do at the desk, by whatever request: rewrite, retract, rename, publish."""

import pytest
from django.contrib.admin import site
from django.urls import reverse

from claims.models import Claim, Evidence, Topic, Verdict
from sources.models import GlossaryNote, Snapshot, Source, Speaker, SpeakerName, Turn
from tests import factories
from tests.claims.test_admin import (
    claim_form,
    count_queries,
    messages,
    press,
    row_errors,
    sent_row,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def researcher():
    return factories.researcher(username="rita")


@pytest.fixture
def editor():
    return factories.editor(username="edda")


def fields_of(page):
    return set(page.context["adminform"].form.fields)


# --- The history is to read ---


def test_no_history_entry_rewrites_a_public_claim(client, researcher):
    claim = factories.ClaimFactory(text="The Alliance promised it.")
    draft = claim.history.get()
    factories.published(claim)
    client.force_login(researcher)

    answer = client.post(
        url(claim, "simple_history", draft.pk), claim_form(claim) | {"text": "Else."}
    )

    assert answer.status_code == 405
    assert Claim.objects.get().text == "The Alliance promised it."
    assert claim.history.count() == 2


def test_no_history_entry_retracts_a_submitted_verdict(client, researcher):
    verdict = factories.VerdictFactory(author=researcher)
    draft = verdict.history.get()
    verdict.submit(by=researcher)
    client.force_login(researcher)
    given = {"rating": verdict.rating_id, "headline": "Another.", "rationale": "Because."}

    answer = client.post(
        url(verdict, "simple_history", draft.pk), given | {"reason": "first", "note": ""}
    )

    assert answer.status_code == 405
    assert Verdict.objects.get().state == "submitted"


MAKERS = {
    "appearance": factories.AppearanceFactory,
    "citation": factories.CitationFactory,
    "claim": factories.ClaimFactory,
    "evidence": factories.EvidenceFactory,
    "externalreview": factories.ExternalReviewFactory,
    "glossarynote": lambda: GlossaryNote.objects.create(
        source=factories.SourceFactory(), printed="START III", meant="New START"
    ),
    "rating": factories.RatingFactory,
    "ratingscale": factories.RatingScaleFactory,
    "rebuttal": factories.RebuttalFactory,
    "search": factories.SearchFactory,
    "source": factories.SourceFactory,
    "speaker": factories.SpeakerFactory,
    "speakername": lambda: SpeakerName.objects.create(
        speaker=factories.SpeakerFactory(), name="MR. DOE"
    ),
    "topic": factories.TopicFactory,
    "turn": lambda: factories.transcript().turns.first(),
    "verdict": factories.VerdictFactory,
}


def publish(row, by):
    """Make `row` public, with whatever it takes."""
    if isinstance(row, Turn | Snapshot):
        snapshot = getattr(row, "snapshot", row)
        factories.AppearanceFactory(passage=factories.passage(snapshot)).claim.publish(by=by)
    elif isinstance(row, SpeakerName):
        factories.AppearanceFactory(claimant=row.speaker).claim.publish(by=by)
    elif isinstance(row, Speaker):
        factories.AppearanceFactory(claimant=row).claim.publish(by=by)
    elif isinstance(row, GlossaryNote):
        factories.EvidenceFactory(source=row.source).claim.publish(by=by)
    elif isinstance(row, Source):
        factories.EvidenceFactory(source=row).claim.publish(by=by)
    elif isinstance(row, Topic):
        claim = factories.ClaimFactory()
        claim.topics.add(row)
        claim.publish(by=by)
    elif isinstance(row, Verdict):
        row.submit(by=row.author)
        row.approve(by=by)
    else:
        getattr(row, "claim", row).publish(by=by)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.parametrize("role", ["researcher", "editor"])
def test_every_history_entry_is_shown_and_takes_no_post(client, name, role, editor):
    row = MAKERS[name]()
    if name not in ("citation", "rating", "ratingscale"):
        publish(row, editor)
    client.force_login(factories.UserFactory(role=role))

    for entry in row.history.all():
        address = url(row, "simple_history", entry.pk)
        assert client.get(address).status_code == 200
        assert client.post(address, {}).status_code == 405


# --- Public rows ---


@pytest.mark.parametrize("name", ["source", "speaker", "speakername", "topic", "turn"])
def test_a_public_row_of_the_record_is_an_editors_to_change(client, researcher, editor, name):
    row = MAKERS[name]()
    client.force_login(researcher)
    assert fields_of(client.get(url(row)))

    publish(row, editor)

    page = client.get(url(row))
    assert "an editor's to change" in page.content.decode()
    assert not fields_of(page)
    assert client.post(url(row), {"name": "Else", "label": "Else"}).status_code == 403
    client.force_login(editor)
    assert fields_of(client.get(url(row)))


def test_an_editor_says_who_speaks_in_a_public_transcript(client, editor):
    turn = publish(MAKERS["turn"](), editor)
    speaker = factories.SpeakerFactory()
    client.force_login(editor)

    client.post(url(turn), {"speaker": speaker.pk, "role": "statement"})

    assert Turn.objects.get(pk=turn.pk).speaker == speaker


def test_no_spelling_is_moved_or_added_to_a_public_speaker(client, researcher, editor):
    public = publish(factories.SpeakerFactory(), editor)
    name = MAKERS["speakername"]()
    client.force_login(researcher)
    given = {"speaker": public.pk, "name": "LIAR"}

    moved = client.post(url(name), given)
    added = client.post(reverse("admin:sources_speakername_add"), given)

    assert "an editor" in str(moved.context["errors"])
    assert "an editor" in str(added.context["errors"])
    assert not public.names.exists()
    client.force_login(editor)
    client.post(reverse("admin:sources_speakername_add"), given)
    assert public.names.get().name == "LIAR"


@pytest.mark.parametrize("name", ["claim", "source", "speaker", "topic"])
def test_the_slug_of_a_public_row_is_to_read(client, editor, name):
    row = MAKERS[name]()
    client.force_login(editor)
    assert "slug" in fields_of(client.get(url(row)))

    publish(row, editor)

    fields = fields_of(client.get(url(row)))
    assert fields
    assert "slug" not in fields


def test_the_slug_of_a_retired_claim_is_to_read(client, editor):
    retired = factories.published()
    retired.duplicate_of = factories.published()
    retired.save()
    client.force_login(editor)

    assert "slug" not in fields_of(client.get(url(retired)))


def test_a_crafted_form_changes_nothing_of_a_public_claim(client, researcher, editor):
    topic, other = factories.TopicFactory(), factories.published()
    claim = factories.published()
    before = Claim.objects.filter(pk=claim.pk).values().get()
    client.force_login(researcher)
    given = {"text": "Else.", "slug": "else", "kind": "opinion", "context": "Else."}
    given |= {"topics": [topic.pk], "part_of": other.pk, "part_position": 7, "decides_whole": True}
    given |= {"selection": "other", "selection_note": "Else."}
    given |= {"duplicate_of": other.pk, "published_at": "", "language": "ru"}

    client.post(url(claim), claim_form(claim) | given)

    assert Claim.objects.filter(pk=claim.pk).values().get() == before
    assert not claim.topics.exists()


def test_a_claim_published_while_it_was_edited_stays(client, researcher, monkeypatch):
    factories.ClaimFactory(text="The Alliance promised it.")
    looked_at = Claim.objects.get()
    claim = factories.published(Claim.objects.get())
    monkeypatch.setattr(site._registry[Claim], "get_object", lambda *args: looked_at)
    client.force_login(researcher)

    answer = client.post(url(claim), claim_form(claim) | {"text": "Else."})

    assert answer.status_code == 403
    assert Claim.objects.get().text == "The Alliance promised it."


def test_nothing_added_by_a_researcher_is_public(client, researcher):
    claim, source = factories.published(), factories.SourceFactory()
    client.force_login(researcher)
    said = {"published_at": "2022-01-01", "published_at_0": "2022-01-01", "published_at_1": "00:00"}
    said["published_by"] = researcher.pk
    row = {"id": "", "source": source.pk, "direction": "mixed", "directness": "direct", **said}
    row |= {"summary": "It says both."}
    given = claim_form(claim, evidence=[row])

    assert client.post(url(claim), given).status_code == 302
    client.post(
        reverse("admin:claims_claim_add"), claim_form(claim) | said | {"slug": "new", "text": "N."}
    )
    client.post(reverse("admin:claims_evidence_add"), row | {"claim": claim.pk, "locator": "p. 2"})

    assert [row.published_at for row in Evidence.objects.all()] == [None, None]
    assert Claim.objects.get(slug="new").published_at is None


def test_no_verdict_nor_part_comes_in_by_the_rows_of_a_claim(client, researcher):
    claim, part = factories.published(), factories.ClaimFactory()
    client.force_login(researcher)
    verdict = {"id": "", "rating": factories.RatingFactory().pk, "headline": "H", "version": 1}
    verdict |= {"rationale": "R", "author": researcher.pk, "published_at": "2022-01-01"}
    given = claim_form(claim, verdicts=[verdict], parts=[{"id": "", "text": "P", "slug": "p"}])

    client.post(url(claim), given)
    client.post(url(claim), claim_form(claim, parts=[{"id": part.pk, "text": "Else."}]))

    assert not Verdict.objects.exists()
    assert not claim.parts.exists()
    assert Claim.objects.count() == 2


@pytest.mark.parametrize("name", ["appearance", "evidence", "rebuttal", "search", "verdict"])
def test_no_public_row_is_deleted_in_bulk_by_a_researcher(client, researcher, editor, name):
    row = publish(MAKERS[name](), editor)
    client.force_login(researcher)
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    answer = client.post(reverse(f"admin:claims_{name}_changelist"), bulk)

    assert answer.status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["turn", "rating"])
def test_researchers_are_offered_no_other_deletion(client, researcher, name):
    row = MAKERS[name]()
    client.force_login(researcher)
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    client.post(reverse(f"admin:{row._meta.app_label}_{name}_changelist"), bulk)

    assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["claim", "source", "speaker", "topic", "speakername"])
@pytest.mark.parametrize("is_public", [False, True])
def test_researchers_delete_their_mistakes_but_nothing_public(
    client, researcher, editor, name, is_public
):
    row = MAKERS[name]()
    if is_public:
        owner = row.speaker if name == "speakername" else row
        if name == "topic":
            owner = factories.ClaimFactory()
            owner.topics.add(row)
        owner.publish(by=editor)
    client.force_login(researcher)

    answer = client.post(url(row, "delete"), {"post": "yes"}).status_code

    assert answer == (403 if is_public else 302)
    assert type(row).objects.filter(pk=row.pk).exists() is is_public


def test_no_list_has_actions_but_deletion_and_the_steps_that_models_guard(rf, researcher):
    request = rf.get("/")
    request.user = researcher
    for model, desk in site._registry.items():
        if model._meta.app_label in ("sources", "claims"):
            guarded = {"hand_round", "merge_chosen"} if model is Claim else set()
            assert set(desk.get_actions(request)) <= {"delete_selected"} | guarded
            assert not desk.list_editable


# --- Verdicts ---


@pytest.mark.parametrize(
    ("who", "state", "deleted"),
    [
        ("author", "draft", True),
        ("editor", "draft", True),
        ("colleague", "draft", False),
        ("author", "submitted", False),
        ("editor", "submitted", False),
    ],
)
def test_who_deletes_a_verdict(client, researcher, editor, who, state, deleted):
    verdict = factories.VerdictFactory(author=researcher)
    if state == "submitted":
        verdict.submit(by=researcher)
    people = {"author": researcher, "editor": editor, "colleague": factories.researcher()}
    client.force_login(people[who])
    bulk = {"action": "delete_selected", "_selected_action": [verdict.pk], "post": "yes"}

    answers = [
        client.post(reverse("admin:claims_verdict_changelist"), bulk).status_code,
        client.post(url(verdict, "delete"), {"post": "yes"}).status_code,
    ]

    assert Verdict.objects.exists() is not deleted
    assert deleted or answers == [403, 403]


def test_who_judges_sees_what_is_judged_at_a_constant_price(client, researcher, editor):
    verdict = factories.VerdictFactory(claim__text="The Alliance swore an oath.")

    def add(n):
        for number in range(n):
            factories.EvidenceFactory(
                claim=verdict.claim,
                source__title="A minute of 1990",
                locator=f"{Evidence.objects.count()}-{number}",
                direction="refutes",
                summary="Nobody swore.",
            )

    add(1)
    verdict.submit(by=verdict.author)
    client.force_login(editor)
    page = client.get(url(verdict)).content.decode()
    before = len(count_queries(client, url(verdict)))
    add(12)

    judged = page.partition('id="judged"')[2].partition("</section>")[0]
    for words in ("swore an oath", "A minute of 1990", "Refutes the claim", "Nobody swore."):
        assert words in judged
    assert len(count_queries(client, url(verdict))) == before
    verdict.approve(by=editor)
    assert 'id="judged"' not in client.get(url(verdict)).content.decode()


# --- Steps ---


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("step", "state"),
    [("approve", "submitted"), ("send-back", "submitted"), ("propose-withdrawal", "published")],
)
def test_no_step_is_shown_or_taken_without_its_permission(
    client, researcher, editor, step, state, method
):
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)
    if state == "published":
        verdict.approve(by=editor)
    client.force_login(researcher)

    answer = getattr(client, method)(url(verdict, "step", step), {"why": "Because."})

    assert answer.status_code == 403
    verdict.refresh_from_db()
    assert verdict.state == state


def test_who_may_not_publish_does_not_take_the_step(client, researcher):
    claim = factories.ClaimFactory()
    client.force_login(researcher)

    assert client.post(url(claim, "step", "publish")).status_code == 403
    assert not Claim.objects.get().is_published


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_step_that_does_not_fit_says_so_and_changes_nothing(client, editor, method):
    verdict = factories.VerdictFactory()
    client.force_login(editor)

    page = getattr(client, method)(
        url(verdict, "step", "propose-withdrawal"), {"why": "Because."}, follow=True
    )

    assert "“Propose withdrawal” does not fit" in messages(page)
    assert page.redirect_chain[0][0] == url(verdict)
    assert Verdict.objects.get().state == "draft"
    assert verdict.history.count() == 1


def test_labels_of_a_public_transcript_are_an_editors_to_resolve(client, researcher, editor):
    turn = publish(MAKERS["turn"](), editor)
    doe = factories.SpeakerFactory()
    SpeakerName.objects.create(speaker=doe, name=turn.label)
    client.force_login(researcher)
    assert "Resolve labels" not in client.get(url(turn.snapshot)).content.decode()
    assert client.post(url(turn.snapshot, "step", "resolve")).status_code == 403
    assert not Turn.objects.filter(speaker=doe).exists()

    assert "now has that speaker" in press(client, editor, turn.snapshot, "resolve")


# --- A claim with many rows ---


@pytest.fixture
def many_rows():
    claim, passage = factories.ClaimFactory(), factories.passage()
    quoting = {"snapshot": "", "quotation": "", "before": "", "after": "", "reported_by": ""}
    return claim, [
        sent_row(factories.AppearanceFactory(claim=claim, passage=passage), **quoting, said_on="")
        for _ in range(100)
    ]


def test_a_claim_with_a_hundred_rows_is_saved(client, researcher, many_rows):
    claim, rows = many_rows
    client.force_login(researcher)

    answer = client.post(url(claim), claim_form(claim, appearances=rows) | {"text": "Else."})

    assert answer.status_code == 302
    assert Claim.objects.get().text == "Else."


def test_rows_that_are_locked_need_not_be_sent(client, researcher):
    public = factories.AppearanceFactory()
    claim = factories.published(public.claim)
    draft = factories.AppearanceFactory(claim=claim)
    client.force_login(researcher)
    rows = [{"id": public.pk, "claim": claim.pk}, sent_row(draft, said_on="2020-01-01")]

    answer = client.post(url(claim), claim_form(claim, appearances=rows))

    assert answer.status_code == 302, row_errors(answer, "appearances")
    draft.refresh_from_db()
    assert str(draft.said_on) == "2020-01-01"


def test_a_refusal_is_explained_within_the_site(client, researcher):
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)
    client.force_login(researcher)

    response = client.post(url(verdict), {"headline": "Too late."})

    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()
