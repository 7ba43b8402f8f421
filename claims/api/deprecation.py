"""What of the API will go: declared here, and said with every answer that it concerns.

A resource, a parameter or a field is deprecated by an entry in DEPRECATED, with the day from which it is and
the day until which it is answered. From then on each answer that has it carries `Deprecation` (RFC 9745),
`Sunset` (RFC 8594) and a link with the relation `deprecation` to what to do instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecated:
    """Of `resource` (as in its address: `claims`) a `parameter`, a `field` (dotted path), or, where neither
    is named, the whole: from `since` on, answered until `sunset` (both UTC). `about` is an address."""

    resource: str
    since: dt.datetime
    sunset: dt.datetime
    about: str
    parameter: str = ""
    field: str = ""

    def concerns(self, request: HttpRequest) -> bool:
        if request.path.split("/")[3:4] != [self.resource]:
            return False
        if self.parameter:
            return self.parameter in request.GET
        chosen = request.GET.get("fields", "").split(",") if self.field else []
        return not any(chosen) or any(
            f"{self.field}.".startswith(f"{path.strip()}.")
            or path.strip().startswith(f"{self.field}.")
            for path in chosen
        )


DEPRECATED: list[Deprecated] = []


def notices(request: HttpRequest, declared: Iterable[Deprecated]) -> dict[str, str]:
    """The headers of an answer to `request`: none, or those of what goes first. `Link` names all."""
    found = sorted((one for one in declared if one.concerns(request)), key=lambda one: one.sunset)
    if not found:
        return {}
    since = min(one.since for one in found)
    return {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": http_date(found[0].sunset.timestamp()),
        "Link": ", ".join(
            f'<{about}>; rel="deprecation"; type="text/html"'
            for about in dict.fromkeys(one.about for one in found)
        ),
    }
