"""What a column of an exported table is: read from the model's field, so that it is described once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.constants import LOOKUP_SEP

from sources.models import Passage, Snapshot, Source, Speaker, Turn

from ..models import Claim, Rating, RatingScale, Rebuttal, Topic

SINCE = "When the public could first see it."

# Types of the Table Schema standard, by Django's name of the field.
TYPES = {
    "BooleanField": "boolean",
    "JSONField": "array",
    "DateField": "date",
    "DateTimeField": "datetime",
    "BigAutoField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "CharField": "string",
    "SlugField": "string",
    "TextField": "string",
}

# Which table's rows a foreign key names, and by which column: by the name in addresses where there is one.
REFERENCES: dict[Any, tuple[str, str]] = {
    Speaker: ("speakers", "slug"),
    Source: ("sources", "slug"),
    Snapshot: ("snapshots", "id"),
    Turn: ("turns", "id"),
    Passage: ("passages", "id"),
    Topic: ("topics", "slug"),
    RatingScale: ("scales", "slug"),
    Rating: ("ratings", "slug"),
    Claim: ("claims", "slug"),
    Rebuttal: ("rebuttals", "id"),
}


def is_public(path: str, model: Any) -> Q | None:
    """The condition that the row of `model` to which `path` leads is public, as the API has it; None for
    what is public with whatever refers to it."""
    if model not in (Claim, Source, Speaker):
        return None
    public = Q((f"{path}{LOOKUP_SEP}published_at{LOOKUP_SEP}isnull", False))
    if model is Claim:
        public &= Q((f"{path}{LOOKUP_SEP}duplicate_of{LOOKUP_SEP}isnull", True))
    return public


@dataclass(frozen=True)
class Column:
    """A column: its name in the files, and the model's field with its type, limits and description."""

    name: str
    field: Any
    value: Any = None  # an expression, where it is not simply the field's value
    about: str = ""  # a description, where the field's own would not do
    stored: bool = True  # whether an import writes it into the field
    required: bool = False  # whether it is always there, though the field need not be
    convert: Callable[[Any], Any] | None = None  # what makes the value of what the database gives
    # What an import takes for it in files of an earlier format, which have no such column; None: refused.
    before: Any = None

    @cached_property
    def target(self) -> tuple[str, str] | None:
        """The table and the column of it that this refers to."""
        return REFERENCES[self.field.related_model] if self.field.is_relation else None

    @cached_property
    def type(self) -> str:
        if self.target:
            return "string" if self.target[1] == "slug" else "integer"
        return TYPES[self.field.get_internal_type()]

    @cached_property
    def null(self) -> bool:
        return bool(self.field.null) and not self.required

    @cached_property
    def blank(self) -> bool:
        """Whether it may be an empty text."""
        return self.type == "string" and not self.target and bool(self.field.blank)

    @cached_property
    def choices(self) -> tuple[str, ...]:
        return tuple(value for value, _ in self.field.flatchoices) if not self.target else ()

    @cached_property
    def expression(self) -> Any:
        """What reads it. What is not public is not named: null takes its place."""
        if self.value is not None:
            return self.value
        name = self.field.name
        if not self.target:
            return F(name)
        path = F(f"{name}__slug" if self.target[1] == "slug" else f"{name}_id")
        public = is_public(name, self.field.related_model)
        return Case(When(public, then=path)) if public is not None and self.field.null else path

    def schema(self) -> dict[str, Any]:
        """Its descriptor in a Table Schema (Frictionless Data, Table Schema 1, Field Descriptors)."""
        told: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.type == "datetime":
            told["format"] = "any"  # ISO 8601 in UTC, with or without a fraction of a second
        if isinstance(self.field, models.URLField):
            told["format"] = "uri"
        told["description"] = self.about or str(self.field.help_text)
        limits: dict[str, Any] = {}
        if not self.null and not self.blank:
            limits["required"] = True
        if not self.target:
            if self.field.unique:
                limits["unique"] = True
            if self.type == "string" and self.field.max_length:
                limits["maxLength"] = self.field.max_length
            if self.choices:
                limits["enum"] = list(self.choices)
        return told | ({"constraints": limits} if limits else {})


def columns(model: Any, *wanted: str | Column, **about: str) -> tuple[Column, ...]:
    """The columns of the fields of `model` that are called so, with a description of those whose field
    has none; a Column stands for itself."""
    return tuple(
        one
        if isinstance(one, Column)
        else Column(
            one,
            model._meta.get_field(one),
            about=about.get(one, SINCE if one == "published_at" else ""),
            required=one == "published_at",  # or the row would not be here
        )
        for one in wanted
    )
