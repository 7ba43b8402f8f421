from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from ..constraints import one_of
from ..fields import LineField
from ..label_shapes import QUESTION_WORDS
from ..querysets import SpeakerNameQuerySet
from .publishable import Publishable

WIKIDATA_ID = r"^Q[1-9]\d*$"


class SpeakerKind(models.TextChoices):
    PERSON = "person", _("person")
    ORGANISATION = "organisation", _("organisation")
    STATE = "state", _("state")
    GROUP = "group", _("group")


class Speaker(Publishable):
    """A person, organisation, state or group that speaks."""

    RESOURCE = "speakers"

    slug = models.SlugField(
        unique=True,
        help_text="The name in addresses, for good: antony-blinken. Lower case, hyphens.",
    )
    name = LineField(
        max_length=200, help_text="As readers know the speaker: Antony Blinken, Russia, NATO."
    )
    kind = models.CharField(max_length=20, choices=SpeakerKind, default=SpeakerKind.PERSON)
    description = LineField(
        max_length=300,
        blank=True,
        help_text="Who this is, in a neutral line: US Secretary of State from 2021 to 2025.",
    )
    wikidata_id = models.CharField(
        "Wikidata id",
        max_length=20,
        blank=True,
        validators=[RegexValidator(WIKIDATA_ID, "A Wikidata id is Q and a number: Q312.")],
        help_text="Q and a number, where the speaker has an entry; it tells namesakes apart.",
    )

    history = HistoricalRecords()

    class Meta(Publishable.Meta):
        ordering = ["name", "id"]
        constraints = [
            *Publishable.Meta.constraints,
            one_of("kind", SpeakerKind, name="sources_speaker_kind_known"),
            models.CheckConstraint(
                name="sources_speaker_wikidata_id_form",
                condition=Q(wikidata_id="") | Q(wikidata_id__regex=WIKIDATA_ID),
            ),
            models.UniqueConstraint(
                name="sources_speaker_wikidata_id_unique",
                fields=["wikidata_id"],
                condition=~Q(wikidata_id=""),
                violation_error_message="Another speaker already has this Wikidata id.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("speaker", args=[self.slug])


class SpeakerName(models.Model):
    """A label or spelling under which a Speaker has been printed; an import resolves labels by it."""

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="names")
    name = LineField(
        "label or spelling",
        max_length=200,
        db_index=True,
        help_text=(
            "Exactly as printed, without the colon: MR. PRICE. A label that several speakers bear "
            "(THE PRESIDENT) is left open on import unless a speakers file says who is meant."
        ),
    )

    history = HistoricalRecords()

    objects = SpeakerNameQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="sources_speakername_once_for_a_speaker", fields=["speaker", "name"]
            ),
            models.CheckConstraint(name="sources_speakername_not_empty", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a public Speaker has then changed for the public."""
        self._note()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Take the label without its colon; refuse one that anybody may bear, such as QUESTION."""
        self.name = self.name.strip().removesuffix(":").rstrip()
        if self.name.casefold() in QUESTION_WORDS:
            raise ValidationError({"name": "Anybody who asks is printed so: it names nobody."})

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; a public Speaker has then changed for the public."""
        self._note()
        return super().delete(*args, **kwargs)

    def _note(self) -> None:
        """Of the Speaker whose it is, and of the one whose it was. Locked, or one that is published in this
        moment would not be told to have this name."""
        stored = type(self).objects.filter(pk=self.pk).values("speaker")
        rows = Speaker.objects.filter(Q(pk=self.speaker_id) | Q(pk__in=stored)).order_by("pk")
        for speaker in rows.select_for_update():
            speaker.touch()

    def editable_by(self, user: Any) -> bool:
        """As its Speaker: readers see the spellings."""
        return self.speaker.editable_by(user)
