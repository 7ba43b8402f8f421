"""What an assistant is told, as data: the schemas that the tools publish. Pure.

Dates are ISO 8601; addresses are whole. Whatever quotes has `words` exactly as the text has them, says
`whose` they are, and has a `warning`: whether they are the speaker's own.
"""

from __future__ import annotations

from pydantic import BaseModel, Field


class Rating(BaseModel):
    """What the desk found of a claim; of an open claim, that it has found nothing yet."""

    in_words: str = Field(description="The rating and what it means, as a sentence to pass on.")
    label: str = Field(description="“No verdict” where none is in force.")
    slug: str | None = None
    meaning: str = ""
    measures_truth: bool = Field(
        description="False for conflicting or not enough evidence, not checkable, and no verdict: these are "
        "neither true nor false."
    )
    value: int | None = Field(default=None, description="Null where the rating measures no truth.")
    worst: int | None = None
    best: int | None = None


class Citation(BaseModel):
    """The page to cite, and on what terms."""

    page: str = Field(description="The page of the claim: give this address with the answer.")
    version_page: str | None = Field(
        default=None, description="This version of the verdict, which stays as it is."
    )
    text: str = Field(description="The citation as one line.")
    publisher: str
    licence: str | None = Field(
        default=None, description="Address of the licence; null if none is stated."
    )
    licence_in_words: str


class Step(BaseModel):
    """A text on the way from the words at hand back to their origin."""

    kind: str
    language: str
    title: str
    slug: str
    source_url: str | None
    translated_by: str | None
    derivation: str | None = Field(description="How it rests on the next; null for the last.")


class Note(BaseModel):
    """A word that a translation prints for another one."""

    printed: str
    meant: str
    note: str | None


class Rendition(BaseModel):
    """Whether words are those that were spoken or written, as the API has it."""

    kind: str = Field(
        description="original, human-translation, machine-translation or unknown. Only the first may be "
        "quoted as what was said."
    )
    language: str
    original_url: str | None
    chain: list[Step]
    glossary: list[Note]


class Quotation(BaseModel):
    words: str = Field(description="Exactly as the text has them, unless `cut`.")
    cut: bool = Field(default=False, description="Whether they go on: the address has all of them.")
    whose: str = Field(description="Whose words these are, and whose they are not.")
    printed_speaker: str | None = Field(default=None, description="The label that the text prints.")
    source: str
    issued: str | None
    url: str = Field(description="The words where they stand.")
    rendition: Rendition
    warning: str = Field(description="Pass this on with the words, always.")
    later: str | None = Field(
        default=None, description="Whether they read otherwise in a later edition."
    )


class Said(BaseModel):
    """Who makes (or denies) the claim, where, in which words."""

    claimant: str
    manner: str = Field(description="asserted, reported, quoted or denied.")
    reported_by: str | None
    said_on: str | None
    in_words: str
    quotation: Quotation


class LinkedClaim(BaseModel):
    """Another claim, with the desk's rating of it."""

    claim: str
    slug: str
    rating: str = Field(description="The label, or “No verdict”.")
    headline: str | None
    page: str


class Part(LinkedClaim):
    decides_whole: bool


class Answer(BaseModel):
    """A rebuttal: what a speaker answers to the claim. It is no finding."""

    speaker: str
    summary: str = Field(description="In the desk's words.")
    quotation: Quotation
    invokes: list[str]
    counterclaim: LinkedClaim | None = Field(description="The claim that it amounts to.")


class Evidence(BaseModel):
    source: str
    page: str
    kind: str
    primacy: str
    directness: str
    issued: str | None
    locator: str | None
    summary: str = Field(
        description="What it says on the claim, in the desk's words: no quotation."
    )
    public_since: str | None = Field(
        default=None, description="When the public could first know it, where that matters."
    )
    declared_interest: str | None
    rendition: Rendition
    quotation: Quotation | None


class Record(BaseModel):
    """What goes back to one origin: it counts once, however many sources repeat it."""

    origin: str
    copies: int
    evidence: list[Evidence]


class Side(BaseModel):
    n_records: int = Field(description="All that there are; `records` may have fewer.")
    records: list[Record]


class Weighed(BaseModel):
    in_words: str
    supports: Side
    refutes: Side
    mixed: Side
    context: Side


class Correction(BaseModel):
    """A version of the verdict that took the place of another, or was withdrawn."""

    in_words: str
    version: int
    page: str


class Searched(BaseModel):
    """A search for evidence against the emerging conclusion."""

    on: str
    place: str
    terms: str
    outcome: str


class Review(BaseModel):
    """What another publisher found: theirs, and no finding of this desk."""

    publisher: str
    claim_reviewed: str
    rating_as_printed: str
    reviewed_on: str | None
    url: str


class VerdictAnswer(BaseModel):
    """All that there is to say of one claim."""

    slug: str
    claim: str = Field(description="In the desk's neutral words: no quotation of anybody.")
    kind: str
    language: str
    context: str
    rating: Rating
    headline: str | None = Field(description="The finding in one sentence.")
    rationale: str | None = Field(description="Why, in Markdown.")
    since: str | None = Field(description="The day from which this version is in force.")
    version: int | None
    claim_as_judged: str | None = Field(description="Where the wording has changed since.")
    evidence: Weighed
    disagreement: list[str] = Field(description="What is open or disputed, sentence by sentence.")
    parts: list[Part]
    part_of: LinkedClaim | None
    appearances: list[Said]
    n_appearances: int
    rebuttals: list[Answer]
    n_rebuttals: int
    made_in_answer_to: list[LinkedClaim]
    searches: list[Searched]
    other_reviews: list[Review]
    corrections: list[Correction]
    rendition_warning: str
    notes: list[str] = Field(description="On what was asked for.")
    cite: Citation


class EvidenceInShort(BaseModel):
    """Records (copies of one count once) and the titles of the first on each side."""

    in_words: str
    n_supports: int
    n_refutes: int
    n_mixed: int
    n_context: int
    supports: list[str]
    refutes: list[str]


class Brief(BaseModel):
    """A claim in short: read_verdict has the evidence itself, and the quotations."""

    slug: str
    claim: str = Field(description="In the desk's neutral words: no quotation of anybody.")
    language: str
    rating: Rating
    headline: str | None
    since: str | None
    corrected: str | None = Field(description="Whether an earlier version said otherwise.")
    evidence: EvidenceInShort
    said: list[str] = Field(description="Who makes it, and who answers it.")
    rendition_warning: str
    cite: Citation


class SearchAnswer(BaseModel):
    asked: str
    looked_for: str = Field(description="Other than asked where words were taken for mistyped.")
    total: int
    note: str
    results: list[Brief]


class Candidate(BaseModel):
    """A claim that the statement may make."""

    same: bool = Field(description="Whether it is offered as the same claim.")
    probability: float = Field(description="From 0 to 1: that it is the claim that is meant.")
    why: str
    contradictions: list[str] = Field(
        description="What speaks against its being the same. Its rating is then none of the statement."
    )
    sentence: str | None = Field(description="The sentence of a longer text that may make it.")
    in_words: str
    claim: Brief


class MatchAnswer(BaseModel):
    text: str
    found: bool
    note: str
    matched_by: str = Field(description="meaning, or words alone.")
    results: list[Candidate]
