"""The nightly export, as a job of the queue (settings.JOBS_DAILY)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django_tasks import task

from .exporting import export


@task
def export_data() -> dict[str, Any]:
    """Write everything that is published to DATA_ROOT; tell where it is and whether it has changed. Done
    twice, it is the same."""
    done = export(settings.DATA_ROOT)
    return {"path": str(done.path), "changed": done.changed, "rows": sum(done.rows.values())}
