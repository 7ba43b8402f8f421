"""Jobs for test_kill.py: chains in which each job enqueues the next, so that a lost one breaks its chain.

The effect of a job, its entry in `link` (once, by a unique key), the sum in `total` and the next job, is one
transaction. `again` counts the attempts that found it done: those that had been killed after their effect.
"""

import time

from django.db import connection, transaction
from django_tasks import task

from jobs.models import Job
from jobs.retries import retries

LENGTH = 5

TABLES = (
    "CREATE TABLE link (chain integer, number integer, UNIQUE (chain, number))",
    "CREATE TABLE total (amount integer)",
    "CREATE TABLE again (chain integer, number integer)",
    "INSERT INTO total VALUES (0)",
)


@task
@retries(attempts=100, first=0.01, longest=0.02)
def link(chain: int, number: int, length: int) -> int:
    time.sleep(0.001)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO link VALUES (%s, %s) ON CONFLICT DO NOTHING", [chain, number])
        if cursor.rowcount:
            cursor.execute("UPDATE total SET amount = amount + 1")
            if number < length:
                link.enqueue(chain, number + 1, length)
        else:
            cursor.execute("INSERT INTO again VALUES (%s, %s)", [chain, number])
    time.sleep(0.001)
    return number


def prepare() -> None:
    """Nothing: these jobs are quick to be tried again by themselves."""


def begin(first: int, end: int) -> None:
    """Enqueue the first link of each of these chains."""
    Job.objects.enqueue_many(link, [(chain, 1, LENGTH) for chain in range(first, end)])
