"""A watcher of a folder for test_watching.py, which kills it; `begin` never ends by itself."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jobs.retries import Retries
from sources import tasks
from sources.extraction import extract_text
from sources.watching import Folder


def prepare() -> None:
    """Let no attempt wait long, and none be the last. Libraries load what they need at their first use."""
    extract_text(b"WEBVTT\n\n00:01.000 --> 00:02.000\nwords\n")
    tasks.import_file.func.retries = Retries(attempts=1000, first=0.01, longest=0.02)


def begin(_number: int) -> None:
    folder = Folder(Path(os.environ["TEST_FOLDER"]))
    while True:
        for _ in folder.look():
            pass
        time.sleep(0.01)
