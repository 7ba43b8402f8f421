"""Ways to ask for the texts that the public may read."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q


def public_editions() -> Any:
    """The Snapshots that the public may read: those that a published annotation quotes.

    A Source may be public while its next edition is still being annotated, or was a mistake.
    """
    return apps.get_model("sources", "Snapshot").objects.light().filter(_quoted())


def public_copies() -> Any:
    """The Snapshots that the public may see and fetch as they were kept: those that are quoted, and those
    that were captured at the address of a published Source, where anybody could have seen the same.

    More than `public_editions`: a page that was archived is a copy of it before anybody quotes it. A file
    that was handed in, and that nothing published quotes, is the desk's; also where a page with other bytes
    has the same text.
    """
    captures = apps.get_model("sources", "Capture").objects.of_its_bytes()
    captured = captures.filter(source__published_at__isnull=False)
    return (
        apps.get_model("sources", "Snapshot")
        .objects.light()
        .filter(_quoted() | Q(pk__in=captured.order_by().values("snapshot")))
    )


def public_passages() -> Any:
    """The Passages that the public may read as such: those of published annotations."""
    passages = apps.get_model("sources", "Passage").objects
    return passages.filter(_of_annotations("passage"))


def _quoted() -> Q:
    """The condition that a published annotation quotes the Snapshot."""
    return _of_annotations("passage__snapshot")


def _of_annotations(path: str) -> Q:
    """The condition to be what `path` leads to from a published annotation."""
    anywhere = Q()
    for name in ("Appearance", "Rebuttal", "Evidence"):
        rows = apps.get_model("claims", name).objects.published().filter(passage__isnull=False)
        anywhere |= Q(pk__in=rows.order_by().values(path))
    return anywhere


def public_transcripts() -> Any:
    """The Sources of which the public may read the text."""
    sources = apps.get_model("sources", "Source").objects
    return sources.published().filter(pk__in=public_editions().values("source"))
