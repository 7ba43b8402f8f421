"""What has changed for the public, told to programs that asked to be told: docs/webhooks.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps


def enqueue(changes: Sequence[Any]) -> int:
    """Have `changes` (numbered rows of `sources.models.Change`, ascending) delivered to every webhook that
    wants them, once each; returns how many deliveries were begun. Part of the caller's transaction."""
    # Not above: the models rest on this package.
    return apps.get_model("claims", "Delivery").objects.begin(changes)


def look_out() -> None:
    """At each beat of a worker: have numbered, and so told, what was changed since, where a webhook waits
    for it. The numbering is a job, because it can be long, and a heart must beat."""
    from jobs.models import Job

    from .tasks import number

    change = apps.get_model("sources", "Change")
    webhook = apps.get_model("claims", "Webhook")
    if not change.objects.unnumbered().exists() or not webhook.objects.on().exists():
        return
    if not Job.objects.unfinished(number).exists():
        number.enqueue()
