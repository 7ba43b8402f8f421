"""Has this been checked? What claims a sentence, a paragraph or a whole text makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sources.sentences import sentences

from ..marking import Paragraph, mark
from ..search import analysis, matching, whole_text
from ..words import legible

# Up to so many sentences are one statement, of which is listed what it may mean. More are shown as they
# stand, with what each of them may mean.
STATEMENT = 3
# How many claims are shown that may be meant, and how many that may say the contrary; of so many.
OFFERED, READ = (5, 3), 20


@dataclass(frozen=True, slots=True)
class Note:
    """What a sentence of a text may mean, by the number that it has there."""

    number: int
    start: int
    matches: list[matching.Match]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A paragraph, and the notes on what is said in it."""

    segments: Paragraph
    notes: list[Note]


# Nothing is changed, whoever sends the form; and readers have no cookie that could be told from another.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest) -> HttpResponse:
    """`text` in the address, up to the length of a statement, or in a form, up to that of a whole text."""
    sent = request.method == "POST"
    longest = whole_text.LONGEST if sent else analysis.LONGEST
    # A browser sends line ends as CR LF.
    text = legible((request.POST if sent else request.GET).get("text", ""))
    text = text.replace("\r\n", "\n").strip()
    shown: dict[str, Any] = {
        "title": _("Has this been checked?"),
        "description": _(
            "Paste a sentence or a text: which of the claims here it makes, in whatever words."
        ),
        "text": text,
        "longest": whole_text.LONGEST,
    }
    fault = ""
    if len(text) > longest:
        fault = _("The text has more than %(n)s characters: give it in parts.") % {
            "n": f"{longest:,}"
        }
        if not sent:
            raise BadRequest(f"“text”: {fault}")
    elif sent and not text:
        fault = _("Nothing was pasted.")
    if fault:
        return render(request, "claims/match.html", {**shown, "fault": fault}, status=400)
    if text:
        shown |= _found(text)
    response = render(request, "claims/match.html", shown)
    if sent:
        response["Cache-Control"] = "no-store"
    return response


def _found(text: str) -> dict[str, Any]:
    if len(text) <= analysis.LONGEST and len(sentences(text)) <= STATEMENT:
        (found,) = matching.match([text], limit=READ)
        sides: tuple[list[matching.Match], list[matching.Match]] = ([], [])
        for one in found.matches:
            sides[bool(one.reasons.contradictions)].append(one)
        sides[0].sort(key=lambda one: -one.probability)  # as the page prints it
        agreeing, contrary = (some[:n] for some, n in zip(sides, OFFERED, strict=True))
        return {"found": found, "agreeing": agreeing, "contrary": contrary}
    read = whole_text.read(text)
    return {"read": read, "stretches": _stretches(read)}


def _stretches(read: whole_text.Read) -> Sequence[Stretch]:
    """The text in its paragraphs, with the sentences marked that may make a claim."""
    spans = [(one.start, one.end) for one in read.said]
    notes = [Note(number, one.start, one.matches) for number, one in enumerate(read.said, start=1)]
    (paragraphs,) = mark(read.text, [(0, len(read.text))], spans)
    shown, end = [], 0
    for segments in paragraphs:
        start, end = end, end + sum(len(segment.text) for segment in segments)
        shown.append(Stretch(segments, [note for note in notes if start <= note.start < end]))
    return shown
