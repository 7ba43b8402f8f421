"""One deed for many claims: each is done whole or left alone, and what was left alone is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ..models.assignment import UNCHANGED


@dataclass
class Outcome:
    changed: int = 0
    unchanged: int = 0  # they were so already
    refused: list[str] = field(default_factory=list)  # why, of each that was left alone


def change(
    claims: Any,
    *,
    by: Any,
    to: Any = UNCHANGED,
    priority: Any = UNCHANGED,
    into: Any = None,
    out_of: Any = None,
) -> Outcome:
    """Assign each of `claims`, and sort it `into` and `out_of` topics, in the name of `by`.

    A claim that the models refuse is left as it was, in every respect; the others are changed. One
    transaction for each, so that none waits for the locks of all: some ten queries a claim.
    """
    outcome = Outcome()
    for claim in claims:
        try:
            with transaction.atomic():
                changed = False
                if to is not UNCHANGED or priority is not UNCHANGED:
                    changed |= claim.assign(by=by, to=to, priority=priority)
                if into is not None or out_of is not None:
                    changed |= claim.sort(by=by, into=into, out_of=out_of)
        except PermissionDenied as refusal:
            outcome.refused.append(str(refusal))
        except ValidationError as refusal:
            outcome.refused.append(" ".join(refusal.messages))
        else:
            outcome.changed += changed
            outcome.unchanged += not changed
    return outcome
