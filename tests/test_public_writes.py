"""The public view is read-only: no address outside the desk writes anything, whatever is sent to it; but the
form by which readers report errors, where a setting lets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse

from claims.reporting import QUICKEST, new_ticket
from tests.claims.knowledge_base import build

pytestmark = pytest.mark.django_db

WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|COPY|CREATE|DROP|ALTER)\b", re.IGNORECASE
)


def public(resolver: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address outside the desk that has a name, with that."""
    for known in resolver.url_patterns:
        if str(known.pattern) == "admin/":
            continue
        if hasattr(known, "url_patterns"):
            below = f"{space}{known.namespace}:" if known.namespace else space
            yield from public(known, below)
        elif known.name:
            yield f"{space}{known.name}", known


def path_to(name: str, pattern: URLPattern, slugs: dict[str, str]) -> str:
    """An address of that name: with a row of ours at it, where it is about one with a slug."""
    parts = getattr(pattern.pattern, "converters", {}) or pattern.pattern.regex.groupindex
    given = {"version": 1, "edition": 1, "receipt": "x", "path": "x", "format": "json", "pk": 1}
    slug = next((slug for word, slug in slugs.items() if word in str(pattern.pattern)), "x")
    return reverse(name, kwargs={part: given.get(part, slug) for part in parts})


def test_only_the_form_for_reports_writes_and_only_where_it_is_on(client, settings):
    base = build()
    slugs = {
        "claims/": base.claim.slug,
        "speakers/": base.claimant.slug,
        "sources/": base.snapshot.source.slug,
        "transcripts/": base.snapshot.source.slug,
        "topics/": base.topic.slug,
    }
    client.raise_request_exception = False
    settings.PAGE_LIMIT_SENT = 1_000_000
    known = dict(public(get_resolver()))
    assert len(known) > 60
    paths = {name: path_to(name, pattern, slugs) for name, pattern in known.items()}
    assert paths["claim_report"] == f"/claims/{base.claim.slug}/report/"
    client.get(base.pages["match"])  # each process looks once at what the database offers
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql):
            written.append(sql)
        return execute(sql, params, many, context)

    found = {}
    with time_machine.travel(0, tick=False) as clock, connection.execute_wrapper(note):
        ticket = new_ticket(base.claim.slug)
        clock.shift(QUICKEST)
        sent = {"kind": "factual", "text": "It was said.", "ticket": ticket}

        def send(name: str) -> None:
            """As a form, and as programs do."""
            client.post(paths[name], sent)
            client.post(paths[name], {"texts": ["It was said."]}, "application/json")
            for method in (client.put, client.patch, client.delete):
                method(paths[name], sent, "application/json")

        for on, names in ((False, ["claim_report"]), (True, paths)):
            settings.READER_REPORTS = on
            for name in names:
                written.clear()
                send(name)
                if written:
                    found[on, name] = [sql.split('"')[1] for sql in written]

    assert found == {
        (True, "claim_report"): ["claims_readerreport", "claims_historicalreaderreport"]
    }
