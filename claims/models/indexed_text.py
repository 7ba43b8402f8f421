"""What can be found by its words: a row for each claim, passage, source, speaker and topic.

Nobody writes it but the database itself: triggers (claims/search/full_text/rows.py) keep each row equal to
what the views say of it, in the transaction that changes what it is made of.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class IndexedText(models.Model):
    """The text by which a row can be found, in four weights.

    Where `is_public`, only what the public may read of it; of a draft, all.
    """

    kind = models.CharField(max_length=10)
    key = models.BigIntegerField(help_text="The primary key of the row.")
    is_public = models.BooleanField()
    language = models.CharField(max_length=35, blank=True)
    heading = models.TextField(help_text="What it is called, or its words.")
    others = models.TextField(blank=True, help_text="In what words it was said; other spellings.")
    body = models.TextField(blank=True, help_text="What is said about it.")
    names = models.TextField(blank=True, help_text="Who makes it, and what others write of it.")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(name="claims_indexedtext_once", fields=["kind", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
