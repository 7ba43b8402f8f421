"""The card of a claim on somebody else's page: an iframe, and how high it has to be."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH = 600  # of the frame, in CSS pixels

# How the card comes out (embed.css), in CSS pixels: so wide is a letter of claim and finding in a wide font,
# with what is left of a line where a word has no room; so high a line; so much is at their sides, and so much
# above and below with all other lines.
LETTER, LINE = 10.8, 27
AROUND, APART = 38, 235


def iframe(claim: Any, *, width: int = WIDTH, height: int | None = None) -> SafeString:
    """Return the HTML of the frame; `claim` has its verdict (`with_verdict`)."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" '
        'style="border:0;max-width:100%"></iframe>',
        settings.SITE_URL + reverse("claim_embed", args=[claim.slug]),
        _("Claim: %(claim)s") % {"claim": claim.text},
        width,
        height or height_of(claim, width),
    )


def height_of(claim: Any, width: int) -> int:
    """Return how high a frame of that width shows the card whole: rather too high than too low."""
    room = max(1, (width - AROUND) / LETTER)
    told = [claim.text, claim.verdict.headline if claim.verdict else ""]
    return APART + LINE * sum(ceil(len(text) / room) for text in told)
