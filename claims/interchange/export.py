"""What the desk has annotated in one edition of a text → an AnnotationCollection, as plain dicts.

docs/annotations.md has the mapping in a table. Beside the terms of the standard, each annotation has
the key `desk` with the row as it is here, for a desk like this one that takes it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from sources.models import Passage, Snapshot, Speaker

from ..models import Appearance, Citation, Claim, Evidence, Note, Rebuttal
from .web_annotation import CONTEXT, text_iri

# The standard's own motivations (section 3.3.5), one each.
MOTIVATIONS = {
    "appearance": "linking",  # the passage, with the claim that is made there
    "rebuttal": "linking",
    "evidence": "assessing",  # what the passage shows on the claim
    "note": "commenting",
}


def collection(snapshot: Snapshot, *, published: bool = False) -> dict[str, Any]:
    """Return every Appearance, Rebuttal and Evidence at a Passage of `snapshot`, and every Note on one.

    `published`: only what the public may see, and no word of who at the desk did it. The number of
    queries does not depend on how much there is.
    """
    address = settings.SITE_URL + reverse("admin:annotations_export", args=[snapshot.pk])
    state = {
        "type": "TimeState",
        "sourceDate": _time(snapshot.retrieved_at),
        "cached": text_iri(snapshot.text),
    }
    source = settings.SITE_URL + snapshot.get_absolute_url()
    found = []
    for kind, row, body in _annotations(snapshot, published=published):
        passage: Passage = row.passage
        annotation = {
            "id": f"{address}#{kind}-{row.pk}",
            "type": "Annotation",
            "motivation": MOTIVATIONS[kind],
            **_provenance(row, published=published),
            "body": body,
            "target": {
                "type": "SpecificResource",
                "source": source,
                "selector": [_quote(passage), _position(passage)],
                "state": state,
            },
            "desk": desk_of(row, published=published),
        }
        if kind == "note" and row.iri:
            # Made elsewhere: there is its identity (section 3.3.7).
            annotation["canonical"] = row.iri
        found.append(((passage.start, passage.end, kind, row.pk), annotation))
    items = [annotation for _, annotation in sorted(found, key=lambda each: each[0])]
    here = f"{address}?published=yes" if published else address
    page = {"id": f"{here}#page", "type": "AnnotationPage", "startIndex": 0, "items": items}
    return {
        # What the standard does not name, the methodology does.
        "@context": [CONTEXT, {"@vocab": f"{settings.SITE_URL}{reverse('methodology')}#"}],
        "id": here,
        "type": "AnnotationCollection",
        "label": f"Annotations of {snapshot}",
        "creator": {"type": "Organization", "name": settings.PUBLISHER_NAME},
        "total": len(items),
        "first": page,
        "last": page["id"],
    }


def rows(snapshot: Snapshot, *, published: bool = False) -> dict[str, QuerySet[Any]]:
    """Return, under the name of its kind, what is annotated in `snapshot`."""
    annotations: dict[str, Any] = {
        "appearance": Appearance.objects.select_related(
            "claim", "claimant", "reported_by", "passage"
        ),
        "rebuttal": Rebuttal.objects.select_related(
            "claim", "speaker", "counterclaim", "passage"
        ).prefetch_related("citations__source"),
        "evidence": Evidence.objects.select_related("claim", "passage"),
    }
    if published:
        annotations = {kind: found.published() for kind, found in annotations.items()}
    else:
        annotations["note"] = Note.objects.select_related("author", "passage")
    return {
        kind: found.filter(passage__snapshot=snapshot).order_by("pk")
        for kind, found in annotations.items()
    }


def _annotations(
    snapshot: Snapshot, *, published: bool
) -> Iterator[tuple[str, Any, list[dict[str, Any]]]]:
    """Each row with its kind and its bodies; `row.edits`: who saved it and when, the oldest first."""
    bodies: dict[str, Callable[[Any], list[dict[str, Any]]]] = {
        "appearance": _appearance,
        "rebuttal": lambda row: _rebuttal(row, published=published),
        "evidence": _evidence,
        "note": lambda note: [_words("commenting", note.body)],
    }
    for kind, found in rows(snapshot, published=published).items():
        edits: dict[int, list[Any]] = {}
        if hasattr(found.model, "history") and not published:
            history = found.model.history.filter(id__in=found.order_by().values("pk"))
            for edit in history.select_related("history_user").order_by(
                "history_date", "history_id"
            ):
                edits.setdefault(edit.id, []).append(edit)
        for row in found:
            row.edits = edits.get(row.pk, [])
            yield kind, row, bodies[kind](row)


def _provenance(row: Any, *, published: bool) -> dict[str, Any]:
    """Who made it and when (section 3.3.1). The public learns of no one's work but the publisher's."""
    if published:
        return {
            "creator": {"type": "Organization", "name": settings.PUBLISHER_NAME},
            "created": _time(row.published_at),
        }
    told: dict[str, Any] = {}
    if isinstance(row, Note):
        name = row.creator or _name(row.author)
    else:
        name = _name(row.edits[0].history_user) if row.edits else ""
    if name:
        told["creator"] = {"type": "Person", "name": name}
    told["created"] = _time(row.created_at)
    if len(row.edits) > 1:
        told["modified"] = _time(row.edits[-1].history_date)
    return told


def _name(user: Any) -> str:
    return str(user.get_full_name() or user.get_username()) if user else ""


def _time(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Target ---


def _quote(passage: Passage) -> dict[str, Any]:
    told = {"type": "TextQuoteSelector", "exact": passage.exact}
    around = {"prefix": passage.prefix, "suffix": passage.suffix}
    return told | {side: words for side, words in around.items() if words}


def _position(passage: Passage) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": passage.start, "end": passage.end}


# --- Bodies ---


def _words(purpose: str, value: str, language: str = "") -> dict[str, Any]:
    body = {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}
    return body | ({"language": language} if language else {})


def _link(purpose: str, address: str) -> dict[str, Any]:
    return {
        "type": "SpecificResource",
        "purpose": purpose,
        "source": settings.SITE_URL + address,
    }


def _claim(kind: str, claim: Claim) -> list[dict[str, Any]]:
    return [
        _words("classifying", kind),
        _link("linking", claim.get_absolute_url()),
        _words("describing", claim.text, claim.language),
    ]


def _appearance(row: Appearance) -> list[dict[str, Any]]:
    tags = [f"claimant: {row.claimant}"]
    if row.reported_by:
        tags.append(f"reported by: {row.reported_by}")
    tags.append(f"manner: {row.get_manner_display()}")
    return [*_claim("appearance", row.claim), *(_words("tagging", tag) for tag in tags)]


def _rebuttal(row: Rebuttal, *, published: bool) -> list[dict[str, Any]]:
    bodies = [
        *_claim("rebuttal", row.claim),
        _words("commenting", row.summary),
        _words("tagging", f"speaker: {row.speaker}"),
    ]
    if counterclaim := _counterclaim(row, published=published):
        # What the answer amounts to.
        bodies.append(_link("identifying", counterclaim.get_absolute_url()))
    return bodies


def _evidence(row: Evidence) -> list[dict[str, Any]]:
    return [
        *_claim("evidence", row.claim),
        _words("commenting", row.summary),
        _words("tagging", f"direction: {row.get_direction_display()}"),
        _words("tagging", f"directness: {row.get_directness_display()}"),
    ]


# --- The row as it is here ---


def desk_of(row: Any, *, published: bool = False) -> dict[str, Any]:
    """Return the columns of an Appearance, Rebuttal, Evidence or Note, with what they refer to, as plain
    data; `published`: with nothing that the public may not see."""
    if isinstance(row, Note):
        return {"kind": "note", "author": _name(row.author), "body": row.body}
    told: dict[str, Any] = {"kind": row._meta.model_name, "claim": _claim_data(row.claim)}
    if row.is_published:
        told["published"] = _time(row.published_at)
    if isinstance(row, Appearance):
        return told | {
            "claimant": _speaker_data(row.claimant),
            "reported_by": _speaker_data(row.reported_by) if row.reported_by else None,
            "manner": row.manner,
            "said_on": row.said_on.isoformat() if row.said_on else None,
        }
    if isinstance(row, Evidence):
        return told | {
            "direction": row.direction,
            "directness": row.directness,
            "summary": row.summary,
            "locator": row.locator,
            "available_on": row.available_on.isoformat() if row.available_on else None,
        }
    counterclaim = _counterclaim(row, published=published)
    return told | {
        "speaker": _speaker_data(row.speaker),
        "summary": row.summary,
        "counterclaim": _claim_data(counterclaim) if counterclaim else None,
        "citations": [
            _citation_data(citation, published=published) for citation in row.citations.all()
        ],
    }


def _counterclaim(row: Rebuttal, *, published: bool) -> Claim | None:
    return row.public_counterclaim if published else row.counterclaim


def _claim_data(claim: Claim) -> dict[str, Any]:
    return {
        "slug": claim.slug,
        "text": claim.text,
        "kind": claim.kind,
        "context": claim.context,
        "language": claim.language,
        "selection": claim.selection,
        "selection_note": claim.selection_note,
    }


def _speaker_data(speaker: Speaker) -> dict[str, Any]:
    return {
        "slug": speaker.slug,
        "name": speaker.name,
        "kind": speaker.kind,
        "description": speaker.description,
        "wikidata_id": speaker.wikidata_id,
    }


def _citation_data(citation: Citation, *, published: bool) -> dict[str, Any]:
    source = citation.public_source if published else citation.source
    return {
        "invoked": citation.invoked,
        "source": source.slug if source else None,
        "locator": citation.locator,
        "note": citation.note,
    }
