"""Snapshots, their turns, and the passages marked in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from sources.differences import first_of, redline
from sources.models import Passage, Snapshot, Turn

from .aligning import AligningAdmin
from .desk import Desk, DeskAdmin, may_edit
from .filters import either
from .naming import label_forms
from .quoting import QuotationForm
from .steps import Step, StepsAdmin

SPEAKER_KNOWN = either(
    "speaker", "speaker_known", Q(speaker__isnull=False), yes="known", no="not known"
)
TEXTS = ("snapshot__text",)
CHANGES, CHARACTERS = (
    1_000,
    500_000,
)  # stretches of changes that a page shows, and characters of them


@admin.register(Snapshot)
class SnapshotAdmin(AligningAdmin, StepsAdmin):
    """To read: another text is another edition, and comes in by an import."""

    list_display = ("source", "edition", "media_type", "retrieved_at", "annotate")
    list_display_links = ("source", "edition")
    list_filter = ("media_type",)
    search_fields = ("source__title", "source__slug", "sha256")
    date_hierarchy = "retrieved_at"
    list_select_related = ("source",)
    deferred = ("text",)
    fields = ("source", "edition", "media_type", "retrieved_at", "sha256", "turns", "annotate",
              "text")  # fmt: skip
    steps = (
        Step(
            slug="resolve",
            label="Resolve labels anew",
            permission="sources.change_turn",
            fits=lambda snapshot: snapshot.turns.filter(speaker__isnull=True).exists(),
            take=lambda snapshot, by: bool(snapshot.resolve_labels(by=by)),
            done="Each turn whose label one speaker bears now has that speaker.",
            open_to=lambda user, snapshot: may_edit(user, snapshot.source),
        ),
    )

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.speakers_view)
        return [
            path("<int:object_id>/speakers/", view, name="sources_snapshot_speakers"),
            path(
                "<int:object_id>/changes/",
                self.admin_site.admin_view(self.changes_view),
                name="sources_snapshot_changes",
            ),
            path(
                "<int:object_id>/alignment/",
                self.admin_site.admin_view(self.align_view),
                name="sources_snapshot_align",
            ),
            *super().get_urls(),
        ]

    def speakers_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say, label by label, who speaks. All of it is saved, or nothing."""
        snapshot = get_object_or_404(Snapshot.objects.select_related("source"), pk=object_id)
        may = request.user.has_perm("sources.change_turn") and may_edit(
            request.user, snapshot.source
        )
        if not (self.has_view_permission(request, snapshot) and may):
            raise PermissionDenied("Who speaks in a public transcript is for an editor to say.")
        labels = label_forms(snapshot, request.POST if request.method == "POST" else None)
        valid = [form.is_valid() for form in labels]  # each, so that each says what is amiss
        if request.method == "POST" and all(valid):
            with transaction.atomic():
                made: dict[str, Any] = {}
                named = sum(form.save(snapshot, request.user, made) for form in labels)
                refused = any(form.errors for form in labels)
                transaction.set_rollback(refused)
            if not refused:
                told = f"{named} turn{'' if named == 1 else 's'} now say who speaks."
                self.message_user(request, told, messages.SUCCESS if named else messages.WARNING)
                return redirect("admin:sources_snapshot_change", snapshot.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Who speaks?",
            "opts": self.opts,
            "original": snapshot,
            "labels": labels,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sources/snapshot/speakers.html", context)

    def changes_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The edition against the one before it, or that of `?against=`: drafts too."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        snapshot = get_object_or_404(Snapshot.objects.select_related("source"), pk=object_id)
        if not self.has_view_permission(request, snapshot):
            raise PermissionDenied
        earlier = snapshot.source.snapshots.filter(edition__lt=snapshot.edition)
        against = request.GET.get("against", "")
        if against.isascii() and against.isdigit() and len(against) < 9:
            earlier = earlier.filter(edition=int(against))
        before = earlier.order_by("-edition").first()
        if before is None:
            raise Http404("There is no edition before it.")
        stretches, _ = redline(before.text, snapshot.text)
        shown = first_of(stretches, most=CHANGES, characters=CHARACTERS)
        context = {
            **self.admin_site.each_context(request),
            "title": "What changed",
            "opts": self.opts,
            "original": snapshot,
            "before": before,
            "stretches": shown,
            "left_out": len(stretches) - len(shown),
        }
        return TemplateResponse(request, "admin/sources/snapshot/changes.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def is_public(self, obj: Any) -> bool:
        return bool(obj.source.is_published)

    @admin.display(description="annotations")
    def annotate(self, snapshot: Snapshot) -> str:
        return format_html(
            '<a href="{}">Annotate</a>', reverse("admin:annotate", args=[snapshot.pk])
        )

    @admin.display
    def turns(self, snapshot: Snapshot) -> str:
        address = reverse("admin:sources_turn_changelist")
        return format_html(
            '<a href="{}?snapshot={}">{} turns</a>, <a href="{}?snapshot={}&amp;speaker_known=no">'
            "those without a speaker</a>",
            address, snapshot.pk, snapshot.turns.count(), address, snapshot.pk,
        )  # fmt: skip


@admin.register(Turn)
class TurnAdmin(DeskAdmin):
    """An import makes turns; a person says who speaks, where the label does not."""

    list_display = ("snapshot", "position", "label", "speaker", "role")
    list_display_links = ("snapshot", "position")
    list_filter = ("role", SPEAKER_KNOWN)
    search_fields = ("label", "speaker__name", "snapshot__source__title")
    autocomplete_fields = ("speaker",)
    list_select_related = ("snapshot__source", "speaker")
    deferred = TEXTS
    fields = ("snapshot", "position", "label", "speaker", "role", "words")
    readonly_fields = ("snapshot", "position", "label", "words")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_history_queryset(self, *args: Any) -> QuerySet[Any]:
        return super().get_history_queryset(*args).defer(*TEXTS)  # type: ignore[no-any-return]

    @admin.display
    def words(self, turn: Turn) -> str:
        return turn.snapshot.text[turn.start : turn.end]


class PassageForm(QuotationForm):
    """A new passage is what is quoted, made (or found) by the manager."""

    class Meta:
        model = Passage
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passage_required = True

    def save(self, commit: bool = True) -> Any:
        self.instance = self.cleaned_data["passage"]
        return super().save(commit=False)


class PassageAdmin(Desk):
    list_display = ("__str__", "source", "turn", "start", "end")
    # Part of it finds it; the index of words is of the floor above, which registers it.
    search_fields = ("snapshot__source__slug",)
    list_select_related = ("snapshot__source", "turn")
    deferred = TEXTS
    fields = ("exact", "prefix", "suffix", "snapshot", "turn", "start", "end")
    form = PassageForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            super().get_fieldsets(request, obj)
            if obj
            else [(None, {"fields": PassageForm.QUOTING})]
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing left to save."""

    def is_public(self, obj: Any) -> bool:
        return bool(obj.snapshot.source.is_published)

    @admin.display(ordering="snapshot__source__title")
    def source(self, passage: Passage) -> Any:
        return passage.snapshot.source
