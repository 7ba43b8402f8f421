"""What the panel asks for each action. The rules are the models'; `actions.py` takes what is given here."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from claims.models import Appearance, Claim, Evidence, Rebuttal, Topic, WhySelected
from claims.models.appearance import Manner
from claims.models.claim import ClaimKind
from claims.models.evidence import Direction, Directness
from claims.models.selection import TO_CHOOSE
from sources.models import Snapshot, Speaker, Turn
from sources.models.source import Precision

from . import actions
from .fields import RowField
from .selection import Selection, proposed

AS_SPOKEN = "as the turn tells"


def claims() -> Any:
    """The claims that something may still be attached to."""
    return Claim.objects.filter(duplicate_of__isnull=True)


def claim_field(**kwargs: Any) -> RowField:
    return RowField(claims(), ("text", "slug"), "claim", **kwargs)


def speaker_field(**kwargs: Any) -> RowField:
    return RowField(Speaker.objects.all(), ("name", "names__name"), "speaker", **kwargs)


def another_field() -> forms.BooleanField:
    return forms.BooleanField(
        required=False,
        label="It is another claim",
        help_text="Where the desk seems to have this claim already.",
    )


class ActionForm(forms.Form):
    """One of the four things that a researcher makes of a selection."""

    action: ClassVar[str]
    heading: ClassVar[str]
    button: ClassVar[str]
    # The permissions of what it makes.
    permissions: ClassVar[tuple[str, ...]]
    # The fields that a researcher seldom needs, behind a word of their own.
    more: ClassVar[tuple[str, ...]] = ()
    more_title: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"annotate-{self.action}-%s")
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @classmethod
    def open_to(cls, user: Any) -> bool:
        return all(user.has_perm(permission) for permission in cls.permissions)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.more and self.asks(field)]

    def asks(self, field: forms.BoundField) -> bool:
        """Whether the field is shown: whether a claim is another one is asked when it comes to it."""
        return field.name != "another" or bool(field.errors or (self.is_bound and field.data))

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.more if self.asks(self[name])]

    @property
    def more_is_open(self) -> bool:
        """Whether something behind it was refused, or filled in."""
        return self.is_bound and any(
            field.errors
            or (
                field.name in self.changed_data
                and field.data not in (None, False, "", [], ("", ""))
            )
            for field in self.more_fields
        )

    @classmethod
    def prefilled_in(cls, snapshot: Snapshot) -> dict[str, Any]:
        """What the form starts with anywhere in this text."""
        return {}

    @classmethod
    def prefilled(cls, place: Place) -> dict[str, Any]:
        """What the form starts with for a selection; the researcher confirms or changes it."""
        return cls.prefilled_in(place.snapshot)

    def take(self, snapshot: Snapshot, selection: Selection, by: Any) -> Any:
        """Do it, and return the row that was made, or None where a field was refused: the error then
        stands beside it."""
        try:
            return self.make(snapshot, selection, by)
        except ValidationError as refusal:
            for name, errors in refusal.update_error_dict({}).items():
                self.add_error(name if name in self.fields else None, errors)
        return None

    def make(self, snapshot: Snapshot, selection: Selection, by: Any) -> Any:
        raise NotImplementedError  # pragma: no cover


class Place:
    """A selection in its transcript: what a form is filled with."""

    def __init__(self, snapshot: Snapshot, selection: Selection, turn: Turn | None) -> None:
        self.snapshot = snapshot
        self.turn = turn
        self.speaker = turn.speaker if turn else None
        self.words = snapshot.text[selection.start : selection.end]
        self.proposed = proposed(self.words)[:500]
        source = snapshot.source
        self.date = source.date if source.date_precision == Precision.DAY else None
        self.locator = f"turn {turn.position}" if turn else ""


class MadeForm(ActionForm):
    """By whom, reported by whom, how and when: the fields of an Appearance."""

    claimant = speaker_field(help_text="Who makes the claim (denied: who denies it).")
    reported_by = speaker_field(
        required=False,
        label="Reported by",
        help_text="Who says so, where somebody else speaks than the claimant.",
    )
    manner = forms.ChoiceField(
        required=False,
        choices=[("", AS_SPOKEN), *Manner.choices],
        help_text="As the turn tells: asserted by who speaks there, reported of anybody else.",
    )
    said_on = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: on the date of the source.",
    )

    @classmethod
    def prefilled(cls, place: Place) -> dict[str, Any]:
        return {
            "claimant": place.speaker,
            "said_on": place.date,
            **super().prefilled(place),
        }

    @property
    def made(self) -> actions.Made:
        given = self.cleaned_data
        return actions.Made(
            given["claimant"], given["reported_by"], given["manner"], given["said_on"]
        )


class NewClaimForm(MadeForm):
    action = "claim"
    heading = "New claim here"
    button = "Create the claim"
    permissions = ("sources.add_passage", "claims.add_claim", "claims.add_appearance")

    text = forms.CharField(
        label="Claim",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One neutral proposition, complete in itself.",
    )
    another = another_field()
    selection = forms.ChoiceField(
        label="Why it is selected",
        choices=[("", "---------"), *TO_CHOOSE],
        help_text="For readers: why the desk checks this claim and not another.",
    )
    selection_note = forms.CharField(
        label="Why, in words",
        required=False,
        max_length=300,
        help_text="Needed for another reason than those named.",
    )
    kind = forms.ChoiceField(choices=ClaimKind.choices, initial=ClaimKind.FACTUAL)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )

    more = ("kind", "topics")
    more_title = "Kind and topics"
    field_order = (
        "text",
        "another",
        "selection",
        "selection_note",
        "claimant",
        "reported_by",
        "manner",
        "said_on",
        "kind",
        "topics",
    )

    @classmethod
    def prefilled(cls, place: Place) -> dict[str, Any]:
        return {"text": place.proposed, **super().prefilled(place)}

    @classmethod
    def prefilled_in(cls, snapshot: Snapshot) -> dict[str, Any]:
        """Why, once somebody has said of a claim made here that the document is checked whole."""
        whole = Claim.objects.filter(
            selection=WhySelected.DOCUMENT, appearances__passage__snapshot=snapshot
        )
        return {"selection": WhySelected.DOCUMENT} if whole.exists() else {}

    def make(self, snapshot: Snapshot, selection: Selection, by: Any) -> Appearance:
        given = self.cleaned_data
        claim = Claim(
            text=" ".join(given["text"].split()),
            kind=given["kind"],
            selection=given["selection"],
            selection_note=given["selection_note"],
        )
        return actions.new_claim(
            snapshot,
            selection,
            claim,
            self.made,
            topics=given["topics"],
            another=given["another"],
        )


class AppearanceForm(MadeForm):
    action = "appearance"
    heading = "Appearance of an existing claim"
    button = "Mark the appearance"
    permissions = ("sources.add_passage", "claims.add_appearance")

    claim = claim_field(help_text="Type some of its words.")

    field_order = ("claim", "claimant", "reported_by", "manner", "said_on")

    def make(self, snapshot: Snapshot, selection: Selection, by: Any) -> Appearance:
        return actions.appearance(snapshot, selection, self.cleaned_data["claim"], self.made)


class RebuttalForm(ActionForm):
    action = "rebuttal"
    heading = "Rebuttal of a claim"
    button = "Mark the rebuttal"
    permissions = ("sources.add_passage", "claims.add_rebuttal")
    more = ("counterclaim", "counterclaim_text", "another")
    more_title = "Counterclaim"
    # What it also takes to make the counterclaim in the same step.
    COUNTERCLAIM = ("claims.add_claim", "claims.add_appearance")

    claim = claim_field(label="Claim that is answered", help_text="Type some of its words.")
    speaker = speaker_field(help_text="Who answers it.")
    summary = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the answer says, in the desk's neutral words.",
    )
    counterclaim = claim_field(
        required=False, help_text="The claim that the answer amounts to, if the desk has it."
    )
    counterclaim_text = forms.CharField(
        label="Or a new counterclaim",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Makes this claim, as the speaker's own, in the same step.",
    )
    another = another_field()

    @classmethod
    def prefilled(cls, place: Place) -> dict[str, Any]:
        return {"speaker": place.speaker}

    def make(self, snapshot: Snapshot, selection: Selection, by: Any) -> Rebuttal:
        given = self.cleaned_data
        text = " ".join(given["counterclaim_text"].split())
        rebuttal = Rebuttal(
            claim=given["claim"],
            speaker=given["speaker"],
            summary=given["summary"],
            counterclaim=given["counterclaim"],
        )
        if text and given["counterclaim"]:
            raise ValidationError(
                {"counterclaim_text": "Choose a counterclaim or make a new one, not both."}
            )
        if text and not all(map(by.has_perm, self.COUNTERCLAIM)):
            raise ValidationError(
                {"counterclaim_text": "You may not make claims: choose one that the desk has."}
            )
        return actions.rebuttal(
            snapshot,
            selection,
            rebuttal,
            counterclaim=Claim(text=text, selection=WhySelected.ANSWER) if text else None,
            another=given["another"],
        )


class EvidenceForm(ActionForm):
    action = "evidence"
    heading = "Evidence for or against a claim"
    button = "Add the evidence"
    permissions = ("sources.add_passage", "claims.add_evidence")

    more = ("directness", "locator")
    more_title = "Directness and place"

    claim = claim_field(help_text="Type some of its words.")
    direction = forms.ChoiceField(choices=Direction.choices, widget=forms.RadioSelect)
    directness = forms.ChoiceField(
        choices=Directness.choices,
        initial=Directness.DIRECT,
        help_text="Direct: it says whether the claim is so. Indirect: it makes it more or less likely.",
    )
    summary = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What this transcript says on the claim, in the desk's words.",
    )
    locator = forms.CharField(
        label="Where in the source", required=False, max_length=100, help_text="For readers."
    )

    @classmethod
    def prefilled(cls, place: Place) -> dict[str, Any]:
        return {"locator": place.locator}

    def make(self, snapshot: Snapshot, selection: Selection, by: Any) -> Evidence:
        return actions.evidence(snapshot, selection, Evidence(**self.cleaned_data))


class QuoteForm(forms.Form):
    """Words of the transcript, for whoever would rather type than select."""

    words = forms.CharField(
        label="Words of the transcript",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Exactly as printed; line breaks do not matter.",
    )
    before = forms.CharField(
        required=False,
        strip=False,
        label="Text just before",
        help_text="Up to the words, space included.",
    )
    after = forms.CharField(
        required=False,
        strip=False,
        label="Text just after",
        help_text="From the words on, likewise.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "annotate-quote-%s")
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def locate(self, snapshot: Snapshot) -> Selection | None:
        """Return the one place that is quoted; otherwise None, with the error beside the words."""
        found = self.cleaned_data
        try:
            return actions.locate(
                snapshot, found["words"], prefix=found["before"], suffix=found["after"]
            )
        except ValueError as refusal:
            self.add_error("words", str(refusal))
            return None


FORMS: dict[str, type[ActionForm]] = {
    form.action: form for form in (NewClaimForm, AppearanceForm, RebuttalForm, EvidenceForm)
}
