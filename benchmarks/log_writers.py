"""The log under many writers that are killed at random: python benchmarks/log_writers.py [--entries 10000]

On the database that DATABASE_URL names, which is to be empty (migrate it first). Each writer is a process
that publishes, corrects and withdraws verdicts on claims of its own; now and then one is killed in the middle
of it (SIGKILL), and another takes its place. Then the log is computed anew and held against the verdicts, as
`manage.py verify_log` does: exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402

from claims import gates  # noqa: E402
from claims.log.notes import SigningKey  # noqa: E402
from claims.log.verifying import findings  # noqa: E402
from claims.models import LogCheckpoint, LogEntry, Rating, Verdict  # noqa: E402

# A pool's threads do not come along into a process that is forked.
connection.settings_dict["OPTIONS"].pop("pool", None)

if not settings.LOG_KEY:
    settings.LOG_KEY = SigningKey("benchmark/log", bytes(32)).exported()


def work(number: int, round_: int) -> None:
    """Take verdicts through their lives, for ever."""
    from tests import factories

    gates.lacking = lambda verdict: []  # what these verdicts rest on is not measured
    chance = random.Random(f"{number} {round_}")
    name = f"{number}-{round_}"
    author = factories.researcher(username=f"author-{name}")
    editor, second = (factories.editor(username=f"{who}-{name}") for who in ("editor", "second"))
    rating = Rating.objects.get()
    n = 0
    while True:
        n += 1
        claim = factories.ClaimFactory(slug=f"claim-{name}-{n}")
        factories.EvidenceFactory(claim=claim, source__slug=f"source-{name}-{n}")
        for version in range(chance.randint(1, 3)):
            later = {"reason": "error", "note": "Corrected."} if version else {}
            verdict = factories.VerdictFactory(claim=claim, author=author, rating=rating, **later)
            verdict.submit(by=author)
            verdict.approve(by=editor)
        if chance.random() < 0.5:
            verdict.propose_withdrawal(by=second, why="The source was forged.").confirm(by=editor)


def start(number: int, round_: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            connections.close_all()
            work(number, round_)
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def main() -> None:
    about, _, more = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    from tests import factories

    factories.RatingFactory()  # or the writers would make it at once
    connections.close_all()  # what is forked shares none
    began = time.monotonic()
    writers = {number: start(number, 0) for number in range(told.writers)}
    kills, ended = 0, 0
    try:
        while True:
            time.sleep(0.05)
            for number, child in writers.items():
                if os.waitpid(child, os.WNOHANG)[0]:  # by an error of its own, which it has told
                    ended += 1
                    writers[number] = start(number, kills + ended)
            n = LogEntry.objects.count()
            connections.close_all()
            if n >= told.entries and kills >= told.kills:
                break
            # Spread over the whole run.
            if kills < told.kills and n >= told.entries * kills / told.kills:
                number = chance.choice(sorted(writers))
                os.kill(writers[number], signal.SIGKILL)
                os.waitpid(writers[number], 0)
                kills += 1
                writers[number] = start(number, kills + ended)
    finally:
        for child in writers.values():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    took = time.monotonic() - began
    time.sleep(1)  # the server ends what the killed had begun
    n, verdicts = LogEntry.objects.count(), Verdict.objects.filter(published_at__isnull=False)
    print(
        f"{connection.vendor}: {n:,} entries of {verdicts.count():,} published versions by {told.writers} "
        f"writers, of which {kills + told.writers} were killed and {ended} failed, in {took:.0f} s "
        f"({n / took:.0f} a second)."
    )
    began = time.monotonic()
    wrong = list(findings())
    for finding in wrong:
        print(f"WRONG  {finding}")
    newest = LogCheckpoint.objects.first()
    print(
        f"{len(wrong)} wrong; the newest checkpoint is of {newest and newest.size} entries; verified in "
        f"{time.monotonic() - began:.0f} s."
    )
    ends = verdicts.filter(ended_at__isnull=False).count()
    sys.exit(1 if wrong or n != verdicts.count() + ends else 0)


if __name__ == "__main__":
    main()
