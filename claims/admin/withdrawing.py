"""Withdrawals that were proposed: what waits for a second person, and what became of the others.

They are proposed on the page of the verdict. The rules are the model's: this tells what it answered.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import Truncator

from claims.models import Withdrawal
from jobs.admin import LookOnly
from sources.admin.desk import Desk
from sources.admin.filters import TaskFilter
from sources.admin.steps import Step, StepsAdmin

from .reviewing import withdrawal


class StateFilter(TaskFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("decided", "decided"), ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        chosen = {"decided": rows.decided, "all": rows.all}
        found: QuerySet[Any] = chosen.get(self.value() or "", rows.waiting)()
        return found


class ConfirmationForm(forms.Form):
    """What the page showed when it asked: confirmed is that, and nothing that came since."""

    seen = forms.CharField(widget=forms.HiddenInput)


class DecliningForm(forms.Form):
    why = forms.CharField(
        label="Why the verdict stands",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For the desk alone: a note on the verdict, which who proposed it is told of.",
    )


def waits(row: Withdrawal) -> bool:
    return not row.outcome


@admin.register(Withdrawal)
class WithdrawalAdmin(LookOnly, StepsAdmin, Desk):
    list_display = (
        "verdict_of",
        "state",
        "reason_told",
        "proposed_by",
        "proposed_at",
        "decided_by",
    )
    list_display_links = ("verdict_of",)
    list_filter = (StateFilter,)
    search_fields = ("verdict__headline", "verdict__claim__text", "verdict__claim__slug", "reason")
    date_hierarchy = "proposed_at"
    actions = None
    show_facets = admin.ShowFacets.NEVER
    readonly_fields = ("verdict_page", "state")
    # What is out of turn is told so; what is one's own is another's to decide.
    steps = (
        Step(
            slug="confirm",
            label="Confirm and withdraw",
            permission=Withdrawal.PERMISSION,
            fits=waits,
            take=Withdrawal.confirm,
            done="Withdrawn: readers are told why, and the claim is open again.",
            form=ConfirmationForm,
            open_to=lambda user, row: bool(row.outcome or row.decidable_by(user)),
        ),
        Step(
            slug="decline",
            label="Decline",
            permission=Withdrawal.PERMISSION,
            fits=waits,
            take=Withdrawal.decline,
            done="Declined: the verdict stands, and who proposed its withdrawal is told why.",
            form=DecliningForm,
            open_to=lambda user, row: bool(row.outcome or row.decidable_by(user)),
        ),
        Step(
            slug="take-back",
            label="Take back",
            permission=Withdrawal.PERMISSION,
            fits=waits,
            take=Withdrawal.take_back,
            done="Taken back: the verdict stands.",
            open_to=lambda user, row: bool(row.outcome or row.retractable_by(user)),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.with_verdict()  # type: ignore[no-any-return]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        decided = ["decided_by", "decided_at"] if obj and obj.outcome else []
        declined = ["declined_because"] if obj and obj.declined_because else []
        return [
            "verdict_page",
            "reason",
            "proposed_by",
            "proposed_at",
            "state",
            *decided,
            *declined,
        ]

    def _change_page(self, row: Any) -> HttpResponse:
        """To the verdict, which says how it stands now."""
        return redirect("admin:claims_verdict_change", row.verdict_id)

    def _ask(self, request: HttpRequest, row: Any, step: Step, form: forms.Form) -> HttpResponse:
        """Beside the verdict, and what readers will be told of it."""
        if step.slug == "confirm":
            # Before the rest is read: what is attached from now on has not been seen.
            form = ConfirmationForm(initial={"seen": row.verdict.claim.edition()})
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label}?",
            "opts": self.opts,
            "original": row,
            "step": step,
            "form": form,
            "media": self.media,
            **withdrawal(row),
        }
        return TemplateResponse(request, "admin/claims/withdrawal/step.html", context)

    @admin.display(description="verdict")
    def verdict_of(self, row: Withdrawal) -> str:
        return row.verdict.headline

    @admin.display(description="verdict")
    def verdict_page(self, row: Withdrawal) -> Any:
        return format_html(
            '<a href="{}">{}: {}</a>',
            f"../../../verdict/{row.verdict_id}/change/",
            row.verdict,
            row.verdict.headline,
        )

    @admin.display(description="reason for readers")
    def reason_told(self, row: Withdrawal) -> str:
        return Truncator(row.reason).words(20)

    @admin.display
    def state(self, row: Withdrawal) -> str:
        return row.state
