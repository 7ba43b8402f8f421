"""YAML files -> entries that know their file and line, and every fault on the way. No database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sources.yaml_files import Mapping, YamlError, read_yaml

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
KINDS = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dt.date: "a date",
    dt.datetime: "a time in UTC",
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with the seeds, and the line where a person mends it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class SeedError(Exception):
    """The seeds cannot be loaded. `faults` has everything that was found, by file and line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class Field:
    """What a key may hold: a `kind` of scalar, or entries of the schema `of`."""

    kind: type = str
    required: bool = False
    many: bool = False  # a list of them
    pattern: str = ""
    choices: tuple[str, ...] = ()
    exact: bool = False  # keep white space at the ends: it is a quotation
    refers_to: str = ""  # the vocabulary that has this slug
    of: Schema | None = None


@dataclass(frozen=True)
class Schema:
    """The keys of an entry. No two entries of a list have the same values of `key`."""

    name: str
    key: tuple[str, ...]
    fields: dict[str, Field]


@dataclass(eq=False)
class Entry:
    """A mapping of a seed file, checked: its values, and the line of each key."""

    schema: Schema
    file: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def entries(self, key: str) -> list[Entry]:
        """The entries of the list under `key`; none where it is left out."""
        return self.values.get(key) or []

    def fault(self, message: str, *, key: str = "") -> Fault:
        """A Fault at the line of `key`, or where the entry begins."""
        return Fault(self.file, self.lines.get(key, self.line), f"{self.schema.name}: {message}")


def read_file(path: Path, label: str, schema: Schema) -> tuple[list[Entry] | None, list[Fault]]:
    """Read the list of `schema` entries in the YAML file at `path`, called `label` in faults.

    Whatever is wrong is in the faults. Values at fault are left out of their entries; where the file
    is not YAML at all, there is None instead of entries.
    """
    try:
        data = read_yaml(path.read_text(encoding="utf-8"), label)
    except YamlError as error:
        line, _, message = str(error).removeprefix(f"{label}:").partition(": ")
        return None, [Fault(label, int(line), message)]
    except ValueError as error:  # no UTF-8; a date that is in no calendar
        return None, [Fault(label, 1, f"cannot be read: {error}")]
    reader = _Reader(label)
    return reader.entries(data, schema, 1) if data is not None else [], reader.faults


class _Reader:
    """Turns the mappings of one file into entries, and notes what does not fit the schema."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.faults: list[Fault] = []

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.label, line, message))

    def entries(self, data: Any, schema: Schema, line: int) -> list[Entry]:
        if not isinstance(data, list):
            self.fault(line, f"{schema.name}: give a list, each with a dash")
            return []
        entries = [self.entry(item, schema, line) for item in data]
        found = [entry for entry in entries if entry is not None]
        self.faults += repeated(found)
        return found

    def entry(self, data: Any, schema: Schema, line: int) -> Entry | None:
        if not isinstance(data, Mapping):
            self.fault(line, f"{schema.name}: give keys and values ({', '.join(schema.fields)})")
            return None
        entry = Entry(schema, self.label, data.line, lines=data.lines)
        for key, value in data.items():
            wanted = schema.fields.get(key)
            if wanted is None:
                self.fault(data.lines[key], f"{schema.name}: unknown key “{key}”")
                continue
            checked = self.value(value, wanted, f"{schema.name}: {key}", data.lines[key])
            if checked is not None:
                entry.values[key] = checked
        for key, wanted in schema.fields.items():
            if wanted.required and key not in data:
                self.fault(data.line, f"{schema.name}: the key “{key}” is missing")
        return entry

    def value(self, value: Any, wanted: Field, name: str, line: int) -> Any:
        """The value, checked, or None with a fault."""
        if wanted.of is not None:
            read = self.entries if wanted.many else self.entry
            return read(value, wanted.of, line)
        if not wanted.many:
            return self.scalar(value, wanted, name, line)
        if not isinstance(value, list):
            self.fault(line, f"{name}: give a list")
            return None
        values = [self.scalar(item, wanted, name, line) for item in value]
        for item in {item for item in values if item is not None and values.count(item) > 1}:
            self.fault(line, f"{name}: “{item}” is given twice")
        return [item for item in values if item is not None]

    def scalar(self, value: Any, wanted: Field, name: str, line: int) -> Any:
        problem = ""
        # By type itself: True is an int to Python, and a time is a date.
        if type(value) is not wanted.kind or (
            isinstance(value, dt.datetime) and value.utcoffset() is None
        ):
            problem = f"give {KINDS[wanted.kind]}"
        elif isinstance(value, str):
            value = value if wanted.exact else value.strip()
            if not value:
                problem = "it is empty; leave the key out"
            elif wanted.choices and value not in wanted.choices:
                problem = f"“{value}” is none of {', '.join(wanted.choices)}"
            elif wanted.pattern and not re.fullmatch(wanted.pattern, value):
                problem = f"“{value}” does not have the right form"
        if problem:
            self.fault(line, f"{name}: {problem}")
            return None
        return value


def repeated(entries: list[Entry]) -> list[Fault]:
    """A fault for each entry whose key another before it has: the same row would be loaded twice."""
    seen: dict[tuple[Any, ...], Entry] = {}
    faults = []
    for entry in entries:
        key = tuple(entry.get(name) for name in entry.schema.key)
        if set(key) == {None}:
            continue
        first = seen.setdefault(key, entry)
        if first is not entry:
            named = ", ".join(str(part) for part in key if part is not None)
            faults.append(
                entry.fault(
                    f"“{named}” is there already ({first.file}:{first.line})",
                    key=entry.schema.key[0],
                )
            )
    return faults


def walk(entries: list[Entry]) -> Iterator[Entry]:
    """Every entry, and every entry within it."""
    for entry in entries:
        yield entry
        for name, wanted in entry.schema.fields.items():
            if wanted.of is not None:
                inner = entry.get(name)
                yield from walk([inner] if isinstance(inner, Entry) else inner or [])


def in_order(
    entries: list[Entry], before: Callable[[Entry], str | None]
) -> tuple[list[Entry], list[Fault]]:
    """Sort entries so that the one with the slug `before(entry)` comes before `entry`.

    A chain that leads back to its beginning is a fault.
    """
    by_slug = {entry.get("slug"): entry for entry in entries}
    done: dict[Entry, None] = {}
    faults = []
    for entry in entries:
        chain: list[Entry] = []
        at: Entry | None = entry
        while at is not None and at not in done:
            if at in chain:
                faults.append(at.fault(f"“{at.get('slug')}” leads back to itself"))
                break
            chain.append(at)
            at = by_slug.get(before(at))
        done |= dict.fromkeys(reversed(chain))
    return list(done), faults
