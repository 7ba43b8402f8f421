"""The desk's search of claims: by the full-text index, drafts included."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
