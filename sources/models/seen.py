"""No lost work: whether what somebody had before them is still what is stored.

The newest entry of a row's history is the state that a form or page was made from. `refuse_if_stale`
compares it under the row's lock; forms, buttons and scripts of both apps ask it here. Bookkeeping by
`queryset.update()` writes no entry, and is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from .publishable import Publishable, may_edit


class Stale(ValidationError):
    """Somebody has saved the row since."""


def history_of(model: Any) -> Any:
    """The history manager of a model or of a row; None where no history is kept."""
    name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, name) if name else None


def newest_entries(model: type[models.Model], pks: Iterable[Any]) -> dict[Any, int]:
    """The id of the newest history entry of each row, by its primary key, in one query. A row without
    an entry (made in bulk) is left out."""
    history, wanted = history_of(model), list(pks)
    if history is None or not wanted:
        return {}
    pk = model._meta.pk.attname
    found = history.filter(**{f"{pk}__in": wanted}).order_by().values(pk)
    return dict(found.annotate(newest=Max("history_id")).values_list(pk, "newest"))


def newest_entry(row: models.Model) -> int | None:
    """The id of the newest entry of the row's history; None where there is none."""
    return newest_entries(type(row), [row.pk]).get(row.pk)


def lock(row: models.Model) -> None:
    """Lock the row until the transaction ends, and before it what all writers of its model lock first
    (a model says so by `lock_above`). Locks nothing where the row is gone."""
    if hasattr(row, "lock_above"):
        row.lock_above()
    rows = type(row)._base_manager.select_for_update().filter(pk=row.pk)
    list(rows.values_list("pk"))


def refuse_if_stale(row: models.Model, seen: int | None) -> None:
    """Lock the row; raise Stale if its newest history entry is not `seen` (None: it had none).

    Call it within the transaction that saves.
    """
    lock(row)
    if newest_entry(row) != seen:
        raise Stale("Somebody has saved this since you opened it: look at it again first.")


@transaction.atomic
def go_back(row: Any, entry: Any, *, fields: Collection[str], by: Any, seen: int | None) -> bool:
    """Give `row` the values that it had at `entry` of its history: a new edit, in the name of `by`.

    `fields` are the names of the fields that `by` may change in a form; what steps record is never
    among them. `seen` is the newest entry that `by` has looked at. Returns whether anything changed.
    Raises Stale, ValidationError as the model finds it, and PermissionDenied where `by` may not change
    the row as it is, or could not change it any more.
    """
    refuse_if_stale(row, seen)
    row.refresh_from_db()
    _refuse_unless_editable(row, by)
    plain = [field for field in row._meta.concrete_fields if field.name in fields]
    changed = [f for f in plain if getattr(row, f.attname) != getattr(entry, f.attname)]
    for field in changed:
        setattr(row, field.attname, getattr(entry, field.attname))
    related = {}
    for field in row._meta.many_to_many:
        if field.name in fields:
            then = values_at(entry, [field.name])[field.name]
            if sorted(getattr(row, field.name).values_list("pk", flat=True)) != then:
                related[field.name] = then
    if not (changed or related):
        return False
    _refuse_unless_editable(row, by)
    row.full_clean()
    row._history_user = by
    told = date_format(timezone.localtime(entry.history_date), "j M Y, H:i")
    row._change_reason = (
        f"Went back to the version of {told} by {entry.history_user or 'a program'}"
    )
    if changed:
        row.save()
    for name, pks in related.items():
        manager = getattr(row, name)
        # Whom or what the entry names may have been deleted since.
        manager.set(manager.model._default_manager.filter(pk__in=pks))
    if related and isinstance(row, Publishable):
        row.touch()
    return True


def _refuse_unless_editable(row: Any, by: Any) -> None:
    if not may_edit(by, row):
        raise PermissionDenied("It is public, or would be at once, and is an editor's to change.")


def values_at(entry: Any, names: Iterable[str]) -> dict[str, Any]:
    """The values of the fields called `names` at an entry of a row's history: of foreign keys the key,
    of many-to-many fields the sorted list of keys. Names that the history does not know are left out."""
    model, values = entry.instance_type, {}
    for name in names:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if not field.many_to_many:
            values[name] = getattr(entry, field.attname)
        elif hasattr(entry, name):
            key = f"{field.m2m_reverse_field_name()}_id"
            values[name] = sorted(getattr(entry, name).values_list(key, flat=True))
    return values


def values_now(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """As `values_at`, of the row as it is stored."""
    values = {}
    for name in names:
        try:
            field = row._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.many_to_many:
            values[name] = sorted(getattr(row, name).values_list("pk", flat=True))
        else:
            values[name] = getattr(row, field.attname)
    return values
