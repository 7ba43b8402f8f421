"""What came of each item of a file of reviews, and of all of them: what the import reports."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ...models import Claim
from ..untrusted_json import pruned
from .reading import Incoming

# Of an item that is refused, so many characters are told.
TOLD = 2_000


class What(StrEnum):
    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"


NEW_CLAIM = "as a draft claim of its own"
SAME_WORDS = "on the claim that says the same"
OWN_ADDRESS = "on the claim whose address it gives"
UNCHANGED = "unchanged"
TWICE = "stands earlier in the file"
UPDATED = "changed by its publisher: the draft was brought up to date"
LEFT = "changed by its publisher, but public or edited here: left to an editor"


@dataclass
class Outcome:
    """What came of one item of the file."""

    place: str
    what: What
    reason: str
    told: str = ""
    incoming: Incoming | None = None
    claim: Claim | None = None
    suggested: list[tuple[str, str]] = field(default_factory=list)  # slug of the claim, why
    changes: dict[str, Any] = field(default_factory=dict)
    item: Any = None  # what was refused, as it came

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for one line of the report."""
        told: dict[str, Any] = {"place": self.place, "outcome": self.what, "reason": self.reason}
        if self.told:
            told["told"] = self.told
        if self.incoming is not None:
            told |= {"url": self.incoming.url, "claim_reviewed": self.incoming.claim_reviewed}
        if self.claim is not None:
            told["claim"] = self.claim.slug
        if self.changes:
            told["changes"] = self.changes
        if self.incoming is not None and self.incoming.notes:
            told["notes"] = [note.told for note in self.incoming.notes]
        if self.suggested:
            told["suggested"] = [{"claim": slug, "why": why} for slug, why in self.suggested]
        if self.item is not None:
            written = json.dumps(pruned(self.item), ensure_ascii=False, default=str)
            told["item"] = self.item if len(written) <= TOLD else f"{written[:TOLD]}…"
        return told


@dataclass
class Tally:
    """How many items came to what, the first places of each reason, and what was left out of items taken."""

    by_reason: Counter[tuple[What, str]] = field(default_factory=Counter)
    first: dict[tuple[What, str], list[str]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    suggested: int = 0

    def add(self, outcome: Outcome) -> None:
        key = (outcome.what, outcome.reason)
        self.by_reason[key] += 1
        places = self.first.setdefault(key, [])
        if len(places) < 3:
            places.append(outcome.place)
        if outcome.what == What.TAKEN and outcome.incoming is not None:
            self.notes.update({note.kind for note in outcome.incoming.notes})
        self.suggested += bool(outcome.suggested)

    def __getitem__(self, what: What) -> int:
        return sum(n for (each, _), n in self.by_reason.items() if each == what)

    @property
    def total(self) -> int:
        return self.by_reason.total()
