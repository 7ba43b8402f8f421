"""Each chain of sources has an end, its origin: whoever writes, and however many at once."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from sources.models import Source
from tests.browser.conftest import ROOT, empty_database
from tests.factories import SourceFactory

CIRCLE = "a source is not derived from what is itself derived from it"


def chain(n):
    """Sources of which each is derived from the one before; the first is the origin of all."""
    sources = [SourceFactory()]
    for _ in range(n - 1):
        sources.append(SourceFactory(derived_from=sources[-1], derivation="report"))
    return sources


def execute(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.django_db
@pytest.mark.parametrize("length", [2, 3, 7])
def test_no_way_of_writing_closes_a_circle(length):
    origin, *_, last = chain(length)
    origin.derived_from, origin.derivation = last, "report"
    circle = {"derived_from": last, "derivation": "report"}
    rows = Source.objects.filter(pk=origin.pk)
    ways = {
        "save": origin.save,
        "update": lambda: rows.update(**circle),
        "update in bulk": lambda: Source.objects.bulk_update([origin], ["derived_from", "derivation"]),
        "SQL": lambda: execute(
            "UPDATE sources_source SET derived_from_id = %s, derivation = 'report' WHERE id = %s",
            last.pk, origin.pk,
        ),
    }  # fmt: skip
    for way in ways.values():
        with pytest.raises(IntegrityError, match=CIRCLE), transaction.atomic():
            way()

    with pytest.raises(ValidationError, match="itself derived from this one"):
        origin.full_clean()
    assert not rows.get().derived_from


@pytest.mark.django_db
def test_what_is_made_in_bulk_closes_no_circle_either():
    # A child before its parent, as a transaction may have it.
    first = SourceFactory.build(pk=9001, derived_from_id=9002, derivation="report")
    second = SourceFactory.build(pk=9002, derived_from_id=9001, derivation="report")

    with pytest.raises(IntegrityError, match=CIRCLE), transaction.atomic():
        Source.objects.bulk_create([first, second])
    assert not Source.objects.exists()

    second.derived_from_id, second.derivation = None, ""
    Source.objects.bulk_create([first, second])
    assert Source.objects.get(pk=9001).derived_from.pk == 9002


@pytest.mark.django_db
def test_a_chain_that_has_an_end_is_written_as_ever():
    origin, second, third = chain(3)
    third.derived_from = origin
    third.save()
    second.derived_from, second.derivation = third, "excerpt"
    second.save()

    assert [source.pk for source in second.chain()] == [second.pk, third.pk, origin.pk]


# Pairs of transactions that close a circle if both succeed: each waits until the other has begun, and none
# sees what the other has written.
PROGRAM = """
import json, os, sys, time
import django
django.setup()
from django.db import DatabaseError, connection, transaction
from django.core.exceptions import ValidationError
from sources.models import Source, seen

WAYS = {
    "save": lambda row: row.save(),
    "update": lambda row: Source.objects.filter(pk=row.pk).update(
        derived_from=row.derived_from, derivation="report"
    ),
    "form": lambda row: (seen.lock(row), row.full_clean(), row.save()),
}

def half(slug, other, way, mine, theirs):
    row, parent = Source.objects.get(slug=slug), Source.objects.get(slug=other)
    os.write(mine, b"x")
    os.read(theirs, 1)
    row.derived_from, row.derivation = parent, "report"
    try:
        with transaction.atomic():
            WAYS[way](row)
            time.sleep(0.2)
    except (DatabaseError, ValidationError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"

def fork(work, name):
    child = os.fork()
    if child == 0:
        try:
            with open(name, "w") as file:
                json.dump(work(), file)
        finally:
            os._exit(0)
    return child

folder = sys.argv[1]
for n, way in enumerate([*WAYS] * 4):
    a, b = f"a-{n}", f"b-{n}"
    def make():
        for slug in (a, b):
            Source.objects.create(slug=slug, title=slug, kind="report")
    os.waitpid(fork(make, f"{folder}/made"), 0)
    (read_a, write_a), (read_b, write_b) = os.pipe(), os.pipe()
    children = [
        fork(lambda: half(a, b, way, write_a, read_b), f"{folder}/{n}-{way}-a"),
        fork(lambda: half(b, a, way, write_b, read_a), f"{folder}/{n}-{way}-b"),
    ]
    for child in children:
        os.waitpid(child, 0)

def circles():
    return [row.slug for row in Source.objects.all()
            if row.derived_from and row.derived_from.derived_from_id == row.pk]
os.waitpid(fork(circles, f"{folder}/circles"), 0)
"""


def test_two_at_once_do_not_close_a_circle_either(tmp_path):
    told = tmp_path / "told"
    told.mkdir()
    with empty_database("chains", tmp_path) as database:
        environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "DEBUG": "on",
            "DATABASE_URL": database,
            "ARCHIVE_ROOT": str(tmp_path / "archive"),
        }
        for command in (
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            [sys.executable, "-c", PROGRAM, str(told)],
        ):
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)

    assert json.loads((told / "circles").read_text()) == []
    pairs: dict[str, list[str]] = {}
    for file in sorted(told.glob("*-*-*")):
        pairs.setdefault(file.name.rpartition("-")[0], []).append(json.loads(file.read_text()))
    assert len(pairs) == 12
    for pair in pairs.values():
        # One of the two is written, and the other told why it is not: nobody waits for ever.
        assert sorted(pair)[1] == "done", pair
        assert CIRCLE in sorted(pair)[0] or "itself derived from this one" in sorted(pair)[0], pair
