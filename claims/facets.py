"""What a list is asked for and can be narrowed down to; the facets of the list of claims, and how many
claims each value would leave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import CharField, Count, F, Model, Value
from django.db.models.functions import Cast, ExtractYear
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sources.models import Source, Speaker

from .filters import ClaimFilter, dated_appearances
from .models import Appearance, Claim, Rating, Rebuttal, Topic, Verdict
from .models.claim import ClaimKind

# How many values of a facet are offered at once; the rest is a click away, unless it is hardly one.
SHOWN = 8
HARDLY = 2

FACETS = {
    "rating": _("Rating"),
    "topic": _("Topic"),
    "claimant": _("Claimed by"),
    "rebutted_by": _("Answered by"),
    "kind": _("Kind of claim"),
    "year": _("Year in which it was said"),
}

# The parameters that a facet sets, where they are not the one of its name: an open claim has no rating.
SETS = {"rating": ("rating", "has_verdict")}
OPEN = {"has_verdict": "false"}


@dataclass(frozen=True)
class Selection:
    """What a list at `path` is asked for: the parameters of its address and their values, as text, without
    the page. Each selection has one address: none is empty, and they stand in the order of `names`."""

    path: str
    asked: Mapping[str, str]
    names: Collection[str]

    @classmethod
    def of(cls, asked: ClaimFilter) -> Selection:
        """What the valid `asked` asks for; the order that a list has anyway is nothing asked."""
        answers = asked.form.cleaned_data
        given = {
            name: _as_text(answers[name], asked.data[name])
            for name in answers
            if answers[name] not in (None, "")
        }
        if given.get("ordering") == "-published_at":
            del given["ordering"]
        return cls(reverse("claims"), given, tuple(asked.filters))

    def with_(self, values: Mapping[str, str], *, instead_of: Collection[str] = ()) -> Selection:
        kept = {name: value for name, value in self.asked.items() if name not in instead_of}
        kept.update(values)
        return replace(self, asked={name: kept[name] for name in self.names if name in kept})

    def setting(self, name: str, value: str) -> Selection:
        """The selection with another value of `name`, or, for an empty one, without it."""
        return self.with_({name: value} if value else {}, instead_of=(name,))

    def without(self, *names: str) -> Selection:
        return self.with_({}, instead_of=names)

    @property
    def filters(self) -> dict[str, str]:
        """What the list is narrowed by: all but its order."""
        return {name: value for name, value in self.asked.items() if name != "ordering"}

    @property
    def address(self) -> str:
        asked = {name: self.asked[name] for name in self.names if name in self.asked}
        return f"{self.path}?{urlencode(asked)}" if asked else self.path

    @property
    def robots(self) -> str:
        """What crawlers are told of the list: nothing of the whole one; elsewhere not to keep it, and not
        to walk on through the combinations of filters, of which there is no end."""
        if not self.asked:
            return ""
        return "noindex, follow" if len(self.filters) < 2 else "noindex, nofollow"


def _as_text(value: Any, given: str) -> str:
    """The one way to write a parameter: TRUE and 02022 are `true` and `2022`."""
    return str(value).lower() if isinstance(value, bool | int) else given.strip()


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and the list that one gets by choosing it (if `chosen`: by leaving it) under
    all other filters; `n` is the number of rows under the value."""

    label: Any
    n: int
    chosen: bool
    leads_to: Selection

    @property
    def combines(self) -> bool:
        return len(self.leads_to.filters) > 1


@dataclass(frozen=True)
class Facet:
    name: str
    label: Any
    choices: list[Choice]
    more: list[Choice] = field(default_factory=list)  # the rest


class Counted(NamedTuple):
    """How many claims there are under a value of a facet; `place` is that of a rating in its scale."""

    facet: str
    slug: str  # "" for the open claims
    label: str
    place: int
    n: int


def facets(asked: ClaimFilter, selection: Selection) -> tuple[list[Facet], dict[str, str]]:
    """Return the facets of the list that `asked` (valid) gives, without those that offer nothing, and of
    each filter that asks for something by its slug, what that is called.

    A value under which there is nothing is offered only if it is chosen. One query.
    """
    found: dict[str, dict[str, Counted]] = {name: {} for name in FACETS}
    for row in map(Counted._make, [*_chosen(selection), *_counted(asked)]):
        values = found.setdefault(row.facet, {})
        # What is chosen comes twice: with its name, whatever is under it, and with its number.
        known = values.get(row.slug, row)
        values[row.slug] = row._replace(label=row.label or known.label, n=max(row.n, known.n))
    named = {
        name: _label(found[name][slug])
        for name, slug in selection.filters.items()
        if slug in found.get(name, {})
    }
    offered = [_facet(name, list(found[name].values()), selection) for name in FACETS]
    return [facet for facet in offered if facet.choices], named


def _chosen(selection: Selection) -> list[Counted]:
    """The chosen values that have no row of their own to be named by."""
    named = [name for name in ("kind", "year") if name in selection.asked]
    rows = [Counted(name, selection.asked[name], "", 0, 0) for name in named]
    return [*rows, Counted("rating", "", "", 0, 0)]


def _facet(name: str, values: list[Counted], selection: Selection) -> Facet:
    choices = []
    for value in sorted(values, key=ORDER.get(name, most_first)):
        sets = {name: value.slug} if value.slug else OPEN
        chosen = sets.items() <= selection.asked.items()
        if value.n or chosen:
            leads_to = selection.with_({} if chosen else sets, instead_of=SETS.get(name, (name,)))
            choices.append(Choice(_label(value), value.n, chosen, leads_to))
    cut = SHOWN if len(choices) > SHOWN + HARDLY else len(choices)
    # What is chosen is never among the rest.
    head = [choice for i, choice in enumerate(choices) if i < cut or choice.chosen]
    return Facet(name, str(FACETS[name]), head, [each for each in choices if each not in head])


def _label(value: Counted) -> str:
    if value.facet == "rating":
        return gettext(value.label) if value.slug else gettext("Open: no verdict yet")
    if value.facet == "kind":
        return capfirst(str(ClaimKind(value.slug).label))
    return value.label or value.slug


def in_scale_order(value: Counted) -> Any:
    return value.slug == "", value.place, value.label  # the open ones last


def newest_first(value: Counted) -> Any:
    return -int(value.slug)


def most_first(value: Counted) -> Any:
    return -value.n, value.label, value.slug


ORDER: dict[str, Callable[[Counted], Any]] = {"rating": in_scale_order, "year": newest_first}


def _counted(asked: ClaimFilter) -> Any:
    """The rows of Counted: each value with its number, and what is asked for by its slug with none."""

    def under(name: str) -> Any:
        """The claims under all filters but those of the facet itself."""
        claims = Claim.objects.published().order_by()
        for filter_, value in asked.form.cleaned_data.items():
            if filter_ != "ordering" and filter_ not in SETS.get(name, (name,)):
                claims = asked.filters[filter_].filter(claims, value)
        return claims

    def count(name: str, rows: Any, *columns: Any, what: str = "claim") -> Any:
        counted = rows.order_by().values_list(Value(name), *columns)
        return counted.annotate(n=Count(what, distinct=True))

    nothing, nowhere = Value(""), Value(0)
    verdicts = Verdict.objects.in_force().filter(claim__in=under("rating"))
    topics = Claim.topics.through.objects.filter(claim__in=under("topic"))
    made = Appearance.objects.published().asserting().filter(claim__in=under("claimant"))
    made = made.filter(claimant__in=Speaker.objects.published())
    answers = Rebuttal.objects.published().filter(claim__in=under("rebutted_by"))
    answers = answers.filter(speaker__in=Speaker.objects.published())
    dated = dated_appearances().filter(claim__in=under("year"), made_on__isnull=False)
    year = Cast(ExtractYear("made_on"), CharField())
    counted = [
        count("rating", verdicts, F("rating__slug"), F("rating__label"), F("rating__position")),
        count("rating", under("rating").rated(False), nothing, nothing, nowhere, what="pk"),
        count("topic", topics, F("topic__slug"), F("topic__name"), nowhere),
        count("claimant", made, F("claimant__slug"), F("claimant__name"), nowhere),
        count("rebutted_by", answers, F("speaker__slug"), F("speaker__name"), nowhere),
        count("kind", under("kind"), F("kind"), nothing, nowhere, what="pk"),
        count("year", dated, year, nothing, nowhere),
    ]
    asked_for: list[tuple[str, type[Model], str, Any]] = [
        ("rating", Rating, "label", F("position")),
        ("topic", Topic, "name", nowhere),
        ("claimant", Speaker, "name", nowhere),
        ("rebutted_by", Speaker, "name", nowhere),
        ("source", Source, "title", nowhere),
        ("transcript", Source, "title", nowhere),
    ]
    for name, model, label, place in asked_for:
        row = model._default_manager.filter(slug=asked.form.cleaned_data[name]).order_by()
        counted.append(row.values_list(Value(name), F("slug"), F(label), place, nowhere))
    first, *others = counted
    return first.union(*others, all=True)
