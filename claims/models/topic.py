from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.urls import reverse
from simple_history.models import HistoricalRecords

from sources.fields import LineField
from sources.models import Change
from sources.models.change import Kind

from ..querysets import TopicQuerySet


class Topic(models.Model):
    """A subject under which readers look for claims. Public as soon as one public claim bears it."""

    slug = models.SlugField(unique=True, help_text="The name in addresses, for good.")
    name = LineField(max_length=100, unique=True)
    description = LineField(
        max_length=300, blank=True, help_text="What belongs here, in a neutral line."
    )

    history = HistoricalRecords()

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; readers of a public claim's topics see it."""
        stored = type(self).objects.filter(pk=self.pk).values_list("slug", flat=True)
        slugs = {*stored, self.slug}
        super().save(*args, **kwargs)
        Change.objects.note("topics", sorted(slugs), Kind.UPDATED)
        if len(slugs) > 1:
            self._touch_claims()

    def get_absolute_url(self) -> str:
        return reverse("topic", args=[self.slug])

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete; where readers saw it, it is gone."""
        Change.objects.note("topics", [self.slug], Kind.REMOVED)
        self._touch_claims()
        return super().delete(*args, **kwargs)

    def _touch_claims(self) -> None:
        """The claims that bear it name it by its slug."""
        for claim in self.claims.published().order_by("pk").select_for_update():
            claim.touch()

    def editable_by(self, user: Any) -> bool:
        """Anybody at the desk while no public claim bears it, then an editor."""
        public = type(self).objects.published().filter(pk=self.pk)
        return user.has_perm("claims.publish_claim") or not public.exists()
