"""What the page of a claim shows: the same whether readers see it, or the desk looks at it beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext as _

from .cards import claim_picture
from .citation import cite
from .embedding import iframe
from .pictures.argument_map import argument_map
from .pictures.timeline import Event, in_time, public_since, said, timeline
from .rendering import render_markdown
from .versions import with_differences
from .weighing import first_said, weigh

# Of the parts of a compound claim, in their order: (a), (b), …
LETTERS = [*ascii_lowercase, *map(str, range(27, 1000))]


def claim_page(claim: Any, verdict: Any) -> dict[str, Any]:
    """Return what the template of the page needs for `claim`, with all that `Claim.objects.read` reads of it,
    and its `verdict`, if any. Costs no query."""
    sides = weigh(claim.public_evidence, said_on=first_said(claim.public_appearances))
    for letter, part in zip(LETTERS, claim.public_parts, strict=False):
        part.letter = letter
    with_differences(claim.published_verdicts)
    return {
        "title": claim.text,
        "claim": claim,
        "verdict": verdict,
        "rationale": render_markdown(verdict.rationale) if verdict else "",
        "sides": sides,
        "deciding": [part for part in claim.public_parts if part.decides_whole],
        "map": argument_map(claim, sides),
        "timeline": timeline(events(claim)),
        "card": claim_picture(claim),
        "citation": cite(claim),
        "embed_code": iframe(claim),
    }


def apart(claim: Any) -> dict[str, Any]:
    """Return what the page of a claim as of a day (`look_back`) has apart from it, `later` and `uncertain`:
    of each the pieces of evidence, and the other events, in the order of time."""
    return {
        "later": _apart(claim.later, claim.as_of),
        "uncertain": _apart(claim.uncertain),
        "none_then": _("Nothing by the end of that day."),
    }


def _apart(rows: Any, after: dt.date = dt.date.min) -> dict[str, Any]:
    """Versions that are among `rows` because of their end alone were published before: they are left out."""
    return {
        "searches": rows.public_searches,
        "reviews": rows.public_external_reviews,
        "evidence": sorted(
            rows.public_evidence, key=lambda row: public_since(row)[0] or dt.date.max
        ),
        "events": sorted(
            (
                event
                for event in events(rows)
                if event.lane != "evidence"
                and not (event.lane == "verdict" and event.date and event.date <= after)
            ),
            key=in_time,
        ),
    }


def events(claim: Any) -> Iterator[Event]:
    """What happened to the claim, with what is known of when."""
    for row in claim.public_appearances:
        source = row.passage.snapshot.source
        who = _("%(speaker)s denies it") if row.manner == "denied" else _("%(speaker)s claims it")
        text = f"{who % {'speaker': row.claimant.name}}: {source.title}"
        yield Event("claimed", *said(row), text, row.passage.get_absolute_url())
    for row in claim.public_rebuttals:
        source = row.passage.snapshot.source
        text = f"{_('%(speaker)s answers it') % {'speaker': row.speaker.name}}: {source.title}"
        yield Event("answered", *said(row), text, row.passage.get_absolute_url())
    for row in claim.public_evidence:
        source = row.source
        yield Event(
            "evidence", *public_since(row), source.title, source.get_absolute_url(), source.language
        )
    for row in claim.published_verdicts:
        text = _("Version %(number)d: %(rating)s") % {
            "number": row.version,
            "rating": _(row.rating.label),
        }
        yield Event("verdict", row.published_at.date(), "day", text, row.get_absolute_url())
