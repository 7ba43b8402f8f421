"""A review as found → what is kept of it, as it is kept, and what was lost on the way. Pure.

Real data has numbers for texts, lists for objects, HTML in headlines and nothing where something must be.
Whatever says the same is read the same; what is in doubt is left out, and told.
"""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from sources.models.source import LANGUAGE_TAG

from ...models import ExternalReview
from .dates import NoDay, day_of
from .finding import Found, Reason, Refused, as_list, types, unprefixed

# As the columns are; what is longer is cut, and that is told.
LINES = {
    "publisher_name": 300,
    "title": 500,
    "rating_text": 300,
    "rating_value": 50,
    "rating_best": 50,
    "rating_worst": 50,
    "claimant_name": 300,
}
LONGEST_CLAIM = 5_000
LONGEST_ADDRESS = 2_000
# Posts in which a claim was made; some feeds list hundreds.
MOST_APPEARANCES = 20

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SCHEMELESS = re.compile(r"(?://|www\.)", re.IGNORECASE)
_is_address = URLValidator(schemes=["http", "https"])


class Note(NamedTuple):
    """What is not as it was printed, by its `kind`, and in words."""

    kind: str
    told: str


@dataclass
class Incoming:
    """A review as it is to be kept: the columns of ExternalReview, and more that placing needs."""

    publisher_name: str
    publisher_site: str
    url: str
    claim_reviewed: str
    title: str = ""
    rating_text: str = ""
    rating_value: str = ""
    rating_best: str = ""
    rating_worst: str = ""
    reviewed_on: date | None = None
    language: str = ""
    claimant_name: str = ""
    claimed_on: date | None = None
    appearance_urls: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)  # addresses of the claim itself
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def key(self) -> str:
        return ExternalReview.key_of(self.url, self.claim_reviewed, self.claimant_name)

    def columns(self) -> dict[str, Any]:
        """What ExternalReview holds of it, but for its claim and its key."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(f.name for f in fields(Incoming) if f.name not in ("about", "notes"))


def read(found: Found, *, language: str = "", ours: str = "") -> Incoming | Refused:
    """Return what is kept of a review, or why nothing is.

    `language` (BCP 47) is that of reviews that do not say theirs; `ours` is the host name of this desk,
    whose own reviews are refused. Never raises.
    """
    if found.claim is not None:
        return _read_answer(found, found.claim, language, ours)
    return _read_claim_review(found, language, ours)


def _read_answer(
    found: Found, claim: dict[str, Any], language: str, ours: str
) -> Incoming | Refused:
    """As Google's Fact Check Tools API has it: https://developers.google.com/fact-check/tools/api/."""
    review, notes = found.review, list[Note]()
    publisher = _first(review.get("publisher"), {})
    raw = {
        "publisher_name": publisher.get("name") or publisher.get("site"),
        "title": review.get("title"),
        "rating_text": review.get("textualRating"),
        "claimant_name": claim.get("claimant"),
    }
    return _incoming(
        found,
        raw,
        addresses=[review.get("url")],
        claim=claim.get("text"),
        reviewed=review.get("reviewDate"),
        claimed=claim.get("claimDate"),
        languages=[review.get("languageCode"), language],
        ours=ours,
        notes=notes,
    )


def _read_claim_review(found: Found, language: str, ours: str) -> Incoming | Refused:
    """As schema.org/ClaimReview has it; itemReviewed may be a Claim, or, in older ones, a CreativeWork."""
    review, graph, notes = found.review, found.graph, list[Note]()
    items = [_node(each, graph) for each in as_list(review.get("itemReviewed"))]
    item: dict[str, Any] = next((each for each in items if each), {})
    rating = next((each for each in as_list(review.get("reviewRating")) if each), None)
    rated: dict[str, Any] = _node(rating, graph) or {"alternateName": rating}
    publisher = _publisher(review, graph)
    claim = _text(review.get("claimReviewed"))
    if not claim and "Claim" in types(item):
        claim = _text(item.get("text")) or _text(item.get("name"))
        if claim:
            notes.append(Note("claim from itemReviewed", "The claim is that of itemReviewed."))
    raw = {
        "publisher_name": publisher.get("name"),
        "title": _text(review.get("name")) or review.get("headline"),
        "rating_text": rated.get("alternateName"),
        "rating_value": rated.get("ratingValue"),
        "rating_best": rated.get("bestRating"),
        "rating_worst": rated.get("worstRating"),
        "claimant_name": _names(item.get("author"), graph),
    }
    incoming = _incoming(
        found,
        raw,
        addresses=[review.get(name) for name in ("url", "@id", "mainEntityOfPage", "sameAs")],
        claim=claim,
        reviewed=review.get("datePublished"),
        claimed=item.get("datePublished"),
        languages=[review.get("inLanguage"), language],
        ours=ours,
        notes=notes,
    )
    if isinstance(incoming, Incoming):
        incoming.about = [
            url
            for each in items
            for name in ("url", "@id", "sameAs")
            for url in _urls(each.get(name))
        ]
        incoming.appearance_urls = _appearances(items, graph, notes)
    return incoming


def _incoming(
    found: Found,
    raw: dict[str, Any],
    *,
    addresses: list[Any],
    claim: Any,
    reviewed: Any,
    claimed: Any,
    languages: list[Any],
    ours: str,
    notes: list[Note],
) -> Incoming | Refused:
    url = next((url for each in addresses for url in _urls(each)), "")
    whole = found.claim or found.review
    if not url:
        reason = _fault(addresses)
        given = _text(addresses[0])
        told = f"It gives this instead: {given[:200]}" if given else ""
        if reason == Reason.LONG_ADDRESS:
            told = f"An address may have {LONGEST_ADDRESS:,} characters."
        elif reason == Reason.SECRET_ADDRESS:
            told = "What stands before the @ is not for the public: give the address without it."
        return Refused(reason, whole, told)
    reviewed_words = _cut("claim_reviewed", _text(claim), LONGEST_CLAIM, notes)
    if not reviewed_words:
        return Refused(Reason.NO_CLAIM, whole)
    host = host_of(url)
    if ours and host == ours:
        return Refused(Reason.OURS, whole)
    texts: Any = {name: _cut(name, _text(value), LINES[name], notes) for name, value in raw.items()}
    if not texts["publisher_name"]:
        texts["publisher_name"] = host
        notes.append(
            Note("no name of the publisher", f"The publisher is named by its site: {host}.")
        )
    if not texts["rating_text"] and not texts.get("rating_value"):
        notes.append(Note("no rating", "No rating is printed."))
    reviewed_on, claimed_on = _day("review", reviewed, notes), _day("claim", claimed, notes)
    if reviewed_on and claimed_on and claimed_on > reviewed_on:
        told = f"The claim is dated {claimed_on}, after its review of {reviewed_on}."
        notes.append(Note("claim dated after its review", told))
    incoming = Incoming(
        url=url,
        publisher_site=host,
        claim_reviewed=reviewed_words,
        reviewed_on=reviewed_on,
        claimed_on=claimed_on,
        language=_language(languages, notes),
        notes=notes,
        **texts,
    )
    if any("\ufffd" in each for each in (*texts.values(), reviewed_words)):
        notes.append(Note("unreadable characters", "Some bytes are no text: they show as \ufffd."))
    return incoming


def host_of(url: str) -> str:
    """The host name of an address, without `www.`; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _text(value: Any, depth: int = 0) -> str:
    """What a value says as one line: of a list the first that says anything, of an object its value or
    name; without HTML, control characters and double spaces."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, bool) or value is None or depth > 3:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return next((text for each in value if (text := _text(each, depth + 1))), "")
    if isinstance(value, dict):
        value = unprefixed(value)
        names = ("@value", "name", "text", "url", "@id")
        return next((text for n in names if (text := _text(value.get(n), depth + 1))), "")
    return ""


def _line(text: str) -> str:
    if "<" in text and _TAG.search(text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it looks like a file name or an address
            text = BeautifulSoup(text[: 20 * LONGEST_CLAIM], "html.parser").get_text(" ")
    elif "&" in text:
        text = html.unescape(text)
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


def _cut(name: str, text: str, longest: int, notes: list[Note]) -> str:
    if len(text) <= longest:
        return text
    notes.append(
        Note("cut", f"{name} has {len(text)} characters, and was cut after {longest - 1}.")
    )
    return f"{text[: longest - 1].rstrip()}…"


def _node(value: Any, graph: dict[str, Any]) -> dict[str, Any]:
    """An object, or that which it refers to in its graph; empty for what is none."""
    if isinstance(value, list):
        return next((node for each in value if (node := _node(each, graph))), {})
    if not isinstance(value, dict):
        return {}
    value = unprefixed(value)
    name = value.get("@id")
    known = graph.get(name, {}) if isinstance(name, str) else {}
    return {**known, **value} if known else value


def _first(value: Any, otherwise: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": value}
    return _node(value, {}) or otherwise


def _publisher(review: dict[str, Any], graph: dict[str, Any]) -> dict[str, Any]:
    """Who publishes the review: by schema.org its author, an organisation; some give the journalist as
    author and the organisation as publisher."""
    given = [
        {"name": each} if isinstance(each, str) else _node(each, graph)
        for name in ("author", "publisher", "sourceOrganization")
        for each in as_list(review.get(name))
    ]
    named = [each for each in given if _text(each.get("name"))]
    organised = (
        each for each in named if any(kind.endswith("Organization") for kind in types(each))
    )
    return next(organised, next(iter(named), {}))


def _names(value: Any, graph: dict[str, Any]) -> str:
    """Who made the claim: all that are named, as one line."""
    given = (
        each if isinstance(each, str) else _node(each, graph).get("name") for each in as_list(value)
    )
    return ", ".join(dict.fromkeys(name for each in given if (name := _text(each))))


def _urls(value: Any) -> Iterator[str]:
    """The addresses on the web that a value holds."""
    for each in _printed(value):
        with suppress(NoAddress):
            yield _address(each)


def _printed(value: Any) -> Iterator[str]:
    """What a value gives where an address is expected."""
    for each in as_list(value):
        if isinstance(each, dict):
            each = unprefixed(each)
            yield from _printed(each.get("@id") or each.get("url") or each.get("@value"))
        elif isinstance(each, str):
            yield each


def _fault(addresses: list[Any]) -> Reason:
    """Why none of `addresses` can be taken: of one that is some address, what is wrong with it."""
    for value in addresses:
        for each in _printed(value):
            try:
                _address(each)
            except NoAddress as error:
                if error.reason != Reason.NO_ADDRESS:
                    return error.reason
    return Reason.NO_ADDRESS


class NoAddress(ValueError):
    """A text is no address that a review may have, for `reason`."""

    def __init__(self, reason: Reason = Reason.NO_ADDRESS) -> None:
        super().__init__(reason)
        self.reason = reason


def _address(text: str) -> str:
    """`text` as an address on the web. Raises NoAddress."""
    text = _CONTROL.sub("", html.unescape(text)).strip()
    if _SCHEMELESS.match(text):
        text = f"https:{text}" if text.startswith("//") else f"https://{text}"
    scheme, mark, rest = text.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        raise NoAddress
    # Blanks and the like, which no address has, but what is copied from one may.
    text = (
        f"{scheme.lower()}://{quote(rest, safe=_KEPT)}"
        if _ODD.search(rest)
        else (f"{scheme.lower()}://{rest}")
    )
    if len(text) > LONGEST_ADDRESS:
        raise NoAddress(Reason.LONG_ADDRESS)
    try:
        _is_address(text)
    except ValidationError:
        raise NoAddress from None
    if "@" in urlsplit(text).netloc:
        raise NoAddress(Reason.SECRET_ADDRESS)
    return text


_ODD = re.compile(r"[\s<>\"{}|\\^`]")
_KEPT = "".join(chr(c) for c in range(33, 127) if chr(c) not in '<>"{}|\\^`')


def _appearances(
    items: list[dict[str, Any]], graph: dict[str, Any], notes: list[Note]
) -> list[str]:
    """Where the claim was made, as the publisher says; the address of the claim itself in older ones."""
    found: dict[str, None] = {}
    for item in items:
        given = [each for n in ("firstAppearance", "appearance") for each in as_list(item.get(n))]
        if "Claim" not in types(item):
            given.append(item.get("url"))
        for each in given:
            node = _node(each, graph)
            found |= dict.fromkeys(_urls(node.get("url") or node.get("@id") if node else each))
    if len(found) > MOST_APPEARANCES:
        notes.append(Note("cut", f"Of {len(found)} appearances, {MOST_APPEARANCES} are kept."))
    return list(found)[:MOST_APPEARANCES]


def _day(what: str, value: Any, notes: list[Note]) -> date | None:
    text = _text(value)
    if not text:
        return None
    try:
        return day_of(text)
    except NoDay as why:
        notes.append(Note(f"date of the {what} unknown", f"Date of the {what}: {why}"))
        return None


def _language(given: list[Any], notes: list[Note]) -> str:
    for each in given:
        for one in as_list(each):
            if isinstance(one, dict):
                one = unprefixed(one)
                one = one.get("alternateName") or one.get("name") or one.get("@value")
            tag = _text(one).replace("_", "-")
            if not tag:
                continue
            if len(tag) <= 35 and re.search(LANGUAGE_TAG, tag):
                return tag
            notes.append(Note("language unknown", f"{tag[:40]} is no BCP 47 language tag."))
    return ""
