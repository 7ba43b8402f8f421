"""What every list and form of the desk does alike. No rule of the house is made here: the model decides
who may change a row (`editable_by`), and what the public sees (`published`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminURLFieldWidget,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

from sources.models import Publishable

logger = logging.getLogger(__name__)


def may_edit(user: Any, row: Any) -> bool:
    """Whether the model lets `user` change `row`; a model without the question asks for no more than
    Django's permissions."""
    return not hasattr(row, "editable_by") or row.editable_by(user)


class WholeForm(forms.ModelForm):
    """Holds a row to all its constraints. The stock form passes over those that name a field which it
    does not show, and in an inline over those that name the row's parent.

    Refuses what makes a row that `user` could not have changed: another spelling of a public speaker."""

    user: Any = None  # given by `Desk.get_form`

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as error:
                self.add_error(None, error.messages)
        refused = self.user and self.has_changed() and not may_edit(self.user, self.instance)
        if refused and not self.errors:
            self.add_error(None, "It would be public at once, and is an editor's to say.")


class DeskFields(BaseModelAdmin):
    """Fields as the desk's pages and rows show them."""

    formfield_overrides: ClassVar[Any] = {
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
        # An address typed without a scheme is taken for https, as from Django 6.0 on.
        models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Whoever edits a row does not mean to delete the speaker or source that it names.
            field.widget.can_delete_related = False
        return field


class Desk(DeskFields, admin.ModelAdmin):
    """A list and a form, for rows without a history of their own."""

    form = WholeForm
    list_per_page = 50
    # Columns that no list, form or autocomplete reads: the text and bytes behind a passage.
    deferred: tuple[str, ...] = ()
    # Whether rows may be attached (in inlines) to one that the user may not change itself.
    open_to_additions = False
    # The field that a new row's slug is suggested from. (Not `prepopulated_fields`, which the page of a
    # history entry expects in its form even where they are read-only.)
    slug_from = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Joined for autocompletes and pages as for lists: `__str__` reads the same rows in all."""
        rows = super().get_queryset(request)
        if isinstance(self.list_select_related, Sequence) and self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        return rows.defer(*self.deferred) if self.deferred else rows

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        for _ in range(2):
            # The second time for somebody else who saved the same thing in the same moment:
            # validated anew, the form sees it, and says so beside the field.
            try:
                return self._all_or_nothing(request, object_id, form_url, extra_context)
            except IntegrityError:
                logger.warning("The database refused what a form had let pass.", exc_info=True)
        self.message_user(
            request,
            "Nothing was saved: two of the rows say the same, or one contradicts what is stored.",
            messages.ERROR,
        )
        return redirect(request.get_full_path())

    def _all_or_nothing(self, *args: Any) -> HttpResponse:
        """A form that is refused leaves nothing behind: no passage that it quoted either."""
        with transaction.atomic():
            response: HttpResponse = super().changeform_view(*args)
            if (getattr(response, "context_data", None) or {}).get("errors"):
                transaction.set_rollback(True)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save what has changed: an unchanged row is neither touched nor noted in the history."""
        if change and form.has_changed():
            stored = self.model._default_manager.select_for_update().get(pk=obj.pk)
            if not may_edit(request.user, stored):
                raise PermissionDenied("It was published while you were editing it.")
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """One by one, so that what the model does on deletion is done for each."""
        with transaction.atomic():
            for row in queryset:
                row.delete()

    @admin.display(ordering="published_at")
    def published(self, obj: Any) -> Any:
        return obj.published_at.date() if obj.published_at else "draft"

    def is_editable(self, request: HttpRequest, obj: Any) -> bool:
        return may_edit(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            self.open_to_additions or self.is_editable(request, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            super().has_delete_permission(request, obj)
            and self.is_editable(request, obj)
            and (not hasattr(obj, "deletable_by") or obj.deletable_by(request.user))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if not self.is_editable(request, obj):
            return [*fields, *flatten_fieldsets(self.get_fieldsets(request, obj))]
        return [*fields, "slug"] if self.has_address(obj) else fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only for a new row: the slug of an old one has been cited."""
        return {"slug": (self.slug_from,)} if self.slug_from and obj is None else {}

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user  # type: ignore[attr-defined]
        return form

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["locked"] = not self.is_editable(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Only where the public has something to see."""
        if obj is None or not self.is_public(obj):
            return None
        return super().get_view_on_site_url(obj)

    def has_address(self, obj: Any) -> bool:
        """Whether its slug may have been cited; a retired claim's still leads somewhere."""
        if not hasattr(obj, "slug"):
            return False
        return obj.is_published if isinstance(obj, Publishable) else self.is_public(obj)

    def is_public(self, obj: Any) -> bool:
        rows = self.model._default_manager.all()
        return hasattr(rows, "published") and rows.published().filter(pk=obj.pk).exists()


class DeskAdmin(Desk, SimpleHistoryAdmin):
    """A list and a form, with the history of each row: who changed what, and when."""

    object_history_list_template = "admin/history_list.html"

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """To read. The stock view saves what is sent to it, past every rule, even where its button to
        revert is hidden."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return super().history_form_view(request, object_id, version_id, extra_context)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, foreign_keys_are_objs: bool = True
    ) -> None:
        """With what no form can change, too: publication, review, the end of a verdict."""
        super().set_history_delta_changes(request, historical_records, foreign_keys_are_objs)
        for record, before in pairwise(list(historical_records)):
            for field in record.tracked_fields:
                old, new = getattr(before, field.attname), getattr(record, field.attname)
                if old == new or field.editable or getattr(field, "auto_now", False):
                    continue
                record.history_delta_changes.append(
                    {
                        "field": capfirst(field.verbose_name),
                        "old": getattr(before, field.name),
                        "new": getattr(record, field.name),
                    }
                )
