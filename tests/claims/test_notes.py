"""The desk's notes: who is told, who finishes and takes back, and the conversation on a page."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from claims.models import Note
from tests import factories
from tests.claims.test_admin import count_queries, messages, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.researcher(username="rita", first_name="Rita", last_name="Reader")


@pytest.fixture
def sam():
    return factories.researcher(username="sam")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


def write(client, on, body, **sent):
    address = reverse("admin:claims_note_write", args=[on._meta.model_name, on.pk])
    return client.post(address, {"body": body, **sent}, follow=True)


# --- The model ---


def test_who_is_named_is_told_whatever_stands_around(rita, sam, edda):
    factories.UserFactory(username="guest", is_staff=False)
    factories.UserFactory(username="gone", is_active=False)
    body = "@sam, see (@edda). Mail a@rita.example; @guest @gone @nobody @sam."

    note = Note.write(on=factories.ClaimFactory(), body=body, by=rita)

    assert {person.username for person in note.mentions.all()} == {"sam", "edda"}
    assert note.names_of_nobody() == ["guest", "gone", "nobody"]


def test_a_note_takes_the_permission_and_words(rita):
    claim = factories.ClaimFactory()

    with pytest.raises(PermissionDenied):
        Note.write(on=claim, body="Look.", by=factories.UserFactory())
    with pytest.raises(ValidationError):
        Note.write(on=claim, body="", by=rita)
    assert not Note.objects.exists()


def test_what_was_said_stays_said(rita):
    note = factories.NoteFactory(author=rita)
    note.body = "Something else."

    with pytest.raises(ValidationError, match="write another"):
        note.save()


def test_who_may_not_write_finishes_nothing():
    note = factories.NoteFactory()

    with pytest.raises(PermissionDenied):
        note.finish(by=factories.UserFactory())
    note.refresh_from_db()
    assert note.done_at is None


# --- The conversation ---


def test_a_note_on_a_claim_is_written_and_read_on_its_page(client, rita, sam):
    claim = factories.ClaimFactory()
    client.force_login(rita)

    answer = write(client, claim, "The date is to be checked, @sam.")

    assert answer.redirect_chain == [(f"{url(claim)}#notes", 302)]
    assert "Noted, and told sam." in messages(answer)
    page = answer.content.decode()
    section = page.partition('id="notes"')[2].partition("</section>")[0]
    assert "The date is to be checked, @sam." in section
    assert "told sam" in section
    assert "Notes (1 open)" in page
    # Outside of the claim's own form, which a form in it would end.
    assert page.index("</form></div>", page.index('id="claim_form"')) < page.index('id="notes"')


def test_a_name_of_nobody_is_told_and_the_note_is_kept(client, rita):
    claim = factories.ClaimFactory()
    client.force_login(rita)

    answer = write(client, claim, "@Rta and @edda, look.")

    assert "Nobody at the desk is called @Rta, @edda" in messages(answer)
    assert Note.objects.get().body == "@Rta and @edda, look."


def test_who_is_ticked_is_told_and_stands_in_the_note(client, rita, sam, edda):
    claim = factories.ClaimFactory()
    client.force_login(rita)

    write(client, claim, "Look, @sam.", tell=["sam", "edda"])

    note = Note.objects.get()
    assert note.body == "Look, @sam.\n\n@edda"
    assert {person.username for person in note.mentions.all()} == {"sam", "edda"}


@pytest.mark.parametrize("sent", [{"body": " "}, {"body": "Look.", "tell": ["nobody"]}])
def test_a_refused_note_is_shown_again_with_its_words(client, rita, sam, sent):
    claim = factories.ClaimFactory()
    client.force_login(rita)

    answer = write(client, claim, **sent)

    page = answer.content.decode()
    assert "Nothing was noted" in page
    assert sent["body"].strip() in page
    assert 'class="errorlist' in page
    assert not Note.objects.exists()


def test_notes_on_a_verdict_and_at_a_passage_lead_to_their_conversations(client, rita):
    verdict, passage = factories.VerdictFactory(), factories.passage()
    client.force_login(rita)

    on_verdict = write(client, verdict, "Look.")
    at_passage = write(client, passage, "Look.")

    assert on_verdict.redirect_chain[0][0] == f"{url(verdict)}#notes"
    annotate = reverse("admin:annotate", args=[passage.snapshot_id])
    assert at_passage.redirect_chain[0][0] == f"{annotate}#{passage.anchor}"
    assert client.get(reverse("admin:claims_note_changelist")).content.decode().count(annotate)


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/admin/claims/note/", "/admin/claims/note/"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_the_way_back_stays_within_the_site(client, rita, asked, lands):
    claim = factories.ClaimFactory()
    client.force_login(rita)

    answer = write(client, claim, "Look.", next=asked)

    assert answer.redirect_chain[0][0] == (lands or f"{url(claim)}#notes")


def test_a_note_is_done_and_opened_again_by_any_colleague(client, rita, sam):
    note = factories.NoteFactory(author=rita)
    client.force_login(sam)
    finish = reverse("admin:claims_note_finish", args=[note.pk])

    answer = client.post(finish, {"done": "1"}, follow=True)

    note.refresh_from_db()
    assert note.done_by == sam
    assert "Open again" in answer.content.decode()
    assert "Notes (0 open)" in answer.content.decode()
    client.post(finish)
    note.refresh_from_db()
    assert (note.done_at, note.done_by) == (None, None)


@pytest.mark.parametrize(("who", "gone"), [("rita", True), ("edda", True), ("sam", False)])
def test_who_takes_a_note_back(client, rita, sam, edda, who, gone):
    note = factories.NoteFactory(author=rita)
    client.force_login({"rita": rita, "sam": sam, "edda": edda}[who])
    page = client.get(url(note.claim)).content.decode()

    answer = client.post(reverse("admin:claims_note_take_back", args=[note.pk]))

    assert answer.status_code == (302 if gone else 403)
    assert Note.objects.exists() is not gone
    assert ("Delete it for good" in page) is gone


@pytest.mark.parametrize("view", ["write", "finish", "take_back"])
def test_notes_are_not_for_who_has_no_right_to_them(client, view):
    note = factories.NoteFactory()
    args = ["claim", note.claim_id] if view == "write" else [note.pk]
    address = reverse(f"admin:claims_note_{view}", args=args)
    client.force_login(factories.UserFactory(role="administrator"))

    assert client.get(address).status_code == 405
    assert client.post(address, {"body": "Look."}).status_code == 403
    assert Note.objects.get().done_at is None


def test_administrators_read_notes_and_write_none(client):
    note = factories.NoteFactory(body="To be checked.")
    client.force_login(factories.UserFactory(role="administrator"))

    page = client.get(url(note.claim)).content.decode()

    assert "To be checked." in page
    assert "Add note" not in page
    assert "Mark done" not in page


def test_who_may_not_read_notes_sees_none(client):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="view_claim"))
    note = factories.NoteFactory()
    client.force_login(user)

    page = client.get(url(note.claim)).content.decode()

    assert 'id="notes"' not in page
    assert note.body not in page


@pytest.mark.parametrize(("kind", "pk"), [("claim", 999), ("user", 1)])
def test_there_is_no_note_on_what_is_not_there(client, rita, kind, pk):
    client.force_login(rita)

    answer = client.post(reverse("admin:claims_note_write", args=[kind, pk]), {"body": "Look."})

    assert answer.status_code == 404


def test_claim_page_costs_the_same_with_one_note_and_with_thirty(client, rita, sam):
    claim = factories.ClaimFactory()
    client.force_login(rita)
    Note.write(on=claim, body="@sam, look.", by=rita)
    client.get(url(claim))
    before = len(count_queries(client, url(claim)))

    for _ in range(29):
        Note.write(on=claim, body="@rita @sam, look.", by=factories.researcher()).finish(by=sam)

    assert len(count_queries(client, url(claim))) == before


def test_a_flood_of_signs_names_nobody_and_costs_no_time():
    assert Note(body="@." * 200_000).mentioned() == []
    assert Note(body="See @anna.b. and @carl@home.").mentioned() == ["anna.b", "carl@home"]


def test_the_title_of_a_claim_is_for_who_may_read_claims(client):
    claim = factories.ClaimFactory()
    person = factories.UserFactory()
    person.user_permissions.add(Permission.objects.get(codename="add_note"))
    client.force_login(person)
    answer = client.post(reverse("admin:claims_note_write", args=["claim", claim.pk]), {"body": ""})
    assert answer.status_code == 403
