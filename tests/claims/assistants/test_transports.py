"""The server as assistants meet it: its own process, on a database of its own, over stdio and HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.browser.conftest import ROOT, empty_database

pytestmark = pytest.mark.enable_socket

PATIENCE = 60  # seconds
CLAIM = "there-were-no-promises-that-nato-would-not-expand"
ASK = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "search_claims", "arguments": {"query": "NATO"}},
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """That of a site with the seed knowledge base, on the kind of database that the suite is run on."""
    folder = tmp_path_factory.mktemp("assistants")
    with empty_database("assistants", folder) as database:
        own = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
            "ALLOWED_HOSTS": "facts.example",
            "SITE_URL": "https://facts.example",
            "DATABASE_URL": database,
            "ARCHIVING": "off",
            "ARCHIVE_ROOT": str(folder / "archive"),
            "SEARCH_ROOT": str(folder / "search"),
            "LOG_LEVEL": "WARNING",
        }
        for command in (["migrate", "--verbosity=0"], ["load_seeds"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=own,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield own


@pytest.fixture(scope="module")
def port(environment):
    """Where a server listens."""
    server = subprocess.Popen(
        [sys.executable, "manage.py", "mcp", "--http", "127.0.0.1:0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = server.stdout.readline()  # type: ignore[union-attr]
        assert line.startswith("Serving assistants on http://127.0.0.1:")
        yield int(line.partition("127.0.0.1:")[2].partition("/mcp")[0])
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()  # type: ignore[union-attr]


async def asked(client):
    """What one conversation brings: two answers at once, and an error."""
    found = await client.call_tool("search_claims", {"query": "NATO promised not to expand"})
    read = {}

    async def one(name):
        read[name] = await client.call_tool("read_verdict", {"claim": name})

    async with anyio.create_task_group() as group:
        for name in (CLAIM, f"https://facts.example/de/claims/{CLAIM}/", "no-such-claim"):
            group.start_soon(one, name)
    return found, read


def right(found, read):
    slugs = [brief["slug"] for brief in found.structured_content["results"]]
    assert CLAIM in slugs
    by_slug, by_address, nothing = read.values()
    assert by_slug.structured_content == by_address.structured_content
    answer = by_slug.structured_content
    assert answer["cite"]["page"] == f"https://facts.example/claims/{CLAIM}/"
    assert answer["rating"]["label"] == "Conflicting evidence"
    assert answer["rating"]["measures_truth"] is False
    assert {row["quotation"]["rendition"]["kind"] for row in answer["appearances"]} == {
        "machine-translation"
    }
    assert by_slug.content[0].text.startswith("# Claim: There were no promises")
    assert nothing.is_error
    assert nothing.content[0].text.startswith("There is no public claim “no-such-claim”.")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_stdio(environment, mode):
    async def talk():
        server = StdioServerParameters(
            command=sys.executable, args=["manage.py", "mcp"], env=environment, cwd=ROOT
        )
        with anyio.fail_after(PATIENCE):
            async with Client(server, mode=mode) as client:
                return await asked(client)

    right(*anyio.run(talk))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(port, mode):
    async def talk():
        with anyio.fail_after(PATIENCE):
            async with Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
                return await asked(client)

    right(*anyio.run(talk))


def post(port, *, method="POST", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        sent = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/mcp", body or json.dumps(ASK), sent)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "facts.example", "facts.example:443"])
def test_it_answers_to_its_own_names(port, host):
    status, body = post(port, Host=host)
    assert status == 200
    assert json.loads(body)["result"]["structuredContent"]["results"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "facts.example.evil.example"]
)
def test_a_foreign_name_that_leads_here_is_refused(port, host):
    assert post(port, Host=host)[0] == 421


def test_a_page_of_another_site_is_refused(port):
    assert post(port, Origin="https://evil.example")[0] == 403
    assert post(port, Origin="https://facts.example")[0] == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
def test_nothing_is_held_open_and_nothing_but_asked(port, method):
    assert post(port, method=method)[0] == 405


def test_what_is_too_large_is_refused(port):
    assert post(port, body=b'{"a": "' + b"x" * 200_000 + b'"}')[0] == 413


def test_the_longest_statement_fits_however_it_is_written(port):
    ask = ASK | {"params": {"name": "read_verdict", "arguments": {"claim": "😀" * 5_000}}}
    status, body = post(port, body=json.dumps(ask))  # twelve bytes each
    assert status == 200
    assert "give at most 2,000" in json.loads(body)["result"]["content"][0]["text"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"\xff"', b"null", b'{"jsonrpc": "2.0", "id": "\\ud800"}']
)
def test_what_is_no_request_is_refused_and_the_server_goes_on(port, body):
    assert post(port, body=body)[0] == 400
    assert post(port)[0] == 200


def test_a_line_that_is_no_request_ends_no_conversation_over_stdio(environment):
    ask = ASK["params"] | {"_meta": {}}
    lines = [
        b"{\n",
        b"\xff\xfe\n",
        b'{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}\n',
        json.dumps(
            {
                "jsonrpc": "2.0", "id": 2, "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18", "capabilities": {},
                    "clientInfo": {"name": "test", "version": "1"},
                },
            }
        ).encode() + b"\n",
        b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n',
        json.dumps({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": ask}).encode() + b"\n",
    ]  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server.stdin, server.stdout:
        server.stdin.write(b"".join(lines))
        server.stdin.flush()
        answers = []
        while not any(answer.get("id") == 3 for answer in answers):
            line = server.stdout.readline()
            assert line, "the server ended"
            answers.append(json.loads(line))  # nothing else is ever printed there
        server.stdin.close()
        assert server.wait(timeout=PATIENCE) == 0
    assert answers[-1]["result"]["structuredContent"]["results"]


def test_a_port_that_is_taken_is_said(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        told = subprocess.run(
            [sys.executable, "manage.py", "mcp", "--http", place],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert told.returncode == 1
    assert "CommandError: Nothing can be served on port" in told.stderr
