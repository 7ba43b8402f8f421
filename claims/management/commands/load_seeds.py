from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from claims.models import Claim
from claims.search import encoding
from claims.search.vectors import embed
from claims.seeding import Report, SeedError, load_seeds


class Command(BaseCommand):
    help = (
        "Load the desk's annotations from the YAML files in seeds/: claims, rebuttals, evidence, "
        "verdicts and what they rest on. A second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dir",
            type=Path,
            default=settings.BASE_DIR / "seeds",
            help="The directory with the files (seeds/ if left out).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything, and write nothing."
        )

    def handle(self, *args: Any, dir: Path, dry_run: bool, verbosity: int, **options: Any) -> None:
        def say(line: str) -> None:
            if verbosity:
                self.stdout.write(line)

        try:
            report = load_seeds(dir, dry_run=dry_run, say=say)
        except SeedError as error:
            n = len(error.faults)
            count = "One thing is" if n == 1 else f"{n} things are"
            raise CommandError(f"{count} wrong, and nothing was loaded.\n{error}") from error
        except PermissionError as error:
            raise CommandError(str(error)) from error
        if not (dry_run or report.changed_nothing):
            say(self.vectors())
        if verbosity and not dry_run:
            self.table()
        for line in report.kept:
            self.stdout.write(f"Kept as the desk left it: {line}")
        self.stdout.write(self.style.SUCCESS(_summary(report, dry_run=dry_run)))

    def vectors(self) -> str:
        """Compute the vectors of what was loaded, so that a demo has them at once, and tell how many."""
        try:
            return f"Vectors for matching by meaning: {embed()}."
        except encoding.Unavailable as error:
            return f"Claims are found by their words alone. {error}"

    def table(self) -> None:
        """Write the public claims, each with its claimants and its rating."""
        claims = Claim.objects.published().with_verdict().with_claimants().order_by("pk")
        width = min(max(shutil.get_terminal_size((80, 24)).columns, 80), 120)
        wide = width - 15 - 20 - 7 - 3  # claimant, rating, version, blanks
        self.stdout.write("")
        self._line(wide, "Claim", "Claimant", "Rating", "Version")
        self.stdout.write("-" * width)
        rated = 0
        for claim in claims:
            names = {row.claimant.name: None for row in claim.asserting_appearances}
            verdict = claim.verdict
            rated += verdict is not None
            part = f"  {claim.part_position}. " if claim.part_of_id else ""
            self._line(
                wide,
                part + claim.text,
                ", ".join(names) or "–",
                verdict.rating.label if verdict else "open",
                str(verdict.version) if verdict else "–",
            )
        self.stdout.write("-" * width)
        total = len(claims)
        self.stdout.write(f"{total} claims: {rated} with a verdict, {total - rated} open")

    def _line(self, wide: int, claim: str, claimant: str, rating: str, version: str) -> None:
        cells = f"{_cut(claim, wide)} {_cut(claimant, 15)} {_cut(rating, 20)} {version:>7}"
        self.stdout.write(cells)


def _cut(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1].rstrip() + "…").ljust(width)


def _summary(report: Report, *, dry_run: bool) -> str:
    if report.changed_nothing:
        return "Nothing has changed: the database holds all of it already."
    done = []
    for verb, tally in (("new", report.created), ("updated", report.updated)):
        if tally:
            listed = [f"{number} {_name(model, number)}" for model, number in tally.items()]
            done.append(f"{verb}: {', '.join(listed)}")
    would = "Nothing was written. A load would make – " if dry_run else "Loaded – "
    return would + "; ".join(done) + "."


def _name(model: type[Model], number: int) -> str:
    meta = model._meta
    return str(meta.verbose_name if number == 1 else meta.verbose_name_plural)
