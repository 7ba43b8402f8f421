"""The judgement in the admin. Importing the modules registers their classes."""

from . import (
    annotations,
    assigning,
    claim,
    duplicates,
    link_health,
    merging,
    notes,
    queue,
    rating,
    reader_reports,
    record,
    relocating,
    verdict,
    webhooks,
    withdrawing,
)

__all__ = [
    "annotations",
    "assigning",
    "claim",
    "duplicates",
    "link_health",
    "merging",
    "notes",
    "queue",
    "rating",
    "reader_reports",
    "record",
    "relocating",
    "verdict",
    "webhooks",
    "withdrawing",
]
