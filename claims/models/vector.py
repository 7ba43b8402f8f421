from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from sources.constraints import one_of

from ..querysets.vector import ClaimVectorQuerySet
from ..search.encoding import DIMENSIONS
from .claim import Claim


class Part(models.TextChoices):
    TEXT = "text"  # Claim.text
    TITLE = "title"  # the headline of the verdict in force


class ClaimVector(models.Model):
    """What some words of a claim mean, as numbers (`claims.search.encoding`), computed from them and from
    nothing else: it can be thrown away and computed anew. docs/matching-index.md."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="vectors")
    part = models.CharField(max_length=5, choices=Part)
    model = models.CharField(max_length=60)
    version = models.CharField(
        max_length=40, help_text="Of the model: vectors of two do not compare."
    )
    text_sha256 = models.CharField(
        max_length=64, help_text="Of the words, in UTF-8: of other words, the vector is not used."
    )
    public = models.BooleanField(
        help_text="Whether the claim was public when this was written. It says in which half of the index to "
        "look; who may see it is asked of the claim."
    )
    vector = models.BinaryField(help_text="Numbers of 16 bits (IEEE 754), little-endian.")

    objects: ClassVar[Any] = ClaimVectorQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            one_of("part", Part, name="claims_claimvector_part_known"),
            models.UniqueConstraint(
                name="claims_claimvector_once", fields=["claim", "part", "model", "version"]
            ),
            models.CheckConstraint(
                name="claims_claimvector_length",
                condition=Exact(Length("vector"), 2 * DIMENSIONS),
            ),
            models.CheckConstraint(
                name="claims_claimvector_sha256",
                condition=Q(text_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} of {self.claim_id}, {self.model} {self.version}"


class VectorIndex(models.Model):
    """An index of vectors that was built into files, on whichever machine; which has them, uses them.

    That the row is in the database is what makes the files its: after a restore there is no row for what
    was built later, when the same keys may have been of other claims.
    """

    name = models.CharField(max_length=32, unique=True, help_text="Of the folder with the files.")
    model = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    through = models.BigIntegerField(help_text="It has each vector up to this primary key.")
    rows = models.PositiveIntegerField()
    sizes = models.JSONField(help_text="Of each file, in bytes.")
    built_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name}, through {self.through}"
