"""The interface described to programs: a discovery document, from which generated clients make themselves.

https://developers.google.com/discovery/v1/reference/apis
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

VERSION = "v1alpha1"
PREFIX = "GoogleFactcheckingFactchecktoolsV1alpha1"
RESPONSE = f"{PREFIX}FactCheckedClaimSearchResponse"

# What the parameters of the method are, in the words of this site. The names are the client's.
SEARCH_PARAMETERS: dict[str, dict[str, Any]] = {
    "query": {
        "type": "string",
        "description": "Words to look for. Can be left out where reviewPublisherSiteFilter is given.",
    },
    "languageCode": {
        "type": "string",
        "description": "Reviews in this language only: a BCP 47 tag, of which the region is passed over.",
    },
    "reviewPublisherSiteFilter": {
        "type": "string",
        "description": "Reviews of the publisher with this host name only.",
    },
    "maxAgeDays": {
        "type": "integer",
        "format": "int32",
        "description": "Reviews of which the claim's date or their own, whichever is newer, is at most so "
        "many days past.",
    },
    "pageSize": {
        "type": "integer",
        "format": "int32",
        "description": "How many claims to answer with at most: 10 if left out, never more than 100.",
    },
    "pageToken": {
        "type": "string",
        "description": "The nextPageToken of the page before, with the same question.",
    },
    "offset": {
        "type": "integer",
        "format": "int32",
        "description": "How many claims to pass over; not considered with a pageToken.",
    },
}

# What every method takes.
SYSTEM_PARAMETERS: dict[str, dict[str, Any]] = {
    "$.xgafv": {
        "type": "string",
        "enum": ["1", "2"],
        "enumDescriptions": ["Taken, and not considered.", "Taken, and not considered."],
        "description": "The form of errors; there is one only.",
    },
    "access_token": {"type": "string", "description": "Taken, and not considered."},
    "alt": {
        "type": "string",
        "default": "json",
        "enum": ["json"],
        "enumDescriptions": ["JSON, the one format that is served."],
        "description": "The format of the answer.",
    },
    "fields": {"type": "string", "description": "Which fields to answer with: a field mask."},
    "key": {"type": "string", "description": "An API key of this site, if you have one."},
    "oauth_token": {"type": "string", "description": "Taken, and not considered."},
    "prettyPrint": {
        "type": "boolean",
        "default": "true",
        "description": "Whether the answer is indented.",
    },
    "quotaUser": {"type": "string", "description": "Taken, and not considered."},
    "uploadType": {"type": "string", "description": "Taken, and not considered."},
    "upload_protocol": {"type": "string", "description": "Taken, and not considered."},
}


def _text(description: str, **more: str) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _list(of: str, description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": of}, "description": description}


SCHEMAS: dict[str, dict[str, Any]] = {
    name: {"id": name, "type": "object", "description": description, "properties": properties}
    for name, description, properties in (
        (
            RESPONSE,
            "A page of claims.",
            {
                "claims": _list(
                    f"{PREFIX}Claim", "What was found; left out where there is nothing."
                ),
                "nextPageToken": _text("The pageToken of the next page; left out on the last."),
            },
        ),
        (
            f"{PREFIX}Claim",
            "A claim that was reviewed.",
            {
                "text": _text("What is claimed."),
                "claimant": _text("Who is known to have made it first."),
                "claimDate": _text(
                    "When they did, where the day is known.", format="google-datetime"
                ),
                "claimReview": _list(f"{PREFIX}ClaimReview", "What was found on it, and by whom."),
            },
        ),
        (
            f"{PREFIX}ClaimReview",
            "A review of a claim.",
            {
                "publisher": {"$ref": f"{PREFIX}Publisher", "description": "Who reviewed it."},
                "url": _text("Where the review is read."),
                "title": _text("The finding in a sentence, or the review's title."),
                "reviewDate": _text("When it was published.", format="google-datetime"),
                "textualRating": _text("The rating in words."),
                "languageCode": _text("The language of the review, as a BCP 47 tag."),
            },
        ),
        (
            f"{PREFIX}Publisher",
            "Who publishes reviews.",
            {
                "name": _text("The publisher's name."),
                "site": _text("Its host name, without “www.”."),
            },
        ),
    )
}


def document() -> dict[str, Any]:
    """Return the discovery document, with the addresses of this site."""
    path = f"{VERSION}/claims:search"
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"factchecktools:{VERSION}",
        "name": "factchecktools",
        "canonicalName": "Fact Check Tools",
        "version": VERSION,
        "title": f"{settings.PUBLISHER_NAME}: claims and their reviews",
        "description": "Reviewed claims, under the interface of Google's Fact Check Tools API.",
        "protocol": "rest",
        "rootUrl": f"{settings.SITE_URL}/",
        "baseUrl": f"{settings.SITE_URL}/",
        "basePath": "",
        "servicePath": "",
        "fullyEncodeReservedExpansion": True,
        "parameters": _located(SYSTEM_PARAMETERS),
        "schemas": SCHEMAS,
        "resources": {
            "claims": {
                "methods": {
                    "search": {
                        "id": "factchecktools.claims.search",
                        "path": path,
                        "flatPath": path,
                        "httpMethod": "GET",
                        "description": "Search through claims that were reviewed.",
                        "parameters": _located(SEARCH_PARAMETERS),
                        "parameterOrder": [],
                        "response": {"$ref": RESPONSE},
                    }
                }
            }
        },
    }


def shape(schema: str = RESPONSE) -> dict[str, Any]:
    """Return the names of the fields of `schema`, each with what it holds in turn; None for a plain value."""
    return {name: _held(field) for name, field in SCHEMAS[schema]["properties"].items()}


def _held(field: dict[str, Any]) -> dict[str, Any] | None:
    reference = field.get("items", field).get("$ref")
    return shape(reference) if reference else None


def _located(parameters: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {"location": "query", **about} for name, about in parameters.items()}
