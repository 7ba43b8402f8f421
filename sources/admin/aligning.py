"""Two renditions of one text side by side at the desk, where a person says which turns belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from jobs.admin import LookOnly, moment_of
from sources.aligning import Line, align
from sources.models import Alignment, Snapshot, Source, Turn
from sources.querysets import Family

from .desk import Desk

SHOWN = 200  # rows on a page; a form has at most a thousand fields
WORDS = 200  # characters of a turn that are read for its first words
NONE = "none"


@admin.register(Alignment)
class AlignmentAdmin(LookOnly, Desk):
    """To read: what is said is said, and taken back, on the page of the two texts."""

    list_display = ("turn", "edition", "counterpart", "other", "set_by", "set_when")
    search_fields = ("turn__snapshot__source__title", "other__source__title")
    list_select_related = ("turn__snapshot__source", "counterpart", "other__source", "set_by")
    deferred = ("turn__snapshot__text", "other__text")
    actions = None
    fields = readonly_fields = ("turn", "edition", "counterpart", "other", "set_by", "set_when")
    set_when = moment_of("set_at")

    @admin.display(description="of")
    def edition(self, row: Alignment) -> Any:
        return row.turn.snapshot


class AlignmentForm(forms.Form):
    """Of each turn of `rows`, the numbers of those that it stands beside in the other text, as far as
    somebody says so."""

    def __init__(
        self,
        *args: Any,
        rows: Sequence[Any],
        turns: Sequence[Any],
        other: Sequence[Any],
        **kwargs: Any,
    ) -> None:
        said = _in_words(turns, other)
        self.rows = rows
        spoken = [turns[i] for one, _ in rows for i in one]
        kwargs["initial"] = {f"turn-{turn.position}": said.get(turn.pk, "") for turn in spoken}
        super().__init__(*args, **kwargs)
        self.turns = {turn.position: turn for turn in spoken}
        self.other = {turn.position: turn for turn in other}
        for turn in spoken:
            # With what it was: only what has changed is saved, whatever somebody else has said since.
            field = forms.CharField(required=False, max_length=60, show_hidden_initial=True)
            field.label = f"Turn {turn.position} stands beside"
            field.widget.attrs |= {"size": 7, "aria-label": field.label, "autocomplete": "off"}
            self.fields[f"turn-{turn.position}"] = field

    def clean(self) -> dict[str, Any]:
        """With `said`: of each turn that has changed, those beside it, [] or None (`Alignment.correct`)."""
        self.said: dict[Turn, list[Turn] | None] = {}
        for name in self.changed_data:
            turn = self.turns[int(name.partition("-")[2])]
            words = re.split(r"[\s,]+", self.cleaned_data[name].strip().lower())
            if words == [""]:
                self.said[turn] = None
            elif words == [NONE]:
                self.said[turn] = []
            else:
                numbers = {int(word) for word in words if word.isascii() and word.isdigit()}
                if len(numbers) < len(set(words)) or not numbers <= set(self.other):
                    told = "Numbers of turns of the other text, or “none”; empty: as computed."
                    self.add_error(name, told)
                else:
                    self.said[turn] = [self.other[number] for number in sorted(numbers)]
        return self.cleaned_data


def _in_words(turns: Sequence[Any], other: Sequence[Any]) -> dict[int, str]:
    """What is said of each of the `turns`, as a form has it, by its id."""
    pairs, (alone, _) = Alignment.objects.said(turns, other)
    said = {turns[i].pk: NONE for i in alone}
    for i, j in pairs:
        pk = turns[i].pk
        said[pk] = f"{said[pk]}, {other[j].position}" if pk in said else str(other[j].position)
    return said


def renditions(snapshot: Snapshot) -> Any:
    """The editions of the other sources of its family, drafts too."""
    family = Source.objects.filter(pk__in=Family(snapshot.source_id, drafts=True))
    others = Snapshot.objects.light().filter(source__in=family).exclude(source=snapshot.source_id)
    return others.select_related("source").order_by("source__title", "source", "-edition")


class AligningAdmin(admin.ModelAdmin):
    """The part of a snapshot's page that leads to its renditions."""

    def align_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Its turns beside those of the edition `with`; without one, the choice of it."""
        snapshot = get_object_or_404(Snapshot.objects.select_related("source"), pk=object_id)
        if not self.has_view_permission(request, snapshot):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Align with another rendition",
            "opts": self.opts,
            "original": snapshot,
        }
        template = "admin/sources/snapshot/align.html"
        asked = request.POST.get("with") or request.GET.get("with", "")
        if not asked:
            context["renditions"] = renditions(snapshot)
            return TemplateResponse(request, template, context)
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            raise Http404("There is no such edition.")
        other = get_object_or_404(renditions(snapshot).defer(None), pk=int(asked))
        may = request.user.has_perm("sources.add_alignment")
        if request.method == "POST" and not may:
            raise PermissionDenied("You may not say which turns stand beside each other.")
        beside = Alignment.objects.beside(
            Turn.objects.filter(snapshot__in=[snapshot, other]).select_related("speaker"),
            [snapshot.pk, other.pk],
        )
        left, right = beside.get(snapshot.pk, []), beside.get(other.pk, [])
        pairs, alone = Alignment.objects.said(left, right)
        rows = align(_lines(left), _lines(right), pairs=pairs, alone=alone)
        page = Paginator(rows, SHOWN).get_page(request.POST.get("p") or request.GET.get("p"))
        form = AlignmentForm(
            request.POST if request.method == "POST" else None,
            rows=rows[page.start_index() - 1 : page.end_index()] if rows else [],
            turns=left,
            other=right,
        )
        if request.method == "POST" and form.is_valid():
            try:
                n = Alignment.objects.correct(snapshot, other, form.said, by=request.user)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                told = "Saved." if n else "Nothing was changed."
                self.message_user(request, told, messages.SUCCESS if n else messages.INFO)
                here = reverse("admin:sources_snapshot_align", args=[snapshot.pk])
                return redirect(f"{here}?with={other.pk}&p={page.number}")
        said = {i for i, _ in pairs}.union(alone[0]), {j for _, j in pairs}.union(alone[1])
        context |= {
            "other": other,
            "form": form,
            "may": may,
            "page": page,
            "n_said": len(pairs) + len(alone[0]) + len(alone[1]),
            "rows": [
                {
                    "left": [
                        (_shown(left[i], snapshot), form[f"turn-{left[i].position}"]) for i in one
                    ],
                    "right": [_shown(right[j], other) for j in two],
                    "said": bool(said[0].intersection(one) or said[1].intersection(two)),
                }
                for one, two in form.rows
            ],
        }
        return TemplateResponse(request, template, context)


def _lines(turns: Sequence[Turn]) -> list[Line]:
    """As readers see them compared: a Speaker only whom the public knows."""
    return [
        Line(
            turn.end - turn.start,
            turn.speaker.slug if turn.speaker and turn.speaker.is_published else "",
            turn.label,
            turn.role,
        )
        for turn in turns
    ]


def _shown(turn: Any, snapshot: Snapshot) -> Any:
    turn.beginning = snapshot.text[turn.start : min(turn.end, turn.start + WORDS)]
    return turn
