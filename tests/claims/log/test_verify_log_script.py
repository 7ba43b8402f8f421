"""docs/verify_log.py, as a stranger runs it: against the site, and against a copy that somebody changed."""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from claims.log.notes import SigningKey
from claims.models import LogKey, Verdict
from tests import factories

from .conftest import NEW, tamper

SCRIPT = settings.BASE_DIR / "docs" / "verify_log.py"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("verify_log", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_needs_nothing_but_python_and_one_package():
    found = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 11))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    assert found - sys.stdlib_module_names == {"cryptography"}


def test_a_site_verifies_and_what_was_changed_in_it_or_in_a_copy_is_named(
    live_server, settings, logged, program, tmp_path, subtests
):
    settings.SITE_URL = live_server.url
    first = LogKey.objects.get(number=1).verifier
    told = []

    def verify(place, **how):
        told.clear()
        return program.verify(str(place), say=told.append, **how)

    with subtests.test("as a program, with the first key, which has since changed"):
        seen, copy = tmp_path / "seen.json", tmp_path / "copy"
        command = [sys.executable, "-I", SCRIPT, live_server.url, "--key", first, "--pages"]
        command += ["--seen", seen, "--save", copy]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        assert done.stdout.splitlines() == [
            f"       The key was changed by entry 11: {NEW.verifier}",
            "VERIFIED: 13 entries under a signed root, and 6 versions of verdicts as logged.",
        ]
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(seen.read_text())["size"] == 13

    with subtests.test("a copy, without a key, which is said"):
        assert verify(copy) is not None
        assert "No key was given" in told[0]

    with subtests.test("another key"):
        other = SigningKey.generate("testserver/log").verifier
        assert verify(copy, key=str(other)) is None
        assert "does not name the key" in told[0]

    with subtests.test("one changed verdict in a copy"):
        page = copy / "api/v1/verdicts/page-1.json"
        before = page.read_text()
        answer = json.loads(before)
        row = next(one for one in answer["results"] if one["claim"]["slug"] == "other")
        row["headline"], row["ending_reason"] = "So.", "It was right."
        page.write_text(json.dumps(answer))
        assert verify(copy, key=first) is None
        (wrong,) = [line for line in told if line.startswith("WRONG")]
        assert "version 1 of the verdict on “other”" in wrong
        assert wrong.endswith("headline, ending_reason.")
        assert told[-1].startswith("NOT VERIFIED: 1 wrong; 5 ")
        page.write_text(before)

    files = [path for path in copy.glob("api/v1/log/**/*") if path.is_file()]
    assert len(files) > 15
    for path in files:
        if path.name != "index.json":  # what the site says of where things are
            with subtests.test("one bit of the log in a copy", path=path.name):
                data = path.read_bytes()
                place = len(data) // 2
                path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
                assert verify(copy, key=first) is None
                path.write_bytes(data)

    with subtests.test("what is not shown, or was never logged"):
        answer = json.loads(before)
        gone = answer["results"].pop()
        answer["results"].append({**answer["results"][0], "version": 9})
        page.write_text(json.dumps(answer))
        assert verify(copy, key=first) is None
        name = f"version {gone['version']} of the verdict on “{gone['claim']['slug']}”"
        assert [line for line in told if line.startswith("WRONG")] == [
            f"WRONG  version 9 of the verdict on “{answer['results'][0]['claim']['slug']}” is shown, and "
            "was never logged.",
            f"WRONG  {name} was logged, and is not shown.",
        ]
        page.write_text(before)

    remembered = json.loads(seen.read_text())
    with subtests.test("the log has grown since"):
        factories.approved(claim=factories.ClaimFactory(slug="later"))
        found = verify(live_server.url, seen=remembered)
        assert (found["size"], remembered["size"]) == (14, 13)
        assert verify(copy, seen=found) is None
        assert "had 14 entries when last seen, and has 13" in "".join(told)
        assert verify(copy, seen={**remembered, "root": "00" * 32}) is None
        assert "are others than were seen last" in "".join(told)

    with subtests.test("the site itself"):
        tamper(Verdict.objects.get(claim__slug="later"), rationale="Otherwise.")
        assert verify(live_server.url, key=first) is None
        assert told[1].startswith("WRONG  version 1 of the verdict on “later” is not what entry 13")
        assert told[1].endswith("say: rationale.")
    shutil.rmtree(copy)


@pytest.mark.django_db(transaction=False)
def test_the_site_hands_it_out(client):
    answer = client.get("/verify_log.py")
    assert b"".join(answer) == SCRIPT.read_bytes()
    assert answer["Content-Type"].startswith("text/x-python")
