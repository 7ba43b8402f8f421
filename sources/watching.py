"""A folder into which a desk drops files: each is imported by the background queue, then moved.

Whatever happens, a file is where it was dropped, or in `imported/` or `refused/` below: it is moved when all
else is done. Should that be cut off, it is found again, and the same bytes again change nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from django_tasks import TaskResultStatus

from jobs.models import Job

from . import store, tasks
from .batches import Outcome, dropped, read_file
from .extraction import MAX_FILE_BYTES
from .importing import UNSAID, Details

Form = tuple[int, int, int, int]  # what changes when a file does


@dataclass(frozen=True)
class Moved:
    """A file that is done with: where it lies now, and what is told of it in the .txt beside it."""

    path: Path
    outcome: Outcome
    words: str


@dataclass
class _Waiting:
    form: Form
    job: Any  # its id


class Folder:
    """The folder `path`, looked at again and again; `source` is the slug of the one of which all that is
    dropped are editions, and `details` what is said of new sources.

    Raises OSError where `imported/` and `refused/` cannot be made.
    """

    def __init__(self, path: Path, *, source: str = "", details: Details = UNSAID) -> None:
        self.path = path
        self.source, self.details = source, asdict(details)
        self.seen: dict[Path, Form] = {}
        self.waiting: dict[Path, _Waiting] = {}
        self.unreadable: dict[Path, Form] = {}
        for outcome in ("imported", "refused"):
            (path / outcome).mkdir(exist_ok=True)

    @property
    def unfinished(self) -> list[Path]:
        """What lay there at the last look and is not done with; what cannot be read is left out."""
        return [path for path, form in self.seen.items() if self.unreadable.get(path) != form]

    def look(self) -> Iterator[Moved]:
        """Enqueue what has lain unchanged since the last look, and move what is done with."""
        forms = {path: form for path in dropped(self.path) if (form := _form(path))}
        for path, form in forms.items():
            waiting = self.waiting.get(path)
            if waiting and waiting.form == form:
                yield from self._finish(path, waiting)
            elif self.seen.get(path) == form != self.unreadable.get(path):
                yield from self._enqueue(path, form)
        self.seen = {path: form for path, form in forms.items() if path.exists()}
        self.waiting = {path: row for path, row in self.waiting.items() if path in forms}

    def _enqueue(self, path: Path, form: Form) -> Iterator[Moved]:
        try:
            data = read_file(path)
        except OSError as error:  # it may be gone again, or not be ours to read
            if path.exists():
                self.unreadable[path] = form
                yield Moved(path, Outcome.REFUSED, f"left where it is: {error.strerror}.")
            return
        if _form(path) != form:
            return  # it has grown meanwhile
        if len(data) > MAX_FILE_BYTES:
            size = f"The file is too large: at most {MAX_FILE_BYTES:,} bytes are read."
            yield from self._move(path, form, Outcome.REFUSED, size)
            return
        sha256, name = store.keep(data), _printable(path.name)
        # One that was enqueued before this process began is waited for.
        jobs = Job.objects.unfinished(tasks.import_file).filter(
            args_kwargs__args=[sha256, name, self.details, self.source]
        )
        job: Any = jobs.values_list("pk", flat=True).first()
        if job is None:
            job = tasks.import_file.enqueue(sha256, name, self.details, self.source).id
        self.waiting[path] = _Waiting(form, job)

    def _finish(self, path: Path, waiting: _Waiting) -> Iterator[Moved]:
        job = Job.objects.filter(pk=waiting.job).first()
        if job is None:
            del self.waiting[path]  # somebody deleted it: the file is taken up again
        elif job.status == TaskResultStatus.SUCCESSFUL:
            told: Any = job.return_value
            yield from self._move(path, waiting.form, Outcome(told["outcome"]), told["words"])
        elif job.status == TaskResultStatus.FAILED:
            words = (
                "It could not be worked on here, which need not be the file's fault: see the failed jobs at "
                "the desk, then drop it again."
            )
            yield from self._move(path, waiting.form, Outcome.REFUSED, words)

    def _move(self, path: Path, form: Form, outcome: Outcome, words: str) -> Iterator[Moved]:
        """Move the file, unless it is another by now, in the place of no other; then say why beside it."""
        self.waiting.pop(path, None)
        if _form(path) != form:
            return
        folder = self.path / ("refused" if outcome is Outcome.REFUSED else "imported")
        place = _reserve(folder, path.name)
        try:
            path.replace(place)
        except OSError:
            place.unlink()
            if path.exists():
                raise
            return  # somebody else has moved it
        if _form(place) != form:  # another took its place in this very moment
            place.replace(_reserve(self.path, path.name))
            return
        _reserve(folder, f"{place.name}.txt").write_text(
            f"{path.name}\n{outcome.value}: {words}\n", encoding="utf-8", errors="replace"
        )
        yield Moved(place, outcome, words)


def _form(path: Path) -> Form | None:
    """What tells a file from another one, or from itself when it was shorter; None when it is gone."""
    try:
        stat = path.lstat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _reserve(folder: Path, name: str) -> Path:
    """A new empty file in `folder`, called `name`, or name-2 and so on where that is taken."""
    stem, suffix = Path(name).stem, Path(name).suffix
    names = (name if number == 1 else f"{stem}-{number}{suffix}" for number in count(1))
    for candidate in names:
        try:
            os.close(os.open(folder / candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            continue
        return folder / candidate
    raise AssertionError("numbers do not end")


def _printable(name: str) -> str:
    """A file's name as far as it is text: names may be any bytes."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
