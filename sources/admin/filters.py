"""Filters of two answers, in words that a researcher would use."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest


def either(
    title: str, parameter: str, condition: Q, *, yes: str, no: str
) -> type[admin.SimpleListFilter]:
    """A list filter: the rows that meet `condition`, called `yes`, or the others, called `no`."""

    class Either(admin.SimpleListFilter):
        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [("yes", yes), ("no", no)]

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            wanted = {"yes": condition, "no": ~condition}
            return queryset.filter(wanted.get(self.value() or "", Q()))

    Either.title = title
    Either.parameter_name = parameter
    return Either


class TaskFilter(admin.SimpleListFilter):
    """A list of tasks shows those that are still to be looked at, unless something else is chosen."""

    title = "state"
    parameter_name = "state"

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": "to look at"}
        yield from others


PUBLIC = either("publication", "public", Q(published_at__isnull=False), yes="public", no="draft")
