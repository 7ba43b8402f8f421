"""Readers' reports: the form on a claim, what becomes of one, and what became of all. The form is the only
way in which the public writes, and answers only while READER_REPORTS is on."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from .. import numbers
from ..models import Claim, ReaderReport
from ..models.reader_report import DAYS, deadline_of
from ..reporting import ReportForm, from_elsewhere, is_shown, read_receipt, receipt_for
from .claims import lead_on
from .paging import page_of

# Of pages that are made for one reader, and of none that a cache may hand to another.
PRIVATE = "private, no-cache"


# No cookie that a token could be held against: claims/reporting.py says what stands in its place.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def claim_report(request: HttpRequest, slug: str) -> HttpResponse:
    if not settings.READER_REPORTS:
        raise Http404("Reports are not taken here.")
    claim = Claim.objects.published().with_verdict().filter(slug=slug).first()
    if claim is None:
        return lead_on(slug, "claim_report")
    if request.method != "POST":
        return _ask(request, claim, ReportForm(slug=slug))
    if from_elsewhere(request):
        fault = _("The form was sent from another site. If it was you, write here what is wrong.")
        return _ask(request, claim, ReportForm(slug=slug), status=403, fault=fault)
    form = ReportForm(request.POST, slug=slug)
    ticket, at = uuid.uuid4(), timezone.now()
    if not form.is_bait:  # else it is told what everybody is told, and nothing is kept
        if not form.is_valid() or form.ticket_number is None:
            return _ask(request, claim, form, status=400)
        sent = {name: form.cleaned_data[name] for name in (*ReaderReport.WRITTEN, "contact")}
        try:
            report = ReaderReport.receive(claim, ticket=form.ticket_number, at=at, **sent)
        except Claim.DoesNotExist:  # it was merged into another in this moment
            return lead_on(slug, "claim_report")
        ticket, at = report.ticket, report.received_at
    answer = redirect("claim_report_receipt", slug, receipt_for(ticket, at))
    answer["Cache-Control"] = "no-store"
    return answer


def _ask(
    request: HttpRequest, claim: Any, form: ReportForm, *, status: int = 200, fault: str = ""
) -> HttpResponse:
    about = {
        "title": _("Report an error: %(claim)s") % {"claim": claim.text},
        "description": _(
            "Tell the desk what is wrong with this claim, its evidence or its verdict."
        ),
        "claim": claim,
        "form": form,
        "fault": fault,
        "days": DAYS,
    }
    response = render(request, "claims/report.html", about, status=status)
    response["Cache-Control"] = PRIVATE
    return response


@require_safe
def claim_report_receipt(request: HttpRequest, slug: str, receipt: str) -> HttpResponse:
    """What whoever sent a report comes to, and can come back to: by when it is answered, and the answer. It
    repeats nothing of what they wrote. It stands also when no more reports are taken."""
    try:
        ticket, at = read_receipt(receipt)
    except signing.BadSignature as error:
        raise Http404("There is no such receipt.") from error
    claim = Claim.objects.published().filter(slug=slug).first()
    if claim is None:
        retired = Claim.objects.retired().select_related("duplicate_of").filter(slug=slug).first()
        if retired is None:
            raise Http404("There is no such claim.")
        claim = retired.duplicate_of
    report = ReaderReport.objects.settled().filter(ticket=ticket, claim__slug=slug).first()
    about = {
        "title": _("Thank you: your report has been received"),
        "description": _("What becomes of your report."),
        "claim": claim,
        "received_at": at,
        "deadline": deadline_of(at),
        "days": DAYS,
        "report": report,
    }
    response = render(request, "claims/report_receipt.html", about)
    response["Cache-Control"] = PRIVATE
    return response


@require_safe
def reader_reports(request: HttpRequest) -> HttpResponse:
    """The reports in numbers, and those in full whose readers let them be published."""
    if not is_shown():
        raise Http404("No report was ever taken here.")
    rows = ReaderReport.objects.published().newest_first().select_related("claim", "correction")
    return render(
        request,
        "claims/reader_reports.html",
        {
            "title": _("Readers’ reports"),
            "description": _("What readers reported as wrong, in numbers, and what came of it."),
            "reports": numbers.of_reports(_today()),
            "page": page_of(request, rows),
            "days": DAYS,
        },
    )


@require_safe
def reader_reports_csv(request: HttpRequest) -> HttpResponse:
    """The numbers of that page: `figure,value`; a median of nothing is empty."""
    if not is_shown():
        raise Http404("No report was ever taken here.")
    found = numbers.of_reports(_today())
    response = HttpResponse(content_type="text/csv; charset=utf-8; header=present")
    written = csv.writer(response)
    written.writerow(["figure", "value"])
    written.writerows(found.figures())
    return response


def _today() -> dt.date:
    return timezone.now().astimezone(dt.UTC).date()
