"""The job that looks for likely duplicates, and the glance at whether it is needed (JOBS_WATCHES)."""

from __future__ import annotations

from django_tasks import task

from jobs.models import Job
from jobs.naming import called

from . import encoding
from .duplicates import find, is_anything_new
from .vectors import is_anything_missing

# As many claims as one job compares, so that it keeps a worker for minutes and not for hours.
MOST = 1_000


@task
@called("Look for likely duplicates")
def find_new() -> str:
    """Compare what is new; also nightly, for what a glance does not see. Where there is more of it than one
    job takes, another job goes on."""
    report = find(most=MOST)
    if report.compared == MOST:
        find_new.enqueue()
    return str(report)


def look_out() -> None:
    """At each beat of a worker: have the claims that changed last compared, once they have their vectors."""
    if Job.objects.unfinished(find_new).exists() or not is_anything_new():
        return
    if not (encoding.is_installed() and is_anything_missing()):
        find_new.enqueue()
