"""Jobs of the record: to archive a source, and nightly what has not been archived for long."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskContext

from jobs.naming import called
from jobs.retries import Final, Later, retries

from . import store
from .batches import import_one
from .importing import Details
from .models import Capture, Link, Source
from .models.capture import Occasion
from .verifying import check_everything

ATTEMPTS = 6  # after a minute, 5, 25, 2 hours and 6: the outage of a server is seldom longer
NEARLY = dt.timedelta(hours=12)  # what the clock asks for nightly is due a little later each night
TOLD = 20  # things amiss in the archive that a job tells; the command tells all
TRIED = dt.timedelta(days=7)  # an address that gives nothing is asked once a week


@task(takes_context=True)
@called("Archive a source", page="admin:sources_capture_change")
@retries(attempts=ATTEMPTS, first=60, factor=5, longest=21_600)
def archive(context: TaskContext, capture: int) -> str:
    """Carry out the Capture of that id, unless it has ended."""
    row = Capture.objects.select_related("source").filter(pk=capture).first()
    if row is None or row.ended_at is not None:
        return "nothing to do"
    last = context.attempt >= ATTEMPTS
    try:
        outcome = row.carry_out(last=last)
    except Later:
        raise
    except Exception as error:
        if last:  # an error of ours: the job has failed, and who waits is told
            row.give_up(f"It could not be worked on here ({type(error).__name__}).")
        raise
    return f"{outcome}: {row.reason}" if row.reason else outcome


@task
@called("Archive what has not been for long")
def archive_stale() -> int:
    """Nightly: ask for each public source of which nothing was kept for ARCHIVE_STALE_DAYS."""
    if not settings.ARCHIVING:
        return 0
    Capture.objects.end_lost()
    now, days = timezone.now(), dt.timedelta(days=settings.ARCHIVE_STALE_DAYS)
    stale = Capture.objects.want(Source.objects.published(), since=now - days, tried=now - TRIED)
    for source in stale:
        Capture.objects.ask(source, occasion=Occasion.ROUTINE)
    return len(stale)


@task
@called("Import a dropped file")
def import_file(
    sha256: str, filename: str, details: dict[str, str], source: str = ""
) -> dict[str, Any]:
    """Import the bytes of that SHA-256, which the archive keeps, as a file of that name; `source` is the slug
    of the one that it is an edition of. Returns what there is to tell of it, maybe why it was refused."""
    try:
        data = store.read(sha256)
    except (store.Missing, store.Damaged) as error:
        raise Final(str(error)) from error
    return import_one(data, filename, source=source, details=Details(**details)).as_dict()


@task
@called("Look at the addresses of sources")
def check_links() -> int:
    """Nightly: have each address looked at whose time has come, or comes before the next night's half."""
    if not settings.ARCHIVING:
        return 0
    Link.objects.follow(Source.objects.all())
    return Link.objects.due(timezone.now() + NEARLY).ask()


@task
@called("Look at the address of a source", page="admin:sources_link_change")
def check_link(link: int, when: str) -> str:
    """Look at the address of that Link, if it still is to be looked at next `when` it was (ISO 8601): done
    twice, it is done once. What failed for the first times is looked at again within the day."""
    row = Link.objects.select_related("source").filter(pk=link).first()
    if row is None or row.next_at != dt.datetime.fromisoformat(when):
        return "nothing to do"
    told = row.look()
    if row.is_failing and row.next_at - timezone.now() < NEARLY:
        check_link.using(run_after=row.next_at).enqueue(row.pk, row.next_at.isoformat())
    return told


@task
@called("Check the archive")
def verify_snapshots() -> int:
    """Nightly: compute anew everything that is kept. Returns how much was checked; what is amiss is an error
    that no further attempt mends, so that the desk has it before its eyes."""
    checked, amiss = 0, []
    for name, faults in check_everything(Source.objects.all()):
        checked += 1
        if faults:
            amiss.append(f"{name}: {'; '.join(faults)}")
    if amiss:
        more = f" (and {len(amiss) - TOLD:,} more)" if len(amiss) > TOLD else ""
        raise Final(f"{len(amiss):,} of {checked:,} amiss. {' | '.join(amiss[:TOLD])}{more}")
    return checked
