"""Why a claim was selected: said when it is made, by whoever makes it, and public with it."""

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from claims.interchange.recreating import recreate
from claims.models import Claim, WhySelected
from claims.models.splitting import Part
from tests.claims.reading import page, text
from tests.factories import (
    ClaimFactory,
    editor,
    passage,
    published,
    researcher,
)

pytestmark = pytest.mark.django_db

BEFORE = WhySelected.NOT_RECORDED


def old_claim():
    """A claim from before the desk had to say why."""
    claim = ClaimFactory()
    Claim.objects.filter(pk=claim.pk).update(selection=BEFORE)
    claim.refresh_from_db()
    return claim


@pytest.mark.parametrize(
    "given", [{"selection": ""}, {"selection": "whim"}, {"selection": "other"}]
)
def test_the_database_wants_a_reason_and_words_for_another_one(given):
    refused = r"claims_claim_(selection_known|other_selection_in_words)"
    with pytest.raises(IntegrityError, match=refused), transaction.atomic():
        ClaimFactory(**given)
    with pytest.raises(ValidationError):
        Claim(slug="new", text="It rained.", **given).full_clean()


def test_of_no_new_claim_the_reason_is_unrecorded_and_none_is_forgotten():
    with pytest.raises(ValidationError, match="Say why the desk checks"):
        ClaimFactory(selection=BEFORE)
    with pytest.raises(ValidationError, match="Say why the desk checks"):
        Claim(slug="new", text="It rained.", selection=BEFORE).full_clean()
    claim = ClaimFactory()
    claim.selection = BEFORE
    for refuse in (claim.save, claim.full_clean):
        with pytest.raises(ValidationError, match="Say why the desk checks"):
            refuse()


def test_an_old_claim_is_edited_as_before_until_somebody_knows():
    claim = old_claim()
    claim.context = "It rained then, too."
    claim.full_clean()
    claim.save()
    claim.selection = "reader"
    claim.save()
    kept = claim.history.values_list("selection", flat=True)
    assert list(kept) == ["reader", BEFORE, "repeated"]


def test_the_migration_says_of_old_claims_that_it_is_not_known():
    migration = importlib.import_module("claims.migrations.0018_selection").Migration
    added = [
        operation
        for operation in migration.operations
        if getattr(operation, "name", "") == "selection"
    ]
    assert [(each.model_name, each.field.default) for each in added] == [
        ("claim", "not-recorded"),
        ("historicalclaim", "not-recorded"),
    ]
    assert not apps.get_model("claims", "Claim")._meta.get_field("selection").has_default()


def test_what_follows_from_what_is_done_is_not_asked():
    whole = ClaimFactory()
    parts = whole.split([Part("It rained."), Part("It was cold.")], by=researcher())
    assert {part.selection for part in parts} == {"part"}


def test_annotations_of_another_desk_say_it_or_it_follows_from_them():
    by = editor(is_superuser=True)
    spoken = passage()
    speaker = {"slug": "doe", "name": "Doe", "kind": "person"}
    desk = {"kind": "rebuttal", "speaker": speaker, "summary": "No."}
    claim = {"slug": "a", "text": "It rained.", "kind": "factual", "language": "en"}
    counterclaim = claim | {"slug": "b", "text": "It never rained."}
    recreate(desk | {"claim": claim, "counterclaim": counterclaim}, spoken, by=by)
    said = claim | {"slug": "c", "text": "It snowed.", "selection": "decides"}
    row = recreate(desk | {"claim": said}, spoken, by=by)
    assert row.claim.selection == "decides"
    assert dict(Claim.objects.values_list("slug", "selection"))["b"] == "answer"
    unsaid = Claim.objects.get(slug="a")
    assert unsaid.selection == "other"
    assert "do not say why" in unsaid.selection_note


def test_the_form_asks_and_offers_no_way_out(client):
    client.force_login(editor())
    old = old_claim()

    def offered(path):
        soup = page(client, path)
        return {option["value"] for option in soup.select("#id_selection option")}

    new = offered(reverse("admin:claims_claim_add"))
    assert new == {"", *WhySelected.values} - {BEFORE}
    assert offered(reverse("admin:claims_claim_change", args=[ClaimFactory().pk])) == new
    assert BEFORE in offered(reverse("admin:claims_claim_change", args=[old.pk]))


def test_readers_see_it_on_the_page_and_in_the_api(client):
    claim = published(ClaimFactory(selection="other", selection_note="It came up in a lesson."))
    old = published(old_claim())

    line = "Why the desk checks it: for another reason. It came up in a lesson. How"
    assert line in text(page(client, claim.get_absolute_url()).main)
    line = "Why the desk checks it: the reason was not recorded."
    assert line in text(page(client, old.get_absolute_url()).main)
    rows = {row["slug"]: row for row in client.get("/api/v1/claims/").json()["results"]}
    told = {
        "slug": "other",
        "label": "for another reason",
        "note": "It came up in a lesson.",
    }
    assert rows[claim.slug]["selection"] == told
    assert client.get(f"/api/v1/claims/{claim.slug}/").json()["selection"] == told
    assert rows[old.slug]["selection"]["slug"] == "not-recorded"
