"""What review needs of a verdict, computed from its dossier: the gates, and what only informs.

Nothing is refused here. `Verdict.approve` refuses what does not pass the gates (`claims.gates`), a later
version without a note, an approval by its author, a claim that was reworded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from sources.models import Source

from .citing import cited_paths, plain_words
from .dossier import Dossier, in_words
from .gates import (
    MET,
    NOT_APPLICABLE,
    OPEN,
    OVERRIDDEN,
    Result,
    claim_link,
    pieces,
    results,
    to_claims,
)
from .models import Claim
from .models.evidence import Direction

if TYPE_CHECKING:
    from .models import Evidence, Verdict

SYMBOLS = {MET: "✓", OPEN: "✗", NOT_APPLICABLE: "–", OVERRIDDEN: "↷"}

# The end of a sentence and the beginning of the next; abbreviations of titles and names end none.
NEXT_SENTENCE = re.compile(
    r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?]”?\s+(?=[“A-ZÀ-Þ])"
)
ENDED = re.compile(r"[.!?][”)]?$")


@dataclass(frozen=True)
class Item:
    """One thing that review needs."""

    slug: str
    label: str  # as a statement that holds or does not
    state: str  # met, not met, not applicable, overridden
    note: str = ""  # what there is, or what to do, in a sentence or two
    links: tuple[tuple[str, str], ...] = field(default=())  # (words, address) of the desk
    gate: str = ""  # its name, if it is a gate: approval waits for it

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.state]


def checklist(verdict: Verdict, dossier: Dossier, *, open_notes: int) -> list[Item]:
    """Return what review needs of `verdict`, in the order in which one works.

    `dossier` is of its claim; `open_notes` the number of notes of the review that nobody has marked
    done. Costs two queries for the links of the rationale, one for what is archived, and five for what
    came after submission.
    """
    return [
        _attached(dossier),
        *map(_of_gate, results(verdict, dossier)),
        _single_origins(dossier),
        _findable(dossier),
        _headline(verdict),
        _cited(verdict, dossier),
        _links(verdict, dossier),
        _this_version(verdict, dossier),
        _counterclaims(dossier),
        _unchanged(verdict, dossier),
        _notes(verdict, open_notes),
    ]


def cites(rationale: str, evidence: Iterable[Evidence]) -> set[int]:
    """Return the ids of the pieces of `evidence` that `rationale` (Markdown) cites: by a link to their
    source, or by its title in full. Of several pieces from one source, those whose locator it gives."""
    rows = list(evidence)
    paths = set(cited_paths(rationale, site=settings.SITE_URL))
    words = plain_words(rationale)
    sources = [row.source_id for row in rows]
    return {
        row.pk
        for row in rows
        if (row.source.get_absolute_url() in paths or row.source.title in words)
        and (sources.count(row.source_id) == 1 or row.locator in words)
    }


def _of_gate(result: Result) -> Item:
    return Item(
        result.slug, result.label, result.state, result.told, result.links, gate=result.slug
    )


def _attached(dossier: Dossier) -> Item:
    label = "Evidence is attached"
    if dossier.evidence:
        return Item("evidence", label, MET, f"{pieces(dossier.evidence)}.")
    return Item(
        "evidence",
        label,
        OPEN,
        "Attach what bears on the claim, for and against.",
        (claim_link(dossier, "evidence-group", "Attach evidence"),),
    )


def _single_origins(dossier: Dossier) -> Item:
    label = "Neither side rests on a single origin"
    if not any(
        row.direction in (Direction.SUPPORTS, Direction.REFUTES) for row in dossier.evidence
    ):
        return Item("origins", label, NOT_APPLICABLE, "No evidence is for or against.")
    single = dossier.single_origin_sides
    if not single:
        return Item("origins", label, MET, "The evidence on each side has several origins.")
    told = " ".join(map(str, single))
    return Item(
        "origins",
        label,
        OPEN,
        f"{told} A single record may be all that there is: then the rationale can say so.",
    )


def _findable(dossier: Dossier) -> Item:
    label = "A reader can find each piece of evidence"
    if not dossier.evidence:
        return Item("findable", label, NOT_APPLICABLE, "No evidence is attached.")
    lacking = [
        row
        for row in dossier.evidence
        if row.passage_id is None and not (row.source.url and row.locator)
    ]
    if not lacking:
        return Item("findable", label, MET, "Each has the passage, or an address and the place.")
    return Item(
        "findable",
        label,
        OPEN,
        "Give each a passage, or the address of its source and the place in it (the locator).",
        tuple(
            (
                f"{in_words(row)}: {'no locator' if row.source.url else 'no address of the source'}",
                reverse("admin:claims_evidence_change", args=[row.pk]),
            )
            for row in lacking
        ),
    )


def _headline(verdict: Verdict) -> Item:
    label = "The headline is one sentence"
    if not ENDED.search(verdict.headline):
        return Item(
            "headline",
            label,
            OPEN,
            "End it with a full stop.",
            (("To the headline", "#id_headline"),),
        )
    if NEXT_SENTENCE.search(verdict.headline):
        told = "It reads as more than one: keep the finding, and move the rest to the rationale."
        return Item("headline", label, OPEN, told, (("To the headline", "#id_headline"),))
    return Item("headline", label, MET)


def _cited(verdict: Verdict, dossier: Dossier) -> Item:
    label = "The rationale cites the evidence"
    if not dossier.evidence:
        return Item("cited", label, NOT_APPLICABLE, "No evidence is attached.")
    cited = cites(verdict.rationale, dossier.evidence)
    missing = [row for row in dossier.evidence if row.pk not in cited]
    if not missing:
        return Item("cited", label, MET, f"{pieces(dossier.evidence)}, each cited.")
    return Item(
        "cited",
        label,
        OPEN,
        f"{len(cited)} of {len(dossier.evidence)} cited. Cite the others, or take off what does not bear "
        "on the claim:",
        tuple((in_words(row), f"#evidence-{row.pk}") for row in missing),
    )


def _links(verdict: Verdict, dossier: Dossier) -> Item:
    """Of links to our own pages: those to a draft that stays one would lead readers nowhere."""
    label = "The links of the rationale lead somewhere"
    paths = cited_paths(verdict.rationale, site=settings.SITE_URL)
    slugs: dict[str, set[str]] = {"claims": set(), "sources": set()}
    for path in paths:
        kind, _, rest = path.strip("/").partition("/")
        if kind in slugs and rest:
            slugs[kind].add(rest.split("/")[0])
    if not any(slugs.values()):
        return Item("links", label, NOT_APPLICABLE, "It links to no page of ours.")
    claims = Claim.objects.filter(slug__in=slugs["claims"])
    public = {f"claims/{claim.slug}" for claim in claims if claim.is_public}
    sources = Source.objects.filter(slug__in=slugs["sources"])
    public |= {f"sources/{source.slug}" for source in sources if source.is_published}
    # Approval publishes these.
    public |= {f"claims/{dossier.claim.slug}"}
    public |= {f"sources/{row.source.slug}" for row in dossier.evidence}
    wanted = {f"{kind}/{slug}" for kind, named in slugs.items() for slug in named}
    nowhere = sorted(wanted - public)
    if not nowhere:
        return Item("links", label, MET)
    return Item(
        "links",
        label,
        OPEN,
        f"Readers could not open {', '.join(f'/{path}/' for path in nowhere)}: publish it first, or leave "
        "the link out.",
    )


def _this_version(verdict: Verdict, dossier: Dossier) -> Item:
    label = "It says what changed"
    earlier = dossier.in_force
    if verdict.version == 1 or (earlier is not None and earlier.pk == verdict.pk):
        return Item(
            "version", label, NOT_APPLICABLE, "It is the first version, or the one in force."
        )
    if not verdict.note.strip():
        return Item(
            "version",
            label,
            OPEN,
            "Tell readers what changed against the version before, and why.",
            (("To what changed", "#id_note"),),
        )
    said = ("rating_id", "headline", "rationale")
    if earlier is not None and all(getattr(verdict, n) == getattr(earlier, n) for n in said):
        told = f"Rating, headline and rationale are those of version {earlier.version}."
        return Item("version", label, OPEN, told)
    return Item("version", label, MET)


def _counterclaims(dossier: Dossier) -> Item:
    label = "The counterclaims are public"
    if not dossier.counterclaims:
        return Item("counterclaims", label, NOT_APPLICABLE, "No rebuttal amounts to a claim.")
    drafts = [claim for claim in dossier.counterclaims if not claim.is_public]
    if not drafts:
        return Item("counterclaims", label, MET)
    told = (
        "Approval does not publish them: readers would see the answer without a way to its verdict."
    )
    return Item("counterclaims", label, OPEN, told, to_claims(drafts))


def _unchanged(verdict: Verdict, dossier: Dossier) -> Item:
    label = "Nothing was attached or changed after the submission"
    if verdict.state != "submitted" or verdict.submitted_at is None:
        return Item("unchanged", label, NOT_APPLICABLE, "It is not under review.")
    told = [
        f"{change.kind} {change.what}{f' by {change.by}' if change.by else ''}: {change.label}"
        for change in dossier.changes_since(verdict.submitted_at)
    ]
    if verdict.claim_text != dossier.claim.text:
        told.insert(0, "the claim was reworded: it has to be sent back")
    if not told:
        return Item("unchanged", label, MET)
    return Item(
        "unchanged",
        label,
        OPEN,
        f"Its author may not have weighed this. Since then, {'; '.join(told)}.",
    )


def _notes(verdict: Verdict, open_notes: int) -> Item:
    label = "The notes of the review are done"
    if not open_notes:
        return Item("notes", label, MET, "No note is open.")
    told = "1 note is open." if open_notes == 1 else f"{open_notes} notes are open."
    return Item("notes", label, OPEN, told, (("To the conversation", "#notes"),))
