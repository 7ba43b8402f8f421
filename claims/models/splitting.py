"""How a compound claim is split into parts. `Claim.split` is the way in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from .selection import WhySelected

if TYPE_CHECKING:
    from .claim import Claim

# One part would be the claim itself; more than eight are several compound claims.
FEWEST, MOST = 2, 8
LONGEST_SLUG = 120


@dataclass(frozen=True)
class Part:
    """What a part is to say, of which kind it is (as the whole, if left out), and the ids of those
    appearances of the whole at whose passages the part is made as well."""

    text: str
    kind: str = ""
    appearances: Collection[int] = field(default_factory=tuple)


@transaction.atomic
def split(whole: Claim, parts: Sequence[Part], *, by: Any) -> list[Claim]:
    """Make draft claims of `parts`, in their order after the parts that `whole` has, and return them."""
    if not by.has_perm("claims.add_claim"):
        raise PermissionDenied("Splitting a claim takes the permission claims.add_claim.")
    claims = type(whole)._default_manager
    whole = claims.select_for_update().get(pk=whole.pk)
    refusal = why_not(whole)
    if refusal:
        raise ValidationError(refusal)
    if not FEWEST <= len(parts) <= MOST:
        raise ValidationError(f"A claim is split into {FEWEST} to {MOST} parts.")
    texts = [" ".join(part.text.split()).casefold() for part in parts]
    said = {
        whole.text.casefold(),
        *(text.casefold() for text in whole.parts.values_list("text", flat=True)),
    }
    for number, text in enumerate(texts, start=1):
        if text in said:
            raise ValidationError(
                f"Part {number} says what the claim or another of its parts says: give it words of its own."
            )
        said.add(text)
    shown = {row.pk: row for row in whole.appearances.select_related("passage")}
    topics = list(whole.topics.all())
    position = whole.parts.aggregate(last=Max("part_position"))["last"] or 0
    made = []
    for number, part in enumerate(parts, start=1):
        claim = type(whole)(
            slug=free_slug(part.text, claims),
            text=part.text,
            kind=part.kind or whole.kind,
            selection=WhySelected.PART,
            language=whole.language,
            part_of=whole,
            part_position=position + number,
        )
        try:
            claim.full_clean()
        except ValidationError as error:
            raise ValidationError(f"Part {number}: {' '.join(error.messages)}") from error
        claim._history_user = by
        claim._change_reason = f"Split off from {whole.slug}"  # type: ignore[attr-defined]
        claim.save()
        claim.topics.set(topics)
        for pk in part.appearances:
            if pk not in shown:
                raise ValidationError(f"Part {number}: that appearance is none of this claim's.")
            _copy(shown[pk], claim, by, f"Copied from {whole.slug}, of which this is a part")
        made.append(claim)
    return made


def why_not(whole: Claim) -> str:
    """Why `whole` cannot be split, in a sentence; empty if it can."""
    if whole.duplicate_of_id is not None:
        return f"“{whole}” is retired: split the claim that it leads to, “{whole.duplicate_of}”."
    if whole.part_of_id is not None:
        # Pages show a claim, its whole and its parts, and nothing below.
        return f"“{whole}” is itself a part: split “{whole.part_of}” into more parts instead."
    return ""


def free_slug(text: str, claims: Any) -> str:
    """Return a slug that says `text` and that no claim has: shortened at a word, numbered if need be."""
    stem = slugify(text)[: LONGEST_SLUG - 4]
    if len(stem) == LONGEST_SLUG - 4 and "-" in stem:
        stem = stem.rpartition("-")[0]
    stem = stem or "part"  # in a script that has no letters for a slug
    taken = set(claims.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _copy(row: Any, claim: Claim, by: Any, why: str) -> None:
    """A draft of the appearance `row`, on `claim`."""
    copied = type(row)(
        claim=claim,
        **{
            name: getattr(row, name)
            for name in ("passage_id", "claimant_id", "reported_by_id", "manner", "said_on")
        },
    )
    copied._history_user = by
    copied._change_reason = why
    copied.save()
