"""Who bears the labels of a transcript: asked label by label on one page, after an import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import slugify

from sources.label_shapes import QUESTION_WORDS
from sources.models import Snapshot, Speaker, Turn
from sources.models.speaker import SpeakerKind


class LabelForm(forms.Form):
    """One printed label: a speaker whom the desk has, or the name of a new one. Empty: left open."""

    speaker = forms.ModelChoiceField(
        Speaker.objects.all(),
        required=False,
        widget=AutocompleteSelect(Turn._meta.get_field("speaker"), admin.site),
    )
    name = forms.CharField(
        required=False,
        max_length=200,
        label="Or a new speaker",
        widget=AdminTextInputWidget,
        help_text="As readers know the speaker: Jen Psaki.",
    )
    kind = forms.ChoiceField(choices=SpeakerKind.choices, label="Kind of the new speaker")
    remember = forms.BooleanField(
        required=False,
        label="Whoever is printed so elsewhere is this speaker, too",
        help_text="Not for a label that others bear as well, such as THE PRESIDENT.",
    )

    def __init__(self, *args: Any, label: str, turns: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label, self.turns = label, turns

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("name") and data.get("speaker"):
            self.add_error("name", "Choose a speaker or name a new one, not both.")
        return data

    def save(self, snapshot: Snapshot, by: Any, made: dict[str, Any]) -> int:
        """Return the number of turns that got a speaker. A refusal goes beside its field. `made` has the
        speakers that the page has just made, by name: one may be printed under several labels."""
        given = self.cleaned_data
        speaker = given["speaker"] or made.get(given["name"])
        if speaker is None and not given["name"]:
            return 0
        try:
            if speaker is None:
                if not by.has_perm("sources.add_speaker"):
                    raise PermissionDenied(
                        "You may not add speakers: choose one that the desk has."
                    )
                speaker = Speaker(
                    name=given["name"], slug=slugify(given["name"])[:50], kind=given["kind"]
                )
                speaker.full_clean()
                speaker._history_user = by
                speaker.save()
                made[speaker.name] = speaker
            return snapshot.name_label(
                self.label, speaker=speaker, by=by, remember=given["remember"]
            )
        except PermissionDenied as refusal:
            self.add_error(None, str(refusal))
        except ValidationError as refusal:
            told = {"slug": "The desk has a speaker of that name: choose it."}
            for field, errors in refusal.update_error_dict({}).items():
                if field in told:
                    self.add_error("name", told[field])
                else:
                    self.add_error(field if field in self.fields else None, errors)
        return 0


def label_forms(snapshot: Snapshot, data: Any = None) -> list[LabelForm]:
    """A form for each label of the transcript that names nobody yet, the most frequent first, but for
    those that anybody may bear; each with the beginnings of its first turns. One query."""
    by_label: dict[str, list[Any]] = {}
    turns = snapshot.turns.filter(speaker__isnull=True).exclude(label="").order_by("position")
    for turn in turns:
        if turn.label.casefold() in QUESTION_WORDS:
            continue
        by_label.setdefault(turn.label, []).append(turn)
    text = snapshot.text
    for turns_of_one in by_label.values():
        for turn in turns_of_one[:2]:
            turn.beginning = text[turn.start : min(turn.end, turn.start + 120)]
    in_order = sorted(by_label.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        LabelForm(
            data,
            prefix=f"label-{turns_of_one[0].position}",
            label=label,
            turns=turns_of_one,
            initial={"remember": True},
        )
        for label, turns_of_one in in_order
    ]
