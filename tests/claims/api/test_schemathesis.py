"""Whatever the OpenAPI document allows is asked: no answer may be another than it says, and none a failure.

Each operation is asked with questions that the document allows and with ones that it does not. Slugs and ids
of rows that exist are mixed in, for made-up ones are never found. Which keys an answer has depends on
`fields`, and how a link looks on `expand`, which OpenAPI can say in words only: such answers are held against
the document as those words change it. How many were asked stands at the end of the run.
"""

from __future__ import annotations

import copy
from collections import Counter
from contextlib import contextmanager

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.claims.world import published_world

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # for each operation, of what is allowed, and as many of what is not
KNOWN = {
    "claim": ["promise", "part", "never"],
    "claimant": ["moscow"],
    "rebutted_by": ["doe"],
    "speaker": ["doe"],
    "topic": ["alliance"],
    "rating": ["true", "not-enough-evidence"],
    "source": ["memo", "remarks"],
    "transcript": ["remarks"],
    "fields": ["slug", "id,claim.slug", "verdict.rating.slug", "rendition.kind,passage"],
    "expand": ["claim.topics", "claimant", "topics,claimants", "source", "speaker,claim"],
    "as_of": ["2022-01-15", "2022-02-20"],
}
ROWS = {
    "claims": ["promise", "part", "never"],
    "speakers": ["doe", "moscow"],
    "sources": ["memo", "remarks", "original"],
    "transcripts": ["remarks"],
    "topics": ["alliance"],
    "ratings": ["true", "false"],
}
ACCEPT = ["application/json", "text/csv", "application/ld+json", "*/*", "text/html", ""]


def load(document, mode):
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    schema.config.generation.update(modes=[mode])
    return schema


def with_selection(document):
    """The document as its description of `fields` and `expand` has it: keys may be missing, and links are
    objects, where they are slugs else."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        schema.pop("required", None)
    row = {"type": "string"}
    for name in ("Claim", "ClaimDetail"):
        topics = schemas[name]["properties"]["topics"]
        topics["items"] = {"anyOf": [row, {"$ref": "#/components/schemas/Topic"}]}
    schemas["Passage"]["properties"]["transcript"] = {
        "anyOf": [row, {"$ref": "#/components/schemas/Transcript"}]
    }
    return document


@contextmanager
def one_connection():
    """After a request the site closes its connection, and with it the transaction that a test is in: here it
    does not. (The test client sees to that itself, and makes it so again after each request.)"""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def ask(document, path, mode, rows, asked=None, method="GET"):
    """Ask the operation at `path`. Raises what Schemathesis raises for an answer that is not as described."""
    operation = load(document, mode)[path][method]
    selected = load(with_selection(document), mode)[path][method]
    keys = [*ROWS.get(path.split("/")[3], []), *rows]

    @seed(7)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def question(case, data):
        if case.query and data.draw(st.booleans()):
            case.query = {
                name: data.draw(st.sampled_from(KNOWN[name])) if name in KNOWN else value
                for name, value in case.query.items()
                if name not in {"cursor", "since"}
            }
        for name in case.path_parameters or {}:
            if keys and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(keys))
        accept = data.draw(st.sampled_from(ACCEPT))
        response = case.call(headers={"Accept": accept, "Accept-Encoding": "identity"})
        if asked is not None:
            asked[response.status_code] += 1
        if response.status_code == 200 and {"fields", "expand"} & set(case.query or {}):
            case.validate_response(response, checks=CHECKS[:-1])
            selected.validate_response(response)
        else:
            case.validate_response(response, checks=CHECKS)

    with one_connection():
        question()


@pytest.fixture
def document(client):
    return client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()


@pytest.fixture
def rows():
    """The ids of what has an id."""
    world = published_world()
    return [str(row.pk) for row in (world.appearance, world.rebuttal, world.verdict)]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_described(document, rows, subtests, record_property, mode):
    asked = Counter()
    for path, operations in document["paths"].items():
        for method in operations:
            with subtests.test(f"{method} {path}"):
                ask(document, path, mode, rows, asked, method.upper())
    assert asked[400] > 0
    assert mode == GenerationMode.NEGATIVE or asked[200] > asked.total() / 10
    record_property("cases of Schemathesis", dict(sorted(asked.items())))


def without_status(document):
    del document["paths"]["/api/v1/topics/{slug}/"]["get"]["responses"]["404"]


def without_form(document):
    content = document["paths"]["/api/v1/topics/{slug}/"]["get"]["responses"]["200"]["content"]
    content["text/csv"] = content.pop("application/json")


def of_another_type(document):
    document["components"]["schemas"]["Topic"]["properties"]["name"] = {"type": "integer"}


@pytest.mark.parametrize("broken", [without_status, without_form, of_another_type])
def test_an_answer_that_is_not_as_described_is_found(document, rows, broken):
    wrong = copy.deepcopy(document)
    broken(wrong)

    with pytest.raises((Failure, BaseExceptionGroup)):
        ask(wrong, "/api/v1/topics/{slug}/", GenerationMode.POSITIVE, rows)
