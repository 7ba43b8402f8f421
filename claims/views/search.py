"""Search over all that is public."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ..finding import find
from ..models import Claim, Topic
from ..search.full_text import KINDS
from ..search.query import LONGEST
from .paging import whole_number

LABELS = {
    "claims": gettext_lazy("Claims"),
    "passages": gettext_lazy("Passages"),
    "sources": gettext_lazy("Sources"),
    "speakers": gettext_lazy("Speakers"),
    "topics": gettext_lazy("Topics"),
}

# To begin with, where nothing is found: so many of the newest claims.
NEWEST = 5


@dataclass(frozen=True)
class Kind:
    """A kind of result: how many there are, those that are shown, and the address of them all."""

    name: str
    label: str
    n: int
    address: str
    hits: list


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "")
    kind = request.GET.get("kind", "")
    if kind and kind not in KINDS:
        raise BadRequest(
            _("The parameter “kind” takes one of: %(kinds)s.") % {"kinds": ", ".join(KINDS)}
        )
    as_typed = request.GET.get("spelling") == "as-typed"
    page = whole_number(request, "page", default=1)
    try:
        found = find(typed, kind=kind, page=page, as_typed=as_typed)
    except EmptyPage as error:
        raise Http404("The list has no such page.") from error

    def address(**parameters: str) -> str:
        asked = {"q": found.question.typed, **parameters}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    spelling = "as-typed" if as_typed else ""
    question = found.question.typed
    nothing = not found.total
    return render(
        request,
        "claims/search.html",
        {
            "title": _("Search: %(question)s") % {"question": question}
            if question
            else _("Search"),
            "description": _("Search claims, passages, sources, speakers and topics."),
            "under": [str(LABELS[kind])] if kind else [],
            "q": question,
            "longest": LONGEST,
            "found": found,
            "page": found.page,
            "kind": kind,
            "kinds": [
                Kind(
                    name,
                    str(LABELS[name]),
                    found.counts[name],
                    address(kind=name, spelling=spelling),
                    found.hits.get(name, []),
                )
                for name in KINDS
            ],
            "all": address(spelling=spelling),
            "as_typed": address(kind=kind, spelling="as-typed"),
            "newest": Claim.objects.published().with_verdict()[:NEWEST] if nothing else (),
            "topics": Topic.objects.published() if nothing else (),
        },
    )
