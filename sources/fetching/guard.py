"""Which addresses may be asked: those of the public internet, judged where they are connected to.

One guard for all that goes out. Webhooks (claims/webhooks/sending.py) are sent through `Guard`, sources
fetched through `connect`. Both resolve a name once, judge what it stands for, and connect to that very
address: a name that stands for something else a moment later gains nothing by it.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES
from requests_hardened.ip_filter_adapter import IPFilterAdapter

Sentences = list[tuple[type[BaseException], str]]

SENTENCES: Sentences = [
    (socket.gaierror, "The name is not known."),
    (ConnectionRefusedError, "Nobody answers at that address: connection refused."),
    (ssl.SSLCertVerificationError, "The certificate is not good: {}."),
    (ConnectionResetError, "The connection was closed without an answer."),
]
TRIES = 4  # addresses of one name that are tried in turn


class Refused(Exception):
    """The address is none that we ask, or what is there none that we keep; the sentence says why."""


def refuse_address(address: str, *, loopback: bool = False) -> None:
    """Raise Refused unless `address`, in digits, is one of the public internet, or, where `loopback` says so,
    this machine by its own name."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if loopback and ip.is_loopback:
        return
    special = ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False)
    # 6to4 and NAT64 among them, which lead to an IPv4 address of any kind.
    if special or not ip.is_global or any(ip in net for net in EXTRA_BLOCKED_NET_RANGES):
        raise Refused(f"{address} is no address of the public internet.")


def in_digits(host: str) -> str:
    """The address that `host` writes in digits, in whatever form systems understand; empty for a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # 2130706433, 0x7f.1, 0177.0.0.1
    except OSError:
        return ""


def addresses(host: str, port: int) -> list[str]:
    """What `host` stands for: addresses in digits; none where nobody knows."""
    if digits := in_digits(host):
        return [digits]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(place[0]).partition("%")[0] for *_, place in found]


def addresses_within(host: str, port: int, seconds: float) -> list[str]:
    """As `addresses`, and none after so long. No limit reaches into the system's own look-up, so it is done
    in a thread, which is left alone when its time is over."""
    came: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    threading.Thread(target=lambda: came.put(addresses(host, port)), daemon=True).start()
    try:
        return came.get(timeout=seconds)
    except queue.Empty:
        return []


def connect(
    host: str, port: int, *, left: Callable[[], float], loopback: bool = False
) -> socket.socket:
    """Connect to `host`. `left` is asked before the look-up and before each address that is tried how many
    seconds that may take, and raises when there are none.

    Raises Refused if any address that it stands for is none of the public internet, also where another is:
    no honest name has both. Raises OSError where nobody answers.
    """
    found = list(dict.fromkeys(addresses_within(host, port, left())))
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    for address in found:
        refuse_address(address, loopback=loopback)
    problems: list[OSError] = []
    for address in found[:TRIES]:
        try:
            made = socket.create_connection((address, port), timeout=left())
        except OSError as error:
            problems.append(error)
            continue
        try:
            # What it became, whatever the system made of what was asked for.
            refuse_address(str(made.getpeername()[0]).partition("%")[0], loopback=loopback)
        except BaseException:
            made.close()
            raise
        return made
    raise problems[0]


class Guard(IPFilterAdapter):
    """The same for `requests`: judges the address that is about to be connected to."""

    def __init__(self, *, is_https_proto: bool, loopback: bool) -> None:
        super().__init__(is_https_proto=is_https_proto, allow_loopback=loopback)
        self.loopback = loopback

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        refuse_address(host["host"].strip("[]"), loopback=self.loopback)
        return host, pool


def sentence(error: BaseException, sentences: Sentences = SENTENCES) -> str:
    """Why there was no answer, for somebody who knows no Python; a rare one as it is."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for kind, words in sentences:
        for one in chain:
            if isinstance(one, kind):
                return words.format(getattr(one, "verify_message", ""))
    return f"{type(error).__name__}: {error}"
