"""Before a claim is born: which claims of the desk are near it, and whether it seems to be one of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from claims.models import Claim
from claims.search import matching
from claims.search.matching import Asked, Engine, Match, Matched, Offer

# As many code points of a text are compared as a claim may have, so that no text costs much.
LONGEST = 500
# How many claims are shown beside one.
SHOWN = 5


def near(text: str) -> Matched:
    """Return the claims of the desk, drafts too, that `text` may repeat or deny, the most probable first, and
    by what they were found. Any text can be asked."""
    (found,) = matching.match([text[:LONGEST]], limit=SHOWN, drafts=True)
    return found


def is_repetition(found: Matched) -> bool:
    """Whether a new claim of that text is probably one of the claims found, so that somebody must say that
    theirs is another."""
    return any(each.is_likely for each in found.matches)


def refuse_second(text: str) -> None:
    """Raise ValidationError if there is a claim that a new one of this text probably repeats: a question
    for the person who writes it, who may know better."""
    likely = next((each for each in near(text).matches if each.is_likely), None)
    if likely is not None:
        raise ValidationError(
            f"There is a very similar claim: “{likely.claim}” ({likely.percent} % probable; "
            f"{likely.reasons}). If yours is another one, tick “It is another claim” and save again.",
            code="similar",
        )


def others_near(claims: Sequence[Claim]) -> tuple[list[list[Offer]], list[Engine]]:
    """Return for each of `claims` which others of the desk, drafts too, say nearly the same or deny it, the
    best first, and by what that was told. As many queries for many as for 25."""
    asked = [Asked(claim.text) for claim in claims]
    matching.propose(asked, limit=matching.FROM_EACH, drafts=True)
    for one, claim in zip(asked, claims, strict=True):
        # Among its own candidates, nothing would be as good as itself.
        one.keys = [key for key in one.keys if key != claim.pk]
    return matching.compare(asked, drafts=True)


def near_claim(claim: Claim) -> list[Match]:
    """Return the claims that `others_near` names for one, with what a list shows of each."""
    ((offers,), _) = others_near([claim])
    return matching.matches(
        offers[:SHOWN], matching.load((o.key for o in offers[:SHOWN]), drafts=True)
    )
