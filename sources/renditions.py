"""How a text came to be worded as it is: the chain from it to its origin, and the words that it misprints.

Costs no query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from .models.source import Derivation, Rendition, language_name


@dataclass(frozen=True)
class Step:
    """A text of the chain, as its Source says; `derivation`: how it rests on the next, "" for the last."""

    kind: str  # a Rendition
    language: str
    title: str
    slug: str
    url: str  # of the document
    translated_by: str
    derivation: str

    def get_absolute_url(self) -> str:
        return reverse("source", args=[self.slug])

    @property
    def manner(self) -> str:
        """What kind of text it is, in the language in use: of one whose wording is in doubt, what it is
        known to be by its derivation."""
        derived = str(Derivation(self.derivation).label) if self.derivation else ""
        if self.kind == Rendition.UNKNOWN:
            return derived or gettext("wording unknown")
        named = str(Rendition(self.kind).label)
        return named if self.derivation in ("", Derivation.TRANSLATION) else f"{named}, {derived}"

    @property
    def details(self) -> str:
        """Its language, and by whom or what it was translated, in the language in use."""
        by = pgettext("a translation", "by %(who)s") % {"who": self.translated_by}
        return (
            f"{language_name(self.language)}; {by}"
            if self.translated_by
            else language_name(self.language)
        )


@dataclass(frozen=True)
class Note:
    """A word that a text prints for another one (`GlossaryNote`)."""

    printed: str
    meant: str
    note: str

    def is_in(self, words: str) -> bool:
        """Whether the words have it, whole and with these capitals."""
        return re.search(rf"(?<!\w){re.escape(self.printed)}(?!\w)", words) is not None

    def as_json(self) -> dict[str, Any]:
        """As the API has it."""
        return {"printed": self.printed, "meant": self.meant, "note": self.note or None}


@dataclass(frozen=True)
class RenditionChain:
    """The texts from the one at hand to its origin, as far as they are public, and what is known to be
    misprinted in the one at hand."""

    steps: tuple[Step, ...] = ()
    glossary: tuple[Note, ...] = ()

    @classmethod
    def read(cls, found: dict[str, Any]) -> RenditionChain:
        """Of the object that `querysets.Chain` selects."""
        rows = sorted(found["steps"] or (), key=lambda row: row.pop("step"))
        if rows:
            rows[-1]["derivation"] = ""  # from what is not public, or nothing
        notes = sorted(found["glossary"] or (), key=lambda row: row["printed"])
        return cls(tuple(Step(**row) for row in rows), tuple(Note(**row) for row in notes))

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @property
    def is_derived(self) -> bool:
        """Whether there is more to tell than of the text itself."""
        return len(self.steps) > 1

    @property
    def is_told(self) -> bool:
        return self.is_derived or any(step.translated_by for step in self.steps[:1])

    def notes_on(self, words: str) -> list[Note]:
        """The notes on what `words`, quoted from the text, print."""
        return [note for note in self.glossary if note.is_in(words)]

    def in_words(self) -> str:
        """The chain in one line, in the language in use: machine translation (English) ← original wording
        (English)."""
        return " ← ".join(f"{step.manner} ({step.details})" for step in self.steps)

    def as_json(self) -> list[dict[str, Any]]:
        """As the API has it."""
        return [
            {
                "kind": step.kind,
                "language": step.language,
                "title": step.title,
                "slug": step.slug,
                "source_url": step.url or None,
                "translated_by": step.translated_by or None,
                "derivation": step.derivation,
            }
            for step in self.steps
        ]
