"""The address at which a source is published, with what became of it, and our copy of what stood there."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import (
    Aggregate,
    BooleanField,
    ExpressionWrapper,
    F,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import JSONObject
from django.urls import reverse

from sources.models.link import LinkState
from sources.querysets import Origin

from .edition import public_copies

# The states that a reader is told of.
TROUBLED = (LinkState.MOVED, LinkState.CHANGED, LinkState.GONE)


@dataclass(frozen=True)
class Copy:
    """The newest edition of the source that the public may see as it was kept."""

    slug: str
    edition: int
    retrieved_at: dt.datetime
    sha256: str

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.slug, self.edition])


@dataclass(frozen=True)
class Address:
    url: str
    state: str  # a LinkState
    since: dt.datetime | None
    checked_at: dt.datetime | None
    moved_to: str
    copy: Copy | None

    @property
    def is_gone(self) -> bool:
        return self.state == LinkState.GONE

    @property
    def has_changed(self) -> bool:
        return self.state == LinkState.CHANGED

    @property
    def leads_to(self) -> str:
        """Where a link to the source leads: to our copy, where the source itself is gone and there is one."""
        return self.copy.get_absolute_url() if self.is_gone and self.copy else self.url

    def as_json(self) -> dict[str, Any]:
        """As the API has it."""
        copy = self.copy
        return {
            "state": self.state,
            "checked_at": self.checked_at,
            "since": self.since if self.state != LinkState.UNCHECKED else None,
            "moved_to": self.moved_to or None,
            "archived_url": f"{settings.SITE_URL}{copy.get_absolute_url()}" if copy else None,
            "archived_at": copy.retrieved_at if copy else None,
            "archived_sha256": copy.sha256 if copy else None,
        }


@dataclass(frozen=True)
class Addresses:
    """Of a source, and of its origin: None where there is nothing to tell of it."""

    own: Address | None = None
    original: Address | None = None


class AddressesField(JSONField):
    """Reads what `addresses_of` selects, as Addresses."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Addresses:
        # A nested object comes as text from one database, and as an object from the other.
        rows = [(row["own"], _address(row)) for row in _loaded(value) or []]
        own = next((address for is_own, address in rows if is_own), None)
        return Addresses(own, next((address for is_own, address in rows if not is_own), own))


class ArrayOf(Aggregate):
    """SQL aggregate: the JSON array of an expression's values."""

    function = "JSON_GROUP_ARRAY"
    output_field = AddressesField()
    allow_distinct = False

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_AGG", **context)


@cache
def addresses_of(path: str, *, drafts: bool = False, whatever: bool = False) -> Subquery:
    """SQL expression: the Addresses of the Source that rows name by `path`, and of its origin (`drafts=True`:
    as the desk knows the origin). Only those of which there is something to tell, that have moved, changed
    or gone, unless `whatever`.

    Made once for each path: to make it takes longer than to ask it.
    """
    copies = (
        public_copies()
        .filter(source=OuterRef("pk"))
        .order_by("-edition")
        .values(
            found=JSONObject(
                slug="source__slug", edition="edition", retrieved_at="retrieved_at", sha256="sha256"
            )
        )
    )
    sources = apps.get_model("sources", "Source").objects.filter(
        pk__in=[OuterRef(path), Origin(OuterRef(path), drafts=drafts)]
    )
    if not whatever:
        # What was looked at before the source got another address says nothing of this one.
        sources = sources.filter(link__url=F("url"), link__state__in=TROUBLED)
    found = (
        sources.order_by()
        .values(all=Value(1))
        .annotate(
            found=ArrayOf(
                JSONObject(
                    own=ExpressionWrapper(Q(pk=OuterRef(path)), output_field=BooleanField()),
                    url="url",
                    looked_at="link__url",
                    state="link__state",
                    since="link__since",
                    checked_at="link__checked_at",
                    moved_to="link__moved_to",
                    copy=Subquery(copies[:1]),
                )
            )
        )
    )
    return Subquery(found.values("found"), output_field=AddressesField())


def _address(found: dict[str, Any]) -> Address | None:
    if not found["url"]:
        return None
    copy = _loaded(found["copy"])
    known = found["looked_at"] == found["url"]
    return Address(
        url=found["url"],
        state=found["state"] if known else LinkState.UNCHECKED,
        since=_moment(found["since"]) if known else None,
        checked_at=_moment(found["checked_at"]) if known else None,
        moved_to=found["moved_to"] if known else "",
        copy=Copy(**(copy | {"retrieved_at": _moment(copy["retrieved_at"])})) if copy else None,
    )


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: str | None) -> dt.datetime | None:
    if value is None:
        return None
    found = dt.datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
