"""How the API describes itself, where drf-spectacular cannot know: what every answer has in common.

`describe` completes the document that is made from the views. Whatever holds of all resources alike is
said there once: the parameters that choose parts, the forms of a list, the errors, headers and keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse

from ..jsonld import MEDIA_TYPE as JSON_LD
from .deprecation import DEPRECATED
from .problems import MEDIA_TYPE
from .selection import DEEPEST, MOST

# Answers of the demo, shortened; tests/claims/api/examples.py writes them anew.
EXAMPLES = Path(__file__).with_name("examples.json")
EXAMPLES_SITE = "http://127.0.0.1:8000"  # whose they are: each site puts its own address there

# For operations that say themselves what they answer; `describe` puts the whole of it there.
WRONG_PARAMETER = OpenApiResponse(description="A parameter is unknown, or its value is.")

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What is wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The meaning of the status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in words."},
        "errors": {
            "type": "object",
            "description": "With 400: for each parameter, what is wrong about it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
# Status: the name of the answer, when it is given, an example of its title and its detail.
ERRORS: dict[str, tuple[str, str, str, str]] = {
    "400": (
        "WrongParameter",
        "A parameter is unknown, or its value is: `errors` has each.",
        "Bad Request",
        "What is asked for cannot be answered: see fields.",
    ),
    "401": (
        "WrongKey",
        "The API key is unknown, revoked or expired.",
        "Unauthorized",
        "This API key is not valid, or not any more.",
    ),
    "404": (
        "NotThere",
        "There is no such row, or it is not public.",
        "Not Found",
        "No Claim matches the given query.",
    ),
    "406": (
        "NoSuchForm",
        "The address has none of the forms that `Accept` names.",
        "Not Acceptable",
        "This address answers in application/json.",
    ),
    "410": (
        "Gone",
        "What the request builds on is no more.",
        "Gone",
        "This cursor is not of this feed.",
    ),
    "415": (
        "NotJSON",
        "The body is not JSON: send it with `Content-Type: application/json`.",
        "Unsupported Media Type",
        'Unsupported media type "text/plain" in request.',
    ),
    "429": (
        "TooMany",
        "Too many requests within a minute: `Retry-After` says when to go on.",
        "Too Many Requests",
        "600 requests a minute are answered: go on in 12 seconds.",
    ),
}
SELECTION: list[dict[str, Any]] = [
    {
        "name": "fields",
        "in": "query",
        "description": "Only these fields, separated by commas; dots lead into objects: "
        "`slug,verdict.rating.slug`. No other property is then in the answer, required ones included.",
        "schema": {"type": "string", "minLength": 1},
    },
    {
        "name": "expand",
        "in": "query",
        "description": "Links to give in full, separated by commas; dots lead into objects and, over "
        f"{DEEPEST} links at most, into what is expanded: `claim.topics`. {MOST} at most. "
        "A slug is then the object, and a short object has all properties of its list.",
        "schema": {"type": "string", "minLength": 1},
    },
]
HEADERS = {
    "ETag": "For `If-None-Match`: whether the answer still stands costs no more than its headers (304).",
    "RateLimit": "What is left, and until when: draft-ietf-httpapi-ratelimit-headers-09.",
    "RateLimit-Policy": "How many requests are answered in how many seconds: the same draft.",
    "API-Version": "The version of this interface.",
}


def describe(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Return the OpenAPI document `result`, completed (a hook of drf-spectacular)."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {
        name: error(status, *said) for status, (name, *said) in ERRORS.items()
    }
    components["responses"]["NotModified"] = {
        "description": "What `If-None-Match` names still stands.",
        "headers": headers("ETag", "RateLimit", "RateLimit-Policy", "API-Version"),
    }
    components["headers"] = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.items()
    } | {
        "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
        "WWW-Authenticate": {"description": "How to send a key.", "schema": {"type": "string"}},
        "Link": {
            "description": "The next and the previous page (RFC 8288).",
            "schema": {"type": "string"},
        },
    }
    components["securitySchemes"] = {
        "key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Api-Key",
            "description": "Raises the limit; also understood as `Authorization: Api-Key …` or `Bearer …`.",
        }
    }
    result["security"] = [{}, {"key": []}]
    result["servers"] = [{"url": settings.SITE_URL, "description": "This site"}]
    result["externalDocs"] = {
        "url": f"{settings.SITE_URL}/data/",
        "description": "Everything at once: files to download, and how they are made",
    }
    text = EXAMPLES.read_text(encoding="utf-8")
    examples = json.loads(text.replace(EXAMPLES_SITE, settings.SITE_URL))
    paths = result["paths"]
    rows = {path.rpartition("{")[0] for path in paths if "{" in path}
    for path, operations in paths.items():
        a_list, a_row = path in rows, "{" in path
        for method, operation in operations.items():
            operation.pop("security", None)  # that of the whole document holds
            answers = operation["responses"]
            complete(answers, method, a_list=a_list, a_row=a_row, example=examples.get(path))
            forms = answers["200"].get("content", {})
            operation.setdefault("parameters", []).append(form_parameter(forms))
            operation["summary"] = LOG_SUMMARIES.get(path) or summary(
                path.split("/")[3], method, a_row=a_row
            )
            if (a_list or a_row) and not path.startswith(LOG):
                operation["parameters"].extend(SELECTION)
    mark_deprecated(result)
    return result


# Not a resource with rows and lists, but one thing with parts.
LOG = "/api/v1/log/"
LOG_SUMMARIES = {
    LOG: "The log of editorial events",
    f"{LOG}entries/{{number}}/": "One entry, and the proof that the log has it",
    f"{LOG}proof/consistency/": "That nothing was changed between two sizes of the log",
}
SINGULAR = {"evidence": "piece of evidence"}


def summary(resource: str, method: str, *, a_row: bool) -> str:
    """What an operation is called in a table of contents."""
    if resource == "match":
        return "Has this been checked?" if method == "get" else "Have these been checked?"
    if resource == "changes":
        return "What has changed, in order"
    if a_row:
        return f"One {SINGULAR.get(resource, resource.removesuffix('s'))}"
    return f"{resource.capitalize()}, page by page"


def form_parameter(content: dict[str, Any]) -> dict[str, Any]:
    """`format`, with the forms that an answer of this `content` has."""
    names = {"application/json": "json", JSON_LD: "jsonld", "text/csv": "csv"}
    return {
        "name": "format",
        "in": "query",
        "description": "The form of the answer, whatever `Accept` says.",
        "schema": {
            "type": "string",
            "enum": [name for kind, name in names.items() if kind in content],
        },
    }


def error(status: str, description: str, title: str, detail: str) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": int(status),
        "detail": detail,
    }
    if status == "400":
        example["errors"] = {"fields": ["There is no field colour."]}
    names = {"401": ["WWW-Authenticate"], "429": ["Retry-After"]}.get(status, [])
    return {
        "description": description,
        "headers": headers("RateLimit", "RateLimit-Policy", "API-Version", *names),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }


def headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def complete(
    answers: dict[str, Any], method: str, *, a_list: bool, a_row: bool, example: Any
) -> None:
    statuses = {"400", "401", "406", "429", *answers.keys() & ERRORS.keys()} | (
        {"404"} if a_row else set()
    )
    for status in statuses:
        answers[status] = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
    fine = answers["200"]
    named = list(HEADERS)
    if method == "get":
        answers["304"] = {"$ref": "#/components/responses/NotModified"}
    else:
        named.remove("ETag")
    fine["headers"] = headers(*named, *(["Link"] if a_list else []))
    for media_type, content in fine.get("content", {}).items():
        if media_type == JSON_LD:
            content["schema"] = {
                "type": "object",
                "description": "A page of the list as schema.org DataFeed.",
                "required": ["@context", "@type", "url", "dataFeedElement"],
            }
        elif media_type == "text/csv":
            content["schema"] = {
                "type": "string",
                "description": "A header row, and one for each row.",
            }
        elif example is not None:
            content["example"] = example
    for status in sorted(answers):
        answers[status] = answers.pop(status)


def mark_deprecated(result: dict[str, Any]) -> None:
    for one in DEPRECATED:
        for path, operations in result["paths"].items():
            if path.split("/")[3:4] != [one.resource]:
                continue
            operation = operations["get"]
            if not one.parameter and not one.field:
                operation["deprecated"] = True
            for parameter in operation.get("parameters", []):
                if parameter["name"] == one.parameter:
                    parameter["deprecated"] = True
