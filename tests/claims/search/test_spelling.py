"""Words of a statement that are mistyped."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.search import encoding
from claims.search.spelling import corrected, mistyped
from tests import factories
from tests.factories import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _claims():
    published(factories.ClaimFactory(text="The alliance promised Gorbachev nothing in writing."))
    factories.ClaimFactory(text="Zwentibold ruled.")


def test_a_slip_or_two_are_seen():
    assert mistyped(["In all that time the aliance promissed Gorbachov nothing"], drafts=False) == {
        "aliance": "alliance",
        "promissed": "promised",
        "Gorbachov": "gorbachev",
    }


def test_a_negation_is_one_though_it_is_mistyped():
    assert mistyped(["It nevr promised that in any writing"], drafts=False) == {"nevr": "never"}


def test_words_that_are_none_of_ours_stay_as_they_are():
    known = ["Paris allies complied", "Stoltenberg said nothing about that", "1990 99,9 % B52"]
    assert mistyped(known, drafts=False) == {}


def test_another_language_is_no_mistyped_english():
    assert mistyped(["Nato versprach, sich nicht zu erweitern"], drafts=False) == {}
    assert mistyped(["НАТО обещало не расширяться"], drafts=False) == {}


def test_drafts_lend_their_words_to_the_desk_alone():
    typed = ["Who was that Zwentibolt of whom they speak"]

    assert mistyped(typed, drafts=False) == {}
    assert mistyped(typed, drafts=True) == {"Zwentibolt": "zwentibold"}


def test_where_every_word_is_known_nothing_is_asked():
    with CaptureQueriesContext(connection) as queries:
        mistyped(["The alliance promised nothing"], drafts=False)
    assert len(queries) == 0


def test_two_queries_however_much_is_mistyped():
    texts = [f"the alliance of these countries and a strange wrd{i}x word" for i in range(99)]
    typed = [*texts, "The aliance promissed these countries nothing in writing"]
    with CaptureQueriesContext(connection) as queries:
        assert mistyped(typed, drafts=False).keys() >= {"aliance"}
    assert len(queries) == 2


def test_without_the_model_what_no_claim_has_may_be_mistyped(monkeypatch):
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    assert mistyped(["the aliance promised Gorbachev"], drafts=False) == {"aliance": "alliance"}


def test_the_text_keeps_its_capitals_and_all_else():
    meant = {"Aftr": "after", "wuold": "would"}
    assert corrected("Aftr 1990, it wuold — not aftr!", meant) == "After 1990, it would — not aftr!"
