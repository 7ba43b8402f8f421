"""Splitting a compound claim into parts: a form with a row for each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from claims.models import Claim
from claims.models.claim import ClaimKind
from claims.models.splitting import FEWEST, MOST, Part, why_not
from sources.admin.desk import Desk


class PartForm(forms.Form):
    text = forms.CharField(
        label="What it says",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    kind = forms.ChoiceField(choices=ClaimKind.choices)
    appearances = forms.MultipleChoiceField(
        label="Made as well in", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, shown: list[tuple[str, str]], whole: Claim, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["appearances"].choices = shown  # type: ignore[attr-defined]
        self.fields["kind"].initial = whole.kind

    def has_changed(self) -> bool:
        """A row without words is no part, whatever kind it would be of."""
        return "text" in self.changed_data or "appearances" in self.changed_data

    def part(self) -> Part:
        asked = self.cleaned_data
        return Part(asked["text"], asked["kind"], [int(pk) for pk in asked["appearances"]])


PartFormSet = forms.formset_factory(PartForm, extra=MOST, max_num=MOST)


class SplittingAdmin(Desk):
    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.split_view)
        return [path("<int:pk>/split/", view, name="claims_claim_split"), *super().get_urls()]

    def splitting(self, request: HttpRequest, claim: Claim) -> dict[str, Any]:
        """What the claim's page shows: whether it can be split."""
        return {"may_be_split": self.has_add_permission(request) and not why_not(claim)}

    def split_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        claim = get_object_or_404(Claim.objects.select_related("part_of", "duplicate_of"), pk=pk)
        if not (self.has_view_permission(request, claim) and self.has_add_permission(request)):
            raise PermissionDenied("Splitting a claim takes the permission claims.add_claim.")
        refusal = why_not(claim)
        if refusal:
            self.message_user(request, refusal, messages.WARNING)
            return redirect("admin:claims_claim_change", pk)
        rows = claim.appearances.select_related("passage", "claimant").order_by("pk")
        shown = [(str(row.pk), f"{row.claimant}: {row.passage}") for row in rows]
        filled = PartFormSet(
            request.POST if request.method == "POST" else None,
            form_kwargs={"shown": shown, "whole": claim},
            prefix="parts",
        )
        refused: list[str] = []
        if request.method == "POST" and filled.is_valid():
            try:
                made = claim.split(
                    [form.part() for form in filled if form.has_changed()], by=request.user
                )
            except ValidationError as error:
                refused = list(error.messages)
            else:
                self.message_user(
                    request,
                    f"Split into {len(made)} parts, each a draft claim: see “Parts” below.",
                    messages.SUCCESS,
                )
                return redirect("admin:claims_claim_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Split into parts: {claim}",
            "opts": self.opts,
            "original": claim,
            "forms": filled,
            "refused": refused,
            "fewest": FEWEST,
        }
        return TemplateResponse(request, "admin/claims/split.html", context)
