from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from sources.batches import Outcome
from sources.importing import Details
from sources.models import Source
from sources.models.source import Rendition
from sources.watching import Folder, Moved


class Command(BaseCommand):
    help = (
        "Import the transcripts that are dropped into a folder, by the background queue (a worker has to "
        "run), and move them to imported/ or refused/ in it, with a .txt that says why. Ends with Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--once", action="store_true", help="end when nothing is left that could be imported"
        )
        parser.add_argument(
            "--interval", type=float, default=2.0, metavar="SECONDS",
            help="between two looks; what has not changed from one to the next is complete (2)",
        )  # fmt: skip
        parser.add_argument(
            "--patience", type=float, default=600.0, metavar="SECONDS",
            help="with --once: how long to wait for the queue (600)",
        )  # fmt: skip
        parser.add_argument("--source", default="", help="slug: all are editions of this one")
        parser.add_argument("--language", default="", help="BCP 47 tag of new sources: en, ru")
        parser.add_argument("--rendition", default="", choices=["", *Rendition.values])

    def handle(self, **options: Any) -> None:
        if options["interval"] <= 0:
            raise CommandError("--interval: a number of seconds above 0 was expected.")
        slug = options["source"]
        if slug and not Source.objects.filter(slug=slug).exists():
            raise CommandError(f"--source: there is no source “{slug}”.")
        details = Details(language=options["language"], rendition=options["rendition"])
        try:
            folder = Folder(options["folder"], source=slug, details=details)
            self._watch(folder, options)
        except OSError as error:
            raise CommandError(
                f"{error.filename or options['folder']}: {error.strerror}."
            ) from error
        except KeyboardInterrupt:
            self.stdout.write("Ended. What was not moved yet is taken up next time.")

    def _watch(self, folder: Folder, options: dict[str, Any]) -> None:
        started, refused = time.monotonic(), 0
        for _ in folder.look():  # the first look sees what is there, and takes nothing up
            pass
        while folder.unfinished or not options["once"]:
            time.sleep(options["interval"])
            close_old_connections()
            for moved in folder.look():
                refused += moved.outcome is Outcome.REFUSED
                self._tell(moved)
            if options["once"] and time.monotonic() - started > options["patience"]:
                raise CommandError(
                    f"{len(folder.unfinished)} still wait for a worker (manage.py db_worker), or are still "
                    "being written. They are taken up next time."
                )
        if refused:
            raise CommandError(f"{refused} refused.", returncode=2)

    def _tell(self, moved: Moved) -> None:
        self.stdout.write(f"{moved.outcome:<8}  {moved.path.name}: {moved.words}")
        self.stdout.flush()
