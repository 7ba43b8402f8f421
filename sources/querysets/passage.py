"""Ways to ask for passages, and to mark them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models

from .. import anchoring

if TYPE_CHECKING:
    from ..models import Passage, Snapshot


class PassageQuerySet(models.QuerySet[Any]):
    def mark(self, snapshot: Snapshot, *, start: int, end: int) -> Passage:
        """Return the Passage of `snapshot.text[start:end]` (code points), created if it is new.

        Raises `anchoring.AnchoringError` where the span is empty or outside the text.
        """
        quotation = anchoring.select(snapshot.text, start, end)
        turn = snapshot.turns.filter(start__lte=start, end__gte=end).first()
        passage, _ = self.get_or_create(
            snapshot=snapshot,
            start=start,
            end=end,
            defaults={
                "turn": turn,
                "exact": quotation.exact,
                "prefix": quotation.prefix,
                "suffix": quotation.suffix,
            },
        )
        return passage

    def mark_all(self, snapshot: Snapshot, spans: Iterable[tuple[int, int]]) -> dict[Any, Passage]:
        """Return the Passage of each (start, end) of `spans`, created where it is new, as by `mark`: but
        in a handful of queries, however many they are."""
        wanted = set(spans)
        marked = self.filter(snapshot=snapshot)
        turns = list(snapshot.turns.order_by("position"))
        new = []
        for start, end in sorted(wanted - set(marked.values_list("start", "end"))):
            quotation = anchoring.select(snapshot.text, start, end)
            turn = next((turn for turn in turns if turn.start <= start and end <= turn.end), None)
            new.append(
                self.model(
                    snapshot=snapshot,
                    turn=turn,
                    start=start,
                    end=end,
                    exact=quotation.exact,
                    prefix=quotation.prefix,
                    suffix=quotation.suffix,
                )
            )
        # Somebody else may mark the same in this moment, which makes no difference.
        self.bulk_create(new, batch_size=500, ignore_conflicts=True)
        found = {(row.start, row.end): row for row in marked.all()}
        return {span: found[span] for span in wanted}

    def quote(
        self, snapshot: Snapshot, exact: str, *, prefix: str = "", suffix: str = ""
    ) -> Passage:
        """Return the Passage of the one place in `snapshot` that reads `exact`.

        `prefix` and `suffix` (the text just before and after) tell apart places that read alike.
        Raises `anchoring.AnchoringError` where there is no such place, or more than one.
        """
        start, end = anchoring.locate(snapshot.text, exact, prefix=prefix, suffix=suffix)
        return self.mark(snapshot, start=start, end=end)
