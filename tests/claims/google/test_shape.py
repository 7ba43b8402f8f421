"""Our answer beside a real one of Google's: a client meets no key and no type that it does not know."""

import json
import re
from pathlib import Path

import pytest

from tests.claims.google.asking import ask, review
from tests.factories import AppearanceFactory, ClaimFactory, approved

REAL = Path(__file__).resolve().parents[4] / "shared/data/claimreview/claims_search_response.json"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def theirs():
    if not REAL.exists():
        pytest.skip("a real answer of Google's is not here: shared/data/claimreview/")
    return json.loads(REAL.read_text(encoding="utf-8"))


def paths(value, path=""):
    """Every path to a value, with the value's type and, of a text, its kind."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from paths(below, f"{path}/{name}")
    elif isinstance(value, list):
        for entry in value:
            yield from paths(entry, f"{path}[]")
    else:
        yield path, kind(value)


def kind(value):
    if not isinstance(value, str):
        return type(value).__name__
    for name, pattern in (
        ("time", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
        ("address", r"https?://\S+"),
        ("language", r"[a-z]{2,3}(-[A-Z]{2})?"),
        ("host", r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+"),
    ):
        if re.fullmatch(pattern, value):
            return name
    return "text"


def test_keys_and_types_are_those_of_a_real_answer(client, settings, theirs):
    settings.SITE_URL = "https://www.desk.example"
    for i in range(2):
        claim = ClaimFactory(text=f"The harbour was closed on day {i}.")
        AppearanceFactory(claim=claim)
        approved(claim=claim, headline="It was open.")
        review(claim)
    ours = ask(client, query="harbour", pageSize=1)

    known = dict(paths(theirs)) | {
        "/nextPageToken": "text"
    }  # theirs is short enough for a language
    sent = dict(paths(ours))
    assert sent == known
    # In the same order, for whoever reads it with their eyes.
    assert list(sent) == list(dict(paths(theirs)))
    assert list(ours) == list(theirs)
