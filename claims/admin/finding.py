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
    What is typed finds as a part of any of the `search_fields` besides: slugs, addresses, identifiers."""

    indexed_as: str  # one of claims.search.full_text.KINDS

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        query = Query.read(search_term)
        if not query.typed:
            return queryset, False
        found = self.having(query.open_ended())
        for field in self.search_fields:
            found |= Q(**{f"{field}__icontains": query.typed})
        return queryset.filter(found), False

    def having(self, query: Query) -> Q:
        """The rows that the index finds."""
        return Q(pk__in=engine().having_all(query, self.indexed_as))
