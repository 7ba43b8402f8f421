"""One entry of the seeds -> its row: found by its natural key, made if it is new, else kept up to date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from claims.models import (
    Appearance,
    Citation,
    Claim,
    Evidence,
    Rating,
    RatingScale,
    Rebuttal,
    Search,
    Topic,
    Verdict,
)
from sources.models import GlossaryNote, Source, Speaker, Turn

from .reading import Entry, Fault

# In the history, this tells what a load wrote from what a person did.
LOADED = "load_seeds"

MODELS: dict[str, type[models.Model]] = {
    "speaker": Speaker,
    "source": Source,
    "glossary note": GlossaryNote,
    "turn": Turn,
    "topic": Topic,
    "scale": RatingScale,
    "rating": Rating,
    "claim": Claim,
    "appearance": Appearance,
    "rebuttal": Rebuttal,
    "citation": Citation,
    "evidence": Evidence,
    "search": Search,
    "verdict": Verdict,
}


@dataclass
class Report:
    """What a load did: numbers of rows by their model, and what it left as the desk has edited it."""

    created: Counter[type[models.Model]] = field(default_factory=Counter)
    updated: Counter[type[models.Model]] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    @property
    def changed_nothing(self) -> bool:
        return not self.created and not self.updated


class Refused(Exception):
    """This entry is not loaded: `Rows.faults` has its fault, or `Report.kept` what the desk did."""


class Rows:
    """The rows of one load, their faults, and the report on them."""

    def __init__(self, *, researcher: User, editor: User, second_editor: User) -> None:
        self.researcher = researcher
        self.editor = editor
        self.second_editor = second_editor
        self.report = Report()
        self.faults: list[Fault] = []
        self._by_slug: dict[tuple[str, str], Any] = {}

    def save(
        self,
        entry: Entry,
        key: dict[str, Any],
        values: dict[str, Any],
        *,
        model: type[models.Model] | None = None,
    ) -> Any:
        """Return the row with the natural key `key`, made or brought up to date with `values`.

        `model` is the one of the entry's vocabulary if left out. A row that the desk has renamed is
        returned as it is. Raises Refused where the desk has deleted it, or its model finds it invalid.
        """
        model = model or MODELS[entry.schema.name]
        row = self.find(entry, key, model=model)
        tally = self.report.created
        changed = values
        if row is None:
            row = model(**key, **values)
        elif any(_differs(row, name, value) for name, value in key.items()):
            changed = {}  # the desk has renamed it
        else:
            tally = self.report.updated
            changed = self._unedited(row, {n: v for n, v in values.items() if _differs(row, n, v)})
            for name, value in changed.items():
                setattr(row, name, value)
        if row._state.adding or changed:
            row._history_user = (
                self.editor if getattr(row, "published_at", None) else self.researcher
            )
            row._change_reason = LOADED
            try:
                row.full_clean()
                row.save()
            except ValidationError as error:
                raise self.invalid(entry, error) from error
            tally[model] += 1
        if "slug" in key:
            self._by_slug[entry.schema.name, key["slug"]] = row
        return row

    def find(self, entry: Entry, key: dict[str, Any], *, model: type[models.Model]) -> Any:
        """The row that `key` names, or that a load has made under it and the desk has renamed since;
        None where there has never been one.

        Raises Refused where the desk has deleted it: a load does not bring it back.
        """
        row = model._default_manager.filter(**key).first()
        if row is not None:
            return row
        past = model.history.filter(history_change_reason=LOADED, **key).first()  # type: ignore[attr-defined]
        if past is None:
            return None
        row = model._default_manager.filter(pk=past.id).first()
        self.keep(entry, key, model, "deleted" if row is None else "renamed")
        if row is None:
            raise Refused
        return row

    def keep(self, entry: Entry, key: dict[str, Any], model: type[models.Model], done: str) -> None:
        """Report that the row `key` of `entry` stays as the desk has `done` it."""
        words = ", ".join(value for value in key.values() if isinstance(value, str) and value)
        named = f" “{words[:60]}”" if words else ""
        line = f"{model._meta.verbose_name}{named} ({entry.file}:{entry.line}): {done}"
        if line not in self.report.kept:
            self.report.kept.append(line)

    def _unedited(self, row: Any, changed: dict[str, Any]) -> dict[str, Any]:
        """`changed` without the fields that somebody at the desk has edited since a load."""
        past = list(row.history.all()) if changed else []
        edited = []
        for name in changed:
            as_now = [not _differs(old, name, getattr(row, name)) for old in past]
            if edited_since_load(past, as_now):
                edited.append(name)
        if edited:
            self.report.kept.append(
                f"{row._meta.verbose_name} “{str(row)[:60]}”: {', '.join(edited)}"
            )
        return {name: value for name, value in changed.items() if name not in edited}

    def get(self, vocabulary: str, slug: str) -> Any:
        """The row of that slug. Raises Refused where its own entry was refused."""
        try:
            return self._by_slug[vocabulary, slug]
        except KeyError:
            raise Refused from None

    def referred(self, entry: Entry, key: str) -> Any:
        """The row that `key` of the entry refers to; None where it is left out."""
        slug = entry.get(key)
        return None if slug is None else self.get(entry.schema.fields[key].refers_to, slug)

    def refuse(self, entry: Entry, message: str, *, key: str = "") -> Refused:
        """Note a fault of the entry, and return what the caller raises."""
        self.faults.append(entry.fault(message, key=key))
        return Refused()

    def invalid(self, entry: Entry, error: ValidationError) -> Refused:
        """Note what a model finds wrong with the entry, and return what the caller raises."""
        by_field = hasattr(error, "error_dict")
        said = error.message_dict if by_field else {NON_FIELD_ERRORS: error.messages}
        for name, messages in said.items():
            at = f"{name}: " if name in entry.schema.fields else ""
            for message in messages:
                self.refuse(entry, at + message, key=name)
        return Refused()


def edited_since_load(past: list[Any], as_now: list[bool]) -> bool:
    """Whether somebody has brought about what a row says now, after a load had written the row.

    `past` is its history, newest first; `as_now` says of each of these states whether it agrees with
    the row. A later load may have written other fields, and so repeats what it has found: what counts
    is who was the first to say it.
    """
    since = as_now.index(False) if False in as_now else len(as_now)
    if since and past[since - 1].history_change_reason == LOADED:
        return False
    return any(old.history_change_reason == LOADED for old in past[since:])


def values_of(entry: Entry, *names: str) -> dict[str, Any]:
    """The entry's values for the fields called `names`; the model's default where it has none."""
    meta = MODELS[entry.schema.name]._meta
    return {name: entry.get(name, meta.get_field(name).get_default()) for name in names}  # type: ignore[union-attr]


def _differs(row: Any, name: str, value: Any) -> bool:
    """Whether the field called `name` of a row, or of its history, holds anything but `value`."""
    # A foreign key is compared by its column: that takes no query.
    held = getattr(row, f"{name}_id") if hasattr(type(row), f"{name}_id") else getattr(row, name)
    return bool(held != (value.pk if isinstance(value, models.Model) else value))
