"""Whether the evidence on one side of a claim goes back to a single record. Pure.

A warning and no gate: the record itself may be all that there is, and all that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SIDES = {"supports": "supports the claim", "refutes": "refutes the claim"}


@dataclass(frozen=True)
class SingleOrigin:
    """All evidence for, or all against, has one origin."""

    direction: str  # supports or refutes
    title: str  # of the origin
    n: int  # pieces of evidence

    def __str__(self) -> str:
        pieces = f"{self.n} pieces" if self.n > 1 else "one piece"
        return f"All evidence that {SIDES[self.direction]} has a single origin: “{self.title}” ({pieces})."


def single_origins(evidence: Iterable[tuple[str, int, str]]) -> list[SingleOrigin]:
    """Return the sides, for and against in this order, of which all `evidence` has one origin. Each piece is
    given by its direction, and the id and title of its origin."""
    rows = list(evidence)
    found = []
    for side in SIDES:
        origins = [(origin, title) for direction, origin, title in rows if direction == side]
        if len({origin for origin, _ in origins}) == 1:
            found.append(SingleOrigin(side, origins[0][1], len(origins)))
    return found
