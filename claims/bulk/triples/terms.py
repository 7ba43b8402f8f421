"""How the graph writes its terms (Turtle), and what its things are called.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from rdflib import Literal

from ..writing import moment

SAFE = "!#$%&'()*+,/:;=?@[]~"  # besides letters, digits and -._
PLAIN = re.compile(rf"[-._A-Za-z0-9{re.escape(SAFE)}]+")
DATES = {"day": (10, "xsd:date"), "month": (7, "xsd:gYearMonth"), "year": (4, "xsd:gYear")}

# A thing: what it is called, of which types it is, and what is said of it (None: nothing is).
Thing = tuple[str, str, list[tuple[str, str | None]]]

Called = dict[str, Callable[..., str]]


# --- Terms ---


def iri(address: str) -> str:
    """An address as a term (Turtle, IRIREF); of what it cannot hold, percent-encoded."""
    # Most are our own, and as they should be: looking is quicker than quoting.
    return f"<{address if PLAIN.fullmatch(address) else quote(address, safe=SAFE)}>"


def text(value: str, language: str | None = None) -> str | None:
    """A text in a language (BCP 47), if it is known; None for an empty one."""
    return Literal(value, lang=language or None).n3() if value else None


def typed(value: str, datatype: str) -> str:
    return f'"{value}"^^{datatype}'


def at(value: dt.datetime | None) -> str | None:
    return typed(moment(value), "xsd:dateTime") if value else None


def on(value: dt.date | None, precision: str = "day") -> str | None:
    if value is None:
        return None
    length, datatype = DATES[precision or "day"]
    return typed(value.isoformat()[:length], datatype)


def truth(value: bool) -> str:
    return "true" if value else "false"


def number(value: int | None) -> str | None:
    return None if value is None else str(value)


# --- Names ---


def namer(view: str, *parts: str, fragment: str) -> Callable[..., str]:
    """A function that names the thing at `fragment` of a page. Reversing an address for each of a million
    things would take longer than all else."""
    marks = [f"qqq{number}" for number in range(len(parts))]
    arguments = [int(f"77700{n}") if kind == "int" else marks[n] for n, kind in enumerate(parts)]
    pattern = f"{settings.SITE_URL}{reverse(view, args=arguments)}".replace("%", "%%")
    for mark in map(str, arguments):
        pattern = pattern.replace(mark, "%s")
    pattern += f"#{fragment}"
    return lambda *given: iri(pattern % given)


def names() -> Called:
    edition = f"{settings.SITE_URL}{reverse('transcript', args=['qqq'])}".replace("qqq", "%s")
    return {
        "speaker": namer("speaker", "slug", fragment="speaker"),
        "topic": namer("topic", "slug", fragment="topic"),
        "source": namer("source", "slug", fragment="source"),
        "rating": namer("methodology", fragment="rating-%s"),
        "claim": namer("claim", "slug", fragment="claim"),
        "part_of_claim": namer("claim", "slug", fragment="%s-%s"),
        "verdict": namer("verdict", "slug", "int", fragment="verdict"),
        "edition": lambda slug, n: iri(f"{edition % slug}?edition={n}#edition"),
        "passage": lambda slug, n, start, end: iri(f"{edition % slug}?edition={n}#p{start}-{end}"),
    }


def publisher() -> str:
    return iri(f"{settings.SITE_URL}/#publisher")


def attached(called: Called, kind: str, row: dict[str, Any]) -> str:
    return called["part_of_claim"](row["claim"], kind, row["id"])
