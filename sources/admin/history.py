"""The history of a row at the desk: who changed what and when, readably, and the way back to an entry."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.formats import date_format
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from sources.differences import word_differences
from sources.models import seen

from .conflict import SEEN, entry_id


def readable(field: models.Field[Any, Any], value: Any) -> str:
    """A value of a model's field in words; empty where there is none."""
    if value in (None, ""):
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        return date_format(value, "j M Y, H:i")
    if isinstance(field, models.DateField):
        return date_format(value, "j M Y")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


class Differences(HistoricalRecordContextHelper):
    """What changed between two entries: whole, in words, and of texts word by word."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        return [
            self.told(
                self.model._meta.get_field(change.field),
                self.prepare_delta_change_value(change, change.old),
                self.prepare_delta_change_value(change, change.new),
            )
            for change in delta.changes
        ]

    @staticmethod
    def told(field: Any, before: Any, after: Any) -> dict[str, Any]:
        old, new = readable(field, before), readable(field, after)
        is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        words = word_differences(old, new) if is_text and old and new else []
        # Other white space alone is told by both texts in full.
        differ = any(op != "=" for op, _ in words)
        return {
            "field": capfirst(field.verbose_name),
            "old": old,
            "new": new,
            "words": words if differ else None,
        }


class HistoryPages(SimpleHistoryAdmin):
    """The list of a row's history entries, each entry to read, and the way back to it."""

    object_history_list_template = "admin/history_list.html"

    def get_urls(self) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_revert"
        view = self.admin_site.admin_view(self.revert_view)
        return [
            path("<path:object_id>/history/<int:entry>/revert/", view, name=name),
            *super().get_urls(),
        ]

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

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With a button at each entry but the newest, for who may change the row as it is now."""
        row: Any = self.get_object(request, unquote(object_id))
        context: dict[str, Any] = {}
        if row is not None and self.may_go_back(request, row):
            context = {"newest": seen.newest_entry(row)}
        response: HttpResponse = super().history_view(
            request, object_id, {**context, **(extra_context or {})}
        )
        return response

    def may_go_back(self, request: HttpRequest, row: Any) -> bool:
        """As who may change it in its form: nobody what is submitted, an editor what is public."""
        return self.has_change_permission(request, row) and self.is_editable(request, row)  # type: ignore[no-any-return]

    def revert_view(self, request: HttpRequest, object_id: str, entry: int) -> HttpResponse:
        """Go back to an entry: on POST alone, which says in `_seen` what the page showed as newest."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row: Any = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        past = seen.history_of(self.model).select_related("history_user")
        then = past.filter(pk=entry, **{self.opts.pk.attname: row.pk}).first()
        if then is None or then.history_type == "-":
            raise Http404
        if not self.may_go_back(request, row):
            raise PermissionDenied
        try:
            changed = seen.go_back(
                row,
                then,
                fields=self.get_form(request, row, change=True).base_fields.keys(),
                by=request.user,
                seen=entry_id(request.POST.get(SEEN)),
            )
        except (ValidationError, PermissionDenied) as refusal:
            told = getattr(refusal, "messages", None) or [str(refusal)]
            self.message_user(request, "Nothing was changed. " + " ".join(told), messages.ERROR)
        else:
            if changed:
                self.log_change(request, row, row._change_reason)
                self.message_user(request, f"{row._change_reason}.", messages.SUCCESS)
            else:
                self.message_user(request, "It says that already: nothing was changed.")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", row.pk)

    # --- Differences ---

    def get_historical_record_context_helper(self, request: HttpRequest, record: Any) -> Any:
        return Differences(self.model, record)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, foreign_keys_are_objs: bool = True
    ) -> None:
        """With what no form can change, too: publication, review, the end of a verdict. And of the last
        entry on a page, the difference to the first of the next."""
        records = list(historical_records)
        if records and records[-1].history_type != "+":
            pk = self.opts.pk.attname
            older = self.get_history_queryset(
                request, seen.history_of(self.model), pk, getattr(records[-1], pk)
            )
            records += older.filter(history_id__lt=records[-1].history_id)[:1]
        super().set_history_delta_changes(request, records, foreign_keys_are_objs)
        for record, before in pairwise(records):
            for field in record.tracked_fields:
                old, new = getattr(before, field.attname), getattr(record, field.attname)
                if old == new or field.editable or getattr(field, "auto_now", False):
                    continue
                record.history_delta_changes.append(
                    Differences.told(
                        field, getattr(before, field.name), getattr(record, field.name)
                    )
                )
