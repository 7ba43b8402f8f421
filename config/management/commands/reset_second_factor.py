from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import second_factor


class Command(BaseCommand):
    help = (
        "Take the second factor off an account whose owner has lost the authenticator and the "
        "recovery codes. Make sure of who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["username"]
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user “{name}”.")
        if second_factor.remove(user, reason="from the command line"):
            self.stdout.write(f"The password alone signs “{name}” in now.")
        else:
            self.stdout.write(f"“{name}” has no second factor.")
