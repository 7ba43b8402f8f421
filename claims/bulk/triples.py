"""Everything that is published as RDF, in Turtle: the terms of schema.org and of PROV-O.

A thing is named by its page on this site and a fragment of it; there are no blank nodes. Texts are
written by rdflib, the triples one thing after another, so that no graph is ever held.

https://www.w3.org/TR/turtle/ · https://schema.org/ · https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import F, Max, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import override
from rdflib import Literal

from .tables import BY_NAME
from .writing import HashedFile, Written, moment

PREFIXES = {
    # As the context of schema.org has it: http, not https.
    "schema": "http://schema.org/",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
SAFE = "!#$%&'()*+,/:;=?@[]~"  # besides letters, digits and -._
PLAIN = re.compile(rf"[-._A-Za-z0-9{re.escape(SAFE)}]+")
DATES = {"day": (10, "xsd:date"), "month": (7, "xsd:gYearMonth"), "year": (4, "xsd:gYear")}

# A thing: what it is called, of which types it is, and what is said of it (None: nothing is).
Thing = tuple[str, str, list[tuple[str, str | None]]]


def write(root: Path, path: str) -> Written:
    """Write the graph to the file `path` below `root`."""
    with HashedFile(root, path) as raw, io.BufferedWriter(raw, 1 << 16) as file:
        for prefix, name in PREFIXES.items():
            file.write(f"@prefix {prefix}: <{name}> .\n".encode())
        with override(settings.LANGUAGE_CODE):  # the addresses of the contract
            for thing in things():
                file.write(turtle(thing).encode())
    return raw.written


def turtle(thing: Thing) -> str:
    """The statements on one thing, each on a line."""
    name, types, said = thing
    lines = [f"{name} a {types}", *(f"    {verb} {term}" for verb, term in said if term)]
    return "\n" + " ;\n".join(lines) + " .\n"


# --- Terms ---


def iri(address: str) -> str:
    """An address as a term (Turtle, IRIREF); of what it cannot hold, percent-encoded."""
    # Most are our own, and as they should be: looking is quicker than quoting.
    return f"<{address if PLAIN.fullmatch(address) else quote(address, safe=SAFE)}>"


def text(value: str, language: str | None = None) -> str | None:
    """A text in a language (BCP 47), if it is known; None for an empty one."""
    return Literal(value, lang=language or None).n3() if value else None


def typed(value: str, datatype: str) -> str:
    return f'"{value}"^^{datatype}'


def at(value: dt.datetime | None) -> str | None:
    return typed(moment(value), "xsd:dateTime") if value else None


def on(value: dt.date | None, precision: str = "day") -> str | None:
    if value is None:
        return None
    length, datatype = DATES[precision or "day"]
    return typed(value.isoformat()[:length], datatype)


def number(value: int | None) -> str | None:
    return None if value is None else str(value)


# --- Names ---


def namer(view: str, *parts: str, fragment: str) -> Callable[..., str]:
    """A function that names the thing at `fragment` of a page. Reversing an address for each of a million
    things would take longer than all else."""
    marks = [f"qqq{number}" for number in range(len(parts))]
    arguments = [int(f"77700{n}") if kind == "int" else marks[n] for n, kind in enumerate(parts)]
    pattern = f"{settings.SITE_URL}{reverse(view, args=arguments)}".replace("%", "%%")
    for mark in map(str, arguments):
        pattern = pattern.replace(mark, "%s")
    pattern += f"#{fragment}"
    return lambda *given: iri(pattern % given)


def names() -> dict[str, Callable[..., str]]:
    edition = f"{settings.SITE_URL}{reverse('transcript', args=['qqq'])}".replace("qqq", "%s")
    return {
        "speaker": namer("speaker", "slug", fragment="speaker"),
        "topic": namer("topic", "slug", fragment="topic"),
        "source": namer("source", "slug", fragment="source"),
        "rating": namer("methodology", fragment="rating-%s"),
        "claim": namer("claim", "slug", fragment="claim"),
        "part_of_claim": namer("claim", "slug", fragment="%s-%s"),
        "verdict": namer("verdict", "slug", "int", fragment="verdict"),
        "edition": lambda slug, n: iri(f"{edition % slug}?edition={n}#edition"),
        "passage": lambda slug, n, start, end: iri(f"{edition % slug}?edition={n}#p{start}-{end}"),
    }


# --- Things ---


def publisher() -> str:
    return iri(f"{settings.SITE_URL}/#publisher")


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
    for tell in (speakers, topics, sources, editions, passages, ratings, claims, retired):
        yield from tell(called)
    for tell in (appearances, rebuttals, evidence, searches, verdicts, external_reviews):
        yield from tell(called)


Called = dict[str, Callable[..., str]]


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
                ("schema:encodingFormat", text(row["media_type"])),
                ("prov:generatedAtTime", at(row["retrieved_at"])),
            ],
        )


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


def ratings(called: Called) -> Iterator[Thing]:
    ranges = {"worst": F("scale__worst"), "best": F("scale__best")}
    for row in BY_NAME["ratings"].records(**ranges):
        measured = row["value"] is not None
        yield (
            called["rating"](row["slug"]),
            "schema:Rating",
            [
                ("schema:alternateName", text(row["label"])),
                ("schema:ratingExplanation", text(row["meaning"])),
                ("schema:ratingValue", number(row["value"])),
                ("schema:worstRating", number(row["worst"] if measured else None)),
                ("schema:bestRating", number(row["best"] if measured else None)),
            ],
        )


def claims(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["claims"].records():
        whole = called["claim"](row["part_of"]) if row["part_of"] else None
        yield (
            called["claim"](row["slug"]),
            "schema:Claim, prov:Entity",
            [
                ("schema:text", text(row["text"], row["language"])),
                ("schema:abstract", text(row["context"], row["language"])),
                ("schema:additionalType", text(row["kind"])),
                ("schema:inLanguage", text(row["language"])),
                ("schema:isPartOf", whole),
                ("schema:dateModified", at(row["updated_at"])),
                ("prov:generatedAtTime", at(row["published_at"])),
                ("prov:wasAttributedTo", publisher()),
            ],
        )
    for row in BY_NAME["claim_topics"].records():
        about = called["topic"](row["topic"])
        yield called["claim"](row["claim"]), "schema:Claim", [("schema:about", about)]


def retired(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["retired_claims"].records():
        successor = called["claim"](row["leads_to"])
        yield (
            called["claim"](row["slug"]),
            "prov:Entity",
            [("prov:alternateOf", successor), ("schema:sameAs", successor)],
        )


def attached(called: Called, kind: str, row: dict[str, Any]) -> str:
    return called["part_of_claim"](row["claim"], kind, row["id"])


def appearances(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["appearances"].records(**QUOTED):
        claim, claimant = called["claim"](row["claim"]), called["speaker"](row["claimant"])
        place = quotation(called, row)
        reporter = called["speaker"](row["reported_by"]) if row["reported_by"] else None
        yield (
            attached(called, "appearance", row),
            "schema:CommunicateAction, prov:Activity",
            [
                ("schema:about", claim),
                ("schema:agent", claimant),
                ("prov:wasAssociatedWith", claimant),
                ("schema:participant", reporter),
                ("schema:additionalType", text(row["manner"])),
                ("schema:startTime", on(row["said_on"])),
                ("schema:result", place),
            ],
        )
        # Who denies a claim does not make it.
        if row["manner"] != "denied":
            said = [("schema:author", claimant), ("schema:appearance", place)]
            yield claim, "schema:Claim", said


def rebuttals(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["rebuttals"].records(**QUOTED):
        speaker, place = called["speaker"](row["speaker"]), quotation(called, row)
        counterclaim = called["claim"](row["counterclaim"]) if row["counterclaim"] else None
        yield (
            attached(called, "rebuttal", row),
            "schema:Comment, prov:Entity",
            [
                ("schema:about", called["claim"](row["claim"])),
                ("schema:author", speaker),
                ("schema:abstract", text(row["summary"])),
                ("schema:mainEntity", counterclaim),
                ("prov:wasDerivedFrom", place),
                ("prov:generatedAtTime", at(row["published_at"])),
            ],
        )
    for row in BY_NAME["citations"].records(claim=F("rebuttal__claim__slug")):
        name = called["part_of_claim"](row["claim"], "rebuttal", row["rebuttal"])
        source = called["source"](row["source"]) if row["source"] else None
        yield name, "schema:Comment", [("schema:citation", source or text(row["invoked"]))]


def evidence(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["evidence"].records(**QUOTED):
        source = called["source"](row["source"])
        yield (
            attached(called, "evidence", row),
            "schema:CreativeWork, prov:Entity",
            [
                ("schema:about", called["claim"](row["claim"])),
                ("schema:additionalType", text(row["direction"])),
                ("schema:abstract", text(row["summary"])),
                ("schema:isBasedOn", source),
                ("prov:wasDerivedFrom", quotation(called, row) or source),
                ("schema:pagination", text(row["locator"])),
                ("schema:dateCreated", on(row["available_on"])),
                ("prov:generatedAtTime", at(row["published_at"])),
                ("prov:wasAttributedTo", publisher()),
            ],
        )


def searches(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["searches"].records():
        yield (
            attached(called, "search", row),
            "schema:SearchAction, prov:Activity",
            [
                ("schema:about", called["claim"](row["claim"])),
                ("schema:location", text(row["place"])),
                ("schema:query", text(row["terms"])),
                ("schema:result", text(row["outcome"])),
                ("schema:startTime", on(row["searched_on"])),
                ("prov:wasAssociatedWith", publisher()),
            ],
        )


def verdicts(called: Called) -> Iterator[Thing]:
    language = {"language": F("claim__language")}
    for row in BY_NAME["verdicts"].records(**language, before=previous_version()):
        claim, verdict = (
            called["claim"](row["claim"]),
            called["verdict"](row["claim"], row["version"]),
        )
        revised = called["verdict"](row["claim"], row["before"]) if row["before"] else None
        withdrawal = f"{verdict[:-1]}-ending>" if row["ending"] == "withdrawn" else None
        yield (
            verdict,
            "schema:ClaimReview, prov:Entity",
            [
                ("schema:itemReviewed", claim),
                ("schema:claimReviewed", text(row["claim_text"], row["language"])),
                ("schema:reviewRating", called["rating"](row["rating"])),
                ("schema:headline", text(row["headline"], row["language"])),
                ("schema:reviewBody", text(row["rationale"], row["language"])),
                ("schema:version", number(row["version"])),
                ("schema:datePublished", on(row["published_at"].astimezone(dt.UTC).date())),
                ("schema:correction", text(row["note"], row["language"])),
                ("schema:creativeWorkStatus", text(row["ending"] or "in force")),
                ("schema:author", publisher()),
                ("prov:wasAttributedTo", publisher()),
                ("prov:wasDerivedFrom", claim),
                ("prov:wasRevisionOf", revised),
                ("prov:generatedAtTime", at(row["published_at"])),
                ("prov:invalidatedAtTime", at(row["ended_at"])),
                ("prov:wasInvalidatedBy", withdrawal),
            ],
        )
        if withdrawal:
            yield (
                withdrawal,
                "prov:Activity",
                [
                    ("schema:description", text(row["ending_reason"], row["language"])),
                    ("prov:endedAtTime", at(row["ended_at"])),
                    ("prov:wasAssociatedWith", publisher()),
                ],
            )


def external_reviews(called: Called) -> Iterator[Thing]:
    for row in BY_NAME["external_reviews"].records():
        review = attached(called, "external-review", row)
        by = f"{review[:-1]}-publisher>"
        yield (
            review,
            "schema:ClaimReview, prov:Entity",
            [
                ("schema:itemReviewed", called["claim"](row["claim"])),
                ("schema:claimReviewed", text(row["claim_reviewed"])),
                ("schema:url", iri(row["url"])),
                ("schema:headline", text(row["title"], row["language"])),
                ("schema:reviewRating", f"{review[:-1]}-rating>"),
                ("schema:inLanguage", text(row["language"])),
                ("schema:datePublished", on(row["reviewed_on"])),
                ("schema:author", by),
                ("prov:wasAttributedTo", by),
            ],
        )
        yield (
            by,
            "schema:Organization, prov:Agent",
            [
                ("schema:name", text(row["publisher_name"])),
                ("schema:url", iri(f"https://{row['publisher_site']}/")),
            ],
        )
        yield (
            f"{review[:-1]}-rating>",
            "schema:Rating",
            [
                ("schema:alternateName", text(row["rating_text"])),
                ("schema:ratingValue", text(row["rating_value"])),
                ("schema:bestRating", text(row["rating_best"])),
                ("schema:worstRating", text(row["rating_worst"])),
            ],
        )


def previous_version() -> Any:
    """SQL expression: the number of the published version before this one."""
    earlier = (
        BY_NAME["verdicts"]
        .rows()
        .filter(claim=OuterRef("claim"), version__lt=OuterRef("version"))
        .order_by()
        .values("claim")
        .annotate(latest=Max("version"))
    )
    return Subquery(earlier.values("latest"))
