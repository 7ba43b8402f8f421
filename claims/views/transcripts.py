"""A transcript as it was printed, with every public annotation marked in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import F, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sources.aligning import Line, align
from sources.models import Alignment, Snapshot, Source, Speaker, Turn
from sources.querysets import Chain, Family, Origin

from ..annotated_text import Annotated, Block, Who, annotations_of, blocks_of, place
from ..models import Rating
from ..pictures.text_strip import strip
from ..querysets import addresses_of, public_editions
from ..strict_filters import SlugField, StrictForm
from .paging import refuse, whole_number

# As `rating`: claims without a verdict in force.
OPEN = "open"


class Asked(StrictForm):
    """What a transcript can be asked for: passages by who speaks and by rating, a rendition beside it."""

    also = ("edition",)
    blank = False

    speaker = SlugField(
        rows=Speaker.objects.published,
        unknown=gettext_lazy("There is no such speaker."),
        required=False,
    )
    label = forms.CharField(required=False)
    rating = SlugField(
        rows=Rating.objects.all, unknown=gettext_lazy("There is no such rating."), required=False
    )
    beside = forms.CharField(required=False)

    def check_slugs(self, cleaned: dict[str, Any]) -> None:
        rating = cleaned.get("rating")
        super().check_slugs({**cleaned, "rating": "" if rating == OPEN else rating})


@require_safe
def transcript_detail(request: HttpRequest, slug: str) -> HttpResponse:
    asked = _asked(request)
    snapshot, other = _editions(request, slug, beside=asked["beside"])
    source = snapshot.source
    renditions = renditions_of(snapshot)
    if asked["beside"] and (other is None or other.source not in renditions):
        raise BadRequest(f"“beside”: {_('There is no such rendition of this text.')}")
    turns = _turns(snapshot, other)
    spoken = turns.get(snapshot.pk, [])
    annotated = annotations_of(snapshot)
    place(snapshot, spoken, annotated)
    if asked["label"] and Who(asked["label"]) not in map(Who.speaks, spoken):
        raise BadRequest(f"“label”: {_('Nobody is printed so in this text.')}")

    filtered = any(asked[name] for name in FILTERS)
    shown = {span: note for span, note in annotated.items() if answers(note, asked)}
    blocks = blocks_of(snapshot, spoken, shown)
    for block in blocks if filtered else ():
        asked_for = bool(block.notes) or (not asked["rating"] and heard(block.who, asked))
        block.folded = not asked_for and not block.fits_a_line
    given = {name: str(value) for name, value in request.GET.items()}
    return render(
        request,
        "claims/transcript_detail.html",
        {
            "title": _("Transcript: %(title)s") % {"title": source.title},
            "description": _(
                "%(title)s, turn by turn, with each passage that the desk has annotated linked to its claim."
            )
            % {"title": source.title},
            "source": source,
            "snapshot": snapshot,
            "newest": snapshot.newest,
            "annotated": list(annotated.values()),
            "shown": list(shown.values()),
            "filtered": filtered,
            "without_filters": request.path + query(given, dict.fromkeys(FILTERS, "")),
            "choices": choices(request.path, given, asked, spoken, annotated.values()),
            "strip": strip(
                len(snapshot.text),
                [((turn.start, turn.end), Who.speaks(turn)) for turn in spoken],
                [(span, note, note.verdicts) for span, note in shown.items()],
            ),
            "blocks": blocks,
            "renditions": [(row, query(given, {"beside": row.slug})) for row in renditions],
            "other": other,
            "without_beside": request.path + query(given, {"beside": ""}),
            **(side_by_side(blocks, other, turns.get(other.pk, [])) if other else {}),
        },
    )


FILTERS = ("speaker", "label", "rating")
PARAMETERS = ("edition", "beside", *FILTERS)


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for. Raises BadRequest, as a list does, for what it cannot ask."""
    form = Asked(request.GET)
    if not form.is_valid():
        refuse(form.errors)
    return form.cleaned_data


def _editions(request: HttpRequest, slug: str, *, beside: str) -> tuple[Any, Any]:
    """Return the edition that the address asks for, and the newest of the Source `beside`, if any: each with
    the number of the `newest` edition, its source, `origin_id`, `original_url` and `rendition_chain`. One
    query."""
    number = (
        whole_number(request, "edition", default=0) if "edition" in request.GET else F("newest")
    )
    newest = public_editions().filter(source=OuterRef("source")).order_by("-edition")
    found = (
        public_editions()
        .select_related("source")
        .defer(None)
        .annotate(
            newest=Subquery(newest.values("edition")[:1]),
            origin_id=Origin("source"),
            original_url=Origin("source", field="url"),
            rendition_chain=Chain("source"),
            addresses=addresses_of("source"),
        )
        .filter(
            Q(source__slug=slug, edition=number) | Q(source__slug=beside, edition=F("newest"))
            if beside
            else Q(source__slug=slug, edition=number)
        )
    )
    by_slug = {row.source.slug: row for row in found}
    if slug not in by_slug:
        raise Http404("There is no such transcript, or no such edition of it.")
    return by_slug[slug], by_slug.get(beside)


def renditions_of(snapshot: Any) -> Sequence[Source]:
    """Return the other Sources that the public knows and that share the origin of the snapshot's: the
    origin, which comes first, and those of which a text is held, with its `edition`. One query."""
    source = snapshot.source
    origin = snapshot.origin_id or source.pk
    held = public_editions().filter(source=OuterRef("pk")).order_by("-edition")
    family = Source.objects.published().filter(pk__in=Family(source.pk))
    others = (
        family.exclude(pk=source.pk)
        .annotate(edition=Subquery(held.values("edition")[:1]), addresses=addresses_of("pk"))
        .filter(Q(edition__isnull=False) | Q(pk=origin))
        .order_by("title", "id")
    )
    return sorted(others, key=lambda row: row.pk != origin)


def _turns(*snapshots: Snapshot | None) -> dict[int, list[Turn]]:
    """Return the turns of the snapshots, by the id of each, in order, with what the desk says that each
    stands beside (`Alignment.objects.beside`): one query."""
    wanted = [snapshot.pk for snapshot in snapshots if snapshot]
    rows = Turn.objects.filter(snapshot__in=wanted).select_related("speaker")
    return Alignment.objects.beside(rows, wanted)


def heard(who: Who | None, asked: Mapping[str, str]) -> bool:
    """Whether it is `who` that is asked for by speaker or by label."""
    if asked["speaker"] and (who is None or who.slug != asked["speaker"]):
        return False
    return not asked["label"] or who == Who(asked["label"])


def answers(note: Annotated, asked: Mapping[str, str]) -> bool:
    """Whether a passage is among those asked for."""
    return heard(note.who, asked) and (not asked["rating"] or asked["rating"] in rated(note))


def rated(note: Annotated) -> dict[str, Rating | None]:
    """The ratings of a passage's claims, by the slug that they are asked for with."""
    return {row.rating.slug if row else OPEN: row.rating if row else None for row in note.verdicts}


@dataclass(frozen=True)
class Choice:
    """A filter as a link: how many passages it would leave, beside the other filters that are chosen."""

    name: str
    count: int
    address: str
    chosen: bool
    combined: bool
    rating: Rating | None = None
    printed: bool = False


def choices(
    path: str,
    given: dict[str, str],
    asked: Mapping[str, str],
    turns: Iterable[Turn],
    annotated: Iterable[Annotated],
) -> dict[str, list[Choice]]:
    """Return what the passages can be filtered by: `who`, in the order in which they speak, and `ratings`,
    in the order of their scale, the open claims last. What is chosen leads back to all."""
    notes = list(annotated)

    def choice(name: str, change: dict[str, str], **more: Any) -> Choice:
        chosen = all(asked[key] == value for key, value in change.items())
        wanted = {**asked, **change}
        off = dict.fromkeys(change, "")
        return Choice(
            name,
            count=sum(answers(note, wanted) for note in notes),
            address=path + query(given, off if chosen else change),
            chosen=chosen,
            combined=sum(bool(wanted[key]) for key in FILTERS) > 1,
            **more,
        )

    who = [row for row in dict.fromkeys(map(Who.speaks, turns)) if row.name]
    ratings = {slug: rating for note in notes for slug, rating in rated(note).items()}
    last = (float("inf"), 0)
    in_order = sorted(
        ratings.items(), key=lambda row: (row[1].scale_id, row[1].position) if row[1] else last
    )
    return {
        "who": [
            choice(
                row.name,
                {"speaker": row.slug, "label": "" if row.slug else row.name},
                printed=not row.slug,
            )
            for row in who
        ],
        "ratings": [
            choice(
                _(rating.label) if rating else _("Open: no verdict yet"),
                {"rating": slug},
                rating=rating,
            )
            for slug, rating in in_order
        ],
    }


def query(given: Mapping[str, str], change: Mapping[str, str]) -> str:
    """The query of the address with `change`, of which an empty value takes a parameter away. One question
    has one address, whatever was chosen first."""
    wanted = {**given, **change}
    parameters = {name: wanted[name] for name in PARAMETERS if wanted.get(name)}
    return f"?{urlencode(parameters)}" if parameters else ""


def side_by_side(blocks: Sequence[Block], other: Any, turns: Sequence[Turn]) -> dict[str, Any]:
    """Return `rows` of blocks of this text and of the `other`, whose `turns` are given, and what can be said
    about how they were aligned. Each block is told the turns that it stands beside."""
    lines: list[list[Block]] = [[]]
    for block in blocks:
        lines[-1].append(block)
        if block.turn:
            lines.append([])
    # What stands after the last turn goes with it.
    rest = lines.pop()
    lines = [*lines[:-1], [*lines[-1], *rest]] if lines else [rest]
    opposite = blocks_of(other, turns, {})
    spoken = [block.turn for block in blocks if block.turn]
    if spoken and turns:
        pairs, alone = Alignment.objects.said(spoken, turns)
        aligned = align(_lines(spoken), _lines(turns), pairs=pairs, alone=alone)
        n_said = len(pairs) + sum(map(len, alone))
    else:
        aligned, n_said = [(range(len(lines)), range(len(opposite)))], 0
    rows = []
    for one, two in aligned:
        left, right = [block for i in one for block in lines[i]], [opposite[j] for j in two]
        folded = bool(left) and all(block.folded for block in left)
        for block in left:
            block.beside = [row.turn for row in right if row.turn]
        for block in right:
            block.beside = [row.turn for row in left if row.turn]
            block.folded = folded
        rows.append((left, right))
    return {
        "rows": rows,
        "one_by_one": all(len(one) == len(two) == 1 for one, two in aligned),
        "agreed": all(
            _agree(spoken[i], turns[j])
            for one, two in aligned
            for i, j in zip(one, two, strict=False)
        )
        if spoken and turns
        else spoken == turns,
        "n_turns": len(spoken),
        "n_other_turns": len(turns),
        "n_said": n_said,
    }


def _lines(turns: Iterable[Turn]) -> list[Line]:
    """The turns as far as they are compared: a Speaker only whom the public knows."""
    return [
        Line(turn.end - turn.start, Who.speaks(turn).slug, turn.label, turn.role) for turn in turns
    ]


def _agree(one: Turn, two: Turn) -> bool:
    """Whether the same speaker has the word; where a label alone is known, somebody in the same role."""
    left, right = Who.speaks(one), Who.speaks(two)
    return left == right or (not (left.slug and right.slug) and one.role == two.role)
