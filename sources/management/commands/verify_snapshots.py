from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.models import Source
from sources.verifying import check_everything


class Command(BaseCommand):
    help = (
        "Compute anew the digests of everything in the archive, drafts too, and whether each passage stands "
        "in its text. Exits with 1 if anything is amiss."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "slugs", nargs="*", metavar="SLUG", help="these sources; all if left out"
        )
        parser.add_argument("--json", action="store_true", help="tell it as JSON, for programs")

    def handle(self, *, slugs: list[str], verbosity: int, **options: Any) -> None:
        sources = Source.objects.all()
        if slugs:
            sources = sources.filter(slug__in=slugs)
            unknown = set(slugs) - set(sources.values_list("slug", flat=True))
            if unknown:
                raise CommandError(f"There is no source {', '.join(sorted(unknown))}.")
        progress = verbosity > 1 or (verbosity and sys.stderr.isatty())

        def say(line: str) -> None:
            if progress:
                self.stderr.write(line)

        checked, amiss = 0, {}
        for name, faults in check_everything(sources, say=say):
            checked += 1
            if faults:
                amiss[name] = faults
        if options["json"]:
            told = {"checked": checked, "amiss": amiss}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for name, faults in amiss.items():
                self.stdout.write(f"{name}: {'; '.join(faults)}")
            self.stdout.write(f"{checked:,} editions and captures checked, {len(amiss):,} amiss.")
        if amiss:
            sys.exit(1)
