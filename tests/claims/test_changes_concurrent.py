"""Writers whose transactions overlap, and readers beside them: nothing is missed, and nothing comes twice.

Real processes on a real database: a SQLite file, or the PostgreSQL that DATABASE_URL names.
"""

import json
import os
import subprocess
import sys

from tests.browser.conftest import ROOT, empty_database

WRITERS, TRANSACTIONS, READERS = 4, 60, 2

# Each writer is the only one to write of its claim, as who holds a claim's lock is; now and then it takes
# back what it wrote. A reader goes on from its cursor, as a client does, until all writers have ended.
PROGRAM = f"""
import json, os, random, sys, time
import django
django.setup()
from django.db import transaction
from claims.changes import cursor, number_changes, since
from sources.models import Change

class TakenBack(Exception):
    pass

def write(writer):
    chance, version, written = random.Random(writer), 0, []
    for _ in range({TRANSACTIONS}):
        back, mine = chance.random() < 0.2, []
        try:
            with transaction.atomic():
                for _ in range(chance.randint(1, 3)):
                    version += 1
                    mine.append(version)
                    Change.objects.note("claims", [f"w{{writer}}"], "corrected", version=version)
                    time.sleep(chance.uniform(0, 0.004))
                if back:
                    raise TakenBack
        except TakenBack:
            continue
        written += mine
    return written

def read(place, running):
    seen, last = [], False
    while True:
        last = not running()
        number_changes()
        rows = list(Change.objects.numbered().filter(position__gt=since(place))[:7])
        seen += [(row.position, row.key, row.version, row.at.timestamp()) for row in rows]
        place = cursor(rows[-1]) if rows else place
        if last and not rows:
            return seen

def fork(work, name):
    child = os.fork()
    if child == 0:
        try:
            with open(name, "w") as file:
                json.dump(work(), file)
        finally:
            os._exit(0)
    return child

def begin():
    return cursor(Change.objects.create(position=1, resource="claims", key="before", kind="updated"))

# This process never touches the database, so that its children share no connection.
folder = sys.argv[1]
os.waitpid(fork(begin, f"{{folder}}/place"), 0)
place = json.load(open(f"{{folder}}/place"))
running, done = os.pipe()

def writers_run():
    import select
    return not select.select([running], [], [], 0)[0]  # readable: the last writer has closed its end

writers = [fork(lambda w=w: (os.close(running), write(w))[1], f"{{folder}}/w{{w}}") for w in range({WRITERS})]
os.close(done)
readers = [fork(lambda: read(place, writers_run), f"{{folder}}/r{{r}}") for r in range({READERS})]
for child in writers + readers:
    os.waitpid(child, 0)
"""


def test_no_reader_misses_a_change_or_gets_it_twice_however_commits_overlap(tmp_path):
    with empty_database("changes", tmp_path) as database:
        environment = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME")} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "DEBUG": "on",
            "DATABASE_URL": database,
        }
        for command in (
            [sys.executable, "manage.py", "migrate", "claims", "--verbosity=0"],
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
        ):
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)

    written = {f"w{w}": json.loads((tmp_path / f"w{w}").read_text()) for w in range(WRITERS)}
    seen = [json.loads((tmp_path / f"r{r}").read_text()) for r in range(READERS)]
    assert seen[0] == seen[1]
    (positions, _, _, times) = zip(*seen[0], strict=True)
    assert list(positions) == list(range(2, 2 + sum(map(len, written.values()))))
    # Of each claim in the order in which it was changed, and nothing that was taken back.
    for key, versions in written.items():
        assert [version for _, name, version, _ in seen[0] if name == key] == versions
    if database.startswith("postgresql"):
        # Commits did overtake each other, else this would prove nothing. (SQLite has one writer at a time.)
        assert list(times) != sorted(times)
