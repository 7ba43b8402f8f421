"""The upload form of the importer: it hands over files and shows what came of them."""

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

from sources.batches import Told, import_one, told_of
from sources.extraction import MAX_FILE_BYTES
from sources.importing import Details, ImportResult, import_transcript
from sources.models import Snapshot, Source
from sources.models.source import Rendition
from sources.parsing import TranscriptError

MAX_FILES = 50
ACCEPTED = ".txt,.md,.html,.htm,.pdf,.docx,.vtt,.srt,text/*,application/pdf"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several: a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > MAX_FILES:
            raise ValidationError(f"{len(files)} files: at most {MAX_FILES} at once.")
        # An empty one among several is told of with the others.
        if len(files) > 1:
            return list(files)
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class ImportForm(forms.Form):
    file = FilesField(
        label="Files",
        help_text=(
            "Plain text, Markdown or HTML in UTF-8, PDF, Word (DOCX), captions (WebVTT, SRT), as published: "
            f"the desk keeps every byte. Up to {MAX_FILES} at once: each is imported, or refused, by itself."
        ),
        widget=FilesInput(attrs={"accept": ACCEPTED}),
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
    recording_url = forms.URLField(
        required=False,
        label="Recording",
        assume_scheme="https",
        help_text="Of a new source: the video or sound that the time codes of the captions count from.",
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

    OF_ONE = ("source", "title", "url", "recording_url")

    def clean(self) -> dict[str, Any]:
        """What is said of one document is not said of several."""
        given = super().clean() or {}
        if len(given.get("file") or ()) > 1:
            for name in self.OF_ONE:
                if given.get(name):
                    self.add_error(name, "This can be said of one file alone.")
        return given

    def run(self) -> list[Told]:
        """Import the files (or try to), and return what came of each; what speaks against a file that comes
        alone goes beside its field instead."""
        given = self.cleaned_data
        files = given["file"]
        if len(files) == 1:
            result = self._run_one(files[0])
            return [told_of(files[0].name, result, dry_run=given["check_only"])] if result else []
        return [
            import_one(
                file.read(MAX_FILE_BYTES + 1),
                file.name,
                details=Details(language=given["language"], rendition=given["rendition"]),
                dry_run=given["check_only"],
            )
            for file in files
        ]

    def _run_one(self, file: Any) -> ImportResult | None:
        given = self.cleaned_data
        details = {
            name: given[name] for name in ("title", "url", "recording_url", "language", "rendition")
        }
        try:
            return import_transcript(
                file.read(MAX_FILE_BYTES + 1),  # enough to see that a file is too large
                filename=file.name,
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
