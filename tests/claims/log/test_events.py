"""What is logged, with which event, and what of it is public."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from claims.log import canonical, events
from claims.log.notes import SigningKey, VerifierKey, verify
from claims.log.verifying import findings
from claims.models import (
    LogCheckpoint,
    LogDocument,
    LogEntry,
    LogHead,
    LogKey,
    LogKeyRotation,
    LogNode,
    Verdict,
)  # fmt: skip
from tests import factories
from tests.claims.world import FIRST, SECOND, published_world

from .conftest import NEW

pytestmark = pytest.mark.django_db


def said(entry):
    return json.loads(entry.body)


def documents(entry):
    return {
        name: json.loads(LogDocument.objects.get(pk=digest).body)
        for name, digest in said(entry)["documents"].items()
    }


def test_a_publication_says_what_the_verdict_rests_on_and_nothing_that_is_a_draft():
    world = published_world()
    factories.EvidenceFactory(claim=world.claim, summary="A draft.")
    whole = factories.ClaimFactory(slug="a-draft", text="A draft.")
    type(world.part).objects.filter(pk=world.part.pk).update(part_of=whole)
    factories.approved(claim=world.part, headline="It did.")

    first, superseded, corrected = LogEntry.objects.filter(claim=world.claim)
    part = LogEntry.objects.get(claim=world.part)
    entry = said(superseded)
    assert entry | {"logged_at": ""} == {
        "log": 1,
        "number": superseded.number,
        "kind": "superseded",
        "at": "2022-02-20T09:00:00Z",
        "logged_at": "",
        "recorded": "at-once",
        "claim": "promise",
        "version": 1,
        "publication": first.number,
        "documents": entry["documents"],
        "sealed": entry["sealed"],
    }
    assert (first.at, corrected.at, corrected.kind) == (FIRST, SECOND, "corrected")
    verdict = world.verdict
    found = documents(corrected)
    assert found["verdict"] == {
        "claim": "promise", "version": 2, "claim_text": verdict.claim_text,
        "headline": verdict.headline, "rationale": verdict.rationale, "reason": verdict.reason,
        "note": verdict.note, "no_primary": "", "overrides": [], "published_at": "2022-02-20T09:00:00Z",
        "rating": verdict.rating.as_dict(),
    }  # fmt: skip
    assert found["claim"] == {
        "slug": "promise", "text": world.claim.text, "kind": "factual", "language": "en",
        "context": "In 1990.", "decides_whole": False, "part_of": None,
    }  # fmt: skip
    public = list(world.claim.evidence.published().order_by("pk"))
    assert [one["summary"] for one in found["evidence"]] == [one.summary for one in public]
    quoted = [one.passage.snapshot for one in public if one.passage]
    assert {one["sha256"] for one in found["snapshots"]} == {one.sha256 for one in quoted}
    assert documents(part)["claim"]["part_of"] is None
    # Nobody of the desk, and no draft, is in what the public reads.
    everything = "".join(LogEntry.objects.values_list("body", flat=True))
    everything += "".join(LogDocument.objects.values_list("body", flat=True))
    assert "draft" not in everything
    for user in get_user_model().objects.all():
        assert user.username not in everything
    assert list(findings()) == []


def test_drafts_that_are_merged_are_the_desk_s_alone():
    by = factories.editor()
    merge = factories.ClaimFactory().merge_into(factories.published(), by=by)
    merge.undo(by=by)
    assert not LogEntry.objects.exists()


def test_an_event_costs_few_queries_however_long_the_log(django_assert_num_queries):
    rows = [factories.VerdictFactory() for _ in range(2)]
    for _ in range(5):
        factories.approved()
    for row in rows:
        row.submit(by=row.author)
        with transaction.atomic():
            entry = LogEntry.begin()
            entry.claim_id = row.claim_id
            with django_assert_num_queries(7):
                entry.write(
                    "overridden", at=FIRST, documents={"override": {}}, claim=row.claim.slug
                )
    with django_assert_num_queries(2):
        events.rested_on(rows[0])


def test_what_is_rolled_back_leaves_nothing():
    verdict = factories.VerdictFactory()
    verdict.submit(by=verdict.author)
    with transaction.atomic():
        verdict.approve(by=factories.editor())
        assert LogEntry.objects.exists()
        transaction.set_rollback(True)
    for model in (LogEntry, LogDocument, LogNode, LogCheckpoint, LogKey):
        assert not model.objects.exists()
    assert LogHead.objects.get().size == 0


def test_the_database_keeps_the_log_as_it_is(logged):
    for model in (LogEntry, LogDocument, LogNode, LogCheckpoint, LogKey):
        table, key = model._meta.db_table, model._meta.pk.column
        refused = pytest.raises(IntegrityError, match="append-only")
        for sql in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
    with (
        pytest.raises(IntegrityError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE claims_loghead SET size = size - 1")
    entry = LogEntry.objects.last()
    with pytest.raises(IntegrityError, match="next number"), transaction.atomic():
        LogEntry.objects.create(number=99, kind="overridden", at=FIRST, body="{}")
    with pytest.raises(IntegrityError, match="that the verdict names"), transaction.atomic():
        LogEntry.objects.create(
            number=entry.number + 1,
            kind="corrected",
            at=FIRST,
            body="{}",
            verdict=logged.world.verdict,
        )
    draft = factories.VerdictFactory()
    with pytest.raises(IntegrityError, match="claims_verdict_logged"), transaction.atomic():
        Verdict.objects.filter(pk=draft.pk).update(
            published_at=SECOND, submitted_at=FIRST, submitted_by=draft.author, claim_text="x",
            reviewer=factories.editor(),
        )  # fmt: skip


def test_without_a_key_events_are_logged_and_signed_later(settings, caplog):
    key = settings.LOG_KEY
    settings.LOG_KEY = ""
    factories.approved()
    assert not LogCheckpoint.objects.exists()
    assert list(findings()) == []
    settings.LOG_KEY = key
    assert list(findings()) == ["entries 0 to 0 are not signed: manage.py sign_log signs them."]
    factories.approved()
    assert [row.size for row in LogCheckpoint.objects.all()] == [2]
    # Nor does another key sign in secret.
    settings.LOG_KEY = SigningKey.generate("testserver/log").exported()
    factories.approved()
    assert [row.size for row in LogCheckpoint.objects.all()] == [2]
    assert "is not the key of the log" in caplog.text


# --- Another key ---


def test_two_people_change_the_key(settings):
    factories.approved()
    one, two = factories.editor(), factories.editor()
    with pytest.raises(PermissionDenied):
        LogKeyRotation.propose(str(NEW.verifier), by=factories.researcher())
    with pytest.raises(ValidationError, match="has the name testserver/log"):
        LogKeyRotation.propose(str(SigningKey.generate("x/log").verifier), by=one)
    LogKeyRotation.propose(str(NEW.verifier), by=one)
    with pytest.raises(PermissionDenied, match="another person"):
        LogKeyRotation.confirm(NEW, by=one)
    with pytest.raises(ValidationError, match="Nobody has proposed"):
        LogKeyRotation.confirm(SigningKey.generate("testserver/log"), by=two)
    present, settings.LOG_KEY = settings.LOG_KEY, ""
    with pytest.raises(ValidationError, match="present key must sign too"):
        LogKeyRotation.confirm(NEW, by=two)
    settings.LOG_KEY = present
    assert LogEntry.objects.count() == 1

    key = LogKeyRotation.confirm(NEW, by=two)

    assert (key.number, key.since, key.entry_id) == (2, 2, 1)
    note = LogCheckpoint.objects.get(size=2).note
    for verifier in LogKey.objects.values_list("verifier", flat=True):
        verify(note, [VerifierKey.parse(verifier)])
    with pytest.raises(ValidationError, match="Nobody has proposed"):
        LogKeyRotation.confirm(NEW, by=two)
    with pytest.raises(ValidationError, match="has signed the log already"):
        LogKeyRotation.propose(str(SigningKey.parse(present).verifier), by=one)
    settings.LOG_KEY = NEW.exported()
    factories.approved()
    verify(LogCheckpoint.objects.get(size=3).note, [NEW.verifier])
    assert list(findings()) == []


def test_the_commands_take_two_people_too(settings, tmp_path, capsys):
    from django.core.management import CommandError, call_command

    factories.approved()
    one, two = factories.editor(), factories.editor()
    call_command("make_log_key")
    file = tmp_path / "key"
    file.write_text(capsys.readouterr().out)
    call_command("rotate_log_key", "propose", by=one.username, key=file)
    with pytest.raises(CommandError, match="another person"):
        call_command("rotate_log_key", "confirm", by=one.username, key=file)
    with pytest.raises(CommandError, match="There is no user"):
        call_command("rotate_log_key", "confirm", by="nobody", key=file)
    call_command("rotate_log_key", "confirm", by=two.username, key=file)
    assert LogKey.objects.count() == 2
    call_command("rotate_log_key", "withdraw", by=two.username)
    settings.LOG_KEY = file.read_text().strip()
    call_command("sign_log")
    assert "Nothing to sign: 2 entries" in capsys.readouterr().out


# --- Beginnings ---


def test_what_an_override_says_is_a_document(logged):
    entry = LogEntry.objects.get(kind="overridden")
    (told,) = Verdict.objects.get(claim__slug="let-through").overrides
    assert documents(entry) == {"override": told}
    assert (said(entry)["claim"], said(entry)["version"]) == ("let-through", 1)


def test_every_entry_is_canonical_and_short(logged):
    for entry in LogEntry.objects.all():
        assert canonical.canonical(said(entry)).decode() == entry.body
        assert len(entry.body) < 1_000
