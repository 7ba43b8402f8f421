"""The forms of an answer: JSON; for lists also CSV and, where schema.org has words for it, JSON-LD."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from rest_framework.exceptions import NotAcceptable, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from ..jsonld import CONTEXT, data_feed_item, person_or_organization, told_of, translated_from
from ..jsonld import MEDIA_TYPE as JSON_LD

BETWEEN = " | "  # several values in one cell
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Negotiation(DefaultContentNegotiation):
    """What the parameter `format` names, for whoever has only an address to give, such as a link or a
    spreadsheet; else what `Accept` prefers, weights included (RFC 9110, section 12.5.1); JSON where it does
    not mind."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        named = request.query_params.get("format")
        if named is not None:
            formats = {renderer.format: renderer for renderer in renderers}
            if named not in formats:
                raise ValidationError(
                    {"format": [f"This address answers in {' or '.join(formats)}."]}
                )
            return formats[named], formats[named].media_type
        offered = {renderer.media_type: renderer for renderer in renderers}
        asked = request._request
        if not asked.headers.get("Accept", "").strip():
            return renderers[0], renderers[0].media_type
        chosen = asked.get_preferred_type(list(offered)) or next(
            # A parameter that we do not have (charset=utf-8) is not meant to refuse.
            (kind for accepted in asked.accepted_types for kind in offered if accepted.match(kind)),
            None,
        )
        if chosen is None:
            raise NotAcceptable(f"This address answers in {' or '.join(offered)}.")
        return offered[chosen], chosen


class JSONLDRenderer(JSONRenderer):
    media_type = JSON_LD
    format = "jsonld"


class CSVRenderer(BaseRenderer):
    """A page of a list as a table (RFC 4180): a column for each value that a row has, named by its path.

    Several values stand in one cell with ` | ` between them. A cell that a spreadsheet would take for a
    formula begins with an apostrophe.
    """

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> str:
        view = renderer_context["view"]
        columns = view.selection.columns(view.get_serializer_class()())
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerow([".".join(path) for path in columns])
        for row in data["results"]:
            writer.writerow([cell(row, path) for path in columns])
        return table.getvalue()


def cell(row: Any, path: tuple[str, ...]) -> str:
    return unformulaic(BETWEEN.join(values_at(row, path)))


def unformulaic(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def values_at(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from values_at(one, path)
    elif value is None:
        yield ""  # in its place among several, so that what is beside it in another column stays there
    elif path:
        yield from values_at(value[path[0]], path[1:])
    else:
        yield str(value).lower() if isinstance(value, bool) else str(value)


# --- JSON-LD: what the rows of a list are to schema.org ------------------------------------------------


def data_feed(items: list[dict[str, Any]], *, url: str) -> dict[str, Any]:
    """A page of a list, whose address is `url`."""
    return {"@context": CONTEXT, "@type": "DataFeed", "url": url, "dataFeedElement": items}


def of_claim(claim: Any) -> dict[str, Any]:
    item = data_feed_item(claim)
    assert item is not None, "for_review() gives claims with a verdict in force"  # noqa: S101
    return item


def of_speaker(speaker: Any) -> dict[str, Any]:
    thing = person_or_organization(speaker) | {"url": page(speaker)}
    others = [row.name for row in speaker.names.all() if row.name != speaker.name]
    if others:
        thing["alternateName"] = others
    if speaker.description:
        thing["description"] = speaker.description
    return item_of(thing)


def of_source(source: Any) -> dict[str, Any]:
    thing = {
        "@type": "CreativeWork",
        "url": page(source),
        "name": source.title,
        "inLanguage": source.language,
    }
    if source.url:
        thing["sameAs"] = source.url
    if source.date:
        thing["datePublished"] = source.issued_iso
    parent = source.derived_from
    if parent and parent.is_published:
        thing["isBasedOn"] = page(parent)
    if not source.is_verbatim:
        thing["description"] = told_of(source.rendition, source.translated_by)
    return item_of(thing | translated_from(source.rendition_chain.steps))


def of_topic(topic: Any) -> dict[str, Any]:
    thing = {"@type": "DefinedTerm", "url": page(topic), "name": topic.name}
    if topic.description:
        thing["description"] = topic.description
    return item_of(thing)


def page(row: Any) -> str:
    return f"{settings.SITE_URL}{row.get_absolute_url()}"


def item_of(thing: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "DataFeedItem", "item": thing}
