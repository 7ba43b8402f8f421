"""Pages of a list, by a cursor that names the last row seen.

Unlike the stock cursor pages, these go on by the ordering field *and* the id: publication gives many
rows one and the same time, and however many there are, none is left out or given twice.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError as BadValue
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from ..strict_filters import moment

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
LARGEST_ID = 2**63 - 1


class Cursor(NamedTuple):
    """A place in a list: after (or `backward`, before) the row with this `value` and `pk`."""

    ordering: str
    backward: bool
    value: str
    pk: int

    def encode(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read what `encode` wrote. Raises ValueError for anything else."""
        cursor = cls._make(json.loads(base64.b64decode(text, altchars=b"-_", validate=True)))
        if [type(part) for part in cursor] != [str, bool, str, int]:
            raise ValueError("A cursor has four parts.")
        if not 0 < cursor.pk <= LARGEST_ID or "\0" in cursor.value:
            raise ValueError("No row is there.")
        cursor.value.encode()  # a lone surrogate is no text: UnicodeEncodeError is a ValueError
        return cursor


class CursorPages(BasePagination):
    """`{"next", "previous", "results"}`; the list is in the order that its queryset has."""

    own_parameters = frozenset({"cursor", "page_size"})

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        ordering = str((queryset.query.order_by or queryset.model._meta.ordering)[0])
        size = page_size(request, DEFAULT_SIZE, LARGEST_SIZE)
        cursor = self.cursor(ordering)
        backward = cursor is not None and cursor.backward
        if cursor is not None:
            queryset = queryset.filter(beyond(cursor, queryset))
        down = ordering.startswith("-") is not backward
        sign = "-" if down else ""
        self.field = ordering.removeprefix("-")
        rows = list(queryset.order_by(f"{sign}{self.field}", f"{sign}pk")[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        # Whoever came here by a cursor came from a row on its other side.
        self.has_next = more or backward
        self.has_previous = more if backward else cursor is not None
        self.ordering = ordering
        self.rows = rows
        return rows

    def cursor(self, ordering: str) -> Cursor | None:
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        refusal = ValidationError(
            {"cursor": ["Take a cursor from the next or previous page of the same list."]}
        )
        try:
            cursor = Cursor.decode(text)
        except (ValueError, TypeError, RecursionError):
            raise refusal from None
        if cursor.ordering != ordering:
            raise refusal
        return cursor

    def link(self, *, backward: bool) -> str | None:
        if not (self.has_previous if backward else self.has_next) or not self.rows:
            return None
        row = self.rows[0 if backward else -1]
        value = row._meta.get_field(self.field).value_to_string(row)
        cursor = Cursor(self.ordering, backward, value, row.pk)
        query = {**self.request.query_params.dict(), "cursor": cursor.encode()}
        return f"{settings.SITE_URL}{self.request.path}?{urlencode(query)}"

    def get_paginated_response(self, data: Any) -> Response:
        """The links also stand in the header (RFC 8288): not every form of an answer has a place for them."""
        links = {"next": self.link(backward=False), "prev": self.link(backward=True)}
        header = ", ".join(f'<{url}>; rel="{way}"' for way, url in links.items() if url)
        return Response(
            {"next": links["next"], "previous": links["prev"], "results": data},
            headers={"Link": header} if header else None,
        )

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Taken from `next` or `previous` of a page of the same list.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "description": "How many rows a page has.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST_SIZE,
                    "default": DEFAULT_SIZE,
                },
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def page_size(request: Request, default: int, largest: int) -> int:
    """How many rows an answer has at most. Raises ValidationError, naming the parameter."""
    text = request.query_params.get("page_size", str(default))
    # The length first: a number of 5,000 digits is not worth reading.
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= len(str(largest))
        and 1 <= int(text) <= largest
    ):
        return int(text)
    raise ValidationError({"page_size": [f"Give a whole number from 1 to {largest}."]})


def beyond(cursor: Cursor, queryset: QuerySet[Any]) -> Q:
    """The rows that come after the cursor's place in the direction that it looks.

    Raises ValidationError, naming the cursor, for a value that the ordering field cannot have.
    """
    name = cursor.ordering.removeprefix("-")
    try:
        value = queryset.model._meta.get_field(name).to_python(cursor.value)
        if isinstance(value, dt.datetime):
            value = moment(cursor.value)
    except (BadValue, ValueError, OverflowError):
        raise ValidationError({"cursor": ["No list has this place."]}) from None
    side = "lt" if cursor.ordering.startswith("-") is not cursor.backward else "gt"
    # The first condition says nothing that the second does not, but lets an index begin at the place.
    return Q(**{f"{name}__{side}e": value}) & (
        Q(**{f"{name}__{side}": value}) | Q(**{f"pk__{side}": cursor.pk})
    )
