from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from claims.models import Webhook


def moment(value: str) -> dt.datetime:
    """A date, or a date and a time, in UTC unless it says otherwise. Raises CommandError."""
    try:
        if day := parse_date(value):
            return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        if time := parse_datetime(value):
            return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except ValueError:
        pass  # of that form, and no such day
    raise CommandError(f"--since {value!r} is no time: write 2022-01-07 or 2022-01-07T15:00.")


class Command(BaseCommand):
    help = (
        "Send a webhook once more what it wants of the change feed, from a position or a time on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("webhook", type=int, help="Its number, in the address of its page.")
        since = parser.add_mutually_exclusive_group(required=True)
        since.add_argument("--position", type=int, help="This position in the feed and all after.")
        since.add_argument("--since", help="A date, or a date and a time, in UTC.")
        parser.add_argument("--by", help="The name of who does it; the site itself if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        webhook = Webhook.objects.filter(pk=options["webhook"]).first()
        if webhook is None:
            raise CommandError(f"There is no webhook {options['webhook']}.")
        at = moment(options["since"]) if options["since"] else None
        try:
            number = webhook.replay(by=person(options["by"]), position=options["position"], at=at)
        except (ValidationError, PermissionDenied) as refusal:
            raise CommandError(" ".join(getattr(refusal, "messages", [str(refusal)]))) from refusal
        self.stdout.write(f"{number} event{'s' * (number != 1)} will be sent to “{webhook}”.")


def person(name: str | None) -> Any:
    """Who has the name; without one whoever runs commands, who may do everything."""
    people = get_user_model()
    if name is None:
        return people(username="", is_superuser=True)
    found = people.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is nobody named {name!r}.")
    return found
