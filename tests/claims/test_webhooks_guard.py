"""Where webhooks are not sent to, however the address is put."""

from __future__ import annotations

import socket
import time

import pytest

from claims.webhooks import sending
from claims.webhooks.sending import NotSent, Refused
from tests.claims.webhook_receiver import receiver

pytestmark = pytest.mark.enable_socket

# Each leads, on some system or other, to this machine or to the network behind it.
HOSTILE = """
127.0.0.1 127.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001
0.0.0.0 0 [::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
[::ffff:10.0.0.1] [::ffff:169.254.169.254]
169.254.169.254 2852039166 0xa9fea9fe [fe80::1] [fd00:ec2::254]
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1
192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
[64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::] [2001:0:7f00:1::]
[fc00::1] [fdff::1] [fec0::1] [ff02::1] [2001:db8::1] [100::1]
localhost
""".split()

MALFORMED = {
    "http://news.example/hook": "https",
    "ftp://news.example/hook": "https",
    "file:///etc/passwd": "https",
    "//news.example/hook": "https",
    "https:///hook": "no host",
    "https://:443/hook": "no host",
    "https://user:password@news.example/": "user name",
    "https://news.example@127.0.0.1/": "user name",
    "https://news.example\\@127.0.0.1/": "user name",
    "https://news.example:22/": "Port 22",
    "https://news.example:80/": "Port 80",
    "https://news.example:0/": "Port 0",
    "https://news.example:6379/": "Port 6379",
    "https://news.example:99999/": "no web address",
    "https://[::1/": "no web address",
}


@pytest.fixture
def names(monkeypatch):
    """What names stand for: each look-up takes the next answer, the last one stays."""
    known = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host in known:
            answers = known[host]
            host = answers.pop(0) if len(answers) > 1 else answers[0]
        elif host.endswith(".example"):
            raise socket.gaierror(-2, "Name or service not known")
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("host", HOSTILE)
def test_a_private_address_is_refused_when_it_is_saved_and_when_it_is_connected_to(host):
    for url in (f"https://{host}/", f"https://{host}:8443/latest/meta-data/?a=b"):
        with pytest.raises(Refused, match="no address of the public internet"):
            sending.refuse(url)
        # Not only by the form of the address: what the system makes of it is judged before it connects.
        # Some of these forms it does not know at all.
        with pytest.raises((Refused, NotSent)):
            sending.post(url, b"{}", {})


@pytest.mark.parametrize(("url", "why"), MALFORMED.items())
def test_a_malformed_address_is_refused(url, why):
    with pytest.raises(Refused, match=why):
        sending.refuse(url)
    with pytest.raises(Refused, match=why):
        sending.post(url, b"{}", {})


@pytest.mark.parametrize(
    "url", ["https://93.184.216.34/", "https://[2606:4700::1111]:8443/x", "https://news.example/"]
)
def test_a_public_address_is_saved(url, names):
    sending.refuse(url)


def test_a_name_for_a_private_address_is_refused(names):
    names["inside.example"] = ["10.0.0.7"]

    with pytest.raises(Refused, match=r"10\.0\.0\.7"):
        sending.refuse("https://inside.example/")
    with pytest.raises(Refused, match=r"10\.0\.0\.7"):
        sending.post("https://inside.example/", b"{}", {})


def test_the_address_that_is_judged_is_the_one_that_is_connected_to(names, monkeypatch):
    """A name that stands for something else at each look-up gains nothing by it."""
    connected = []

    def connect(address, *args, **kwargs):
        connected.append(address[0])
        raise OSError("not in a test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    names["turncoat.example"] = ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(NotSent):
        sending.post("https://turncoat.example/", b"{}", {})

    assert connected == ["93.184.216.34"]
    with pytest.raises(Refused):
        sending.post("https://turncoat.example/", b"{}", {})
    assert connected == ["93.184.216.34"]


@pytest.fixture
def only_the_guard(monkeypatch):
    """Past the look at the form, so that a server on any port of this machine would be reached."""
    monkeypatch.setattr(sending, "refuse_form", lambda url: None)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
def test_a_server_on_this_machine_hears_nothing(host, only_the_guard, settings):
    with receiver() as here:
        url = f"http://{host}:{here.port}/hook"
        with pytest.raises(Refused):
            sending.post(url, b"{}", {})
        assert here.seen == []

        settings.WEBHOOKS_TO_THIS_MACHINE = True  # the same server is there, for whoever may
        assert sending.post(url, b"{}", {}).status == 204
        assert len(here.seen) == 1


def test_the_hook_for_this_machine_opens_no_other(settings, only_the_guard):
    settings.WEBHOOKS_TO_THIS_MACHINE = True

    for host in ("10.0.0.1", "169.254.169.254", "[fe80::1]", "0.0.0.0"):
        with pytest.raises(Refused):
            sending.post(f"http://{host}/", b"{}", {})


def test_a_redirect_is_not_followed(settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiver() as there, receiver() as here:
        here.answers, here.headers = [307], {"Location": there.url}

        assert sending.post(here.url, b"{}", {}).status == 307
        assert (len(here.seen), len(there.seen)) == (1, 0)


def test_a_proxy_of_the_environment_is_not_asked(settings, monkeypatch):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiver() as proxy, receiver() as here:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)

        assert sending.post(here.url, b"{}", {}).status == 204
        assert proxy.seen == []


def test_of_an_answer_only_the_beginning_is_read(settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiver() as here:
        here.answers, here.body = [500], b"x" * 5_000_000

        assert sending.post(here.url, b"{}", {}).words == "x" * sending.MOST_READ


def test_a_server_that_dawdles_is_left(settings, monkeypatch):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    monkeypatch.setattr(sending, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, and says nothing
        begun = time.monotonic()
        with pytest.raises(NotSent, match=r"within 0\.5 seconds"):
            sending.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})

    assert time.monotonic() - begun < 5
