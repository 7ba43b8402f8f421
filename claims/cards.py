"""What the picture says that a page is shared with, where it is, and what it says to who does not see it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from .models.rating import OPEN_GLYPH
from .pictures.card import Card

MOTTO = "Public claims, the answers to them, and the evidence for and against each."
OPEN = "Open: no verdict yet"

# From the furthest from the truth to the nearest, as in the style sheet: a picture has the colours of pages.
TONES = ("#a3212b", "#a5440d", "#7a5c00", "#436b14", "#14653d")
CONFLICT, UNKNOWN = "#5d3d91", "#47566a"


def site_card() -> Card:
    return Card(settings.PUBLISHER_NAME, MOTTO)


def claim_card(claim: Any) -> Card:
    """Return the card of `claim`, which has its verdict, rating and scale (`with_verdict`): in English."""
    verdict = claim.verdict
    card = replace(site_card(), kicker="Claim", text=claim.text, tone=UNKNOWN)
    if verdict is None:
        return replace(card, rating=OPEN, glyph=OPEN_GLYPH)
    rating, scale = verdict.rating, verdict.rating.scale
    card = replace(card, text=verdict.claim_text, rating=rating.label)
    if rating.measures_truth:
        step, last = rating.value - scale.worst, scale.best - scale.worst
        tone = TONES[round(step / last * (len(TONES) - 1))]
        return replace(card, step=step + 1, steps=last + 1, tone=tone)
    tone = CONFLICT if rating.slug == "conflicting-evidence" else UNKNOWN
    return replace(card, glyph=rating.glyph, tone=tone)


def site_picture() -> dict[str, str]:
    """Return the `path` of the site's picture and what it says (`alt`)."""
    path = f"{reverse('site_card')}?v={site_card().digest}"
    return {"path": path, "alt": f"{settings.PUBLISHER_NAME}. {MOTTO}"}


def claim_picture(claim: Any) -> dict[str, str]:
    """Return the `path` of the picture of `claim`, another one whenever it says something else, and in the
    language in use what it says (`alt`)."""
    card = claim_card(claim)
    path = f"{reverse('claim_card', args=[claim.slug])}?v={card.digest}"
    alt = _("Claim: “%(claim)s” Rating: %(rating)s") % {
        "claim": card.text,
        "rating": _(card.rating),
    }
    return {"path": path, "alt": alt}
