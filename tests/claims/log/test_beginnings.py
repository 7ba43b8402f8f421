"""What was there before it was logged: at the beginning of the log, and after an import."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from claims.bulk.exporting import export
from claims.bulk.importing import import_data
from claims.log.verifying import findings
from claims.models import LogCheckpoint, LogDocument, LogEntry, Verdict

pytestmark = pytest.mark.django_db(transaction=True)


def told(entry):
    body = json.loads(entry.body)
    return body["kind"], body.get("claim"), body.get("version"), body["recorded"]


def test_the_migration_logs_what_is_there_in_the_order_of_its_times(logged):
    kinds = {*LogEntry.objects.values_list("kind", flat=True)}
    call_command("migrate", "claims", "0013_indexed_text", verbosity=0)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE claims_verdict SET headline = 'x'")
    call_command("migrate", verbosity=0)

    entries = list(LogEntry.objects.all())
    assert {entry.kind for entry in entries} == kinds - {"overridden", "key-rotated"}
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert told(entries[0]) == ("published", "promise", 1, "afterwards")
    assert list(findings()) == [
        f"entries 0 to {len(entries) - 1} are not signed: manage.py sign_log signs them."
    ]
    call_command("sign_log", stdout=StringIO())
    assert list(findings()) == []
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Verdict.objects.filter(ended_at=None, published_at__isnull=False).update(headline="x")


def test_an_import_is_logged_as_one(logged, tmp_path):
    folder = export(tmp_path).path
    before = [told(entry)[:3] for entry in LogEntry.objects.all()]
    call_command("flush", interactive=False, verbosity=0)
    import_data(folder)

    first, *entries = LogEntry.objects.all()
    assert told(first) == ("imported", None, None, "imported")
    rows = json.loads(LogDocument.objects.get(entry=first).body)["rows"]
    assert rows["verdicts"] == Verdict.objects.count()
    assert sorted(told(entry) for entry in entries) == sorted(
        (*one, "imported")
        for one in before
        if one[0] in ("published", "corrected", "superseded", "withdrawn")
    )
    assert LogCheckpoint.objects.values_list("size", flat=True)[0] == len(entries) + 1
    assert list(findings()) == []
