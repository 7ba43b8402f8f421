"""The export that readers find at /data/: which files it has, and what each is."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .exporting import CURRENT
from .package import DESCRIPTOR, SUMS, sha256_of

# What may hold whatever somebody once published is given as mere bytes, which no browser runs.
BYTES = "application/octet-stream"
NAMED_BY_CONTENT = re.compile(r"(snapshots/([0-9a-f]{64})|texts/([0-9a-f]{64})\.txt)")


@dataclass(frozen=True)
class File:
    """A file of the export; `sha256` is of its bytes, `size` is how many they are."""

    path: Path
    media_type: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Export:
    """The current export: its directory, when it came to be as it is (UTC), what describes it."""

    folder: Path
    changed: dt.datetime
    package: dict[str, Any]
    files: dict[str, File]

    def file(self, path: str) -> File | None:
        """The file at `path`, if the export has one: only what it lists, or what is named by its content."""
        if path in self.files:
            return self.files[path]
        found = NAMED_BY_CONTENT.fullmatch(path)
        if found is None or not (self.folder / path).is_file():
            return None
        media_type = BYTES if found[2] else "text/plain; charset=utf-8"
        size = (self.folder / path).stat().st_size
        return File(self.folder / path, media_type, found[2] or found[3], size)


def current(root: Path) -> Export | None:
    """The current export below `root`; None before the first."""
    folder = (root / CURRENT).resolve()
    try:
        changed = (folder / DESCRIPTOR).stat().st_mtime
    except FileNotFoundError:
        return None
    return _read(folder, changed)


@lru_cache(maxsize=1)
def _read(folder: Path, changed: float) -> Export:
    package = json.loads((folder / DESCRIPTOR).read_bytes())
    files = {
        resource["path"]: File(
            folder / resource["path"],
            f"{resource['mediatype']}; charset=utf-8",
            resource["hash"].removeprefix("sha256:"),
            resource["bytes"],
        )
        for resource in package["resources"]
    }
    for name, media_type in (
        (DESCRIPTOR, "application/json"),
        (SUMS, "text/plain; charset=utf-8"),
    ):
        path = folder / name
        files[name] = File(path, media_type, sha256_of(path), path.stat().st_size)
    return Export(folder, dt.datetime.fromtimestamp(changed, dt.UTC), package, files)
