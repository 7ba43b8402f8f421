from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from sources.models import Capture, Source
from sources.models.capture import Occasion


class Command(BaseCommand):
    help = "Have sources archived by the background queue: those named, or those that were not for long."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("slugs", nargs="*", default=[], metavar="SLUG", help="these sources")
        which.add_argument("--all", action="store_true", help="each source that has an address")
        which.add_argument(
            "--stale",
            type=int,
            metavar="DAYS",
            help="those of which nothing was kept for so many days; so if nothing is said, with "
            f"{settings.ARCHIVE_STALE_DAYS}",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell which, and ask for none")

    def handle(self, **options: Any) -> None:
        asked = 0
        for source in self._chosen(options):
            try:
                if not options["dry_run"]:
                    Capture.objects.ask(source, occasion=Occasion.ROUTINE)
            except ValidationError as refusal:
                raise CommandError(f"{source.slug}: {' '.join(refusal.messages)}") from refusal
            asked += 1
            self.stdout.write(f"{source.slug}  {source.url}")
        end = "would be archived" if options["dry_run"] else "will be archived by the next worker"
        self.stdout.write(f"{asked} source{'s' * (asked != 1)} {end}.")

    def _chosen(self, options: dict[str, Any]) -> QuerySet[Any]:
        sources = Source.objects.order_by("slug")
        if options["slugs"]:
            found = sources.filter(slug__in=options["slugs"])
            unknown = set(options["slugs"]) - set(found.values_list("slug", flat=True))
            if unknown:
                raise CommandError(f"There is no source {', '.join(sorted(unknown))}.")
            return found
        if options["all"]:
            return sources.exclude(url="")
        days = settings.ARCHIVE_STALE_DAYS if options["stale"] is None else options["stale"]
        if days < 0:
            raise CommandError("--stale: a number of days is not below 0.")
        since = timezone.now() - dt.timedelta(days=days)
        return Capture.objects.want(sources, since=since).order_by("slug")
