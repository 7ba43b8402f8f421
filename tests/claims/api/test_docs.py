"""docs/api.md is followed literally: each of its commands is asked of the demo, and answered as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from tests.claims.problems import problem

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "api.md"
DEMO = "http://127.0.0.1:8000"
COMMANDS = re.findall(r"^    (curl .+)$", DOCUMENT.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The seeds, as `make demo` loads them; taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_seeds", verbosity=0)
        yield
        transaction.set_rollback(True)


def asked(command):
    """Method, address and headers of a curl command, and the status that its comment expects."""
    words = shlex.split(command, comments=True)
    status = re.search(r" # (\d{3})$", command)
    headers, method, address = {}, "get", ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word in {"-D", "-o"}:
            next(rest)
        elif word == "-I":
            method = "head"
        elif word != "-s":
            address = word
    return method, address, headers, int(status[1]) if status else 200


def test_there_are_commands_of_every_kind():
    assert len(COMMANDS) > 20
    statuses = {asked(command)[3] for command in COMMANDS}
    assert {200, 400, 401, 404, 406} <= statuses


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_answered_as_it_says(demo, command):
    method, address, headers, status = asked(command)
    assert address.startswith(f"{DEMO}/api/v1/")
    url = urlsplit(address)

    answer = getattr(Client(), method)(f"{url.path}?{url.query}", headers=headers)

    assert answer.status_code == status, answer.content
    if status >= 400:
        assert problem(answer, status)
    elif method == "get":
        kind = answer["Content-Type"].partition(";")[0]
        named = "text/csv" if "format=csv" in url.query else "application/json"
        assert kind == headers.get("Accept", named)
        if kind == "application/json" and "results" in answer.json():
            assert answer.json()["results"], "A page that shows nothing shows nothing."
        assert len(answer.content) > 100


def test_the_document_names_every_resource(client):
    resources = client.get("/api/v1/").json().keys() - {"schema", "docs"}

    table = re.findall(
        r"^\| `(\w+)` \| (?:slug|id)? ?\|", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )

    assert set(table) == resources
