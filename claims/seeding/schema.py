"""The vocabulary as it is written in `seeds/`, and the references between its entries. No database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from claims.models.appearance import Manner
from claims.models.claim import ClaimKind
from claims.models.evidence import Direction, Directness
from claims.models.overriding import GateName
from claims.models.selection import TO_CHOOSE
from claims.models.verdict import Reason
from sources.models.source import Derivation, Precision, Primacy, Rendition, SourceKind
from sources.models.speaker import SpeakerKind

from .reading import (
    SLUG,
    Entry,
    Fault,
    Field,
    Schema,
    SeedError,
    in_order,
    read_file,
    repeated,
    walk,
)


def _slug() -> Field:
    return Field(required=True, pattern=SLUG)


def _to(vocabulary: str, *, required: bool = False, many: bool = False) -> Field:
    return Field(required=required, many=many, refers_to=vocabulary)


TEXT = Field()
NEEDED = Field(required=True)
DATE = Field(dt.date)
TIME = Field(dt.datetime, required=True)
QUOTED = {"quote": Field(exact=True), "prefix": Field(exact=True), "suffix": Field(exact=True)}
PASSAGE = {
    "source": _to("source", required=True),
    **QUOTED,
    "quote": Field(exact=True, required=True),
}

SPEAKER = Schema(
    "speaker",
    ("slug",),
    {
        "slug": _slug(),
        "name": NEEDED,
        "kind": Field(choices=tuple(SpeakerKind.values)),
        "description": TEXT,
        "wikidata_id": TEXT,
        "names": Field(many=True),
    },
)
TURN = Schema(
    "turn",
    ("quote", "prefix"),
    {**QUOTED, "quote": PASSAGE["quote"], "speaker": _to("speaker", required=True)},
)
TRANSCRIPT = Schema(
    "transcript",
    ("file",),
    {
        "file": NEEDED,
        "sha256": Field(required=True, pattern="[0-9a-f]{64}"),
        "retrieved_at": Field(dt.datetime),
        "turns": Field(many=True, of=TURN),
    },
)
GLOSSARY_NOTE = Schema(
    "glossary note",
    ("printed",),
    {"printed": Field(required=True, exact=True), "meant": NEEDED, "note": TEXT},
)
SOURCE = Schema(
    "source",
    ("slug",),
    {
        "slug": _slug(),
        "title": NEEDED,
        "kind": Field(required=True, choices=tuple(SourceKind.values)),
        "authors": TEXT,
        "publisher": TEXT,
        "date": DATE,
        "date_precision": Field(choices=tuple(Precision.values)),
        "place": TEXT,
        "url": Field(pattern=r"https?://\S+"),
        "language": TEXT,
        "rendition": Field(choices=tuple(Rendition.values)),
        "translated_by": TEXT,
        "rendition_note": TEXT,
        "primacy": Field(choices=tuple(Primacy.values)),
        "declared_interest": TEXT,
        "rights": TEXT,
        "not_archived": TEXT,
        "derived_from": _to("source"),
        "derivation": Field(choices=tuple(Derivation.values)),
        "glossary": Field(many=True, of=GLOSSARY_NOTE),
        "transcript": Field(of=TRANSCRIPT),
    },
)
TOPIC = Schema("topic", ("slug",), {"slug": _slug(), "name": NEEDED, "description": TEXT})
RATING = Schema(
    "rating",
    ("slug",),
    {"slug": _slug(), "label": NEEDED, "meaning": NEEDED, "value": Field(int)},
)
SCALE = Schema(
    "scale",
    ("slug",),
    {
        "slug": _slug(),
        "name": NEEDED,
        "description": TEXT,
        "worst": Field(int),
        "best": Field(int),
        "ratings": Field(required=True, many=True, of=RATING),
    },
)
APPEARANCE = Schema(
    "appearance",
    ("source", "quote", "prefix", "suffix", "claimant"),
    {
        **PASSAGE,
        "claimant": _to("speaker", required=True),
        "reported_by": _to("speaker"),
        "manner": Field(required=True, choices=tuple(Manner.values)),
        "said_on": DATE,
    },
)
CITATION = Schema(
    "citation",
    ("invoked",),
    {"invoked": NEEDED, "source": _to("source"), "locator": TEXT, "note": TEXT},
)
REBUTTAL = Schema(
    "rebuttal",
    ("source", "quote", "prefix", "suffix", "speaker"),
    {
        **PASSAGE,
        "speaker": _to("speaker", required=True),
        "summary": NEEDED,
        "counterclaim": _to("claim"),
        "citations": Field(many=True, of=CITATION),
    },
)
EVIDENCE = Schema(
    "evidence",
    ("source", "locator"),
    {
        "source": _to("source", required=True),
        "locator": TEXT,
        **QUOTED,
        "direction": Field(required=True, choices=tuple(Direction.values)),
        "directness": Field(choices=tuple(Directness.values)),
        "summary": NEEDED,
        "available_on": DATE,
    },
)
SEARCH = Schema(
    "search",
    ("place", "terms"),
    {
        "searched_on": Field(dt.date, required=True),
        "place": NEEDED,
        "terms": NEEDED,
        "outcome": NEEDED,
    },
)
OVERRIDE = Schema(
    "override",
    ("gate",),
    {"gate": Field(required=True, choices=tuple(GateName.values)), "why": NEEDED},
)
VERDICT = Schema(
    "verdict",
    ("version",),
    {
        "version": Field(int, required=True),
        "rating": _to("rating", required=True),
        "headline": NEEDED,
        "rationale": NEEDED,
        "reason": Field(choices=tuple(Reason.values)),
        "note": TEXT,
        "no_primary": TEXT,
        "overrides": Field(many=True, of=OVERRIDE),
        "submitted_at": TIME,
        "published_at": TIME,
    },
)
CLAIM = Schema(
    "claim",
    ("slug",),
    {
        "slug": _slug(),
        "text": NEEDED,
        "kind": Field(required=True, choices=tuple(ClaimKind.values)),
        "selection": Field(required=True, choices=tuple(value for value, _ in TO_CHOOSE)),
        "selection_note": TEXT,
        "context": TEXT,
        "language": TEXT,
        "topics": _to("topic", many=True),
        "part_of": _to("claim"),
        "part_position": Field(int),
        "decides_whole": Field(bool),
        "published_at": Field(dt.datetime),
        "appearances": Field(many=True, of=APPEARANCE),
        "rebuttals": Field(many=True, of=REBUTTAL),
        "evidence": Field(many=True, of=EVIDENCE),
        "searches": Field(many=True, of=SEARCH),
        "verdicts": Field(many=True, of=VERDICT),
    },
)


VOCABULARIES = {
    "speakers": SPEAKER,
    "topics": TOPIC,
    "ratings": SCALE,
    "sources": SOURCE,
    "claims": CLAIM,
}


@dataclass
class Seeds:
    """What the files of a seeds directory say, checked as far as that goes without a database."""

    directory: Path
    speakers: list[Entry] = field(default_factory=list)
    topics: list[Entry] = field(default_factory=list)
    scales: list[Entry] = field(default_factory=list)
    sources: list[Entry] = field(default_factory=list)
    claims: list[Entry] = field(default_factory=list)


def read_seeds(directory: Path) -> Seeds:
    """Read speakers, topics, ratings, sources and claims: `<name>.yaml` or `<name>/*.yaml`. A
    vocabulary without a file is empty.

    Raises SeedError with every fault: what is not YAML, unknown and repeated keys, wrong types,
    unknown values, repeated entries, references to what is in no file, and a directory without any.
    """
    seeds = Seeds(directory)
    faults: list[Fault] = []
    unread: set[str] = set()
    held_in = (seeds.speakers, seeds.topics, seeds.scales, seeds.sources, seeds.claims)
    for (name, schema), entries in zip(VOCABULARIES.items(), held_in, strict=True):
        found, more = _read(directory, name, schema)
        faults += more
        if found is None:
            unread.add(RATING.name if schema is SCALE else schema.name)
        entries += found or []
    if not any(_paths(directory, name) for name in VOCABULARIES):
        wanted = ", ".join(f"{name}.yaml" for name in VOCABULARIES)
        faults.append(Fault(_label(directory), 1, f"none of {wanted} is here"))
    faults += _dangling(seeds, unread)
    seeds.sources, circles = in_order(seeds.sources, lambda source: source.get("derived_from"))
    faults += circles
    seeds.claims, circles = in_order(seeds.claims, lambda claim: claim.get("part_of"))
    faults += circles
    held = {source.get("slug") for source in seeds.sources if source.get("transcript")}
    for entry in walk(seeds.claims):
        if entry.get("quote") and entry.get("source") and entry.get("source") not in held:
            faults.append(
                entry.fault(f"the desk holds no text of “{entry['source']}”", key="quote")
            )
    for claim in seeds.claims:
        faults += _versions(claim)
    if faults:
        raise SeedError(faults)
    return seeds


def _read(directory: Path, name: str, schema: Schema) -> tuple[list[Entry] | None, list[Fault]]:
    """The entries of all files of a vocabulary; None where one of them cannot be read."""
    paths = _paths(directory, name)
    read = [read_file(path, _label(path), schema) for path in paths]
    faults = [fault for _, more in read for fault in more]
    entries = [entry for found, _ in read for entry in found or []]
    # The reader has compared the entries of each file; a slug is used once in all of them.
    faults += repeated(entries) if len(paths) > 1 else []
    return (None if any(found is None for found, _ in read) else entries), faults


def _paths(directory: Path, name: str) -> list[Path]:
    paths = [directory / f"{name}.yaml", *sorted((directory / name).glob("*.yaml"))]
    return [path for path in paths if path.is_file()]


def _label(path: Path) -> str:
    """The path as a person types it: from the working directory, where it lies below that."""
    path = path.resolve()
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _dangling(seeds: Seeds, unread: set[str]) -> list[Fault]:
    """Faults for references to a slug that no file has, but for the vocabularies in `unread`."""
    everything = [*seeds.speakers, *seeds.topics, *seeds.scales, *seeds.sources, *seeds.claims]
    slugs: dict[str, set[str]] = {}
    entries = list(walk(everything))
    for entry in entries:
        if "slug" in entry.values:
            slugs.setdefault(entry.schema.name, set()).add(entry["slug"])
    faults = []
    for entry in entries:
        for key, wanted in entry.schema.fields.items():
            if wanted.refers_to not in {"", *unread} and key in entry.values:
                given = entry[key] if wanted.many else [entry[key]]
                faults += [
                    entry.fault(f"unknown {wanted.refers_to} “{slug}”", key=key)
                    for slug in given
                    if slug not in slugs.get(wanted.refers_to, set())
                ]
    return faults


def _versions(claim: Entry) -> list[Fault]:
    """Faults for verdicts of a claim that are not versions 1, 2, 3, … one after the other in time."""
    faults = []
    before = claim.get("published_at")
    verdicts = claim.entries("verdicts")
    for version, verdict in enumerate(verdicts, start=1):
        if verdict.get("version") not in (None, version):
            faults.append(verdict.fault(f"this is version {version} of the claim", key="version"))
        for key in ("submitted_at", "published_at"):
            at = verdict.get(key)
            if at and before and at < before:
                faults.append(verdict.fault("the times of a claim run backwards here", key=key))
            before = at or before
    if verdicts and "published_at" not in claim.lines:
        faults.append(claim.fault("a claim with a verdict needs published_at"))
    return faults
