from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from ..log import events

if TYPE_CHECKING:
    from .claim import Claim


@dataclass(frozen=True)
class Relation:
    """Rows that hang on a claim by `field`, as `Merge.moved` names them (`name`, the reverse accessor).

    `once` are the fields that no two rows of one claim share: of two that do, one stays behind.
    """

    name: str
    field: str
    once: tuple[str, ...] = ()
    same: tuple[str, ...] = ()  # what must agree besides, or they are no copies of each other
    other: str = ""  # a field that may not name the same claim
    joins: tuple[str, ...] = ()  # what tells a reader which row it is

    def rows(self, claim: Claim) -> Any:
        """What hangs on `claim`, oldest first."""
        rows = getattr(claim, self.name).order_by("pk")
        return rows.select_related(*self.joins) if self.joins else rows

    def key(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in self.once)

    def clashes(self, row: Any, held: dict[tuple[Any, ...], Any]) -> bool:
        """Whether one of `held` (by key) keeps `row` out although it says something else."""
        other = held.get(self.key(row)) if self.once else None
        return other is not None and any(
            getattr(row, name) != getattr(other, name) for name in self.same
        )

    def fits(self, row: Any, claim: Claim, taken: set[tuple[Any, ...]]) -> bool:
        """Whether `row` can hang on `claim`, on which rows with the keys `taken` hang already."""
        if self.other and getattr(row, self.other) == claim.pk:
            return False
        return not self.once or self.key(row) not in taken

    def taken(self, claim: Claim) -> set[tuple[Any, ...]]:
        rows = getattr(claim, self.name).values_list(*self.once) if self.once else ()
        return set(rows)


# In the order in which they move.
RELATIONS = (
    Relation(
        "appearances",
        "claim",
        ("passage_id", "claimant_id"),
        ("manner", "reported_by_id"),
        joins=("claimant", "reported_by", "passage"),
    ),
    Relation(
        "rebuttals",
        "claim",
        ("passage_id", "speaker_id"),
        ("counterclaim_id",),
        other="counterclaim_id",
        joins=("speaker", "passage"),
    ),
    Relation(
        "rebuttals_made_with",
        "counterclaim",
        other="claim_id",
        joins=("speaker", "passage", "claim"),
    ),
    Relation(
        "evidence",
        "claim",
        ("source_id", "locator"),
        ("passage_id", "direction", "directness"),
        joins=("source",),
    ),
    Relation("searches", "claim", ("place", "terms"), ("outcome",)),
    Relation("external_reviews", "claim", ("key",), ("rating_text", "rating_value")),
    Relation("parts", "part_of"),
)
NAMES = {
    "appearances": "appearances",
    "rebuttals": "rebuttals",
    "rebuttals_made_with": "rebuttals made with it as the counterclaim",
    "evidence": "evidence",
    "searches": "searches",
    "external_reviews": "external reviews",
    "parts": "parts",
    "topics": "topics",
    "notes": "notes",
}


@dataclass(frozen=True)
class Plan:
    """What moves when one claim is merged into another, and what the other has already: rows by the
    name of their relation."""

    moves: dict[str, list[Any]]
    stays: dict[str, list[Any]]

    @classmethod
    def of(cls, retired: Claim, into: Claim) -> Plan:
        moves: dict[str, list[Any]] = {}
        stays: dict[str, list[Any]] = {}
        for relation in RELATIONS:
            taken = relation.taken(into)
            for row in relation.rows(retired):
                to = moves if relation.fits(row, into, taken) else stays
                to.setdefault(relation.name, []).append(row)
        held = set(into.topics.all())
        for topic in retired.topics.all():
            to = stays if topic in held else moves
            to.setdefault("topics", []).append(topic)
        notes = list(retired.notes.select_related("author").defer("imported").order_by("pk"))
        return cls(moves | ({"notes": notes} if notes else {}), stays)

    def touches_what_is_public(self) -> bool:
        """Whether a row that is public moves."""
        return any(
            getattr(row, "is_published", False) for rows in self.moves.values() for row in rows
        )


class Merge(models.Model):
    """The record of one claim's merging into another: what moved, so that it can be undone exactly."""

    retired = models.ForeignKey(
        "claims.Claim", on_delete=models.PROTECT, related_name="merges_away"
    )
    into = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="merges_in")
    merged_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_made"
    )
    moved = models.JSONField(
        help_text="The rows that moved: name of the relation → ids of the rows.", default=dict
    )
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merges_undone",
    )

    class Meta:
        ordering = ["-merged_at", "-id"]
        permissions = [("merge_claim", "Can merge duplicate claims, and undo that")]
        constraints = [
            models.CheckConstraint(name="claims_merge_of_two", condition=~Q(retired=F("into"))),
            models.CheckConstraint(
                name="claims_merge_undone_when_and_by_whom",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="claims_merge_one_standing",
                fields=["retired"],
                condition=Q(undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retired} → {self.into}"

    @property
    def stands(self) -> bool:
        return self.undone_at is None

    @classmethod
    def refusal(cls, retired: Claim, into: Claim, *, by: Any) -> str:
        """Why `by` cannot merge `retired` into `into` as they are now, in a sentence; empty if they can."""
        try:
            _permit(by, retired, into, Plan.of(retired, into).touches_what_is_public())
            _refuse(retired, into)
        except PermissionDenied as refusal:
            return str(refusal)
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        return ""

    @classmethod
    @transaction.atomic
    def make(cls, retired: Claim, into: Claim, *, by: Any) -> Merge:
        """Merge the claim `retired` into the claim `into`, and return the record of it.

        All that hangs on the one moves to the other, each row through its own rules and with its
        history (some ten queries a row: a claim has tens of them, not thousands); what the other has
        already stays behind. Verdicts stay with the claim that they judge: what is published never
        changes. What was a draft stays one. The address of a public claim then leads to the other.

        `by` needs claims.merge_claim, and claims.publish_claim where anything public is concerned
        (PermissionDenied). Raises ValidationError, with a sentence, for what cannot be merged.
        """
        claims = _lock(
            retired, into, *retired.parts.all(), *_answered(retired), *_beside(retired, into)
        )
        retired, into = claims[retired.pk], claims[into.pk]
        plan = Plan.of(retired, into)
        _permit(by, retired, into, plan.touches_what_is_public())
        _refuse(retired, into)
        if {row.pk for row in (*retired.parts.all(), *_answered(retired))} - claims.keys():
            raise ValidationError("Somebody added to that claim in this moment: try again.")
        added = plan.moves.get("topics", [])
        public = retired.is_published or plan.touches_what_is_public() or bool(added)
        _touch(retired, into, public)
        for relation in RELATIONS:
            for row in plan.moves.get(relation.name, ()):
                _move(row, relation, into, by, f"Moved here from the duplicate {retired.slug}")
        into._history_user = by
        into.topics.add(*added)
        retired.notes.update(claim=into)
        merge = cls.objects.create(
            retired=retired,
            into=into,
            merged_by=by,
            moved={name: [row.pk for row in rows] for name, rows in plan.moves.items()}
            | {"left": {name: [row.pk for row in rows] for name, rows in plan.stays.items()}},
        )
        retired.duplicate_of = into
        retired.full_clean(exclude=["updated_at"])
        _note(retired, by, f"Merged into {into.slug}")
        _remark(into, by, f"The duplicate {retired.slug} was merged into it")
        _touch(retired, into, public)
        events.merged(merge)
        return merge

    @transaction.atomic
    def undo(self, *, by: Any) -> list[str]:
        """Move back what the merge moved, as far as it is still where the merge put it, and let the
        retired claim stand on its own again. Returns what did not move back, and why, in sentences.

        `by` as in `make`. Raises ValidationError where the merge was undone already, or where the claim
        leads elsewhere by now.
        """
        there = {
            relation.name: list(
                getattr(self.into, relation.name).filter(pk__in=self.moved.get(relation.name, ()))
            )
            for relation in RELATIONS
        }
        beside = [*there["parts"], *(row.claim for row in there["rebuttals_made_with"])]
        claims = _lock(self.retired, self.into, *beside, *_beside(self.retired, self.into))
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        retired, into = claims[self.retired_id], claims[self.into_id]
        shown = any(row.is_published for rows in there.values() for row in rows)
        _permit(by, retired, into, shown)
        if not self.stands:
            raise ValidationError("This merge was undone already.")
        if retired.duplicate_of_id != into.pk:
            raise ValidationError(
                f"“{retired}” no longer leads to “{into}”: look at its history, and move by hand what "
                "belongs to it."
            )
        public = retired.is_published or shown or bool(self.moved.get("topics"))
        _touch(retired, into, public)
        # First, or what is public would hang on a claim that has no page.
        retired.duplicate_of = None
        _note(retired, by, f"Its merging into {into.slug} was undone")
        told: list[str] = []
        for relation in RELATIONS:
            told += self._bring_back(relation, retired, into, by)
        into._history_user = by
        into.topics.remove(*self.moved.get("topics", ()))
        into.notes.filter(pk__in=self.moved.get("notes", ())).update(claim=retired)
        _remark(into, by, f"The merging of {retired.slug} into it was undone")
        self.undone_at, self.undone_by = timezone.now(), by
        self.save()
        _touch(retired, into, public)
        events.unmerged(self)
        return told

    def _bring_back(self, relation: Relation, retired: Claim, into: Claim, by: Any) -> list[str]:
        """Move back the rows of `relation`, and say which do not."""
        told = []
        ids = self.moved.get(relation.name, [])
        rows = getattr(into, relation.name).filter(pk__in=ids).in_bulk()
        taken = relation.taken(retired)
        for pk in ids:
            row = rows.get(pk)
            kind = NAMES[relation.name].capitalize()
            what = f"{kind}: “{row}”"
            if row is None:
                told.append(f"{kind}: number {pk} was deleted or moved since.")
            elif relation.name != "parts" and not relation.fits(row, retired, taken):
                told.append(f"{what} stays, for “{retired}” has the same already.")
            elif relation.field == "claim" and row.is_published and not retired.is_published:
                told.append(f"{what} was published since, and “{retired}” is a draft: it stays.")
            else:
                _move(row, relation, retired, by, f"Moved back: merging {into.slug} was undone")
        return told


def _answered(claim: Claim) -> list[Claim]:
    """The claims whose rebuttals have `claim` as their counterclaim."""
    return [row.claim for row in claim.rebuttals_made_with.select_related("claim")]


def _beside(*claims: Claim) -> list[Claim]:
    """The claims whose date `touch` moves with that of `claims`."""
    concerned = Q()
    for claim in claims:
        concerned |= claim.beside()
    return list(type(claims[0])._default_manager.filter(concerned))


def _lock(*claims: Claim) -> dict[int, Claim]:
    """Lock the rows of `claims`, in the order in which every writer does, and return them as stored."""
    rows = type(claims[0])._default_manager.filter(pk__in={claim.pk for claim in claims})
    return {claim.pk: claim for claim in rows.order_by("pk").select_for_update()}


def _permit(by: Any, retired: Claim, into: Claim, public: bool) -> None:
    if not by.has_perm("claims.merge_claim"):
        raise PermissionDenied("Merging claims takes the permission claims.merge_claim.")
    if (retired.is_published or into.is_published or public) and not by.has_perm(into.PERMISSION):
        raise PermissionDenied(
            "Something public is concerned, and an editor's to merge, or to take apart again."
        )


def _refuse(retired: Claim, into: Claim) -> None:
    """Raise ValidationError where `retired` cannot be merged into `into`."""
    if retired.pk == into.pk:
        raise ValidationError("A claim is not a duplicate of itself: choose another one.")
    for relation in RELATIONS:
        held = {relation.key(row): row for row in relation.rows(into)} if relation.same else {}
        for row in relation.rows(retired) if held else ():
            if relation.clashes(row, held):
                raise ValidationError(
                    f"Both claims have this among their {NAMES[relation.name]}, and say different "
                    f"things of it: “{row}”. Settle which is right, or tell the two apart (evidence by "
                    "its locator), and merge then."
                )
    if retired.duplicate_of is not None:
        raise ValidationError(
            f"“{retired}” is retired already, in favour of “{retired.duplicate_of}”."
        )
    for part, whole in ((retired, into), (into, retired)):
        above = part.part_of
        while above is not None and above.pk not in (whole.pk, part.pk):
            above = above.part_of
        if above is not None and above.pk == whole.pk:
            raise ValidationError(
                f"“{part}” is a part of “{whole}”: a part says less than the whole. If it is no part, "
                "take it out of the whole first."
            )
    making = retired.verdicts.in_the_making().first()
    if making is not None:
        raise ValidationError(
            f"A verdict on “{retired}” is in the making ({making.state}): finish it, or send it back "
            "and delete the draft, or merge the other way round."
        )
    retired.duplicate_of = into
    retired.clean()
    retired.duplicate_of = None


def _move(row: Any, relation: Relation, claim: Claim, by: Any, why: str) -> None:
    setattr(row, relation.field, claim)
    _note(row, by, why)


def _touch(retired: Claim, into: Claim, public: bool) -> None:
    """Both have changed, and so has what is shown beside them; a public claim only where `public` says
    so: of what is a draft, readers must not learn by a date that something happened to it."""
    for claim in (retired, into):
        if public or not claim.is_published:
            claim.touch()


def _remark(claim: Claim, by: Any, why: str) -> None:
    """Let the history of `claim` say what happened to it; its own words have not changed."""
    claim._history_user = by
    claim._change_reason = why  # type: ignore[attr-defined]
    claim.save(update_fields=["duplicate_of"])


def _note(row: Any, by: Any, why: str) -> None:
    """Save `row` with who did it, and why, in its history."""
    row._history_user = by
    row._change_reason = why
    row.save()
