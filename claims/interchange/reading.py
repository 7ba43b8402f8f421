"""A file of annotations → what each one quotes, says and is. Pure, and nothing is fetched.

Read are W3C Web Annotations in the compact form of the standard's own context: one, an array, an
AnnotationPage or an AnnotationCollection; and the rows that the API of Hypothesis answers with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .placing import Quote, Span
from .untrusted_json import FileError, Refusal, below, parse, pruned, vet
from .web_annotation import CONTEXT, digest_iri

MAX_ITEMS = 10_000  # annotations in a file, and as many targets
CONTEXTS = (CONTEXT, CONTEXT.replace("http:", "https:"))

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f\ufffe\uffff<>\"{}|\\^`]+")
_UUID = re.compile(r"#?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
# As sources.fields has it; there it is Django's.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True)
class Target:
    """What one target of an annotation points at."""

    number: int  # 1 for the first
    source: str  # the address that it was made on, as given
    quote: Quote | None
    position: Span | None
    digests: tuple[str, ...]  # names of the text that the position is of (web_annotation.text_iri)
    unreadable: str = ""  # why its selectors say nothing, where that can be told


@dataclass(frozen=True)
class Incoming:
    """An annotation, as far as it concerns the desk; `annotation` is the whole of it, as it came."""

    item: int  # 1 for the first in the file
    iri: str  # its id, or else a digest of it
    creator: str
    body: str
    targets: tuple[Target, ...]
    annotation: dict[str, Any]
    desk: dict[str, Any] | None = None  # what a desk like this one says of its own row


@dataclass(frozen=True)
class Refused:
    """An annotation that is malformed: `field` says where, `why` what is the matter."""

    item: int
    field: str
    why: str
    annotation: Any


@dataclass
class Reading:
    annotations: list[Incoming | Refused]
    remarks: list[str] = field(
        default_factory=list
    )  # on the file: such as pages that are not in it


def read(data: bytes) -> Reading:
    """Read a file of annotations. Raises FileError where it is none at all, or one of too many."""
    reading = Reading([])
    items = _items(parse(data), reading.remarks)
    if len(items) > MAX_ITEMS:
        raise FileError(
            f"The file holds {len(items)} annotations, more than {MAX_ITEMS}: split it."
        )
    targets = 0
    for number, item in enumerate(items, start=1):
        try:
            vet(item)
            annotation = _annotation(number, item)
            targets += len(annotation.targets)
            if targets > MAX_ITEMS:
                raise FileError(
                    f"The file has more than {MAX_ITEMS} targets, from annotation {number} on: split it."
                )
            reading.annotations.append(annotation)
        except Refusal as error:
            refused = Refused(number, error.field, error.why, pruned(item))
            reading.annotations.append(refused)
    return reading


# --- The file ---


def _items(value: Any, remarks: list[str]) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise FileError("The file holds no annotation: an object or an array was expected.")
    try:
        _check_context(value)
    except Refusal as error:
        raise FileError(f"{error.field}: {error.why}") from error
    if isinstance(value.get("rows"), list):
        _count(value.get("total"), value["rows"], remarks)
        return list(value["rows"])
    if "target" in value:
        return [value]
    if isinstance(value.get("items"), list):
        if value.get("next"):
            remarks.append("next: there is another page, which is not in this file.")
        return list(value["items"])
    if "first" in value:
        return _pages(value, remarks)
    if _types(value) & {"AnnotationCollection", "AnnotationPage"}:
        if value.get("total") in (0, None):
            return []
        raise FileError("first: missing: the collection holds no page.")
    if {"@graph", "@type", "@id"} & set(value) or any(key.startswith("http") for key in value):
        raise FileError(f"This is JSON-LD in another form: compact it with the context {CONTEXT}.")
    if "Annotation" in _types(value):
        return [value]  # refused for want of a target
    raise FileError(
        "The file holds no annotation: neither “target” (an annotation), nor “first” or “items” (a "
        "collection or page), nor “rows” (Hypothesis)."
    )


def _pages(collection: dict[str, Any], remarks: list[str]) -> list[Any]:
    """Return the items of the pages that stand in the collection itself."""
    items: list[Any] = []
    page = collection["first"]
    if isinstance(page, list) and len(page) == 1:
        page = page[0]
    if isinstance(page, str):
        raise FileError("first: the page is elsewhere, and nothing is fetched: export it as well.")
    name = "first"
    while page:
        if isinstance(page, str):
            remarks.append(f"{name}: there is another page, which is not in this file.")
            break
        if not (isinstance(page, dict) and isinstance(page.get("items"), list)):
            raise FileError(f"{name}: a page with an array “items” was expected.")
        items += page["items"]
        page, name = page.get("next"), f"{name}.next"
    _count(collection.get("total"), items, remarks)
    return items


def _count(total: Any, items: list[Any], remarks: list[str]) -> None:
    if isinstance(total, int) and not isinstance(total, bool) and total > len(items):
        remarks.append(f"total: {total} annotations, of which this file holds {len(items)}.")


def _check_context(value: dict[str, Any]) -> None:
    """Keys mean what the standard's context says, and no other context is looked up."""
    if "@context" not in value:
        return
    given = value["@context"]
    if not any(known in CONTEXTS for known in (given if isinstance(given, list) else [given])):
        raise Refusal("@context", f"{CONTEXT} was expected, alone or in a list.")


# --- One annotation ---


def _annotation(number: int, item: Any) -> Incoming:
    if isinstance(item, str):
        raise Refusal("", "this is only an address, and nothing is fetched.")
    if not isinstance(item, dict):
        raise Refusal("", f"an annotation was expected, not {_kind(item)}.")
    _check_context(item)
    if (types := _types(item)) and "Annotation" not in types:
        raise Refusal("type", "“Annotation” was expected.")
    of_hypothesis = not types and "body" not in item and ("uri" in item or "user" in item)
    creator = _hypothesis_creator(item) if of_hypothesis else _creator(item)
    body = _hypothesis_body(item) if of_hypothesis else _body(item)
    desk = item.get("desk")
    return Incoming(
        item=number,
        iri=_identity(item, of_hypothesis=of_hypothesis),
        creator=_checked(creator, "creator")[:200],
        body=_checked(body, "body") or "Highlighted, without words.",
        targets=tuple(_targets(item)),
        annotation=item,
        desk=desk if isinstance(desk, dict) else None,
    )


def _identity(item: dict[str, Any], *, of_hypothesis: bool) -> str:
    """Its IRI: `canonical` before `id`; a UUID as one; without either, a digest of the whole."""
    for key in ("canonical", "id"):
        given = item.get(key)
        if given is None:
            continue
        if not isinstance(given, str):
            raise Refusal(key, f"text was expected, not {_kind(given)}.")
        if of_hypothesis:
            links = item.get("links")
            page = links.get("html") if isinstance(links, dict) else None
            given = page if isinstance(page, str) else f"https://hypothes.is/a/{given}"
        if uuid := _UUID.fullmatch(given):
            return f"urn:uuid:{uuid[1].lower()}"
        if _IRI.fullmatch(given) and len(given) <= 500:
            return given
    return digest_iri(json.dumps(item, sort_keys=True, separators=(",", ":")).encode())


def _creator(item: dict[str, Any]) -> str:
    names = []
    for place, agent in _listed(item.get("creator")):
        where = f"creator{place}"
        if isinstance(agent, dict):
            told = [agent.get(key) for key in ("name", "nickname", "email", "id")]
            named = next((value for value in told if value), "")
            if isinstance(named, list):  # several names of one person
                named = named[0]
            if not isinstance(named, str):
                raise Refusal(where, f"a name was expected, not {_kind(named)}.")
            names.append(named)
        elif isinstance(agent, str):
            names.append(agent)
        else:
            raise Refusal(where, f"a name or an object was expected, not {_kind(agent)}.")
    return ", ".join(name.strip() for name in names if name.strip())


def _hypothesis_creator(item: dict[str, Any]) -> str:
    person = item.get("user_info")
    name = person.get("display_name") if isinstance(person, dict) else None
    given = name or item.get("user") or ""
    if not isinstance(given, str):
        raise Refusal("user", f"text was expected, not {_kind(given)}.")
    return given.strip()


def _hypothesis_body(item: dict[str, Any]) -> str:
    text = item.get("text") or ""
    if not isinstance(text, str):
        raise Refusal("text", f"text was expected, not {_kind(text)}.")
    tags = []
    for place, tag in _listed(item.get("tags")):
        if not isinstance(tag, str):
            raise Refusal(f"tags{place}", f"text was expected, not {_kind(tag)}.")
        tags.append(tag)
    return _told([text], {"Tags": tags})


def _body(item: dict[str, Any]) -> str:
    """What its bodies say, for a person to read: words as they are, tags and links in lines of their own."""
    if "bodyValue" in item:
        if "body" in item:
            raise Refusal("bodyValue", "it stands beside “body”: an annotation has one of them.")
        if not isinstance(item["bodyValue"], str):
            raise Refusal("bodyValue", f"text was expected, not {_kind(item['bodyValue'])}.")
        return item["bodyValue"].strip()
    words: list[str] = []
    lists: dict[str, list[str]] = {"Tags": [], "Classified as": [], "Linked to": []}
    for where, body in _bodies(item.get("body"), "body"):
        purposes = [given for _, given in _listed(body.get("purpose")) if isinstance(given, str)]
        value = body.get("value")
        if value is not None:
            if not isinstance(value, str):
                raise Refusal(below(where, "value"), f"text was expected, not {_kind(value)}.")
            kept = {"tagging": lists["Tags"], "classifying": lists["Classified as"]}
            kept.get(purposes[0] if purposes else "", words).append(value)
            continue
        source = body.get("source", body.get("id"))
        if isinstance(source, dict):
            source = source.get("id")
        if not isinstance(source, str):
            raise Refusal(where, "it has neither “value” nor the address of a “source”.")
        lists["Tags" if "tagging" in purposes else "Linked to"].append(source)
    return _told(words, lists)


def _bodies(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, body in _listed(value):
        here = f"{where}{place}"
        if isinstance(body, str):
            yield here, {"id": body}
        elif not isinstance(body, dict):
            raise Refusal(here, f"an object or an address was expected, not {_kind(body)}.")
        elif isinstance(body.get("items"), list):  # a Choice
            yield from _bodies(body["items"], below(here, "items"))
        else:
            yield here, body


def _told(words: list[str], lists: dict[str, list[str]]) -> str:
    paragraphs = [value.strip() for value in words if value.strip()]
    for name, values in lists.items():
        if kept := [value.strip() for value in values if value.strip()]:
            paragraphs.append(f"{name}: {', '.join(kept)}")
    return "\n\n".join(paragraphs)


def _checked(text: str, name: str) -> str:
    if found := _CONTROL.search(text):
        code = f"U+{ord(found.group()):04X}"
        raise Refusal(name, f"it holds the invisible control character {code}.")
    return text


# --- Targets ---


def _targets(item: dict[str, Any]) -> Iterator[Target]:
    if "target" not in item:
        raise Refusal("target", "it is missing.")
    given = list(_listed(item["target"]))
    if not given:
        raise Refusal("target", "it is empty.")
    for number, (place, target) in enumerate(given, start=1):
        where = f"target{place}"
        if isinstance(target, str):
            target = {"source": target}
        elif not isinstance(target, dict):
            raise Refusal(where, f"an object or an address was expected, not {_kind(target)}.")
        source = target.get("source", target.get("id", item.get("uri", "")))
        if isinstance(source, dict):
            source = source.get("id", "")
        if not isinstance(source, str):
            raise Refusal(below(where, "source"), f"an address was expected, not {_kind(source)}.")
        yield _selected(number, source, where, target, reply=bool(item.get("references")))


def _selected(
    number: int, source: str, where: str, target: dict[str, Any], *, reply: bool
) -> Target:
    quotes: list[Quote] = []
    positions: list[Span] = []
    unreadable = "It is a reply to another annotation." if reply else ""
    for place, selector in _listed(target.get("selector")):
        here = f"{where}.selector{place}"
        if isinstance(selector, str):
            continue  # a selector that is described elsewhere
        if not isinstance(selector, dict):
            raise Refusal(here, f"an object was expected, not {_kind(selector)}.")
        known = _types(selector) & {"TextQuoteSelector", "TextPositionSelector"}
        if known and selector.get("refinedBy") is not None:
            # What is meant then is a part of what this one selects.
            unreadable = "Its selector is refined by another, which is not read."
        elif "TextQuoteSelector" in known:
            quotes.append(_quote(selector, here))
        elif known:
            positions.append(_position(selector, here))
    for found, what in ((quotes, "quotations"), (positions, "offsets")):
        if len(set(found)) > 1:
            raise Refusal(f"{where}.selector", f"it gives {len(set(found))} different {what}.")
    return Target(
        number=number,
        source=source,
        quote=quotes[0] if quotes else None,
        position=positions[0] if positions else None,
        digests=tuple(_digests(target)),
        unreadable=unreadable if not quotes else "",
    )


def _quote(selector: dict[str, Any], where: str) -> Quote:
    if "exact" not in selector:
        raise Refusal(below(where, "exact"), "it is missing.")
    parts = {}
    for key in ("exact", "prefix", "suffix"):
        value = selector.get(key)
        if value is None and key != "exact":
            value = ""
        if not isinstance(value, str):
            raise Refusal(below(where, key), f"text was expected, not {_kind(value)}.")
        parts[key] = value
    return Quote(**parts)


def _position(selector: dict[str, Any], where: str) -> Span:
    offsets = []
    for key in ("start", "end"):
        value = selector.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Refusal(
                below(where, key), f"a whole number from 0 was expected, not {_kind(value)}."
            )
        offsets.append(value)
    start, end = offsets
    if end <= start:
        raise Refusal(below(where, "end"), f"it is not after the start: {start}–{end}.")
    return start, end


def _digests(target: dict[str, Any]) -> Iterator[str]:
    """The names of the text that it was made on: what a TimeState says was `cached`."""
    for _, state in _listed(target.get("state")):
        if isinstance(state, dict):
            for _, name in _listed(state.get("cached")):
                if isinstance(name, str) and name.startswith("ni:///"):
                    yield name


# --- Values ---


def _listed(value: Any) -> Iterator[tuple[str, Any]]:
    """One value or a list of values, each with the index that names it (none where it stands alone)."""
    if isinstance(value, list):
        yield from ((f"[{place}]", held) for place, held in enumerate(value))
    elif value is not None:
        yield "", value


def _types(value: dict[str, Any]) -> set[str]:
    return {given for _, given in _listed(value.get("type")) if isinstance(given, str)}


def _kind(value: Any) -> str:
    """What sort of thing a value is, in a word that JSON has for it, and which."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return "text"
    return "an array" if isinstance(value, list) else "an object"
