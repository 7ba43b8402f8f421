"""In the place of the command of django-tasks-db, whose worker leaves a job running for ever when it dies."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django_tasks_db.management.commands.db_worker import valid_interval

from jobs.worker import Worker


class Command(BaseCommand):
    help = "Work the background queue off, until told to end by SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interval",
            type=valid_interval,
            default=1.0,
            help="How many seconds to wait before looking again, where nothing waited (%(default)s).",
        )
        parser.add_argument("--batch", action="store_true", help="End when nothing waits any more.")
        parser.add_argument(
            "--with-parent", action="store_true", help="End when the process does that began this."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(
            interval=options["interval"],
            batch=options["batch"],
            with_parent=options["with_parent"],
        )
        worker.configure_signals()
        self.stdout.write("Working the background queue off.")
        worker.run()
