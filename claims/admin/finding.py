"""The desk's search: by the full-text index, drafts included."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from claims.search.full_text import engine
from claims.search.query import Query
from sources.admin.desk import Desk


class FindsByWords(Desk):
    """Finds what has all words that are typed, in whatever form, and no unwanted one; phrases and beginnings
    too, as on the public search page. The last word may be a beginning: autocompletes ask as somebody types.
    A part of a slug is found besides."""

    indexed_as: str  # one of claims.search.full_text.KINDS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        typed = search_term.strip()
        if not typed:
            return queryset, False
        found = Q(pk__in=engine().having_all(Query.read(typed).open_ended(), self.indexed_as))
        return queryset.filter(found | Q(slug__icontains=typed.replace("\0", ""))), False
