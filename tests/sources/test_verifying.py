"""Whether the archive still has what is published: each thing that can be amiss, by itself."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from jobs.retries import Final
from sources import store
from sources.models import Capture, Passage, Snapshot, Source
from sources.tasks import verify_snapshots
from sources.verifying import Budget, State, check, check_everything
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
TEXT = "Nobody promised 😀 that. Nobody promised anything.\n"


def edition(slug="page", text=TEXT):
    source = SourceFactory(slug=slug)
    snapshot = Snapshot.objects.keep(source, f"<p>{text}".encode(), text=text, retrieved_at=AT)
    Passage.objects.mark(snapshot, start=7, end=17)
    file = f"the WARC file of {slug}".encode()
    capture = Capture.objects.create(
        source=source,
        snapshot=snapshot,
        url=source.url,
        occasion="desk",
        ended_at=AT,
        outcome="new",
        sha256=snapshot.sha256,
        warc_sha256=store.digest(file),
        warc_size=len(file),
    )
    store.put_file(capture.warc_path, file)
    return snapshot, capture


def past_triggers(row, **values):
    """Change a row as no program of ours can: by whoever has the database's file."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # those that wait forbid the next
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [table],
            )
            for name, _ in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    type(row).objects.filter(pk=row.pk).update(**values)


def lose_bytes(snapshot, capture):
    store.storage().delete(store.path(snapshot.sha256))


def damage_bytes(snapshot, capture):
    store.put_file(store.path(snapshot.sha256), b"<p>Somebody promised that.")


def lose_warc(snapshot, capture):
    store.storage().delete(capture.warc_path)


def damage_warc(snapshot, capture):
    store.put_file(capture.warc_path, b"another file")


def change_text(snapshot, capture):
    past_triggers(snapshot, text=TEXT.replace("Nobody", "Who ever"))


def change_words(snapshot, capture):
    past_triggers(snapshot.passages.get(), exact="suggested!")


def change_words_before(snapshot, capture):
    past_triggers(snapshot.passages.get(), prefix="Yes, ")


FAULTS = {
    lose_bytes: ("missing", "right", "right", []),
    damage_bytes: ("damaged", "right", "right", []),
    lose_warc: ("right", "right", "missing", []),
    damage_warc: ("right", "right", "damaged", []),
    change_text: ("right", "damaged", "right", ["7-17"]),
    change_words: ("right", "right", "right", ["7-17"]),
    change_words_before: ("right", "right", "right", ["7-17"]),
}


@pytest.mark.parametrize("harm", FAULTS, ids=lambda harm: harm.__name__)
def test_each_fault_is_told_by_rule_command_and_job(harm, capsys):
    snapshot, capture = edition()
    edition("other", "Another page, of somebody.\n")
    harm(snapshot, capture)
    data, text, warc, wrong = FAULTS[harm]

    found = check(
        Snapshot.objects.get(pk=snapshot.pk),
        passages=Passage.objects.filter(snapshot=snapshot),
        capture=capture,
        budget=Budget(),
    )

    assert (found.data, found.text, found.warc, found.wrong) == (data, text, warc, wrong)
    assert not found.is_right
    with pytest.raises(SystemExit) as ended:
        call_command("verify_snapshots", "--json")
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert told["checked"] == 4
    assert set(told["amiss"]) <= {"page, edition 1", "page, captured 2026-01-02 03:04"}
    assert told["amiss"]
    with pytest.raises(Final, match=r"of 4 amiss\. page, "):
        verify_snapshots.call()
    call_command("verify_snapshots", "other")
    assert capsys.readouterr().out == "2 editions and captures checked, 0 amiss.\n"


def test_all_right(capsys):
    edition()

    call_command("verify_snapshots")

    assert capsys.readouterr().out == "2 editions and captures checked, 0 amiss.\n"
    assert verify_snapshots.call() == 2
    assert settings.JOBS_DAILY["sources.tasks.verify_snapshots"] == "05:00"
    with pytest.raises(CommandError, match="There is no source nothing"):
        call_command("verify_snapshots", "page", "nothing")


def test_a_page_reads_no_more_than_it_may():
    snapshot, capture = edition()
    size = len(snapshot.content)

    found = check(snapshot, passages=[], capture=capture, budget=Budget(size))

    assert (found.data, found.warc) == (State.RIGHT, State.LEFT_OUT)
    assert found.is_right
    assert found.faults() == []


def test_checking_more_asks_no_more_for_each_source(django_assert_num_queries):
    for n in range(3):
        edition(f"page-{n}", f"Text number {n}, which nobody promised.\n")

    with django_assert_num_queries(1 + 3 * 4):
        assert len(list(check_everything(Source.objects.all()))) == 6
