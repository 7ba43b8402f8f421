"""What Google asks of ClaimReview, as a table, in our own words.

From https://developers.google.com/search/docs/appearance/structured-data/factcheck (the definitions of
ClaimReview, Claim, Organization or Person, and Rating, and the guidelines), and of the Fact Check Tools that
read the same. Each rule has the path of what it speaks of, whether Google requires or recommends it, and a
test, which gets the value there (None where there is none), the review and the address of its page.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

REQUIRED, RECOMMENDED = "required", "recommended"

SHORT = 75  # claimReviewed is to stay below, so that it does not wrap on a telephone

# Types that may be given for each: those named and what schema.org derives from them.
ORGANIZATIONS = {"Organization", "NewsMediaOrganization"}
PEOPLE = {"Person"}
WORKS = {"CreativeWork"}

# ISO 8601 as far as Google takes it for a Date or DateTime; years and months are of schema.org's Date.
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?")


@dataclass(frozen=True)
class Rule:
    path: str
    level: str
    says: str
    holds: Callable[[Any, dict, str], bool]


def given(value: Any, review: dict, page: str) -> bool:
    return value not in (None, "", [], {})


def text(value: Any, review: dict, page: str) -> bool:
    return isinstance(value, str) and bool(value.strip())


def one_of(*types: str) -> Callable[[Any, dict, str], bool]:
    return lambda value, review, page: value in types


def web_address(value: Any, review: dict, page: str) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def date(value: Any, review: dict, page: str) -> bool:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat((value[:10] + "-01-01")[:10])
    except ValueError:
        return False
    return True


def of_the_page(value: Any, review: dict, page: str) -> bool:
    """The host of the page, or one below it."""
    host, ours = urlsplit(value or "").hostname, urlsplit(page).hostname
    return bool(host and ours) and (host == ours or host.endswith(f".{ours}"))


def if_given(test: Callable[[Any, dict, str], bool]) -> Callable[[Any, dict, str], bool]:
    return lambda value, review, page: value is None or test(value, review, page)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def numbers(rating: Any, review: dict, page: str) -> bool:
    """All three or none; whole; 1 ≤ worst < best, and the value between them."""
    found = [rating.get(name) for name in ("worstRating", "ratingValue", "bestRating")]
    if found == [None] * 3:
        return True
    worst, value, best = found
    return all(map(whole, found)) and 1 <= worst < best and worst <= value <= best


RULES = [
    Rule("@type", REQUIRED, "it is a ClaimReview", one_of("ClaimReview")),
    Rule("claimReviewed", REQUIRED, "what is reviewed, in words", text),
    Rule("reviewRating", REQUIRED, "an assessment", given),
    Rule("reviewRating.@type", REQUIRED, "it is a Rating", one_of("Rating")),
    Rule("reviewRating.alternateName", REQUIRED, "the assessment in a word or two", text),
    Rule(
        "reviewRating", REQUIRED, "numbers run from a worst of at least 1 to a higher best", numbers
    ),
    Rule("url", REQUIRED, "the address of the full review", web_address),
    Rule("url", REQUIRED, "on the host of the page that bears it, or a part of it", of_the_page),
    Rule("author", RECOMMENDED, "who reviews, not who claims", given),
    Rule(
        "author.@type",
        REQUIRED,
        "an organization or a person",
        one_of(*ORGANIZATIONS, *PEOPLE),
    ),
    Rule("author.name", REQUIRED, "an author is named", text),
    Rule("author.url", RECOMMENDED, "an author has a home page", web_address),
    Rule("datePublished", RECOMMENDED, "when the review was published", date),
    Rule("itemReviewed", RECOMMENDED, "what is known of the claim being made", given),
    Rule("itemReviewed.@type", REQUIRED, "it is a Claim", one_of("Claim")),
    Rule(
        "itemReviewed.author",
        RECOMMENDED,
        "who makes the claim; left out where nobody is known",
        given,
    ),
    Rule(
        "itemReviewed.author.@type",
        REQUIRED,
        "an organization or a person",
        one_of(*ORGANIZATIONS, *PEOPLE),
    ),
    Rule("itemReviewed.author.name", REQUIRED, "an author is named", text),
    Rule(
        "itemReviewed.author.sameAs",
        REQUIRED,
        "an address that tells who it is",
        if_given(web_address),
    ),
    Rule("itemReviewed.datePublished", RECOMMENDED, "when the claim was made", given),
    Rule("itemReviewed.datePublished", REQUIRED, "a date", if_given(date)),
    Rule("itemReviewed.appearance", RECOMMENDED, "a work that the claim is in", given),
    Rule(
        "itemReviewed.appearance.@type",
        REQUIRED,
        "a work, or its address",
        one_of(*WORKS),
    ),
    Rule("itemReviewed.appearance.url", REQUIRED, "where the work is", if_given(web_address)),
    Rule("itemReviewed.appearance.datePublished", REQUIRED, "a date", if_given(date)),
    Rule("itemReviewed.firstAppearance", RECOMMENDED, "the work that it is in first", given),
    Rule(
        "itemReviewed.firstAppearance.@type",
        REQUIRED,
        "a work, or its address",
        one_of(*WORKS),
    ),
    Rule("itemReviewed.firstAppearance.url", REQUIRED, "where the work is", if_given(web_address)),
    Rule(
        "claimReviewed",
        RECOMMENDED,
        f"shorter than {SHORT} characters",
        lambda value, *_: len(value) < SHORT,
    ),
]


def broken(review: dict, page: str, *, level: str) -> list[str]:
    """Return the rules of that level that `review` breaks on `page` (an address), as “path: what it says”."""
    return [
        f"{rule.path}: {rule.says}"
        for rule in RULES
        if rule.level == level
        and not all(rule.holds(value, review, page) for value in values(review, rule.path))
    ]


def values(thing: Any, path: str) -> Iterator[Any]:
    """What stands at `path`; of lists on the way, each entry. None where the last step finds nothing, and
    nothing at all where one before it does: a rule on a name says nothing of an author who is left out."""
    step, _, rest = path.partition(".")
    found = thing.get(step)
    for value in found if isinstance(found, list) else [found]:
        if not rest:
            yield value
        elif isinstance(value, dict):
            yield from values(value, rest)


def repeated(reviews: list[dict]) -> list[str]:
    """Addresses that several reviews give: each review has one page, and each page one review of ours."""
    urls = [review["url"] for review in reviews]
    return sorted({url for url in urls if urls.count(url) > 1})
