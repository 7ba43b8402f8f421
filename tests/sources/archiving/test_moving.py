"""Migration 0004 moves the bytes of editions from the database into the archive, and back."""

from __future__ import annotations

import hashlib
import subprocess
import sys

from tests.browser.conftest import ROOT, empty_database
from tests.jobs.killing import environment_of

MOVE = """
import hashlib, sys
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from sources import store

def to(name):
    MigrationExecutor(connection).migrate([("sources", name)])
    loader = MigrationExecutor(connection).loader
    return loader.project_state([("sources", name)]).apps.get_model("sources", "Snapshot")

DATA, TEXT = "MR. Х: No.".encode(), "MR. Х: No."
SHA256 = hashlib.sha256(DATA).hexdigest()
Snapshot = to("0003_changes")
source = Snapshot._meta.get_field("source").related_model.objects.create(slug="a", title="A", kind="report")
Snapshot.objects.create(source_id=source.pk, edition=1, sha256=SHA256, content=DATA, text=TEXT)

Snapshot = to("0005_sources_that_stay")
assert Snapshot.objects.get().text_sha256 == SHA256
assert store.read(SHA256) == DATA

Snapshot = to("0003_changes")
assert bytes(Snapshot.objects.get().content) == DATA

Snapshot.objects.create(source_id=source.pk, edition=2, sha256="ab" * 32, content=DATA, text=TEXT)
try:
    to("0005_sources_that_stay")
except ValueError as error:
    print(error)
assert Snapshot.objects.count() == 2
"""


def test_bytes_move_into_the_archive_and_back_and_none_that_are_not_what_they_should_be(tmp_path):
    with empty_database("moving", tmp_path) as database:
        environment = environment_of(database, ARCHIVE_ROOT=str(tmp_path / "archive"))
        done = subprocess.run(
            [sys.executable, "-c", MOVE], cwd=ROOT, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sha256 = hashlib.sha256("MR. Х: No.".encode()).hexdigest()
    assert f"have the SHA-256 {sha256}, and not {'ab' * 32}" in done.stdout
