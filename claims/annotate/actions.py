"""What becomes of a selection: a passage and what hangs on it, all of it or nothing.

Every way to annotate (the panel, the form without JavaScript) ends here, and every row that is made is
held to its model. Each function raises ValidationError, whose keys are names of the models' fields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from claims.models import Appearance, Claim, Evidence, Rebuttal
from claims.second_claim import refuse_second
from sources import anchoring
from sources.models import Passage, Snapshot, Speaker

from .selection import Selection, select

Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True)
class Made:
    """By whom a claim is made, as far as the researcher says; the turn says the rest."""

    claimant: Speaker
    reported_by: Speaker | None = None
    manner: str = ""
    said_on: dt.date | None = None


def locate(snapshot: Snapshot, words: str, *, prefix: str = "", suffix: str = "") -> Selection:
    """Return the one place of `snapshot` that reads `words`. Raises AnchoringError."""
    start, end = anchoring.locate(snapshot.text, words, prefix=prefix, suffix=suffix)
    return select(snapshot.text, start, end)


def new_claim(
    snapshot: Snapshot,
    selection: Selection,
    claim: Claim,
    made: Made,
    *,
    topics: Iterable[Any] = (),
    another: bool = False,
) -> Appearance:
    """Save the new `claim` under an address of its own, made at the selection. Refused where the desk
    seems to have it, unless the researcher says that it is `another`."""
    _refuse_second(claim, another)

    def make(passage: Passage) -> Appearance:
        _save_claim(claim, "text")
        claim.topics.set(topics)
        return _saved(_appearance(claim, passage, made))

    return _at(snapshot, selection, make)


def appearance(snapshot: Snapshot, selection: Selection, claim: Claim, made: Made) -> Appearance:
    """Save that `claim` is made at the selection."""
    return _at(
        snapshot,
        selection,
        lambda passage: _saved(_appearance(claim, passage, made)),
        claim=claim,
    )


def rebuttal(
    snapshot: Snapshot,
    selection: Selection,
    answer: Rebuttal,
    *,
    counterclaim: Claim | None = None,
    another: bool = False,
) -> Rebuttal:
    """Save `answer`, given at the selection; with it the new `counterclaim`, if any, as made there by
    the speaker. That one is refused as `new_claim` refuses it, unless it is `another`."""
    if counterclaim is not None:
        _refuse_second(counterclaim, another)

    def make(passage: Passage) -> Rebuttal:
        if counterclaim is not None:
            _save_claim(counterclaim, "counterclaim_text")
            _saved(_appearance(counterclaim, passage, Made(answer.speaker)))
            answer.counterclaim = counterclaim
        answer.passage = passage
        return _saved(answer)

    there = {"counterclaim": answer.counterclaim} if answer.counterclaim else {}
    return _at(snapshot, selection, make, claim=answer.claim, **there)


def evidence(snapshot: Snapshot, selection: Selection, row: Evidence) -> Evidence:
    """Save `row` with the selection as its passage and the transcript as its source."""

    def make(passage: Passage) -> Evidence:
        row.passage, row.source = passage, snapshot.source
        return _saved(
            row,
            once=(
                "locator",
                "This place of the source is evidence on the claim already: name another.",
            ),
        )

    return _at(snapshot, selection, make, claim=row.claim)


def _at(
    snapshot: Snapshot, selection: Selection, make: Callable[[Passage], Row], **claims: Claim
) -> Row:
    """Mark the selection and `make` a row of it, in one transaction: refused, it leaves no passage.
    `claims` are those of the desk that the row concerns, by the names of its fields."""
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                _lock(claims)
                passage = Passage.objects.mark(snapshot, start=selection.start, end=selection.end)
                return make(passage)
        except IntegrityError:
            # Somebody else saved the same in the same moment: validated anew, it is seen and told.
            if attempt == 2:
                raise
    raise AssertionError  # pragma: no cover -- the second attempt returns or raises


def _lock(claims: Mapping[str, Claim]) -> None:
    """Lock the claims, and read them anew. Before anything is written, and in one order for all: whoever
    writes at the desk locks the claim first, and would otherwise wait for us as we wait for them."""
    for name, claim in sorted(claims.items(), key=lambda item: item[1].pk):
        claim.refresh_from_db(from_queryset=Claim.objects.select_for_update())
        if claim.duplicate_of_id is not None:
            raise ValidationError({name: "That claim has been retired meanwhile: choose another."})


def _refuse_second(claim: Claim, another: bool) -> None:
    """Ask whether the new claim is one that the desk has, unless that is answered."""
    if another:
        return
    try:
        refuse_second(claim.text)
    except ValidationError as refusal:
        raise ValidationError({"another": refusal}) from refusal


def _appearance(claim: Claim, passage: Passage, made: Made) -> Appearance:
    row = Appearance(
        claim=claim,
        passage=passage,
        claimant=made.claimant,
        reported_by=made.reported_by,
        manner=made.manner,
        said_on=made.said_on,
    )
    row.follow_turn()
    return row


def _saved(row: Row, *, once: tuple[str, str] | None = None) -> Row:
    """Save a new annotation, validated. `once` is the field to blame, and what to say, where the
    database already has such a row."""
    _anew(row)
    row.full_clean(validate_constraints=False)
    try:
        row.validate_constraints()
    except ValidationError as refusal:
        codes = {error.code for error in chain.from_iterable(refusal.error_dict.values())}
        if codes != {"unique_together"}:
            raise
        field, told = once or ("claim", "This is marked here already, for the same speaker.")
        raise ValidationError({field: told}) from refusal
    row.save()
    return row


def _save_claim(claim: Claim, field: str) -> None:
    """Save a new claim under a free address made from its text; what is wrong with the text is told
    under the name `field`."""
    _anew(claim)
    stem = slugify(claim.text)[:110].strip("-") or "claim"
    claim.slug = stem
    numbered = (f"{stem}-{number}" for number in count(2))
    while Claim.objects.filter(slug=claim.slug).exists():
        claim.slug = next(numbered)
    try:
        claim.full_clean()
    except ValidationError as refusal:
        errors = {field if name == "text" else name: e for name, e in refusal.error_dict.items()}
        raise ValidationError(errors) from refusal
    claim.save()


def _anew(row: Any) -> None:
    """Forget a first attempt that was taken back."""
    row.pk, row._state.adding = None, True
