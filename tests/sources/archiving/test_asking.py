"""Who has what archived, and when: at the desk, with a verdict, by the clock, by the command."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks import TaskResultStatus

from jobs.housekeeping import enqueue_due
from jobs.models import Job
from sources import tasks
from sources.models import Capture
from sources.models.capture import Occasion, Outcome
from tests.factories import (
    ClaimFactory,
    EvidenceFactory,
    SourceFactory,
    approved,
    editor,
    researcher,
)

pytestmark = pytest.mark.django_db

URL = "https://example.org/a"


def source(slug="a", **fields):
    return SourceFactory(slug=slug, url=f"https://example.org/{slug}", **fields)


def kept(of, *, ago=dt.timedelta(0), sha256="ab" * 32, outcome=Outcome.UNREADABLE):
    """A visit that has ended."""
    at = timezone.now() - ago
    return Capture.objects.create(
        source=of, url=of.url, occasion=Occasion.ROUTINE, asked_at=at, ended_at=at, outcome=outcome,
        sha256=sha256,
    )  # fmt: skip


def asked():
    """What waits, with the arguments of its jobs."""
    waiting = list(Capture.objects.waiting().order_by("source__slug"))
    jobs = [job.args_kwargs["args"][0] for job in Job.objects.unfinished(tasks.archive)]
    assert sorted(jobs) == sorted(row.pk for row in waiting)
    return [row.source.slug for row in waiting]


def test_a_researcher_asks_and_a_job_waits():
    capture = Capture.objects.ask(source(), occasion=Occasion.DESK, by=(who := researcher()))
    assert (capture.url, capture.asked_by, capture.outcome) == (URL, who, Outcome.WAITING)
    assert asked() == ["a"]


def test_who_asks_while_one_waits_gets_that_one():
    first = Capture.objects.ask(page := source(), occasion=Occasion.DESK, by=researcher())
    assert Capture.objects.ask(page, occasion=Occasion.ROUTINE) == first
    assert asked() == ["a"]


def test_nobody_asks_without_the_right(django_user_model):
    nobody = django_user_model.objects.create(username="nobody", is_staff=True)
    with pytest.raises(PermissionDenied):
        Capture.objects.ask(source(), occasion=Occasion.DESK, by=nobody)
    assert asked() == []


def test_a_source_without_an_address_is_not_archived():
    with pytest.raises(ValidationError, match="no address"):
        Capture.objects.ask(SourceFactory(url=""), occasion=Occasion.ROUTINE)


def test_one_whose_job_was_lost_is_ended_and_asked_for_anew():
    lost = Capture.objects.ask(page := source(), occasion=Occasion.ROUTINE)
    Job.objects.update(status=TaskResultStatus.FAILED)

    again = Capture.objects.ask(page, occasion=Occasion.ROUTINE)

    lost.refresh_from_db()
    assert again != lost
    assert (lost.outcome, lost.reason) == (
        Outcome.FAILED,
        "The work on it was broken off each time.",
    )
    assert asked() == ["a"]


def test_a_verdict_has_the_sources_of_its_evidence_archived_but_not_what_was_today(settings):
    settings.ARCHIVING = True
    claim = ClaimFactory()
    fresh, older, without = source("fresh"), source("older"), SourceFactory(url="")
    for page in (fresh, older, without):
        EvidenceFactory(claim=claim, source=page)
    source("elsewhere")
    kept(fresh, ago=dt.timedelta(hours=23))
    kept(older, ago=dt.timedelta(hours=25))

    approved(claim=claim)

    assert asked() == ["older"]
    assert Capture.objects.waiting().get().occasion == Occasion.VERDICT


def test_nothing_is_archived_unasked_where_that_is_off(settings):
    settings.ARCHIVING = False
    approved(claim=EvidenceFactory(source=source()).claim)
    assert tasks.archive_stale.func() == 0
    assert asked() == []


def test_nightly_the_public_ones_that_were_not_for_long(settings):
    settings.ARCHIVING, settings.ARCHIVE_STALE_DAYS = True, 30
    by = editor()
    pages = {slug: source(slug) for slug in ("draft", "fresh", "never", "old", "tried", "failing")}
    for slug, page in pages.items():
        if slug != "draft":
            page.publish(by=by)
    kept(pages["fresh"], ago=dt.timedelta(days=29))
    kept(pages["old"], ago=dt.timedelta(days=31))
    kept(pages["tried"], ago=dt.timedelta(days=6), sha256="", outcome=Outcome.FAILED)
    kept(pages["failing"], ago=dt.timedelta(days=8), sha256="", outcome=Outcome.FAILED)

    assert tasks.archive_stale.func() == 3
    assert asked() == ["failing", "never", "old"]
    assert tasks.archive_stale.func() == 0  # they wait


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        ((), ["never", "old"]),
        (("--stale", "10"), ["never", "old", "recent"]),
        (("--all",), ["never", "old", "recent"]),
        (("recent",), ["recent"]),
        (("recent", "--dry-run"), []),
    ],
)
def test_the_command(arguments, chosen, capsys):
    kept(source("old"), ago=dt.timedelta(days=31))
    kept(source("recent"), ago=dt.timedelta(days=11))
    source("never")
    SourceFactory(slug="without", url="")

    call_command("archive", *arguments)

    assert asked() == chosen
    told = capsys.readouterr().out
    assert all(slug in told for slug in chosen)


def test_the_command_refuses_what_it_does_not_know():
    SourceFactory(slug="without", url="")
    with pytest.raises(CommandError, match="There is no source nowhere"):
        call_command("archive", "nowhere")
    with pytest.raises(CommandError, match="without: It has no address"):
        call_command("archive", "without")


def test_the_clock_asks_once_a_day(settings):
    assert settings.JOBS_DAILY["sources.tasks.archive_stale"] == "04:00"
    with time_machine.travel(dt.datetime(2026, 11, 26, 4, 1, tzinfo=dt.UTC), tick=False):
        enqueue_due()
    assert Job.objects.unfinished(tasks.archive_stale).count() == 1
