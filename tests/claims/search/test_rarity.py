"""How much a word tells."""

import pytest

from claims.models import Claim
from claims.search import rarity
from tests import factories
from tests.factories import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_nothing():
    rarity._kept.clear()
    yield
    rarity._kept.clear()


def test_the_rarer_a_word_the_more_it_tells():
    for text in ("Harbours open.", "Harbours close.", "Piers open."):
        published(factories.ClaimFactory(text=text))
    tells = rarity.rarity()

    assert tells("harbour") < tells("pier") < tells("zeppelin")


def test_drafts_tell_the_desk_alone():
    published(factories.ClaimFactory(text="Harbours open."))
    before = rarity.rarity()("pier")
    draft = factories.ClaimFactory(text="Piers open.")
    assert rarity.rarity()("pier") == before
    assert rarity.rarity(drafts=True)("pier") < before

    published(draft)
    assert rarity.rarity()("pier") < before


def test_of_very_many_claims_a_sample_tells_of_old_and_new(monkeypatch):
    monkeypatch.setattr(rarity, "SAMPLE", 20)
    monkeypatch.setattr(rarity, "DRAWN", 30)
    by = factories.editor()
    for i in range(60):
        published(factories.ClaimFactory(text="Harbours open." if i < 40 else "Piers open."), by=by)
    tells = rarity.rarity()

    assert tells("harbour") < tells("pier") < tells("zeppelin")
    assert Claim.objects.published().count() == 60
