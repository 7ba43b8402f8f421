"""A POST to an address that somebody typed in, which must not become a way into the network behind us.

Which addresses are asked at all is `sources.fetching.guard`, as for whatever else goes out. Webhooks are held
to more: https, ports, no redirect, no proxy, a limit on time and on what is read.
"""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError, ReadTimeoutError

from sources.fetching import guard
from sources.fetching.guard import Guard, Refused, addresses, refuse_address

PORTS = {443, 8443}
CONNECT, READ, WHOLE = 5, 10, 30  # seconds
MOST_READ = 2_000  # bytes of an answer
SENTENCES: guard.Sentences = [
    *guard.SENTENCES,
    (
        requests.ConnectTimeout,
        f"Nobody answers at that address: no connection within {CONNECT} seconds.",
    ),
    (requests.ReadTimeout, f"No answer within {READ} seconds."),
    (ReadTimeoutError, f"The answer stopped, and nothing more came within {READ} seconds."),
]
__all__ = ["Answer", "NotSent", "Refused", "is_known", "post", "post_aside", "refuse"]

AGENT = "Counterclaim-Webhooks/1"


class NotSent(Exception):
    """Nobody answered, or we did not ask."""


class TooSlow(Exception):
    """Not a TimeoutError, which the libraries below take for one of their own."""


@dataclass(frozen=True)
class Answer:
    status: int
    words: str  # the beginning of the answer, for the person who looks after it


def refuse_form(url: str) -> tuple[str, int]:
    """Raise Refused unless `url` looks like one that we send to; returns its host and port."""
    local = settings.WEBHOOKS_TO_THIS_MACHINE
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("This is no web address.") from error
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise Refused("The address has to begin with https://.")
    if not parts.hostname:
        raise Refused("The address names no host.")
    if "@" in parts.netloc or "\\" in url:
        raise Refused("The address must not hold a user name or a password.")
    port = port if port is not None else {"https": 443, "http": 80}[parts.scheme]
    if port not in PORTS and not local:
        raise Refused(f"Port {port} is not used: {' or '.join(map(str, sorted(PORTS)))} are.")
    return parts.hostname, port


def refuse(url: str) -> None:
    """Raise Refused for an address that `post` would refuse. A name that cannot be looked up just now passes:
    what it stands for is judged again whenever something is sent."""
    host, port = refuse_form(url)
    for address in addresses(host, port):
        refuse_address(address, loopback=settings.WEBHOOKS_TO_THIS_MACHINE)


def is_known(url: str) -> bool:
    """Whether the host of `url` stands for any address just now."""
    return bool(addresses(*refuse_form(url)))


def session() -> requests.Session:
    local = settings.WEBHOOKS_TO_THIS_MACHINE
    made: requests.Session = HTTPSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=local,
            never_redirect=True,
            default_timeout=(CONNECT, READ),
            user_agent_override=AGENT,
        )
    )
    made.trust_env = (
        False  # a proxy would connect to what we have not judged; .netrc would give passwords
    )
    made.mount("https://", Guard(is_https_proto=True, loopback=local))
    made.mount("http://", Guard(is_https_proto=False, loopback=local))
    return made


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooSlow after so long: a server that sends a byte now and then keeps to every other limit.

    By the alarm of the process, so in its main thread only, which is where a worker does its jobs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        raise TooSlow(f"There was no whole answer within {seconds:g} seconds.")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send `body` as JSON. Any status is an answer; raises Refused or NotSent where there is none."""
    refuse_form(url)
    sent = {"Content-Type": "application/json", "Connection": "close", **headers}
    try:
        with (
            within(WHOLE),
            session() as http,
            http.post(url, data=body, headers=sent, stream=True, allow_redirects=False) as answer,
        ):
            # What has not been read by then is left: the connection is closed.
            read = answer.raw.read(MOST_READ, decode_content=False)
            return Answer(answer.status_code, read.decode("utf-8", "replace"))
    except InvalidIPAddress as error:
        raise Refused(f"{error} is no address of the public internet.") from error
    except TooSlow as error:
        raise NotSent(str(error)) from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise NotSent(guard.sentence(error, SENTENCES)) from error


def post_aside(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """As `post`, for somebody who waits in a server's thread, where no alarm rings: asked in a thread of its
    own, which is left alone after READ seconds."""
    came: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            came.put(post(url, body, headers))
        except Exception as error:  # for whoever waits
            came.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = came.get(timeout=READ)
    except queue.Empty as error:
        raise NotSent(f"No answer within {READ} seconds.") from error
    if isinstance(answer, Exception):
        raise answer
    return answer
