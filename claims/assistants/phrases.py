"""The sentences that answers are put together from: English, neutral, careful with other people's words.

Pure. Whoever calls has the language of the settings active, for the names of languages and kinds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format

from sources.models.source import Rendition, language_name
from sources.renditions import RenditionChain

from ..models.verdict import Reason

OPEN = (
    "No verdict: the desk has recorded this claim and has no finding on it in force. That is no hint either "
    "way: it has not been settled here."
)
NOT_QUOTED = "The claim is in the desk’s neutral words and is no quotation of anybody."
NO_PASSAGE = (
    "No passage is recorded in which it is made or answered: there is nothing here to quote."
)
ORIGINAL = "In the original wording."
UNKNOWN = "It is not known whether this is the original wording: whoever quotes these words has to say so."


def day(value: dt.date | dt.datetime | None) -> str:
    """A date in words; empty for none."""
    return date_format(value, "DATE_FORMAT") if value else ""


def counted(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def records(n: int) -> str:
    return counted(n, "record", "records")


# --- The rating ---


def rating_in_words(rating: Any) -> str:
    """The label, where on the scale it stands if it measures truth, and what it means."""
    scale = rating.as_dict()
    if rating.measures_truth:
        place = (
            f"{scale['value']} on a scale from {scale['worst']} to {scale['best']}, "
            f"on which {scale['best']} is nearest to the truth"
        )
    else:
        place = "a rating that measures no truth: the claim is found neither true nor false"
    return f"“{rating.label}”, {place}. It means: {rating.meaning}"


def withdrawn(verdict: Any) -> str:
    return (
        f"Version {verdict.version} (“{verdict.rating.label}”) of {day(verdict.published_at)} was withdrawn "
        f"on {day(verdict.ended_at)}. Why: {verdict.ending_reason}"
    )


def replaced(verdict: Any, before: Any) -> str:
    """That a version took the place of the one before it (None where that is not public)."""
    reason = str(Reason(verdict.reason).label)
    was = (
        f" of version {before.version} (“{before.rating.label}”)"
        if before
        else " of an earlier one"
    )
    note = f": {verdict.note}" if verdict.note else "."
    return (
        f"Version {verdict.version} (“{verdict.rating.label}”) took the place{was} on "
        f"{day(verdict.published_at)} ({reason}){note}"
    )


# --- The evidence ---


def sides_in_words(n: Mapping[str, int]) -> str:
    """How many records stand on each side; nothing of their weight."""
    said = [
        f"for the claim: {records(n['supports']) if n['supports'] else 'none recorded'}",
        f"against it: {records(n['refutes']) if n['refutes'] else 'none recorded'}",
    ]
    said += [f"pointing both ways: {records(n['mixed'])}"] if n["mixed"] else []
    said += [f"for context: {records(n['context'])}"] if n["context"] else []
    return f"Evidence {'; '.join(said)}. Copies of one record count once."


# --- Whose words, and in which rendition ---


def made(claimant: str, manner: str, reporter: str | None) -> str:
    """Who makes or denies the claim, and who says so."""
    if manner == "denied":
        said = f"{claimant} denies it"
        return f"{said}, as reported by {reporter}" if reporter else said
    if manner == "quoted":
        return f"{claimant} claims it, as quoted by {reporter}"
    if manner == "reported":
        return f"{claimant} claims it, as reported by {reporter}"
    return f"{claimant} claims it"


def whose(claimant: str, manner: str, reporter: str | None) -> str:
    """Whose words a passage has in which a claim is made, and whose it has not."""
    if manner == "denied":
        if reporter is None:
            return f"{claimant} speaks here, and denies the claim."
        return f"{reporter} says here that {claimant} denies the claim. These are not {claimant}’s words."
    if manner == "quoted":
        return f"{reporter} quotes {claimant} here: the words are {claimant}’s as {reporter} gives them."
    if manner == "reported":
        return (
            f"{reporter} says here that {claimant} claims it. These are {reporter}’s words and not "
            f"{claimant}’s: do not quote {claimant} with them."
        )
    return f"{claimant} speaks here."


def warning(kind: str, language: str, chain: RenditionChain, words: str = "") -> str:
    """Whether words of that rendition are the speaker's own, how they came about, which of them mislead."""
    into = language_name(language)
    said = {
        Rendition.ORIGINAL: ORIGINAL,
        Rendition.HUMAN_TRANSLATION: (
            f"As rendered in a translation ({into}); not the speaker’s own words. Whoever quotes them has to "
            "say that they are a translation."
        ),
        Rendition.MACHINE_TRANSLATION: (
            f"As rendered in a machine translation ({into}); not the speaker’s own words, and it may be "
            "wrong. Whoever quotes them has to say that they are a machine translation."
        ),
    }.get(Rendition(kind), UNKNOWN)
    sentences = [said]
    if chain.is_told:
        sentences.append(f"From this text back to its origin: {chain.in_words()}.")
    for note in chain.notes_on(words):
        more = f" ({note.note})" if note.note else ""
        sentences.append(f"“{note.printed}” stands for: {note.meant}{more}.")
    return " ".join(sentences)


def renditions_in_words(found: Iterable[tuple[str, str, int]]) -> str:
    """In which renditions the passages are held in which a claim is made or answered: kinds of rendition,
    languages and numbers of passages."""
    counts: dict[tuple[str, str], int] = {}
    for kind, language, n in found:
        counts[kind, language] = counts.get((kind, language), 0) + n
    if not counts:
        return NO_PASSAGE
    told = [
        f"{n} in {manner(kind)} ({language_name(language)})"
        for (kind, language), n in sorted(counts.items())
    ]
    all_of_them = f"Passages in which it is made or answered: {', '.join(told)}."
    if all(kind == Rendition.ORIGINAL for kind, _ in counts):
        return f"{all_of_them} These are the speakers’ own words."
    return (
        f"{all_of_them} What is not in the original wording is not the speaker’s own words: whoever quotes "
        "it has to say so."
    )


def manner(kind: str) -> str:
    return {
        Rendition.ORIGINAL: "the original wording",
        Rendition.HUMAN_TRANSLATION: "a translation",
        Rendition.MACHINE_TRANSLATION: "a machine translation",
    }.get(Rendition(kind), "a wording of which it is not known whether it is the original")


def later_in_words(later: Any) -> str:
    """What became of quoted words in a later edition of their text."""
    became = {
        "changed": "these words read differently",
        "ambiguous": "it is not certain which words these are",
    }.get(later.finding, "these words were not found")
    return (
        f"In the text as retrieved on {day(later.retrieved_at)} (edition {later.edition}) {became}."
    )
