from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.models import Link, Source
from sources.querysets import LinkQuerySet


class Command(BaseCommand):
    help = "Have the addresses of sources looked at by the background queue: those named, or those due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "slugs", nargs="*", default=[], metavar="SLUG", help="these sources, due or not"
        )
        parser.add_argument("--dry-run", action="store_true", help="tell which, and ask for none")

    def handle(self, **options: Any) -> None:
        sources = Source.objects.all()
        if options["slugs"]:
            sources = sources.filter(slug__in=options["slugs"])
            unknown = set(options["slugs"]) - set(sources.values_list("slug", flat=True))
            if unknown:
                raise CommandError(f"There is no source {', '.join(sorted(unknown))}.")
        if not options["dry_run"]:
            Link.objects.follow(sources)
        links: LinkQuerySet = Link.objects.filter(source__in=sources)
        if not options["slugs"]:
            links = links.due(timezone.now())
        for link in links.select_related("source"):
            self.stdout.write(f"{link.source.slug}  {link.url}  {link.get_state_display()}")
        n = links.count() if options["dry_run"] else links.ask()
        end = "would be looked at" if options["dry_run"] else "will be looked at by the next worker"
        self.stdout.write(f"{n} address{'es' * (n != 1)} {end}.")
