from __future__ import annotations

import socket

import pytest

from tests.sources.fetching.servers import connections, serving


@pytest.fixture
def names(monkeypatch):
    """What names stand for: each look-up takes the next answer, a list of addresses; the last one stays."""
    known = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in known:
            if host.endswith(".example"):
                raise socket.gaierror(-2, "Name or service not known")
            return real(host, port, *args, **kwargs)
        answers = known[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [place for one in answer for place in real(one, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def connected():
    """Every address that is connected to."""
    with connections.watched() as made:
        yield made


@pytest.fixture
def canary():
    """A server with a secret, on every address of this machine."""
    with serving(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nsecret", host="0.0.0.0"
    ) as here:
        yield here


@pytest.fixture
def here(settings):
    """The hook for tests: this machine may be asked."""
    settings.FETCH_FROM_THIS_MACHINE = True
    settings.FETCH_GAP = 0
