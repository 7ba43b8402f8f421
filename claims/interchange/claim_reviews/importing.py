"""A file of other publishers' reviews → draft claims with ExternalReviews, in one transaction, and what came
of every item."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count, islice
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import reset_queries, transaction
from django.utils.text import slugify
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from sources.models import SpeakerName

from ...models import Claim, ExternalReview, Note, WhySelected
from ..untrusted_json import pruned
from .finding import Found, Reason, Refused
from .outcomes import (
    LEFT,
    NEW_CLAIM,
    OWN_ADDRESS,
    SAME_WORDS,
    TWICE,
    UNCHANGED,
    UPDATED,
    Outcome,
    Tally,
    What,
)
from .placing import Places, Suggestions, digest_of
from .reading import COLUMNS, Incoming, host_of, read
from .streams import Piece, pieces

PERMISSIONS = ("claims.add_claim", "claims.add_externalreview")
BATCH = 500
# The history says so of rows that the desk has not touched since.
IMPORTED = "Imported from "
LONGEST_TEXT = 500
LONGEST_STEM = 100


def import_claim_reviews(
    file: IO[bytes],
    *,
    by: Any,
    origin: str,
    language: str = "",
    dry_run: bool = False,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> Tally:
    """Import the reviews in `file` in the name of `by`; all or nothing. The same file again changes nothing.

    `origin` is what the history calls the file; `language` (BCP 47) is that of reviews that do not say
    theirs. `tell` is given what came of each item, in the order of the file. What is made is a draft. Raises
    FileError where the file cannot be read, PermissionDenied unless `by` has the PERMISSIONS.
    """
    if not by.has_perms(PERMISSIONS):
        raise PermissionDenied(
            "Importing reviews takes the right to add claims and external reviews."
        )
    tally = Tally()
    stream = pieces(file)
    with transaction.atomic():
        # Of two imports at once, each would make the claims of the other. The key of the row stays as it
        # is, so the log of the desk, which refers to it, need not wait.
        kind = ContentType.objects.get_for_model(ExternalReview)
        ContentType.objects.select_for_update(no_key=True).get(pk=kind.pk)
        run = _Run(by, f"{IMPORTED}{origin}"[:500], language)
        try:
            with TemporaryFile() as spool:
                concerned: set[int] = set()
                while batch := list(islice(stream, BATCH)):
                    outcomes = run.read(batch)
                    concerned |= run.concerned(outcomes)
                    pickle.dump(outcomes, spool)
                    _forget_queries()
                # Claim by claim, as batches come, would be in no order: another writer who holds one and
                # waits for the next could wait for ever.
                run.lock(concerned)
                length = spool.tell()
                spool.seek(0)
                while spool.tell() < length:
                    outcomes = pickle.load(spool)  # noqa: S301 -- written above, in no named file
                    run.take(outcomes)
                    for outcome in outcomes:
                        tally.add(outcome)
                        tell(outcome)
                    _forget_queries()
        finally:
            run.places.close()
        if dry_run:
            transaction.set_rollback(True)
    return tally


def _forget_queries() -> None:
    if settings.DEBUG:  # every query of the whole run would be kept, with all that it stored
        reset_queries()


class _Run:
    """One import, batch by batch: some ten queries each. The whole file is read, then what it concerns is
    locked, then it is stored."""

    def __init__(self, by: Any, why: str, language: str) -> None:
        self.by, self.why, self.language = by, why, language
        self.site = urlsplit(settings.SITE_URL)
        self.ours = host_of(settings.SITE_URL)
        self.places = Places()
        self.suggestions = Suggestions()
        self.locked: set[int] = set()  # claims that nobody else can change or retire

    def read(self, batch: list[Piece]) -> list[Outcome]:
        """Return what is read of `batch`: what is to be taken, and what is refused."""
        outcomes: list[Outcome] = []
        for place, found in batch:
            came = self._read(found) if isinstance(found, Found) else found
            if isinstance(came, Refused):
                item = pruned(came.value)
                outcomes.append(Outcome(place, What.REFUSED, came.reason, came.told, item=item))
            else:
                outcomes.append(Outcome(place, What.TAKEN, NEW_CLAIM, incoming=came))
        return outcomes

    def concerned(self, outcomes: list[Outcome]) -> set[int]:
        """The claims on which reviews of `outcomes` are or belong."""
        read = [each for each in outcomes if each.incoming is not None]
        keys = {each.incoming.key for each in read if each.incoming}
        held = ExternalReview.objects.filter(key__in=keys).order_by()
        found = {*held.values_list("claim", flat=True), *self._ours(read).values()}
        return found | {pk for each in read if (pk := self._place(each)) is not None}

    def lock(self, claims: set[int]) -> None:
        """Lock `claims`, in the order in which every writer locks claims, and those that they are merged
        into. Reviews may hang on them meanwhile; they cannot be published or retired."""
        while True:
            before = transaction.savepoint()
            leads_to: set[int] = set()
            ordered = iter(sorted(claims))
            while some := list(islice(ordered, BATCH)):
                rows = Claim.objects.filter(pk__in=some).order_by("pk")
                rows = rows.select_for_update(no_key=True)
                leads_to |= {to for to in rows.values_list("duplicate_of", flat=True) if to}
            if leads_to <= claims:
                break
            # One was retired since it was looked up: give all free, or the order would be lost.
            transaction.savepoint_rollback(before)
            claims |= leads_to
        self.locked = claims

    def take(self, outcomes: list[Outcome]) -> None:
        """Store what was read, and complete `outcomes` with what came of each."""
        read = [each for each in outcomes if each.incoming is not None]
        if not read:
            return
        keys = {each.incoming.key for each in read if each.incoming}
        held = {
            row.key: row
            for row in ExternalReview.objects.filter(key__in=keys)
            .select_related("claim")
            .order_by("-pk")
        }
        new: dict[str, Outcome] = {}
        changed: list[tuple[Outcome, ExternalReview]] = []
        for outcome in read:
            incoming: Any = outcome.incoming
            earlier = self.places.first_had(incoming.key, outcome.place)
            row = held.get(incoming.key)
            if earlier:
                self._again(outcome, earlier, row or new[incoming.key].incoming)
                outcome.claim = row.claim if row else None
            elif row is None:
                new[incoming.key] = outcome
            else:
                outcome.what, outcome.reason, outcome.claim = What.KNOWN, UNCHANGED, row.claim
                outcome.changes = _changes(incoming, row)
                if outcome.changes:
                    changed.append((outcome, row))
        self._update(changed)
        self._create(list(new.values()))
        for outcome in read:
            if outcome.claim is None and outcome.incoming is not None:
                outcome.claim = new[outcome.incoming.key].claim

    def _read(self, found: Found) -> Incoming | Refused:
        return read(found, language=self.language, ours=self.ours)

    def _again(self, outcome: Outcome, earlier: str, other: Any) -> None:
        """Of what stands in the file twice, the first is taken."""
        incoming: Any = outcome.incoming
        against = {name for name in _changes(incoming, other) if getattr(other, name)}
        if against - {"url", "claim_reviewed", "claimant_name", "appearance_urls"}:
            outcome.what, outcome.reason = What.REFUSED, Reason.CONTRADICTS
            outcome.told = f"{earlier} differs in: {', '.join(sorted(against))}."
            outcome.item = {name: str(value) for name, value in incoming.columns().items() if value}
        else:
            outcome.what, outcome.reason, outcome.told = What.KNOWN, TWICE, f"At {earlier}."

    def _update(self, changed: list[tuple[Outcome, ExternalReview]]) -> None:
        """Bring drafts that the desk has not touched up to date; leave the others, and say so."""
        if not changed:
            return
        keys = [row.pk for _, row in changed]
        # Claims come first (`lock`); one that a review was moved to in between is nobody's to lock now.
        claims = self.locked & {row.claim_id for _, row in changed}
        reviews = ExternalReview.objects.filter(pk__in=keys, claim__in=claims)
        rows = {row.pk: row for row in reviews.order_by("pk").select_for_update(of=("self",))}
        history = ExternalReview.history.filter(id__in=keys).order_by("history_date", "history_id")
        last = dict(history.values_list("id", "history_change_reason"))
        updated = []
        for outcome, given in changed:
            row, incoming = rows.get(given.pk), outcome.incoming
            untouched = (last.get(given.pk) or "").startswith(IMPORTED)
            if row is None or incoming is None or row.is_published or not untouched:
                outcome.reason = LEFT
                continue
            outcome.reason = UPDATED
            for name in outcome.changes:
                setattr(row, name, getattr(incoming, name))
            updated.append(row)
        if updated:
            bulk_update_with_history(
                updated,
                ExternalReview,
                COLUMNS,
                default_user=self.by,
                default_change_reason=self.why,
            )

    def _create(self, outcomes: list[Outcome]) -> None:
        """Make the reviews that are new, on the claims where they belong or on claims that are new, too."""
        if not outcomes:
            return
        at = {id(each): self._place(each) for each in outcomes}
        ours = self._ours(outcomes)
        wanted = {pk for pk in [*at.values(), *ours.values()] if pk is not None}
        # One may have been retired before it was locked.
        claims = Claim.objects.select_related(None).in_bulk(wanted & self.locked)
        retired = {c.pk: c.duplicate_of for c in claims.values() if c.duplicate_of_id is not None}
        claims |= {pk: target for pk, target in retired.items() if target is not None}
        made: dict[bytes, Claim] = {}
        origins: list[Outcome] = []
        for outcome in outcomes:
            incoming: Any = outcome.incoming
            if ours.get(id(outcome)) in claims:
                outcome.claim, outcome.reason = claims[ours[id(outcome)]], OWN_ADDRESS
                self.places.add(digest_of(incoming.claim_reviewed), outcome.claim.pk)
                continue
            digest = digest_of(incoming.claim_reviewed)
            pk = at[id(outcome)]
            if pk in claims:
                outcome.claim, outcome.reason = claims[pk], SAME_WORDS
            elif digest in made:
                outcome.claim, outcome.reason = made[digest], SAME_WORDS
            else:
                outcome.claim = made[digest] = _claim(incoming)
                origins.append(outcome)
        self._create_claims(made, origins)
        speakers = _speakers({each.incoming.claimant_name for each in outcomes if each.incoming})
        reviews = [
            ExternalReview(
                claim=each.claim,
                key=each.incoming.key,
                claimant_id=speakers.get(each.incoming.claimant_name),
                **each.incoming.columns(),
            )
            for each in outcomes
            if each.incoming is not None
        ]
        bulk_create_with_history(
            reviews, ExternalReview, default_user=self.by, default_change_reason=self.why
        )

    def _place(self, outcome: Outcome) -> int | None:
        incoming: Any = outcome.incoming
        return self.places.claim_of(digest_of(incoming.claim_reviewed))

    def _ours(self, outcomes: list[Outcome]) -> dict[int, int]:
        """Of reviews that name the page of one of our claims, the key of that claim."""
        named = {
            id(each): slug
            for each in outcomes
            if each.incoming is not None
            for url in each.incoming.about
            if (slug := self._slug(url))
        }
        if not named:
            return {}
        rows = Claim.objects.filter(slug__in=set(named.values()))
        keys = {slug: to or pk for slug, pk, to in rows.values_list("slug", "pk", "duplicate_of")}
        return {each: keys[slug] for each, slug in named.items() if slug in keys}

    def _slug(self, url: str) -> str:
        """The slug in the address of a claim's page here, in any language; empty for other addresses."""
        parts = urlsplit(url)
        before, _, rest = parts.path.partition("/claims/")
        ours = parts.netloc == self.site.netloc and len(before) <= len("/de")
        return rest.strip("/") if ours else ""

    def _create_claims(self, made: dict[bytes, Claim], origins: list[Outcome]) -> None:
        """Store new claims under free addresses, and note beside them what may be the same."""
        if not made:
            return
        _give_slugs(made)
        bulk_create_with_history(
            list(made.values()), Claim, default_user=self.by, default_change_reason=self.why
        )
        for digest, claim in made.items():
            self.places.add(digest, claim.pk)
            self.locked.add(claim.pk)
        found = self.suggestions.for_all(each.incoming for each in origins if each.incoming)
        named = Claim.objects.filter(duplicate_of=None).in_bulk(
            {pk for claims in found.values() for pk in claims}
        )
        notes = []
        for outcome in origins:
            incoming: Any = outcome.incoming
            near = [(named[pk], why) for pk, why in found[incoming.key].items() if pk in named]
            outcome.suggested = [(claim.slug, why) for claim, why in near]
            if near:
                lines = [f"“{claim.text}” ({claim.slug}): {why}" for claim, why in near]
                body = "Perhaps the same claim, which the desk has already:\n" + "\n".join(lines)
                notes.append(Note(claim=outcome.claim, author=self.by, body=body))
        # Nobody is told of them, whomever the text of a claim names with @ (`Note.save`).
        Note.objects.bulk_create(notes)


def _changes(incoming: Incoming, other: Any) -> dict[str, Any]:
    """What `incoming` says otherwise than `other` does; what it does not say changes nothing."""
    found = {}
    for name in COLUMNS:
        new, old = getattr(incoming, name), getattr(other, name)
        if new and new != old:
            found[name] = {"from": _plain_value(old), "to": _plain_value(new)}
    return found


def _plain_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _claim(incoming: Incoming) -> Claim:
    text = incoming.claim_reviewed
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1].rsplit(' ', 1)[0][: LONGEST_TEXT - 1].rstrip()}…"
    return Claim(text=text, language=incoming.language or "und", selection=WhySelected.REVIEWED)


def _speakers(names: Iterable[str]) -> dict[str, int]:
    """The speakers whom these names, as printed, name; without those that several bear."""
    rows = SpeakerName.objects.filter(name__in={name for name in names if name})
    found: dict[str, set[int]] = {}
    for name, speaker in rows.values_list("name", "speaker"):
        found.setdefault(name, set()).add(speaker)
    return {name: speakers.pop() for name, speakers in found.items() if len(speakers) == 1}


def _give_slugs(made: dict[bytes, Claim]) -> None:
    """Give each new claim a free address that says its text: shortened at a word, and told apart by a part
    of its digest where another has it."""
    candidates = {
        digest: list(islice(_slugs(claim.text, digest), 2)) for digest, claim in made.items()
    }
    wanted = {slug for slugs in candidates.values() for slug in slugs}
    taken = set(Claim.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    for digest, claim in made.items():
        claim.slug = next((slug for slug in candidates[digest] if slug not in taken), "")
        if not claim.slug:
            claim.slug = next(
                slug
                for slug in _slugs(claim.text, digest)
                if slug not in taken and not Claim.objects.filter(slug=slug).exists()
            )
        taken.add(claim.slug)


def _slugs(text: str, digest: bytes) -> Iterator[str]:
    stem = slugify(text)
    if len(stem) > LONGEST_STEM:
        stem = stem[:LONGEST_STEM].rpartition("-")[0] or stem[:LONGEST_STEM]
    stem = stem.strip("-_")
    if stem:
        yield stem
    stem = f"{stem or 'claim'}-{digest.hex()[:8]}"
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))
