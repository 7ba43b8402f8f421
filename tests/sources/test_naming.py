"""Saying who speaks: the labels of a transcript, on one page."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sources.models import Speaker, SpeakerName
from tests import factories

pytestmark = pytest.mark.django_db

TEXT = """Remarks

MS. ROE: Good afternoon to you all.

QUESTION: Did anybody promise it?

MS. ROE: Nobody did.

ROE: I said so.
"""


@pytest.fixture
def researcher():
    return factories.researcher()


@pytest.fixture
def snapshot():
    return factories.transcript(text=TEXT)


def page(snapshot):
    return reverse("admin:sources_snapshot_speakers", args=[snapshot.pk])


def speakers(snapshot):
    turns = snapshot.turns.order_by("position").values_list("label", "speaker__name")
    return list(turns)


def sent(snapshot, **labels):
    """What the page sends for the labels given, by the position of their first turn."""
    data = {}
    for turn in snapshot.turns.order_by("-position"):
        data[f"label-{turn.position}-kind"] = "person"
    for position, fields in labels.items():
        for name, value in fields.items():
            data[f"label-{position[1:]}-{name}"] = value
    return data


def test_a_label_is_named_in_all_its_turns_and_remembered(researcher, snapshot):
    roe = factories.SpeakerFactory(name="Jane Roe")

    assert snapshot.name_label("MS. ROE", speaker=roe, by=researcher) == 2

    assert speakers(snapshot) == [
        ("MS. ROE", "Jane Roe"),
        ("QUESTION", None),
        ("MS. ROE", "Jane Roe"),
        ("ROE", None),
    ]
    assert SpeakerName.objects.resolve({"MS. ROE"}) == {"MS. ROE": roe.pk}
    entry = snapshot.turns.first().history.first()
    assert entry.history_user == researcher


def test_for_this_transcript_alone_nothing_is_remembered(researcher, snapshot):
    roe = factories.SpeakerFactory()
    assert snapshot.name_label("MS. ROE", speaker=roe, by=researcher, remember=False) == 2
    assert not SpeakerName.objects.exists()


@pytest.mark.parametrize("remember", [True, False])
def test_a_label_that_anybody_may_bear_names_nobody(researcher, snapshot, remember):
    someone = factories.SpeakerFactory()
    with pytest.raises(ValidationError, match="turn by turn"):
        snapshot.name_label("QUESTION", speaker=someone, by=researcher, remember=remember)
    assert not SpeakerName.objects.exists()
    assert {name for _, name in speakers(snapshot)} == {None}


def test_what_else_a_public_speaker_is_printed_as_is_an_editors_to_say(researcher, snapshot):
    roe = factories.AppearanceFactory().claimant
    factories.published(roe.appearances.get().claim)
    roe.refresh_from_db()
    with pytest.raises(PermissionDenied, match="for an editor to say"):
        snapshot.name_label("MS. ROE", speaker=roe, by=researcher)
    assert snapshot.name_label("MS. ROE", speaker=roe, by=researcher, remember=False) == 2
    assert snapshot.name_label("ROE", speaker=roe, by=factories.editor()) == 1


def test_who_speaks_in_a_public_transcript_is_an_editors_to_say(client, researcher, snapshot):
    quoted = factories.passage(snapshot, "Nobody did.")
    factories.published(factories.AppearanceFactory(passage=quoted).claim)
    snapshot.refresh_from_db()
    with pytest.raises(PermissionDenied):
        snapshot.name_label("ROE", speaker=factories.SpeakerFactory(), by=researcher)
    client.force_login(researcher)
    assert client.get(page(snapshot)).status_code == 403


def test_one_page_names_them_all(client, researcher, snapshot):
    client.force_login(researcher)
    shown = client.get(page(snapshot))
    assert [form.label for form in shown.context["labels"]] == ["MS. ROE", "ROE"]
    assert "Good afternoon to you all." in shown.content.decode()

    data = sent(
        snapshot,
        p1={"name": "Jane Roe", "remember": "on"},
        p4={"name": "Jane Roe", "remember": "on"},
    )
    answer = client.post(page(snapshot), data, follow=True)

    assert [str(told) for told in answer.context["messages"]] == ["3 turns now say who speaks."]
    roe = Speaker.objects.get()
    assert (roe.name, roe.slug, roe.is_published) == ("Jane Roe", "jane-roe", False)
    assert {row.name for row in roe.names.all()} == {"MS. ROE", "ROE"}
    assert [name for _, name in speakers(snapshot)] == ["Jane Roe", None, "Jane Roe", "Jane Roe"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "Jane Roe", "speaker": "other"}, "not both"),
        ({"name": "Other"}, "The desk has a speaker of that name"),
        ({"name": "a\x07b"}, "control character"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_saved(
    client, researcher, snapshot, fields, told
):
    other = factories.SpeakerFactory(name="Other", slug="other")
    client.force_login(researcher)
    if "speaker" in fields:
        fields = fields | {"speaker": other.pk}
    data = sent(snapshot, p1={"name": "Ms Roe"}, p4=fields)

    answer = client.post(page(snapshot), data)

    assert answer.status_code == 200
    form = next(form for form in answer.context["labels"] if form.label == "ROE")
    assert told in str(form.errors["name"])
    assert Speaker.objects.get() == other
    assert {name for _, name in speakers(snapshot)} == {None}


def test_the_page_costs_the_same_with_few_turns_and_with_many(
    client, researcher, snapshot, django_assert_num_queries
):
    many = "".join(f"SPEAKER {chr(65 + n)}: These are the words.\n\n" for n in range(20))
    client.force_login(researcher)
    client.get(page(snapshot))
    for one in (snapshot, factories.transcript(text=f"Remarks\n\n{many}")):
        with django_assert_num_queries(6):
            client.get(page(one))


def test_an_import_leads_to_it_and_says_what_it_did_not_take_over(client, researcher):
    client.force_login(researcher)

    def upload(**fields):
        file = SimpleUploadedFile("remarks.txt", TEXT.encode())
        address = reverse("admin:sources_source_import")
        return client.post(address, {"file": file, **fields}).content.decode()

    assert "Say who speaks" in upload()
    again = upload(title="Another title")
    assert "was not taken over" in again
    assert "Another title" not in again.split("<form")[0]
