"""Two people at one form: nothing is lost."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from claims.models import Claim, Evidence
from sources.models import Speaker, SpeakerName
from tests import factories
from tests.claims.browsing import form_on, text_of
from tests.claims.test_admin import count_queries, messages, url
from tests.claims.test_admin_rights import MAKERS

pytestmark = pytest.mark.django_db

# What keeps no history has no version to compare: people, groups, keys of the API, webhooks.
WITHOUT_HISTORY = {"user", "group", "apikey", "webhook"}
# Another value of one field of each model that can be changed at the desk.
CHANGES = {
    "appearance": ("said_on", "2020-01-01", "2020-02-02"),
    "citation": ("note", "Theirs.", "Mine."),
    "claim": ("text", "Theirs.", "Mine."),
    "evidence": ("summary", "Theirs.", "Mine."),
    "externalreview": ("title", "Theirs.", "Mine."),
    "glossarynote": ("meant", "Theirs", "Mine"),
    "rating": ("meaning", "Theirs.", "Mine."),
    "ratingscale": ("description", "Theirs.", "Mine."),
    "rebuttal": ("summary", "Theirs.", "Mine."),
    "search": ("outcome", "Theirs.", "Mine."),
    "source": ("title", "Theirs.", "Mine."),
    "speaker": ("name", "Theirs", "Mine"),
    "speakername": ("name", "THEIRS", "MINE"),
    "topic": ("description", "Theirs.", "Mine."),
    "turn": ("role", "question", "moderation"),
    "verdict": ("headline", "Theirs.", "Mine."),
}


@pytest.fixture
def root():
    return get_user_model().objects.create_superuser("root")


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


@pytest.fixture
def claim():
    return factories.ClaimFactory(text="As found.", context="Found context.")


def changed_models(request_factory, user):
    request = request_factory.get("/")
    request.user = user
    return {
        model._meta.model_name: desk
        for model, desk in admin.site._registry.items()
        if desk.has_change_permission(request)
    }


def test_every_model_that_can_be_changed_is_tried_here(rf, root):
    assert set(changed_models(rf, root)) - WITHOUT_HISTORY == set(CHANGES)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_the_second_save_is_refused_and_asks(client, root, name):
    field, theirs, mine = CHANGES[name]
    row = MAKERS[name]()
    stored = type(row).objects.filter(pk=row.pk)
    client.force_login(root)
    opened = client.get(url(row))
    first = form_on(opened, f"{name}_form", **{field: theirs})
    second = form_on(opened, f"{name}_form", **{field: mine})

    saved = client.post(url(row), first)
    assert saved.status_code == 302, saved.context and saved.context["errors"]
    before, entries = stored.values().get(), row.history.count()
    answer = client.post(url(row), second)

    assert answer.status_code == 409
    assert stored.values().get() == before
    assert row.history.count() == entries
    cell = answer.context["conflicts"][0].cells[0]
    assert (cell.name, cell.by, cell.chosen) == (field, "both", "")
    for told in ("root", "As you found it", "Theirs", "Yours", cell.theirs, cell.mine):
        assert told.rstrip(".") in text_of(answer)
    # Answered, it is saved as any other form is.
    merged = form_on(answer, **{f"_choice:{field}": "mine", "_continue": "1"})
    saved = client.post(url(row), merged)
    assert saved.status_code == 302, saved.context and saved.context["errors"]
    assert str(getattr(stored.get(), field)) == mine


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_form_saved_unchanged_is_in_nobodys_way(client, root, name):
    row = MAKERS[name]()
    client.force_login(root)
    unchanged = form_on(client.get(url(row)), f"{name}_form")
    entries = row.history.count()
    field, theirs, _ = CHANGES[name]
    client.post(url(row), form_on(client.get(url(row)), f"{name}_form", **{field: theirs}))

    assert client.post(url(row), unchanged).status_code == 302
    assert row.history.count() == entries + 1
    assert str(getattr(type(row).objects.get(pk=row.pk), field)) == theirs


def opened(client, user, row, **changes):
    client.force_login(user)
    return form_on(client.get(url(row)), f"{row._meta.model_name}_form", **changes)


def test_what_one_of_them_changed_is_chosen_already_and_both_stay(client, rita, edda, claim):
    mine = opened(client, rita, claim, context="My context.", text="As found.")
    theirs = opened(client, edda, claim, text="Their text.")
    client.post(url(claim), theirs)
    client.force_login(rita)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    assert "by edda on" in text_of(answer)
    chosen = {cell.name: (cell.by, cell.chosen) for cell in answer.context["conflicts"][0].cells}
    assert chosen == {"text": ("them", "theirs"), "context": ("me", "mine")}
    saved = client.post(url(claim), form_on(answer, _continue="1"))
    assert saved.status_code == 302
    claim.refresh_from_db()
    assert (claim.text, claim.context) == ("Their text.", "My context.")
    assert [entry.history_user for entry in claim.history.all()[:2]] == [rita, edda]


@pytest.mark.parametrize(
    ("choice", "saved"),
    [("theirs", "Their text."), ("mine", "My text."), ("edited", "Our text.")],
)
def test_what_both_changed_is_chosen_or_written_anew(client, rita, edda, claim, choice, saved):
    mine = opened(client, rita, claim, text="My text.")
    client.post(url(claim), opened(client, edda, claim, text="Their text."))
    client.force_login(rita)
    answer = client.post(url(claim), mine)
    assert form_on(answer)["_edited:text"] == ["My text."]

    # Without a choice nothing is saved, and what was written is still there.
    unsaid = client.post(url(claim), form_on(answer, **{"_edited:text": "Our text."}))
    assert unsaid.status_code == 409
    assert "Something is still to be chosen" in text_of(unsaid)
    assert form_on(unsaid)["_edited:text"] == ["Our text."]
    assert Claim.objects.get().text == "Their text."

    client.post(url(claim), form_on(unsaid, **{"_choice:text": choice}))
    assert Claim.objects.get().text == saved


def test_a_third_person_in_between_is_shown_too(client, rita, edda, claim):
    mine = opened(client, rita, claim, text="My text.", context="My context.")
    client.post(url(claim), opened(client, edda, claim, text="Their text."))
    client.force_login(rita)
    merge = form_on(client.post(url(claim), mine), **{"_choice:text": "edited"})
    merge["_edited:text"] = ["Our text."]
    third = factories.editor(username="theo")
    client.post(url(claim), opened(client, third, claim, text="A third text."))
    client.force_login(rita)

    answer = client.post(url(claim), merge)

    assert answer.status_code == 409
    cells = {cell.name: cell for cell in answer.context["conflicts"][0].cells}
    assert (cells["text"].base, cells["text"].theirs, cells["text"].mine) == (
        "Their text.", "A third text.", "Our text.",
    )  # fmt: skip
    assert cells["context"].mine == "My context."
    client.post(url(claim), form_on(answer, **{"_choice:text": "mine"}))
    claim.refresh_from_db()
    assert (claim.text, claim.context) == ("Our text.", "My context.")


def test_values_are_told_in_words(client, rita, edda, claim):
    ours, others = factories.TopicFactory(name="Ours"), factories.TopicFactory(name="Others")
    whole = factories.ClaimFactory(text="The whole.")
    mine = opened(client, rita, claim, topics=str(ours.pk), kind="opinion")
    theirs = opened(client, edda, claim, topics=str(others.pk), kind="quotation", part_of=whole.pk)
    client.post(url(claim), theirs)
    client.force_login(rita)

    answer = client.post(url(claim), mine)

    told = {c.label: (c.base, c.theirs, c.mine) for c in answer.context["conflicts"][0].cells}
    assert told == {
        "Topics": ("", "Others", "Ours"),
        "Kind": ("factual", "quotation", "opinion"),
        "Part of": ("", "The whole.", ""),
    }
    choices = {"_choice:topics": "theirs", "_choice:kind": "mine"}
    client.post(url(claim), form_on(answer, **choices))
    claim.refresh_from_db()
    assert list(claim.topics.all()) == [others]
    assert (claim.kind, claim.part_of) == ("opinion", whole)


def test_both_wrote_the_same(client, rita, edda, claim):
    mine = opened(client, rita, claim, text="Agreed.")
    client.post(url(claim), opened(client, edda, claim, text="Agreed.", context="More."))
    client.force_login(rita)

    assert client.post(url(claim), mine).status_code == 302
    assert Claim.objects.get().context == "More."


def test_a_form_that_comes_back_with_errors_still_knows_what_it_was_made_from(
    client, rita, edda, claim
):
    wrong = opened(client, rita, claim, text="", context="My context.")
    errors = client.post(url(claim), wrong)
    assert errors.status_code == 200
    mine = form_on(errors, "claim_form", text="My text.")
    client.post(url(claim), opened(client, edda, claim, text="Their text."))
    client.force_login(rita)

    assert client.post(url(claim), mine).status_code == 409


def test_bookkeeping_is_no_conflict(client, rita, claim):
    mine = opened(client, rita, claim, text="My text.")
    claim.touch()

    assert client.post(url(claim), mine).status_code == 302


def test_a_form_of_a_program_that_says_nothing_is_not_compared(client, rita, edda, claim):
    mine = opened(client, rita, claim, text="My text.", _seen=None)
    client.post(url(claim), opened(client, edda, claim, text="Their text."))

    assert client.post(url(claim), mine).status_code == 302


@pytest.mark.parametrize("token", ["", "x", "0", "999999", "9" * 40])
def test_where_it_is_not_known_what_was_found_every_difference_is_asked(client, rita, claim, token):
    mine = opened(client, rita, claim, context="Mine.", _seen=token)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    (cell,) = answer.context["conflicts"][0].cells
    assert (cell.base, cell.theirs, cell.mine) == (None, "Found context.", "Mine.")
    assert "not recorded" in text_of(answer)
    client.post(url(claim), form_on(answer, **{"_choice:context": "mine"}))
    assert Claim.objects.get().context == "Mine."


def test_a_row_without_history_is_compared_as_soon_as_it_has_one(client, rita, edda, claim):
    claim.history.all().delete()
    mine = opened(client, rita, claim, context="Mine.")
    theirs = opened(client, edda, claim, context="Theirs.")
    assert client.post(url(claim), theirs).status_code == 302
    client.force_login(rita)

    assert client.post(url(claim), mine).status_code == 409


# --- Rows of a claim ---


NEW = {"direction": "refutes", "directness": "direct", "locator": "", "available_on": ""}


def with_new(sent, claim, source, summary):
    number = int(sent["evidence-TOTAL_FORMS"][0])
    row = {"id": "", "claim": claim.pk, "source": source.pk, "summary": summary, "passage": ""}
    row |= NEW | {"snapshot": "", "quotation": "", "before": "", "after": ""}
    sent["evidence-TOTAL_FORMS"] = [str(number + 1)]
    return sent | {f"evidence-{number}-{name}": [value] for name, value in row.items()}


def summaries():
    return sorted(Evidence.objects.values_list("summary", flat=True))


def test_rows_that_both_add_are_no_conflict(client, rita, edda, claim):
    factories.EvidenceFactory(claim=claim, summary="Old.")
    a, b = factories.SourceFactory(), factories.SourceFactory()
    mine = with_new(opened(client, rita, claim), claim, a, "Mine.")
    theirs = with_new(opened(client, edda, claim), claim, b, "Theirs.")

    assert client.post(url(claim), theirs).status_code == 302
    client.force_login(rita)
    assert client.post(url(claim), mine).status_code == 302
    assert summaries() == ["Mine.", "Old.", "Theirs."]


def test_a_row_that_both_changed_is_asked_about_and_new_rows_are_kept(client, rita, edda, claim):
    old = factories.EvidenceFactory(claim=claim, summary="Old.", locator="p. 1")
    other = factories.EvidenceFactory(claim=claim, summary="Other.")
    mine = opened(client, rita, claim, **{"evidence-0-summary": "Mine."})
    mine = with_new(mine, claim, factories.SourceFactory(), "New.")
    theirs = opened(client, edda, claim, **{"evidence-0-summary": "Theirs."})
    theirs |= {"evidence-0-locator": ["p. 2"], "evidence-1-summary": ["Changed by them."]}
    client.post(url(claim), theirs)
    client.force_login(rita)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    (conflict,) = answer.context["conflicts"]
    assert conflict.title.startswith("Evidence: ")
    assert {cell.name: cell.chosen for cell in conflict.cells} == {
        "evidence-0-summary": "", "evidence-0-locator": "theirs",
    }  # fmt: skip
    assert summaries() == ["Changed by them.", "Theirs."]
    saved = client.post(url(claim), form_on(answer, **{"_choice:evidence-0-summary": "mine"}))
    assert saved.status_code == 302
    assert summaries() == ["Changed by them.", "Mine.", "New."]
    old.refresh_from_db()
    other.refresh_from_db()
    assert (old.locator, other.summary) == ("p. 2", "Changed by them.")


def test_a_row_deleted_meanwhile_is_left_or_added_anew(client, rita, edda, claim):
    gone = factories.EvidenceFactory(claim=claim, summary="Old.", locator="p. 1")
    factories.EvidenceFactory(claim=claim, summary="Stays.")
    mine = opened(client, rita, claim, **{"evidence-0-summary": "Mine."})
    client.post(url(claim), opened(client, edda, claim, **{"evidence-0-DELETE": "on"}))
    assert not Evidence.objects.filter(pk=gone.pk).exists()
    client.force_login(rita)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    assert "Deleted by edda" in text_of(answer)
    unsaid = client.post(url(claim), form_on(answer))
    assert unsaid.status_code == 409
    row = "_choice:evidence-0-_row"
    assert client.post(url(claim), form_on(unsaid, **{row: "theirs"})).status_code == 302
    assert summaries() == ["Stays."]
    saved = client.post(url(claim), form_on(answer, **{row: "anew"}))
    assert saved.status_code == 302
    assert summaries() == ["Mine.", "Stays."]
    assert Evidence.objects.get(summary="Mine.").locator == "p. 1"


@pytest.mark.parametrize("also", [{}, {"evidence-0-DELETE": "on"}])
def test_a_row_deleted_meanwhile_in_which_nothing_was_typed_is_told(
    client, rita, edda, claim, also
):
    factories.EvidenceFactory(claim=claim, summary="Old.", source__title="A minute")
    mine = opened(client, rita, claim, context="Mine.", **also)
    client.post(url(claim), opened(client, edda, claim, **{"evidence-0-DELETE": "on"}))
    client.force_login(rita)

    answer = client.post(url(claim), mine, follow=True)

    assert "A minute" in messages(answer)
    assert "has been deleted or moved by edda" in messages(answer)
    assert Claim.objects.get().context == "Mine."


@pytest.mark.parametrize(("choice", "left"), [("theirs", ["Theirs."]), ("delete", [])])
def test_what_one_changes_while_another_deletes_it(client, rita, edda, claim, choice, left):
    factories.EvidenceFactory(claim=claim, summary="Old.")
    mine = opened(client, rita, claim, **{"evidence-0-DELETE": "on"})
    client.post(url(claim), opened(client, edda, claim, **{"evidence-0-summary": "Theirs."}))
    client.force_login(rita)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    client.post(url(claim), form_on(answer, **{"_choice:evidence-0-_row": choice}))
    assert summaries() == left


def test_a_row_published_meanwhile_is_left_or_copied(client, rita, edda, claim):
    factories.EvidenceFactory(claim=claim, summary="Old.")
    mine = opened(client, rita, claim, **{"evidence-0-summary": "Mine."})
    claim.publish(by=edda)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    assert "not yours to change any more" in text_of(answer)
    row = {"_choice:evidence-0-_row": "anew"}
    errors = client.post(url(claim), form_on(answer, **row))
    assert errors.status_code == 200  # once for a source and place: beside the field, as ever
    again = form_on(errors, "claim_form", **{"evidence-1-locator": "p. 9"})
    assert client.post(url(claim), again).status_code == 302
    assert summaries() == ["Mine.", "Old."]


def test_a_claim_published_meanwhile_takes_rows_and_hands_back_the_rest(client, rita, edda, claim):
    mine = opened(client, rita, claim, text="Mine.")
    mine = with_new(mine, claim, factories.SourceFactory(), "New.")
    claim.publish(by=edda)

    answer = client.post(url(claim), mine)

    assert answer.status_code == 409
    assert "Mine." in text_of(answer)
    assert client.post(url(claim), form_on(answer)).status_code == 302
    assert summaries() == ["New."]
    assert Claim.objects.get().text == "As found."


def test_a_verdict_submitted_meanwhile_hands_back_what_was_typed(client, rita, edda):
    verdict = factories.VerdictFactory(author=rita)
    mine = opened(client, edda, verdict, rationale="What I typed.")
    verdict.submit(by=rita)

    answer = client.post(url(verdict), mine)

    assert answer.status_code == 409
    assert "What I typed." in text_of(answer)
    assert "Save the merged version" not in answer.content.decode()
    assert (
        client.post(url(verdict), opened(client, rita, factories.ClaimFactory())).status_code == 403
    )


# --- A page whose row is gone ---


def test_what_was_typed_into_a_row_that_is_gone_is_added_anew(client, rita, edda):
    speaker = factories.SpeakerFactory(name="Old")
    label = SpeakerName.objects.create(speaker=speaker, name="MR. OLD")
    mine = opened(client, rita, speaker, description="A description.")
    client.force_login(edda)
    client.post(url(speaker, "delete"), {"post": "yes"})
    assert not Speaker.objects.exists()
    client.force_login(rita)

    answer = client.post(url(speaker), mine)

    assert answer.status_code == 409
    assert "A description." in text_of(answer)
    assert label.name in text_of(answer)
    add = reverse("admin:sources_speaker_add")
    assert client.post(add, form_on(answer, _save="1")).status_code == 302
    anew = Speaker.objects.get()
    assert anew.description == "A description."
    assert [name.name for name in anew.names.all()] == ["MR. OLD"]


# --- Steps ---


def test_no_step_is_taken_from_a_page_that_is_out_of_date(client, rita, edda, claim):
    mine = opened(client, edda, claim, text="Mine.", _step="publish")
    client.post(url(claim), opened(client, rita, claim, text="Theirs."))
    client.force_login(edda)

    assert client.post(url(claim), mine).status_code == 409
    assert not Claim.objects.get().is_published


def test_no_button_works_on_what_has_changed_since(client, rita, edda, claim):
    seen = {"_seen": claim.history.get().pk}
    client.post(url(claim), opened(client, rita, claim, text="Theirs."))
    client.force_login(edda)

    answer = client.post(url(claim, "step", "publish"), seen, follow=True)

    assert "saved this since you opened it" in messages(answer)
    assert not Claim.objects.get().is_published
    client.post(url(claim, "step", "publish"), {"_seen": claim.history.latest().pk})
    assert Claim.objects.get().is_published


# --- What it costs ---


def test_comparing_costs_the_same_for_many_rows(client, rita, claim):
    factories.EvidenceFactory(claim=claim)
    client.force_login(rita)
    client.get(url(claim))
    before = len(count_queries(client, url(claim)))
    factories.EvidenceFactory.create_batch(12, claim=claim)

    assert len(count_queries(client, url(claim))) == before
