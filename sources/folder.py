"""The archive as a folder: a file in it is whole, or it is not there."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.storage import FileSystemStorage

INCOMING = "incoming"


class Written:
    """A file that lies complete beside its place: Django moves it there, which takes no time."""

    def __init__(self, path: str) -> None:
        self.path = path

    def temporary_file_path(self) -> str:
        return self.path


class Folder(FileSystemStorage):
    """Files are written in `incoming/` and moved. What a process that was killed has left there is of no use,
    and may be deleted at any time."""

    def _save(self, name: str, content: Any) -> str:
        incoming = Path(self.path(INCOMING))
        incoming.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=incoming, delete=False) as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())  # or a failure of power could leave an empty one
        try:
            return super()._save(name, Written(file.name))  # type: ignore[misc, no-any-return]
        finally:
            Path(file.name).unlink(missing_ok=True)
