from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from claims.interchange.editions import edition_of
from claims.interchange.importing import ImportReport, import_annotations
from claims.interchange.untrusted_json import MAX_BYTES, FileError
from claims.seeding import role_account
from sources.models import Snapshot

NOT_ALL = 2  # the exit status where some annotations have no one place


class Command(BaseCommand):
    help = (
        "Import annotations made elsewhere (W3C Web Annotations, or the answer of Hypothesis' API) as "
        "notes on passages. Exit status 0: each has its place; 2: some were not imported, and the report "
        "says which and why; 1: the file could not be read, and nothing was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON, in UTF-8")
        parser.add_argument("--source", required=True, help="slug of the source that was annotated")
        parser.add_argument("--edition", type=int, help="not its newest edition")
        parser.add_argument("--by", help="user whose notes they become (the researcher account)")
        parser.add_argument("--made-on", default="", help="take only what was made on this address")
        parser.add_argument(
            "--claims",
            action="store_true",
            help="of another desk's export, make drafts of claims, appearances, rebuttals, evidence",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        try:
            report = import_annotations(
                self._read(path),
                edition_of(options["source"], options["edition"]),
                by=self._user(options["by"]),
                dry_run=options["dry_run"],
                made_on=options["made_on"],
                claims=options["claims"],
            )
        except FileError as error:
            raise CommandError(f"{path}: {error}") from error
        except Snapshot.DoesNotExist as error:
            raise CommandError(f"--source: {error}") from error
        except PermissionDenied as error:
            raise CommandError(f"--by: {error}") from error
        if options["format"] == "json":
            self.stdout.write(report.as_json())
        else:
            self._tell(report)
        if not report.complete:
            missing = len(report.outcomes) - report.totals["FOUND"]
            raise CommandError(
                f"{missing} of {len(report.outcomes)} not imported.", returncode=NOT_ALL
            )

    def _read(self, path: Path) -> bytes:
        """Read a file, but of one that is too large anyway only enough to see that."""
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error

    def _user(self, name: str | None) -> Any:
        if name is None:
            try:
                return role_account("researcher")
            except PermissionError as error:
                raise CommandError(f"{error} Or name somebody else with --by.") from error
        user = get_user_model()._default_manager.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"--by: there is no active user “{name}”.")
        return user

    def _tell(self, report: ImportReport) -> None:
        self.stdout.write(f"Annotations of {report.snapshot}:")
        for outcome in report.outcomes:
            place = "–".join(map(str, outcome.span)) if outcome.span else ""
            words = f"“{outcome.quote}”" if outcome.quote else "(no quotation)"
            line = (
                f"{outcome.where:>6}  {outcome.status:<9}  {place:>15}  {words}  {outcome.reason}"
            )
            self.stdout.write(line.rstrip())
        for remark in report.remarks:
            self.stdout.write(f"The file: {remark}")
        for address, number in report.addresses:
            self.stdout.write(f"Made on: {address} ({number})")
        self.stdout.write(report.summary)
