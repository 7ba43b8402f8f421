"""What may be asked: whole, not too long, and which claim is meant by a slug, an id or an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override

from ..models import Claim
from ..words import legible

# Code points.
LONGEST_QUERY, LONGEST_STATEMENT, LONGEST_NAME = 1_000, 5_000, 2_000
# Pages of a claim and of what hangs on it, in the address of each of which its slug stands.
PAGES = {
    *("claim", "claim_history", "verdict", "claim_embed", "claim_card", "claim_claimreview"),
    *("claim_csl", "claim_bibtex", "api:claim-detail"),
}
# Digits of the largest id that either database can be asked for.
LONGEST_ID = 18


class Refused(Exception):
    """Something that cannot be asked: the sentence says why, and what can be."""


def words(text: str, *, longest: int, what: str) -> str:
    """Return `text` as it can be looked for; Refused if it is empty or longer than `longest` code points."""
    # Of which a database takes each, and which can be sent.
    said = legible(text).strip()
    if not said:
        raise Refused(f"The {what} is empty: give some words.")
    if len(said) > longest:
        raise Refused(f"The {what} has {len(said):,} characters: give at most {longest:,}.")
    return said


@dataclass(frozen=True, slots=True)
class Named:
    """A claim by its slug or its id, and a version of its verdict if that is what was named."""

    slug: str
    version: int | None = None


def named(asked: str) -> Named:
    """Return which claim is meant by a slug, an id, or the address of one of its pages on this site (in
    whatever language, or of the API). Refused for an address that is none."""
    name = words(asked, longest=LONGEST_NAME, what="name of the claim")
    if "/" not in name:
        return Named(name)
    try:
        address, home = urlsplit(name), urlsplit(settings.SITE_URL)
    except ValueError:
        raise Refused(f"That is no address: {shown(name)}.") from None
    if address.netloc and address.netloc.lower() != home.netloc.lower():
        raise Refused(
            f"That address is of another site: give one of a page of a claim on {settings.SITE_URL}."
        )
    path = "/" + unquote(address.path).lstrip("/")
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        for candidate in (path, f"{path}/"):
            try:
                match = resolve(candidate)
            except Resolver404:
                continue
            if match.view_name in PAGES:
                return Named(match.kwargs["slug"], match.kwargs.get("version"))
    raise Refused(
        f"That address is not of a claim: give one such as {settings.SITE_URL}/claims/<slug>/."
    )


def read(asked: str) -> tuple[Any, list[str]]:
    """Return the public claim that is meant, as `Claim.objects.read` gives it, and what there is to say of
    how it was asked for. Refused where there is none: what is not public is not there. Eight queries; two or
    three more for an id, and for a claim that was retired in favour of another."""
    name = named(asked)
    notes: list[str] = []
    claim = _read(name.slug)
    if claim is None and re.fullmatch(rf"[0-9]{{1,{LONGEST_ID}}}", name.slug):
        slug = Claim.objects.published().filter(pk=int(name.slug)).values_list("slug", flat=True)
        claim = _read(slug.first() or "")
    if claim is None:
        retired = Claim.objects.retired().filter(slug=name.slug)
        leads_to = retired.values_list("duplicate_of__slug", flat=True).first()
        claim = _read(leads_to or "")
        if claim is not None:
            notes.append(
                "What you named was retired as a duplicate. What follows is the claim that its address leads "
                "to."
            )
    if claim is None:
        raise Refused(
            f"There is no public claim {shown(name.slug)}. search_claims and match_statement find claims."
        )
    if name.version is not None:
        notes += _on_version(claim, name.version)
    return claim, notes


def _read(slug: str) -> Any:
    try:
        return Claim.objects.read(slug) if slug else None
    except Claim.DoesNotExist:
        return None


def _on_version(claim: Any, version: int) -> list[str]:
    if version not in {row.version for row in claim.published_verdicts}:
        raise Refused(f"That claim has no published verdict of version {version}.")
    if claim.verdict is None:
        return [f"You named version {version}, which is not in force: no verdict is."]
    if claim.verdict.version == version:
        return []
    return [
        f"You named version {version}. What follows is version {claim.verdict.version}, which is in force."
    ]


def shown(text: str) -> str:
    """As much of what was asked as a sentence can show, on one line."""
    line = " ".join(text.split())
    return f"“{line[:80]}…”" if len(line) > 80 else f"“{line}”"
