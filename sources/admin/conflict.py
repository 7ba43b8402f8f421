"""Two people at one form: the second save is refused, and both versions are shown, field by field.

A form carries, in fields called `_seen`, the history entries that it and its inline rows were made
from. Before a form is read, they are compared with what is stored (`sources.models.seen`), under the
rows' locks. Where somebody has saved in between:

- a row in which nothing was typed is sent as it is stored now: both edits stay;
- of a row in which both have changed something, the page of this module asks. Its answers come back as
  the same form, to the same address, with the new entries in `_seen`: there is no second way to save.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import CheckboxInput, HiddenInput
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from sources.differences import word_differences
from sources.models import seen
from sources.models.publishable import may_edit

SEEN = "_seen"
# Of the conflict page alone: what it asks, what was answered, what was typed there, and the entry that
# the form was made from before.
ASKED, CHOICE, EDITED, BASE = "_asked:", "_choice:", "_edited:", "_base:"
BUTTONS = ("_save", "_continue", "_addanother", "_saveasnew", "_step", "csrfmiddlewaretoken")
ROW = "_row"  # the row as a whole, among its fields
MANAGEMENT = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")


class SeenInput(HiddenInput):
    """The key of an inline row, and beside it the entry that the row was made from: so every template
    of inline rows carries both."""

    def __init__(self, prefix: str, entry: Any) -> None:
        super().__init__()
        self.seen = format_html(
            '<input type="hidden" name="{}-{}" value="{}">', prefix, SEEN, entry or ""
        )

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return super().render(*args, **kwargs) + self.seen


def name_of(prefix: str, name: str) -> str:
    return f"{prefix}-{name}" if prefix else name


def entry_id(sent: str | None) -> int | None:
    return int(sent) if sent and sent.isascii() and sent.isdigit() and len(sent) < 19 else None


def readable(form_field: Any, value: Any) -> str:
    """A value of a form's field, as stored or as sent, in words; empty where there is none."""
    if value in (None, "", []):
        return ""
    if isinstance(form_field, forms.ModelChoiceField):
        keys = value if isinstance(value, list) else [value]
        rows = form_field.queryset.model._base_manager  # type: ignore[union-attr]
        try:
            names = {str(row.pk): str(row) for row in rows.filter(pk__in=keys)}
        except (TypeError, ValueError):
            names = {}
        return ", ".join(names.get(str(key), f"no longer there (number {key})") for key in keys)
    if isinstance(form_field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in form_field.choices}  # type: ignore[union-attr, misc]
        return labels.get(str(value), str(value))
    if isinstance(form_field, forms.DateField):
        try:
            return date_format(form_field.to_python(value), "j M Y")  # type: ignore[arg-type]
        except forms.ValidationError:
            return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@dataclass
class Cell:
    """One field of which somebody has changed the value."""

    name: str  # as in the form that is sent
    label: str
    base: str | None  # in words; None where it is not known
    theirs: str
    mine: str
    by: str  # "them", "me" or "both"
    editable: bool = False
    chosen: str = ""  # theirs, mine, edited; empty: to be said
    edited: str = ""

    @property
    def their_words(self) -> Any:
        return word_differences(self.base, self.theirs) if self.editable and self.base else None

    @property
    def my_words(self) -> Any:
        return word_differences(self.base, self.mine) if self.editable and self.base else None

    @property
    def rows(self) -> int:
        return min(14, 2 + len(self.edited) // 60)


@dataclass
class RowConflict:
    """A row that somebody else has saved, deleted or published since this form was made from it."""

    prefix: str  # empty: the row of the page itself
    token: str  # of the version that the form was made from
    title: str
    kind: str  # changed, deleting, gone or locked
    entries: list[Any]  # of its history, since then, newest first
    cells: list[Cell] = field(default_factory=list)
    chosen: str = ""  # of the row as a whole, where it is asked
    can_anew: bool = False

    @property
    def name(self) -> str:
        return name_of(self.prefix, ROW)

    @property
    def asks_row(self) -> bool:
        return bool(self.prefix) and self.kind != "changed"


class Sent:
    """What a form has sent, with the rows of its inlines."""

    def __init__(self, data: QueryDict) -> None:
        self.data: Any = data.copy()

    def put(self, form: Any, name: str, value: Any) -> None:
        """Send for the field `name` of `form` the stored `value`, as the form itself would."""
        bound = form[name]
        key, widget = bound.html_name, bound.field.widget
        value = bound.field.prepare_value(value)
        if isinstance(getattr(widget, "widget", widget), CheckboxInput):
            self.data.setlist(key, ["on"] if value else [])
        elif isinstance(value, list | tuple):
            self.data.setlist(key, [str(item) for item in value])
        else:
            shown = widget.format_value(value)
            shown = shown[0] if isinstance(shown, list) and shown else shown
            self.data[key] = "" if shown in (None, []) else str(shown)

    def rearrange(self, prefix: str, *, without: set[int], anew: set[int]) -> None:
        """Take the rows `without` out of an inline, and send the rows `anew` as new ones."""
        count = {name: entry_id(self.data.get(f"{prefix}-{name}")) or 0 for name in MANAGEMENT[:2]}
        rows = [(i, self._take(f"{prefix}-{i}-")) for i in range(count["TOTAL_FORMS"])]
        kept = [row for i, row in rows[: count["INITIAL_FORMS"]] if i not in without | anew]
        new = [row for i, row in rows[count["INITIAL_FORMS"] :]]
        for i in sorted(anew):
            new.append({**rows[i][1], "id": [""]})
            new[-1].pop(SEEN, None)
            new[-1].pop("DELETE", None)
        for i, row in enumerate([*kept, *new]):
            for name, values in row.items():
                self.data.setlist(f"{prefix}-{i}-{name}", values)
        self.data[f"{prefix}-INITIAL_FORMS"] = str(len(kept))
        self.data[f"{prefix}-TOTAL_FORMS"] = str(len(kept) + len(new))

    def _take(self, start: str) -> dict[str, list[str]]:
        names = [name for name in self.data if name.startswith(start)]
        return {name.removeprefix(start): self.data.pop(name) for name in names}

    def tidy(self) -> None:
        """Without what only the conflict page asks."""
        for name in [n for n in self.data if n.startswith((ASKED, CHOICE, EDITED, BASE))]:
            del self.data[name]

    def hidden(self) -> Iterator[tuple[str, str]]:
        """All that was sent, to be sent once more, but for buttons and what the conflict page asks."""
        for name, values in self.data.lists():
            if name not in BUTTONS and not name.startswith((ASKED, CHOICE, EDITED, BASE)):
                yield from ((name, value) for value in values)


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


def conflict_page(
    desk: Any, request: HttpRequest, row: Any, compared: Comparison, *, can_save: bool
) -> HttpResponse:
    """Nothing is saved: both versions of `row`, and of its inline rows, to choose from."""
    context = {
        **desk.admin_site.each_context(request),
        "title": "Somebody else has saved this meanwhile",
        "opts": desk.opts,
        "original": row,
        "conflicts": compared.conflicts,
        "hidden": list(compared.sent.hidden()),
        "unanswered": compared.unanswered,
        "can_save": can_save,
        "draft_key": None,
    }
    return TemplateResponse(request, "admin/conflict.html", context, status=409)


def gone_page(desk: Any, request: HttpRequest, form: Any, *, add_url: str | None) -> HttpResponse:
    """What was typed into the form of a row that has been deleted meanwhile, to copy or to add anew."""
    sent = Sent(request.POST)
    sent.tidy()
    for inline, _ in desk.get_formsets_with_inlines(request):
        prefix = inline.get_default_prefix()
        count = entry_id(sent.data.get(f"{prefix}-INITIAL_FORMS")) or 0
        if count:
            sent.rearrange(prefix, without=set(), anew=set(range(count)))
        for i in range(entry_id(sent.data.get(f"{prefix}-TOTAL_FORMS")) or 0):
            sent.data[f"{prefix}-{i}-{inline.fk.name}"] = ""  # that of the new row
    sent.data.pop(SEEN, None)
    context = {
        **desk.admin_site.each_context(request),
        "title": "Somebody else has deleted this meanwhile",
        "opts": desk.opts,
        "typed": [(form[name].label, readable(form.fields[name], form[name].data))
                  for name in form.fields],
        "rows": [(name, value) for name, value in sent.hidden()
                 if value and "-" in name and not name.endswith(MANAGEMENT)],
        "hidden": list(sent.hidden()),
        "add_url": add_url,
    }  # fmt: skip
    return TemplateResponse(request, "admin/gone.html", context, status=409)
