"""Structured data of pages as others read it: extruct, JSON-LD expansion with schema.org's context, Google's
rules, structured-data-testing-tool. For the tests of ClaimReview."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import extruct
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from pyld import jsonld

from claims.models import Claim
from tests.claims.google_rules import REQUIRED, broken, repeated

SCHEMA_ORG = settings.BASE_DIR.parent / "shared" / "data" / "schemaorg" / "schemaorgcontext.jsonld"

# What schema.org defines for the types that we use, as far as we use it: the context names the terms, and
# does not say whose they are. Things have name, description, url and sameAs.
THING = {"name", "description", "url", "sameAs"}
CREATIVE_WORK = THING | {"author", "creator", "publisher", "datePublished", "dateModified"}
CREATIVE_WORK |= {"inLanguage", "isBasedOn", "translationOfWork", "text", "correction"}
ORGANIZATION = THING | {"correctionsPolicy", "ownershipFundingInfo"}
PROPERTIES = {
    "DataFeed": CREATIVE_WORK | {"dataFeedElement"},
    "DataFeedItem": THING | {"dateCreated", "dateModified", "item"},
    "ClaimReview": CREATIVE_WORK | {"itemReviewed", "reviewRating", "claimReviewed"},
    "Claim": CREATIVE_WORK | {"appearance", "firstAppearance"},
    "CreativeWork": CREATIVE_WORK,
    "CorrectionComment": CREATIVE_WORK,
    "Rating": THING
    | {"alternateName", "ratingValue", "bestRating", "worstRating", "ratingExplanation"},
    "Person": THING,
    "Organization": ORGANIZATION,
    "NewsMediaOrganization": ORGANIZATION | {"verificationFactCheckingPolicy"},
}


def reviews(pages: dict[str, str]) -> dict[str, list[dict]]:
    """What extruct finds on each page that has any structured data: by path, a list."""
    found = {
        path: extruct.extract(html, syntaxes=["json-ld"])["json-ld"] for path, html in pages.items()
    }
    return {path: there for path, there in found.items() if there}


def rated() -> set[str]:
    """The paths of the pages that are to bear a review."""
    return {claim.get_absolute_url() for claim in Claim.objects.published().rated()}


def check_pages(pages: dict[str, str]) -> None:
    """Every page with a verdict in force has its one review, which keeps the rules; no other page has any."""
    found = reviews(pages)

    assert found.keys() == rated() & pages.keys()
    for path, there in found.items():
        (review,) = there
        assert broken(review, f"http://testserver{path}", level=REQUIRED) == [], path
        assert review["url"] == f"http://testserver{path}"
        # What programs are told, readers are told too.
        words = BeautifulSoup(pages[path], "html.parser").main.get_text(" ")
        for shown in (review["claimReviewed"], review["reviewRating"]["alternateName"]):
            assert " ".join(shown.split()) in " ".join(words.split()), path
    assert repeated([there[0] for there in found.values()]) == []


def schema_org() -> dict[str, Any]:
    """The context that https://schema.org answers with."""
    if not SCHEMA_ORG.is_file():
        pytest.skip("the shared copy of schema.org's context is not beside this work tree")
    return json.loads(SCHEMA_ORG.read_text())


def expand(document, context):
    """Expanded without a network: of all addresses, the loader knows schema.org's alone."""

    def load(url, options):
        assert url.rstrip("/") in ("https://schema.org", "http://schema.org"), url
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": context,
            "contentType": "application/ld+json",
        }

    return jsonld.expand(document, {"documentLoader": load})


def leaves(thing):
    """The values in a document as it was written, by the last property on the way to each."""
    if isinstance(thing, list):
        for each in thing:
            yield from leaves(each)
    elif isinstance(thing, dict):
        for name, value in thing.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from leaves(each)
                elif name not in ("@context", "@type"):
                    yield name, each


def expanded_leaves(thing, name=""):
    if isinstance(thing, list):
        for each in thing:
            yield from expanded_leaves(each, name)
    elif "@value" in thing:
        yield name, thing["@value"]
    elif thing.keys() == {"@id"}:
        yield name, thing["@id"]
    else:
        for key, value in thing.items():
            if not key.startswith("@"):
                yield from expanded_leaves(value, key.removeprefix("http://schema.org/"))


def unknown_terms(thing, context):
    """Types and properties that the context does not name, and properties of another type's."""
    if isinstance(thing, list):
        return [fault for each in thing for fault in unknown_terms(each, context)]
    if not isinstance(thing, dict):
        return []
    terms, kind = context["@context"], thing["@type"]
    faults = [] if kind in terms else [kind]
    for name, value in thing.items():
        if name in ("@type", "@context"):
            continue
        if name not in terms or name not in PROPERTIES.get(kind, ()):
            faults.append(f"{kind}.{name}")
        faults += unknown_terms(value, context)
    return faults


def check_terms(document, context):
    assert unknown_terms(document, context) == []
    (expanded,) = expand(document, context)
    assert Counter(map(str, expanded_leaves(expanded))) == Counter(map(str, leaves(document)))
    return expanded


def check_with_tool(pages: dict[str, str], folder: Path) -> None:
    """Each page passes `structured-data-testing-tool --presets Google` without a warning."""
    tool = os.environ.get("SDTT")
    if not tool:
        pytest.skip("SDTT does not name structured-data-testing-tool's cli.js; .ci/run sets it")
    for number, (path, html) in enumerate(sorted(pages.items())):
        file = folder / f"{number}.html"
        file.write_text(html)
        answer = subprocess.run(
            ["node", tool, "--file", file, "--presets", "Google"], capture_output=True, text=True
        )
        assert answer.returncode == 0, f"{path}\n{answer.stdout}{answer.stderr}"
        assert "Google > ClaimReview" in answer.stdout, path
        assert "with 0 warnings" in answer.stdout, f"{path}\n{answer.stdout}"
