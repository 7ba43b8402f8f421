"""Annotations out of the desk and into it: a file to download, and a form that takes one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from sources.models import Snapshot

from .export import collection
from .importing import PERMISSIONS, ImportReport
from .importing import import_annotations as run_import
from .untrusted_json import MAX_BYTES, FileError
from .web_annotation import MEDIA_TYPE

VIEW = ("sources.view_snapshot", "claims.view_claim", "claims.view_note")


def _snapshot(snapshot_id: int) -> Snapshot:
    editions = Snapshot.objects.select_related("source")
    return get_object_or_404(editions, pk=snapshot_id)


@require_safe
def export_annotations(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """All that the desk has annotated in an edition; `?published=yes`: what the public may see of it."""
    if not request.user.has_perms(VIEW):
        raise PermissionDenied
    wanted = request.GET.get("published", "no")
    if wanted not in ("yes", "no"):
        raise BadRequest("The parameter “published” takes yes or no.")
    snapshot = _snapshot(snapshot_id)
    response = JsonResponse(
        collection(snapshot, published=wanted == "yes"),
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    name = f"{snapshot.source.slug}-{snapshot.edition}.jsonld"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class ImportForm(forms.Form):
    file = forms.FileField(
        help_text=(
            "Web Annotations in JSON-LD (Recogito, a desk like this one), or what the API of "
            "Hypothesis answers. Nothing that the file refers to is fetched."
        )
    )
    made_on = forms.CharField(
        required=False,
        label="Made on",
        max_length=2000,
        widget=AdminTextInputWidget,
        help_text="An address: take over only what was annotated there. Empty: everything.",
    )
    claims = forms.BooleanField(
        required=False,
        label="Make drafts",
        help_text=(
            "Of the export of a desk like this one: drafts of its claims, appearances, rebuttals and "
            "evidence, instead of notes that tell of them."
        ),
    )
    check_only = forms.BooleanField(
        required=False, help_text="Show what would be imported, and write nothing."
    )
    as_file = forms.BooleanField(
        required=False,
        label="Report as a file",
        help_text="In JSON, to keep: with every annotation that was not imported, as it came.",
    )

    def run(self, snapshot: Snapshot, user: Any) -> ImportReport | None:
        """Import the file (or try to), and return what came of it; errors go beside their fields."""
        given = self.cleaned_data
        try:
            return run_import(
                given["file"].read(MAX_BYTES + 1),  # enough to see that a file is too large
                snapshot,
                by=user,
                dry_run=given["check_only"],
                made_on=given["made_on"],
                claims=given["claims"],
            )
        except FileError as error:
            self.add_error("file", str(error))
        return None


def import_annotations(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """Take a file of annotations. Sending the same file again changes nothing, so the answer to the
    form is the page itself."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied
    snapshot = _snapshot(snapshot_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    report = form.run(snapshot, request.user) if form.is_valid() else None
    if report and form.cleaned_data["as_file"]:
        name = f"{snapshot.source.slug}-{snapshot.edition}-import.json"
        return HttpResponse(
            report.as_json(),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    context = {
        **admin.site.each_context(request),
        "title": "Import annotations",
        "snapshot": snapshot,
        "form": form,
        "report": report,
        "media": form.media,
    }
    return TemplateResponse(request, "admin/claims/import_annotations.html", context)
