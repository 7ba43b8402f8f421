from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from claims.log.verifying import findings
from claims.models import LogCheckpoint, LogEntry


class Command(BaseCommand):
    help = (
        "Compute the log anew from its entries, and hold it against its signatures and against what is "
        "stored of verdicts and merges (docs/log.md). Names each thing that is wrong, and exits with 1. "
        "What the whole database could hide of itself, docs/verify_log.py finds from outside."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        n = 0
        for n, finding in enumerate(findings(), start=1):  # noqa: B007 -- the number of them
            self.stdout.write(f"WRONG  {finding}")
        if n:
            self.stderr.write(self.style.ERROR(f"The log does not verify: {n} wrong."))
            sys.exit(1)
        signed = LogCheckpoint.objects.first()
        under = f"the newest checkpoint is of {signed.size:,}" if signed else "nothing is signed"
        self.stdout.write(
            self.style.SUCCESS(f"The log verifies: {LogEntry.objects.count():,} entries, {under}.")
        )
