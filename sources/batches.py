"""Many transcripts at once: each is imported by itself, or refused, and what came of it is told."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from .extraction import MAX_FILE_BYTES
from .importing import UNSAID, Details, ImportResult, SpeakerEntry, import_transcript
from .models import Source
from .parsing import TranscriptError

# What is written into a folder and not finished, or no document at all.
_NOT_DROPPED = re.compile(
    r"\..*|~.*|.*~|.*\.(part|partial|crdownload|download|tmp|temp|swp|lock)", re.I
)


class Outcome(StrEnum):
    IMPORTED = "imported"
    KNOWN = "known"  # these very bytes were here already
    REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """What came of one file, in words too."""

    filename: str
    outcome: Outcome
    words: str
    result: ImportResult | None = None  # None: refused

    def as_dict(self) -> dict[str, Any]:
        told = {"file": self.filename, "outcome": self.outcome.value, "words": self.words}
        if self.result is None:
            return told
        return told | {
            "source": self.result.source.slug,
            "edition": self.result.edition,
            "turns": len(self.result.turns),
            "unresolved": list(self.result.unresolved),
        }


def import_one(
    data: bytes,
    filename: str,
    *,
    source: str | Source | None = None,
    details: Details = UNSAID,
    speakers: Sequence[SpeakerEntry] = (),
    dry_run: bool = False,
) -> Told:
    """Import `data` (with `dry_run`: try to) as `import_transcript` does, and tell what came of it instead of
    raising what speaks against it. `source` may be a slug."""
    try:
        if isinstance(source, str) and source:
            slug = source
            source = Source.objects.filter(slug=slug).first()
            if source is None:
                raise TranscriptError(
                    f"There is no source “{slug}” that it could be an edition of."
                )
        result = import_transcript(
            data,
            filename=filename,
            source=source or None,
            details=details,
            speakers=speakers,
            dry_run=dry_run,
        )
    except TranscriptError as error:
        return Told(filename, Outcome.REFUSED, str(error))
    except ValidationError as error:
        return Told(filename, Outcome.REFUSED, "; ".join(problems(error)))
    return told_of(filename, result, dry_run=dry_run)


def told_of(filename: str, result: ImportResult, *, dry_run: bool = False) -> Told:
    """What an import of that file did, in words too."""
    of = f"edition {result.edition} of “{result.source}” ({result.source.slug})"
    if not result.created:
        return Told(filename, Outcome.KNOWN, f"already here: {of}.", result)
    turns = f"{len(result.turns)} turn{'' if len(result.turns) == 1 else 's'}"
    words = f"{'would be ' if dry_run else ''}{of}, {turns}."
    return Told(filename, Outcome.IMPORTED, words, result)


def problems(error: ValidationError) -> list[str]:
    """What a ValidationError has to say, each with its field."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]


def dropped(folder: Path) -> list[Path]:
    """The documents in `folder`, by name: files that are no links, not hidden, and look finished."""
    with os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if entry.is_file(follow_symlinks=False) and not _NOT_DROPPED.fullmatch(entry.name)
        )


def read_file(path: Path) -> bytes:
    """The bytes of a file that is no link; of one that is too large only enough to see that."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read(MAX_FILE_BYTES + 1)
