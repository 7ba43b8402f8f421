"""Before a claim is born: the claims that are near it, first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from claims import second_claim
from sources.admin.desk import Desk


def near(text: str) -> dict[str, Any]:
    """For the template: the claims near `text`, and whether the text probably repeats one of them."""
    found = second_claim.near(text)
    return {"near": found, "repeats": second_claim.is_repetition(found)}


class NewClaimForm(forms.ModelForm):
    """Asks once whether a claim that says nearly the same is not the one that is meant."""

    another = forms.BooleanField(required=False, label="It is another claim")

    def clean(self) -> Any:
        cleaned = super().clean()
        text = self.cleaned_data.get("text")
        if text and not self.cleaned_data.get("another"):
            try:
                second_claim.refuse_second(text)
            except ValidationError as error:
                self.add_error("text", error)
        return cleaned


class SimilarFirst(Desk):
    """Shows on the page of a new claim which ones are near it: as its text is typed, and without
    JavaScript when it is first saved."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.similar_view)
        return [path("similar/", view, name="claims_claim_similar"), *super().get_urls()]

    def similar_view(self, request: HttpRequest) -> HttpResponse:
        """The claims near `?text=`, as a piece of a page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = near(request.GET.get("text", ""))
        return TemplateResponse(request, "admin/claims/claim/_similar.html", context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = type("NewClaimForm", (NewClaimForm, self.form), {})
        return super().get_form(request, obj, change=change, **kwargs)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is None:
            sent = request.POST or request.GET
            context |= near(sent.get("text", "")) | {"another": "another" in request.POST}
        return super().render_change_form(request, context, add, change, form_url, obj)
