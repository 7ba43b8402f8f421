"""One page of a list, and refusals that say what was wrong with the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

PAGE_SIZE = 50


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = PAGE_SIZE
) -> Page[Any]:
    """Return the page of `size` rows that `?page=` asks for.

    Raises BadRequest where it is no number, and Http404 where the list has no such page.
    """
    try:
        return Paginator(rows, size).page(whole_number(request, "page", default=1))
    except EmptyPage as error:
        raise Http404("The list has no such page.") from error


def refuse(errors: Mapping[str, Iterable[Any]]) -> NoReturn:
    """Raise BadRequest with what is wrong with each parameter, by its name: `errors` of an invalid form."""
    raise BadRequest(
        " ".join(f"“{name}”: {' '.join(map(str, said))}" for name, said in errors.items())
    )


def whole_number(request: HttpRequest, name: str, *, default: int) -> int:
    """Return the parameter `name` of the address. Raises BadRequest unless it is a number from 0."""
    value = request.GET.get(name, str(default))
    # Longer numbers than this name nothing, and some of them no database could hold.
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadRequest(_("The parameter “%(name)s” takes a whole number.") % {"name": name})
    return int(value)
