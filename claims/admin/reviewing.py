"""What the page of a verdict shows beside its form: what is judged, what review needs, what was said.

The author writes and the approver judges with the same before them. No rule is made here: `checklist`,
`Dossier` and `Verdict` have them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from claims.checklist import checklist, cites
from claims.citing import markdown_citation, markdown_link
from claims.claim_page import claim_page
from claims.dossier import Dossier, in_words
from claims.gates import MET, OPEN
from claims.models.withdrawal import Outcome
from claims.rendering import render_markdown
from sources.differences import word_differences

from .notes import conversation

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from claims.models import Claim, Verdict, Withdrawal


# Not between paragraphs, nor before what begins a list, a quotation or a heading.
LINE_END = re.compile(r"(?<!\n)\n(?!\n|[ \t]*(?:[-*+>#]|\d+[.)])\s)")


@dataclass
class Told:
    """A step that the history tells of, between the notes of a conversation."""

    step: str
    by: Any
    created_at: dt.datetime
    why: str = ""
    is_step: bool = True


@dataclass
class Compared:
    """One field of two versions: what the old one says that the new one does not, and the reverse."""

    label: str
    old: list[tuple[str, str]]
    new: list[tuple[str, str]]

    @property
    def same(self) -> bool:
        return all(op == "=" for op, _ in self.old + self.new)


def editor(
    request: HttpRequest, verdict: Verdict | None, *, asked: Any, claim: Claim | None
) -> dict[str, Any]:
    """Return the context of the page of `verdict` (None: a new one, on `claim` if that is chosen yet).

    `asked` is what was sent where the form comes back unsaved, or None.
    """
    rationale = asked.get("rationale", "") if asked else verdict.rationale if verdict else ""
    context: dict[str, Any] = {"rationale_html": render_markdown(rationale), "on": claim}
    if verdict is not None:
        context |= review(request, verdict)
    in_the_making = verdict is None or verdict.published_at is None
    if claim is None or not in_the_making or not request.user.has_perm("claims.view_evidence"):
        return context
    dossier = Dossier.of(claim)
    if verdict is None and not asked and dossier.in_force is not None:
        # A new version starts from what the one in force says.
        rationale = dossier.in_force.rationale
        context["rationale_html"] = render_markdown(rationale)
    return context | judged(dossier, rationale) | about(verdict, dossier, context)


def about(verdict: Verdict | None, dossier: Dossier, context: dict[str, Any]) -> dict[str, Any]:
    """What only a verdict that is stored can be asked: what review needs of it, and what it changes."""
    if verdict is None:
        return {}
    needs = checklist(verdict, dossier, open_notes=context.get("notes_open", 0))
    return {
        "checklist": needs,
        "n_met": sum(item.state == MET for item in needs),
        "n_open": sum(item.state == OPEN for item in needs),
        "in_force": dossier.in_force,
        "compared": compare(dossier.in_force, verdict) if dossier.in_force else [],
    }


def judged(dossier: Dossier, rationale: str) -> dict[str, Any]:
    """The dossier, and the Markdown by which each thing in it is cited. `rationale` is Markdown."""
    cited = cites(rationale, dossier.evidence)
    for row in dossier.evidence:
        row.is_cited = row.pk in cited  # type: ignore[attr-defined]
        row.citation = markdown_citation(  # type: ignore[attr-defined]
            row.source.title, row.source.get_absolute_url(), row.locator
        )
    for claim in [*dossier.parts, *dossier.counterclaims]:
        claim.citation = markdown_link(claim.text, claim.get_absolute_url())  # type: ignore[attr-defined]
    return {"dossier": dossier, "sides": dossier.sides.values()}


def compare(old: Verdict, new: Verdict) -> list[Compared]:
    """What `new` changes against `old`: the claim as judged, rating, headline, rationale."""
    told = [
        ("Claim as judged", old.claim_text, new.claim_text or new.claim.text),
        ("Rating", str(old.rating), str(new.rating)),
        ("Headline", old.headline, new.headline),
        ("Rationale", old.rationale, new.rationale),
    ]
    rows = []
    for label, before, after in told:
        found = word_differences(unwrapped(before), unwrapped(after))
        rows.append(
            Compared(
                label,
                [part for part in found if part[0] != "+"],
                [part for part in found if part[0] != "-"],
            )
        )
    return rows


def unwrapped(markdown: str) -> str:
    """`markdown` without the line ends that are none for a reader: those within a paragraph."""
    return LINE_END.sub(" ", markdown.replace("\r\n", "\n"))


def review(request: HttpRequest, verdict: Verdict) -> dict[str, Any]:
    """The conversation on `verdict`: its notes, and in between the steps from its history and what was
    proposed and decided about its withdrawal."""
    steps = steps_of(verdict)
    said = conversation(request, verdict)
    last = steps[-1] if steps else None
    sent_back = last if last and last.step == "sent back" and verdict.state == "draft" else None
    context: dict[str, Any] = {"sent_back": sent_back}
    withdrawals: list[Withdrawal] = []
    if verdict.published_at is not None and request.user.has_perm("claims.view_withdrawal"):
        withdrawals = list(verdict.withdrawals.select_related("proposed_by", "decided_by"))
        context |= ending(verdict, withdrawals)
    if not said:
        return context
    noted = {(note.author, note.body) for note in said["notes"]}
    shown = [
        Told(step.step, step.by, step.created_at, "" if (step.by, step.why) in noted else step.why)
        for step in [*steps, *told_of(withdrawals)]
    ]
    said["notes"] = sorted([*shown, *said["notes"]], key=lambda entry: entry.created_at)
    return {**said, "notes_title": "Review", **context}


def ending(verdict: Verdict, withdrawals: list[Withdrawal]) -> dict[str, Any]:
    """The withdrawal that waits; and whether `verdict` is withdrawn with no second person on record."""
    outcomes = {row.outcome: row for row in withdrawals}
    return {
        "waiting_withdrawal": outcomes.get(""),
        "withdrawn_by_one": verdict.is_withdrawn and Outcome.CONFIRMED not in outcomes,
    }


def told_of(withdrawals: list[Withdrawal]) -> Iterator[Told]:
    """What a conversation tells of them; that one was confirmed is in the history of the verdict."""
    for row in withdrawals:
        yield Told("withdrawal proposed", row.proposed_by, row.proposed_at, row.reason)
        if row.outcome and row.decided_at and row.outcome != Outcome.CONFIRMED:
            step = f"withdrawal {row.state}"
            yield Told(step, row.decided_by, row.decided_at, row.declined_because)


def steps_of(verdict: Verdict) -> list[Told]:
    """Submissions, returns, approval and end, oldest first, as the history has them. One query."""
    entries = list(
        verdict.history.select_related("history_user").order_by("history_date", "history_id")
    )
    steps = []
    for before, after in pairwise(entries):
        then, now = before.instance.state, after.instance.state
        if then == now:
            continue
        step = {"draft": "sent back", "published": "approved"}.get(now, now)
        why = after.ending_reason if after.ending else after.history_change_reason or ""
        steps.append(Told(step, after.history_user, after.history_date, why))
    return steps


def approval(verdict: Verdict) -> dict[str, Any]:
    """What one looks at before approving: what readers will see, what else becomes public, what not."""
    dossier = Dossier.of(verdict.claim)
    needs = checklist(verdict, dossier, open_notes=verdict.notes.open().count())
    below = dossier.published_with_it()
    return {
        "claim": verdict.claim,
        "verdict": verdict,
        "rationale_html": render_markdown(verdict.rationale),
        "in_force": dossier.in_force,
        "compared": compare(dossier.in_force, verdict) if dossier.in_force else [],
        "unmet": [item for item in needs if item.state == OPEN],
        "held_up": any(item.gate and item.state == OPEN for item in needs),
        "drafts": [claim for claim in dossier.counterclaims if not claim.is_public],
        "draft_parts": [claim for claim in dossier.parts if not claim.is_public],
        "new_annotations": [
            {"kind": str(row._meta.verbose_name).capitalize(), "words": in_words(row)}
            for row in below["annotations"]
        ],
        "new_sources": below["sources"],
        "new_speakers": below["speakers"],
    }


def withdrawal(row: Withdrawal) -> dict[str, Any]:
    """What one looks at before confirming or declining: the verdict, what readers will be told, and what
    the withdrawal leaves as it is. Three queries."""
    verdict, claim = row.verdict, row.verdict.claim
    return {
        "withdrawal": row,
        "verdict": verdict,
        "claim": claim,
        "rationale_html": render_markdown(verdict.rationale),
        "in_the_making": claim.verdicts.in_the_making().first(),
        "whole": claim.part_of,
        "answered": list(
            type(claim).objects.published().filter(rebuttals__counterclaim=claim).distinct()
        ),
    }


def as_readers_see_it(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    """The public page of the claim as it will be once `verdict` is approved, under a banner."""
    state = verdict.state
    claim: Any = Dossier.of(verdict.claim).as_readers_will_see(verdict)
    response = render(
        request,
        "admin/claims/verdict/readers.html",
        {
            **claim_page(claim, verdict),
            "description": "",
            "state": state,
        },
    )
    response["X-Robots-Tag"] = "noindex"
    return response
