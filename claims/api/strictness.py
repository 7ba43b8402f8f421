"""How the API puts the parameters of a request to a FilterSet."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from .selection import PARAMETERS

# OPTIONS is answered 405 too, and so not named in Allow: /api/v1/schema/ says what there is.
METHODS = ["get", "head"]


class StrictFilterBackend(DjangoFilterBackend):
    """Answers 400 for a parameter that the list, or the row, does not know."""

    def get_filterset_class(self, view: Any, queryset: QuerySet[Any] | None = None) -> Any:
        return view.detail_filterset_class if view.detail else view.filterset_class

    def get_filterset_kwargs(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> dict[str, Any]:
        pages = () if view.detail else view.paginator.own_parameters
        return {
            "data": request.query_params,
            "queryset": queryset,
            "also": {*PARAMETERS, "format", *pages},
            "blank": False,
        }
