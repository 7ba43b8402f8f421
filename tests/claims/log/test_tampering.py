"""Whatever single thing is changed behind the log's back, verify_log names it."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from claims.log.verifying import findings
from claims.models import (
    Claim,
    LogCheckpoint,
    LogDocument,
    LogEntry,
    LogHead,
    LogKey,
    LogKeyRotation,
    LogNode,
    Merge,
    Rating,
    Verdict,
)  # fmt: skip

from .conftest import tamper, without_triggers

pytestmark = pytest.mark.django_db

KINDS = "published corrected superseded withdrawn merged unmerged overridden key-rotated".split()


def another(row, field):
    """A value of the field's type that the row does not have."""
    value = field.value_from_object(row)
    if isinstance(field, models.DateTimeField):
        return (value or dt.datetime(2021, 1, 1, tzinfo=dt.UTC)) + dt.timedelta(seconds=1)
    if isinstance(field, models.BinaryField):
        return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.exclude(pk=value)
        if field.unique:
            others = others.exclude(
                pk__in=type(row)._base_manager.exclude(**{field.name: None}).values(field.attname)
            )
        return others.order_by("-pk").first()
    if isinstance(field, models.JSONField):
        return {"topics": [1]}
    if isinstance(field, models.IntegerField):
        return value + 1_000
    if field.name == "kind":
        return "overridden" if value != "overridden" else "published"
    if field.choices:
        return next(key for key, _ in field.flatchoices if key not in (value, "first"))
    if field.name in ("body", "sealed"):
        return value[:-2] + " " + value[-2:] if value else "{}"
    if not value or " " in value or value != value.lower():
        return f"{value}."
    return "0" * len(value)


def test_a_log_that_nobody_touched_verifies(logged, django_assert_num_queries):
    assert list(findings()) == []
    out = StringIO()
    call_command("verify_log", stdout=out)
    assert "13 entries, the newest checkpoint is of 13" in out.getvalue()
    assert {*LogEntry.objects.values_list("kind", flat=True)} == {*KINDS}


# What no entry speaks of.
UNSAID = {LogNode: {"id"}, Merge: {"id", "into"}, LogKeyRotation: {"id"}}


def rows():
    """One row of each kind of thing."""
    yield from (LogEntry.objects.filter(kind=kind).first() for kind in KINDS)
    yield from LogDocument.objects.order_by("pk")[:3]
    yield from (
        LogNode.objects.get(level=level, index=index) for level, index in ((0, 1), (0, 3), (2, 0))
    )
    yield from LogCheckpoint.objects.filter(size__in=(1, 4, 12, 13))
    yield from LogKey.objects.all()
    yield LogHead.objects.get()
    yield from LogKeyRotation.objects.all()
    yield from Verdict.objects.order_by("pk")
    yield from Merge.objects.order_by("pk")


def test_each_column_of_each_row_that_is_changed_is_named(logged):
    unseen = []
    for row in list(rows()):
        for field in row._meta.concrete_fields:
            if field.name in UNSAID.get(type(row), ()):
                continue
            value = another(row, field)
            if isinstance(field, models.ForeignKey) and value is None:
                continue
            told = found_after(row, field, value)
            if told is not None and not any(names(row, field, one) for one in told):
                unseen.append((row._meta.model_name, row.pk, field.name, told))
    assert unseen == []


def found_after(row, field, value):
    """What is found once the field has the value; None where a constraint refuses that. It is then as
    before."""
    try:
        with transaction.atomic():
            tamper(row, **{field.attname: value.pk if isinstance(value, models.Model) else value})
            told = list(findings())
            transaction.set_rollback(True)
            return told
    except IntegrityError:
        return None


def names(row, field, finding):
    """Whether a finding speaks of the row; which has another name once its number is another."""
    if field.primary_key:
        return True
    what = {
        LogEntry: f"entry {row.pk}", LogDocument: row.pk, LogCheckpoint: f"checkpoint {row.pk}",
        LogNode: f"node {getattr(row, 'level', 0)}/{getattr(row, 'index', 0)}", LogHead: "head",
        LogKey: f"key {row.pk}", LogKeyRotation: f"change of key {row.pk}",
        Verdict: f"verdict {row.pk}", Merge: f"merge {row.pk}",
    }[type(row)]  # fmt: skip
    return what in finding


@pytest.mark.parametrize("what", [LogEntry, LogNode, LogDocument, LogCheckpoint, LogKey, Verdict])
def test_a_row_that_is_gone_is_named(logged, what):
    row = what.objects.order_by("pk").last()
    with transaction.atomic():
        with without_triggers():
            what.objects.filter(pk=row.pk)._raw_delete("default")
        told = list(findings())
        transaction.set_rollback(True)
    assert told


def test_what_verdicts_rest_on_is_held_against_the_log_too(logged):
    tamper(Rating.objects.filter(verdicts__isnull=False).first(), label="Otherwise")
    tamper(Claim.objects.get(slug="other"), slug="renamed")
    told = "\n".join(findings())
    assert "(rating)" in told
    assert "'other', and its row 'renamed' (claim)" in told
    with pytest.raises(SystemExit):
        call_command("verify_log", stdout=StringIO(), stderr=StringIO())
