from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.search import encoding
from claims.search.neighbours import is_rebuild_due, rebuild
from claims.search.vectors import BATCH, embed


class Command(BaseCommand):
    help = (
        "Compute what the claims' words mean, as vectors, where that is missing: of each claim's text, and "
        "of the headline of its verdict. A worker does this by itself (docs/matching-index.md); a second run "
        "finds nothing to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="whole",
            help="Compute those anew that are there, too.",
        )
        parser.add_argument(
            "--batch",
            type=int,
            default=BATCH,
            metavar="N",
            help=f"Texts that are computed and written together ({BATCH} if left out).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be done, and write nothing."
        )

    def handle(
        self,
        *args: Any,
        whole: bool,
        batch: int,
        dry_run: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        if batch < 1:
            raise CommandError(f"--batch is {batch}: give a number from 1 on.")
        progress = verbosity > 1 or (verbosity and sys.stderr.isatty())

        def say(line: str) -> None:
            if progress:
                self.stderr.write(line)

        try:
            report = embed(batch=batch, whole=whole, dry_run=dry_run, say=say)
        except encoding.Unavailable as error:
            raise CommandError(str(error)) from error
        would = "Nothing was written. A run would make – " if dry_run else ""
        self.stdout.write(self.style.SUCCESS(f"{would}Vectors: {report}."))
        if not dry_run and is_rebuild_due():
            say("Building the index.")
            self.stdout.write(f"The index was built anew: {rebuild():,} vectors.")
