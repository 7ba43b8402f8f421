"""Answers as text for whoever reads them instead of the data. Pure.

What others said stands behind “> ”, line by line, so that no quotation can pass for the desk's own voice.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import phrases
from .answers import (
    Brief,
    Citation,
    Evidence,
    LinkedClaim,
    MatchAnswer,
    Quotation,
    SearchAnswer,
    Side,
    VerdictAnswer,
)

SIDES = {
    "supports": ("Evidence for the claim", "No supporting evidence is recorded."),
    "refutes": ("Evidence against the claim", "No refuting evidence is recorded."),
    "mixed": ("Evidence that points both ways", ""),
    "context": ("Evidence for context", ""),
}
LEFT_OUT = "{n} more on the page."


def joined(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)


def blocks(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def listed(lines: Iterable[str]) -> str:
    """A list of what is said in a line each, whatever breaks it had."""
    return "\n".join(f"- {one_line(line)}" for line in lines)


def one_line(text: str) -> str:
    return " ".join(text.split())


def section(title: str, *parts: str) -> str:
    return blocks([f"## {title}", *parts]) if any(parts) else ""


# --- Search and match ---


def search_in_text(answer: SearchAnswer) -> str:
    head = f"Searched for: {one_line(answer.asked)}"
    if answer.looked_for != answer.asked:
        head += f"\nLooked for in the end: {answer.looked_for}"
    return blocks([head, answer.note, *map(brief_in_text, answer.results)])


def match_in_words(same: bool, probability: float, against: list[str]) -> str:
    """How near a claim is to a statement, and what speaks against its being the same."""
    if against:
        return (
            f"It may say something else, or the contrary: {'; '.join(against)}. Its rating is not one of the "
            "statement."
        )
    percent = f"{round(100 * probability)} %"
    if same:
        return f"Offered as the same claim (probability {percent})."
    return f"Near, but not offered as the same claim (probability {percent}): compare the wording."


def match_in_text(answer: MatchAnswer) -> str:
    head = f"Statement: {one_line(answer.text)}\nMatched by: {answer.matched_by}."
    told = []
    for one in answer.results:
        sentence = f"In the sentence: {one.sentence}" if one.sentence else ""
        told.append(
            joined(
                [brief_in_text(one.claim), one.in_words, f"Why it is offered: {one.why}.", sentence]
            )
        )
    return blocks([head, answer.note, *told])


def brief_in_text(brief: Brief) -> str:
    evidence = brief.evidence
    titles = [
        f"For: {'; '.join(evidence.supports)}" if evidence.supports else "",
        f"Against: {'; '.join(evidence.refutes)}" if evidence.refutes else "",
    ]
    return joined(
        [
            f"## Claim: {brief.claim}",
            f"Name for read_verdict: {brief.slug}",
            f"Rating: {brief.rating.in_words}",
            f"Finding: {brief.headline}" if brief.headline else "",
            f"In force since: {brief.since}" if brief.since else "",
            f"Correction: {brief.corrected}" if brief.corrected else "",
            evidence.in_words,
            *titles,
            f"Who says it: {'; '.join(brief.said)}" if brief.said else "",
            f"Quoting: {phrases.NOT_QUOTED} {brief.rendition_warning}",
            *_cite(brief.cite),
        ]
    )


def _cite(cite: Citation) -> list[str]:
    return [
        f"Cite: {cite.page}",
        f"This version, for good: {cite.version_page}" if cite.version_page else "",
        f"Licence: {cite.licence_in_words}",
    ]


# --- A verdict ---


def verdict_in_text(answer: VerdictAnswer) -> str:
    sides = answer.evidence
    return blocks(
        [
            *(f"Note: {note}" for note in answer.notes),
            joined([f"# Claim: {answer.claim}", phrases.NOT_QUOTED]),
            joined(
                [
                    f"Rating: {answer.rating.in_words}",
                    f"Finding: {answer.headline}" if answer.headline else "",
                    f"In force since: {answer.since} (version {answer.version})"
                    if answer.since
                    else "",
                    f"The claim as it was judged: {answer.claim_as_judged}"
                    if answer.claim_as_judged
                    else "",
                    answer.rendition_warning,
                ]
            ),
            section("Context", answer.context),
            section("Why the desk finds so", answer.rationale or ""),
            section("What is open or disputed", listed(answer.disagreement)),
            section("Its parts", listed(map(_linked, answer.parts))),
            section("A part of", listed([_linked(answer.part_of)])) if answer.part_of else "",
            section("Evidence", sides.in_words),
            *(_side(name, getattr(sides, name)) for name in SIDES),
            section(
                "Who says it, and where",
                *(blocks([f"### {row.in_words}", _quotation(row.quotation)]) for row in answer.appearances),
                _more(answer.n_appearances, len(answer.appearances)),
            ),
            section("Made in answer to", listed(map(_linked, answer.made_in_answer_to))),
            section(
                "What is answered to it (a rebuttal is itself a claim, and no finding)",
                *_rebuttals(answer),
                _more(answer.n_rebuttals, len(answer.rebuttals)),
            ),
            section(
                "What was searched for, against the emerging conclusion",
                listed(
                    f"{row.on}, {row.place}: “{row.terms}”. {row.outcome}" for row in answer.searches
                ),
            ),
            section(
                "What other publishers found (theirs, as printed)",
                listed(
                    f"{row.publisher}: “{row.rating_as_printed}” on “{row.claim_reviewed}”. {row.url}"
                    for row in answer.other_reviews
                ),
            ),
            section("Corrections", listed(f"{row.in_words} {row.page}" for row in answer.corrections)),
            section("The page to cite", joined([answer.cite.text, *_cite(answer.cite)])),
        ]
    )  # fmt: skip


def _linked(claim: LinkedClaim) -> str:
    found = f" {claim.headline}" if claim.headline else ""
    decides = " It decides the whole." if getattr(claim, "decides_whole", False) else ""
    return f"{claim.claim} Rating: {claim.rating}.{found}{decides} {claim.page}"


def _side(name: str, side: Side) -> str:
    title, nothing = SIDES[name]
    if not side.n_records:
        return section(title, nothing)
    told = []
    for record in side.records:
        if record.copies > 1:
            told.append(f"### {record.copies} reports of one record count once: {record.origin}")
        told += map(_evidence, record.evidence)
        told.append(_more(record.copies, len(record.evidence)))
    told.append(_more(side.n_records, len(side.records)))
    return section(f"{title}: {phrases.records(side.n_records)}", *told)


def _evidence(row: Evidence) -> str:
    about = ", ".join(part for part in (row.kind, row.primacy, row.directness, row.issued) if part)
    where = f", {row.locator}" if row.locator else ""
    interest = f"Declared interest: {row.declared_interest}" if row.declared_interest else ""
    return joined(
        [
            f"- {row.source}{where} ({about}). {row.page}",
            f"In the desk’s words: {row.summary}",
            row.public_since or "",
            interest,
            _quotation(row.quotation) if row.quotation else "",
        ]
    )


def _rebuttals(answer: VerdictAnswer) -> Iterable[str]:
    for row in answer.rebuttals:
        yield blocks(
            [
                f"### {row.speaker}\nIn the desk’s words: {row.summary}",
                _quotation(row.quotation),
                f"It invokes: {'; '.join(row.invokes)}" if row.invokes else "",
                f"It amounts to a claim:\n{listed([_linked(row.counterclaim)])}"
                if row.counterclaim
                else "",
            ]
        )


def _quotation(quotation: Quotation) -> str:
    """The words behind “> ”, and below them whose they are and in which rendition."""
    words = "\n".join(f"> {line}" for line in quotation.words.splitlines())
    label = f"{quotation.printed_speaker}, " if quotation.printed_speaker else ""
    issued = f", {quotation.issued}" if quotation.issued else ""
    original = quotation.rendition.original_url
    return joined(
        [
            words,
            "These words go on at the address below." if quotation.cut else "",
            f"({label}“{quotation.source}”{issued}) {quotation.url}",
            quotation.whose,
            quotation.warning,
            f"Original: {original}" if original else "",
            quotation.later or "",
        ]
    )


def _more(all_of_them: int, shown: int) -> str:
    return LEFT_OUT.format(n=f"{all_of_them - shown:,}") if all_of_them > shown else ""
