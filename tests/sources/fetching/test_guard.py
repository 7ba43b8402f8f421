"""Which addresses are not asked, however they are put."""

from __future__ import annotations

import ipaddress
import socket
import time

import pytest

from sources.fetching import NotFetched, Refused, address, fetch, guard
from tests.sources.fetching.servers import serving

pytestmark = pytest.mark.enable_socket

# Each leads, on some system or other, to this machine or to the network behind it.
PRIVATE = """
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.1 0x7f.0.0.1 0177.0.0.1 0177.1 017700000001
127.0.0.01 1２7.0.0.1 127。0。0。1 ①②⑦.0.0.1
0.0.0.0 0 00 0x0 [::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
[::ffff:0.0.0.0] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe]
169.254.169.254 2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 [fe80::1] [fd00:ec2::254]
10.0.0.1 10.255.255.255 012.0.0.1 0xa000001 172.16.0.1 172.31.255.255 192.168.0.1 3232235521 100.64.0.1
192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 4294967295
[64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::] [2001:0:7f00:1::]
[fc00::1] [fdff::1] [fec0::1] [ff02::1] [2001:db8::1] [100::1]
localhost
""".split()

MALFORMED = {
    "": "has to begin",
    "news.example/a": "has to begin",
    "//news.example/a": "has to begin",
    "ftp://news.example/a": "has to begin",
    "file:///etc/passwd": "has to begin",
    "file://localhost/etc/passwd": "has to begin",
    "gopher://news.example:6379/_FLUSHALL": "has to begin",
    "dict://news.example:11211/": "has to begin",
    "ws://news.example/": "has to begin",
    "javascript:alert(1)": "has to begin",
    "data:text/html,hello": "has to begin",
    "jar:http://news.example/a.jar!/": "has to begin",
    "http:news.example": "no host",
    "http:///a": "no host",
    "https://:443/a": "no host",
    "http://?a": "no host",
    "https://user:password@news.example/": "user name",
    "https://news.example@127.0.0.1/": "user name",
    "https://@news.example/": "user name",
    "https://news.example\\@127.0.0.1/": "character",
    "https://news.example\\.evil.example/": "character",
    "https://news.example/a b": "character",
    " https://news.example/": "character",
    "https://news.example/\r\nHost: inside": "character",
    "https://news.exa\tmple/": "character",
    "https://news.example/\x00": "character",
    "https://news.example/\u2028": "character",
    "https://news.example:22/": "Port 22",
    "https://news.example:0/": "Port 0",
    "https://news.example:6379/": "Port 6379",
    "https://news.example:8000/": "Port 8000",
    "https://news.example:99999/": "no web address",
    "https://news.example:-1/": "no web address",
    "https://news.example:8o/": "no web address",
    "https://[::1/": "no web address",
    "https://[fe80::1%25eth0]/": "public internet",
    "https://[2606:4700::1111%25eth0]/": "no host that can be",
    "https://127%2e0%2e0%2e1/": "no host that can be",
    "https://news..example/": "no host that can be",
    "https://-news.example/": "no host that can be",
    "https://news,example/": "no host that can be",
    "https://news.exam\u200dple/": "no host that can be",
    "https://[v1.a]/": "no (web address|host that can be)",
    f"https://{'a.' * 150}example/": "no host that can be",
    f"https://news.example/{'a' * 2000}": "longer",
    "http://1572395042/": "four numbers",
    "http://0135.0270.0330.042/": "four numbers",
    "http://0x5db8d822/": "four numbers",
    "http://93.184.55330/": "four numbers",
}


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("form", ["http://{}/", "https://{}:8443/latest/meta-data/?a=b"])
def test_a_private_address_is_refused(host, form, connected):
    with pytest.raises(Refused, match="no address of the public internet"):
        fetch(form.format(host))
    assert connected == []


@pytest.mark.parametrize(("url", "why"), MALFORMED.items())
def test_a_malformed_address_is_refused(url, why, connected):
    with pytest.raises(Refused, match=why):
        fetch(url)
    assert connected == []


@pytest.mark.parametrize("host", [host for host in PRIVATE if host != "localhost"])
def test_what_a_name_stands_for_is_judged(host, names, connected):
    digits = guard.in_digits(host.strip("[]")) or "127.0.0.1"
    names["inside.example"] = [[digits]]

    with pytest.raises(Refused, match="no address of the public internet"):
        fetch("https://inside.example/")
    assert connected == []


@pytest.mark.parametrize(
    "answer",
    [["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"], ["93.184.216.34", "::1"]],
)
def test_a_name_for_a_public_and_a_private_address_is_refused(answer, names, connected):
    names["both.example"] = [answer]

    with pytest.raises(Refused, match="no address of the public internet"):
        fetch("http://both.example/")
    assert connected == []


def test_the_address_that_is_judged_is_the_one_that_is_connected_to(names, connected):
    names["turncoat.example"] = [["93.184.216.34"], ["127.0.0.1"]]

    with pytest.raises(NotFetched, match="refused"):
        fetch("http://turncoat.example/")

    assert connected == [("93.184.216.34", 80)]
    with pytest.raises(Refused):
        fetch("http://turncoat.example/")
    assert connected == [("93.184.216.34", 80)]


def test_a_name_that_changes_its_mind_between_a_redirect_and_the_next_question(
    here, names, canary, connected
):
    """0.0.0.0 is this machine too, for whoever connects to it; and the hook is for 127.0.0.1 and ::1."""
    with serving(
        lambda connection, head, number: connection.sendall(
            f"HTTP/1.1 302 Found\r\nLocation: http://turncoat.example:{canary.port}/\r\n\r\n".encode()
        )
    ) as server:
        names["turncoat.example"] = [["127.0.0.1"], ["0.0.0.0"]]
        with pytest.raises(Refused, match=r"0\.0\.0\.0 is no address"):
            fetch(f"http://turncoat.example:{server.port}/")

        assert connected == [("127.0.0.1", server.port)]
    assert canary.seen == []


HERE = ["127.0.0.1", "127.1.2.3", "localhost", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("host", HERE)
def test_a_server_on_this_machine_hears_nothing(host, canary, monkeypatch, settings):
    monkeypatch.setattr(address, "PORTS", {canary.port})
    url = f"http://{host}:{canary.port}/"

    with pytest.raises(Refused):
        fetch(url)
    assert canary.seen == []

    settings.FETCH_FROM_THIS_MACHINE = True  # the same server is there, for whoever may
    assert fetch(url).body == b"secret"


def is_here(host: str) -> bool:
    ip = ipaddress.ip_address(guard.in_digits(host.strip("[]")) or "127.0.0.1")
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


@pytest.mark.parametrize("host", [host for host in PRIVATE if not is_here(host)])
def test_the_hook_for_this_machine_opens_no_other(host, here, canary, connected):
    with pytest.raises(Refused, match="no address of the public internet"):
        fetch(f"http://{host}:{canary.port}/")
    assert (connected, canary.seen) == ([], [])


@pytest.mark.parametrize(
    "public", ["93.184.216.34", "::ffff:93.184.216.34", "2606:4700::1111", "1.1.1.1"]
)
def test_a_public_address_may_be_asked(public):
    guard.refuse_address(public)


def test_the_hook_is_off_unless_somebody_says_otherwise(settings):
    assert settings.FETCH_FROM_THIS_MACHINE is False


def test_a_proxy_of_the_environment_is_not_asked(here, canary, monkeypatch, connected):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello") as server:
        assert fetch(server.url).body == b"hello"
    assert canary.seen == []


def test_a_netrc_gives_no_password(here, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello") as server:
        fetch(server.url)
        assert b"authorization" not in server.seen[0].lower()


def test_a_look_up_that_never_ends_is_left(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(1) or [])
    begun = time.monotonic()

    assert guard.addresses_within("slow.example", 80, 0.1) == []

    assert time.monotonic() - begun < 0.9


def test_an_unknown_name_may_be_known_another_time(names):
    with pytest.raises(NotFetched, match="not known") as failure:
        fetch("https://nobody.example/")
    assert not failure.value.final


@pytest.mark.parametrize(
    ("url", "asked"),
    {
        "HTTP://News.Example": "http://news.example/",
        "https://news.example:443/a#b": "https://news.example/a",
        "https://news.example:8443/?": "https://news.example:8443/?",
        "https://straße.example/ä?ö=ü": "https://xn--strae-oqa.example/%C3%A4?%C3%B6=%C3%BC",
        "https://news.example/a%2Fb?c=%20": "https://news.example/a%2Fb?c=%20",
        "http://93.184.216.34/": "http://93.184.216.34/",
        "https://[2606:4700::1111]:8443/x": "https://[2606:4700::1111]:8443/x",
    }.items(),
)
def test_an_address_is_written_as_it_is_asked(url, asked):
    assert str(address.read(url)) == asked
    assert str(address.read(asked)) == asked
