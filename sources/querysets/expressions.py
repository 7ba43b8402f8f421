"""SQL expressions that any list can use."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce


def count_of(rows: models.QuerySet[Any], *, by: str, what: str = "pk") -> Coalesce:
    """SQL expression: how many of `rows`, or different `what` among them, belong to the row at hand,
    to which their field `by` points.

    A sub-query: several counts joined in one query would multiply each other, and a search of the same
    rows would change their number.
    """
    counted = (
        rows.filter(**{by: OuterRef("pk")})
        .order_by()
        .values(by)
        .annotate(n=Count(what, distinct=True))
        .values("n")
    )
    return Coalesce(Subquery(counted), 0)


def within(text_field: str, words: str) -> Q:
    """Each word of `words` occurs somewhere in `text_field`, whatever its case."""
    condition = Q()
    for word in words.split():
        # Not icontains: SQLite's LIKE tells capitals from small letters outside ASCII.
        condition &= Q(**{f"{text_field}__iregex": re.escape(word)})
    return condition
