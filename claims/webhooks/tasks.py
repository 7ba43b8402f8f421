"""Jobs of the background queue: to number what has changed, and to deliver one event to one webhook."""

from __future__ import annotations

from django_tasks import task
from django_tasks.base import TaskContext

from claims.models import Delivery
from jobs.naming import called
from jobs.retries import Final, retries

ATTEMPTS = 9  # after 10 s, 40 s, 3 min, 11 min, 43 min, 3 h, 11 h and 24 h: 39 hours in all


class NotDelivered(Exception):
    """Not this time."""


@task
@called("Number what has changed")
def number() -> int:
    """Give what has changed its place in the feed, upon which it is told."""
    from claims.changes import number_changes  # which imports this package

    return number_changes()


@task(takes_context=True)
@called("Deliver an event", page="admin:claims_delivery_change")
@retries(attempts=ATTEMPTS, first=10, factor=4, longest=86_400)
def deliver(context: TaskContext, delivery: int) -> str:
    """Send the event of the Delivery of that id, unless it has arrived or was given up.

    A job that gives up has failed, except where the webhook is off and so says by itself what is amiss."""
    row = Delivery.objects.select_related("webhook").filter(pk=delivery).first()
    if row is None or not row.is_pending:
        return "nothing to do"
    row.attempt(last=context.attempt >= ATTEMPTS)
    if row.is_pending:
        raise NotDelivered(row.error)
    if not row.has_arrived:
        if row.webhook.is_on:
            raise Final(row.error)
        return f"given up: {row.error}"
    return f"answered {row.status}"
