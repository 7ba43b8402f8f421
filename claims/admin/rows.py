"""Rows of a claim on its page: many, folded, each with a readable heading, at the cost of one query."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from sources.admin.desk import DeskFields, WholeForm, may_edit


class RowSelect(AutocompleteSelect):
    """An autocomplete that shows what its row already holds; the stock one asks the database again."""

    row: Any = None

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        held = self.row and self.field.get_cached_value(self.row, default=None)
        if held is None or value != [str(held.pk)]:
            return super().optgroups(name, value, attrs)
        options = [self.create_option(name, held.pk, str(held), True, 0)]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]


class RowFormSet(BaseInlineFormSet):
    """Rows of which those that are public are locked, unless `editable_by` lets the user in."""

    user: Any = None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        locked = form.instance.pk is not None and not may_edit(self.user, form.instance)
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", None)
            if isinstance(widget, RowSelect):
                widget.row = form.instance
            if locked and name not in ("id", self.fk.name):
                field.disabled = True


class RowInline(DeskFields, admin.StackedInline):
    form: Any = WholeForm
    formset = RowFormSet
    template = "admin/claims/rows.html"
    extra = 0
    joins: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return (
            super().get_queryset(request).select_related("claim", *self.joins).defer(*self.deferred)
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.user = request.user  # type: ignore[attr-defined]
        return formset

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = RowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
