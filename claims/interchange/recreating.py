"""What a desk like this one exported → drafts here: the claim, who speaks, and the annotation itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from sources.models import Passage, Source, Speaker

from ..models import Appearance, Citation, Claim, Evidence, Rebuttal, WhySelected
from ..models.annotation import Annotation

PERMISSIONS = (
    "claims.add_claim",
    "claims.add_appearance",
    "claims.add_rebuttal",
    "claims.add_citation",
    "claims.add_evidence",
    "sources.add_speaker",
)
KINDS = ("appearance", "rebuttal", "evidence")

CLAIM = ("slug", "text", "kind", "context", "language", "selection", "selection_note")
# For readers, of a claim that came with annotations.
NOT_SAID = "It came with annotations of another desk, which do not say why."
SPEAKER = ("slug", "name", "kind", "description", "wikidata_id")


def check_rights(by: Any) -> None:
    """Raise PermissionDenied unless `by` may add all that an export can hold."""
    if not by.has_perms(PERMISSIONS):
        raise PermissionDenied("Making claims of annotations takes the right to add each of them.")


@transaction.atomic
def recreate(desk: dict[str, Any], passage: Passage, *, by: Any) -> Annotation:
    """Make a draft of the row that `desk` describes (as `export.desk_of` does), at `passage`.

    A claim or speaker of the same slug is taken for the same where it reads the same. Raises
    ValidationError, and makes nothing, where it does not, and for whatever a model refuses.
    """
    claim = _same_or_new(Claim, desk, "claim", CLAIM, by=by)
    row: Annotation
    if desk["kind"] == "appearance":
        row = Appearance(
            claim=claim,
            passage=passage,
            claimant=_same_or_new(Speaker, desk, "claimant", SPEAKER, by=by),
            reported_by=_same_or_new(Speaker, desk, "reported_by", SPEAKER, by=by)
            if desk.get("reported_by")
            else None,
            manner=_text(desk, "manner"),
            said_on=_text(desk, "said_on") or None,
        )
    elif desk["kind"] == "rebuttal":
        row = Rebuttal(
            claim=claim,
            passage=passage,
            speaker=_same_or_new(Speaker, desk, "speaker", SPEAKER, by=by),
            summary=_text(desk, "summary"),
            counterclaim=_same_or_new(Claim, desk, "counterclaim", CLAIM, by=by)
            if desk.get("counterclaim")
            else None,
        )
    else:
        row = Evidence(
            claim=claim,
            passage=passage,
            source=passage.snapshot.source,
            **{
                name: _text(desk, name)
                for name in ("direction", "directness", "summary", "locator")
            },
            available_on=_text(desk, "available_on") or None,
        )
    _save(row, by=by)
    if isinstance(row, Rebuttal):
        _cite(row, desk, by=by)
    return row


def _cite(rebuttal: Rebuttal, desk: dict[str, Any], *, by: Any) -> None:
    citations = desk.get("citations") or []
    if not isinstance(citations, list):
        raise ValidationError("desk.citations: an array was expected.")
    for citation in citations:
        if not isinstance(citation, dict):
            raise ValidationError("desk.citations: objects were expected.")
        # A source that is not here is not located here.
        source = Source.objects.filter(slug=_text(citation, "source")).first()
        columns = {name: _text(citation, name) for name in ("invoked", "locator", "note")}
        _save(Citation(rebuttal=rebuttal, source=source, **columns), by=by)


def _same_or_new(
    model: type[models.Model], desk: dict[str, Any], key: str, names: tuple[str, ...], *, by: Any
) -> Any:
    given = desk.get(key)
    if not isinstance(given, dict):
        raise ValidationError(f"desk.{key}: an object was expected.")
    columns = {name: _text(given, name) for name in names}
    here = model._default_manager.filter(slug=columns["slug"]).first()
    if here is None:
        if model is Claim:
            _say_why(columns, answers=key == "counterclaim")
        return _save(model(**columns), by=by)
    words = names[1]
    if getattr(here, words) != columns[words]:
        raise ValidationError(
            f"desk.{key}: here the {key} “{columns['slug']}” is “{getattr(here, words)}”."
        )
    return here


def _say_why(columns: dict[str, str], *, answers: bool) -> None:
    """Complete the columns of a claim of which the file does not say why it was selected: it follows from
    what the claim is here."""
    if columns["selection"] in ("", WhySelected.NOT_RECORDED):
        columns["selection"] = WhySelected.ANSWER if answers else WhySelected.OTHER
        if not answers:
            columns["selection_note"] = NOT_SAID


def _save(row: Any, *, by: Any) -> Any:
    row.full_clean()
    row._history_user = by
    row.save()
    return row


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str | None):
        raise ValidationError(f"desk.{key}: text was expected.")
    return value or ""
