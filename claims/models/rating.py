from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ..querysets import RatingQuerySet


class RatingScale(models.Model):
    """A set of ratings, and the range of those that measure truth."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(
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


class Rating(models.Model):
    """A step of a scale. Only a step that measures truth has a value."""

    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="ratings")
    slug = models.SlugField(
        unique=True, help_text="The name in addresses and in the API, for good."
    )
    label = models.CharField(max_length=50, help_text="As readers see it: Mostly false.")
    meaning = models.TextField(help_text="When the desk gives it, in a sentence for readers.")
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

    def clean(self) -> None:
        if self.value is None or not hasattr(self, "scale"):
            return  # a form without a scale says so itself
        if not self.scale.worst <= self.value <= self.scale.best:
            raise ValidationError(
                {"value": f"The scale runs from {self.scale.worst} to {self.scale.best}."}
            )

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
