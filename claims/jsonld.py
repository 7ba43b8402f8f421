"""A verdict as schema.org ClaimReview, as Google documents it, and the one way into a page.

https://schema.org/ClaimReview · https://developers.google.com/search/docs/appearance/structured-data/factcheck
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from sources.models import Source, Speaker
from sources.models.speaker import SpeakerKind

from .models import Appearance, Rating
from .models.appearance import Manner

# What could end the script element or begin a comment in it, and the two characters that JSON takes
# for letters but JavaScript once took for line ends.
UNSAFE_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def script_json(data: dict[str, Any]) -> SafeString:
    """Return `data` as JSON that stands safely inside a script element."""
    text = json.dumps(data, ensure_ascii=False).translate(UNSAFE_IN_SCRIPT)
    return mark_safe(text)  # noqa: S308 -- the line above is the escaping


def claim_review(claim: Any) -> dict[str, Any] | None:
    """Return the ClaimReview of `claim`, or None while it has no verdict in force.

    `claim` is a Claim from `Claim.objects.read`, which has what this takes: it costs no query.
    """
    verdict = claim.verdict
    if verdict is None:
        return None
    publisher = {
        "@type": "Organization",
        "name": settings.PUBLISHER_NAME,
        "url": f"{settings.SITE_URL}/",
    }
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": settings.SITE_URL + claim.get_absolute_url(),
        "datePublished": verdict.published_at.date().isoformat(),
        "inLanguage": claim.language,
        "claimReviewed": verdict.claim_text,  # what was judged, however the claim reads by now
        "itemReviewed": item_reviewed(claim),
        "reviewRating": review_rating(verdict.rating, explanation=verdict.headline),
        "author": publisher,
        "publisher": publisher,
    }


def review_rating(rating: Rating, *, explanation: str) -> dict[str, Any]:
    """A Rating; with numbers only where it measures truth, for they are read as a degree of it."""
    numbers = (
        {
            "ratingValue": rating.value,
            "bestRating": rating.scale.best,
            "worstRating": rating.scale.worst,
        }
        if rating.measures_truth
        else {}
    )
    return {
        "@type": "Rating",
        "alternateName": rating.label,
        **numbers,
        "ratingExplanation": explanation,
    }


def item_reviewed(claim: Any) -> dict[str, Any]:
    """The Claim, by whom it is made, and the works in which it is: what is not known is left out."""
    made = [row for row in claim.public_appearances if row.is_asserting]
    made.sort(key=lambda row: said(row) or row.passage.snapshot.source.date or dt.date.max)
    item: dict[str, Any] = {"@type": "Claim"}
    authors = {row.claimant_id: person_or_organization(row.claimant) for row in made}
    if authors:
        item["author"] = one_or_several(authors)
    works: dict[int, dict[str, Any]] = {}
    for row in made:
        works.setdefault(row.passage.snapshot.source_id, creative_work(row))
    if works:
        item["appearance"] = one_or_several(works)
    dated = [row for row in made if said(row)]
    if dated:
        item["datePublished"] = said_iso(min(dated, key=lambda row: said(row) or dt.date.max))
    return item


def said(row: Appearance) -> dt.date | None:
    """When the claimant made the claim: a mere report has a date, but not that one."""
    if row.said_on or row.manner == Manner.REPORTED:
        return row.said_on
    return row.passage.snapshot.source.date


def said_iso(row: Appearance) -> str:
    """When it was said, as precisely as it is known."""
    return row.said_on.isoformat() if row.said_on else row.passage.snapshot.source.issued_iso


def one_or_several(things: dict[int, dict[str, Any]]) -> Any:
    """A property with one value is written without a list, as in Google's examples."""
    values = list(things.values())
    return values[0] if len(values) == 1 else values


def person_or_organization(speaker: Speaker) -> dict[str, Any]:
    kind = "Person" if speaker.kind == SpeakerKind.PERSON else "Organization"
    thing = {"@type": kind, "name": speaker.name}
    if speaker.wikidata_id:
        thing["sameAs"] = f"https://www.wikidata.org/wiki/{speaker.wikidata_id}"
    return thing


def creative_work(row: Appearance) -> dict[str, Any]:
    """The work that the claim is made in: where it was published, or else where its text stands here."""
    source: Source = row.passage.snapshot.source
    work = {
        "@type": "CreativeWork",
        "name": source.title,
        "url": source.url or settings.SITE_URL + row.passage.get_absolute_url(),
    }
    if source.date:
        work["datePublished"] = source.issued_iso
    return work
