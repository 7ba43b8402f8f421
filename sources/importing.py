"""A transcript's bytes → Source, Snapshot and Turns, in one transaction or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import count
from operator import itemgetter
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from simple_history.utils import bulk_create_with_history

from .extraction import ExtractedText, extract_text
from .labels import Label
from .models import Relocation, Snapshot, Source, Speaker, SpeakerName, Turn
from .models.source import Precision, SourceKind
from .parsing import Header, ParsedTranscript, ParsedTurn, TranscriptError, parse_transcript
from .yaml_files import Mapping, YamlError, read_yaml


@dataclass(frozen=True)
class SpeakerEntry:
    """A Speaker as a speakers file gives it; `names` are the labels and spellings printed for them."""

    slug: str
    name: str
    kind: str = "person"
    description: str = ""
    wikidata_id: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What a person says of the document, which overrules what its header says. Empty: unsaid."""

    title: str = ""
    url: str = ""
    recording_url: str = ""
    language: str = ""
    rendition: str = ""


UNSAID = Details()


@dataclass
class ImportResult:
    """What an import did, or with `dry_run` would do."""

    source: Source
    snapshot: Snapshot | None  # None in a dry run of anything new
    created: bool  # False: these bytes were here already, and nothing changed
    edition: int
    header: Header
    turns: tuple[ParsedTurn, ...]
    speakers: dict[str, Speaker] = field(default_factory=dict)  # by printed label

    @property
    def unresolved(self) -> dict[str, int]:
        """The labels for which no one Speaker is known, each with its number of turns."""
        counts: dict[str, int] = {}
        for turn in self.turns:
            if turn.label not in self.speakers:
                counts[turn.label] = counts.get(turn.label, 0) + 1
        return counts

    def as_dict(self) -> dict[str, Any]:
        """Return `header` and `turns` as plain data; a turn's speaker is a slug, or None."""
        header = {name.name: getattr(self.header, name.name) for name in fields(self.header)}
        return {
            "header": header | {"date": header["date"] and header["date"].isoformat()},
            "turns": [
                {
                    "position": turn.position,
                    "label": turn.label,
                    "speaker": self.speakers[turn.label].slug
                    if turn.label in self.speakers
                    else None,
                    "role": turn.role,
                    "start": turn.start,
                    "end": turn.end,
                }
                for turn in self.turns
            ],
        }


def read_speakers(text: str, filename: str) -> list[SpeakerEntry]:
    """Read a speakers file: a YAML list of mappings with the fields of SpeakerEntry.

    Raises YamlError, with file and line, for anything else.
    """
    entries = read_yaml(text, filename)
    if not isinstance(entries, list):
        raise YamlError(filename, 1, "a list of speakers was expected.")
    known = {item.name for item in fields(SpeakerEntry)}
    speakers = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise YamlError(
                filename, 1, f"a speaker with slug and name was expected, not {entry!r}."
            )
        for key, value in entry.items():
            line = entry.lines[key]
            if key not in known:
                raise YamlError(filename, line, f"{key}: not a field of a speaker.")
            if key == "names":
                if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                    raise YamlError(filename, line, "names: a list of texts was expected.")
            elif not isinstance(value, str):
                raise YamlError(filename, line, f"{key}: text was expected, not {value!r}.")
        for key in ("slug", "name"):
            if not entry.get(key):
                raise YamlError(filename, entry.line, f"{key}: missing.")
        speaker = SpeakerEntry(**(entry | {"names": tuple(entry.get("names", ()))}))
        try:
            _unsaved(speaker).clean_fields()
            for name in speaker.names:
                label = SpeakerName(name=name)
                label.clean_fields(exclude=["speaker"])
                label.clean()
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            key = "names" if field == "name" and "names" in entry and speaker.name else field
            raise YamlError(
                filename, entry.lines.get(key, entry.line), f"{key}: {messages[0]}"
            ) from error
        speakers.append(speaker)
    return speakers


def _unsaved(entry: SpeakerEntry) -> Speaker:
    return Speaker(
        slug=entry.slug,
        name=entry.name,
        kind=entry.kind,
        description=entry.description,
        wikidata_id=entry.wikidata_id,
    )


def save_speakers(entries: Sequence[SpeakerEntry]) -> dict[str, Speaker]:
    """Create the Speakers that are new and add the spellings that are; return them by spelling.

    A Speaker who is known already keeps what the desk has made of them.
    """
    speakers: dict[str, Speaker] = {}
    for entry in entries:
        speaker = Speaker.objects.filter(slug=entry.slug).first()
        if speaker is None:
            speaker = _unsaved(entry)
            speaker.full_clean()
            speaker.save()
        for name in entry.names:
            SpeakerName.objects.get_or_create(speaker=speaker, name=name)
            speakers[name] = speaker
    return speakers


def import_transcript(
    data: bytes,
    *,
    filename: str = "",
    source: Source | None = None,
    speakers: Sequence[SpeakerEntry] = (),
    details: Details = Details(),
    dry_run: bool = False,
    at: dt.datetime | None = None,
) -> ImportResult:
    """Store a transcript: a Source if it is new, a Snapshot of its bytes and text, and its Turns.

    The same bytes again change nothing. Other bytes of a known Source become its next edition; it is
    known by `source`, or else by the document's address, or else by its title and date. Printed labels
    are resolved through `speakers` (which are saved) first, then through SpeakerName; one that is
    borne by nobody or by several stays unresolved.

    `retrieved_at` is `at` (UTC; now if left out). With `dry_run` everything is tried and nothing is
    written. Raises TranscriptError for what is no transcript, and ValidationError for `details` or
    speakers that do not fit; either way no row is left behind.
    """
    extracted = extract_text(data, filename=filename)
    parsed = _parse(extracted)

    def store() -> ImportResult:
        with transaction.atomic():
            result = _store(data, extracted, parsed, source, speakers, details, filename, at)
            if dry_run:
                transaction.set_rollback(True)
                if result.created:
                    result.snapshot = None
        return result

    try:
        return store()
    except IntegrityError:
        # Somebody else has just imported the same: now it is there to be found.
        return store()


def _store(
    data: bytes,
    extracted: ExtractedText,
    parsed: ParsedTranscript,
    source: Source | None,
    speakers: Sequence[SpeakerEntry],
    details: Details,
    filename: str,
    at: dt.datetime | None,
) -> ImportResult:
    sha256 = hashlib.sha256(data).hexdigest()
    known = Snapshot.objects.light().filter(sha256=sha256).select_related("source")
    if source is not None:
        known = known.filter(source=source)
    snapshot = known.first()
    if snapshot is not None:
        return ImportResult(
            source=snapshot.source,
            snapshot=snapshot,
            created=False,
            edition=snapshot.edition,
            header=parsed.header,
            turns=parsed.turns,
            speakers={
                turn.label: turn.speaker
                for turn in snapshot.turns.select_related("speaker")
                if turn.speaker is not None
            },
        )
    named = save_speakers(speakers)
    source = source or _source(parsed.header, details, filename)
    by_label = _speakers_of(parsed.turns, named)
    snapshot = _keep(source, data, extracted, parsed.turns, by_label, at or timezone.now())
    if snapshot.edition > 1:
        Relocation.objects.look_for(snapshot)
    return ImportResult(
        source=source,
        snapshot=snapshot,
        created=True,
        edition=snapshot.edition,
        header=parsed.header,
        turns=parsed.turns,
        speakers=by_label,
    )


@transaction.atomic
def keep_edition(
    source: Source, data: bytes, extracted: ExtractedText, *, at: dt.datetime
) -> Snapshot:
    """Return the next edition of `source`, created: `data`, retrieved at `at`, and the text taken from them;
    of a transcript with its turns, if there are any to be seen.

    Raises IntegrityError where the source has these bytes already.
    """
    turns: Sequence[ParsedTurn] = ()
    if source.kind == SourceKind.TRANSCRIPT:
        with contextlib.suppress(TranscriptError):
            turns = _parse(extracted).turns
    return _keep(source, data, extracted, turns, _speakers_of(turns, {}), at)


def _keep(
    source: Source,
    data: bytes,
    extracted: ExtractedText,
    parsed: Sequence[ParsedTurn],
    by_label: dict[str, Speaker],
    at: dt.datetime,
) -> Snapshot:
    snapshot = Snapshot.objects.keep(
        source, data, text=extracted.text, media_type=extracted.media_type, retrieved_at=at
    )
    turns = [
        Turn(
            snapshot=snapshot,
            position=turn.position,
            label=turn.label,
            speaker=by_label.get(turn.label),
            role=turn.role,
            start=turn.start,
            end=turn.end,
            times=_times_within(extracted.times, turn.start, turn.end),
        )
        for turn in parsed
    ]
    # The history says from the first who speaks, and who or what said so.
    bulk_create_with_history(turns, Turn, batch_size=500, default_change_reason="Imported")
    return snapshot


def _times_within(times: Sequence[tuple[int, int]], start: int, end: int) -> list[list[int]]:
    """The times of the cues that `start` to `end` lie in; that of the first holds from `start` on."""
    first = max(bisect_right(times, start, key=itemgetter(0)) - 1, 0)
    last = bisect_left(times, end, key=itemgetter(0))
    return [[max(offset, start), milliseconds] for offset, milliseconds in times[first:last]]


def _parse(extracted: ExtractedText) -> ParsedTranscript:
    """The turns of a text, where it says so itself (captions may) as it says. Raises TranscriptError."""
    known = [Label(voice.name, voice.start, voice.words) for voice in extracted.voices]
    try:
        return parse_transcript(extracted.text, known=known)
    except TranscriptError:
        if not extracted.times:
            raise
        # Captions are speech, whatever it looks like; one voice, as long as they do not say more.
        return parse_transcript(extracted.text, known=[Label("", 0, 0)])


def _speakers_of(turns: Sequence[ParsedTurn], named: dict[str, Speaker]) -> dict[str, Speaker]:
    """The Speaker of each label; what the speakers file says goes before what the record knows."""
    labels = {turn.label for turn in turns if turn.label}
    ids = SpeakerName.objects.resolve(labels - named.keys())
    speakers = Speaker.objects.in_bulk(set(ids.values()))
    known = {label: speakers[pk] for label, pk in ids.items()}
    return known | {label: named[label] for label in labels & named.keys()}


def _source(header: Header, details: Details, filename: str) -> Source:
    """The Source that the document is an edition of: the known one, or a new one, saved."""
    url = details.url or header.url
    title = details.title or header.title or PurePath(filename).stem
    if not title:
        raise TranscriptError("The document gives no title: say what it is called.")
    same = Q(title=title[:500], date=header.date, kind=SourceKind.TRANSCRIPT)
    # Two documents of one title and day at two addresses are two documents.
    known: Source | None = (
        Source.objects.filter(Q(url=url) | (same & Q(url=""))).order_by("-url").first()
        if url
        else Source.objects.filter(same).order_by("id").first()
    )
    if known is not None:
        return known
    date = f"-{header.date.isoformat()}" if header.date else ""
    # Room for a number; a title without a Latin letter leaves nothing for an address.
    stem = f"{slugify(title)[: 90 - len(date)].strip('-') or 'transcript'}{date}"
    numbered = (f"{stem}-{number}" for number in count(2))
    slug = stem
    while Source.objects.filter(slug=slug).exists():
        slug = next(numbered)
    source = Source(
        slug=slug,
        title=title[:500],
        kind=SourceKind.TRANSCRIPT,
        publisher=header.publisher,
        date=header.date,
        date_precision=Precision.DAY if header.date else "",
        place=header.place,
        url=url,
        recording_url=details.recording_url,
        # RFC 5646, section 4.1: "und" is the tag of a language that nobody has determined.
        language=details.language or "und",
    )
    if details.rendition:
        source.rendition = details.rendition
    source.full_clean()
    source.save()
    return source
