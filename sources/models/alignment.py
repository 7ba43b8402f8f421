from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from ..aligning import anchors, crossing
from ..querysets import Family
from .change import Change, Kind
from .snapshot import Snapshot
from .source import Source
from .turn import Turn


class AlignmentQuerySet(models.QuerySet[Any]):
    def between(self, one: Snapshot, other: Snapshot) -> AlignmentQuerySet:
        """What is said of the turns of these two editions, whichever of them it was said of."""
        return self.filter(
            Q(turn__snapshot=one, other=other) | Q(turn__snapshot=other, other=one)
        ).select_related("turn", "counterpart")

    def beside(self, turns: models.QuerySet[Any], editions: Iterable[int]) -> dict[int, list[Turn]]:
        """Return `turns`, which are of the editions with these ids, by the id of the edition, in order; each
        with what was `said` of it in regard to another one of them: the id of a counterpart, or None. One
        query."""
        of_these = Q(alignments__other__in=list(editions))
        rows = (
            turns.annotate(known=FilteredRelation("alignments", condition=of_these))
            .annotate(known_id=F("known__pk"), counterpart_id=F("known__counterpart"))
            .order_by("snapshot", "position", "known_id")
        )
        found: dict[int, list[Turn]] = {}
        for row in rows:
            of_one = found.setdefault(row.snapshot_id, [])
            if not of_one or of_one[-1].pk != row.pk:
                row.said = []
                of_one.append(row)
            if row.known_id is not None:
                of_one[-1].said.append(row.counterpart_id)  # type: ignore[attr-defined]
        return found

    def said(
        self, left: Sequence[Any], right: Sequence[Any]
    ) -> tuple[list[tuple[int, int]], tuple[Collection[int], Collection[int]]]:
        """Return what was said of the turns of two editions, as `beside` gave them, as `aligning.align` takes
        it: pairs, and those without a counterpart, by their index."""
        of_left = {turn.pk: i for i, turn in enumerate(left)}
        of_right = {turn.pk: j for j, turn in enumerate(right)}
        pairs = {
            (i, of_right[pk]) for i, turn in enumerate(left) for pk in turn.said if pk in of_right
        } | {(of_left[pk], j) for j, turn in enumerate(right) for pk in turn.said if pk in of_left}
        alone = tuple(
            {k for k, turn in enumerate(turns) if None in turn.said} for turns in (left, right)
        )
        return sorted(pairs), alone  # type: ignore[return-value]  # two

    def fix(
        self, turn: Turn, counterpart: Turn | None, *, by: Any, other: Snapshot | None = None
    ) -> None:
        """Say in the name of `by` that `turn` stands beside `counterpart`, or beside none in the edition
        `other` of another rendition; either may be given first. As `correct`."""
        edition = counterpart.snapshot if counterpart else other
        if edition is None:
            raise ValidationError("Say in which edition it has no counterpart.")
        self.correct(turn.snapshot, edition, {turn: [counterpart] if counterpart else []}, by=by)

    @transaction.atomic
    def correct(
        self,
        one: Snapshot,
        other: Snapshot,
        said: Mapping[Turn, Sequence[Turn] | None],
        *,
        by: Any,
    ) -> int:
        """Say of turns of the edition `one` which of `other` each stands beside: those given, none of them
        ([]), or those that are computed (None). What was said of these turns before is replaced. Returns how
        many rows came or went.

        `by` needs sources.add_alignment (PermissionDenied). Raises ValidationError for editions that are not
        of two sources of one family, for turns of others, and where turns would cross each other.
        """
        if not by.has_perm("sources.add_alignment"):
            raise PermissionDenied("You may not say which turns stand beside each other.")
        # One at a time, in one order: what two say of the same editions may cross.
        list(
            Snapshot.objects.light()
            .filter(pk__in=[one.pk, other.pk])
            .order_by("pk")
            .select_for_update()
        )
        family = Source.objects.filter(pk__in=Family(one.source_id, drafts=True))
        if one.source_id == other.source_id or not family.filter(pk=other.source_id).exists():
            raise ValidationError("These are not two renditions of one text.")
        if any(turn.snapshot_id != one.pk for turn in said) or any(
            turn.snapshot_id != other.pk for turns in said.values() for turn in turns or ()
        ):
            raise ValidationError("A turn is of another text.")
        n = self._replace(one, other, said, by)
        self._refuse_crossing(one, other)
        if n:
            slugs = sorted([one.source.slug, other.source.slug])
            Change.objects.note("transcripts", slugs, Kind.UPDATED)
        return n

    def _replace(self, one: Snapshot, other: Snapshot, said: Mapping[Turn, Any], by: Any) -> int:
        """Take away what is said otherwise, and add what is not said yet. Returns how many rows that were."""
        wanted = {(turn.pk, row.pk) for turn, rows in said.items() for row in rows or ()}
        wanted |= {(turn.pk, None) for turn, rows in said.items() if rows is not None and not rows}
        answered = {pk for _, pk in wanted}
        of_these = {turn.pk for turn in said}
        n = 0
        for row in self.between(one, other):
            ours = (row.turn_id, row.counterpart_id)
            if row.turn.snapshot_id != one.pk:
                ours = (row.counterpart_id, row.turn_id)
            if ours in wanted:
                wanted.remove(ours)
            # Also that one which now has a counterpart has none.
            elif ours[0] in of_these or (ours[0] is None and ours[1] in answered):
                row._history_user = by
                row.delete()
                n += 1
        for turn_id, counterpart_id in sorted(wanted, key=lambda pair: (pair[0], pair[1] or 0)):
            row = self.model(turn_id=turn_id, counterpart_id=counterpart_id, other=other, set_by=by)
            row._history_user = by
            row.save()
            n += 1
        return n

    def _refuse_crossing(self, one: Snapshot, other: Snapshot) -> None:
        pairs: list[tuple[int, int]] = []
        alone: tuple[list[int], list[int]] = ([], [])
        for row in self.between(one, other):
            is_left = row.turn.snapshot_id == one.pk
            if row.counterpart is None:
                alone[0 if is_left else 1].append(row.turn.position)
            else:
                at = (row.turn.position, row.counterpart.position)
                pairs.append(at if is_left else at[::-1])
        if crossed := crossing(pairs):
            (a, b), (c, d) = crossed
            raise ValidationError(
                f"Turn {a} beside turn {b}, and turn {c} beside turn {d}: these cross each other. The texts "
                "stand side by side in their order."
            )
        for side, numbers in enumerate(alone):
            for number in numbers:
                if any(number in row[side] for row in anchors(pairs)):
                    raise ValidationError(
                        f"Turn {number} is said to stand beside none, and lies among turns that stand "
                        "beside one."
                    )


class Alignment(models.Model):
    """That two turns of two renditions are of the same words, or that one is of none of the other's, as a
    person says (`fix`).

    Everything else about how renditions stand side by side is computed (`sources.aligning`), around these.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="alignments")
    other = models.ForeignKey(
        Snapshot,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The edition of the other rendition.",
    )
    counterpart = models.ForeignKey(
        Turn,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="In the other rendition. Empty: none.",
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    objects: ClassVar[Any] = AlignmentQuerySet.as_manager()

    class Meta:
        ordering = ["turn"]
        constraints = [
            models.UniqueConstraint(name="sources_alignment_once", fields=["turn", "counterpart"]),
            models.UniqueConstraint(
                name="sources_alignment_alone_once",
                fields=["turn", "other"],
                condition=Q(counterpart__isnull=True),
            ),
            models.CheckConstraint(
                name="sources_alignment_of_two_turns",
                condition=Q(counterpart__isnull=True) | ~Q(counterpart=F("turn")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn} = {self.counterpart or 'none'}"
