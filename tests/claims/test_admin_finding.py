"""The desk's search by words: by the full-text index, drafts included."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.admin.finding import FindsByWords
from claims.search.full_text import KINDS
from sources.models import SpeakerName
from tests import factories

pytestmark = pytest.mark.django_db

PUBLIC = "The Alliance promised not to expand."
DRAFT = "The Alliance expanded five times."


@pytest.fixture
def desk(client):
    factories.published(factories.ClaimFactory(slug="first-claim", text=PUBLIC))
    factories.ClaimFactory(slug="second-claim", text=DRAFT)
    factories.ClaimFactory(text="Something else.")
    client.force_login(factories.researcher())
    return client


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("alliance", {PUBLIC, DRAFT}),
        ("alliance promises", {PUBLIC}),
        ("expanding -promised", {DRAFT}),
        ('"not to expand"', {PUBLIC}),
        ("ALLIA", {PUBLIC, DRAFT}),  # as somebody types
        ("alli promised", set()),  # only the last word may be unfinished
        ("second-cl", {DRAFT}),
        ("xyzzy", set()),
        ("-alliance", set()),
        ('"', set()),
        ("alliance*", {PUBLIC, DRAFT}),
        ("a" * 5000, set()),
    ],
)
def test_what_the_list_finds(desk, typed, texts):
    response = desk.get("/admin/claims/claim/", {"q": typed})
    assert response.status_code == 200
    assert {row.text for row in response.context["cl"].queryset} == texts


def test_what_a_field_finds_that_completes(desk):
    parameters = {
        "app_label": "claims",
        "model_name": "claim",
        "field_name": "part_of",
        "term": "alliance exp",
    }
    found = desk.get("/admin/autocomplete/", parameters).json()["results"]
    assert {row["text"] for row in found} == {PUBLIC, DRAFT}


def test_it_takes_no_query_of_its_own(desk):
    def queries(typed):
        with CaptureQueriesContext(connection) as captured:
            desk.get("/admin/claims/claim/", {"q": typed})
        return len(captured)

    queries("alliance")  # what a first page reads besides
    assert queries("alliance") == queries("five")
    for number in range(20):
        factories.ClaimFactory(text=f"The Alliance, number {number}.")
    assert queries("alliance") == queries("five")


# --- What the other kinds are found by ---


@pytest.fixture
def record(client):
    """A draft of each kind, and another that nothing asked for finds."""
    source = factories.SourceFactory(
        slug="memo-1990",
        title="The 50% memorandum of Brüssel",
        authors="Doe, Jane",
        publisher="Harbour Press",
        url="https://archive.example/Records/memo?id=7",
    )
    factories.SourceFactory(slug="other-source", title="Other", url="https://other.example/")
    speaker = factories.SpeakerFactory(
        slug="jane-doe", name="Jane Doe", description="Warden of harbours", wikidata_id="Q4711"
    )
    SpeakerName.objects.create(speaker=speaker, name="SECRETARY DOE")
    factories.SpeakerFactory(slug="nobody", name="Nobody", wikidata_id="Q99")
    factories.TopicFactory(slug="naval", name="Harbours", description="Ships and their wardens")
    factories.TopicFactory(slug="other-topic", name="Other", description="")
    snapshot = factories.transcript(slug="remarks", title="Remarks at a harbour")
    factories.passage(snapshot)
    factories.passage(factories.transcript(slug="elsewhere", title="Other"), "as far as I know")
    client.force_login(factories.researcher())
    return SimpleNamespace(source=source, speaker=speaker)


FINDS = [
    ("sources/source", "memorandum", ["memo-1990"]),
    ("sources/source", "MEMORANDUMS brussel", ["memo-1990"]),
    ("sources/source", "memor", ["memo-1990"]),
    ("sources/source", "memor brüssel", []),  # only the last word may be unfinished
    ("sources/source", "jane doe", ["memo-1990"]),
    ("sources/source", "harbour press", ["memo-1990"]),
    ("sources/source", "memorandum -press", []),
    ("sources/source", "memo-19", ["memo-1990"]),
    ("sources/source", "emo-1", ["memo-1990"]),
    ("sources/source", "https://archive.example/records/memo?id=7", ["memo-1990"]),
    ("sources/source", "example/rec", ["memo-1990"]),
    ("sources/source", "%", []),
    ("sources/source", "_", []),
    ("sources/source", "memo_1990", []),
    ("sources/source", "xyzzy", []),
    ("sources/speaker", "jane", ["jane-doe"]),
    ("sources/speaker", "secretary", ["jane-doe"]),
    ("sources/speaker", "wardens harbour", ["jane-doe"]),
    ("sources/speaker", "jane-d", ["jane-doe"]),
    ("sources/speaker", "Q4711", ["jane-doe"]),
    ("sources/speaker", "q47", ["jane-doe"]),
    ("sources/speaker", "doe -secretary", []),
    ("claims/topic", "harbour", ["naval"]),
    ("claims/topic", "ship", ["naval"]),
    ("claims/topic", "nav", ["naval"]),
    ("sources/passage", "promises growing", ["promised not to grow"]),
    ("sources/passage", '"promised not to gr"', []),
    ("sources/passage", '"promised not"', ["promised not to grow"]),
    ("sources/passage", "remarks harb", ["promised not to grow"]),  # by its source
    ("sources/passage", "remar", ["promised not to grow"]),
    ("sources/passage", "know", ["as far as I know"]),
]


@pytest.mark.parametrize(("kind", "typed", "found"), FINDS)
def test_what_the_lists_of_other_kinds_find(client, record, kind, typed, found):
    response = client.get(f"/admin/{kind}/", {"q": typed})
    assert response.status_code == 200
    rows = response.context["cl"].queryset
    assert [getattr(row, "slug", None) or row.exact for row in rows] == found


@pytest.mark.parametrize(
    ("field", "typed", "found"),
    [
        ("evidence.source", "memorandum brü", ["memo-1990"]),
        ("evidence.source", "memo-19", ["memo-1990"]),
        ("evidence.passage", "promised not to gr", ["promised not to grow"]),
        ("appearance.claimant", "secret", ["jane-doe"]),
        ("appearance.claimant", "Q4711", ["jane-doe"]),
        ("claim.topics", "harb", ["naval"]),
    ],
)
def test_what_fields_find_as_somebody_types(client, record, field, typed, found):
    model, field = field.split(".")
    asked = {"app_label": "claims", "model_name": model, "field_name": field, "term": typed}
    results = client.get("/admin/autocomplete/", asked).json()["results"]
    rows = apps.get_model("claims", model)._meta.get_field(field).related_model.objects
    shown = [rows.get(pk=row["id"]) for row in results]
    assert [getattr(row, "slug", None) or row.exact for row in shown] == found


@pytest.mark.parametrize("kind", ["claims/claim", *dict.fromkeys(kind for kind, *_ in FINDS)])
def test_whatever_is_typed_is_answered(client, record, kind):
    for typed in (
        "ж" * 5_000,
        "a " * 2_500,
        '"' * 5_000,
        "\\%_" * 1_250,
        "a\0b",
        "-a* OR (",
        "ж" * 60_000,
    ):
        assert client.get(f"/admin/{kind}/", {"q": typed}).status_code == 200
    finding = admin.site._registry[apps.get_model(kind.replace("/", "."))]
    # What a page cannot be asked, and an autocomplete can.
    for typed in ("\0", "a\0b", "\ud800", "ж" * 60_000):
        list(finding.get_search_results(None, finding.model.objects.all(), typed)[0])


def test_each_indexed_kind_is_found_by_the_index():
    indexed = {
        row.indexed_as: row.model._meta.label
        for row in admin.site._registry.values()
        if isinstance(row, FindsByWords)
    }
    assert indexed == {
        "claims": "claims.Claim",
        "passages": "sources.Passage",
        "sources": "sources.Source",
        "speakers": "sources.Speaker",
        "topics": "claims.Topic",
    }
    assert set(indexed) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "n"),
    [("sources/source", 10), ("sources/speaker", 7), ("sources/passage", 7), ("claims/topic", 7)],
)
def test_to_find_takes_no_query_of_its_own(client, record, kind, n):
    client.get(f"/admin/{kind}/")  # what a first page reads besides
    for asked in ({}, {"q": "harbour"}):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/admin/{kind}/", asked)
        assert len(captured) == n
