"""Before a claim is born, the desk sees those that are near it."""

import pytest
from django.urls import reverse

from claims.models import Claim
from claims.search import encoding
from tests import factories

from .test_admin import management

pytestmark = pytest.mark.django_db

TEXT = "After the Cold War NATO promised not to admit Eastern European countries."
AGAIN = "NATO promised not to admit Eastern European countries."
DENIAL = "After the Cold War NATO never promised not to admit Eastern European countries."
ADD = reverse("admin:claims_claim_add")
SIMILAR = reverse("admin:claims_claim_similar")


@pytest.fixture
def desk(client):
    client.force_login(factories.researcher(username="rita"))
    return client


def sent(text, **more):
    return {
        "text": text,
        "slug": "a-new-claim",
        "kind": "factual",
        "selection": "repeated",
        "language": "en",
        "context": "",
        "part_position": 0,
        **management(),
        **more,
    }


def test_a_piece_of_a_page_has_the_near_claims_and_why(desk):
    claim = factories.ClaimFactory(text=TEXT)
    page = desk.get(SIMILAR, {"text": AGAIN}).content.decode()
    assert "1 claim near this text" in page
    assert reverse("admin:claims_claim_change", args=[claim.pk]) in page
    assert "<strong>probably the same</strong> (" in page
    assert "· draft · shares “" in " ".join(page.split())
    assert "words alone" not in page
    assert 'name="another"' in page
    assert "<html" not in page


def test_the_rating_in_force_is_shown(desk):
    verdict = factories.approved(claim=factories.ClaimFactory(text=TEXT))
    page = desk.get(SIMILAR, {"text": AGAIN}).content.decode()
    assert f"· {verdict.rating.label}, public ·" in " ".join(page.split())


def test_by_words_alone_it_says_so(desk, monkeypatch):
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    factories.ClaimFactory(text=TEXT)
    for text in (AGAIN, "Cheese"):
        page = desk.get(SIMILAR, {"text": text}).content.decode()
        assert "Compared by words alone: a claim in other words may not be found." in page
    assert "words alone" not in desk.get(SIMILAR).content.decode()


def test_a_mistyped_word_is_told(desk):
    factories.ClaimFactory(text=TEXT)
    page = desk.get(SIMILAR, {"text": AGAIN.replace("promised", "promsied")}).content.decode()
    assert "“promsied” was read as “promised”." in page
    assert "probably the same" in page


def test_a_denial_is_shown_and_needs_no_tick(desk):
    factories.published(factories.ClaimFactory(text=TEXT))
    page = desk.get(SIMILAR, {"text": DENIAL}).content.decode()
    assert "<strong>may deny it</strong> (but for that, " in page
    assert "only one says “never”" in page
    assert "· public ·" in " ".join(page.split())
    assert 'name="another"' not in page
    assert desk.post(ADD, sent(DENIAL)).status_code == 302


@pytest.mark.parametrize("query", ["", "?text=", "?text=zebra"])
def test_nothing_near_is_an_empty_piece(desk, query):
    factories.ClaimFactory(text=TEXT)
    response = desk.get(SIMILAR + query)
    assert response.status_code == 200
    assert response.content.strip() == b""


def test_drafts_are_for_the_desk_alone(client):
    factories.ClaimFactory(text=TEXT)
    assert client.get(SIMILAR, {"text": TEXT}).status_code == 302
    client.force_login(factories.UserFactory(username="nobody", is_staff=True))
    assert client.get(SIMILAR, {"text": TEXT}).status_code == 403


def test_the_first_save_of_a_near_repetition_is_refused_once(desk):
    factories.ClaimFactory(text=TEXT)
    refused = desk.post(ADD, sent(AGAIN))
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "There is a very similar claim: “After the Cold War" in page
    assert 'name="another">' in page.replace(" checked", "")
    assert 'name="another" checked' not in page
    assert Claim.objects.count() == 1
    assert desk.post(ADD, sent(AGAIN, another="on")).status_code == 302
    assert Claim.objects.filter(text=AGAIN).exists()


def test_the_tick_survives_another_error(desk):
    factories.ClaimFactory(text=TEXT)
    page = desk.post(ADD, sent(AGAIN, another="on", slug="")).content.decode()
    assert 'name="another" checked' in page
    assert "There is a very similar claim" not in page


def test_a_claim_without_text_is_told_of_its_text_alone(desk):
    form = desk.post(ADD, sent("")).context["adminform"].form
    assert form.errors == {"text": ["This field is required."]}


def test_an_old_claim_is_not_asked_and_shows_no_panel(desk):
    factories.ClaimFactory(text=TEXT)
    twin = factories.ClaimFactory(text=AGAIN)
    address = reverse("admin:claims_claim_change", args=[twin.pk])
    assert "data-similar" not in desk.get(address).content.decode()
    changed = desk.post(address, sent(AGAIN, slug=twin.slug, context="New."))
    assert changed.status_code == 302
    twin.refresh_from_db()
    assert twin.context == "New."


def test_a_new_page_is_ready_for_the_module(desk):
    factories.ClaimFactory(text=TEXT)
    page = desk.get(ADD).content.decode()
    assert f'data-similar="{SIMILAR}"' in page
    assert "similar.js" in page
    assert "probably the same" not in page
    assert "probably the same" in desk.get(ADD, {"text": AGAIN}).content.decode()
