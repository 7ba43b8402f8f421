from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.batches import Outcome, Told, dropped, import_one, read_file
from sources.importing import Details, SpeakerEntry, read_speakers
from sources.models.source import Rendition
from sources.yaml_files import YamlError


class Command(BaseCommand):
    help = (
        "Import many transcripts: plain text, Markdown, HTML, PDF, DOCX, WebVTT, SRT. Each by itself: what "
        "is refused keeps no other back. Ends with 0, with 2 if some were refused, with 1 if none was tried."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="FILE|DIR", help="of a folder, the files in it"
        )
        parser.add_argument(
            "--speakers", type=Path, help="YAML list: slug, name, names (labels), …"
        )
        parser.add_argument("--language", default="", help="BCP 47 tag of new sources: en, ru")
        parser.add_argument("--rendition", default="", choices=["", *Rendition.values])
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, **options: Any) -> None:
        files = self._files(options["paths"])
        speakers = self._speakers(options["speakers"])
        details = Details(language=options["language"], rendition=options["rendition"])
        told = []
        for path in files:
            told.append(self._import(path, details, speakers, dry_run=options["dry_run"]))
            if options["format"] == "text":
                row = told[-1]
                self.stdout.write(f"{row.outcome:<8}  {path}: {row.words}")
        counts = Counter(row.outcome for row in told)
        if options["format"] == "json":
            rows = [
                row.as_dict() | {"file": str(path)} for path, row in zip(files, told, strict=True)
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            numbers = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome)
            written = " Nothing was written." if options["dry_run"] else ""
            self.stdout.write(
                f"{len(told)} file{'' if len(told) == 1 else 's'}: {numbers}.{written}"
            )
        if counts[Outcome.REFUSED]:
            refused = f"{counts[Outcome.REFUSED]} of {len(told)} refused."
            raise CommandError(refused, returncode=2)

    def _files(self, paths: list[Path]) -> list[Path]:
        files: list[Path] = []
        for path in paths:
            try:
                files += dropped(path) if path.is_dir() else [path]
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}.") from error
            if not path.exists():
                raise CommandError(f"{path}: No such file or directory.")
        if not files:
            raise CommandError("There is no file to import.")
        return files

    def _speakers(self, path: Path | None) -> list[SpeakerEntry]:
        if path is None:
            return []
        try:
            return read_speakers(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error
        except (UnicodeDecodeError, YamlError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, path: Path, details: Details, speakers: list[SpeakerEntry], *, dry_run: bool
    ) -> Told:
        try:
            data = read_file(path.resolve())
        except OSError as error:
            return Told(path.name, Outcome.REFUSED, f"{error.strerror}.")
        return import_one(data, path.name, details=details, speakers=speakers, dry_run=dry_run)
