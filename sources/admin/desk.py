"""What every list and form of the desk does alike. No rule of the house is made here: the model decides
who may change a row (`editable_by`), and what the public sees (`published`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminURLFieldWidget,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from sources.models import Publishable, seen
from sources.models.publishable import may_edit as may_edit

from .conflict import SEEN, Comparison, SeenInput, conflict_page, gone_page
from .drafts import draft_key, mark_saved
from .history import HistoryPages

logger = logging.getLogger(__name__)


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

    def _all_or_nothing(
        self, request: HttpRequest, object_id: str | None, *args: Any
    ) -> HttpResponse:
        """A form that is refused leaves nothing behind: no passage that it quoted either."""
        request.desk_saved = False  # type: ignore[attr-defined]  # until save_related
        with transaction.atomic():
            conflict = self._conflict(request, object_id)
            if conflict is not None:
                return conflict
            response: HttpResponse = super().changeform_view(request, object_id, *args)
            if (getattr(response, "context_data", None) or {}).get("errors"):
                transaction.set_rollback(True)
                return response
        if request.desk_saved:  # type: ignore[attr-defined]
            mark_saved(response, draft_key(request))
        return response

    def _conflict(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Lock the row that a form was sent for, and compare: None where it can be saved, and then
        `request.POST` has all that is to be saved."""
        carries = any(name.endswith(SEEN) for name in request.POST)
        if object_id is None or not carries or seen.history_of(self.model) is None:
            return None
        if not super().has_change_permission(request):
            return None
        obj: Any = self.get_object(request, unquote(object_id))
        if obj is not None:
            seen.lock(obj)
            obj = self.get_object(request, unquote(object_id))
        if obj is None:
            added = f"admin:{self.opts.app_label}_{self.opts.model_name}_add"
            return gone_page(
                self,
                request,
                self._sent_form(request, None),
                add_url=reverse(added) if self.has_add_permission(request) else None,
            )
        compared = Comparison(request)
        request.POST = compared.sent.data
        may_save = self.has_change_permission(request, obj)
        locked = not (may_save and self.is_editable(request, obj))
        compared.page_row(obj, self._sent_form(request, obj), locked=locked)
        formsets: Any = ()
        if may_save:
            formsets, _ = self._create_formsets(request, obj, change=True)  # type: ignore[attr-defined]
        for formset in formsets:
            formset.data = compared.sent.data  # where it is arranged anew
            compared.inline_rows(formset)
        if compared.conflicts or compared.unanswered:
            return conflict_page(self, request, obj, compared, can_save=may_save)
        compared.sent.tidy()
        for told in compared.told:
            self.message_user(request, told, messages.WARNING)
        return None

    def _sent_form(self, request: HttpRequest, obj: Any) -> Any:
        """The form as it was sent, with the fields of somebody who may change them all."""
        # A row that is not to be changed may show other fields than those that were sent.
        sets = [*self.get_fieldsets(request, obj), *self.get_fieldsets(request, None)]
        names = list(dict.fromkeys(flatten_fieldsets(sets)))
        known = {field.name: field for field in [*self.opts.fields, *self.opts.many_to_many]}
        form = forms.modelform_factory(
            self.model,
            form=self.form,
            fields=[name for name in names if name in known and known[name].editable],
            formfield_callback=partial(self.formfield_for_dbfield, request=request),
        )
        return form(request.POST, instance=obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        request.desk_saved = True  # type: ignore[attr-defined]

    def get_inline_formsets(
        self, request: HttpRequest, formsets: Any, inline_instances: Any, obj: Any = None
    ) -> Any:
        """Each row with the entry of its history that it is made from; a form that comes back with
        errors, with the one that it was made from at first."""
        for formset in formsets:
            rows = [form for form in formset.initial_forms if form.instance.pk]
            newest = seen.newest_entries(formset.model, [form.instance.pk for form in rows])
            for form in rows if seen.history_of(formset.model) else ():
                sent = formset.data.get(f"{form.prefix}-{SEEN}") if formset.is_bound else None
                entry = newest.get(form.instance.pk) if sent is None else sent
                form.fields[formset._pk_field.name].widget = SeenInput(form.prefix, entry)
        return super().get_inline_formsets(request, formsets, inline_instances, obj)

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
        if obj is not None and seen.history_of(self.model) is not None:
            sent = request.POST.get(SEEN)
            context["seen"] = (seen.newest_entry(obj) or "") if sent is None else sent
        context["draft_key"] = draft_key(request)
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


class DeskAdmin(HistoryPages, Desk):
    """A list and a form, with the history of each row: who changed what, and when."""
