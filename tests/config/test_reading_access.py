"""How often one address may send something to the readers' pages."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.cache import cache

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_nothing(settings):
    """In a window of which half a minute is left, with nothing counted yet."""
    settings.PAGE_LIMIT_SENT = 2
    cache.clear()
    with time_machine.travel(dt.datetime(2022, 1, 7, 12, 0, 30, tzinfo=dt.UTC), tick=False):
        yield
    cache.clear()


def test_what_is_beyond_the_limit_is_refused_and_says_until_when(client):
    for _ in range(2):
        assert client.post("/match/", {"text": "a"}).status_code == 200

    response = client.post("/de/match/", {"text": "a"})

    assert response.status_code == 429
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.html["lang"] == "de"
    assert "30 Sekunden" in soup.main.text
    # It is one account, whichever way a text is sent.
    assert client.get("/match/?text=a").status_code == 429
    # Who reads is not counted, nor what is counted elsewhere; and another address has its own account.
    assert client.get("/match/").status_code == 200
    assert client.post("/api/v1/match/", {"texts": ["a"]}, "application/json").status_code == 200
    assert client.post("/admin/login/").status_code == 200
    assert client.post("/match/", {"text": "a"}, REMOTE_ADDR="10.0.0.9").status_code == 200
