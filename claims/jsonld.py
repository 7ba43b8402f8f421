"""A verdict as schema.org ClaimReview, as Google documents it, and the one way into a page.

https://schema.org/ClaimReview · https://developers.google.com/search/docs/appearance/structured-data/factcheck
· for the feed, https://schema.org/DataFeed as Data Commons' feeds of fact checks use it.

Of what this site publishes, ClaimReview takes what was judged, by whom it is claimed, and the finding. Parts,
answers and evidence have no place in it: the API has them (docs/claimreview.md). Reviews of other publishers
are theirs to publish.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from sources.models import Source, Speaker
from sources.models.source import Derivation, Rendition
from sources.models.speaker import SpeakerKind
from sources.renditions import Step

from .models import Appearance, Rating
from .models.appearance import Manner
from .weighing import earliest, latest

CONTEXT = "https://schema.org"
MEDIA_TYPE = "application/ld+json"

# Characters of `claimReviewed` that Google shows without a line break too many: advice, and no more. What was
# judged is not cut: half a proposition is another one.
SHORT = 75

# What could end the script element or begin a comment in it, and the two characters that JSON takes
# for letters but JavaScript once took for line ends.
UNSAFE_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}

# As pages say it beside a quotation (_rendition.html); of the original wording there is nothing to say.
RENDITIONS = {
    Rendition.HUMAN_TRANSLATION: "A translation; not the speaker’s own words.",
    Rendition.MACHINE_TRANSLATION: "A machine translation; not the speaker’s own words.",
    Rendition.UNKNOWN: "It is not known whether this is the original wording.",
}


def json_text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


def script_json(data: dict[str, Any]) -> SafeString:
    """Return `data` as JSON that stands safely inside a script element."""
    text = json_text(data).translate(UNSAFE_IN_SCRIPT)
    return mark_safe(text)  # noqa: S308 -- the line above is the escaping


def claim_review(claim: Any) -> dict[str, Any] | None:
    """Return the ClaimReview of `claim`, or None while it has no verdict in force.

    `claim` is a Claim from `Claim.objects.read` or `.for_review`, which have what this takes: it costs no
    query. The review is one, in whatever language the page is read that it stands on.
    """
    verdict = claim.verdict
    if verdict is None:
        return None
    with override(settings.LANGUAGE_CODE):
        publisher = fact_checker()
        review = {
            "@context": CONTEXT,
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
        if changes := corrections(claim):
            review["correction"] = one_or_several(changes)
    return review


def data_feed_item(claim: Any) -> dict[str, Any] | None:
    """Return the entry of the feed for `claim` from `.for_review`: its review as a thing of its own, as it
    stands on the page, and when (UTC) the first verdict on it was published and something about it last
    changed. None while it has no verdict in force."""
    review = claim_review(claim)
    if review is None:
        return None
    # A claim that is retired while it is read has a verdict and no public version any more.
    first = min(row.published_at for row in [*claim.published_verdicts, claim.verdict])
    return {
        "@type": "DataFeedItem",
        "url": review["url"],
        "dateCreated": first.isoformat(),
        "dateModified": claim.updated_at.isoformat(),
        "item": [review],
    }


def fact_checker() -> dict[str, Any]:
    """The publisher, and where it says by what rules it works. NewsMediaOrganization is the one type of
    Organization that schema.org gives all three properties."""
    methodology, about = reverse("methodology"), reverse("about")
    return {
        "@type": "NewsMediaOrganization",
        "name": settings.PUBLISHER_NAME,
        "url": f"{settings.SITE_URL}/",
        "correctionsPolicy": f"{settings.SITE_URL}{reverse('corrections')}",
        "verificationFactCheckingPolicy": f"{settings.SITE_URL}{methodology}",
        "ownershipFundingInfo": f"{settings.SITE_URL}{about}#publisher",
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


def corrections(claim: Any) -> list[dict[str, Any]]:
    """A CorrectionComment for each later version of the verdict and for each withdrawal, as they came."""
    told = []
    for version in claim.published_verdicts:
        if version.is_correction:
            told.append((version.published_at, version.note, version))
        if version.is_withdrawn:
            told.append((version.ended_at, f"Withdrawn: {version.ending_reason}", version))
    told.sort(key=lambda entry: (entry[0], entry[2].version))
    return [
        {
            "@type": "CorrectionComment",
            "text": text,
            "datePublished": at.date().isoformat(),
            "url": settings.SITE_URL + version.get_absolute_url(),
        }
        for at, text, version in told
    ]


def item_reviewed(claim: Any) -> dict[str, Any]:
    """The Claim, by whom it is made, and the works in which it is: what is not known is left out."""
    made: list[Appearance] = list(claim.asserting_appearances)
    made.sort(key=lambda row: said(row) or row.passage.snapshot.source.date or dt.date.max)
    item: dict[str, Any] = {"@type": "Claim"}
    authors = {row.claimant_id: person_or_organization(row.claimant) for row in made}
    if authors:
        item["author"] = one_or_several(authors.values())
    rows: dict[int, list[Appearance]] = {}
    for row in made:
        rows.setdefault(row.passage.snapshot.source_id, []).append(row)
    works = {source: creative_work(within) for source, within in rows.items()}
    if works:
        item["appearance"] = one_or_several(works.values())
    first = first_appearance(made)
    if first is not None:
        item["firstAppearance"] = works[first.passage.snapshot.source_id]
    dated = [row for row in made if said(row)]
    if dated:
        item["datePublished"] = said_iso(min(dated, key=lambda row: said(row) or dt.date.max))
    return item


def first_appearance(made: Iterable[Appearance]) -> Appearance | None:
    """The first occurrence of the claim that is known here (https://schema.org/firstAppearance): where the
    claimant speaks, and certainly no later than wherever else the claim is found. None where dates are
    missing or too coarse to tell, or where what comes first is another's report: that was said before."""
    spans: dict[tuple[int, dt.date, dt.date], list[Appearance]] = {}
    for row in made:
        source = row.passage.snapshot.source
        start, end = row.said_on or earliest(source), row.said_on or latest(source)
        if start is None or end is None:
            return None
        # Of several passages in one work, none comes before the others.
        spans.setdefault((source.pk, start, end), []).append(row)
    for (_, _, end), rows in spans.items():
        own = next((row for row in rows if row.manner == Manner.ASSERTED), None)
        if own and all(end <= other[1] for other in spans if spans[other] is not rows):
            return own
    return None


def said(row: Appearance) -> dt.date | None:
    """When the claimant made the claim: a mere report has a date, but not that one."""
    if row.said_on or row.manner == Manner.REPORTED:
        return row.said_on
    return row.passage.snapshot.source.date


def said_iso(row: Appearance) -> str:
    """When it was said, as precisely as it is known."""
    return row.said_on.isoformat() if row.said_on else row.passage.snapshot.source.issued_iso


def one_or_several(things: Iterable[dict[str, Any]]) -> Any:
    """A property with one value is written without a list, as in Google's examples."""
    values = list(things)
    return values[0] if len(values) == 1 else values


def person_or_organization(speaker: Speaker) -> dict[str, Any]:
    kind = "Person" if speaker.kind == SpeakerKind.PERSON else "Organization"
    thing = {"@type": kind, "name": speaker.name}
    if speaker.wikidata_id:
        thing["sameAs"] = f"https://www.wikidata.org/wiki/{speaker.wikidata_id}"
    return thing


def creative_work(rows: list[Any]) -> dict[str, Any]:
    """The work that the claim is made in at `rows`: where it was published, or else where its text stands
    here; what its text is worth as a quotation; what it derives from in the end, and what it
    translates."""
    first = rows[0]
    source: Source = first.passage.snapshot.source
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "name": source.title,
        "url": source.url or settings.SITE_URL + first.passage.get_absolute_url(),
        "inLanguage": source.language,
    }
    if source.date:
        work["datePublished"] = source.issued_iso
    if warning := " ".join(warnings(source, rows)):
        work["description"] = warning
    if first.original_url and first.original_url != source.url:
        work["isBasedOn"] = {"@type": "CreativeWork", "url": first.original_url}
    return work | translated_from(first.rendition_chain.steps)


def translated_from(steps: Sequence[Step]) -> dict[str, Any]:
    """`translationOfWork` of the first of the `steps` of a chain, the work that it translates, with that of
    that one, and so on to the origin; empty where it translates nothing that is known."""
    if len(steps) < 2 or steps[0].derivation != Derivation.TRANSLATION:
        return {}
    parent = steps[1]
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "name": parent.title,
        "url": parent.url or settings.SITE_URL + parent.get_absolute_url(),
        "inLanguage": parent.language,
    }
    if parent.kind in TRANSLATIONS:
        work["description"] = told_of(parent.kind, parent.translated_by)
    return {"translationOfWork": work | translated_from(steps[1:])}


def told_of(rendition: str, translated_by: str) -> str:
    """What is said of a text that is not known to be the original, and by whom or what it was translated."""
    by = f" Translated by: {translated_by}." if translated_by else ""
    return RENDITIONS[Rendition(rendition)] + by


def warnings(source: Source, rows: list[Any]) -> list[str]:
    """What must be known before words of the work are taken for the claimant's."""
    told = [told_of(source.rendition, source.translated_by)] if not source.is_verbatim else []
    others = {row.reported_by.name: None for row in rows if row.manner in HEARSAY}
    if others and all(row.manner in HEARSAY for row in rows):
        told.append(f"Here the claim is reported or quoted by {', '.join(others)}.")
    return told


TRANSLATIONS = (Rendition.HUMAN_TRANSLATION, Rendition.MACHINE_TRANSLATION)
HEARSAY = (Manner.REPORTED, Manner.QUOTED)
