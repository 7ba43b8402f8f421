"""A row chosen by its words: search as you type, and without JavaScript words that only one row has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, When
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from sources.querysets import within

# As many as a list shows at a glance; who needs more types another word.
SHOWN = 8


def typed(data: Any, name: str) -> str:
    """Return what was sent as `name` to look rows up by, without NUL: nobody types it, and PostgreSQL
    does not take it."""
    return (data.get(name) or "").replace("\0", "").strip()


class ChoiceWidget(forms.Widget):
    """An input for words, and a hidden one for the slug of the row that was chosen in the list."""

    template_name = "admin/claims/annotate/choice.html"

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what  # the list that is searched: "claim" or "speaker"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        words, slug = ("", "")
        if isinstance(value, tuple):
            words, slug = value
        elif value is not None:
            words, slug = str(value), value.slug
        context["widget"] |= {"words": words, "slug": slug, "what": self.what}
        return context

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        # With the project's own templates, which Django's form renderer does not look into.
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 -- a template's own

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, str]:
        return typed(data, name), typed(data, f"{name}_slug")

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


class RowField(forms.Field):
    """One row of `rows`, which have a slug; `columns` are searched, the first of them names the row."""

    def __init__(
        self, rows: QuerySet[Any], columns: tuple[str, ...], what: str, **kwargs: Any
    ) -> None:
        super().__init__(widget=ChoiceWidget(what), **kwargs)
        self.rows, self.columns, self.what = rows, columns, what

    def clean(self, value: Any) -> Any:
        """Return the row that was chosen, or the only one that the words fit. Raises ValidationError."""
        words, slug = value or ("", "")
        if not words:
            if self.required:
                raise ValidationError(f"Choose a {self.what}.", code="required")
            return None
        rows = self.rows.all()
        chosen = rows.filter(slug=slug).first() if slug else None
        # A slug that was left behind when the words were changed is not what is meant now.
        if chosen is not None and " ".join(str(chosen).split()) == " ".join(words.split()):
            return chosen
        exact = list(rows.filter(Q(slug=words) | Q(**{f"{self.columns[0]}__iexact": words}))[:2])
        found = exact or matching(rows, self.columns, words)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(f"No {self.what} has these words. Choose one from the list.")
        named = "; ".join(f"{row} [{row.slug}]" for row in found)
        raise ValidationError(
            f"Several fit: give more words of one, or what stands in its brackets. {named}"
        )


def matching(rows: QuerySet[Any], columns: tuple[str, ...], words: str) -> list[Any]:
    """Return the first rows that have each of `words` in one of `columns` (any case), up to SHOWN; those
    whose first column begins with the words come first."""
    asked = Q()
    for column in columns:
        asked |= within(column, words)
    begins = Case(When(**{f"{columns[0]}__istartswith": words}, then=0), default=1)
    # By their keys: a row that has several spellings would come once for each.
    found = rows.filter(pk__in=rows.filter(asked).values("pk"))
    return list(found.order_by(begins, columns[0], "pk")[:SHOWN])
