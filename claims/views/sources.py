"""Sources: what is citable, what it rests on, and which claims it bears on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import django_filters as filters
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from sources.models import Source
from sources.models.source import Primacy
from sources.querysets import Chain, Family, count_of

from ..filters import SourceFilter, source_filter
from ..lineage import lineage
from ..models import Appearance, Citation, Evidence, Rebuttal
from ..models.evidence import Direction
from ..querysets import (
    addresses_of,
    passages_read_otherwise,
    public_copies,
    public_editions,
    verdict_in_force,
)
from .choices import ask
from .paging import PAGE_SIZE, page_of

# Of what it says on claims in one direction, so much is shown: in no direction less because there is
# more in another.
EVIDENCE = 25


class SourceListFilter(SourceFilter):
    primacy = filters.ChoiceFilter(choices=Primacy.choices)
    derived_from = source_filter("Slug of a source.", field_name="derived_from__slug")
    ordering = filters.ChoiceFilter(
        choices=[
            ("title", gettext_lazy("by title")),
            ("-date", gettext_lazy("newest first")),
            ("date", gettext_lazy("oldest first")),
            ("-n_claims", gettext_lazy("evidence on most claims")),
        ],
        method="in_order",
        empty_label=None,
    )

    def in_order(self, sources: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        field_name = F(value.removeprefix("-"))
        # The databases differ over where what has no date comes.
        order = (
            field_name.desc(nulls_last=True)
            if value.startswith("-")
            else field_name.asc(nulls_last=True)
        )
        return sources.order_by(order, "title", "id")


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    bearing = count_of(Evidence.objects.published(), by="source", what="claim")
    rows = Source.objects.published().annotate(n_claims=bearing).order_by("title", "id")
    asked = ask(
        request,
        SourceListFilter,
        rows,
        facets={"kind": _("Kind"), "primacy": _("Standing"), "rendition": _("Wording")},
    )
    return render(
        request,
        "claims/source_list.html",
        {
            "title": _("Sources"),
            "description": _("Everything that the claims and their evidence rest on."),
            "page": page_of(request, asked.rows),
            "under": asked.under,
            "selection": asked.selection,
            "facets": asked.facets,
            "orders": asked.orders,
        },
    )


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    evidence = Evidence.objects.published()
    cited = Citation.objects.filter(rebuttal__in=Rebuttal.objects.published())
    counted = Source.objects.published().annotate(
        addresses=addresses_of("pk"),
        rendition_chain=Chain("pk"),
        n_citations=count_of(cited, by="source"),
        n_made=count_of(
            Appearance.objects.published().asserting(),
            by="passage__snapshot__source",
            what="claim",
        ),
        n_answered=count_of(
            Rebuttal.objects.published(), by="passage__snapshot__source", what="claim"
        ),
        **{
            f"n_{direction}": count_of(
                evidence.filter(direction=direction), by="source", what="claim"
            )
            for direction in Direction.values
        },
        **{
            f"n_{direction}_evidence": count_of(evidence.filter(direction=direction), by="source")
            for direction in Direction.values
        },
    )
    source = get_object_or_404(counted, slug=slug)
    newest = (
        evidence.filter(source=source)
        .annotate(
            place=Window(
                RowNumber(),
                partition_by="direction",
                order_by=[F("published_at").desc(), F("pk").desc()],
            )
        )
        .filter(place__lte=EVIDENCE)
        .select_related("claim")
        .prefetch_related(verdict_in_force("claim__verdicts"))
        .order_by("-published_at", "-id")
    )
    copies = public_copies().annotate(is_quoted=Q(pk__in=public_editions().values("pk")))
    editions = list(copies.filter(source=source).order_by("-edition"))
    family = Source.objects.filter(pk__in=Family(source.pk)).order_by("date", "title", "id")
    cited = cited.filter(source=source).select_related("rebuttal__claim", "rebuttal__speaker")
    return render(
        request,
        "claims/source_detail.html",
        {
            "title": source.title,
            "description": _("Bibliographic details of “%(source)s”, and the claims it bears on.")
            % {"source": source.title},
            "source": source,
            "lineage": lineage(family, source, most=PAGE_SIZE),
            "otherwise": passages_read_otherwise(source),
            "editions": editions,
            "is_read": any(edition.is_quoted for edition in editions),
            "directions": by_direction(source, newest),
            "citations": cited.order_by("-rebuttal__published_at", "-id")[:PAGE_SIZE],
            "shown": PAGE_SIZE,
        },
    )


@dataclass
class Side:
    """What a source says on claims in one direction, by claim, newest first."""

    direction: str
    heading: str
    n_evidence: int
    claims: dict[Any, list[Any]] = field(default_factory=dict)

    @property
    def n_shown(self) -> int:
        return sum(map(len, self.claims.values()))


def by_direction(source: Any, evidence: Iterable[Any]) -> list[Side]:
    """Return the sides of the source, with its numbers, that have any of the `evidence`."""
    sides = {
        direction: Side(
            direction,
            _heading(direction, getattr(source, f"n_{direction}")),
            getattr(source, f"n_{direction}_evidence"),
        )
        for direction in Direction.values
    }
    for row in evidence:
        sides[row.direction].claims.setdefault(row.claim, []).append(row)
    return [side for side in sides.values() if side.claims]


def _heading(direction: str, n: int) -> str:
    headings = {
        "supports": ngettext("It supports %(n)d claim", "It supports %(n)d claims", n),
        "refutes": ngettext("It refutes %(n)d claim", "It refutes %(n)d claims", n),
        "mixed": ngettext(
            "On %(n)d claim it points both ways", "On %(n)d claims it points both ways", n
        ),
        "context": ngettext(
            "To %(n)d claim it gives context", "To %(n)d claims it gives context", n
        ),
    }
    return headings[direction] % {"n": n}
