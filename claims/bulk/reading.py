"""A table's NDJSON → values for the database, each checked against the declaration of its column."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.dateparse import parse_date, parse_datetime

from ..models.overriding import GateName
from .columns import Column
from .table import Table

Check = Callable[[Any], Any]


class Refused(Exception):
    """Something in an export that cannot be taken: which file, which line, and what is wrong."""

    def __init__(self, file: str, line: int | None, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}" if line else f"{file}: {what}")


def records(
    table: Table, folder: Path, *, only: Collection[str] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each line of a table's NDJSON, and its values by column, in the types of the database;
    with `only`, the values of these columns are looked at and the others left as they are.

    One line is held at a time. Raises Refused at the first that is not as the table declares.
    """
    path = f"{table.name}.ndjson"
    checks = [
        (column.name, check_of(column))
        for column in table.columns
        if only is None or column.name in only
    ]
    wanted = set(table.names)
    before = {column.name: column.before for column in table.columns if column.before is not None}
    with (folder / path).open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line.decode())
            except ValueError as error:  # of JSON, and of UTF-8
                raise Refused(path, number, "it is not JSON in UTF-8.") from error
            if not isinstance(row, dict):
                raise Refused(path, number, "it is not an object.")
            row = before | row
            if row.keys() != wanted:
                odd = sorted(row.keys() ^ wanted)
                what = ", ".join(
                    f"“{name}” is {'missing' if name in wanted else 'unknown'}" for name in odd
                )
                raise Refused(path, number, f"{what}.")
            for name, check in checks:
                try:
                    row[name] = check(row[name])
                except ValueError as error:
                    raise Refused(path, number, f"“{name}” {error}") from error
                except ValidationError as error:
                    raise Refused(path, number, f"“{name}”: {' '.join(error.messages)}") from error
            yield number, row


def check_of(column: Column) -> Check:
    """A function that gives the value to store for the one in the file. It raises ValueError, or
    ValidationError as the model's field does."""
    check = {
        "array": ARRAYS.get(column.name, _pairs),
        "boolean": _boolean,
        "date": _date,
        "datetime": _moment,
        "integer": _integer,
        "string": _text(column),
    }[column.type]
    if not column.null:
        return check
    return lambda value: None if value is None else check(value)


def _pairs(value: Any) -> list[list[int]]:
    if not isinstance(value, list):
        raise ValueError("takes a list.")
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("takes a list of pairs of whole numbers.")
        for number in pair:
            _integer(number)
    return value


def _overrides(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ValueError("takes a list.")
    for one in value:
        if not isinstance(one, dict) or one.keys() != {"gate", "why", "at"}:
            raise ValueError("takes a list of objects with gate, why and at.")
        if one["gate"] not in GateName.values or not isinstance(one["why"], str) or not one["why"]:
            raise ValueError(f"takes a gate, one of {', '.join(GateName.values)}, and why.")
        _moment(one["at"])
    return value


# What the lists hold, by the name of the column.
ARRAYS: dict[str, Check] = {"overrides": _overrides}


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("takes true or false.")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("takes a whole number from 0.")
    return value


def _date(value: Any) -> dt.date:
    try:
        found = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:  # the 30th of February
        found = None
    if found is None:
        raise ValueError("takes a date: 2022-01-07.")
    return found


def _moment(value: Any) -> dt.datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) and value.endswith("Z") else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("takes a time in UTC: 2022-01-07T09:00:00Z.")
    return found


def _text(column: Column) -> Check:
    # A reference is held against what it refers to; what it may look like is said there.
    validators = (
        []
        if column.target
        else [
            _quick(each)
            for each in column.field.validators
            if not isinstance(each, MaxLengthValidator)  # below, in fewer words
        ]
    )
    choices = frozenset(column.choices)
    longest = None if column.target else column.field.max_length
    blank = column.blank

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("takes a text.")
        if not value:
            if not blank:
                raise ValueError("is empty.")
            return value
        if longest is not None and len(value) > longest:
            raise ValueError(f"is longer than {longest} characters.")
        if choices and value not in choices:
            raise ValueError(f"takes one of {', '.join(column.choices)}.")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise ValueError("holds half a character (a lone surrogate).") from error
        if "\0" in value:
            raise ValueError("holds a NUL character.")
        for validate in validators:
            validate(value)
        return value

    return check


def _quick(validator: Any) -> Check:
    """The same check, without what Django does each time to compile an expression that it has compiled."""
    if type(validator) is not RegexValidator:
        return validator  # type: ignore[no-any-return]
    lazy: Any = validator.regex
    search, refuses = re.compile(lazy.pattern, lazy.flags).search, bool(validator.inverse_match)

    def check(value: Any) -> None:
        if bool(search(value)) is refuses:
            validator(value)  # which says what is wrong

    return check
