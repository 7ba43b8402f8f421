from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join

from sources.models import GlossaryNote, Link, Snapshot, Source

from ..querysets import count_of
from .archiving import ArchivingAdmin
from .desk import DeskAdmin, WholeForm
from .filters import PUBLIC
from .importing import ImportForm


class GlossaryNoteInline(admin.StackedInline):
    model = GlossaryNote
    form = WholeForm
    extra = 0


class SourceAdmin(ArchivingAdmin, DeskAdmin):
    list_display = ("title", "kind", "issued", "language", "rendition", "primacy", "n_editions",
                    "published")  # fmt: skip
    list_filter = ("kind", "rendition", "primacy", "language",
                   PUBLIC)  # fmt: skip
    # Parts of these find it; the index of words is of the floor above, which registers it.
    search_fields = ("slug", "url")
    date_hierarchy = "date"
    slug_from = "title"
    autocomplete_fields = ("derived_from",)
    readonly_fields = ("editions", "visits", "says_of_itself")
    fieldsets = (
        (None, {"fields": ("title", "slug", "kind", "authors", "publisher", "editions")}),
        (
            "When and where",
            {"fields": (("date", "date_precision"), "place", "url", "recording_url")},
        ),
        (
            "Wording",
            {
                "fields": (
                    ("language", "rendition", "translated_by"),
                    "rendition_note",
                    ("derived_from", "derivation"),
                )
            },
        ),
        ("Weight", {"fields": ("primacy", "declared_interest", "not_archived", "rights")}),
        ("Archived", {"fields": ("visits", "says_of_itself")}),
    )

    inlines = (GlossaryNoteInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(n_editions=count_of(Snapshot.objects.all(), by="source"))
        )
        return rows

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is known of its address goes with a source, and never alone: no right is needed for it."""
        going, numbers, lacking, protected = super().get_deleted_objects(objs, request)
        return going, numbers, lacking - {Link._meta.verbose_name}, protected

    @admin.display
    def editions(self, source: Source) -> str:
        """The texts that the desk holds, each with the way to its annotations."""
        held = source.snapshots.light().order_by("edition") if source.pk else ()
        return (
            format_html_join(
                ", ",
                '<a href="{}">edition {}</a> (<a href="{}">annotate</a>)',
                (
                    (
                        reverse("admin:sources_snapshot_change", args=[row.pk]),
                        row.edition,
                        reverse("admin:annotate", args=[row.pk]),
                    )
                    for row in held
                ),
            )
            or "none"
        )

    @admin.display(ordering="date")
    def issued(self, source: Source) -> str:
        return source.issued

    @admin.display(description="editions", ordering="n_editions")
    def n_editions(self, source: Any) -> int:
        return source.n_editions  # type: ignore[no-any-return]

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="sources_source_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload transcripts. Sending the same file again changes nothing, so the answer to the
        form is the page itself."""
        if not request.user.has_perm("sources.add_snapshot"):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        told = form.run() if form.is_valid() else []
        for row in told:
            if row.result and row.result.created and row.result.snapshot:
                self.log_addition(request, row.result.snapshot, "Imported.")
        context = {
            **self.admin_site.each_context(request),
            "title": "Import transcripts",
            "opts": self.opts,
            "form": form,
            "result": told[0].result if len(told) == 1 else None,
            "told": told if len(told) > 1 else [],
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/sources/source/import.html", context)


@admin.register(GlossaryNote)
class GlossaryNoteAdmin(DeskAdmin):
    list_display = ("printed", "meant", "source")
    search_fields = ("printed", "meant", "source__title")
    autocomplete_fields = ("source",)
    fields = ("source", "printed", "meant", "note")
    list_select_related = ("source",)
