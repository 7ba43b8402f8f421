"""A log with one entry of each kind, and what sets the database's triggers aside."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from claims.log.notes import SigningKey
from claims.models import LogKeyRotation
from tests import factories
from tests.claims.world import published_world

NEW = SigningKey("testserver/log", bytes(range(32)))


@contextmanager
def without_triggers():
    """Whoever has the server: neither triggers nor foreign keys refuse what is done within."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            for _, sql in triggers:
                cursor.execute(sql)


def tamper(row, **values):
    """Change a row past its model and the triggers."""
    with without_triggers():
        type(row)._base_manager.filter(pk=row.pk).update(**values)


@pytest.fixture
def logged(db, settings):
    """Two versions of a verdict, one withdrawn, a merge that was undone and one that stands, an override,
    and another key."""
    world = published_world()
    other = factories.approved(claim=factories.ClaimFactory(slug="other"), headline="Not so.")
    factories.withdrawn(other, why="The source was forged.")
    by = factories.editor()
    twins = [factories.published(factories.ClaimFactory(slug=f"twin-{n}")) for n in range(2)]
    merges = [twin.merge_into(world.claim, by=by) for twin in twins]
    merges[0].undo(by=by)
    let = factories.VerdictFactory(claim=factories.ClaimFactory(slug="let-through"))
    let.submit(by=let.author)
    let.override("contrary-search", by=by, why="There is one archive.")
    let.approve(by=factories.editor())
    LogKeyRotation.propose(str(NEW.verifier), by=by)
    LogKeyRotation.confirm(NEW, by=factories.editor())
    settings.LOG_KEY = NEW.exported()
    factories.approved(claim=factories.ClaimFactory(slug="after"))
    return SimpleNamespace(world=world, other=other, merges=merges)
