"""A claim with all that is public of it, as an answer. Costs no query beyond `Claim.objects.read`.

Lists are cut to what an assistant can take in, both sides of the evidence alike; how much there is, is always
said.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from sources.serializers import rendition

from ..citation import cite
from ..independence import single_origins
from ..weighing import Item, first_said, weigh
from . import phrases
from .answers import (
    Answer,
    Citation,
    Correction,
    Evidence,
    LinkedClaim,
    Note,
    Part,
    Quotation,
    Rating,
    Record,
    Rendition,
    Review,
    Said,
    Searched,
    Side,
    Step,
    VerdictAnswer,
    Weighed,
)

# What an answer has at most: code points of a rationale, of a summary and of a quotation; rows of each list.
RATIONALE, SUMMARY, QUOTED = 20_000, 1_000, 1_200
ROWS, COPIES, PARTS = 10, 2, 20
CUT = " […]"
ON_THE_PAGE = " […] (cut here; the page has all of it)"


def address(row: Any) -> str:
    """The page of a row, on the site's own address."""
    return f"{settings.SITE_URL}{row.get_absolute_url()}"


def shortened(text: str, limit: int = SUMMARY) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + ON_THE_PAGE


def citation(claim: Any) -> Citation:
    """The page to cite, for a claim with its verdict."""
    licence = settings.DATA_LICENCE or None
    return Citation(
        page=address(claim),
        version_page=address_of_version(claim, claim.verdict) if claim.verdict else None,
        text=cite(claim),
        publisher=settings.PUBLISHER_NAME,
        licence=licence,
        licence_in_words=(
            f"What is published here may be used under this licence: {licence}"
            if licence
            else "The publisher has not stated under which licence it may be used. Quotations are their "
            "authors’."
        ),
    )


def address_of_version(claim: Any, verdict: Any) -> str:
    return f"{address(claim)}verdicts/{verdict.version}/"


def rated(claim: Any, ended: Any = None) -> Rating:
    """The rating in force; of an open claim that there is none, and of the verdict `ended` if one was
    withdrawn."""
    if claim.verdict is None:
        more = f" {phrases.withdrawn(ended)}" if ended else ""
        return Rating(in_words=phrases.OPEN + more, label="No verdict", measures_truth=False)
    rating = claim.verdict.rating
    return Rating.model_validate(
        rating.as_dict()
        | {
            "in_words": phrases.rating_in_words(rating),
            "meaning": rating.meaning,
            "measures_truth": rating.measures_truth,
        }
    )


def answer(claim: Any, notes: list[str]) -> VerdictAnswer:
    """Return what there is to say of `claim`, as `Claim.objects.read` gives it. The language of the settings
    is active."""
    verdict = claim.verdict
    newest = next(iter(claim.published_verdicts), None)
    sides = weigh(claim.public_evidence, said_on=first_said(claim.public_appearances))
    quoted = [*claim.public_appearances, *claim.public_rebuttals]
    sources = [row.passage.snapshot.source for row in quoted]
    return VerdictAnswer(
        slug=claim.slug,
        claim=claim.text,
        kind=claim.get_kind_display(),
        language=claim.language,
        context=shortened(claim.context),
        rating=rated(claim, newest if newest and newest.is_withdrawn else None),
        headline=verdict.headline if verdict else None,
        rationale=shortened(verdict.rationale, RATIONALE) if verdict else None,
        since=verdict.published_at.date().isoformat() if verdict else None,
        version=verdict.version if verdict else None,
        claim_as_judged=(
            verdict.claim_text if verdict and verdict.claim_text != claim.text else None
        ),
        evidence=Weighed(
            in_words=phrases.sides_in_words(
                {name: len(side.records) for name, side in sides.items()}
            ),
            **{name: _side(side) for name, side in sides.items()},
        ),
        disagreement=_disagreement(claim, sides),
        parts=[
            Part(**linked(part).model_dump(), decides_whole=part.decides_whole)
            for part in claim.public_parts[:PARTS]
        ],
        part_of=linked(claim.public_whole) if claim.public_whole else None,
        appearances=[_said(row) for row in claim.public_appearances[:ROWS]],
        n_appearances=len(claim.public_appearances),
        rebuttals=[_answered(row) for row in claim.public_rebuttals[:ROWS]],
        n_rebuttals=len(claim.public_rebuttals),
        made_in_answer_to=[linked(row.claim) for row in claim.public_answers[:ROWS]],
        searches=[
            Searched(
                on=row.searched_on.isoformat(),
                place=row.place,
                terms=shortened(row.terms),
                outcome=shortened(row.outcome),
            )
            for row in claim.public_searches[:ROWS]
        ],
        other_reviews=[_review(row) for row in claim.public_external_reviews[:ROWS]],
        corrections=_corrections(claim)[:ROWS],
        rendition_warning=phrases.renditions_in_words(
            (source.rendition, source.language, 1) for source in sources
        ),
        notes=notes,
        cite=citation(claim),
    )


def linked(claim: Any) -> LinkedClaim:
    """Another claim, with its verdict."""
    verdict = claim.verdict
    return LinkedClaim(
        claim=claim.text,
        slug=claim.slug,
        rating=verdict.rating.label if verdict else "No verdict",
        headline=verdict.headline if verdict else None,
        page=address(claim),
    )


# --- The evidence ---


def _side(side: Any) -> Side:
    return Side(
        n_records=len(side.records),
        records=[
            Record(
                origin=record.title,
                copies=len(record.items),
                evidence=[_evidence(item) for item in record.items[:COPIES]],
            )
            for record in side.records[:ROWS]
        ],
    )


def _evidence(item: Item) -> Evidence:
    row: Any = item.evidence
    source = row.source
    since = row.available_on.isoformat() if row.available_on else source.issued_iso
    public = None
    if item.known_later:
        public = f"Public only since {since}: not known when the claim was made."
    elif row.available_on:
        public = f"Public since {since}."
    quotation = None
    if row.passage:
        label = row.passage.turn.label if row.passage.turn else ""
        whose = f"{label} in “{source.title}”." if label else f"From “{source.title}”."
        quotation = _quotation(row, whose)
    return Evidence(
        source=source.title,
        page=address(source),
        kind=source.get_kind_display(),
        primacy=source.get_primacy_display(),
        directness=row.get_directness_display(),
        issued=source.issued_iso or None,
        locator=row.locator or None,
        summary=shortened(row.summary),
        public_since=public,
        declared_interest=source.declared_interest or None,
        rendition=_rendition(row, source),
        quotation=quotation,
    )


def _disagreement(claim: Any, sides: Any) -> list[str]:
    """What is open or disputed, in sentences that take no side."""
    found = []
    verdict = claim.verdict
    if verdict and verdict.rating.slug == "conflicting-evidence":
        found.append(f"The desk’s rating is “{verdict.rating.label}”: {verdict.rating.meaning}")
    n = {name: len(side.records) for name, side in sides.items()}
    if n["supports"] and n["refutes"]:
        found.append(
            f"Evidence stands on both sides: {phrases.records(n['supports'])} for the claim, "
            f"{n['refutes']:,} against it."
        )
    if n["mixed"]:
        found.append(f"Evidence that points both ways: {phrases.records(n['mixed'])}.")
    labels = {linked(part).rating for part in claim.public_parts}
    if len(labels) > 1:
        found.append(f"Its parts are rated differently: {', '.join(sorted(labels))}.")
    for row in claim.public_rebuttals[:ROWS]:
        said = f"{row.speaker.name} answers the claim."
        if row.public_counterclaim:
            other = linked(row.public_counterclaim)
            said = (
                f"{row.speaker.name} answers it with the claim “{other.claim}” (the desk’s rating of that: "
                f"{other.rating})."
            )
        found.append(said)
    origins = single_origins(
        (row.direction, row.origin_id or row.source_id, row.origin_title or row.source.title)
        for row in claim.public_evidence
    )
    return [*dict.fromkeys(found), *map(str, origins)]


# --- Who said what ---


def _said(row: Any) -> Said:
    names = row.claimant.name, row.manner, row.reported_by.name if row.reported_by else None
    return Said(
        claimant=names[0],
        manner=row.manner,
        reported_by=names[2],
        said_on=row.said_on.isoformat() if row.said_on else None,
        in_words=phrases.made(*names),
        quotation=_quotation(row, phrases.whose(*names)),
    )


def _answered(row: Any) -> Answer:
    counterclaim = row.public_counterclaim
    return Answer(
        speaker=row.speaker.name,
        summary=shortened(row.summary),
        quotation=_quotation(row, f"{row.speaker.name} speaks here, and answers the claim."),
        invokes=[citation.invoked for citation in row.citations.all()[:ROWS]],
        counterclaim=linked(counterclaim) if counterclaim else None,
    )


def _quotation(row: Any, whose: str) -> Quotation:
    passage = row.passage
    source = passage.snapshot.source
    exact = passage.exact
    cut = len(exact) > QUOTED
    return Quotation(
        words=exact[:QUOTED] + CUT if cut else exact,
        cut=cut,
        whose=whose,
        printed_speaker=(passage.turn.label or None) if passage.turn else None,
        source=source.title,
        issued=source.issued_iso or None,
        url=address(passage),
        rendition=_rendition(row, source),
        warning=phrases.warning(source.rendition, source.language, row.rendition_chain, exact),
        later=phrases.later_in_words(row.later) if row.later else None,
    )


def _rendition(row: Any, source: Any) -> Rendition:
    """As the API has it."""
    chain = row.rendition_chain
    notes = chain.notes_on(row.passage.exact) if row.passage else chain.glossary
    return Rendition(
        **rendition(source, row.original_url),
        chain=[
            Step(**step | {"derivation": step["derivation"] or None}) for step in chain.as_json()
        ],
        glossary=[Note(**note.as_json()) for note in notes],
    )


# --- What changed, and what others found ---


def _corrections(claim: Any) -> list[Correction]:
    """Versions that took the place of another, and those that were withdrawn, newest first."""
    found = []
    versions = claim.published_verdicts
    for place, row in enumerate(versions):
        told = []
        if row.is_withdrawn:
            told.append(phrases.withdrawn(row))
        if row.is_correction:
            told.append(phrases.replaced(row, next(iter(versions[place + 1 :]), None)))
        found += [
            Correction(
                in_words=shortened(words), version=row.version, page=address_of_version(claim, row)
            )
            for words in told
        ]
    return found


def _review(row: Any) -> Review:
    return Review(
        publisher=row.publisher_name or row.publisher_site,
        claim_reviewed=shortened(row.claim_reviewed),
        rating_as_printed=row.rating_text,
        reviewed_on=row.reviewed_on.isoformat() if row.reviewed_on else None,
        url=row.url,
    )
