"""`/api/v1/log/`: files and proofs, as whoever verifies them reads them."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from claims.log import checkpoints, merkle, notes, tiles
from claims.models import LogCheckpoint, LogEntry, LogKey, LogNode
from tests import factories

from .conftest import NEW

pytestmark = pytest.mark.django_db
LOG = "/api/v1/log/"


def decoded(hashes):
    return [base64.b64decode(one) for one in hashes]


def test_an_empty_log_says_so(client):
    assert client.get(LOG).json()["name"] is None
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1", "entries/0/"):
        assert client.get(LOG + path).status_code == 404
    assert client.get(f"{LOG}proof/consistency/?from=0").json() == {
        "from": 0,
        "to": 0,
        "hashes": [],
    }


def test_checkpoint_tiles_bundles_and_documents(client, logged, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get(f"{LOG}checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "immutable" not in answer["Cache-Control"]
    signed = checkpoints.Checkpoint.parse(notes.verify(answer.content, [NEW.verifier]))
    assert (signed.origin, signed.size) == ("testserver/log", 13)

    for tile in tiles.tiles(signed.size):
        with django_assert_num_queries(1):
            answer = client.get(LOG + tile.path)
        assert "immutable" in answer["Cache-Control"]
        hashes = dict(LogNode.objects.filter(level=tile.level).values_list("index", "hash"))
        assert answer.content == b"".join(bytes(hashes[i]) for i in range(tile.width))
    (bundle,) = tiles.bundles(signed.size)
    with django_assert_num_queries(1):
        entries = tiles.unbundled(client.get(LOG + bundle.path).content)
    assert entries == [entry.body.encode() for entry in LogEntry.objects.all()]
    digest = json.loads(entries[0])["documents"]["verdict"]
    with django_assert_num_queries(1):
        answer = client.get(f"{LOG}documents/{digest}")
    assert hashlib.sha256(answer.content).hexdigest() == digest
    assert (answer["Content-Type"], "immutable" in answer["Cache-Control"]) == (
        "application/json",
        True,
    )
    for path in (
        "tile/0/000", "tile/0/000.p/14", "tile/0/001.p/1", "tile/63/000.p/1", "tile/x", "tile/0/0",
        "tile/entries/000.p/14", f"documents/{'0' * 64}", "documents/%00", "entries/13/",
        f"entries/{10**30}/", "tile/0/x999/x999/x999/x999/x999/999.p/1",
    ):  # fmt: skip
        answer = client.get(LOG + path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), (
            path
        )
    assert client.get(f"{LOG}checkpoint?x=1").status_code == 400


def test_inclusion_and_consistency_are_proved(client, logged, django_assert_num_queries):
    roots = {row.size: bytes(row.root) for row in LogCheckpoint.objects.all()}
    for number in range(13):
        with django_assert_num_queries(3):
            answer = client.get(f"{LOG}entries/{number}/").json()
        leaf = merkle.leaf_hash(answer["body"].encode())
        assert decoded([answer["leaf_hash"], answer["inclusion"]["root"]]) == [leaf, roots[13]]
        proof = decoded(answer["inclusion"]["hashes"])
        merkle.verify_inclusion(leaf, number, 13, proof, roots[13])
        assert (answer["entry"], answer["number"]) == (json.loads(answer["body"]), number)
    for first in range(1, 13):
        answer = client.get(f"{LOG}proof/consistency/?from={first}").json()
        assert (answer["from"], answer["to"]) == (first, 13)
        merkle.verify_consistency(first, 13, decoded(answer["hashes"]), roots[first], roots[13])
    with django_assert_num_queries(2):
        client.get(f"{LOG}proof/consistency/?from=5&to=11")
    for query in ("", "from=x", "from=-1", "from=9&to=3", "from=1&to=14", "from=1&x=2"):
        assert client.get(f"{LOG}proof/consistency/?{query}").status_code == 400


def test_it_says_where_all_is_and_which_keys_signed(client, logged, django_assert_num_queries):
    with django_assert_num_queries(2):
        answer = client.get(LOG).json()
    assert answer == {
        "name": "testserver/log",
        "size": 13,
        "keys": [
            {
                "verifier": key.verifier,
                "since": key.since,
                "checkpoint": LogCheckpoint.objects.get(size=key.since).note,
            }
            for key in LogKey.objects.all()
        ],
        "checkpoint": "http://testserver/api/v1/log/checkpoint",
        "tiles": "http://testserver/api/v1/log/",
        "entries": "http://testserver/api/v1/log/entries/",
        "documents": "http://testserver/api/v1/log/documents/",
        "program": "http://testserver/verify_log.py",
    }


def test_what_is_not_signed_yet_has_no_proof(client, settings):
    factories.approved()
    settings.LOG_KEY = ""
    factories.approved()
    assert client.get(f"{LOG}entries/0/").json()["inclusion"]["size"] == 1
    assert client.get(f"{LOG}entries/1/").json()["inclusion"] is None
