"""Ways to ask for withdrawals that are proposed, and the ways to write them that a verdict has."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models


class WithdrawalQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Proposed, and not decided: they wait for a second person."""
        return self.filter(outcome="")

    def decided(self) -> Self:
        """Confirmed, declined, taken back or fallen away."""
        return self.exclude(outcome="")

    def with_verdict(self) -> Self:
        """With what a list tells of each, in the same query."""
        return self.select_related("verdict__claim", "verdict__rating", "proposed_by", "decided_by")

    def propose(self, verdict: Any, *, by: Any, why: str, at: dt.datetime) -> Any:
        """Store a proposal on `verdict`, whose claim is locked (`Verdict.propose_withdrawal`)."""
        row = self.model(verdict=verdict, reason=why, proposed_by=by, proposed_at=at)
        row.full_clean()
        row.save()
        return row

    def lapse(self, *, by: Any, at: dt.datetime) -> None:
        """Let what still waits fall away, for its verdict has ended (`Verdict._end`)."""
        for row in self.waiting():
            row.lapse(by=by, at=at)
