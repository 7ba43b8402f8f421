"""What changed from one edition of a text to another."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sources.differences import first_of, redline
from sources.querysets import Chain, Origin

from ..querysets import addresses_of, public_copies

# Stretches of changes, and characters of them; the texts themselves are there to be compared.
SHOWN, CHARACTERS = 300, 200_000


@require_safe
def edition_changes(request: HttpRequest, slug: str, edition: int) -> HttpResponse:
    """Edition n against the one before it that the public sees, or the earlier one that `?against=` names."""
    rows = (
        public_copies()
        .filter(source__slug=slug)
        .select_related("source")
        .annotate(
            original_url=Origin("source", field="url"),
            rendition_chain=Chain("source"),
            addresses=addresses_of("source"),
        )
        .order_by("-edition")
    )
    against = request.GET.get("against", "")
    if against and not (against.isascii() and against.isdigit() and len(against) < 9):
        raise Http404("There is no such edition.")
    # Both with their texts in one query, which `public_copies` leaves out.
    wanted = rows.filter(edition__lte=edition).defer(None)
    chosen = [edition, int(against)] if against else None
    pair = list(wanted.filter(edition__in=chosen) if chosen else wanted[:2])
    if len(pair) != 2 or pair[0].edition != edition:
        raise Http404("There is no such edition, or none before it.")
    after, before = pair
    stretches, same = redline(before.text, after.text)
    shown = first_of(stretches, most=SHOWN, characters=CHARACTERS)
    source = after.source
    return render(
        request,
        "claims/edition_changes.html",
        {
            "title": _("%(source)s: what changed in edition %(number)s")
            % {"source": source.title, "number": edition},
            "description": _("Two editions of “%(source)s”, word by word.")
            % {"source": source.title},
            "source": source,
            "before": before,
            "after": after,
            "stretches": shown,
            "left_out": len(stretches) - len(shown),
            "same": same,
        },
    )
