from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from claims.search.duplicates import find


class Command(BaseCommand):
    help = (
        "Compare claims with those nearest to each, and list the pairs that may be one for the desk to look "
        "at (docs/duplicates.md). A worker does this by itself; a second run finds nothing to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="whole",
            help="Compare those anew that were compared, too, and drop the pairs that are found no more. "
            "What somebody rejected stays rejected.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be found, and write nothing."
        )

    def handle(
        self, *args: Any, whole: bool, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        progress = verbosity > 1 or (verbosity and sys.stderr.isatty())

        def say(line: str) -> None:
            if progress:
                self.stderr.write(line)

        report = find(whole=whole, dry_run=dry_run, say=say)
        if dry_run or verbosity > 1:
            for pair in sorted(report.found.values(), key=lambda pair: -pair.probability):
                self.stdout.write(
                    f"{pair.probability:.2f}  {pair.first_text}\n      {pair.second_text}"
                )
                self.stdout.write(f"      {pair.why}")
        would = "Nothing was written. A run would make – " if dry_run else ""
        self.stdout.write(self.style.SUCCESS(f"{would}{report}."))
