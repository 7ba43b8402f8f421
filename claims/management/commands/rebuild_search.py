"""Makes the full-text index anew, or says whether it is right. docs/search.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from claims.search.full_text.installing import differences, rebuild

NAMED = 20


class Command(BaseCommand):
    help = (
        "Makes the full-text index anew, from the rows that it is of. It is kept right as they are "
        "written, so this is for whoever doubts it: after a repair of the database by hand, say."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing: say which rows are wrong, and end with 1 if any is",
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check:
            self.stdout.write(f"{rebuild(connection):,} rows in the index.")
            return
        wrong = differences(connection)
        for kind, key in wrong[:NAMED]:
            self.stderr.write(f"{kind} {key}")
        if wrong:
            raise CommandError(
                f"{len(wrong):,} rows of the index are wrong. manage.py rebuild_search mends them."
            )
        self.stdout.write("The index is right.")
