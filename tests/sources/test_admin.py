"""The desk's side of the record: the upload form, what can be read only, and what is quoted."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sources.extraction import MAX_BYTES
from sources.models import Passage, Snapshot, Source, SpeakerName, Turn
from tests import factories

pytestmark = pytest.mark.django_db

IMPORT = reverse("admin:sources_source_import")


@pytest.fixture
def researcher():
    return factories.researcher(username="rita")


def url(row, view="change", *args):
    return reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk, *args]
    )


def upload(client, user, text=factories.TRANSCRIPT, **given):
    client.force_login(user)
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("briefing.txt", data), **given})


# --- Import ---


def test_an_uploaded_transcript_is_imported_and_told(client, researcher):
    doe = factories.SpeakerFactory(name="Jane Doe")
    SpeakerName.objects.create(speaker=doe, name="SECRETARY DOE")

    html = upload(client, researcher, language="en", rendition="original").content.decode()

    source = Source.objects.get()
    assert (source.title, source.language) == ("Remarks on the Alliance", "en")
    assert source.history.get().history_user == researcher
    assert Turn.objects.filter(speaker=doe).count() == 2
    assert "Imported" in html
    assert "3 turns" in html
    assert "Jane Doe" in html
    assert "QUESTION" in html
    assert url(Snapshot.objects.get()) in html


def test_the_same_file_again_changes_nothing_and_says_so(client, researcher):
    upload(client, researcher)

    html = upload(client, researcher).content.decode()

    assert "Nothing changed" in html
    assert Snapshot.objects.count() == 1


def test_another_wording_of_a_known_source_is_its_next_edition(client, researcher):
    upload(client, researcher)

    text = factories.TRANSCRIPT.replace("Nobody did", "Somebody did")
    upload(client, researcher, text, source=Source.objects.get().pk)

    assert [snapshot.edition for snapshot in Snapshot.objects.order_by("edition")] == [1, 2]


def test_a_check_writes_nothing_and_shows_all(client, researcher):
    html = upload(client, researcher, check_only="on").content.decode()

    assert "nothing written" in html
    assert "3 turns" in html
    assert "QUESTION" in html
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("data", "given", "field"),
    [
        (b"\xff\xfe\x00", {}, "file"),
        (b"", {}, "file"),
        (b"Nobody speaks here.", {}, "file"),
        (b"x" * (MAX_BYTES + 1), {}, "file"),
        (factories.TRANSCRIPT, {"language": "no such tag!"}, "language"),
        (factories.TRANSCRIPT, {"url": "javascript:alert(1)"}, "url"),
        (factories.TRANSCRIPT, {"source": "999"}, "source"),
        (factories.TRANSCRIPT, {"rendition": "hearsay"}, "rendition"),
    ],
)
def test_what_cannot_be_imported_is_an_error_beside_its_field(
    client, researcher, data, given, field
):
    response = upload(client, researcher, data, **given)

    assert list(response.context["form"].errors) == [field]
    assert not Source.objects.exists()


def test_import_is_for_who_may_add_to_the_record(client, researcher):
    client.force_login(factories.UserFactory(role="administrator"))
    assert client.get(IMPORT).status_code == 403
    assert IMPORT not in client.get(reverse("admin:sources_source_changelist")).content.decode()
    client.force_login(researcher)
    assert client.get(IMPORT).status_code == 200
    assert IMPORT in client.get(reverse("admin:sources_source_changelist")).content.decode()


# --- Snapshots, turns, passages ---


def test_a_snapshot_is_to_read(client, admin_client):
    snapshot = factories.transcript()

    html = admin_client.get(url(snapshot)).content.decode()

    assert "Did anybody ask?" in html
    assert f"?snapshot={snapshot.pk}" in html
    assert "View on site" not in html
    assert admin_client.get(reverse("admin:sources_snapshot_add")).status_code == 403
    assert admin_client.post(url(snapshot), {}).status_code == 403
    assert admin_client.post(url(snapshot, "delete"), {"post": "yes"}).status_code == 403
    listed = admin_client.get(reverse("admin:sources_snapshot_changelist"))
    assert "delete_selected" not in listed.content.decode()


def test_labels_are_resolved_anew_after_a_speaker_was_named(client, researcher):
    snapshot = factories.transcript()
    client.force_login(researcher)
    doe = factories.SpeakerFactory()
    SpeakerName.objects.create(speaker=doe, name="SECRETARY DOE")
    assert "Resolve labels anew" in client.get(url(snapshot)).content.decode()

    page = client.post(url(snapshot, "step", "resolve"), follow=True)

    assert "now has that speaker" in page.content.decode()
    assert Turn.objects.filter(speaker=doe).count() == 2
    page = client.post(url(snapshot, "step", "resolve"), follow=True)
    assert "nothing left to do" in page.content.decode()


def test_a_researcher_says_who_speaks_and_moves_no_words(client, researcher):
    factories.transcript()
    turn, doe = Turn.objects.first(), factories.SpeakerFactory()
    client.force_login(researcher)
    assert "Moscow claims" in client.get(url(turn)).content.decode()

    client.post(url(turn), {"speaker": doe.pk, "role": "statement", "start": 0, "label": "X"})

    changed = Turn.objects.get(pk=turn.pk)
    assert changed.speaker == doe
    assert (changed.start, changed.label) == (turn.start, "SECRETARY DOE")
    assert "rita" in client.get(url(turn, "history")).content.decode()
    assert client.get(reverse("admin:sources_turn_add")).status_code == 403


def test_a_passage_is_quoted_and_then_stays(client, researcher):
    snapshot = factories.transcript()
    client.force_login(researcher)
    add = reverse("admin:sources_passage_add")

    client.post(add, {"snapshot": snapshot.pk, "quotation": "Did anybody ask?"})
    client.post(add, {"snapshot": snapshot.pk, "quotation": "Did anybody ask?"})
    refused = client.post(add, {"snapshot": snapshot.pk, "quotation": "Did everybody ask?"})
    empty = client.post(add, {})

    passage = Passage.objects.get()
    assert passage.turn.role == "question"
    assert "does not read" in str(refused.context["errors"])
    assert "Quote the words" in str(empty.context["errors"])
    assert "Did anybody ask?" in client.get(url(passage)).content.decode()
    assert client.post(url(passage), {}).status_code == 403


# --- Sources and speakers ---


def source_form(source, **changes):
    names = ("title", "slug", "kind", "date", "date_precision", "language", "rendition", "primacy")
    rows = {"glossary-TOTAL_FORMS": 0, "glossary-INITIAL_FORMS": 0}
    return {name: getattr(source, name) for name in names} | rows | changes


def test_a_source_is_not_derived_from_what_is_derived_from_it(client, researcher):
    origin = factories.SourceFactory()
    middle = factories.SourceFactory(derived_from=origin, derivation="report")
    last = factories.SourceFactory(derived_from=middle, derivation="report")
    client.force_login(researcher)

    given = source_form(origin, derived_from=last.pk, derivation="report")
    response = client.post(url(origin), given)

    assert "itself derived from this one" in str(response.context["errors"])


def test_a_source_without_precision_of_its_date_is_a_form_error(client, researcher):
    source = factories.SourceFactory()
    client.force_login(researcher)

    response = client.post(url(source), source_form(source, date_precision=""))

    assert "date and its precision together" in str(response.context["errors"])


def test_a_public_source_is_an_editors_to_change(client, researcher):
    source = factories.EvidenceFactory().source
    factories.published(source.evidence.get().claim)
    client.force_login(researcher)
    assert client.post(url(source), source_form(source, title="Else")).status_code == 403

    client.force_login(factories.editor())
    client.post(url(source), source_form(source, title="Else"))
    assert Source.objects.get().title == "Else"


def test_another_label_of_a_public_speaker_is_an_editors_to_add(client, researcher):
    speaker = factories.AppearanceFactory().claimant
    factories.published(speaker.appearances.get().claim)
    given = {"name": speaker.name, "kind": "person"}
    given |= {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "names-0-name": "MR. DOE"}
    client.force_login(researcher)
    assert client.post(url(speaker), given).status_code == 403
    assert not speaker.names.exists()

    client.force_login(factories.editor())
    client.post(url(speaker), given)
    assert [name.name for name in speaker.names.all()] == ["MR. DOE"]


def test_one_label_twice_for_a_speaker_is_a_form_error(client, researcher):
    name = SpeakerName.objects.create(speaker=factories.SpeakerFactory(), name="MR. DOE")
    client.force_login(researcher)
    given = {"name": "Doe", "slug": name.speaker.slug, "kind": "person"}
    given |= {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "names-0-name": "MR. DOE"}

    response = client.post(url(name.speaker), given)

    assert "already exists" in str(response.context["errors"])


def test_a_source_with_editions_is_not_deleted(client, admin_client):
    snapshot = factories.transcript()

    page = admin_client.post(url(snapshot.source, "delete"), {"post": "yes"})

    assert page.context["protected"]
    assert Source.objects.filter(pk=snapshot.source_id).exists()
