"""Readers that foreign files could keep busy for ever run in a process of their own, which has little memory,
little time and no secrets, and can be ended at any moment.

`python -m sources.extraction.apart READER SECONDS` is that process: bytes in, JSON out.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
from pathlib import Path

from sources.parsing import TranscriptError

READERS = {"pdf", "docx", "article", "said"}
SECONDS = 30  # of computing; waiting for a busy machine comes on top
MEMORY = 1536 * 1024 * 1024  # bytes of address space
MAX_TEXT = 5 * 1024 * 1024  # characters that a reader gives back
_ROOT = Path(__file__).resolve().parents[2]


def read(reader: str, data: bytes, *, called: str, seconds: int = SECONDS) -> str:
    """The text that the module `reader` of this package takes from `data`; `called` names such a file.

    Raises TranscriptError for what the reader refuses, and for what it cannot do within its limits.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", __name__, reader, str(seconds)],
            input=data,
            capture_output=True,
            cwd=_ROOT,
            # The same bytes give the same text, in whatever order a set has its members.
            env={
                "PYTHONHASHSEED": "0",
                "PYTHONIOENCODING": "utf-8",
                "LC_ALL": "C.UTF-8",
                "PATH": "",
            },
            timeout=seconds * 4,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise TranscriptError(f"The {called} takes too long to read.") from error
    except ValueError as error:
        raise TranscriptError(
            f"The {called} cannot be read: it is broken, or needs more than {seconds} seconds or "
            f"{MEMORY // 1024 // 1024:,} MB."
        ) from error
    if "refused" in answer:
        raise TranscriptError(answer["refused"])
    return str(answer["text"])


def main(reader: str, seconds: int) -> None:
    """Read standard input with the `reader`, and write what came of it to standard output."""
    if reader not in READERS:
        raise SystemExit(f"No such reader: {reader}")
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write but its answer
    data = sys.stdin.buffer.read()
    try:
        text = importlib.import_module(f"{__package__}.{reader}").read(data)
        answer = {"text": text}
        if len(text) > MAX_TEXT:
            answer = {"refused": f"The document has more than {MAX_TEXT:,} characters."}
    except TranscriptError as error:
        answer = {"refused": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
