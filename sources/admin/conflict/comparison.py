"""A form that was sent, held against what it was made from and what is stored now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.text import capfirst

from sources.models import seen
from sources.models.publishable import may_edit

from .differing import Cell, RowConflict, readable
from .sent import ASKED, BASE, CHOICE, EDITED, ROW, SEEN, Sent, entry_id, name_of


class Comparison:
    """A form that was sent, compared with what it was made from and with what is stored.

    Afterwards `conflicts` has the rows to ask about, `sent.data` what to read the form from, and `told`
    what a person should know of rows that are gone and in which nothing was typed.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.sent = Sent(request.POST)
        self.conflicts: list[RowConflict] = []
        self.told: list[str] = []
        data = self.sent.data
        self.asked = {name.removeprefix(ASKED) for name in data if name.startswith(ASKED)}
        self.chosen = {
            name.removeprefix(CHOICE): data[name] for name in data if name.startswith(CHOICE)
        }
        self.edited = {
            name.removeprefix(EDITED): data[name] for name in data if name.startswith(EDITED)
        }
        self.unanswered = self.asked - self.chosen.keys()
        self.bases: dict[str, str] = {
            name.removeprefix(BASE): data[name] for name in data if name.startswith(BASE)
        }

    def token(self, prefix: str) -> str | None:
        """The entry that the row was made from, as sent; None where the form does not tell."""
        if self.unanswered and prefix in self.bases:
            return self.bases[prefix]  # asked again, of the same versions
        token: str | None = self.sent.data.get(name_of(prefix, SEEN))
        return token

    def page_row(self, row: Any, form: Any, *, locked: bool) -> None:
        """Compare the row of the page itself, which is locked in the database by now."""
        token = self.token("")
        if token is not None:
            self._compare("", row, form, token, seen.newest_entry(row), locked=locked)

    def inline_rows(self, formset: Any) -> None:
        """Compare the rows of an inline; one query where none has been saved since."""
        tokens = {
            i: (entry_id(self.sent.data.get(f"{formset.prefix}-{i}-id")), token)
            for i in range(formset.initial_form_count())
            if (token := self.token(f"{formset.prefix}-{i}")) is not None
        }
        pks = [pk for pk, _ in tokens.values() if pk is not None]
        if not pks:
            return
        rows = formset.model._base_manager.order_by("pk").select_for_update()
        # Of this row of the page: one that a merge has moved is as far away as a deleted one.
        here = rows.filter(pk__in=pks, **{formset.fk.name: formset.instance})
        stored = set(here.values_list("pk", flat=True))
        newest = seen.newest_entries(formset.model, pks)
        without: set[int] = set()
        anew: set[int] = set()
        for i, (pk, token) in tokens.items():
            if pk is None or (pk in stored and newest.get(pk) == entry_id(token)
                              and f"{formset.prefix}-{i}" not in self.bases):  # fmt: skip
                continue
            form, prefix = formset.forms[i], f"{formset.prefix}-{i}"
            if pk in stored:
                locked = not may_edit(self.request.user, form.instance)
                self._compare(prefix, form.instance, form, token, newest.get(pk), locked=locked)
                continue
            done = self._gone(prefix, pk, form, token, newest.get(pk))
            without |= {i} if done == "without" else set()
            anew |= {i} if done == "anew" else set()
        if without or anew:
            self.sent.rearrange(formset.prefix, without=without, anew=anew)

    # --- One row ---

    def _compare(
        self, prefix: str, row: Any, form: Any, token: str, newest: int | None, *, locked: bool
    ) -> None:
        """Compare a row that is there."""
        if newest == entry_id(token) and not self.chosen:
            return
        base_entry = self._entry(type(row), row.pk, token)
        self._answer(form, base_entry)
        if newest == entry_id(token):
            self._answer_row(prefix, row, form)
            return
        self.sent.data[name_of(prefix, SEEN)] = str(newest or "")
        now = seen.values_now(row, form.fields)
        base = seen.values_at(base_entry, now) if base_entry else None
        cells = self._cells(form, now, base)
        deleting = bool(prefix) and self.sent.data.get(f"{prefix}-DELETE")
        mine = [cell for cell in cells if cell.by != "them"]
        if not mine and not deleting:
            if not locked:
                for cell in cells:
                    name = cell.name.removeprefix(f"{prefix}-" if prefix else "")
                    self.sent.put(form, name, now[name])
            return
        kind = "locked" if locked else "deleting" if deleting else "changed"
        self.conflicts.append(
            RowConflict(
                prefix, token, f"{capfirst(row._meta.verbose_name)}: {row}", kind,
                self._since(row, base_entry), mine if kind == "locked" else cells,
                chosen=self.chosen.get(name_of(prefix, ROW), ""),
                can_anew=bool(prefix) and kind == "locked",
            )
        )  # fmt: skip

    def _gone(self, prefix: str, pk: int, form: Any, token: str, newest: int | None) -> str:
        """A row that has been deleted or moved since: "without" it, or sent "anew"."""
        model = form._meta.model
        base_entry = self._entry(model, pk, token)
        last = self._entry(model, pk, str(newest or ""))
        base = seen.values_at(base_entry, form.fields) if base_entry else None
        chosen = self.chosen.get(name_of(prefix, ROW))
        if not self.unanswered and chosen == "anew":
            return "anew"
        cells = self._cells(form, base or {}, base)
        mine = [cell for cell in cells if cell.by != "them"]
        deleting = self.sent.data.get(f"{prefix}-DELETE")
        title = (
            f"{capfirst(model._meta.verbose_name)}: {(base_entry and base_entry.instance) or pk}"
        )
        if deleting or not mine or (not self.unanswered and chosen == "theirs"):
            self.told.append(f"{title} has been deleted or moved by {last.history_user or 'a program'}."
                             if last else f"{title} has been deleted or moved.")  # fmt: skip
            return "without"
        # A row that quotes keeps its passage: what it is made anew from is all that was sent.
        self.conflicts.append(
            RowConflict(prefix, token, title, "gone", [last] if last else [], mine,
                        chosen=chosen or "", can_anew=True)
        )  # fmt: skip
        return ""

    def _cells(self, form: Any, now: dict[str, Any], base: dict[str, Any] | None) -> list[Cell]:
        """The fields that either side has changed, other than to the same."""
        cells = []
        for name, form_field in form.fields.items():
            if name in (form._meta.model._meta.pk.name, "DELETE") or self._is_parent(form, name):
                continue
            bound = form[name]
            known = name in now
            if self._absent(bound):
                continue
            form_field.disabled = False  # of this form, which is only looked at
            held, was = now.get(name), (base or {}).get(name)
            mine_is_stored = not form_field.has_changed(held, bound.data)
            i_changed = form_field.has_changed(was, bound.data) if base else not mine_is_stored
            they_changed = known and (was != held if base else True)
            if mine_is_stored or not (i_changed or they_changed):
                continue
            editable = isinstance(form_field, forms.CharField) and not isinstance(
                form_field, forms.SlugField | forms.URLField
            )
            key = bound.html_name
            mine = readable(form_field, bound.data)
            by = "both" if i_changed and they_changed else "me" if i_changed else "them"
            cells.append(
                Cell(
                    name=key, label=str(bound.label),
                    base=readable(form_field, was) if base else None,
                    theirs=readable(form_field, held), mine=mine, by=by, editable=editable,
                    chosen=self.chosen.get(key, {"me": "mine", "them": "theirs"}.get(by, "")),
                    edited=self.edited.get(key, mine),
                )
            )  # fmt: skip
        return cells

    def _is_parent(self, form: Any, name: str) -> bool:
        return isinstance(form.fields[name], forms.models.InlineForeignKeyField)

    def _absent(self, bound: Any) -> bool:
        """Whether the form did not have the field. Of an empty checkbox or list nothing is sent."""
        if bound.html_name in self.sent.data:
            return False
        widget = getattr(bound.field.widget, "widget", bound.field.widget)
        silent = isinstance(widget, CheckboxInput) or getattr(
            widget, "allow_multiple_selected", False
        )
        return bound.field.disabled or not silent

    def _answer(self, form: Any, shown: Any) -> None:
        """Put in what was chosen on the conflict page; `shown` is the entry that it showed as theirs."""
        if self.unanswered:
            return
        theirs = seen.values_at(shown, form.fields) if shown else {}
        for name in form.fields:
            key = form[name].html_name
            if self.chosen.get(key) == "edited":
                self.sent.data[key] = self.edited.get(key, "")
            elif self.chosen.get(key) == "theirs":
                self.sent.put(form, name, theirs.get(name))

    def _answer_row(self, prefix: str, row: Any, form: Any) -> None:
        """Do what was chosen of a row as a whole. (To delete it all the same needs nothing done.)"""
        chosen = None if self.unanswered else self.chosen.get(name_of(prefix, ROW))
        if chosen == "anew":
            self._copy(prefix)
        if chosen in ("theirs", "anew"):
            self.sent.data.pop(f"{prefix}-DELETE", None)
            now = seen.values_now(row, form.fields)
            for name in now:
                if not self._is_parent(form, name):
                    self.sent.put(form, name, now[name])

    def _copy(self, prefix: str) -> None:
        """Send what was typed in a row as a new one, too."""
        inline, _, _ = prefix.rpartition("-")
        data = self.sent.data
        total = entry_id(data.get(f"{inline}-TOTAL_FORMS")) or 0
        for name in [n for n in data if n.startswith(f"{prefix}-")]:
            rest = name.removeprefix(f"{prefix}-")
            if rest not in (SEEN, "DELETE"):
                data.setlist(
                    f"{inline}-{total}-{rest}", [""] if rest == "id" else data.getlist(name)
                )
        data[f"{inline}-TOTAL_FORMS"] = str(total + 1)

    def _entry(self, model: Any, key: Any, token: str) -> Any:
        """The entry of a row's history that is called `token`."""
        pk, number = model._meta.pk.attname, entry_id(token)
        history = seen.history_of(model).select_related("history_user")
        return history.filter(**{pk: key}, history_id=number).first() if number else None

    def _since(self, row: Any, base: Any) -> list[Any]:
        """Who has saved since, newest first; who did so more than once, once."""
        pk = type(row)._meta.pk.attname
        entries = seen.history_of(type(row)).filter(**{pk: row.pk}).select_related("history_user")
        entries = entries.filter(history_id__gt=base.pk) if base else entries[:1]
        newest: dict[Any, Any] = {}
        for entry in entries:
            newest.setdefault(entry.history_user_id, entry)
        return list(newest.values())
