"""Likely duplicates: pairs of claims that may be one, for a person to merge or to tell apart."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from claims.models import LikelyDuplicate
from jobs.admin import LookOnly, moment_of
from sources.admin.desk import Desk
from sources.admin.filters import TaskFilter
from sources.admin.steps import Step, StepsAdmin
from sources.differences import TOKEN

from .merging import merge_address

SHOWN = 20  # pairs on a page
PUNCTUATION = frozenset(".,;:!?…\"'“”„‘’«»()[]–—-")


class StateFilter(TaskFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("rejected", "rejected: two claims"), ("merged", "merged"), ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        chosen = {"rejected": rows.rejected, "merged": rows.merged, "all": rows.all}
        found: QuerySet[Any] = chosen.get(self.value() or "", rows.open)()
        return found


class TwoClaimsForm(forms.Form):
    """What tells them apart; with the two texts that were read, so that nobody rejects what they have not."""

    reason = forms.CharField(
        required=False,
        label="What tells them apart",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="For whoever wonders later. It may stay empty.",
    )
    read = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: LikelyDuplicate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].initial = row.wording


def sides(pair: LikelyDuplicate) -> list[dict[str, Any]]:
    """Both claims, each with its text as it is now in pieces: (whether the other has it not, words)."""
    first, second = pair.first, pair.second
    return [
        {
            "claim": claim,
            "pieces": alone(claim.text, other.text),
            "then": then if then != claim.text else "",
        }
        for claim, other, then in (
            (first, second, pair.first_text),
            (second, first, pair.second_text),
        )
    ]


def alone(text: str, other: str) -> list[tuple[bool, str]]:
    """Return `text` in pieces, each with whether `other` lacks its words there; together they are `text`,
    to the last space. Capitals and punctuation make no difference."""
    words, others = (
        [word for word in TOKEN.finditer(each) if word[1] not in PUNCTUATION]
        for each in (text, other)
    )
    matcher = SequenceMatcher(
        None, [word[1].casefold() for word in words], [word[1].casefold() for word in others], False
    )
    pieces, end = [], 0
    for op, i, j, _, _ in matcher.get_opcodes():
        if op in {"replace", "delete"}:
            start, stop = words[i].start(1), words[j - 1].end(1)
            pieces += [(False, text[end:start]), (True, text[start:stop])]
            end = stop
    return [(marked, piece) for marked, piece in [*pieces, (False, text[end:])] if piece]


@admin.register(LikelyDuplicate)
class LikelyDuplicateAdmin(LookOnly, StepsAdmin, Desk):
    list_filter = (StateFilter,)
    search_fields = ("first__text", "first__slug", "second__text", "second__slug")
    actions = None
    list_per_page = SHOWN
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/claims/likelyduplicate/change_list.html"
    change_form_template = "admin/claims/likelyduplicate/change_form.html"
    fields = readonly_fields = ("probability", "found", "rejected", "rejected_by", "reason")
    found = moment_of("found_at", "found")
    rejected = moment_of("rejected_at", "rejected")
    steps = (
        Step(
            slug="reject",
            label="They are two claims",
            permission=LikelyDuplicate.PERMISSION,
            fits=lambda pair: pair.rejected_at is None and not pair.is_settled,
            take=LikelyDuplicate.reject,
            done="It is noted that these are two claims. They are not offered again.",
            form=TwoClaimsForm,
            form_of_row=True,
        ),
        Step(
            slug="reopen",
            label="Offer the pair again",
            permission=LikelyDuplicate.PERMISSION,
            fits=lambda pair: pair.rejected_at is not None,
            take=LikelyDuplicate.reopen,
            done="The pair is offered again.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = LikelyDuplicate.objects.with_claims()
        return rows.order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-probability", "pk")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        told = {"title": "Likely duplicates", **(extra_context or {})}
        response = super().changelist_view(request, told)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            shown["pairs"] = [self.card(row, request.user) for row in shown["cl"].result_list]
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"pair": self.card(context["original"], request.user), "title": "One claim?"}
        return super().render_change_form(request, context, *args, **kwargs)

    def card(self, pair: LikelyDuplicate, user: Any) -> dict[str, Any]:
        """All that is shown of a pair, and where the user may go from it."""
        return {
            "row": pair,
            "sides": sides(pair),
            "merge": merge_address([pair.first_id, pair.second_id])
            if user.has_perm("claims.merge_claim") and not (pair.is_settled or pair.rejected_at)
            else "",
            "steps": [
                {"url": self.step_url(pair, step), "label": step.label, "asks": bool(step.form)}
                for step in self.steps
                if step.offered(pair, user)
            ],
        }

    def _ask(self, request: HttpRequest, row: Any, step: Step, form: forms.Form) -> HttpResponse:
        """With the two texts beside each other, which are what is decided on."""
        response: Any = super()._ask(request, row, step, form)
        response.template_name = "admin/claims/likelyduplicate/step.html"
        response.context_data |= {"pair": {"row": row, "sides": sides(row)}, "title": step.label}
        return response  # type: ignore[no-any-return]

    def _change_page(self, row: Any) -> HttpResponse:
        """Back to the list, to the next pair."""
        return redirect("admin:claims_likelyduplicate_changelist")


class ForgetsPairs(Desk):
    """Of a claim's page: what was found of its likely duplicates goes with a claim that is deleted, and
    never alone, so that no right is needed for it."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        going, numbers, lacking, protected = super().get_deleted_objects(objs, request)
        return going, numbers, lacking - {LikelyDuplicate._meta.verbose_name}, protected
