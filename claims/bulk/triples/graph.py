"""The graph, written to a file: the triples one thing after another, so that none is ever held."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from ..writing import HashedFile, Written
from .judgement import (
    appearances,
    claims,
    evidence,
    external_reviews,
    ratings,
    rebuttals,
    retired,
    searches,
    verdicts,
)
from .own import namespace, vocabulary
from .record import editions, passages, sources, speakers, topics
from .terms import Thing, iri, names, publisher, text

PREFIXES = {
    # As the context of schema.org has it: http, not https.
    "schema": "http://schema.org/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def write(root: Path, path: str) -> Written:
    """Write the graph to the file `path` below `root`."""
    with (
        HashedFile(root, path) as raw,
        io.BufferedWriter(raw, 1 << 16) as file,
        override(settings.LANGUAGE_CODE),  # the addresses of the contract
    ):
        for prefix, name in {**PREFIXES, "site": namespace()}.items():
            file.write(f"@prefix {prefix}: <{name}> .\n".encode())
        for thing in things():
            file.write(turtle(thing).encode())
    return raw.written


def turtle(thing: Thing) -> str:
    """The statements on one thing, each on a line."""
    name, types, said = thing
    lines = [f"{name} a {types}", *(f"    {verb} {term}" for verb, term in said if term)]
    return "\n" + " ;\n".join(lines) + " .\n"


def things() -> Iterator[Thing]:
    called = names()
    yield (
        publisher(),
        "schema:Organization, prov:Organization",
        [
            ("schema:name", text(settings.PUBLISHER_NAME)),
            ("schema:url", iri(f"{settings.SITE_URL}/")),
        ],
    )
    yield (
        iri(f"{settings.SITE_URL}{reverse('data')}#data"),
        "schema:Dataset, prov:Entity",
        [
            ("schema:name", text(f"{settings.PUBLISHER_NAME}: everything published")),
            ("schema:publisher", publisher()),
            ("schema:license", iri(settings.DATA_LICENCE) if settings.DATA_LICENCE else None),
        ],
    )
    yield from vocabulary()
    for tell in (speakers, topics, sources, editions, passages, ratings, claims, retired):
        yield from tell(called)
    for tell in (appearances, rebuttals, evidence, searches, verdicts, external_reviews):
        yield from tell(called)
