"""What the page of a claim shows: the same whether readers see it, or the desk looks at it beforehand."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from .pictures.argument_map import argument_map
from .rendering import render_markdown
from .versions import with_differences
from .weighing import first_said, weigh

# Of the parts of a compound claim, in their order: (a), (b), …
LETTERS = [*ascii_lowercase, *map(str, range(27, 1000))]


def claim_page(claim: Any, verdict: Any) -> dict[str, Any]:
    """Return what the template of the page needs for `claim`, with all that `Claim.objects.read` reads of it,
    and its `verdict`, if any. Costs no query."""
    sides = weigh(claim.public_evidence, said_on=first_said(claim.public_appearances))
    for letter, part in zip(LETTERS, claim.public_parts, strict=False):
        part.letter = letter
    with_differences(claim.published_verdicts)
    return {
        "title": claim.text,
        "claim": claim,
        "verdict": verdict,
        "rationale": render_markdown(verdict.rationale) if verdict else "",
        "sides": sides,
        "deciding": [part for part in claim.public_parts if part.decides_whole],
        "map": argument_map(claim, sides),
    }
