"""Sources for test_kill.py, of which copies are asked for again and again: each on a host of its own, as far
as its server can tell, so that a killed process holds up no other."""

from __future__ import annotations

import os

from jobs.retries import Retries
from sources import tasks
from sources.archiving import warc
from sources.extraction import extract_text
from sources.models import Capture, Source
from sources.models.capture import Occasion
from tests.sources.archiving.test_warc import exchange

SOURCES = 12


def address(number: int) -> str:
    return f"http://127.0.1.{number + 1}:{os.environ['TEST_SITE_PORT']}/{number}"


def prepare() -> None:
    """Let no attempt wait long, and none be the last. Libraries load what they need at their first use: here,
    and not in each worker."""
    extract_text(b"Words.", media_type="text/plain", article=True)
    warc.write(exchange(), "text")
    tasks.archive.func.retries = Retries(attempts=1000, first=0.01, longest=0.02)
    tasks.ATTEMPTS = 1000


def begin(first: int, end: int) -> None:
    """Ask for a copy of each of these sources: of one that waits already, for none."""
    for number in range(first, end):
        of = number % SOURCES
        source, _ = Source.objects.get_or_create(
            slug=f"source-{of}",
            defaults={"title": f"Source {of}", "kind": "report", "url": address(of)},
        )
        Capture.objects.ask(source, occasion=Occasion.ROUTINE)
