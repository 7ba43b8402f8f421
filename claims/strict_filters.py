"""Filters that refuse what they do not understand: an unknown parameter, one that is given twice, a value of
the wrong form, a name that the public knows nothing by. Which list takes which of them: `filters`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.utils.translation import gettext_lazy as _

from .as_of import past_day

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
UNKNOWN = _("Nothing is published under that name.")


def moment(value: str) -> dt.datetime:
    """Return the time that `value` (ISO 8601; a date is its first moment) names, in UTC.

    A time without an offset is in UTC. Raises ValueError for anything else.
    """
    try:
        time = dt.datetime.fromisoformat(value)
        return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except OverflowError as error:  # 0001-01-01T00:00+14:00 is before the first year
        raise ValueError(f"{value!r} is outside the calendar.") from error


class MomentField(forms.CharField):
    def clean(self, value: Any) -> dt.datetime | None:
        text = super().clean(value)
        try:
            return moment(text) if text else None
        except ValueError:
            raise ValidationError(
                _("Give a date or a date and time in ISO 8601: 2022-01-07 or 2022-01-07T12:00:00Z.")
            ) from None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


class DayField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def clean(self, value: Any) -> dt.date | None:
        text = super().clean(value)
        return past_day(text) if text else None


class DayFilter(filters.Filter):
    field_class = DayField


class YesOrNoField(forms.CharField):
    def clean(self, value: Any) -> bool | None:
        text = super().clean(value).lower()
        if text not in {"", "true", "false"}:
            raise ValidationError(_("Give true or false."))
        return text == "true" if text else None


class YesOrNoFilter(filters.BooleanFilter):
    """true or false. (The stock filter takes a mistyped answer for no question at all.)"""

    field_class = YesOrNoField


class SlugField(forms.CharField):
    """The slug of one of `rows()`; whether there is such a row is for the form to ask, for all at once.
    `unknown` says that there is none: the same for what does not exist and for what is a draft."""

    def __init__(
        self,
        *,
        rows: Callable[[], QuerySet[Any]],
        unknown: Any = UNKNOWN,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.unknown = ValidationError(unknown)

    def clean(self, value: Any) -> str:
        slug: str = super().clean(value)
        if slug and not SLUG.fullmatch(slug):
            raise self.unknown
        return slug


class SlugFilter(filters.CharFilter):
    field_class = SlugField


class StrictForm(forms.Form):
    """Refuses parameters that are unknown, given twice, or (`blank=False`) empty."""

    also: Collection[str] = ()
    blank: bool = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self.data:
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data[name]]
            if name not in self.fields and name not in self.also:
                self.refuse(name, ValidationError(_("There is no such parameter.")))
            elif len(values) > 1:
                self.refuse(name, ValidationError(_("Give this parameter once.")))
            elif not self.blank and not str(values[0]).strip():
                self.refuse(name, ValidationError(_("Give a value, or leave this parameter out.")))
        self.check_slugs(cleaned)
        return cleaned

    def check_slugs(self, cleaned: dict[str, Any]) -> None:
        """Refuse slugs that the public knows nothing by: one query, however many there are."""
        asked = {
            name: field
            for name, field in self.fields.items()
            if isinstance(field, SlugField) and cleaned.get(name)
        }
        if not asked:
            return
        first, *others = (
            field.rows().filter(slug=cleaned[name]).order_by().values_list(Value(name))
            for name, field in asked.items()
        )
        known = {name for (name,) in first.union(*others, all=True)}
        for name in asked.keys() - known:
            self.refuse(name, asked[name].unknown)

    def refuse(self, name: str, error: ValidationError) -> None:
        # Not add_error(): it knows only the parameters that the form has fields for.
        self.errors[name] = self.error_class([error])


class StrictFilterSet(filters.FilterSet):
    """A FilterSet with errors for whatever it would otherwise pass over in silence.

    `also` are the parameters that the surface reads itself (page; cursor and page_size). A browser
    sends every field of a form, empty ones too; where no form is behind the parameters,
    `blank=False` refuses an empty value, which is then a mistake.
    """

    class Meta:
        form = StrictForm

    def __init__(
        self,
        data: Any = None,
        queryset: QuerySet[Any] | None = None,
        *,
        also: Collection[str] = (),
        blank: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, queryset, **kwargs)
        self.is_bound = True  # without parameters, too, there is a question: the whole list
        self.also = also
        self.blank = blank

    def get_form_class(self) -> type[StrictForm]:
        form_class: type[StrictForm] = super().get_form_class()
        form_class.also = self.also
        form_class.blank = self.blank
        return form_class


class WholeNumberField(forms.IntegerField):
    def to_python(self, value: Any) -> int | None:
        # The stock field reads 1.0 as 1, in any script's digits.
        if value and not (value.isascii() and value.isdigit()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class WholeNumberFilter(filters.NumberFilter):
    field_class = WholeNumberField
