from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.bulk.exporting import AlreadyRunning, export


class Command(BaseCommand):
    help = (
        "Write everything that is published to files: NDJSON, CSV with a data dictionary, and RDF, with "
        "checksums. Readers find them at /data/. Where nothing has changed, nothing is replaced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            type=Path,
            default=settings.DATA_ROOT,
            help="The directory for exports; the newest is `current` in it (DATA_ROOT if left out).",
        )

    def handle(self, *args: Any, to: Path, verbosity: int, **options: Any) -> None:
        progress = verbosity > 1 or (verbosity and sys.stderr.isatty())

        def say(line: str) -> None:
            if progress:
                self.stderr.write(line)

        try:
            done = export(to, say=say)
        except AlreadyRunning as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or to}: {error.strerror}. The last export is as it was."
            ) from error
        if verbosity:
            total = f"{sum(done.rows.values()):,} rows"
            told = (
                f"Exported {total} to {done.path}."
                if done.changed
                else f"Nothing has changed: {done.path} has all {total}."
            )
            self.stdout.write(self.style.SUCCESS(told))
