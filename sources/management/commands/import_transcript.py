from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from sources.extraction import MAX_FILE_BYTES
from sources.importing import Details, ImportResult, import_transcript, read_speakers
from sources.models import Source
from sources.models.source import Rendition
from sources.parsing import TranscriptError
from sources.yaml_files import YamlError


class Command(BaseCommand):
    help = "Import a transcript: its bytes, its text and its turns. All of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="plain text, Markdown or HTML in UTF-8, PDF, DOCX, WebVTT, SRT"
        )
        parser.add_argument(
            "--speakers", type=Path, help="YAML list: slug, name, names (labels), …"
        )
        parser.add_argument("--source", help="slug of the source that this is an edition of")
        parser.add_argument("--title", default="", help="instead of what the document says")
        parser.add_argument("--url", default="", help="instead of what the document says")
        parser.add_argument(
            "--recording", default="", help="address of the video or sound, of a new source"
        )
        parser.add_argument("--language", default="", help="BCP 47 tag of the text: en, ru")
        parser.add_argument("--rendition", default="", choices=["", *Rendition.values])
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, **options: Any) -> None:
        source = None
        if options["source"]:
            source = Source.objects.filter(slug=options["source"]).first()
            if source is None:
                raise CommandError(f"--source: there is no source “{options['source']}”.")
        try:
            speakers = []
            if options["speakers"]:
                text = self._read(options["speakers"]).decode("utf-8")
                speakers = read_speakers(text, str(options["speakers"]))
            result = import_transcript(
                self._read(options["file"]),
                filename=options["file"].name,
                source=source,
                speakers=speakers,
                details=Details(
                    recording_url=options["recording"],
                    **{name: options[name] for name in ("title", "url", "language", "rendition")},
                ),
                dry_run=options["dry_run"],
            )
        except (TranscriptError, UnicodeDecodeError) as error:
            name = options["speakers"] if isinstance(error, UnicodeDecodeError) else options["file"]
            raise CommandError(f"{name}: {error}") from error
        except YamlError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            problems = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
            raise CommandError("; ".join(problems)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
        else:
            self._tell(result, dry_run=options["dry_run"])

    def _read(self, path: Path) -> bytes:
        """Read a file, but of one that is too large anyway only enough to see that."""
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error

    def _tell(self, result: ImportResult, *, dry_run: bool) -> None:
        source = result.source
        if not result.created:
            self.stdout.write(
                f"Nothing changed: edition {result.edition} of “{source}” ({source.slug}) "
                "has exactly these bytes."
            )
        else:
            doing = "Would import" if dry_run else "Imported"
            self.stdout.write(
                f"{doing} edition {result.edition} of “{source}” ({source.slug}), "
                f"{len(result.turns)} turns:"
            )
        for turn in result.turns:
            speaker = result.speakers.get(turn.label)
            who = (
                f"{turn.label or '(no label)'} = {speaker}"
                if speaker
                else turn.label or "(no label)"
            )
            self.stdout.write(
                f"{turn.position:>5}  {turn.role:<10}  {turn.start:>7}–{turn.end:<7}  {who}"
            )
        if result.unresolved:
            self.stdout.write("Labels of no known speaker, or of several:")
            for label, number in result.unresolved.items():
                turns = "turn" if number == 1 else "turns"
                self.stdout.write(f"       {label or '(no label)'}: {number} {turns}")
