"""The same standard for everyone: its page, and its numbers as files."""

from __future__ import annotations

import csv
import io
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..api.formats import unformulaic
from ..parity import SIDES, Parity, Side, lines, rows, shown
from ..querysets import parity_records
from .paging import page_of

# Each has a table of its own.
SPEAKERS = 20


@require_safe
def parity(request: HttpRequest) -> HttpResponse:
    counted = Parity(parity_records())
    headings, in_all = counted.headings(), counted.in_all()
    told = shown(in_all[Side.ALL])
    page = page_of(request, counted.speakers, size=SPEAKERS)
    speakers = [
        (speaker, lines(headings, list(counted.of(speaker).values()), told)) for speaker in page
    ]
    return render(
        request,
        "claims/parity.html",
        {
            "title": _("The same standard for everyone"),
            "description": _(
                "What was done with the claims of each speaker and of each side, in plain numbers."
            ),
            "page": page,
            "sides": list(SIDES.values()),
            "both": [SIDES[Side.MADE], SIDES[Side.ANSWER]],
            "lines": lines(headings, [in_all[side] for side in SIDES], told),
            "n_claims": in_all[Side.ALL]["claims"],
            "speakers": speakers,
        },
    )


@require_safe
def parity_json(request: HttpRequest) -> HttpResponse:
    """All rows as one object, with the address of the page that says what each counts."""
    told = {
        "about": f"{settings.SITE_URL}{reverse('parity')}",
        "rows": [
            {**row, "speaker": row["speaker"] or None, "name": row["name"] or None}
            for row in rows(Parity(parity_records()))
        ],
    }
    return HttpResponse(
        json.dumps(told, ensure_ascii=False, indent=1) + "\n", content_type="application/json"
    )


@require_safe
def parity_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table (RFC 4180), UTF-8. A cell that a spreadsheet would take for a formula begins
    with an apostrophe."""
    counted = Parity(parity_records())
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["speaker", "name", "side", *counted.keys()])
    for row in rows(counted):
        writer.writerow(
            ["" if value is None else unformulaic(str(value)) for value in row.values()]
        )
    return HttpResponse(table.getvalue(), content_type="text/csv; charset=utf-8")
