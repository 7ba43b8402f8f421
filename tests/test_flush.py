"""Tests that commit leave the database as they found it, and with its triggers in force."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction

from sources.models import Snapshot
from tests.factories import SnapshotFactory


# Twice, because the first leaves behind what the second would stumble over.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_tables_are_emptied_past_the_triggers_which_then_hold_again(time):
    assert Group.objects.exists(), "the rows that migrations made are there"
    SnapshotFactory()

    call_command("flush", interactive=False, verbosity=0)

    assert not Snapshot.objects.exists()
    snapshot = SnapshotFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).delete()
    assert Snapshot.objects.filter(pk=snapshot.pk).exists()
