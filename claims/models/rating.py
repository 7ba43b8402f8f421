from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

from sources.fields import LineField, ProseField
from sources.models import Change
from sources.models.change import Kind

from ..querysets import RatingQuerySet

# Pages give a rating's label in the reader's language where a catalogue knows it: these are the labels of the
# scale that every new site starts with (seeds/ratings.yaml), named here so that catalogues do.
LABELS = (
    gettext_noop("True"),
    gettext_noop("Mostly true"),
    gettext_noop("Half true"),
    gettext_noop("Mostly false"),
    gettext_noop("False"),
    gettext_noop("Conflicting evidence"),
    gettext_noop("Not enough evidence"),
    gettext_noop("Not checkable"),
)


GLYPHS = {"conflicting-evidence": "⇄", "not-checkable": "–"}
OPEN_GLYPH = "○"  # of a claim without a verdict in force


class RatingScale(models.Model):
    """A set of ratings, and the range of those that measure truth."""

    slug = models.SlugField(unique=True)
    name = LineField(max_length=100, unique=True)
    description = ProseField(
        blank=True, help_text="How the scale is read; shown on the methodology page."
    )
    worst = models.PositiveSmallIntegerField(
        default=1,
        help_text="The value of the rating furthest from the truth; at least 1 (ClaimReview).",
    )
    best = models.PositiveSmallIntegerField(
        default=5, help_text="The value of the rating nearest to the truth."
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            # schema.org's reviewRating as Google reads it: bestRating > worstRating >= 1.
            models.CheckConstraint(
                name="claims_ratingscale_range", condition=Q(worst__gte=1, best__gt=F("worst"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; each of its ratings has then changed for the public. Raises ValidationError as `clean`
        does."""
        self.clean()
        super().save(*args, **kwargs)
        slugs = self.ratings.values_list("slug", flat=True)
        Change.objects.note("ratings", slugs, Kind.UPDATED)

    def clean(self) -> None:
        """Refuse another range once published verdicts are read by it."""
        stored = type(self).objects.filter(pk=self.pk).values_list("worst", "best").first()
        given = Rating.objects.filter(scale=self.pk, verdicts__published_at__isnull=False)
        if stored not in (None, (self.worst, self.best)) and given.exists():
            raise ValidationError("Published verdicts are read by this range: make another scale.")


class Rating(models.Model):
    """A step of a scale. Only a step that measures truth has a value."""

    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="ratings")
    slug = models.SlugField(
        unique=True, help_text="The name in addresses and in the API, for good."
    )
    label = LineField(max_length=50, help_text="As readers see it: Mostly false.")
    meaning = ProseField(help_text="When the desk gives it, in a sentence for readers.")
    value = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=(
            "Where it stands between the scale's worst and best. Empty where it measures no truth: "
            "not enough evidence, conflicting evidence, not checkable."
        ),
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in lists.")

    history = HistoricalRecords()

    objects = RatingQuerySet.as_manager()

    class Meta:
        ordering = ["scale", "position"]
        constraints = [
            models.UniqueConstraint(name="claims_rating_label_once", fields=["scale", "label"]),
            models.UniqueConstraint(
                name="claims_rating_value_once",
                fields=["scale", "value"],
                condition=Q(value__isnull=False),
            ),
            models.CheckConstraint(
                name="claims_rating_value_from_1", condition=Q(value__isnull=True) | Q(value__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raises ValidationError where it would change what published verdicts say."""
        self._keep_what_verdicts_say()
        stored = type(self).objects.filter(pk=self.pk).values_list("slug", flat=True)
        slugs = {*stored, self.slug}
        super().save(*args, **kwargs)
        Change.objects.note("ratings", sorted(slugs), Kind.UPDATED)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete a rating that no verdict gives."""
        Change.objects.note("ratings", [self.slug], Kind.REMOVED)
        return super().delete(*args, **kwargs)

    def clean(self) -> None:
        self._keep_what_verdicts_say()
        if self.value is None or not hasattr(self, "scale"):
            return  # a form without a scale says so itself
        if not self.scale.worst <= self.value <= self.scale.best:
            raise ValidationError(
                {"value": f"The scale runs from {self.scale.worst} to {self.scale.best}."}
            )

    def _keep_what_verdicts_say(self) -> None:
        """A verdict refers to its rating: rewriting the one would rewrite the other."""
        names = ("scale_id", "slug", "label", "value")
        stored = type(self).objects.filter(pk=self.pk).values(*names).first() if self.pk else None
        changed = [name for name in stored or () if getattr(self, name) != stored[name]]  # type: ignore[index]
        if changed and self.verdicts.filter(published_at__isnull=False).exists():
            raise ValidationError(
                f"Published verdicts give this rating: {', '.join(changed)} cannot change any more. "
                "Add another rating instead."
            )

    @property
    def glyph(self) -> str:
        """What stands for it where there is no place on the scale to show (as in the style sheet)."""
        return "" if self.measures_truth else GLYPHS.get(self.slug, "?")

    @property
    def measures_truth(self) -> bool:
        return self.value is not None

    def as_dict(self) -> dict[str, Any]:
        """Return the contract's `rating`: slug, label, value, best, worst; the numbers None where the
        rating measures no truth."""
        measured = self.measures_truth
        return {
            "slug": self.slug,
            "label": self.label,
            "value": self.value,
            "best": self.scale.best if measured else None,
            "worst": self.scale.worst if measured else None,
        }
