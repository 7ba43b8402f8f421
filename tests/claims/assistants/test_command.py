"""What `manage.py mcp` refuses, and which hosts it answers to."""

import sys

import pytest
from django.core.management import CommandError, call_command

from claims.assistants.server import allowed


def test_without_the_extra_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)  # as if it were not installed
    with pytest.raises(CommandError, match=r"pip install '\.\[mcp\]' installs it"):
        call_command("mcp")


@pytest.mark.parametrize(
    "place", ["", "8765", ":8765", "localhost", "localhost:x", "127.0.0.1:70000", "::1:80", "a b:1"]
)
def test_a_place_that_is_none_is_refused(place):
    with pytest.raises(CommandError, match="give an address and a port"):
        call_command("mcp", "--http", place)


def test_protection_stays_on_wherever_it_listens(settings):
    settings.ALLOWED_HOSTS = ["facts.example", "*", ".wild.example"]
    settings.SITE_URL = "https://facts.example"
    for host in ("127.0.0.1", "0.0.0.0", "[::]", "192.0.2.7"):
        security = allowed(host)
        assert security.enable_dns_rebinding_protection is True
        assert {"127.0.0.1:*", "facts.example", "facts.example:*"} <= set(security.allowed_hosts)
        assert not {"*", "*:*", ".wild.example", "0.0.0.0"} & set(security.allowed_hosts)
        assert "https://facts.example" in security.allowed_origins
    assert "192.0.2.7:*" in allowed("192.0.2.7").allowed_hosts
