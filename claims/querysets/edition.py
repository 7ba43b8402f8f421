"""Ways to ask for the texts that the public may read."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q


def public_editions() -> Any:
    """The Snapshots that the public may read: those that a published annotation quotes.

    A Source may be public while its next edition is still being annotated, or was a mistake.
    """
    quoted = [
        apps.get_model("claims", name).objects.published().filter(passage__isnull=False)
        for name in ("Appearance", "Rebuttal", "Evidence")
    ]
    anywhere = Q()
    for rows in quoted:
        anywhere |= Q(pk__in=rows.values("passage__snapshot"))
    return apps.get_model("sources", "Snapshot").objects.light().filter(anywhere)


def public_transcripts() -> Any:
    """The Sources of which the public may read the text."""
    sources = apps.get_model("sources", "Source").objects
    return sources.published().filter(pk__in=public_editions().values("source"))
