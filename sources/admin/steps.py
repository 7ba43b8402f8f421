"""Buttons that take a row one step along. The model has the rules; a button only calls it and tells what
it answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from sources.models import seen
from sources.models.publishable import may_edit

from .conflict import SEEN, entry_id
from .desk import Desk
from .drafts import mark_saved


@dataclass(frozen=True)
class Step:
    slug: str
    label: str
    permission: str
    fits: Callable[[Any], bool]  # whether the button makes sense for the row as it is
    take: Callable[..., Any]  # called with the row, by=user and what the form asks
    done: str
    form: type[forms.Form] | None = None  # asked on a page of its own
    form_of_row: bool = False  # whether the form is made with `row`
    warnings: Callable[[Any], Iterable[Any]] | None = None  # to be told of the row once it is done
    open_to: Callable[[Any, Any], bool] = may_edit  # of the user and the row

    def permitted(self, row: Any, user: Any) -> bool:
        return bool(user.has_perm(self.permission) and self.open_to(user, row))

    def offered(self, row: Any, user: Any) -> bool:
        return self.permitted(row, user) and self.fits(row)


class StepsAdmin(Desk):
    steps: tuple[Step, ...] = ()

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:object_id>/step/<slug:step>/", view, name=name), *super().get_urls()]

    def step_url(self, row: Any, step: Step) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_step",
                       args=[row.pk, step.slug])  # fmt: skip

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["steps"] = [
            {
                "slug": step.slug,
                "label": step.label,
                "url": self.step_url(obj, step),
                "asks": step.form is not None,
                # What stands unsaved in the form belongs to the step, and must not be lost by it.
                "saves": self.has_change_permission(request, obj),
            }
            for step in self.steps
            if obj is not None and step.offered(obj, request.user)
        ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """After saving, take the step whose button was pressed."""
        step = next(
            (known for known in self.steps if known.slug == request.POST.get("_step")), None
        )
        if step is None or step.form is not None:
            return super().response_change(request, obj)
        if not step.permitted(obj, request.user):
            raise PermissionDenied
        return self._take(request, obj, step, {})

    def step_view(self, request: HttpRequest, object_id: int, step: str) -> HttpResponse:
        """Take a step: at once on POST, or after a form that asks what the step needs to know."""
        row = self.get_object(request, str(object_id))
        taken = next((known for known in self.steps if known.slug == step), None)
        if row is None or taken is None:
            raise Http404
        if not (self.has_view_permission(request, row) and taken.permitted(row, request.user)):
            raise PermissionDenied
        about = {"row": row} if taken.form_of_row else {}
        form = taken.form(request.POST or None, **about) if taken.form else None
        if form is None and request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if form is not None and taken.fits(row) and not form.is_valid():
            return self._ask(request, row, taken, form)
        with transaction.atomic():
            if SEEN in request.POST:
                try:
                    seen.refuse_if_stale(row, entry_id(request.POST[SEEN]))
                except seen.Stale as refusal:
                    self.message_user(request, " ".join(refusal.messages), messages.ERROR)
                    return self._change_page(row)
            return self._take(
                request, row, taken, form.cleaned_data if form and form.is_valid() else {}
            )

    def _change_page(self, row: Any) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)

    def _take(
        self, request: HttpRequest, row: Any, taken: Step, asked: dict[str, Any]
    ) -> HttpResponse:
        change_page = self._change_page(row)
        if not taken.fits(row):
            told = f"“{taken.label}” does not fit this as it is now: nothing was done."
            self.message_user(request, told, messages.WARNING)
            return change_page
        try:
            changed = taken.take(row, by=request.user, **asked)
        except PermissionDenied as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            if changed is False:
                self.message_user(request, "There was nothing left to do.", messages.INFO)
            else:
                # The entry of Django's own log, which feeds "Recent actions".
                self.log_change(request, row, taken.done)
                self.message_user(request, taken.done, messages.SUCCESS)
                for warning in taken.warnings(row) if taken.warnings else ():
                    self.message_user(request, str(warning), messages.WARNING)
            mark_saved(change_page, request.path)
        return change_page

    def _ask(self, request: HttpRequest, row: Any, step: Step, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label}: {row}",
            "opts": self.opts,
            "original": row,
            "step": step,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/step.html", context)
