from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from claims.bulk.importing import NotEmpty, import_data
from claims.bulk.reading import Refused


class Command(BaseCommand):
    help = (
        "Load an export of published data (export_data, or /data/ of another instance) into a fresh "
        "instance, which then answers the API as the other does. All of it or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "export", type=Path, help="The directory of the export, or its datapackage.json."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything, and write nothing."
        )

    def handle(
        self, *args: Any, export: Path, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        progress = verbosity > 1 or (verbosity and sys.stderr.isatty())

        def say(line: str) -> None:
            if progress:
                self.stderr.write(line)

        migrations = MigrationExecutor(connection)
        if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
            raise CommandError(
                "The database lacks tables of this version. Run migrate first. Nothing was imported."
            )
        try:
            done = import_data(export, dry_run=dry_run, say=say)
        except Refused as error:
            raise CommandError(f"{error} Nothing was imported.") from error
        except NotEmpty as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or export}: {error.strerror}. Nothing was imported."
            ) from error
        if verbosity:
            total = f"{sum(done.rows.values()):,} rows"
            told = (
                f"{total} can be imported: nothing was written."
                if dry_run
                else f"Imported {total}."
            )
            self.stdout.write(self.style.SUCCESS(told))
