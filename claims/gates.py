"""What a verdict needs of its evidence before it is published, computed from the evidence: nobody ticks it.

`Verdict.approve` refuses a verdict with a gate that is not met, unless an editor has overridden that gate in
public (`claims.models.overriding`); the desk's checklist and the methodology page show the same table.
docs/gates.md says each rule in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sources.models.source import Primacy

from .dossier import Dossier
from .models.evidence import Direction, Directness
from .models.overriding import GateName

if TYPE_CHECKING:
    from .models import Claim, Evidence, Rating, Verdict

MET, OPEN, NOT_APPLICABLE, OVERRIDDEN = "met", "not met", "not applicable", "overridden"

# What a rating does. The ratings of the seed's scale that measure no truth go by the names of the design.
DECIDES, CONFLICTING, NOT_ENOUGH, NOT_CHECKABLE = (
    "decides",
    "conflicting-evidence",
    "not-enough-evidence",
    "not-checkable",
)

# Of those that gates hold up, in the words of the methodology page.
KINDS = {
    DECIDES: _("Of a rating between true and false"),
    CONFLICTING: _("Of “conflicting evidence”"),
    NOT_ENOUGH: _("Of “not enough evidence”"),
}

# Words by which a logged search is known for a request to those whom the claim concerns.
REQUEST = re.compile(
    r"\b(rebut\w*|respon[sd]\w*|repl(?:y|ies|ied)|answer\w*|comments?|denial\w*)\b", re.I
)

Links = tuple[tuple[str, str], ...]  # (words, address) of the desk


@dataclass(frozen=True)
class Found:
    """Whether a gate is met, and what there is or what to do, in a sentence or two for the desk."""

    met: bool
    told: str
    links: Links = field(default=())


Check = Callable[["Verdict", Dossier], Found | None]  # None: there is nothing to hold it against


@dataclass(frozen=True)
class Gate:
    name: GateName
    ratings: frozenset[str]  # what the ratings do that it holds up
    rule: Any  # for readers, a sentence
    check: Check


@dataclass(frozen=True)
class Result:
    """What came of a gate for one verdict."""

    gate: Gate
    state: str  # met, not met, not applicable, overridden
    told: str = ""
    links: Links = field(default=())

    @property
    def slug(self) -> str:
        return self.gate.name.value

    @property
    def label(self) -> str:
        return str(self.gate.name.label)


def kind_of(rating: Rating) -> str:
    """What a rating does: it decides how true a claim is, or it is one of those that measure no truth."""
    return DECIDES if rating.measures_truth else rating.slug


def results(verdict: Verdict, dossier: Dossier) -> list[Result]:
    """Return what comes of each gate for `verdict`, of whose claim `dossier` is. Costs one query, for what
    is archived."""
    overridden = {held.gate: held for held in verdict.overridden}
    kind = kind_of(verdict.rating)
    found = []
    for gate in GATES:
        result = gate.check(verdict, dossier) if kind in gate.ratings else None
        if result is None:
            found.append(Result(gate, NOT_APPLICABLE))
        elif result.met:
            found.append(Result(gate, MET, result.told))
        elif gate.name in overridden:
            told = f"{result.told} Overridden, for readers to see: “{overridden[gate.name].why}”"
            found.append(Result(gate, OVERRIDDEN, told, result.links))
        else:
            found.append(Result(gate, OPEN, result.told, result.links))
    return found


def unmet(verdict: Verdict) -> list[Result]:
    """The gates that `verdict` does not pass by its evidence, overridden or not. Eleven queries."""
    rows = results(verdict, Dossier.of(verdict.claim))
    return [row for row in rows if row.state in (OPEN, OVERRIDDEN)]


def lacking(verdict: Verdict) -> list[Result]:
    """The gates that hold `verdict` up: neither passed nor overridden."""
    return [row for row in unmet(verdict) if row.state == OPEN]


# --- The rules ---


def _two_origins(verdict: Verdict, dossier: Dossier) -> Found:
    weighed = _weighed(dossier)
    n = len(_origins(weighed))
    told = (
        f"{pieces(weighed)} on {n} record{'' if n == 1 else 's'}; copies of one record count once."
    )
    if n > 1:
        return Found(True, told)
    return Found(
        False,
        f"{told} Find a second one that does not rest on it.",
        (claim_link(dossier, "evidence-group", "Attach evidence"),),
    )


def _primary_source(verdict: Verdict, dossier: Dossier) -> Found:
    if any(row.source.primacy == Primacy.PRIMARY for row in _weighed(dossier)):
        return Found(True, "A primary source is weighed.")
    if verdict.no_primary:
        return Found(True, f"There is none, for a reason that readers see: “{verdict.no_primary}”")
    return Found(
        False,
        "Attach the record itself, or say in the verdict why no primary source is cited.",
        (("To the reason", "#id_no_primary"),),
    )


def _contrary_search(verdict: Verdict, dossier: Dossier) -> Found:
    n = len(dossier.searches)
    if n:
        return Found(True, f"{n} search{' is' if n == 1 else 'es are'} logged.")
    return Found(
        False,
        "Look for what speaks against it, and log the search even where nothing came of it.",
        (claim_link(dossier, "searches-group", "Log a search"),),
    )


def _archived(verdict: Verdict, dossier: Dossier) -> Found | None:
    sources = {row.source_id: row.source for row in dossier.evidence}
    if not sources:
        return None
    lacking = [
        source
        for pk, source in sources.items()
        if pk not in dossier.archived and not source.not_archived
    ]
    n = len(sources)
    if not lacking:
        reasons = len(sources.keys() - dossier.archived)
        told = f"{n} source{'' if n == 1 else 's'}"
        told += f", {reasons} of them not archived for a stated reason." if reasons else "."
        return Found(True, told)
    return Found(
        False,
        f"{len(lacking)} of {n} are not. Have them archived, or say at the source why it is not.",
        tuple(
            (str(source), reverse("admin:sources_source_change", args=[source.pk]))
            for source in lacking
        ),
    )


def _answer(verdict: Verdict, dossier: Dossier) -> Found:
    if dossier.rebuttals or dossier.answers:
        return Found(True, "An answer is recorded.")
    if any(REQUEST.search(f"{row.place} {row.terms}") for row in dossier.searches):
        return Found(True, "A search for an answer, or a request for one, is logged.")
    return Found(
        False,
        "Record what those concerned answer, or log as a search that an answer was looked for or asked for.",
        (claim_link(dossier, "rebuttals-group", "Record a rebuttal"),),
    )


def _balance(verdict: Verdict, dossier: Dossier) -> Found:
    """No majority of the origins that say directly whether the claim is so may say the opposite of the
    rating; and something must stand on the side that the rating takes."""
    rating, scale = verdict.rating, verdict.rating.scale
    off_middle = (rating.value or 0) - (scale.best + scale.worst) / 2
    direct = [row for row in dossier.evidence if row.directness == Directness.DIRECT]
    for_it, against = (
        len(_origins(_on_side(direct, side))) for side in (Direction.SUPPORTS, Direction.REFUTES)
    )
    supported, refuted = (
        bool(_on_side(dossier.evidence, side)) for side in (Direction.SUPPORTS, Direction.REFUTES)
    )
    told = f"Direct evidence: {for_it} record{'' if for_it == 1 else 's'} for, {against} against."
    lacking = ""
    if off_middle > 0:
        if not supported:
            lacking = f"“{rating}” needs evidence that supports the claim."
        elif against > for_it:
            lacking = f"“{rating}” clashes with it."
    elif off_middle < 0:
        if not refuted:
            lacking = f"“{rating}” needs evidence that refutes the claim."
        elif for_it > against:
            lacking = f"“{rating}” clashes with it."
    elif not (supported or refuted):
        lacking = f"“{rating}” needs evidence that bears on the claim."
    elif max(for_it, against) > 1 and not min(for_it, against):
        lacking = f"All of it is on one side: “{rating}” clashes with it."
    if not lacking:
        return Found(True, told)
    return Found(False, f"{told} {lacking} Attach what is missing, or choose another rating.")


def _both_sides(verdict: Verdict, dossier: Dossier) -> Found:
    weighty = [
        row
        for row in dossier.evidence
        if row.directness == Directness.DIRECT or row.source.primacy == Primacy.PRIMARY
    ]
    for_it, against = (
        len(_origins(_on_side(weighty, side))) for side in (Direction.SUPPORTS, Direction.REFUTES)
    )
    told = f"Direct or primary evidence: {for_it} record{'' if for_it == 1 else 's'} for, {against} against."
    if for_it and against:
        return Found(True, told)
    return Found(False, f"{told} “Conflicting” needs some on both sides.")


def _parts(verdict: Verdict, dossier: Dossier) -> Found | None:
    deciding = [part for part in dossier.parts if part.decides_whole] or dossier.parts
    if not deciding:
        return None
    unrated = [part for part in deciding if part.verdict is None]
    n = len(deciding)
    if not unrated:
        return Found(True, f"{n} part{'' if n == 1 else 's'}.")
    return Found(
        False, f"{len(unrated)} of {n} have none: rate the parts first.", to_claims(unrated)
    )


GATES = (
    Gate(
        GateName.TWO_ORIGINS,
        frozenset({DECIDES}),
        _("Of evidence that only gives context, none counts; copies of one record count once."),
        _two_origins,
    ),
    Gate(
        GateName.PRIMARY_SOURCE,
        frozenset({DECIDES}),
        _("Or the verdict says why none is cited."),
        _primary_source,
    ),
    Gate(
        GateName.CONTRARY_SEARCH,
        frozenset({DECIDES, NOT_ENOUGH}),
        _("Where, for what, and what came of it is logged, including when nothing was found."),
        _contrary_search,
    ),
    Gate(
        GateName.ARCHIVED,
        frozenset({DECIDES, CONFLICTING}),
        _(
            "The desk keeps what was published at its address, or the page of the source says why not."
        ),
        _archived,
    ),
    Gate(
        GateName.ANSWER,
        frozenset({DECIDES}),
        _(
            "A rebuttal is recorded, the claim is itself an answer, or a request for comment is logged."
        ),
        _answer,
    ),
    Gate(
        GateName.BALANCE,
        frozenset({DECIDES}),
        _(
            "Something stands on the side that the rating takes, and not more independent records say "
            "directly the opposite than say so. Evidence that points both ways counts on both sides."
        ),
        _balance,
    ),
    Gate(
        GateName.BOTH_SIDES,
        frozenset({CONFLICTING}),
        _("Weighty is what says directly whether the claim is so, or a primary source."),
        _both_sides,
    ),
    Gate(
        GateName.PARTS,
        frozenset({DECIDES, CONFLICTING, NOT_ENOUGH}),
        _("Those that are marked as deciding the whole; all of them, where none is marked."),
        _parts,
    ),
)


# --- What the rules, and the checklist, count ---


def _weighed(dossier: Dossier) -> list[Evidence]:
    return [row for row in dossier.evidence if row.direction != Direction.CONTEXT]


def _origins(rows: Iterable[Any]) -> set[int]:
    return {row.origin_id or row.source_id for row in rows}


def _on_side(rows: Iterable[Any], side: Direction) -> list[Any]:
    """What stands on that side; what points both ways stands on both."""
    return [row for row in rows if row.direction in (side, Direction.MIXED)]


def pieces(rows: list[Any]) -> str:
    return f"{len(rows)} piece{'' if len(rows) == 1 else 's'}"


def claim_link(dossier: Dossier, anchor: str, words: str) -> tuple[str, str]:
    return (words, f"{reverse('admin:claims_claim_change', args=[dossier.claim.pk])}#{anchor}")


def to_claims(claims: Iterable[Claim]) -> Links:
    return tuple(
        (claim.text, reverse("admin:claims_claim_change", args=[claim.pk])) for claim in claims
    )
