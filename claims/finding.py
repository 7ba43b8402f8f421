"""The search of the readers' site: over what is public, by the database.

`find` is all that the rest of the house knows of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Length, Substr

from sources.models import Passage, Source, Speaker, SpeakerName
from sources.querysets import Chain, Origin

from .models import Appearance, Claim, Evidence, Rebuttal, Topic
from .querysets import addresses_of
from .question import Piece, Question, Term, nearest
from .words import COMMON, WORD, bare

KINDS = ("claims", "passages", "sources", "speakers", "topics")

# How many results of each kind stand beside those of the others, and how many on a page of their own.
FEW = 5
PAGE_SIZE = 20

# Where a word that occurs nowhere is looked up: so many texts, and so many code points of each.
TEXTS = 5_000
OF_EACH = 1_000

# A term of a question is a bit of an integer: which of them a text has is a number.
Held = int


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

    question: Question
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
    """Look for `typed` in all that is public: claims (wording, context, headline of the verdict in force, who
    makes them), passages that a public annotation quotes (and who is printed as saying them), sources,
    speakers with their spellings, topics.

    Shows a few results of each kind, or one page of those of one `kind`; django.core.paginator.EmptyPage
    where there is no such page. A word that occurs nowhere is replaced by the nearest that does, unless
    `as_typed`. At most eight queries, whatever is typed.

    The database reads each public text once for each of at most `question.MOST` terms. What comes out of it
    is bounded: numbers by kind and terms; `FEW` results of each kind or `PAGE_SIZE` of one; and, where a
    word occurs nowhere, the first `OF_EACH` code points of `TEXTS` texts.
    """
    question = Question.read(typed)
    counted = _counted(question)
    instead: dict[Term, str] = {}
    nowhere = [
        term
        for place, term in enumerate(question.terms)
        if not any(held >> place & 1 for _, held, _ in counted)
    ]
    if nowhere and not as_typed:
        vocabulary = _vocabulary()
        guesses = {
            term: nearest(term.printed, vocabulary) for term in nowhere if not term.is_phrase
        }
        instead = {term: guess for term, guess in guesses.items() if guess}
        if instead:
            question = question.instead(instead)
            counted = _counted(question)
    most = max((held.bit_count() for _, held, _ in counted), default=0)
    counts: Counter[str] = Counter()
    best: defaultdict[str, set[Held]] = defaultdict(set)
    for found_in, held, n in counted:
        if most and held.bit_count() == most:
            counts[found_in] += n
            best[found_in].add(held)
    findings = Findings(
        question,
        {term.printed: guess for term, guess in instead.items()},
        n_held=most,
        counts={name: counts[name] for name in KINDS},
    )
    shown = {name: slice(0, FEW) for name in KINDS if counts[name]}
    if kind:
        findings.page = Paginator(range(counts[kind]), PAGE_SIZE).page(page)
        places = slice(findings.page.start_index() - 1, findings.page.end_index())
        shown = {kind: places} if counts[kind] else {}
    findings.hits = _hits(
        question, {name: _ranked(name, question, best[name])[part] for name, part in shown.items()}
    )
    return findings


def near_claims(typed: str) -> list[Claim]:
    """Return a few public claims whose wording has at least half of the words of `typed`, those that have
    most of them first. One query, or none where nothing was typed that could be looked for."""
    terms = Question.read(typed).terms
    if not terms:
        return []
    held = [_number(Q(text__iregex=term.pattern), 1, otherwise=0) for term in terms]
    near = Claim.objects.published().alias(n_held=sum(held[1:], held[0]))
    return list(near.filter(n_held__gte=ceil(len(terms) / 2)).order_by("-n_held", "-pk")[:FEW])


# --- Where words are looked for ---


def _texts(kind: str) -> Any:
    """The public rows of a kind, with the text that names each (`heading`) and all its text (`words`)."""
    rows: Any
    parts: list[Any]
    if kind == "claims":
        in_force = Q(verdicts__published_at__isnull=False, verdicts__ended_at__isnull=True)
        rows = Claim.objects.published()
        rows = rows.alias(in_force=FilteredRelation("verdicts", condition=in_force))
        parts = ["text", "context", Coalesce("in_force__headline", Value(""))]
    elif kind == "passages":
        quoted = Q()
        for annotation in (Appearance, Rebuttal, Evidence):
            public = annotation.objects.published().filter(passage__isnull=False)
            quoted |= Q(pk__in=public.values("passage"))
        rows = Passage.objects.filter(quoted)
        parts = ["exact", Coalesce("turn__label", Value(""))]
    elif kind == "sources":
        rows, parts = Source.objects.published(), ["title", "authors", "publisher"]
    elif kind == "speakers":
        rows, parts = Speaker.objects.published(), ["name"]
    else:
        rows, parts = Topic.objects.published(), ["name", "description"]
    joined = [each for part in parts for each in (Value("\n"), part)]
    words = Concat(*joined, output_field=TextField())
    return rows.order_by().alias(heading=F(parts[0]), words=words)


def _has(kind: str, term: Term) -> Q:
    found = Q(words__iregex=term.pattern)
    if kind == "claims":
        made = Appearance.objects.published().asserting().filter(claim=OuterRef("pk"))
        found |= Q(Exists(made.filter(claimant__name__iregex=term.pattern).order_by()))
    elif kind == "speakers":
        found |= Q(Exists(_spellings().filter(name__iregex=term.pattern)))
    return found


def _spellings() -> QuerySet[Any]:
    return SpeakerName.objects.filter(speaker=OuterRef("pk")).order_by("name")


def _with_held(kind: str, question: Question) -> Any:
    """With `held`: which of the terms each row has."""
    bits = [
        _number(_has(kind, term), 1 << place, otherwise=0)
        for place, term in enumerate(question.terms)
    ]
    return _texts(kind).alias(held=sum(bits[1:], bits[0]))


def _number(condition: Q, number: int, *, otherwise: int) -> Any:
    case = When(condition, then=Value(number))
    return Case(case, default=Value(otherwise), output_field=IntegerField())


def _counted(question: Question) -> list[tuple[str, Held, int]]:
    """How many public rows of each kind have which of the terms. One query, if there are any terms."""
    if not question.terms:
        return []
    first, *others = (
        _with_held(kind, question).values_list(Value(kind), F("held")).annotate(n=Count("pk"))
        for kind in KINDS
    )
    return list(first.union(*others, all=True))


def _ranked(kind: str, question: Question, best: set[Held]) -> Any:
    """The rows that have the `best` of the terms: first those that have most of them in their heading, then
    those that say least besides, then the newest."""
    in_heading = [
        _number(Q(heading__iregex=term.pattern), 1, otherwise=0) for term in question.terms
    ]
    return (
        _with_held(kind, question)
        .filter(held__in=sorted(best))
        .order_by(-sum(in_heading[1:], in_heading[0]), Length("heading"), "-pk")
    )


def _vocabulary() -> Counter[str]:
    """Words that occur in public, and how often; those of claims first, if there are too many texts."""
    first, *others = (_texts(kind).values_list(Substr("words", 1, OF_EACH)) for kind in KINDS)
    names = SpeakerName.objects.filter(speaker__in=Speaker.objects.published()).order_by()
    public = first.union(*others, names.values_list("name"), all=True)[:TEXTS]
    printed: Counter[str] = Counter()
    for (text,) in public:
        printed.update(WORD.findall(text.lower()))
    found: Counter[str] = Counter()
    for word, n in printed.items():
        found[bare(word)] += n
    return Counter({word: n for word, n in found.items() if word not in COMMON})


# --- What is shown of what was found ---


def _hits(question: Question, found: dict[str, Any]) -> dict[str, list[Hit]]:
    """The results with all that is shown of them, in at most five queries."""
    hits: dict[str, list[Hit]] = {}
    if "claims" in found:
        claims = found["claims"].with_verdict()
        hits["claims"] = [_claim_hit(question, claim) for claim in claims]
    if "passages" in found:
        passages = found["passages"].select_related("snapshot__source", "turn")
        passages = passages.defer("snapshot__text")
        passages = passages.annotate(
            original_url=Origin("snapshot__source", field="url"),
            rendition_chain=Chain("snapshot__source"),
            addresses=addresses_of("snapshot__source"),
        )
        hits["passages"] = [Hit(row, question.snippet(row.exact)) for row in passages]
    hits.update(_entries(question, found))
    linked = _linked(*([hit.row for hit in hits.get(name, ())] for name in ("claims", "passages")))
    for name in ("claims", "passages"):
        for hit in hits.get(name, ()):
            hit.linked = linked[name, hit.row.pk]
    return hits


def _claim_hit(question: Question, claim: Claim) -> Hit:
    lines = [question.marked(claim.verdict.headline)] if claim.verdict else []
    if question.n_in(claim.context):
        lines.append(question.snippet(claim.context))
    return Hit(claim, question.marked(claim.text), lines)


def _entries(question: Question, found: dict[str, Any]) -> dict[str, list[Hit]]:
    """Sources, speakers and topics: what a line or two shows of each, in one query for all."""
    spelling = Q()
    for term in question.terms:
        spelling |= Q(name__iregex=term.pattern)
    spelt = Subquery(_spellings().filter(spelling).values("name")[:1])
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
        model.objects.filter(pk__in=found[kind].values("pk"))
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
    for of_kind in hits.values():
        of_kind.sort(key=lambda hit: _rank(question, hit))
    return hits


def _rank(question: Question, hit: Hit) -> tuple[int, int, int]:
    """As `_ranked` has them: a selection by primary keys has no order."""
    title = "".join(piece.text for piece in hit.title)
    return -question.n_in(title), len(title), -hit.row.pk


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
