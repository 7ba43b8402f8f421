"""Keys and limits of the interface that Google's clients ask by: the API's own, told in another shape."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from rest_framework_api_key.models import APIKey

pytestmark = pytest.mark.django_db

ADDRESS = "/v1alpha1/claims:search?query=harbour"


@pytest.fixture(autouse=True)
def _from_nothing(settings):
    """In a window of which half a minute is left, with nothing counted yet."""
    settings.API_LIMIT_ANONYMOUS, settings.API_LIMIT_WITH_KEY = 2, 3
    cache.clear()
    with time_machine.travel(dt.datetime(2022, 1, 7, 12, 0, 30, tzinfo=dt.UTC), tick=False):
        yield
    cache.clear()


@pytest.fixture
def key():
    return APIKey.objects.create_key(name="A newsroom")[1]


def test_the_request_beyond_the_limit_is_refused(client):
    for left in (1, 0):
        response = client.get(ADDRESS)
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"anonymous";q=2;w=60'
        assert response["RateLimit"] == f'"anonymous";r={left};t=30'
        assert response["Cache-Control"] == "public, no-cache"

    response = client.get(ADDRESS)

    assert response.json() == {
        "error": {
            "code": 429,
            "message": "2 requests a minute are answered: go on in 30 s.",
            "status": "RESOURCE_EXHAUSTED",
        }
    }
    assert response.status_code == 429
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    # It is one account, whichever way somebody asks.
    assert client.get("/$discovery/rest").status_code == 429
    assert client.get("/api/v1/claims/").status_code == 429
    assert client.get("/").status_code == 200


def test_a_key_raises_the_limit_however_it_is_sent(client, key):
    ways = [
        (f"{ADDRESS}&key={key}", {}),
        (f"{ADDRESS}&$key={key}", {}),
        (ADDRESS, {"X-Goog-Api-Key": key}),
    ]
    for left, (path, headers) in zip((2, 1, 0), ways, strict=True):
        response = client.get(path, headers=headers)
        assert response.status_code == 200
        assert response["RateLimit"] == f'"key";r={left};t=30'
        assert response["Cache-Control"] == "private, no-cache"
    assert client.get(f"{ADDRESS}&key={key}").status_code == 429
    assert client.get(ADDRESS, headers={"X-Api-Key": key}).status_code == 429
    # Whoever has none has still their own.
    assert client.get(f"{ADDRESS}&key=").status_code == 200


@pytest.mark.parametrize("sent", ["AIza-of-Google", "12345678.abc", "\x00", "ключ", "a" * 5000])
def test_a_wrong_key_is_refused_and_counted_by_address(client, sent):
    for _ in range(2):
        response = client.get(ADDRESS, {"query": "harbour", "key": sent})
        assert response.status_code == 400
        assert response["Cache-Control"] == "no-store"
        error = response.json()["error"]
        assert error["status"] == "INVALID_ARGUMENT"
        assert error["message"] == "key: This API key is not valid, or not any more."
        (violation,) = error["details"][0]["fieldViolations"]
        assert violation["field"] == "key"
    assert client.get(ADDRESS, {"query": "harbour", "key": sent}).status_code == 429


def test_a_key_that_has_ended_is_a_wrong_key(client, key):
    APIKey.objects.update(revoked=True)
    assert client.get(f"{ADDRESS}&key={key}").status_code == 400
    APIKey.objects.update(revoked=False)
    assert client.get(f"{ADDRESS}&key={key}").status_code == 200
    past = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
    APIKey.objects.update(expiry_date=past)
    assert client.get(f"{ADDRESS}&key={key}").status_code == 400


def test_an_answer_that_still_stands_is_counted(client):
    etag = client.get(ADDRESS)["ETag"]
    again = client.get(ADDRESS, headers={"If-None-Match": etag})
    assert (again.status_code, again["RateLimit"]) == (304, '"anonymous";r=0;t=30')


def test_pages_of_other_sites_may_ask(client):
    response = client.get(ADDRESS, headers={"Origin": "https://elsewhere.example"})
    assert response["access-control-allow-origin"] == "*"
    asking = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-goog-api-key, x-goog-fieldmask",
    }
    allowed = client.options(ADDRESS, headers=asking)
    assert allowed.status_code == 200
    assert {"x-goog-api-key", "x-goog-fieldmask"} <= set(
        allowed["access-control-allow-headers"].split(", ")
    )


def test_more_parameters_than_are_read(client):
    asked = "&".join(f"p{i}" for i in range(20_000))
    response = client.get(f"{ADDRESS}&{asked}")
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "The request cannot be understood."
