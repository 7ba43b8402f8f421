"""The OpenAPI document is whole and true: what it says of the answers is what they are."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from claims.filters import ClaimFilter
from tests.claims.problems import wrong
from tests.claims.world import RESOURCES, published_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client):
    answer = client.get("/api/v1/schema/", headers={"accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


def answer_of(schema, path):
    """A validator for what `path` answers, to which an undocumented key is an error."""
    for component in schema["components"]["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    operation = schema["paths"][path]["get"]
    content = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**content, "components": schema["components"]})


def test_it_generates_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_it_knows_every_resource_and_nothing_else(schema):
    keys = dict.fromkeys(RESOURCES, "slug")
    keys.update(dict.fromkeys(["appearances", "rebuttals", "evidence", "verdicts"], "id"))
    lists = {f"/api/v1/{resource}/" for resource in RESOURCES}

    changes, match = "/api/v1/changes/", "/api/v1/match/"
    assert schema["openapi"].startswith("3.1.")
    log = ["/api/v1/log/", "/api/v1/log/entries/{number}/", "/api/v1/log/proof/consistency/"]
    assert schema["paths"].keys() == lists | {changes, match, *log} | {
        f"/api/v1/{resource}/{{{keys[resource]}}}/" for resource in RESOURCES
    }
    others = {"/api/v1/claims/{slug}/": {"301", "404"}, changes: {"410"}, match: set()}
    others |= {log[0]: set(), log[2]: set()}
    for path, operations in schema["paths"].items():
        assert list(operations) == (["get", "post"] if path == match else ["get"])
        answers = {"200", "304", "400", "401", "406", "429"}
        answers |= others.get(path, set() if path in lists else {"404"})
        assert operations["get"]["responses"].keys() == answers
    asked = schema["paths"][match]["post"]
    assert asked["responses"].keys() == {"200", "400", "401", "406", "415", "429"}
    assert "ETag" not in asked["responses"]["200"]["headers"]


def test_every_answer_has_an_example_that_is_as_described(schema):
    named = {
        name: one for name, one in schema["components"]["responses"].items() if "content" in one
    }
    assert len(named) == 7
    for answer in named.values():
        (content,) = answer["content"].values()
        problem_schema = {**content["schema"], "components": schema["components"]}
        Draft202012Validator(problem_schema).validate(content["example"])
    for path in schema["paths"]:
        content = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        answer_of(schema, path).validate(content["example"])


def test_its_examples_are_of_this_site(schema):
    assert "127.0.0.1" not in json.dumps(schema)
    summaries = [
        operation["summary"]
        for operations in schema["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(summaries)) == len(summaries)
    assert "One piece of evidence" in summaries
    assert "Claims, page by page" in summaries
    assert schema["externalDocs"]["url"] == "http://testserver/data/"


def test_it_says_where_how_and_with_which_key(schema):
    assert schema["servers"] == [{"url": "http://testserver", "description": "This site"}]
    assert schema["security"] == [{}, {"key": []}]
    assert schema["components"]["securitySchemes"]["key"]["name"] == "X-Api-Key"
    for operations in schema["paths"].values():
        assert "security" not in operations["get"]
    listed = schema["paths"]["/api/v1/claims/"]["get"]["responses"]["200"]
    assert listed["content"].keys() == {"application/json", "application/ld+json", "text/csv"}
    assert {"ETag", "Link", "RateLimit", "RateLimit-Policy"} <= listed["headers"].keys()
    verdicts = schema["paths"]["/api/v1/verdicts/"]["get"]["responses"]["200"]["content"]
    assert verdicts.keys() == {"application/json", "text/csv"}
    row = schema["paths"]["/api/v1/claims/{slug}/"]["get"]["responses"]["200"]["content"]
    assert row.keys() == {"application/json"}


def test_it_describes_every_parameter(schema):
    described = schema["paths"]["/api/v1/claims/"]["get"]["parameters"]

    assert {one["name"] for one in described} == {
        *ClaimFilter.base_filters,
        "cursor",
        "page_size",
        "fields",
        "expand",
        "format",
    }
    forms = {
        path: one["schema"]["enum"]
        for path, operations in schema["paths"].items()
        for one in operations["get"]["parameters"]
        if one["name"] == "format"
    }
    assert forms["/api/v1/claims/"] == ["json", "jsonld", "csv"]
    assert forms["/api/v1/verdicts/"] == ["json", "csv"]
    assert forms["/api/v1/changes/"] == forms["/api/v1/claims/{slug}/"] == ["json"]
    assert forms.keys() == schema["paths"].keys()
    for operations in schema["paths"].values():
        for parameter in operations["get"].get("parameters", []):
            assert parameter["in"] == "path" or parameter["description"], parameter
    detail = schema["paths"]["/api/v1/transcripts/{slug}/"]["get"]["parameters"]
    assert {one["name"] for one in detail} == {"slug", "edition", "fields", "expand", "format"}


def test_every_key_of_an_answer_is_always_there(schema):
    # But those that a claim has as of a day alone (tests/claims/test_as_of.py), and a problem of a question.
    # And what somebody may leave out who asks.
    as_of = {
        "ClaimDetail": {"as_of", "later", "uncertain"},
        "Problem": {"errors"},
        "Texts": {"limit"},
    }
    for name, component in schema["components"]["schemas"].items():
        if "properties" in component:
            always = set(component["properties"]) - as_of.get(name, set())
            assert set(component["required"]) == always, name


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_answers_are_as_described(client, schema, resource):
    published_world()
    path = f"/api/v1/{resource}/"
    in_full = next(p for p in schema["paths"] if p.startswith(path) and p != path)

    listed = client.get(path).json()

    assert listed["results"]
    answer_of(schema, path).validate(listed)
    answer_of(schema, path).validate(client.get(path, {"page_size": 1}).json())
    for row in listed["results"]:
        answer_of(schema, in_full).validate(client.get(row["api_url"]).json())


@pytest.mark.parametrize(
    "question", ["version=%0A", "version=2", "lang=de", "lang=%0A", "format=json", "script="]
)
def test_it_takes_no_parameters(client, question):
    answer = client.get(f"/api/v1/schema/?{question}")

    assert wrong(answer) == {question.partition("=")[0]: ["There is no such parameter."]}
    if question != "script=":
        assert client.get(f"/api/v1/docs/?{question}").json() == answer.json()


def test_the_docs_page_has_nothing_that_the_policy_would_block(client):
    page = client.get("/api/v1/docs/")
    html = page.content.decode()

    assert page.status_code == 200
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()
