"""What is claimed, answered and found, as RDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import F, Max, OuterRef, Subquery

from ..tables import BY_NAME
from .record import QUOTED, quotation
from .terms import Called, Thing, at, attached, iri, number, on, publisher, text, truth


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
                ("site:decidesWhole", truth(row["decides_whole"]) if whole else None),
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
                ("site:directness", text(row["directness"])),
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
                ("site:reason", text(row["reason"])),
                ("schema:correction", text(row["note"], row["language"])),
                ("schema:creativeWorkStatus", text(row["ending"] or "in force")),
                ("schema:author", publisher()),
                ("site:writtenBy", text(row["author"])),
                ("site:approvedBy", text(row["reviewer"])),
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
        claimant = called["speaker"](row["claimant"]) if row["claimant"] else None
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
                ("site:claimantName", text(row["claimant_name"])),
                ("site:claimant", claimant),
                ("site:claimedOn", on(row["claimed_on"])),
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
