"""A published verdict stays as it is: asked of the database in SQL."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from claims.models import Verdict, Withdrawal
from tests.factories import (
    RatingFactory,
    VerdictFactory,
    WithdrawalFactory,
    approved,
    editor,
    withdrawn,
)

pytestmark = pytest.mark.django_db

ENDING = {"ended_at", "ended_by_id", "ending", "ending_reason", "ending_entry_id"}


def execute(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def another_value(field, verdict):
    """A value of the column's type that the row does not hold."""
    return {
        "DateTimeField": timezone.now(),
        "PositiveIntegerField": 99,
        "BigAutoField": 99_999,
        "ForeignKey": None,
        "OneToOneField": None,
    }.get(field.get_internal_type(), "other")


@pytest.mark.parametrize(
    "field",
    [field for field in Verdict._meta.concrete_fields if field.column not in ENDING],
    ids=lambda field: field.column,
)
def test_no_content_column_of_a_published_verdict_changes(field):
    verdict = approved()
    with pytest.raises(IntegrityError, match="a published verdict never changes"):
        execute(
            f"UPDATE claims_verdict SET {field.column} = %s WHERE id = %s",
            another_value(field, verdict),
            verdict.pk,
        )


def test_a_published_verdict_is_not_deleted():
    verdict = approved()
    with pytest.raises(IntegrityError, match="a published verdict is never deleted"):
        execute("DELETE FROM claims_verdict WHERE id = %s", verdict.pk)
    # Its entry in the log holds it too.
    with pytest.raises(IntegrityError, match=r"LogEntry\.verdict"), transaction.atomic():
        Verdict.objects.filter(pk=verdict.pk).delete()


def test_its_end_is_recorded_once_and_never_again():
    verdict = approved()
    withdrawn(verdict, why="The source was forged.")
    for column in ENDING:
        with pytest.raises(IntegrityError, match="a published verdict never changes"):
            execute(f"UPDATE claims_verdict SET {column} = {column} WHERE id = %s", verdict.pk)


def test_a_proposed_withdrawal_changes_once_and_what_was_decided_never_does():
    row = WithdrawalFactory()
    stays = "what was proposed about a withdrawal never changes"
    for field in Withdrawal._meta.concrete_fields:
        if field.column not in ("outcome", "decided_at", "decided_by_id", "declined_because"):
            with pytest.raises(IntegrityError, match=stays):
                execute(
                    f"UPDATE claims_withdrawal SET {field.column} = %s WHERE id = %s",
                    another_value(field, row),
                    row.pk,
                )
    row.decline(by=editor(), why="It is genuine.")
    sweeps = ["DELETE FROM claims_withdrawal"]
    sweeps += [f"UPDATE claims_withdrawal SET {f.column} = {f.column}" for f in row._meta.fields]
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in row._meta.concrete_fields)
        again = f"INSERT OR REPLACE INTO claims_withdrawal ({columns}) SELECT {columns} FROM"
        sweeps.append(f"{again} claims_withdrawal")
    else:
        sweeps.append("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE claims_withdrawal")
    for sql in sweeps:
        with pytest.raises(IntegrityError, match=stays):
            execute(sql)
    assert Withdrawal.objects.get().outcome == "declined"


def test_an_end_is_recorded_whole_or_not_at_all():
    verdict = approved()
    with pytest.raises(IntegrityError):
        execute("UPDATE claims_verdict SET ending = 'withdrawn' WHERE id = %s", verdict.pk)


def test_a_draft_may_change_and_go():
    verdict = VerdictFactory()
    execute("UPDATE claims_verdict SET headline = 'Better' WHERE id = %s", verdict.pk)
    execute("DELETE FROM claims_verdict WHERE id = %s", verdict.pk)
    assert not Verdict.objects.exists()


def test_no_published_verdict_is_swept_away():
    verdict = approved()
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in Verdict._meta.concrete_fields)
        sql = f"INSERT OR REPLACE INTO claims_verdict ({columns}) SELECT {columns} FROM claims_verdict"
    else:
        sql = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE claims_verdict CASCADE"
    with pytest.raises(IntegrityError, match=r"a published verdict|at most one verdict in force"):
        execute(sql)
    verdict.refresh_from_db()
    assert verdict.state == "published"


def test_no_published_verdict_is_pushed_aside_by_another():
    verdict = approved()
    draft = VerdictFactory(claim=verdict.claim, reason="error", note="Corrected.")
    # REPLACE is SQLite's way to delete what a unique constraint protects.
    update = "UPDATE OR REPLACE" if connection.vendor == "sqlite" else "UPDATE"
    with pytest.raises(IntegrityError):
        execute(
            f"{update} claims_verdict SET submitted_at = %s, submitted_by_id = %s, claim_text = 'x', "
            "published_at = %s, reviewer_id = %s, publication_entry_id = 99 WHERE id = %s",
            timezone.now(), draft.author_id, timezone.now(), editor().pk, draft.pk,
        )  # fmt: skip
    with pytest.raises(IntegrityError):
        execute(f"{update} claims_verdict SET version = 1 WHERE id = %s", draft.pk)
    assert Verdict.objects.filter(pk=verdict.pk).exists()


def test_a_claim_has_one_verdict_in_force():
    verdict = approved()
    twin = Verdict(
        claim=verdict.claim, version=2, rating=RatingFactory(), claim_text="x", headline="x",
        rationale="x", reason="error", note="x", author=verdict.author, submitted_at=timezone.now(),
        submitted_by=verdict.author, published_at=timezone.now(), reviewer=editor(),
        publication_entry_id=99,
    )  # fmt: skip
    with (
        pytest.raises(IntegrityError, match=r"one.verdict.in.force|one_in_force"),
        transaction.atomic(),
    ):
        twin.save()
