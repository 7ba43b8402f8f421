"""The search of the readers' site: over what is public, by the full-text index.

`find` is all that the rest of the house knows of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import DateField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from sources.models import Passage, Source, Speaker, SpeakerName
from sources.querysets import Chain, Origin

from .models import Appearance, Claim, Evidence, Rebuttal, Topic
from .querysets import addresses_of
from .search.full_text import KINDS, engine
from .search.query import Piece, Query

# How many results of each kind stand beside those of the others, and how many on a page of their own.
FEW = 5
PAGE_SIZE = 20


@dataclass
class Hit:
    """A result: the row, its name or words and what else was found there in pieces; and what hangs on it:
    the speakers who make a claim, the claims that a passage belongs to."""

    row: Any
    title: list[Piece]
    lines: list[list[Piece]] = field(default_factory=list)
    linked: list[Any] = field(default_factory=list)


@dataclass
class Findings:
    """What a question found.

    `question` is what was looked for in the end; `instead` has the words that occur nowhere, and what was
    looked for in their place. All results have `n_held` of its terms, the most that any text has; `counts`
    says how many there are of each kind, and `hits` has those that are shown (`page`, of one kind).
    """

    question: Query
    instead: dict[str, str]
    n_held: int
    counts: dict[str, int]
    page: Page[Any] | None = None
    hits: dict[str, list[Hit]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_partial(self) -> bool:
        """Whether nothing has all that was asked for."""
        return 0 < self.n_held < len(self.question.terms)


def find(typed: str, *, kind: str = "", page: int = 1, as_typed: bool = False) -> Findings:
    """Look for `typed` in all that is public: claims (their wording and that of who makes them, context,
    verdict in force, claimants, titles of other publishers' reviews), passages that a public annotation
    quotes (and who is printed as saying them), sources, speakers with their spellings, topics.

    Shows a few results of each kind, or one page of those of one `kind`; django.core.paginator.EmptyPage
    where there is no such page. A word that occurs nowhere is replaced by the nearest that does, unless
    `as_typed`. At most eight queries, whatever is typed.
    """
    query = Query.read(typed)
    index = engine()
    shown: dict[str, Any] = {"limit": FEW}
    if kind:
        # How many pages there are is known when they were counted.
        shown = {"offset": min(max(page - 1, 0), 10**9) * PAGE_SIZE, "limit": PAGE_SIZE}
    found = index.search(query, **shown)
    instead: dict[str, str] = {}
    # Words that occur nowhere, which may be mistyped.
    nowhere = {term.printed: term for term in found.missing if not term.is_phrase}
    if nowhere and not as_typed:
        instead = index.suggest(list(nowhere))
        if instead:
            query = query.instead({nowhere[word]: guess for word, guess in instead.items()})
            found = index.search(query, **shown)
    most = found.most
    findings = Findings(
        query,
        instead,
        n_held=most,
        counts={name: found.total(name, held=most) if most else 0 for name in KINDS},
    )
    if kind:
        findings.page = Paginator(range(findings.counts[kind]), PAGE_SIZE).page(page)
    keys: dict[str, list[int]] = {}
    for row in found.rows:
        if row.held == most and kind in ("", row.kind):
            keys.setdefault(row.kind, []).append(row.key)
    findings.hits = _hits(query, keys)
    return findings


def near_claims(typed: str) -> list[Claim]:
    """Return a few public claims that have at least half of the words of `typed`, those first that have most
    of them. Two queries, or none where nothing was typed that could be looked for."""
    query = Query.read(typed)
    found = engine().search(query, kinds=("claims",), limit=FEW)
    keys = [row.key for row in found.rows if row.held >= ceil(len(query.terms) / 2)]
    return _in_order(Claim.objects.published(), keys) if keys else []


def _in_order(rows: QuerySet[Any], keys: Sequence[int]) -> list[Any]:
    """The rows with those primary keys, in their order. One query."""
    there = {row.pk: row for row in rows.filter(pk__in=keys).order_by()}
    return [there[key] for key in keys if key in there]


# --- What is shown of what was found ---


def _hits(question: Query, found: dict[str, list[int]]) -> dict[str, list[Hit]]:
    """The results with all that is shown of them, in at most five queries."""
    hits: dict[str, list[Hit]] = {}
    if "claims" in found:
        claims = _in_order(Claim.objects.published().with_verdict(), found["claims"])
        hits["claims"] = [_claim_hit(question, claim) for claim in claims]
    if "passages" in found:
        passages: Any = Passage.objects.select_related("snapshot__source", "turn")
        passages = passages.defer("snapshot__text")
        passages = passages.annotate(
            original_url=Origin("snapshot__source", field="url"),
            rendition_chain=Chain("snapshot__source"),
            addresses=addresses_of("snapshot__source"),
        )
        hits["passages"] = [
            Hit(row, question.snippet(row.exact)) for row in _in_order(passages, found["passages"])
        ]
    hits.update(_entries(question, found))
    linked = _linked(*([hit.row for hit in hits.get(name, ())] for name in ("claims", "passages")))
    for name in ("claims", "passages"):
        for hit in hits.get(name, ()):
            hit.linked = linked[name, hit.row.pk]
    return hits


def _claim_hit(question: Query, claim: Claim) -> Hit:
    lines = [question.marked(claim.verdict.headline)] if claim.verdict else []
    if question.n_in(claim.context):
        lines.append(question.snippet(claim.context))
    return Hit(claim, question.marked(claim.text), lines)


def _entries(question: Query, found: dict[str, list[int]]) -> dict[str, list[Hit]]:
    """Sources, speakers and topics: what a line or two shows of each, in one query for all."""
    spelling = Q()
    for term in question.terms:
        spelling |= Q(name__iregex=term.pattern)
    spellings = SpeakerName.objects.filter(spelling, speaker=OuterRef("pk")).order_by("name")
    spelt = Subquery(spellings.values("name")[:1])
    none = (Value(""), Value(None, output_field=DateField()), Value(""), Value(""))
    columns: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "sources": (
            Source,
            ("title", "authors", "publisher", "kind", "date", "date_precision", "language"),
        ),
        "speakers": (Speaker, ("name", "description", Coalesce(spelt, Value("")), *none)),
        "topics": (Topic, ("name", "description", Value(""), *none)),
    }
    selects = [
        model.objects.filter(pk__in=found[kind])
        .order_by()
        .values_list(Value(kind), "pk", "slug", *shown)
        for kind, (model, shown) in columns.items()
        if kind in found
    ]
    hits: dict[str, list[Hit]] = {}
    if not selects:
        return hits
    for kind, pk, slug, name, first, second, *more in selects[0].union(*selects[1:], all=True):
        lines = [first, second]
        if kind == "sources":
            about = dict(zip(("kind", "date", "date_precision", "language"), more, strict=True))
            row: Any = Source(pk=pk, slug=slug, title=name, **about)
        else:
            row = columns[kind][0](pk=pk, slug=slug, name=name)
            # A spelling is shown where it is not the name.
            lines = [first, second if second != name else ""]
        pieces = [question.marked(line) for line in lines]
        hits.setdefault(kind, []).append(Hit(row, question.marked(name), pieces))
    for kind, of_kind in hits.items():
        of_kind.sort(key=lambda hit: found[kind].index(hit.row.pk))
    return hits


def _linked(
    claims: Sequence[Claim], passages: Sequence[Passage]
) -> defaultdict[tuple[str, int], list[Any]]:
    """Who makes each claim, and which public claims each passage belongs to. One query."""
    linked: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
    if not claims and not passages:
        return linked
    made = Appearance.objects.published().asserting().filter(claim__in=claims).order_by()
    selects = [
        made.values_list(Value("claims"), "claim", "claimant__slug", "claimant__name", Value("en"))
    ]
    for annotation in (Appearance, Rebuttal, Evidence):
        there = annotation.objects.published().filter(passage__in=passages).order_by()
        selects.append(
            there.values_list(
                Value("passages"), "passage", "claim__slug", "claim__text", "claim__language"
            )
        )
    for kind, pk, slug, name, language in sorted(
        selects[0].union(*selects[1:]), key=lambda r: r[3]
    ):
        if kind == "claims":
            linked[kind, pk].append(Speaker(slug=slug, name=name))
        else:
            linked[kind, pk].append(Claim(slug=slug, text=name, language=language))
    return linked
