"""The same standard for everyone: what was done with the claims of each speaker, and of each side of an
exchange, in plain counts. No score, no average, no order but that of names. Pure.

A *side* is told from the records. In answer (`Side.ANSWER`) stands a claim that a recorded rebuttal amounts
to; on the other side (`Side.MADE`) any other claim that somebody is on record as making. For a speaker, their
own rebuttals count, and what they are on record as making: so each claim of a speaker stands on one side.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from .models.evidence import Direction
from .models.overriding import GateName
from .models.selection import WhySelected
from .models.verdict import Ending, Reason

if TYPE_CHECKING:
    from .querysets.parity import Records

Figures = dict[str, "int | float | None"]
DAY = 24 * 60 * 60  # seconds


class Side(StrEnum):
    MADE = "made"
    ANSWER = "answer"
    # Of all claims together, never of a speaker's: those that nobody is on record as making; and all.
    NOBODY = "nobody"
    ALL = "all"


# As a page calls its columns; all together stand in the files alone.
SIDES: dict[Side, Any] = {
    Side.MADE: _("Claims made"),
    Side.ANSWER: _("Claims in answer"),
    Side.NOBODY: _("Nobody on record"),
}


class Measure(NamedTuple):
    """What is counted: its name in files, and how a page calls it."""

    key: str
    label: Any


@dataclass(frozen=True)
class Heading:
    """Measures that belong together."""

    label: Any
    measures: list[Measure]


class Speaker(NamedTuple):
    key: int
    slug: str
    name: str


@dataclass
class _Claim:
    """What is counted of one claim."""

    selection: str
    published_at: dt.datetime
    rebuttals: int = 0
    evidence: list[tuple[str, int]] = field(default_factory=list)
    rating: str = ""  # in force
    overridden: list[str] = field(default_factory=list)  # gates, for the verdict in force
    first_at: dt.datetime | None = None
    corrections: list[str] = field(default_factory=list)  # by their reasons
    withdrawals: int = 0


class Parity:
    """The figures of all speakers and sides."""

    def __init__(self, records: Records) -> None:
        # What was published since the claims were read, hangs on a claim that is not among them.
        claims = self._claims = {key: _Claim(why, at) for key, why, at in records.claims}
        self._made: dict[int, set[int]] = defaultdict(set)
        self._answers: dict[int, set[int]] = defaultdict(set)
        self._given: Counter[int] = Counter()
        self._ratings = records.ratings
        for speaker, claim in records.made:
            if claim in claims:
                self._made[speaker].add(claim)
        for _key, speaker, claim, amounts_to in records.rebuttals:
            self._given[speaker] += 1
            if claim in claims:
                claims[claim].rebuttals += 1
            if amounts_to in claims:
                self._answers[speaker].add(amounts_to)
        for claim, direction, origin in records.evidence:
            if claim in claims:
                claims[claim].evidence.append((direction, origin))
        for verdict in records.verdicts:
            if verdict[0] in claims:
                self._judged(claims[verdict[0]], *verdict[1:])
        self.speakers = sorted(
            (Speaker(*row) for row in records.speakers),
            key=lambda one: (one.name.casefold(), one.slug),
        )

    @staticmethod
    def _judged(
        claim: _Claim,
        version: int,
        rating: str,
        reason: str,
        at: dt.datetime,
        ending: str,
        overrides: list[dict[str, str]],
    ) -> None:
        if version > 1:
            claim.corrections.append(reason)
        # Version 1 may never have been published here: what counts is when there was a finding to read.
        claim.first_at = min(claim.first_at or at, at)
        claim.withdrawals += ending == Ending.WITHDRAWN
        if not ending:
            claim.rating = rating
            claim.overridden = [override["gate"] for override in overrides]

    def of(self, speaker: Speaker) -> dict[Side, Figures]:
        """The figures of both sides of a speaker."""
        answers = self._answers[speaker.key]
        return {
            Side.MADE: self._figures(self._made[speaker.key] - answers),
            Side.ANSWER: self._figures(answers, given=self._given[speaker.key]),
        }

    def in_all(self) -> dict[Side, Figures]:
        """The figures of all claims, by their sides; each claim stands on one."""
        answers = set().union(*self._answers.values())
        made = set().union(*self._made.values()) - answers
        return {
            Side.MADE: self._figures(made),
            Side.ANSWER: self._figures(answers, given=self._given.total()),
            Side.NOBODY: self._figures(self._claims.keys() - answers - made),
            Side.ALL: self._figures(self._claims.keys(), given=self._given.total()),
        }

    def headings(self) -> list[Heading]:
        """All that is counted, in its order."""
        return [
            Heading(
                _("Claims"),
                [
                    Measure("claims", _("Claims that the desk selected")),
                    Measure("rebuttals_received", _("Rebuttals of these claims on record")),
                    Measure("rebuttals_given", _("Rebuttals given")),
                ],
            ),
            Heading(
                _("Why they were selected"),
                [Measure(f"selected_{why.value}", why.label) for why in WhySelected],
            ),
            Heading(
                _("Verdicts in force"),
                [
                    *(Measure(f"rating_{slug}", _(label)) for slug, label in self._ratings),
                    Measure("open", _("Open: no verdict yet")),
                ],
            ),
            Heading(
                _("Evidence"),
                [
                    *(Measure(f"evidence_{way.value}", way.label) for way in Direction),
                    Measure("origins", _("Independent origins")),
                ],
            ),
            Heading(
                _("From publication to the first verdict"),
                [
                    Measure("first_verdicts", _("Claims that have had a verdict")),
                    Measure("median_days", _("Median, in days")),
                ],
            ),
            Heading(
                _("Rules not met, of verdicts in force"),
                [
                    Measure("overridden", _("Rules set aside for a stated reason")),
                    *(Measure(f"overridden_{gate.value}", gate.label) for gate in GateName),
                ],
            ),
            Heading(
                _("Corrections"),
                [
                    Measure("corrections", _("Later versions of verdicts")),
                    *(
                        Measure(f"corrections_{reason.value}", reason.label)
                        for reason in Reason
                        if reason != Reason.FIRST
                    ),
                    Measure("withdrawals", _("Verdicts withdrawn")),
                ],
            ),
        ]

    def keys(self) -> list[str]:
        """The names of all that is counted, in its order."""
        return [measure.key for heading in self.headings() for measure in heading.measures]

    def _figures(self, keys: Collection[int], *, given: int | None = None) -> Figures:
        """What is counted of the claims `keys`, by the keys of `headings`. `given`: rebuttals, on the side
        that gives them; None where that says nothing."""
        claims = [self._claims[key] for key in keys]
        selected = Counter(claim.selection for claim in claims)
        ratings = Counter(claim.rating for claim in claims)
        pieces = [piece for claim in claims for piece in claim.evidence]
        ways = Counter(way for way, _origin in pieces)
        reasons = Counter(reason for claim in claims for reason in claim.corrections)
        overridden = Counter(gate for claim in claims for gate in claim.overridden)
        days = [
            (claim.first_at - claim.published_at).total_seconds() / DAY
            for claim in claims
            if claim.first_at is not None
        ]
        figures: Figures = {
            "claims": len(claims),
            "rebuttals_received": sum(claim.rebuttals for claim in claims),
            "rebuttals_given": given,
            "open": ratings[""],
            "origins": len({origin for _way, origin in pieces}),
            "first_verdicts": len(days),
            "median_days": round(median(days), 1) if days else None,
            "overridden": overridden.total(),
            "corrections": reasons.total(),
            "withdrawals": sum(claim.withdrawals for claim in claims),
        }
        figures |= {f"selected_{why.value}": selected[why.value] for why in WhySelected}
        figures |= {f"rating_{slug}": ratings[slug] for slug, _label in self._ratings}
        figures |= {f"overridden_{gate.value}": overridden[gate.value] for gate in GateName}
        figures |= {f"evidence_{way.value}": ways[way.value] for way in Direction}
        figures |= {f"corrections_{reason.value}": reasons[reason.value] for reason in Reason}
        return figures


@dataclass(frozen=True)
class Line:
    label: Any
    values: list[int | float | None]


def lines(
    headings: Iterable[Heading], columns: Sequence[Figures], shown: Collection[str]
) -> list[tuple[Any, list[Line]]]:
    """The rows of a table with `columns`, under their headings, of the measures `shown`."""
    found = []
    for heading in headings:
        rows = [
            Line(measure.label, [figures[measure.key] for figures in columns])
            for measure in heading.measures
            if measure.key in shown
        ]
        if rows:
            found.append((heading.label, rows))
    return found


# Said of everybody, though it be nothing.
ALWAYS = {
    "claims",
    "open",
    "origins",
    "first_verdicts",
    "median_days",
    "overridden",
    "corrections",
    "withdrawals",
}
ALWAYS |= {"rebuttals_received", "rebuttals_given", *(f"evidence_{way.value}" for way in Direction)}


def shown(total: Figures) -> set[str]:
    """Which measures a page shows: those that count something anywhere, the same for everybody."""
    return ALWAYS | {key for key, value in total.items() if value}


def rows(parity: Parity) -> Iterator[dict[str, Any]]:
    """All figures for files, a row for each side: of all claims (without a speaker), then of each speaker."""
    keys = parity.keys()
    blocks: list[tuple[str, str, dict[Side, Figures]]] = [("", "", parity.in_all())]
    blocks += [(one.slug, one.name, parity.of(one)) for one in parity.speakers]
    for slug, name, sides in blocks:
        for side, figures in sides.items():
            yield {"speaker": slug, "name": name, "side": side.value} | {
                key: figures[key] for key in keys
            }
