"""A web address, read once and strictly: what is judged is what is asked. Pure but for one setting."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna
from django.conf import settings

from .guard import Refused, in_digits, refuse_address

PORTS = {80, 443, 8080, 8443}
USUAL = {"http": 80, "https": 443}
LONGEST = 2_000
LONGEST_HOST = 240
CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
DIGITS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
# What stays as it is in a path or a query: the signs of RFC 3986, and % before what is written so already.
KEPT = "%/:?#[]@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str  # ASCII, without the brackets of IPv6
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        """As in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL[self.scheme] else f"{host}:{self.port}"

    @property
    def server(self) -> str:
        """What is asked by one at a time: the name of a `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def read(url: str) -> Address:
    """Return the address that `url` writes; raises Refused unless it is of a form that is asked."""
    if CONTROL.search(url) or "\\" in url:
        raise Refused("The address holds a character that no web address has.")
    if len(url) > LONGEST:
        raise Refused(f"The address is longer than {LONGEST} characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("This is no web address.") from error
    if parts.scheme not in USUAL:
        raise Refused("The address has to begin with http:// or https://.")
    if "@" in parts.netloc:
        raise Refused("The address must not hold a user name or a password.")
    if not parts.hostname:
        raise Refused("The address names no host.")
    if "[" in parts.netloc and ":" not in parts.hostname:
        raise Refused("The address names no host that can be.")
    port = USUAL[parts.scheme] if port is None else port
    if port not in PORTS and not settings.FETCH_FROM_THIS_MACHINE:
        raise Refused(f"Port {port} is not asked, only {', '.join(map(str, sorted(PORTS)))}.")
    target = quote(parts.path or "/", safe=KEPT)
    if "?" in url.partition("#")[0]:
        target += "?" + quote(parts.query, safe=KEPT)
    return Address(parts.scheme, _host(parts.hostname), port, target)


def _host(host: str) -> str:
    """Return the host in ASCII; raises Refused for what is neither a name nor a public address, as far as
    that can be seen without looking the name up."""
    if ":" not in host and not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise Refused("The address names no host that can be.") from error
    digits = in_digits(host)
    if digits:
        refuse_address(digits, loopback=settings.FETCH_FROM_THIS_MACHINE)
        if ":" not in host and not DIGITS.fullmatch(host):
            # Programs read these in different ways: what one judges, another connects to.
            raise Refused("A host in digits has to be written as four numbers with points.")
    elif not NAME.fullmatch(host) or ".." in host:
        raise Refused("The address names no host that can be.")
    if "%" in host or len(host) > LONGEST_HOST:
        raise Refused("The address names no host that can be.")
    return host


def lead(base: Address, location: str) -> Address:
    """Return where a redirect at `base` leads; raises Refused as `read`.

    Headers come as Latin-1; what was sent in UTF-8 is read so, as browsers do."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    location = location.strip(" \t")
    if CONTROL.search(location.replace(" ", "")) or "\\" in location:
        raise Refused("The address holds a character that no web address has.")
    try:
        joined = urljoin(str(base), location.replace(" ", "%20"))
    except ValueError as error:
        raise Refused("This is no web address.") from error
    return read(joined)
