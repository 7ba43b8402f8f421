"""Ways to ask where the passages of one edition stand in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from simple_history.utils import bulk_create_with_history

from .. import reanchoring

if TYPE_CHECKING:
    from ..models import Snapshot


# What is told of a Passage in a later edition without anybody's decision.
CERTAIN = ("found", "moved")


class RelocationQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Those of which somebody has to say what they are."""
        return self.filter(decided_at__isnull=True).exclude(finding__in=CERTAIN)

    def newest(self) -> Self:
        """Of each passage, that in the newest edition in which it was looked for."""
        later = self.model.objects.filter(
            passage=OuterRef("passage"), snapshot__edition__gt=OuterRef("snapshot__edition")
        )
        return self.exclude(Exists(later))

    @transaction.atomic
    def look_for(self, snapshot: Snapshot) -> int:
        """Look in this edition for each Passage of the earlier ones of its source, from the newest place on
        that it is known to have, and note what came of it. Returns how many are new: each is looked for
        once."""
        rows = type(snapshot.source)._default_manager.select_for_update()
        rows.get(pk=snapshot.source_id)
        passages = (
            apps.get_model("sources", "Passage")
            .objects.filter(
                snapshot__source=snapshot.source_id, snapshot__edition__lt=snapshot.edition
            )
            .exclude(pk__in=self.filter(snapshot=snapshot).values("passage"))
            .order_by("pk")
        )
        known = self._newest_places(snapshot)
        editions = type(snapshot)._default_manager.filter(
            source=snapshot.source_id, edition__lt=snapshot.edition
        )
        compared: dict[int, reanchoring.Reanchoring] = {}

        def place_of(edition: int, start: int, end: int) -> reanchoring.Place:
            if edition not in compared:
                compared[edition] = reanchoring.Reanchoring(
                    editions.get(pk=edition).text, snapshot.text
                )
            return compared[edition].find(start, end)

        found = []
        for passage in passages:
            here = (passage.snapshot_id, passage.start, passage.end)
            newest = known.get(passage.pk, here)
            place = place_of(*newest)
            if newest != here:
                place = reanchoring.as_cited(place, passage.exact, snapshot.text)
                if place.finding not in CERTAIN:
                    # It may read again as it once did.
                    before = place_of(*here)
                    place = before if before.finding in CERTAIN else place
            found.append(
                self.model(
                    passage=passage,
                    snapshot=snapshot,
                    finding=place.finding.value,
                    start=place.start,
                    end=place.end,
                    similarity=place.similarity,
                    places=len(place.places),
                )
            )
        bulk_create_with_history(
            found, self.model, batch_size=500, default_change_reason="Looked for"
        )
        return len(found)

    def _newest_places(self, snapshot: Snapshot) -> dict[int, tuple[int, int, int]]:
        """By the id of a Passage: the id of the newest edition before `snapshot` in which its place is
        certain or decided, with that place."""
        sure = Q(decided_at__isnull=True, finding__in=CERTAIN) | Q(counterpart__isnull=False)
        rows = (
            self.filter(
                sure, snapshot__source=snapshot.source_id, snapshot__edition__lt=snapshot.edition
            )
            .order_by("snapshot__edition")
            .values_list(
                "passage", "snapshot", "start", "end", "counterpart__start", "counterpart__end"
            )
        )
        return {
            passage: (edition, start, end) if first is None else (edition, first, last)
            for passage, edition, start, end, first, last in rows
        }
