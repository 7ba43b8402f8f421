"""`manage.py match`: which claims the lines of a file make."""

import io
import json

import pytest
from django.core.management import call_command

from claims.search import encoding, vectors
from tests import factories

pytestmark = pytest.mark.django_db

PROMISE = "After the Cold War NATO promised not to admit Eastern European countries."


@pytest.fixture
def said(monkeypatch, capsys):
    """What the command says of a text."""
    factories.approved(claim__slug="promise", claim__text=PROMISE, rating__label="Conflicting")
    factories.published(factories.ClaimFactory(slug="wages", text="Wages of nurses rose in 1990."))
    factories.ClaimFactory(slug="draft", text="A secret harbour was built by the navy.")
    vectors.embed()

    def ask(text, **options):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        call_command("match", **options)
        return capsys.readouterr().out

    return ask


def test_each_line_is_answered_in_words(said):
    answer = said(f"{PROMISE}\n\nA secret harbour was built by the navy.\n")

    first, *rest = answer.splitlines()
    assert first == PROMISE
    assert f": {PROMISE} [Conflicting]" in rest[0]
    assert "promised" in rest[1]
    assert rest[2] == "      http://testserver/claims/promise/"
    assert rest[-2:] == ["A secret harbour was built by the navy.", "  none"]
    assert "by words alone" not in answer


def test_as_json_and_with_drafts(said):
    (line,) = said("A secret harbour was built by the navy.", json=True, drafts=True).splitlines()
    answer = json.loads(line)
    assert answer["candidates"][0]["slug"] == "draft"
    assert answer["candidates"][0]["rating"] == "no verdict"
    assert answer["engine"] == "semantic"
    assert said("", json=True) == ""


def test_without_the_extra_it_says_what_was_compared(said, monkeypatch):
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    assert said(PROMISE).splitlines()[-1] == "  (compared by words alone)"


def test_lines_of_anything_are_answered(said):
    assert said("\0\n\ud800\n" + "a" * 6000).count("none") == 3
