from __future__ import annotations

import json
import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from claims.interchange.claim_reviews.importing import import_claim_reviews
from claims.interchange.claim_reviews.outcomes import Outcome, Tally, What
from claims.interchange.untrusted_json import FileError
from sources.models.source import LANGUAGE_TAG

RESEARCHER = "researcher"
NOT_ALL = 2  # the exit status where some items were refused


class Command(BaseCommand):
    help = (
        "Import other publishers' reviews of claims: ClaimReview (JSON-LD, JSON lines), a DataFeed as Data "
        "Commons has it, answers of Google's Fact Check Tools API, or the CSV of ClaimsKG. They become draft "
        "claims with external reviews, never verdicts of the desk. Exit status 0: all taken or known; 2: "
        "some were refused, and the report says which and why; 1: nothing was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, of any size; - reads from standard input")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument(
            "--report", type=Path, help="write what came of each item to this file, as JSON lines"
        )
        parser.add_argument(
            "--language", default="", help="of reviews that do not say theirs (BCP 47: en, pt-BR)"
        )
        parser.add_argument("--by", help=f"in whose name (the user {RESEARCHER})")

    def handle(self, **options: Any) -> None:
        language = options["language"]
        if language and not re.search(LANGUAGE_TAG, language):
            raise CommandError(f"--language: “{language}” is no BCP 47 language tag.")
        name = "standard input" if options["file"] == "-" else Path(options["file"]).name
        with ExitStack() as stack:
            file = stack.enter_context(_opened(options["file"]))
            report = options["report"] and stack.enter_context(_writable(options["report"]))
            try:
                tally = import_claim_reviews(
                    file,
                    by=self._user(options["by"]),
                    origin=name,
                    language=language,
                    dry_run=options["dry_run"],
                    tell=_writer(report) if report else lambda outcome: None,
                )
            except FileError as error:
                raise CommandError(f"{options['file']}: {error} Nothing was imported.") from error
            except PermissionDenied as error:
                raise CommandError(f"--by: {error}") from error
            except OSError as error:
                raise CommandError(f"{error.strerror}. Nothing was imported.") from error
        self._tell(tally, dry_run=options["dry_run"])
        if tally[What.REFUSED]:
            raise CommandError(
                f"{tally[What.REFUSED]} of {tally.total} refused.", returncode=NOT_ALL
            )

    def _user(self, name: str | None) -> Any:
        users = get_user_model()._default_manager.filter(is_active=True)
        user = users.filter(username=name or RESEARCHER).first()
        if user is None:
            # None is made: an account that nobody asked for would be one that can sign in.
            told = f"there is no active user “{name or RESEARCHER}”"
            raise CommandError(
                f"--by: {told}." if name else f"{told.capitalize()}: name somebody with --by."
            )
        return user

    def _tell(self, tally: Tally, *, dry_run: bool) -> None:
        told = ", ".join(f"{tally[what]:,} {what}" for what in What)
        self.stdout.write(f"{tally.total:,} items: {told}{' (dry run)' if dry_run else ''}")
        for (what, reason), number in sorted(tally.by_reason.items(), key=lambda each: each[0]):
            first = ", ".join(tally.first[what, reason]) if what != What.TAKEN else ""
            where = f" ({first}{', …' if number > 3 else ''})" if first else ""
            self.stdout.write(f"{number:>9,}  {what}: {reason}{where}")
        for kind, number in sorted(tally.notes.items()):
            self.stdout.write(f"{number:>9,}  of those taken: {kind}")
        if tally.suggested:
            self.stdout.write(f"{tally.suggested:>9,}  of those taken: near a claim of the desk")
        if dry_run:
            self.stdout.write("Nothing was written.")


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file, or standard input; on a terminal, with a bar that says how much of it is read."""
    with ExitStack() as stack:
        if name == "-":
            raw: IO[bytes] = sys.stdin.buffer
            size = None
        else:
            try:
                raw = stack.enter_context(Path(name).open("rb"))
                size = os.fstat(raw.fileno()).st_size
            except OSError as error:
                raise CommandError(f"{name}: {error.strerror}.") from error
        bar: Any = tqdm.wrapattr(
            raw, "read", total=size, desc="Read", disable=not sys.stderr.isatty(), file=sys.stderr
        )
        yield stack.enter_context(bar)


@contextmanager
def _writable(path: Path) -> Iterator[IO[str]]:
    try:
        file = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CommandError(f"--report {path}: {error.strerror}.") from error
    with file:
        yield file


def _writer(file: IO[str]) -> Any:
    def write(outcome: Outcome) -> None:
        file.write(json.dumps(outcome.as_dict(), ensure_ascii=False, default=str) + "\n")

    return write
