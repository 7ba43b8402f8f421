"""The upload form of the importer: it hands over a file and shows what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import (
    AdminTextInputWidget,
    AdminURLFieldWidget,
    AutocompleteSelect,
)
from django.core.exceptions import ValidationError

from sources.extraction import MAX_BYTES
from sources.importing import Details, ImportResult, import_transcript
from sources.models import Snapshot, Source
from sources.models.source import Rendition
from sources.parsing import TranscriptError


class ImportForm(forms.Form):
    file = forms.FileField(
        help_text="Plain text, Markdown or HTML in UTF-8, as published: the desk keeps every byte."
    )
    source = forms.ModelChoiceField(
        Source.objects.all(),
        required=False,
        label="Edition of",
        help_text="Where the desk has this transcript already, in another wording. Else a new source.",
        widget=AutocompleteSelect(Snapshot._meta.get_field("source"), admin.site),
    )
    title = forms.CharField(
        required=False,
        max_length=500,
        help_text="Of a new source. Empty: as printed in the document.",
        widget=AdminTextInputWidget,
    )
    url = forms.URLField(
        required=False,
        label="URL",
        assume_scheme="https",
        help_text="Where a reader finds it. Empty: as printed in the document.",
        widget=AdminURLFieldWidget,
    )
    language = forms.CharField(
        required=False, max_length=35, help_text="BCP 47 tag of the text: en, ru, uk."
    )
    rendition = forms.ChoiceField(
        required=False,
        choices=[("", "not said"), *Rendition.choices],
        help_text="Is this the wording as it was spoken, or a translation of it?",
    )
    check_only = forms.BooleanField(
        required=False, help_text="Show what would be imported, and write nothing."
    )

    def run(self) -> ImportResult | None:
        """Import the file (or try to), and return what came of it; errors go beside their fields."""
        given = self.cleaned_data
        details = {name: given[name] for name in ("title", "url", "language", "rendition")}
        try:
            return import_transcript(
                given["file"].read(MAX_BYTES + 1),  # enough to see that a file is too large
                filename=given["file"].name,
                source=given["source"],
                details=Details(**details),
                dry_run=given["check_only"],
            )
        except TranscriptError as error:
            self.add_error("file", str(error))
        except ValidationError as error:
            problems: dict[str, Any] = error.update_error_dict({})
            for name, errors in problems.items():
                self.add_error(name if name in self.fields else None, errors)
        return None
