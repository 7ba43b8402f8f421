"""The judgement in the admin. Importing the modules registers their classes."""

from . import annotations, assigning, claim, merging, notes, queue, rating, verdict, webhooks

__all__ = [
    "annotations",
    "assigning",
    "claim",
    "merging",
    "notes",
    "queue",
    "rating",
    "verdict",
    "webhooks",
]
