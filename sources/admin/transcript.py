"""Snapshots, their turns, and the passages marked in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from sources.models import Passage, Snapshot, Turn

from .desk import Desk, DeskAdmin, may_edit
from .filters import either
from .quoting import QuotationForm
from .steps import Step, StepsAdmin

SPEAKER_KNOWN = either(
    "speaker", "speaker_known", Q(speaker__isnull=False), yes="known", no="not known"
)
TEXTS = ("snapshot__content", "snapshot__text")


@admin.register(Snapshot)
class SnapshotAdmin(StepsAdmin):
    """To read: another text is another edition, and comes in by an import."""

    list_display = ("source", "edition", "media_type", "retrieved_at", "annotate")
    list_display_links = ("source", "edition")
    list_filter = ("media_type",)
    search_fields = ("source__title", "source__slug", "sha256")
    date_hierarchy = "retrieved_at"
    list_select_related = ("source",)
    deferred = ("content", "text")
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


@admin.register(Passage)
class PassageAdmin(Desk):
    list_display = ("__str__", "source", "turn", "start", "end")
    search_fields = ("exact", "snapshot__source__title")
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
