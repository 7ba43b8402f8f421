from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from sources.admin.desk import WholeForm
from sources.querysets import within

from ..models import Assignment, Claim, SavedFilter, Topic
from ..models.assignment import Priority
from ..models.claim import ClaimKind

ANY = ("", "any")
LEAVE = ("", "leave as it is")
NOBODY = "nobody"


class Assignee(forms.ModelChoiceField):
    """Somebody whom a claim can be assigned to, or nobody."""

    def __init__(self, *, empty: str, **kwargs: Any) -> None:
        super().__init__(
            Assignment.assignees(),
            required=False,
            empty_label=empty,
            to_field_name="username",
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        return NOBODY if value == NOBODY else super().clean(value)


def people(empty: str) -> list[tuple[str, str]]:
    """The choices of an `Assignee`, as one list: nobody among them."""
    names = [(person.get_username(), person.get_username()) for person in Assignment.assignees()]
    return [("", empty), (NOBODY, "nobody"), *names]


class QueueForm(forms.Form):
    """What a queue is narrowed down to."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    topic = forms.ModelChoiceField(
        Topic.objects.all(), required=False, to_field_name="slug", empty_label="any"
    )
    kind = forms.ChoiceField(choices=[ANY, *ClaimKind.choices], required=False)
    priority = forms.TypedChoiceField(
        choices=[ANY, *Priority.choices], required=False, coerce=int, empty_value=None
    )
    assignee = Assignee(empty="any")
    public = forms.ChoiceField(
        label="Published",
        choices=[ANY, ("yes", "published"), ("no", "draft")],
        required=False,
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["assignee"].widget.choices = people("any")

    def narrow(self, claims: Any) -> Any:
        """`claims` (with_work) as far as they meet what was asked for; none if the question is wrong."""
        if not self.is_valid():
            return claims.none()
        asked = self.cleaned_data
        wanted = within("text", asked["q"])
        if asked["topic"]:
            wanted &= Q(topics=asked["topic"])
        if asked["kind"]:
            wanted &= Q(kind=asked["kind"])
        if asked["priority"]:
            wanted &= Q(urgency=asked["priority"])
        if asked["assignee"] == NOBODY:
            wanted &= Q(assignment__assignee__isnull=True)
        elif asked["assignee"]:
            wanted &= Q(assignment__assignee=asked["assignee"])
        if asked["public"]:
            wanted &= Q(published_at__isnull=asked["public"] == "no")
        return claims.filter(wanted)


class ManyForm(forms.Form):
    """What is done with all the claims that were ticked."""

    to = Assignee(label="Assign to", empty="leave as it is")
    priority = forms.TypedChoiceField(
        choices=[LEAVE, *Priority.choices], required=False, coerce=int, empty_value=None
    )
    into = forms.ModelChoiceField(
        Topic.objects.all(), label="Add topic", required=False, empty_label="none"
    )
    out_of = forms.ModelChoiceField(
        Topic.objects.all(), label="Remove topic", required=False, empty_label="none"
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="many_%s")
        self.fields["to"].widget.choices = people("leave as it is")

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        if cleaned.get("into") and cleaned.get("into") == cleaned.get("out_of"):
            self.add_error("out_of", "That topic is to be added: choose another, or none.")
        if not self.errors and not any(cleaned.values()):
            self.add_error(None, "Say what is to be done with the claims.")
        return cleaned


class SaveForm(WholeForm):
    class Meta:
        model = SavedFilter
        fields = ("name", "shared")
        labels = {"name": "Name", "shared": "Show it to everybody at the desk"}

    def __init__(self, data: Any = None, *, instance: SavedFilter | None = None) -> None:
        super().__init__(data, instance=instance, auto_id="save_%s")

    def clean(self) -> dict[str, Any]:
        try:
            SavedFilter._meta.get_field("query").clean(self.instance.query, self.instance)
        except ValidationError:
            self.add_error(None, "The selection is too long to be saved: give fewer words.")
        return super().clean() or self.cleaned_data


def chosen(ids: list[str]) -> Any:
    """The claims of the ids that a page sent, in the order of their ids; what cannot be done with a
    retired one is the model's to say."""
    # What is longer is no key of ours, and no number that a database knows.
    known = [int(pk) for pk in ids if pk.isascii() and pk.isdecimal() and len(pk) < 19]
    return Claim.objects.filter(pk__in=known).order_by("pk")
