"""The queue's own job."""

from django_tasks import task

from . import housekeeping


@task
def prune() -> dict[str, int]:
    """Nightly: delete old jobs that are finished."""
    return housekeeping.prune()
