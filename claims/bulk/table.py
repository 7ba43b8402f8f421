"""What is said of a table of the bulk data, once, and what files and import take from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import QuerySet

from .columns import Column


class Filling(Protocol):
    """What an import knows besides the row: whom it writes for, and when."""

    now: dt.datetime
    publisher: int  # the account that stands for whoever published

    def edition(self, sha256: str, text_sha256: str) -> str:
        """The text of an edition, whose bytes are kept in the archive."""

    def entry(self) -> int:
        """The number of the next entry of the log, for a verdict to name."""

    def signed(self, row: Mapping[str, Any]) -> tuple[int, int]:
        """The accounts of a verdict's author and reviewer, by the names that the row gives."""


Fill = Callable[[Mapping[str, Any], Filling], Any]


@dataclass(frozen=True)
class Table:
    """A table: what it is called in the files, of which rows and columns it consists, and what an import
    puts into the fields that are not exported (`filled`, by attname; others get their default)."""

    name: str
    about: str
    model: Any
    columns: tuple[Column, ...]
    rows: Callable[[], QuerySet[Any]]
    key: tuple[str, ...] = ("id",)
    filled: Mapping[str, Fill] = field(default_factory=dict)
    chunk: int = 2_000  # rows that are held at a time

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def read(self, **also: Any) -> Iterator[tuple[Any, ...]]:
        """The values of each row, oldest first; those of the expressions `also` come last.
        Holds a few thousand rows at a time."""
        wanted = {f"_{column.name}": column.expression for column in self.columns}
        wanted |= {f"_also_{name}": expression for name, expression in also.items()}
        # By number, never by a text, which each database sorts in its own way.
        rows = self.rows().order_by("pk").annotate(**wanted).values_list(*wanted)
        converts = [(i, c.convert) for i, c in enumerate(self.columns) if c.convert]
        for values in rows.iterator(chunk_size=self.chunk):
            if converts:
                changed = list(values)
                for i, convert in converts:
                    changed[i] = convert(changed[i])
                values = tuple(changed)
            yield values

    def records(self, **also: Any) -> Iterator[dict[str, Any]]:
        """As `read`, by name."""
        names = [*self.names, *also]
        for values in self.read(**also):
            yield dict(zip(names, values, strict=True))
