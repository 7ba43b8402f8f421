"""Passages to look at again: what became of them in a later edition, and who says so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from claims.models import Appearance, Evidence, Rebuttal
from claims.querysets import weighty
from jobs.admin import LookOnly, moment_of
from sources.admin.desk import Desk
from sources.admin.filters import TaskFilter, either
from sources.admin.steps import Step, StepsAdmin
from sources.anchoring import AnchoringError, locate, words_after, words_before
from sources.differences import word_differences
from sources.models import Relocation

ANNOTATIONS: dict[str, Any] = {"appearance": Appearance, "rebuttal": Rebuttal, "evidence": Evidence}
AROUND = 300  # code points of the text on each side
MOST = 12  # places that are offered, the others are quoted
LONG = 5_000  # code points of a passage beyond which it is not compared word by word

VERDICT = either("verdict", "rested", Q(is_task=1), yes="one in force rests on it", no="none")


class OpenFilter(TaskFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("decided", "decided"), ("certain", "found again"), ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        if self.value() is None:
            chosen: QuerySet[Any] = rows.open().newest()
            return chosen
        if self.value() == "decided":
            return queryset.filter(decided_at__isnull=False)
        if self.value() == "certain":
            return queryset.filter(decided_at__isnull=True, finding__in=["found", "moved"])
        return queryset


class PlaceForm(forms.Form):
    """Which place: one of those that could be meant, or one that is quoted."""

    place = forms.ChoiceField(
        required=False,
        label="One of these",
        widget=forms.RadioSelect,
        help_text="The places that could be meant, each with the text around it.",
    )
    quotation = forms.CharField(
        required=False,
        label="Or these words",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="As they stand in the later edition.",
    )
    before = forms.CharField(
        required=False,
        strip=False,
        label="Text just before",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Only where the words occur more than once. Up to the quotation, its space included.",
    )
    after = forms.CharField(
        required=False,
        strip=False,
        label="Text just after",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Likewise, from the space that follows the quotation.",
    )

    def __init__(self, *args: Any, row: Relocation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = row.snapshot.text
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (f"{start}-{end}", around(self.text, start, end))
            for start, end in ([] if row.start is not None else row.candidates()[:MOST])
        ]  # the one place that was found has a button of its own
        if not self.fields["place"].choices:  # type: ignore[attr-defined]
            del self.fields["place"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        quoted, place = given.get("quotation", ""), given.get("place", "")
        if bool(quoted.strip()) == bool(place):
            raise ValidationError("Choose one of the places, or quote another.")
        if place:
            start, end = map(int, place.split("-"))
            return {"start": start, "end": end}
        try:
            start, end = locate(
                self.text, quoted, prefix=given.get("before", ""), suffix=given.get("after", "")
            )
        except AnchoringError as error:
            self.add_error("quotation", str(error))
            return {}
        return {"start": start, "end": end}


def around(text: str, start: int, end: int) -> str:
    """The words with a line or so of the text around them."""
    return f"… {text[max(start - 60, 0) : start]}[{text[start:end]}]{text[end : end + 60]} …"


def decide(relocation: Relocation, *, by: Any, **how: Any) -> bool:
    relocation.decide(by=by, **how)
    return True


def decidable(user: Any, relocation: Relocation) -> bool:
    return relocation.decidable_by(user)


@admin.register(Relocation)
class RelocationAdmin(LookOnly, StepsAdmin, Desk):
    list_display = ("words", "source", "edition", "finding", "rests", "found", "decided")
    list_filter = (OpenFilter, VERDICT, "finding")
    search_fields = ("passage__exact", "snapshot__source__title", "snapshot__source__slug")
    list_select_related = ("passage__snapshot", "snapshot__source", "counterpart", "decided_by")
    deferred = ("passage__snapshot__text", "snapshot__text")
    actions = None
    change_form_template = "admin/sources/relocation/change_form.html"
    fields = readonly_fields = ("finding", "alike", "places", "found", "decided", "decided_by")
    found = moment_of("found_at")
    decided = moment_of("decided_at")
    steps = (
        Step(
            slug="this",
            label="It is this place",
            permission="sources.decide_relocation",
            fits=lambda row: row.start is not None and row.span != (row.start, row.end),
            take=decide,
            done="It is noted that the words stand there. The annotations stay where they are.",
            open_to=decidable,
        ),
        Step(
            slug="another",
            label="It is another place",
            permission="sources.decide_relocation",
            fits=lambda row: True,
            take=decide,
            done="It is noted where the words stand. The annotations stay where they are.",
            form=PlaceForm,
            form_of_row=True,
            open_to=decidable,
        ),
        Step(
            slug="nowhere",
            label="It stands nowhere in it",
            permission="sources.decide_relocation",
            fits=lambda row: row.decided_at is None or row.counterpart is not None,
            take=lambda row, by: decide(row, by=by, nowhere=True),
            done="It is noted that the words do not stand there.",
            open_to=decidable,
        ),
    )

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.move_view)
        return [
            path(
                "<int:object_id>/move/<slug:kind>/<int:pk>/", view, name="sources_relocation_move"
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With whether a verdict in force rests on it."""
        rows: QuerySet[Any] = (
            Relocation.objects.select_related(*self.list_select_related)
            .defer(*self.deferred)
            .annotate(is_task=Case(When(weighty(), then=Value(1)), default=Value(0)))
            .order_by(*self.get_ordering(request))
        )
        return rows

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-is_task", "found_at", "pk")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        told = {"title": "Passages to look at again"}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Relocation = context["original"]
        context |= self.compared(obj)
        context["annotations"] = self.annotations(obj, request.user)
        context["title"] = "Is this the place?"
        return super().render_change_form(request, context, *args, **kwargs)

    def compared(self, obj: Relocation) -> dict[str, Any]:
        """The words in the text around them, beside the places in the later edition, marked where they
        differ."""
        passage, later = obj.passage, obj.snapshot
        spans = [obj.span] if obj.span else obj.candidates()[:MOST]
        return {
            "earlier": passage.snapshot,
            "later": later,
            "old": in_text(passage.snapshot.text, passage.start, passage.end),
            "candidates": [
                {
                    **in_text(later.text, start, end),
                    "difference": word_differences(passage.exact, later.text[start:end])
                    if len(passage.exact) + end - start <= LONG
                    else [("=", later.text[start:end])],
                }
                for start, end in spans
            ],
        }

    def annotations(self, obj: Relocation, user: Any) -> list[dict[str, Any]]:
        """What is annotated on the passage, and whether the user may move it to the new place."""
        return [
            {
                "row": row,
                "kind": kind,
                "url": reverse(f"admin:claims_{kind}_change", args=[row.pk]),
                "move": reverse("admin:sources_relocation_move", args=[obj.pk, kind, row.pk])
                if obj.span and row.movable_by(user)
                else "",
            }
            for kind, model in ANNOTATIONS.items()
            for row in model.objects.filter(passage=obj.passage_id).select_related("claim")
        ]

    def move_view(self, request: HttpRequest, object_id: int, kind: str, pk: int) -> HttpResponse:
        """Let an annotation quote the later edition."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, str(object_id))
        if row is None or kind not in ANNOTATIONS:
            raise Http404
        annotation = get_object_or_404(ANNOTATIONS[kind], pk=pk)
        if not (self.has_view_permission(request, row) and annotation.movable_by(request.user)):
            raise PermissionDenied
        try:
            annotation.move_to(row, by=request.user)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            told = f"It now quotes edition {row.snapshot.edition}."
            self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:sources_relocation_change", row.pk)

    @admin.display(description="passage", ordering="passage__exact")
    def words(self, row: Any) -> str:
        return str(row.passage)

    @admin.display(description="similarity")
    def alike(self, row: Any) -> str:
        """Of other words, to those that are quoted."""
        return "—" if row.similarity is None else f"{row.similarity:.0%}"

    @admin.display(ordering="snapshot__source__title")
    def source(self, row: Any) -> Any:
        return row.snapshot.source

    @admin.display(ordering="snapshot__edition")
    def edition(self, row: Any) -> str:
        return f"{row.passage.snapshot.edition} → {row.snapshot.edition}"

    @admin.display(description="verdict", boolean=True, ordering="is_task")
    def rests(self, row: Any) -> bool:
        """Whether one in force rests on it."""
        return bool(row.is_task)


def in_text(text: str, start: int, end: int) -> dict[str, str]:
    before, after = text[max(start - AROUND, 0) : start], text[end : end + AROUND]
    return {
        "before": words_before(before, whole=start <= AROUND),
        "exact": text[start:end],
        "after": words_after(after, whole=end + AROUND >= len(text)),
    }
