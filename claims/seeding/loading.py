"""Checked seeds -> rows, in one transaction, through the same doors that the desk uses.

Rows are found again by their natural keys, so that a second load changes nothing. Nothing is ever
deleted, and what somebody at the desk has edited, renamed or deleted since a load is kept so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model

from claims.models import Appearance, Claim, Evidence, Rebuttal, Topic, Verdict
from sources.anchoring import AnchoringError, locate
from sources.importing import import_transcript
from sources.models import Passage, Snapshot, Source, SpeakerName
from sources.parsing import TranscriptError

from .accounts import SECOND_EDITOR, role_account
from .reading import Entry, SeedError
from .rows import LOADED, Refused, Report, Rows, edited_since_load, values_of
from .schema import Seeds, read_seeds


class _DryRun(Exception):
    """Rolls the transaction back."""


def load_seeds(
    directory: Path, *, dry_run: bool = False, say: Callable[[str], None] = lambda line: None
) -> Report:
    """Load the seeds in `directory`; with `dry_run`, do all of it and take it back.

    `say` is told of progress, a line at a time. Raises SeedError with every fault that was found, and
    then leaves the database as it was. Raises PermissionError as `role_account` does.
    """
    seeds = read_seeds(directory)
    report = Report()
    with suppress(_DryRun), transaction.atomic():
        report = _Loader(seeds).load(say)
        if dry_run:
            raise _DryRun
    return report


class _Loader:
    def __init__(self, seeds: Seeds) -> None:
        self.seeds = seeds
        self.rows = Rows(
            researcher=role_account("researcher"),
            editor=role_account("editor"),
            second_editor=role_account(SECOND_EDITOR),
        )
        self.snapshots: dict[str, Snapshot] = {}  # by the slug of their source
        self.added_to: set[str] = set()  # slugs of public claims with new annotations
        self.new_verdicts: list[tuple[Claim, Entry, dict[str, Any]]] = []
        self.drafts_on: set[str] = set()  # slugs of public claims that somebody is working on

    def load(self, say: Callable[[str], None]) -> Report:
        seeds = self.seeds
        # What a claim rests on is published with it: the first to need it comes first.
        public = [entry for entry in seeds.claims if "published_at" in entry.values]
        public.sort(key=lambda entry: entry["published_at"])
        steps: list[tuple[str, list[Entry], Callable[[Entry], None]]] = [
            ("speakers", seeds.speakers, self.speaker),
            ("topics", seeds.topics, self.topic),
            ("ratings", seeds.scales, self.scale),
            ("sources", seeds.sources, self.source),
            ("claims", seeds.claims, self.claim),
            # A counterclaim is a claim: all of them are there before their annotations.
            ("annotations", seeds.claims, self.annotate),
            ("publications", public, self.publish),
        ]
        for name, entries, load in steps:
            if load == self.publish and self.rows.faults:
                break  # what is not whole is not published, not even to be rolled back
            say(f"Loading {name} …")
            for entry in entries:
                with suppress(Refused):
                    load(entry)
        if not self.rows.faults:
            say("Loading verdicts …")
            self.judge()
        if self.rows.faults:
            raise SeedError(self.rows.faults)
        return self.rows.report

    # --- The record ---

    def speaker(self, entry: Entry) -> None:
        speaker = self.rows.save(
            entry,
            {"slug": entry["slug"]},
            values_of(entry, "name", "kind", "description", "wikidata_id"),
        )
        for name in entry.get("names", []):
            with suppress(Refused):
                self.rows.save(entry, {"speaker": speaker, "name": name}, {}, model=SpeakerName)

    def source(self, entry: Entry) -> None:
        values = values_of(
            entry,
            *("title", "kind", "authors", "publisher", "date", "date_precision", "place", "url"),
            *(
                "language",
                "rendition",
                "translated_by",
                "rendition_note",
                "primacy",
                "declared_interest",
                "rights",
                "not_archived",
                "derivation",
            ),
        )
        values["derived_from"] = self.rows.referred(entry, "derived_from")
        source = self.rows.save(entry, {"slug": entry["slug"]}, values)
        if source.is_published and source.derived_from is not None:
            # What a public source is newly said to come from is read with it.
            source.derived_from.publish(by=self.rows.editor)
        for note in entry.entries("glossary"):
            with suppress(Refused):
                key = {"source": source, "printed": note["printed"]}
                self.rows.save(note, key, values_of(note, "meant", "note"))
        if transcript := entry.get("transcript"):
            self.transcript(source, transcript)

    def transcript(self, source: Source, entry: Entry) -> None:
        path = self.seeds.directory / entry["file"]
        try:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != entry["sha256"]:
                raise self.rows.refuse(entry, f"{entry['file']} has another SHA-256", key="sha256")
            result = import_transcript(
                data, filename=path.name, source=source, at=entry.get("retrieved_at")
            )
        except (OSError, TranscriptError) as error:
            raise self.rows.refuse(entry, f"{entry['file']}: {error}", key="file") from error
        if result.created:
            self.rows.report.created[Snapshot] += 1
        snapshot = source.snapshots.get(edition=result.edition)
        self.snapshots[source.slug] = snapshot
        for said in entry.entries("turns"):
            with suppress(Refused):
                self.turn(snapshot, said)

    def turn(self, snapshot: Snapshot, entry: Entry) -> None:
        """Say who speaks in the turn that has the words quoted."""
        start, end = self.locate(snapshot, entry)
        turn = snapshot.turns.filter(start__lte=start, end__gte=end).first()
        if turn is None:
            raise self.rows.refuse(entry, "these words are in no turn", key="quote")
        key = {"snapshot": snapshot, "position": turn.position}
        self.rows.save(entry, key, {"speaker": self.rows.referred(entry, "speaker")})

    def locate(self, snapshot: Snapshot, entry: Entry) -> tuple[int, int]:
        context = {"prefix": entry.get("prefix", ""), "suffix": entry.get("suffix", "")}
        try:
            return locate(snapshot.text, entry["quote"], **context)
        except AnchoringError as error:
            raise self.rows.refuse(entry, str(error), key="quote") from error

    def passage(self, entry: Entry, model: type[Model], key: dict[str, Any]) -> Passage:
        """The passage quoted by `entry`, marked if it is new: it is a row of `model` that quotes it,
        known by `key` and the passage.

        Raises Refused where that row has been deleted at the desk, and its passage after it.
        """
        snapshot = self.snapshots.get(entry["source"])
        if snapshot is None:
            raise Refused
        start, end = self.locate(snapshot, entry)
        if not Passage.objects.filter(snapshot=snapshot, start=start, end=end).exists():
            past = model.history.filter(history_change_reason=LOADED, **key)  # type: ignore[attr-defined]
            if (
                past.exclude(passage=None)
                .exclude(passage__in=Passage.objects.values("pk"))
                .exists()
            ):
                self.rows.keep(entry, key, model, "deleted")
                raise Refused
        return Passage.objects.mark(snapshot, start=start, end=end)

    # --- The judgement ---

    def topic(self, entry: Entry) -> None:
        self.rows.save(entry, {"slug": entry["slug"]}, values_of(entry, "name", "description"))

    def scale(self, entry: Entry) -> None:
        values = values_of(entry, "name", "description", "worst", "best")
        scale = self.rows.save(entry, {"slug": entry["slug"]}, values)
        for position, rating in enumerate(entry.entries("ratings"), start=1):
            values = {"scale": scale, "position": position}
            values |= values_of(rating, "label", "meaning", "value")
            with suppress(Refused):
                self.rows.save(rating, {"slug": rating["slug"]}, values)

    def claim(self, entry: Entry) -> None:
        values = values_of(
            entry,
            *("text", "kind", "selection", "selection_note", "context", "language"),
            *("part_position", "decides_whole"),
        )
        values["part_of"] = self.rows.referred(entry, "part_of")
        claim = self.rows.save(entry, {"slug": entry["slug"]}, values)
        wanted = set()
        for slug in entry.get("topics", []):
            with suppress(Refused):  # a topic that the desk has deleted
                wanted.add(self.rows.get("topic", slug).pk)
        there = set(claim.topics.values_list("pk", flat=True))
        if wanted != there:
            left = set(Topic.objects.values_list("pk", flat=True))
            past = list(claim.history.all())
            as_now = [{row.topic_id for row in old.topics.all()} & left == there for old in past]
            if edited_since_load(past, as_now):
                self.rows.report.kept.append(f"claim “{str(claim)[:60]}”: topics")
                return
            claim._history_user = self.rows.researcher
            claim._change_reason = LOADED
            claim.topics.set(wanted)
            claim.touch()

    def annotate(self, entry: Entry) -> None:
        claim = self.rows.get("claim", entry["slug"])
        if claim.is_published and claim.has_drafts():
            self.drafts_on.add(claim.slug)
        before = self.rows.report.created.total()
        for key, load in (
            ("appearances", self.appearance),
            ("rebuttals", self.rebuttal),
            ("evidence", self.evidence),
            ("searches", self.search),
        ):
            for annotation in entry.entries(key):
                with suppress(Refused):
                    load(claim, annotation)
        if claim.is_published and self.rows.report.created.total() > before:
            self.added_to.add(claim.slug)

    def appearance(self, claim: Claim, entry: Entry) -> None:
        claimant = self.rows.referred(entry, "claimant")
        values = values_of(entry, "manner", "said_on")
        values["reported_by"] = self.rows.referred(entry, "reported_by")
        key = {"claim": claim, "claimant": claimant}
        passage = self.passage(entry, Appearance, key)
        self.rows.save(entry, key | {"passage": passage}, values)

    def rebuttal(self, claim: Claim, entry: Entry) -> None:
        speaker = self.rows.referred(entry, "speaker")
        values = values_of(entry, "summary")
        values["counterclaim"] = self.rows.referred(entry, "counterclaim")
        key = {"claim": claim, "speaker": speaker}
        passage = self.passage(entry, Rebuttal, key)
        rebuttal = self.rows.save(entry, key | {"passage": passage}, values)
        for cited in entry.entries("citations"):
            values = values_of(cited, "locator", "note")
            with suppress(Refused):
                values["source"] = self.rows.referred(cited, "source")
                self.rows.save(cited, {"rebuttal": rebuttal, "invoked": cited["invoked"]}, values)

    def evidence(self, claim: Claim, entry: Entry) -> None:
        source = self.rows.referred(entry, "source")
        values = values_of(entry, "direction", "directness", "summary", "available_on")
        key = {"claim": claim, "source": source, "locator": entry.get("locator", "")}
        quotes = "quote" in entry.values
        values["passage"] = self.passage(entry, Evidence, key) if quotes else None
        self.rows.save(entry, key, values)

    def search(self, claim: Claim, entry: Entry) -> None:
        key = {"claim": claim, "place": entry["place"], "terms": entry["terms"]}
        self.rows.save(entry, key, values_of(entry, "searched_on", "outcome"))

    # --- Publication ---

    def publish(self, entry: Entry) -> None:
        """Publish the claim, and compare what the file says of its verdicts with what is published."""
        claim = Claim.objects.get(pk=self.rows.get("claim", entry["slug"]).pk)
        there = {verdict.version: verdict for verdict in claim.verdicts.select_related("rating")}
        verdicts = entry.entries("verdicts")
        new = [verdict for verdict in verdicts if verdict["version"] not in there]
        if claim.slug in self.drafts_on and (new or claim.slug in self.added_to):
            # Publishing what is new here would publish what somebody is still writing.
            raise self.rows.refuse(
                entry, "the desk has drafts on this public claim: publish or delete them first"
            )
        try:
            if not claim.is_published:
                claim.publish(by=self.rows.editor, at=entry["published_at"])
            elif claim.slug in self.added_to:
                claim.publish(by=self.rows.editor)
        except ValidationError as error:
            raise self.rows.invalid(entry, error) from error
        except PermissionDenied as error:
            raise self.rows.refuse(entry, str(error)) from error
        for verdict in verdicts:
            values = values_of(verdict, "headline", "rationale", "reason", "note", "no_primary")
            values["rating"] = self.rows.referred(verdict, "rating")
            if verdict in new:
                self.new_verdicts.append((claim, verdict, values))
            else:
                self.compare_verdict(there[verdict["version"]], verdict, values)

    def judge(self) -> None:
        """Publish the new verdicts in the order of their times: those on its parts come before that on a
        compound claim, which rests on them."""
        refused = set()
        for claim, entry, values in sorted(
            self.new_verdicts, key=lambda verdict: verdict[1]["published_at"]
        ):
            if claim.slug in refused:
                continue
            try:
                self.add_verdict(claim, entry, values)
            except Refused:
                refused.add(claim.slug)

    def compare_verdict(self, there: Verdict, entry: Entry, values: dict[str, Any]) -> None:
        """Refuse an entry that says other than the published version that it stands for."""
        if there.published_at is None:
            raise self.rows.refuse(entry, f"version {there.version} is being written at the desk")
        values |= {key: entry[key] for key in ("submitted_at", "published_at")}
        changed = [key for key, value in values.items() if getattr(there, key) != value]
        if changed:
            raise self.rows.refuse(
                entry,
                f"{', '.join(changed)}: version {there.version} is published and never changes; leave "
                "it as it was, and add a version with its reason and note",
                key=changed[0],
            )

    def add_verdict(self, claim: Claim, entry: Entry, values: dict[str, Any]) -> None:
        author = self.rows.researcher
        verdict: Any = Verdict(
            claim=claim,
            version=entry["version"],
            author=author,
            created_at=entry["submitted_at"],
            **values,
        )
        verdict._history_user = author
        verdict._change_reason = LOADED
        try:
            verdict.full_clean()
            verdict.save()
            verdict.submit(by=author, at=entry["submitted_at"])
            for gate in entry.entries("overrides"):
                # By another editor than the one who approves, a moment before.
                by = self.rows.second_editor
                verdict.override(gate["gate"], by=by, why=gate["why"], at=entry["published_at"])
            verdict.approve(by=self.rows.editor, at=entry["published_at"])
        except ValidationError as error:
            raise self.rows.invalid(entry, error) from error
        except PermissionDenied as error:
            raise self.rows.refuse(entry, str(error)) from error
        self.rows.report.created[Verdict] += 1
