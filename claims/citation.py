"""How the page of a claim is cited: as a line of text, as CSL-JSON, as BibTeX. In English.

What is cited is what was read, so that it stays as it was: the version of the verdict in force, at its own
address. An open claim has no version, and is cited by its page. Each function takes a Claim with its verdict
(`Claim.objects.read` or `with_verdict`) and costs no query.

https://docs.citationstyles.org/en/stable/specification.html · https://resource.citationstyles.org/schema/latest/input/json/csl-data.json
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

# What TeX would take for an instruction. A brace takes words: BibTeX counts even escaped ones.
TEX = {ord(char): f"\\{char}" for char in "#$%&_"} | {
    ord("\\"): r"\textbackslash{}",
    ord("{"): r"\textbraceleft{}",
    ord("}"): r"\textbraceright{}",
    ord("~"): r"\textasciitilde{}",
    ord("^"): r"\textasciicircum{}",
}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def cite(claim: Any) -> str:
    """Return the citation as one line: publisher, claim, rating, version and date, addresses."""
    verdict = claim.verdict
    with override(settings.LANGUAGE_CODE):
        date = date_format(_issued(claim), "DATE_FORMAT")
        changed = date_format(claim.updated_at.date(), "DATE_FORMAT")
    version = f"Version {verdict.version}, {date}." if verdict else f"Published on {date}."
    permanent = f" This version: {_address(claim)}" if verdict else ""
    return (
        f"{settings.PUBLISHER_NAME}: {_title(claim)}. {version} {_page(claim)} "
        f"(last changed on {changed}).{permanent}"
    )


def csl(claim: Any) -> dict[str, Any]:
    """Return the citation as an item of CSL-JSON."""
    date = _issued(claim)
    item: dict[str, Any] = {
        "id": _key(claim),
        "type": "webpage",
        "genre": "Fact-check",
        "title": _title(claim),
        "author": [{"literal": settings.PUBLISHER_NAME}],
        "publisher": settings.PUBLISHER_NAME,
        "issued": {"date-parts": [[date.year, date.month, date.day]]},
        "language": claim.language,
        "URL": _address(claim),
    }
    if claim.verdict:
        item["version"] = str(claim.verdict.version)
        item["note"] = _note(claim)
    return item


def bibtex(claim: Any) -> str:
    """Return the citation as an entry of BibTeX, in UTF-8."""
    date = _issued(claim)
    fields = {
        "author": f"{{{_tex(settings.PUBLISHER_NAME)}}}",  # braced twice: the name of no person
        "title": f"{{{_tex(_title(claim))}}}",
        "year": str(date.year),
        "date": date.isoformat(),
        "url": _address(claim),
        "language": claim.language,
    }
    if claim.verdict:
        fields |= {"version": str(claim.verdict.version), "note": _tex(_note(claim))}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    lines.append(f"  month = {MONTHS[date.month - 1]},")
    return "\n".join([f"@misc{{{_key(claim)},", *lines, "}", ""])


def _key(claim: Any) -> str:
    return f"{claim.slug}-v{claim.verdict.version}" if claim.verdict else str(claim.slug)


def _title(claim: Any) -> str:
    """The claim in quotation marks, for it is nobody's here, and what was found on it."""
    if claim.verdict is None:
        return f"“{claim.text}” Open: no verdict"
    return f"“{claim.verdict.claim_text}” Rating: {claim.verdict.rating.label}"


def _issued(claim: Any) -> dt.date:
    published: dt.datetime = (claim.verdict or claim).published_at
    return published.date()


def _page(claim: Any) -> str:
    return _at("claim", claim.slug)


def _address(claim: Any) -> str:
    """Where what is cited stays as it is."""
    verdict = claim.verdict
    return _at("verdict", claim.slug, verdict.version) if verdict else _page(claim)


def _at(name: str, *arguments: Any) -> str:
    """The address in English, whatever language it is asked from: that of the public contract."""
    with override(settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(name, args=arguments)


def _note(claim: Any) -> str:
    return f"The claim and its newest verdict: {_page(claim)}"


def _tex(text: str) -> str:
    return text.translate(TEX)
