"""What the database itself refuses, asked of it in SQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from sources.models import Passage, Snapshot
from tests.factories import SnapshotFactory, passage, transcript

pytestmark = pytest.mark.django_db


def execute(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "column", [field.column for field in Snapshot._meta.concrete_fields if not field.primary_key]
)
def test_no_column_of_a_snapshot_changes(column):
    snapshot = SnapshotFactory()
    with pytest.raises(IntegrityError, match="a snapshot never changes"):
        execute(f"UPDATE sources_snapshot SET {column} = {column} WHERE id = %s", snapshot.pk)


def test_a_snapshot_is_not_deleted():
    snapshot = SnapshotFactory()
    with pytest.raises(IntegrityError, match="a snapshot never changes"):
        execute("DELETE FROM sources_snapshot WHERE id = %s", snapshot.pk)
    with pytest.raises(IntegrityError, match="a snapshot never changes"), transaction.atomic():
        snapshot.delete()


def test_all_snapshots_at_once_are_not_deleted_either():
    SnapshotFactory()
    sql = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE sources_snapshot CASCADE"
    if connection.vendor == "sqlite":
        sql = (
            "INSERT OR REPLACE INTO sources_snapshot "
            "SELECT id, edition, sha256, media_type, 'other', retrieved_at, source_id, text_sha256 "
            "FROM sources_snapshot"
        )
    with pytest.raises(IntegrityError, match="a snapshot never changes"):
        execute(sql)


def test_a_passage_reads_what_its_snapshot_reads():
    snapshot = transcript(text="MR. DOE: A flag 🇺🇦 and a claim that is long enough.\n")
    mark = Passage.objects.quote(snapshot, "🇺🇦 and a claim")
    assert snapshot.text[mark.start : mark.end] == mark.exact
    with pytest.raises(IntegrityError, match="exactly what its snapshot reads"):
        execute("UPDATE sources_passage SET exact = 'A lie' WHERE id = %s", mark.pk)
    with (
        pytest.raises(IntegrityError, match="exactly what its snapshot reads"),
        transaction.atomic(),
    ):
        Passage.objects.create(snapshot=snapshot, start=0, end=2, exact="no")


@pytest.mark.parametrize(
    "change",
    [
        '"end" = "end" + 1000',
        "start = start - 1",
        "prefix = 'no such words'",
        "suffix = 'no such words'",
        "turn_id = (SELECT id FROM sources_turn WHERE position = 2)",
    ],
)
def test_no_part_of_a_passage_strays_from_its_snapshot(change):
    mark = passage(transcript())
    with pytest.raises(IntegrityError, match="exactly what its snapshot reads"):
        execute(f"UPDATE sources_passage SET {change} WHERE id = %s", mark.pk)


def test_a_passage_may_be_marked_twice_and_is_one_row():
    snapshot = transcript()
    assert passage(snapshot) == passage(snapshot)
