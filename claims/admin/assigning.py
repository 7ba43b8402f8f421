"""Who works on what: a small form on the claim's page, an action for many, and the list to read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from claims.models import Assignment, Claim
from claims.models.assignment import UNCHANGED, Priority
from claims.queue.forms import NOBODY, Assignee, ManyForm, people
from claims.queue.views import ask_what
from sources.admin.desk import Desk, DeskAdmin

from .reading import ReadingAdmin


@admin.register(Assignment)
class AssignmentAdmin(ReadingAdmin, DeskAdmin):
    list_display = ("claim", "assignee", "priority", "changed_at")
    list_filter = ("priority", ("assignee", admin.RelatedOnlyFieldListFilter))
    search_fields = ("claim__text", "claim__slug", "assignee__username")
    list_select_related = ("claim", "assignee")
    fields = ("claim", "assignee", "priority", "changed_at")
    readonly_fields = ("changed_at",)  # the page of a history entry asks for a form all the same


class AssignmentForm(forms.Form):
    to = Assignee(label="Assigned to", empty="")
    # “Assign to me” leaves it out, and so as somebody else may just have set it.
    priority = forms.TypedChoiceField(
        choices=Priority.choices, coerce=int, required=False, empty_value=UNCHANGED
    )

    def __init__(self, data: Any = None, *, assignment: Assignment | None) -> None:
        held = assignment.assignee if assignment else None
        initial = {
            "to": held.get_username() if held else NOBODY,
            "priority": assignment.priority if assignment else Priority.NORMAL,
        }
        super().__init__(data, initial=initial, auto_id="assign_%s")
        choices = people("")[1:]
        if held and held.get_username() not in dict(choices):
            choices.append((held.get_username(), f"{held.get_username()} (has left)"))
        self.fields["to"].widget.choices = choices


class AssigningAdmin(Desk):
    """The claim's page with the form that hands it round, and the action for many claims."""

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.assign_view)
        return [path("<int:pk>/assign/", view, name="claims_claim_assign"), *super().get_urls()]

    def assigning(self, request: HttpRequest, claim: Claim) -> dict[str, Any]:
        """What the claim's page shows of its assignment; the form for who may change it."""
        if not request.user.has_perm("claims.view_assignment"):
            return {}
        rows = Assignment.objects.select_related("assignee")
        assignment = rows.filter(claim=claim).first()
        may = request.user.has_perm("claims.change_assignment") and claim.duplicate_of_id is None
        return {
            "assignment_shown": True,
            "assignment": assignment,
            "assignment_form": AssignmentForm(assignment=assignment) if may else None,
        }

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        claim = get_object_or_404(Claim, pk=pk)
        if not request.user.has_perm("claims.change_assignment"):
            raise PermissionDenied(
                "Handing out work takes the permission claims.change_assignment."
            )
        back = redirect(reverse("admin:claims_claim_change", args=[pk]) + "#assignment")
        if request.method != "POST":
            return back
        rows = Assignment.objects.select_related("assignee")
        form = AssignmentForm(request.POST, assignment=rows.filter(claim=claim).first())
        if not form.is_valid():
            told = "; ".join(
                f"{form.fields[name].label or name}: {' '.join(map(str, errors))}"
                for name, errors in form.errors.items()
            )
            self.message_user(request, f"Nothing was changed. {told}", messages.ERROR)
            return back
        to, priority = form.cleaned_data["to"], form.cleaned_data["priority"]
        try:
            changed = claim.assign(
                by=request.user, to=None if to in (NOBODY, None) else to, priority=priority
            )
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return back
        if changed:
            self.message_user(request, "Assignment changed.", messages.SUCCESS)
        else:
            self.message_user(request, "It was so already.", messages.INFO)
        return back

    @admin.action(
        description="Assign, prioritise, sort into topics…", permissions=["change", "view"]
    )
    def hand_round(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return ask_what(request, ManyForm(), queryset.order_by("pk"))
