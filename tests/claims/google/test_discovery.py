"""The description that clients are generated from: that it is whole, and says what the site does."""

import json
from pathlib import Path

import googleapiclient
import pytest

from claims.google.discovery import RESPONSE, SCHEMAS, SEARCH_PARAMETERS, SYSTEM_PARAMETERS

GOOGLES = (
    Path(googleapiclient.__file__).parent
    / "discovery_cache"
    / "documents"
    / "factchecktools.v1alpha1.json"
)
ADDRESS = "/$discovery/rest"


@pytest.fixture
def ours(client):
    response = client.get(f"{ADDRESS}?version=v1alpha1")
    assert response["Content-Type"] == "application/json; charset=UTF-8"
    return response.json()


@pytest.fixture(scope="module")
def theirs():
    return json.loads(GOOGLES.read_text(encoding="utf-8"))


def without_words(described):
    """A description without what is said in words."""
    if isinstance(described, dict):
        words = ("description", "enumDescriptions")
        return {
            name: without_words(value) for name, value in described.items() if name not in words
        }
    return described


def test_the_addresses_are_ours(client, settings):
    settings.SITE_URL = "https://facts.example"
    answer = client.get(ADDRESS).json()
    assert answer["rootUrl"] == answer["baseUrl"] == "https://facts.example/"
    assert "google.com" not in json.dumps(answer)
    assert "googleapis" not in json.dumps(answer)


def test_it_describes_what_google_describes_so_far_as_it_is_served(ours, theirs):
    """Names, types and places are those that generated clients have; the words are ours."""
    for name in ("kind", "discoveryVersion", "id", "name", "version", "protocol", "servicePath"):
        assert ours[name] == theirs[name]
    assert list(ours["resources"]) == ["claims"]
    (our_method,) = ours["resources"]["claims"]["methods"].values()
    their_method = theirs["resources"]["claims"]["methods"]["search"]
    assert without_words(our_method) == without_words(their_method)
    for name, schema in ours["schemas"].items():
        assert without_words(schema) == without_words(theirs["schemas"][name])
    for name, parameter in ours["parameters"].items():
        wanted = without_words(theirs["parameters"][name])
        assert without_words(parameter) == (
            wanted | {"enum": ["json"]} if name == "alt" else wanted
        )
    # Another way to the same answer, which CORS has made superfluous.
    assert set(theirs["parameters"]) - set(ours["parameters"]) == {"callback"}


def test_no_description_is_google_s(ours, theirs):
    def words(described):
        for name, value in described.items():
            if name == "description" and isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield from words(value)

    said = list(words(ours))
    assert all(said)
    assert not set(said) & set(words(theirs))


def test_every_schema_that_is_named_is_described_and_every_one_is_used(ours):
    named = {RESPONSE}
    for schema in SCHEMAS.values():
        for field in schema["properties"].values():
            named |= {field.get("items", field).get("$ref")} - {None}
    assert named == set(ours["schemas"])


def test_parameters_have_one_meaning(ours):
    assert not set(SEARCH_PARAMETERS) & set(SYSTEM_PARAMETERS)


@pytest.mark.parametrize(
    "asked", ["", "?version=v1alpha1", "?version=v1alpha1&key=&alt=json&prettyPrint=false"]
)
def test_what_is_asked_for(client, asked):
    assert client.get(ADDRESS + asked).json()["id"] == "factchecktools:v1alpha1"


@pytest.mark.parametrize(
    "asked", ["labels=x", "fields=id", "query=x", "alt=media", "version=v1alpha1&version=v2"]
)
def test_what_is_refused(client, asked):
    answer = client.get(f"{ADDRESS}?{asked}")
    assert answer.status_code == 400
    (violation,) = answer.json()["error"]["details"][0]["fieldViolations"]
    assert violation["field"] == asked.partition("=")[0]
