from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from sources.models import Snapshot


def annotate(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    snapshot = get_object_or_404(Snapshot.objects.select_related("source"), pk=snapshot_id)
    return TemplateResponse(request, "admin/claims/annotate.html", {"snapshot": snapshot})
