from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.log.notes import KeyFormatError, SigningKey


class Command(BaseCommand):
    help = (
        "Print a new key for the log (docs/log.md), to be kept where nobody else reads it and given as "
        "LOG_KEY. Nothing is stored: redirect it into a file that is yours alone (umask 077)."
    )
    # Settings that stand alone are enough: it is called before anything else is there.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--name",
            help="The name of the log: a URL without its scheme. Left out: the host of SITE_URL, and /log.",
        )

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        try:
            key = SigningKey.generate(name or f"{urlsplit(settings.SITE_URL).netloc}/log")
        except KeyFormatError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(key.exported())
        self.stderr.write(f"Its public half, for whoever verifies: {key.verifier}")
