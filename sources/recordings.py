"""Addresses of moments in a recording, and how a moment is written. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

# Players that are asked for a moment in the query: one whose address does so already, and these hosts.
_MOMENT = re.compile(r"(^|&)(t|start|time_continue)=[^&]*")
_HOSTS = {"youtube.com", "youtu.be"}


def moment(url: str, second: int) -> str:
    """Return the address `url` of a recording, leading to its `second`.

    By a media fragment (W3C Media Fragments URI 1.0, section 4.2.1), unless the player behind the address is
    known to take it in the query.
    """
    parts = urlsplit(url)
    if _MOMENT.search(parts.query):
        query = _MOMENT.sub(rf"\g<1>\g<2>={second}", parts.query)
        return urlunsplit(parts._replace(query=query))
    if (parts.hostname or "").removeprefix("www.").removeprefix("m.") in _HOSTS:
        query = "&".join(filter(None, [parts.query, f"t={second}"]))
        return urlunsplit(parts._replace(query=query))
    others = [
        pair for pair in parts.fragment.split("&") if "=" in pair and not pair.startswith("t=")
    ]
    return urlunsplit(parts._replace(fragment="&".join([*others, f"t={second}"])))


def clock(second: int) -> str:
    """A moment as players write it: 1:33, 1:02:03."""
    minutes, seconds = divmod(second, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
