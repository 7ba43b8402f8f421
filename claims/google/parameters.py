"""What a request asks for, read strictly: a parameter that is unknown, given twice or not to be understood is
refused by its name, and never passed over."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from sources.models.source import LANGUAGE_TAG

from . import fields
from .discovery import SEARCH_PARAMETERS, VERSION, shape
from .errors import Refusal, wrong

PAGE_SIZE = 10
LARGEST_PAGE = 100
INT32 = 2**31 - 1

_INTEGER = re.compile(r"-?[0-9]{1,10}")
_HOST = re.compile(r"[\w.:\[\]-]{1,253}")


@dataclass(frozen=True)
class Question:
    """What is looked for, and which part of what is found.

    `site` is a host name in lower case without `www.`, `language` a BCP 47 tag, each empty where it was not
    asked for; `today` is in UTC; `start` counts claims from 0.
    """

    query: str
    language: str
    site: str
    max_age_days: int
    today: dt.date
    start: int
    size: int

    @property
    def since(self) -> dt.date | None:
        """The first day of which a claim or its review may be, if that was asked for."""
        if not 0 < self.max_age_days < self.today.toordinal():
            return None
        return self.today - dt.timedelta(days=self.max_age_days)

    def token(self, start: int) -> str:
        """Return the pageToken of the page that begins with the claim `start`. It holds the day, too: what
        was young enough on the first page stays so on the others."""
        return self._signer.sign_object([start, self.today.toordinal()])

    def at(self, token: str) -> Question:
        """Return the same question, for the page that `token` names. Raises Refusal for a token of another
        question: its signature is of this one."""
        try:
            start, day = self._signer.unsign_object(token)
        except signing.BadSignature:
            why = "This is not a token of this question. Send the other parameters as before, or none."
            raise wrong({"pageToken": why}) from None
        return replace(self, today=dt.date.fromordinal(day), start=start)

    @property
    def _signer(self) -> signing.Signer:
        """One for each question. It adds no time, so that a page that is asked for again is the same."""
        asked = [self.query, self.language, self.site, self.max_age_days]
        return signing.Signer(salt=f"claims.google:{json.dumps(asked)}")


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


# As Google's own servers take them: every parameter also by its name in the definition of the protocol, and
# those of the system with a dollar.
ALIASES = {_snake(name): name for name in SEARCH_PARAMETERS} | {
    f"${name}": name for name in ("alt", "fields", "key", "prettyPrint", "quotaUser")
}


def given(data: QueryDict, names: Collection[str]) -> dict[str, str]:
    """Return the parameters by their names. Raises Refusal for any but `names`, and for one given twice."""
    found: dict[str, str] = {}
    faults: dict[str, str] = {}
    for typed, values in data.lists():
        name = ALIASES.get(typed, typed)
        if name not in names:
            faults[typed] = "There is no such parameter."
        elif len(values) > 1 or name in found:
            faults[typed] = "Give this parameter once."
        else:
            found[name] = values[0]
    if faults:
        raise wrong(faults)
    return found


def read_indented(asked: dict[str, str]) -> bool:
    """Return whether the answer is to be indented. Raises Refusal for any format that is not served."""
    faults: dict[str, str] = {}
    if asked.get("alt", "") not in ("", "json"):
        faults["alt"] = "The answer is JSON; no other format is served."
    if asked.get("$.xgafv", "") not in ("", "1", "2"):
        faults["$.xgafv"] = "Give 1 or 2."
    if asked.get("prettyPrint", "true") not in ("true", "false"):
        faults["prettyPrint"] = "Give true or false."
    if faults:
        raise wrong(faults)
    return asked.get("prettyPrint") != "false"


def read_mask(request: HttpRequest, asked: dict[str, str]) -> fields.Mask:
    """Return what the field mask selects, from the parameter or else the header; None is everything. Raises
    Refusal."""
    mask = asked.get("fields") or request.headers.get("X-Goog-FieldMask", "")
    if not mask.strip():
        return None
    try:
        return fields.read(mask, shape())
    except fields.MaskError as error:
        raise wrong({"fields": str(error)}) from None


def read_question(asked: dict[str, str], *, today: dt.date | None = None) -> Question:
    """Return what is looked for, as of `today` (UTC; now if left out). An empty text is none, as in the
    protocol. Raises Refusal."""
    faults: dict[str, str] = {}
    query = asked.get("query", "").strip()
    language = asked.get("languageCode", "").strip()
    site = _host(asked.get("reviewPublisherSiteFilter", ""))
    if language and not re.fullmatch(LANGUAGE_TAG, language):
        faults["languageCode"] = "Give a BCP 47 language tag: en, en-US, sr-Latn."
    if site and not _HOST.fullmatch(site):
        faults["reviewPublisherSiteFilter"] = "Give the host name of a publisher: example.org."
    numbers = {
        name: _number(asked.get(name, "0"), faults, name)
        for name in ("maxAgeDays", "pageSize", "offset")
    }
    if not faults and not query and not site:
        faults["query"] = "Give words to look for, or reviewPublisherSiteFilter."
    if faults:
        raise wrong(faults)
    question = Question(
        query,
        language,
        site,
        numbers["maxAgeDays"],
        today or timezone.now().date(),
        numbers["offset"],
        min(numbers["pageSize"] or PAGE_SIZE, LARGEST_PAGE),
    )
    token = asked.get("pageToken", "")
    return question.at(token) if token else question


def check_version(asked: dict[str, str]) -> None:
    """Raises Refusal for any version but the one that there is; left out, it is that one."""
    if asked.get("version", VERSION) != VERSION:
        raise Refusal(404, f"There is no such version; there is {VERSION}.")


def _number(typed: str, faults: dict[str, str], name: str) -> int:
    """A whole number from 0, which stands for none."""
    number = int(typed) if _INTEGER.fullmatch(typed) else -1
    if not 0 <= number <= INT32:
        faults[name] = f"Give a whole number from 0 to {INT32}."
    return number


def _host(typed: str) -> str:
    """The host name in what may be a whole address."""
    host = typed.strip().lower()
    host = host.partition("://")[2] or host
    return host.partition("/")[0].removeprefix("www.")
