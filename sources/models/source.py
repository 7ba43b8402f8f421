from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .. import recordings
from ..constraints import one_of
from ..fields import LineField, ProseField
from .publishable import Publishable
from .speaker import Speaker

# BCP 47 (RFC 5646, section 2.1), as far as it can be checked without the registry of subtags.
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class SourceKind(models.TextChoices):
    TRANSCRIPT = "transcript", _("transcript")
    TREATY = "treaty", _("treaty or agreement")
    RESOLUTION = "resolution", _("resolution")
    DECISION = "court-decision", _("court decision")
    STATEMENT = "statement", _("statement")
    INTERVIEW = "interview", _("interview")
    REPORT = "report", _("report")
    DATASET = "dataset", _("dataset or poll")
    ARTICLE = "article", _("article")
    ARCHIVE = "archive-record", _("archive record")
    OTHER = "other", _("other")


class Precision(models.TextChoices):
    DAY = "day", "day"
    MONTH = "month", "month"
    YEAR = "year", "year"


class Rendition(models.TextChoices):
    ORIGINAL = "original", _("original wording")
    HUMAN_TRANSLATION = "human-translation", _("human translation")
    MACHINE_TRANSLATION = "machine-translation", _("machine translation")
    UNKNOWN = "unknown", _("unknown")


class Primacy(models.TextChoices):
    PRIMARY = "primary", _("primary")
    SECONDARY = "secondary", _("secondary")


class Derivation(models.TextChoices):
    TRANSLATION = "translation", _("translation")
    REPORT = "report", _("report")
    REPRINT = "reprint", _("reprint")
    EXCERPT = "excerpt", _("excerpt")


def language_name(tag: str) -> str:
    """A language in the one in use, by its BCP 47 tag; of one that we know no name for, the tag."""
    if tag == "und":
        return gettext("not known")
    try:
        return str(get_language_info(tag.lower())["name_translated"])
    except KeyError:
        return tag


class Source(Publishable):
    """Anything citable. The Source at the end of its `derived_from` chain is its origin."""

    RESOURCE = "sources"

    slug = models.SlugField(
        max_length=100,
        unique=True,
        help_text="The name in addresses, for good: north-atlantic-treaty-1949.",
    )
    title = LineField(max_length=500, help_text="As printed on the document.")
    kind = models.CharField(max_length=20, choices=SourceKind, db_index=True)
    authors = LineField(
        max_length=500, blank=True, help_text="As printed; several are separated by semicolons."
    )
    publisher = LineField(max_length=300, blank=True)
    date = models.DateField(
        null=True,
        blank=True,
        help_text="When it was issued. Of a month or a year alone, give the first day and say so beside it.",
    )
    date_precision = models.CharField(
        max_length=10, choices=Precision, blank=True, help_text="How much of the date is known."
    )
    place = LineField(
        max_length=200, blank=True, help_text="Where it was spoken, signed or issued."
    )
    url = models.URLField(max_length=1000, blank=True, help_text="Where a reader finds it.")
    recording_url = models.URLField(
        "recording",
        max_length=1000,
        blank=True,
        help_text="Where the video or sound is, from whose beginning the time codes of the text count.",
    )
    language = models.CharField(
        max_length=35,
        default="en",
        validators=[RegexValidator(LANGUAGE_TAG, "Give a BCP 47 language tag: en, ru, pt-BR.")],
        help_text="BCP 47 tag of the text as held here: en, ru, uk.",
    )
    rendition = models.CharField(
        max_length=20,
        choices=Rendition,
        default=Rendition.UNKNOWN,
        help_text=(
            "Is this the wording as it was spoken or signed, or a translation of it? Every quotation "
            "from this source shows the answer. When in doubt, unknown."
        ),
    )
    translated_by = LineField(
        max_length=300,
        blank=True,
        help_text="Of a translation: the person, the agency or the engine, as far as known.",
    )
    rendition_note = ProseField(
        blank=True,
        help_text="How this text came about, for readers: translated by whom, from what, and how well.",
    )
    primacy = models.CharField(
        "primary or secondary",
        max_length=10,
        choices=Primacy,
        default=Primacy.SECONDARY,
        help_text="Primary: the record itself or first-hand. Secondary: somebody's account of records.",
    )
    declared_interest = ProseField(
        blank=True,
        help_text="A stake that the author or publisher has in the matter, as far as declared.",
    )
    not_archived = ProseField(
        "why it is not archived",
        blank=True,
        help_text="For readers, where the desk keeps no copy: printed book, no address, archiving refused.",
    )
    rights = LineField(max_length=300, blank=True, help_text="Licence or legal status.")
    derived_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="derivatives",
        help_text="The source that this one rests on. Copies of one record count once as evidence.",
    )
    derivation = models.CharField(
        max_length=20, choices=Derivation, blank=True, help_text="How it rests on it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()

    class Meta(Publishable.Meta):
        ordering = ["title", "id"]
        permissions = [("publish_source", "Can edit sources and speakers that are public")]
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="sources_source_has_title_and_address", condition=~Q(title="") & ~Q(slug="")
            ),
            one_of("kind", SourceKind, name="sources_source_kind_known"),
            one_of("rendition", Rendition, name="sources_source_rendition_known"),
            one_of("primacy", Primacy, name="sources_source_primacy_known"),
            models.CheckConstraint(
                name="sources_source_date_has_precision",
                condition=Q(date__isnull=True, date_precision="")
                | Q(date__isnull=False, date_precision__in=Precision.values),
                violation_error_message="Give a date and its precision together, or neither.",
            ),
            models.CheckConstraint(
                name="sources_source_derivation_says_how",
                condition=Q(derived_from__isnull=True, derivation="")
                | Q(derived_from__isnull=False, derivation__in=Derivation.values),
                violation_error_message="Give what it is derived from and how together, or neither.",
            ),
            models.CheckConstraint(
                name="sources_source_not_derived_from_itself",
                condition=Q(derived_from__isnull=True) | ~Q(derived_from=F("id")),
                violation_error_message="A source is not derived from itself.",
            ),
            models.CheckConstraint(
                name="sources_source_language_tag", condition=Q(language__regex=LANGUAGE_TAG)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("source", args=[self.slug])

    def get_transcript_url(self) -> str:
        """Where the text held of this Source is read, if there is one."""
        return reverse("transcript", args=[self.slug])

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; another address is looked at anew (`Link`).

        Raises IntegrityError (a trigger, migration 0006) where it would be derived from itself by way of
        others; who asks `clean` first is told so in words.
        """
        rows = type(self)._default_manager
        before = rows.filter(pk=self.pk).values("url", "derived_from").first()
        stored = before or {"url": "", "derived_from": None}
        if self.derived_from_id not in (None, stored["derived_from"]):
            self.lock_above()
        super().save(*args, **kwargs)
        if self.url != stored["url"]:
            apps.get_model("sources", "Link").objects.follow(rows.filter(pk=self.pk))

    def lock_above(self) -> None:
        """Let one transaction at a time write chains of sources, until it ends: two that add half of a
        circle each do not see each other. The trigger takes the same lock; here it is taken before that of
        the row, or they could wait for each other. SQLite has one writer at a time as it is."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('sources_source_has_an_origin'))"
                )

    def recording_at(self, second: int | None) -> str:
        """The address of that moment of the recording; "" where there is none."""
        if second is None or not self.recording_url:
            return ""
        return recordings.moment(self.recording_url, second)

    def clean(self) -> None:
        """Refuse a `derived_from` chain that leads back here: it would have no origin."""
        if self.pk and any(source.pk == self.pk for source in self.chain()[1:]):
            raise ValidationError({"derived_from": "That source is itself derived from this one."})

    def chain(self) -> list[Source]:
        """Return this Source, the one it is derived from, and so on to the origin, which comes last.

        One query for each step; pages that list many sources use `querysets.Origin` instead. A chain
        that is not yet validated and bites its own tail ends where it does.
        """
        chain = [self]
        while (parent := chain[-1].derived_from) is not None:
            chain.append(parent)
            if parent in chain[:-1]:
                break
        return chain

    @property
    def issued(self) -> str:
        """The date as far as it is known, in the language in use: 7 January 2022, January 2022, 2022."""
        if self.date is None:
            return ""
        form = {
            Precision.DAY: "DATE_FORMAT",
            Precision.MONTH: "YEAR_MONTH_FORMAT",
            Precision.YEAR: "Y",
        }
        return date_format(self.date, form[Precision(self.date_precision)])

    @property
    def issued_iso(self) -> str:
        """The date as precisely as it is known, in ISO 8601: 2022-01-07, 2022-01, 2022."""
        if self.date is None:
            return ""
        length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}
        return self.date.isoformat()[: length[Precision(self.date_precision)]]

    @property
    def language_name(self) -> str:
        """The language of the text, in the one in use; of one that we know no name for, its tag."""
        return language_name(self.language)

    @property
    def is_verbatim(self) -> bool:
        """Whether quoting the text quotes the speaker: not so in a translation, nor when in doubt."""
        return self.rendition == Rendition.ORIGINAL

    def proposal(self) -> dict[str, str]:
        """What its newest archived copy says of itself otherwise than this row does: the values of `title`,
        `authors`, `publisher`, `date` (YYYY-MM-DD) and `language`, as far as they differ."""
        captures = self.captures.kept().order_by("-ended_at", "-pk")
        said: dict[str, str] = captures.values_list("proposed", flat=True).first() or {}
        return {name: value for name, value in said.items() if value != self._as_proposed(name)}

    def _as_proposed(self, name: str) -> str:
        return self.issued_iso if name == "date" else str(getattr(self, name))

    @transaction.atomic
    def take_proposal(self, values: Mapping[str, str], *, by: Any) -> bool:
        """Take over `values` out of what is proposed (`proposal`), and nothing else. Returns whether there
        were any.

        `by` needs sources.change_source, and of a public Source the rights of an editor (PermissionDenied).
        Raises ValidationError for a value that is not, or no longer, proposed.
        """
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if not (by.has_perm("sources.change_source") and self.editable_by(by)):
            raise PermissionDenied("You may not change this source.")
        proposed = self.proposal()
        if any(proposed.get(name) != value for name, value in values.items()):
            raise ValidationError("Something else is proposed by now: look at it again first.")
        for name, value in values.items():
            setattr(self, name, dt.date.fromisoformat(value) if name == "date" else value)
            if name == "date":
                self.date_precision = Precision.DAY
        if values:
            self.full_clean()
            self._history_user = by
            self._change_reason: str | None = "Taken over from the archived copy"
            self.save()
            self._change_reason = None
        return bool(values)

    @transaction.atomic
    def publish(self, *, by: Any, at: dt.datetime | None = None) -> bool:
        """Publish the Source, and with it what a reader needs to follow it: the sources it is derived
        from, and the Speakers named in its turns."""
        at = at or timezone.now()
        if self.derived_from is not None:
            self.derived_from.publish(by=by, at=at)
        speakers = Speaker.objects.drafts().filter(turns__snapshot__source=self).distinct()
        for speaker in speakers:
            speaker.publish(by=by, at=at)
        return super().publish(by=by, at=at)
