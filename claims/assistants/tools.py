"""The three questions: each returns its answer as data and as text, or refuses with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from ..finding import find
from . import asking, reading, wording
from .answers import Candidate, MatchAnswer, SearchAnswer, VerdictAnswer
from .briefs import briefs

MOST = 20  # results

FOUND_NOTHING = (
    "Nothing that is public here has these words. That says nothing on whether what was looked for is "
    "so."
)
NO_MATCH = (
    "No claim here is close enough to this statement to be offered. That is no finding on the statement: it "
    "has not been checked here, or not in words that were recognised."
)
MATCHED = (
    "These claims may be what the statement says; a person decides whether they are. A rating is of the "
    "claim in the desk’s words, and of nothing else."
)
BY_MEANING, BY_WORDS = "words and meaning", "words alone"


Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Told(Generic[Answer]):
    """An answer as data and as text."""

    answer: Answer
    text: str


def search_claims(query: str, limit: int) -> Told[SearchAnswer]:
    """Claims that have the words of `query`, at most `limit`, those first that have them best."""
    asked = asking.words(query, longest=asking.LONGEST_QUERY, what="query")
    findings = find(asked, kind="claims")
    hits = findings.hits.get("claims", [])[:limit]
    looked_for = (
        " ".join(term.printed for term in findings.question.terms) if findings.instead else asked
    )
    if not hits:
        note = FOUND_NOTHING
    else:
        total = findings.counts["claims"]
        note = f"{total:,} found, {len(hits):,} shown."
        if findings.is_partial:
            note += " None of them has all the words: they may be about something else."
        note += _read_so(findings.instead)
    answer = SearchAnswer(
        asked=asked,
        looked_for=looked_for,
        total=findings.counts["claims"],
        note=note,
        results=briefs([hit.row for hit in hits]),
    )
    return Told(answer, wording.search_in_text(answer))


def _read_so(instead: Mapping[str, str]) -> str:
    """A sentence on the words that were taken for mistyped; of none, nothing."""
    told = ", ".join(f"“{old}” as “{new}”" for old, new in instead.items())
    return f" Words that occur nowhere were read so: {told}." if told else ""


def match_statement(text: str, limit: int) -> Told[MatchAnswer]:
    """Claims that `text` may make, in whatever words, at most `limit`."""
    from ..search.matching import match

    asked = asking.words(text, longest=asking.LONGEST_STATEMENT, what="statement")
    (matched,) = match([asked], limit=limit)
    found = briefs([one.claim for one in matched.matches])
    candidates = []
    for one, claim in zip(matched.matches, found, strict=True):
        against = [str(each) for each in one.reasons.contradictions]
        candidates.append(
            Candidate(
                same=one.same,
                probability=one.probability,
                why=str(one.reasons),
                contradictions=against,
                sentence=one.reasons.sentence or None,
                in_words=wording.match_in_words(one.same, one.probability, against),
                claim=claim,
            )
        )
    by_meaning = matched.engine == "semantic"
    answer = MatchAnswer(
        text=asked,
        found=bool(candidates),
        note=(MATCHED if candidates else NO_MATCH) + _read_so(matched.instead),
        matched_by=BY_MEANING if by_meaning else BY_WORDS,
        results=candidates,
    )
    return Told(answer, wording.match_in_text(answer))


def read_verdict(claim: str) -> Told[VerdictAnswer]:
    """All that there is to say of the claim that is named by its slug, its id or the address of its page."""
    row, notes = asking.read(claim)
    answer = reading.answer(row, notes)
    return Told(answer, wording.verdict_in_text(answer))
