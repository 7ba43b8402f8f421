"""The queue's own job."""

from django_tasks import task

from . import housekeeping
from .naming import called


@task
@called("Delete old jobs")
def prune() -> dict[str, int]:
    """Nightly: delete old jobs that are finished."""
    return housekeeping.prune()
