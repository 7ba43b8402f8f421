"""A passage is given by its words: a transcript and a quotation, never offsets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from sources.anchoring import AnchoringError
from sources.models import Passage, Snapshot

from .desk import WholeForm


class QuotationForm(WholeForm):
    """A form of a row that has a `passage`: one already marked, or the words of a new one."""

    snapshot = forms.ModelChoiceField(
        Snapshot.objects.select_related("source"),
        required=False,
        label="Transcript",
        help_text="The edition that the words are from.",
        # The field only tells the widget what to search; it may be on any model.
        widget=AutocompleteSelect(Passage._meta.get_field("snapshot"), admin.site),
    )
    quotation = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="The words exactly as in the transcript, with its spelling and its line breaks.",
    )
    before = forms.CharField(
        required=False,
        strip=False,
        label="Text just before",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Only where the words occur more than once. Up to the quotation, its space included.",
    )
    after = forms.CharField(
        required=False,
        strip=False,
        label="Text just after",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Likewise, from the space that follows the quotation.",
    )

    QUOTING = ("snapshot", "quotation", "before", "after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passage_required = False
        if "passage" in self.fields:
            # A quotation is as good: clean() sees to it that there is one or the other.
            self.passage_required = self.fields["passage"].required
            self.fields["passage"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        snapshot, quotation = data.get("snapshot"), data.get("quotation")
        if self.errors.keys() & {"snapshot", "passage"}:
            return data
        if quotation and "passage" in self.changed_data and data.get("passage"):
            self.add_error("passage", "Choose a passage or quote one, not both.")
        elif quotation and snapshot is None:
            self.add_error("snapshot", "Say which transcript the quotation is from.")
        elif snapshot is not None and not quotation:
            self.add_error("quotation", "Quote the words that are meant.")
        elif quotation and snapshot:
            self._quote(snapshot, quotation)
        elif self.passage_required and data.get("passage") is None:
            self.add_error("quotation", "Quote the words, or choose a passage already marked.")
        if self.passage_required and data.get("passage") is None:
            # Without this the row would be validated further as one without a passage.
            data.pop("passage", None)
        return data

    def _quote(self, snapshot: Snapshot, quotation: str) -> None:
        # A browser sends every line break as two characters; the record has one.
        words = [
            self.cleaned_data.get(name, "").replace("\r\n", "\n") for name in ("before", "after")
        ]
        try:
            self.cleaned_data["passage"] = Passage.objects.quote(
                snapshot, quotation.replace("\r\n", "\n"), prefix=words[0], suffix=words[1]
            )
        except AnchoringError as error:
            self.add_error("quotation", str(error))
