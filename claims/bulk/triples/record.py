"""What is on record, as RDF: who speaks, and what was printed where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from ..tables import BY_NAME
from .terms import Called, Thing, at, iri, number, on, text


def speakers(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["speakers"].records():
        person = row["kind"] == "person"
        types = (
            "schema:Person, prov:Person"
            if person
            else "schema:Organization, prov:Organization"
            if row["kind"] in ("organisation", "state")
            else "schema:Organization, prov:Agent"
        )
        wikidata = row["wikidata_id"]
        yield (
            called["speaker"](row["slug"]),
            types,
            [
                ("schema:name", text(row["name"])),
                ("schema:description", text(row["description"])),
                (
                    "schema:sameAs",
                    iri(f"http://www.wikidata.org/entity/{wikidata}") if wikidata else None,
                ),
            ],
        )
    for row in BY_NAME["speaker_names"].records():
        name = called["speaker"](row["speaker"])
        yield name, "prov:Agent", [("schema:alternateName", text(row["name"]))]


def topics(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["topics"].records():
        told = [
            ("schema:name", text(row["name"])),
            ("schema:description", text(row["description"])),
        ]
        yield called["topic"](row["slug"]), "schema:DefinedTerm", told


def sources(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["sources"].records():
        origin = called["source"](row["derived_from"]) if row["derived_from"] else None
        translated = row["derivation"] == "translation"
        yield (
            called["source"](row["slug"]),
            "schema:CreativeWork, prov:Entity",
            [
                ("schema:name", text(row["title"])),
                ("schema:additionalType", text(row["kind"])),
                ("schema:creditText", text(row["authors"])),
                ("schema:publisher", text(row["publisher"])),
                ("schema:datePublished", on(row["date"], row["date_precision"])),
                ("schema:locationCreated", text(row["place"])),
                ("schema:url", iri(row["url"]) if row["url"] else None),
                ("schema:inLanguage", text(row["language"])),
                ("schema:copyrightNotice", text(row["rights"])),
                ("prov:wasDerivedFrom", origin),
                ("schema:isBasedOn", origin),
                ("schema:translationOfWork", origin if translated else None),
                ("site:derivation", text(row["derivation"])),
                ("site:rendition", text(row["rendition"])),
                ("site:translatedBy", text(row["translated_by"])),
                ("site:recording", iri(row["recording_url"]) if row["recording_url"] else None),
                ("site:renditionNote", text(row["rendition_note"])),
                ("site:primacy", text(row["primacy"])),
                ("site:declaredInterest", text(row["declared_interest"])),
            ],
        )


def editions(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["snapshots"].records():
        source = called["source"](row["source"])
        yield (
            called["edition"](row["source"], row["edition"]),
            "schema:MediaObject, prov:Entity",
            [
                ("schema:encodesCreativeWork", source),
                ("prov:specializationOf", source),
                ("schema:version", number(row["edition"])),
                ("schema:sha256", text(row["sha256"])),
                ("site:textSha256", text(row["text_sha256"])),
                ("schema:contentUrl", kept(row["source"], row["edition"])),
                ("schema:encodingFormat", text(row["media_type"])),
                ("prov:generatedAtTime", at(row["retrieved_at"])),
            ],
        )


def kept(source: str, edition: int) -> str:
    """Where the bytes of an edition are fetched."""
    return iri(f"{settings.SITE_URL}{reverse('edition_bytes', args=[source, edition])}")


PLACE = {
    "source": F("snapshot__source__slug"),
    "edition": F("snapshot__edition"),
    "language": F("snapshot__source__language"),
}
QUOTED = {
    "quoted": F("passage__snapshot__source__slug"),
    "edition": F("passage__snapshot__edition"),
    "start": F("passage__start"),
    "end": F("passage__end"),
}


def quotation(called: Called, row: dict[str, Any]) -> str | None:
    """The passage of a row that was read with `QUOTED`."""
    if row["quoted"] is None:
        return None
    return called["passage"](row["quoted"], row["edition"], row["start"], row["end"])


def passages(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["passages"].records(**PLACE):
        yield (
            called["passage"](row["source"], row["edition"], row["start"], row["end"]),
            "schema:Quotation, prov:Entity",
            [
                ("schema:text", text(row["exact"], row["language"])),
                ("schema:isPartOf", called["edition"](row["source"], row["edition"])),
                ("prov:wasQuotedFrom", called["source"](row["source"])),
            ],
        )
