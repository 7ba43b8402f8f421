"""Which public claims answer a question, and what is said of each: the desk's own verdict in force, and the
reviews of other publishers.

A claim is found that has at least two thirds of a question's words and nothing unwanted: by the full-text
index, which is asked for each of at most `claims.search.query.MOST` terms.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate

from sources.models.source import Precision

from ..models import Appearance, Claim, ExternalReview, Verdict
from ..models.appearance import Manner
from ..search.full_text import engine
from ..search.query import Query, Term
from .parameters import Question

BEFORE_ALL = Value(dt.date(1, 1, 1), output_field=DateField())
UNDETERMINED = "und"


def search(question: Question) -> tuple[list[dict[str, Any]], bool]:
    """Return the claims on the page that is asked for, as discovery.SCHEMAS describes them, and whether there
    are more. Four queries at most, whatever is asked and found."""
    verdicts, reviews = _reviews(question)
    # What is said of a claim is asked for of those on the page: else SQLite looks it up for all that match.
    matching = _found(question, verdicts, reviews).values_list("pk", flat=True)
    page = list(matching[question.start : question.start + question.size + 1])
    claims = (
        Claim.objects.published()
        .annotate(
            first_claimant=_first_appearance("pk", "claimant__name"),
            first_said_on=_first_appearance("pk", "day"),
        )
        .prefetch_related(
            Prefetch("verdicts", verdicts.select_related("rating"), to_attr="verdicts_shown"),
            Prefetch(
                "external_reviews",
                reviews.order_by(F("reviewed_on").desc(nulls_last=True), "id"),
                to_attr="reviews_shown",
            ),
        )
        .in_bulk(page[: question.size])
    )
    # Between two queries one may have been withdrawn.
    found = [_claim(claims[pk]) for pk in page[: question.size] if pk in claims]
    return [claim for claim in found if "claimReview" in claim], len(page) > question.size


def our_site() -> str:
    """Return the host name of this site, as the publisher's."""
    return (urlsplit(settings.SITE_URL).hostname or "").removeprefix("www.")


# --- What is found ---


def _reviews(question: Question) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """The public reviews that may be shown: a claim without one is not found."""
    verdicts = Verdict.objects.published().in_force()
    reviews = ExternalReview.objects.published()
    if question.language:
        verdicts = verdicts.filter(_in_language("claim__language", question.language))
        reviews = reviews.filter(_in_language("language", question.language))
    if question.site:
        verdicts = verdicts if question.site == our_site() else verdicts.none()
        site = Q(publisher_site__iexact=question.site)
        reviews = reviews.filter(site | Q(publisher_site__iexact=f"www.{question.site}"))
    if question.since:
        made = {"made_on": _first_appearance("claim", "day")}
        recent = Q(made_on__gte=question.since)
        first = dt.datetime.combine(question.since, dt.time(), dt.UTC)
        verdicts = verdicts.alias(**made).filter(recent | Q(published_at__gte=first))
        recent |= Q(reviewed_on__gte=question.since) | Q(claimed_on__gte=question.since)
        reviews = reviews.alias(**made).filter(recent)
    return verdicts, reviews


def _in_language(column: str, tag: str) -> Q:
    """Tags of the same language: of the region nothing is asked, of the script only where both name one."""
    language, *others = tag.lower().split("-")
    same = Q(**{f"{column}__iregex": rf"^{re.escape(language)}(-|$)"})
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    if script:
        written = rf"^{re.escape(language)}-[a-z]{{4}}(-|$)"
        so = rf"^{re.escape(language)}-{re.escape(script)}(-|$)"
        same &= ~Q(**{f"{column}__iregex": written}) | Q(**{f"{column}__iregex": so})
    return same


def _found(question: Question, verdicts: QuerySet[Any], reviews: QuerySet[Any]) -> QuerySet[Any]:
    """The claims, in order: those that have most of the words, those that have most of them in their wording,
    those that were reviewed last."""
    own, others = (rows.filter(claim=OuterRef("pk")).order_by() for rows in (verdicts, reviews))
    claims: QuerySet[Any] = Claim.objects.published().filter(Q(Exists(own)) | Q(Exists(others)))
    newest = others.filter(reviewed_on__isnull=False).order_by("-reviewed_on")
    claims = claims.alias(
        reviewed_on=Greatest(
            Coalesce(Subquery(own.values(day=TruncDate("published_at"))[:1]), BEFORE_ALL),
            Coalesce(Subquery(newest.values("reviewed_on")[:1]), BEFORE_ALL),
        )
    )
    order: list[Any] = ["-reviewed_on", "-pk"]
    if question.query:
        query = Query.read(question.query)
        terms = query.terms
        if not terms:
            return claims.none()
        claims = claims.alias(n_held=_n_held(terms), n_in_text=_n_held(terms, in_heading=True))
        claims = claims.filter(n_held__gte=ceil(len(terms) * 2 / 3))
        for term in query.unwanted:
            claims = claims.exclude(_has(term))
        order = ["-n_held", "-n_in_text", *order]
    return claims.order_by(*order)


def _has(term: Term, **where: bool) -> Q:
    """Whether a claim has the word: in what is public of it, or in its own wording alone (`in_heading`)."""
    one = Query(term.printed, (term,))
    return Q(pk__in=engine().having_all(one, "claims", public=True, **where))


def _n_held(terms: Sequence[Term], **where: bool) -> Any:
    """How many of the words a claim has."""
    each = [
        Case(
            When(_has(term, **where), then=Value(1)), default=Value(0), output_field=IntegerField()
        )
        for term in terms
    ]
    return sum(each[1:], each[0])


def _first_appearance(claim: str, what: str) -> Subquery:
    """Of the earliest public appearance of a claim: a column, or its `day`, where that is known. A mere
    report has a day, but not that on which the claim was made (as in claims.jsonld)."""
    date = "passage__snapshot__source__date"
    on_that_day = Q(passage__snapshot__source__date_precision=Precision.DAY)
    first = (
        Appearance.objects.published()
        .asserting()
        .filter(claim=OuterRef(claim))
        .annotate(
            day=Coalesce("said_on", Case(When(on_that_day & ~Q(manner=Manner.REPORTED), then=date)))
        )
        .order_by(Coalesce("said_on", date).asc(nulls_last=True), "passage__start", "id")
    )
    return Subquery(first.values(what)[:1])


# --- What is said of it ---


def _claim(claim: Any) -> dict[str, Any]:
    """A Claim of the answer. What the desk does not know of who made it is taken from the review of another
    publisher that says so."""
    verdict = claim.verdicts_shown[0] if claim.verdicts_shown else None
    others = claim.reviews_shown
    claimant, day = claim.first_claimant, claim.first_said_on
    if claimant is None:
        named = next((review for review in others if review.claimant_name), None)
        claimant, day = (named.claimant_name, named.claimed_on) if named else (None, None)
    reviews = [_own(claim, verdict)] if verdict else []
    return _known(
        {
            "text": verdict.claim_text if verdict else claim.text,  # what was judged
            "claimant": claimant,
            "claimDate": _midnight(day),
            "claimReview": reviews + [_of_another(review) for review in others],
        }
    )


def _own(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    published: dt.datetime = verdict.published_at  # type: ignore[assignment]
    return _known(
        {
            "publisher": {"name": settings.PUBLISHER_NAME, "site": our_site()},
            "url": settings.SITE_URL + claim.get_absolute_url(),
            "title": verdict.headline,
            "reviewDate": _timestamp(published),
            "textualRating": verdict.rating.label,
            "languageCode": claim.language if claim.language != UNDETERMINED else "",
        }
    )


def _of_another(review: ExternalReview) -> dict[str, Any]:
    site = review.publisher_site.lower().removeprefix("www.")
    return _known(
        {
            "publisher": {"name": review.publisher_name, "site": site},
            "url": review.url,
            "title": review.title,
            "reviewDate": _midnight(review.reviewed_on),
            "textualRating": review.rating_text,
            "languageCode": review.language if review.language != UNDETERMINED else "",
        }
    )


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """What is not known is left out."""
    return {name: value for name, value in fields.items() if value}


def _midnight(day: dt.date | None) -> str:
    return f"{day.isoformat()}T00:00:00Z" if day else ""


def _timestamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
