"""What two people have made of one row: the fields that differ, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.formats import date_format

from sources.differences import word_differences

from .sent import ROW, name_of


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
