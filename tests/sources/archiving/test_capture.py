"""A visit ends once, whoever comes back to it, and leaves nothing half-done."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from jobs.models import Job
from jobs.retries import Later
from sources import store, tasks
from sources.archiving import capture
from sources.models import Capture, Change, Host
from sources.models.capture import Occasion, Outcome
from tests.factories import SourceFactory, editor
from tests.jobs.running import work_off
from tests.sources.archiving import site

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def loopback():
    with site.open_site() as opened:
        yield opened


@pytest.fixture
def ask(loopback, settings):
    settings.FETCH_FROM_THIS_MACHINE, settings.FETCH_GAP = True, 0
    loopback.visit = 1

    def asked(path, **source):
        row = SourceFactory(url=loopback.address + path, **source)
        return Capture.objects.ask(row, occasion=Occasion.ROUTINE)

    return asked


def test_who_comes_too_late_changes_nothing(ask):
    row = ask("/text")
    late = Capture.objects.get(pk=row.pk)
    row.carry_out()
    before = Capture.objects.values().get(), row.warc

    assert late.carry_out() == Outcome.NEW  # it has fetched, and found the row ended
    assert late.give_up("It took too long.") is False
    assert row.carry_out() == Outcome.NEW

    assert (Capture.objects.values().get(), Capture.objects.get().warc) == before
    assert row.source.snapshots.count() == 1


def test_a_job_that_finds_the_host_busy_waits_and_loses_no_attempt(ask, loopback):
    row = ask("/text")
    until = timezone.now() + dt.timedelta(minutes=3)
    Host.objects.create(name=loopback.address, leased_until=until, leased_by="another")

    with pytest.raises(Later) as raised:
        row.carry_out()
    work_off()

    job = Job.objects.get()
    assert raised.value.until == until
    assert (job.status, job.run_after, job.worker_ids) == ("READY", until, [])
    row.refresh_from_db()
    assert row.outcome == Outcome.WAITING


def test_one_that_comes_to_nothing_leaves_no_file_of_an_attempt_before(ask):
    row = ask("/404")
    store.put_file(row.warc_path, b"half of")  # by a worker that was killed before its commit
    row.give_up("The work on it was broken off.")
    assert not store.storage().exists(row.warc_path)
    assert (row.outcome, row.is_kept) == (Outcome.FAILED, False)


def test_an_error_of_ours_ends_it_at_the_last_attempt(ask, monkeypatch):
    row = ask("/text")

    def broken(*args):
        raise RuntimeError("of ours")

    monkeypatch.setattr(capture, "read", broken)
    for _ in range(tasks.ATTEMPTS):
        row.refresh_from_db()
        assert row.outcome == Outcome.WAITING
        Job.objects.update(run_after=timezone.now())
        work_off()

    row.refresh_from_db()
    assert (row.outcome, row.reason) == (
        Outcome.FAILED,
        "It could not be worked on here (RuntimeError).",
    )
    assert Job.objects.get().status == "FAILED"


def test_it_is_all_or_nothing(ask, monkeypatch):
    row = ask("/text")

    def full(*args):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put_file", full)
        with pytest.raises(OSError, match="No space"):
            row.carry_out()
    assert not row.source.snapshots.exists()
    assert Capture.objects.get().outcome == Outcome.WAITING

    again = Capture.objects.get()
    assert (again.carry_out(), again.source.snapshots.count()) == (Outcome.NEW, 1)


def told(source):
    return Change.objects.filter(resource="sources", key=source.slug).count()


def test_the_change_feed_tells_of_a_public_source_s_new_copy_and_of_no_draft_s(ask, loopback):
    draft, public = ask("/reworded"), ask("/other-bytes")
    public.source.publish(by=editor())
    before = told(public.source)

    draft.carry_out()
    public.carry_out()
    assert (told(draft.source), told(public.source)) == (0, before + 1)

    loopback.visit = 2  # other bytes, the same text: nothing to tell
    again = Capture.objects.ask(public.source, occasion=Occasion.ROUTINE)
    assert again.carry_out() == Outcome.SAME
    assert again.sha256 != public.sha256
    assert told(public.source) == before + 1
