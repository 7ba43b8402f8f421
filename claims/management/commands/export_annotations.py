from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.interchange.editions import edition_of
from claims.interchange.export import collection
from sources.models import Snapshot


class Command(BaseCommand):
    help = (
        "Write what the desk has annotated in an edition of a text, drafts and notes included, as W3C "
        "Web Annotations (JSON-LD)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("snapshot", type=int, nargs="?", help="id of the snapshot")
        parser.add_argument("--source", help="or the slug of its source")
        parser.add_argument("--edition", type=int, help="with --source: not the newest edition")
        parser.add_argument("--published", action="store_true", help="only what the public may see")
        parser.add_argument("-o", "--output", type=Path, help="file to write; else to the terminal")

    def handle(self, **options: Any) -> None:
        told = json.dumps(
            collection(self._snapshot(options), published=options["published"]),
            ensure_ascii=False,
            indent=1,
        )
        if options["output"] is None:
            self.stdout.write(told)
            return
        try:
            options["output"].write_text(f"{told}\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}.") from error

    def _snapshot(self, options: dict[str, Any]) -> Snapshot:
        by_id, slug = options["snapshot"], options["source"]
        if (by_id is None) == (slug is None):
            raise CommandError("Give the id of a snapshot, or --source: one of them.")
        if slug is None and options["edition"] is not None:
            raise CommandError("--edition goes with --source: an id names one edition.")
        try:
            if slug is not None:
                return edition_of(slug, options["edition"])
            return Snapshot.objects.select_related("source").get(pk=by_id)
        except Snapshot.DoesNotExist as error:
            missing = str(error) if slug is not None else f"There is no snapshot {by_id}."
            raise CommandError(missing) from error
