"""Jobs of search: to give claims their vectors, and to build the index of these; and the glance at whether
either is needed (settings.JOBS_WATCHES)."""

from __future__ import annotations

from django_tasks import task

from jobs.models import Job
from jobs.naming import called

from . import encoding
from .neighbours import is_rebuild_due, rebuild
from .vectors import embed, is_anything_missing


@task
@called("Compute vectors of claims")
def embed_missing() -> str:
    """Also nightly, for what a glance does not see."""
    if not encoding.is_installed():
        return "not installed"
    return str(embed())


@task
@called("Build the index of vectors")
def build_index() -> int:
    return rebuild()


def look_out() -> None:
    """At each beat of a worker: have the claims that changed last given vectors, and the index built."""
    if not encoding.is_installed():
        return
    for due, job in ((is_anything_missing, embed_missing), (is_rebuild_due, build_index)):
        # Asked for first: during a long run of the job there is always something missing.
        if not Job.objects.unfinished(job).exists() and due():
            job.enqueue()
