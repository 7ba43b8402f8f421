"""How a gate that the evidence does not pass is overridden in public. `Verdict.override`, `take_back` and
`approve` are the ways in; which gates there are and when one is passed is in `claims.gates`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .verdict import Verdict

PERMISSION = "claims.override_gate"
# Characters: a reason has a sentence or three.
REASON_LIMIT = 2_000


class GateName(models.TextChoices):
    """The gates, as statements that hold or do not; their names are public, and for good."""

    TWO_ORIGINS = "two-origins", _("The evidence has at least two independent origins")
    PRIMARY_SOURCE = "primary-source", _("At least one source is primary")
    CONTRARY_SEARCH = "contrary-search", _("What speaks against it was searched for")
    ARCHIVED = "archived", _("Each source that is cited is archived")
    ANSWER = "answer", _("An answer was considered, or asked for")
    BALANCE = "balance", _("The rating does not clash with the direct evidence")
    BOTH_SIDES = "both-sides", _("There is weighty evidence on both sides")
    PARTS = "parts", _("The parts that decide it have verdicts")


@dataclass(frozen=True)
class Override:
    """A gate that a verdict did not pass and was let through for all that: why, and since when (UTC)."""

    gate: GateName
    why: str
    at: dt.datetime
    by: int | None = None  # the user's id, until the verdict is published; the history keeps it

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Override:
        at = dt.datetime.fromisoformat(stored["at"])
        return cls(GateName(stored["gate"]), stored["why"], at, stored.get("by"))

    def stored(self) -> dict[str, Any]:
        at = self.at.isoformat().replace("+00:00", "Z")
        told = {"gate": self.gate.value, "why": self.why, "at": at}
        return told if self.by is None else told | {"by": self.by}


@transaction.atomic
def override(
    verdict: Verdict, gate: str, *, by: Any, why: str, at: dt.datetime | None = None
) -> None:
    """Let the submitted `verdict` through a `gate` that it does not pass, with a reason for readers."""
    verdict._step(only_a="submitted", can_be="let through a gate", permission=PERMISSION, by=by)
    why = why.strip()
    if not why:
        raise ValidationError({"why": "An override tells readers why."})
    if len(why) > REASON_LIMIT:
        refusal = f"It is too long: shorten it to {REASON_LIMIT:,} characters."
        raise ValidationError({"why": refusal})
    if gate in {held.gate for held in verdict.overridden}:
        raise ValidationError({"gate": "That gate is overridden already."})
    if gate not in {result.slug for result in _gates().unmet(verdict)}:
        raise ValidationError(
            {
                "gate": "That is no gate that this verdict does not pass: there is nothing to override."
            }
        )
    made = Override(GateName(gate), why, at or timezone.now(), by.pk)
    verdict.overrides = [*verdict.overrides, made.stored()]
    verdict._record(by, f"Gate overridden: {gate}")


@transaction.atomic
def take_back(verdict: Verdict, gate: str, *, by: Any) -> None:
    """Take back what was overridden, before the verdict is published."""
    verdict._step(only_a="submitted", can_be="held at a gate", permission=PERMISSION, by=by)
    left = [held for held in verdict.overridden if held.gate != gate]
    if len(left) == len(verdict.overrides):
        raise ValidationError({"gate": "That gate is not overridden."})
    verdict.overrides = [held.stored() for held in left]
    verdict._record(by, f"Override taken back: {gate}")


def pass_gates(verdict: Verdict, *, by: Any) -> None:
    """Refuse what has gates open (ValidationError), and an override by the one who approves
    (PermissionDenied). What stays is what readers are told: without who, and only of gates that need it."""
    held = verdict.overridden
    if by.pk in {one.by for one in held}:
        raise PermissionDenied(
            "A verdict is approved by another person than who overrode a gate of it."
        )
    lacking = _gates().lacking(verdict)
    if lacking:
        raise ValidationError(
            [f"{result.label}: it does not hold. {result.told}" for result in lacking]
        )
    if held:
        needed = {result.slug for result in _gates().unmet(verdict)}
        held = [one for one in held if one.gate in needed]
        verdict.overrides = [Override(one.gate, one.why, one.at).stored() for one in held]


def _gates() -> Any:
    # Here, for the gates read everything that a verdict is judged by, and so rest on all models.
    from .. import gates

    return gates
