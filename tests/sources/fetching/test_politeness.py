"""One at a time at each host, not too often, and not where its robots.txt asks us not to go."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from sources.fetching import NotFetched, Refused, robots
from sources.fetching.politeness import Busy, turn, visit
from sources.models import Host
from tests.browser.conftest import ROOT, empty_database
from tests.jobs.killing import environment_of, migrate
from tests.sources.fetching.servers import serving

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("here")]

URL = "http://127.0.0.1:8080/a"
NAME = "http://127.0.0.1:8080"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def text(body: str, *headers: str, status: str = "200 OK", media_type: str = "text/plain") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *headers, "", ""]
    return "\r\n".join(head).encode() + body.encode()


def site(rules: bytes, page: bytes = text("hello")):
    """A server with this robots.txt."""
    return serving(
        lambda connection, head, number: connection.sendall(
            rules if head.startswith(b"GET /robots.txt ") else page
        )
    )


# --- Turns ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_host_is_asked_by_one_at_a_time(settings):
    settings.FETCH_LEASE = 90
    with time_machine.travel(NOON, tick=False):
        with turn(URL, by="a") as host:
            assert (host.name, host.leased_until) == (NAME, NOON + timedelta(seconds=90))
            with pytest.raises(Busy) as busy, turn("http://127.0.0.1:8080/b", by="a"):
                pass
            assert busy.value.until == NOON + timedelta(seconds=90)
            for other in (
                "https://127.0.0.1:8080/",
                "http://127.0.0.1:8081/",
                "http://[::1]:8080/",
            ):
                with turn(other, by="b"):
                    pass
        with turn(URL, by="b"):
            pass


@pytest.mark.django_db
def test_some_time_lies_between_two_requests(settings):
    settings.FETCH_GAP = 3
    with time_machine.travel(NOON, tick=False) as clock:
        with turn(URL, by="a"):
            clock.shift(10)
        with pytest.raises(Busy) as busy, turn(URL, by="a"):
            pass
        assert busy.value.until == NOON + timedelta(seconds=13)
        clock.shift(3)
        with turn(URL, by="a"):
            pass


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10),
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: counterclaim\nCrawl-Delay: 20", 20),
        ("User-agent: *\nCrawl-delay: 86400", 60),
        ("User-agent: *\nCrawl-delay: -5", 1),
        ("User-agent: *\nCrawl-delay: soon", 1),
        ("User-agent: other\nCrawl-delay: 10", 1),
        ("", 1),
    ],
)
def test_a_host_may_ask_for_more_time_but_not_for_ever(rules, seconds, settings):
    settings.FETCH_GAP = 1
    with time_machine.travel(NOON, tick=False):
        with turn(URL, by="a"):
            Host.objects.filter(name=NAME).update(robots=rules)
        assert Host.objects.get().next_at == NOON + timedelta(seconds=seconds)


@pytest.mark.django_db
def test_a_turn_ends_with_an_error_too():
    with pytest.raises(ZeroDivisionError), turn(URL, by="a"):
        1 / 0  # noqa: B018
    with turn(URL, by="a"):
        pass


@pytest.mark.django_db
def test_who_was_away_too_long_does_not_give_back_what_is_anothers():
    with time_machine.travel(NOON, tick=False) as clock:
        late = turn(URL, by="a")
        late.__enter__()
        clock.shift(301)
        with turn(URL, by="a"):
            late.__exit__(None, None, None)
            with pytest.raises(Busy), turn(URL, by="b"):
                pass


@pytest.mark.django_db
def test_no_turn_is_taken_at_an_address_that_is_never_asked():
    with pytest.raises(Refused), turn("http://10.0.0.1/", by="a"):
        pass
    assert not Host.objects.exists()


VISITOR = """
import random, sys, time
import django
django.setup()
from django.conf import settings
from sources.fetching.politeness import Busy, visit
visits, url = 0, sys.argv[1]
while visits < 6:
    try:
        visit(url, by="somebody")
        visits += 1
    except Busy:
        time.sleep(random.uniform(0, 0.02))
"""


def test_processes_wait_for_each_other_and_outlive_one_that_is_killed(tmp_path):
    """Five at one host, one of which is killed while it has the turn."""
    at_once, most, begun, lock = 0, 0, [], threading.Lock()
    first = threading.Event()

    def answer(connection, head, number):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            begun.append(time.monotonic())
        if number == 1:  # after robots.txt, the first page: its visitor does not live to see it
            first.set()
            connection.recv(1)
        time.sleep(0.01)
        with lock:
            at_once -= 1
        connection.sendall(text("hello"))

    with empty_database("turns", tmp_path) as database, serving(answer) as server:
        environment = environment_of(
            database, FETCH_FROM_THIS_MACHINE="on", FETCH_GAP="0", FETCH_LEASE="2"
        )
        migrate(environment, "sources")
        command = [sys.executable, "-c", VISITOR, server.url]
        doomed = subprocess.Popen(command, cwd=ROOT, env=environment)
        others = []
        try:
            assert first.wait(30)
            others = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(4)]
            doomed.kill()
            doomed.wait(10)
            killed = time.monotonic()
            assert [other.wait(60) for other in others] == [0] * 4
        finally:
            for process in [doomed, *others]:
                process.kill()
                process.wait(10)
        asked = server.targets

    assert most == 1
    assert asked.count("/") == 1 + 4 * 6
    assert asked.count("/robots.txt") == 1  # read once, by whom it may be
    # The dead one's lease was waited for.
    assert begun[2] - begun[1] > 1.5
    assert begun[2] > killed


# --- robots.txt -----------------------------------------------------------------------------------

RULES = """\
User-agent: *
Disallow: /

User-agent: Counterclaim
Disallow: /private
Disallow: /*.pdf$
Allow: /private/open
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/robots.txt", True),
        ("/private", False),
        ("/private/a", False),
        ("/%70rivate/a", False),
        ("/private/open/a", True),
        ("/a.pdf", False),
        ("/a.pdf?b", True),
        ("/a?b=/private", True),
    ],
)
def test_what_a_host_asks_for_is_obeyed(path, allowed):
    with site(text(RULES)) as server:
        if allowed:
            assert visit(server.url + path, by="a").status == 200
        else:
            with pytest.raises(Refused, match=r"robots\.txt"):
                visit(server.url + path, by="a")
            assert server.targets == ["/robots.txt"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (text("", status="404 Not Found"), True),
        (text("User-agent: *\nDisallow: /", status="403 Forbidden"), True),
        (text("User-agent: *\nDisallow: /", status="410 Gone"), True),
        (text("", status="204 No Content"), True),
        (text("", "Location: /robots.txt", status="301 Moved"), True),
        (text("", "Location: http://10.0.0.1/robots.txt", status="301 Moved"), True),
        (text("", status="302 Found"), True),
        (text("\0User-agent: *\nDisallow: /\0"), False),
        (text("User-agent: *\nDisallow: /"), False),
        (text("\ufeffUser-agent: *\nDisallow: /"), False),
        (text("User-agent: *\rDisallow: /"), False),
        (text("user-AGENT:counterCLAIM # us\nDISALLOW:/"), False),
        (text("User-agent: *\nDisallow: /", media_type="application/octet-stream"), False),
        (text("User-agent: *\nDisallow: /" + "\n# more" * 200_000), False),
        (text("# more\n" * 71_425 + "User-agent: *\nDisallow: /private"), True),  # cut after the /
        (text("# more\n" * 200_000 + "User-agent: *\nDisallow: /"), True),  # after 500 kB
        (text("<html><p>Not found</p>", media_type="text/html"), True),
        (text("User-agent: Counterclaim\nAllow: /\n\nUser-agent: *\nDisallow: /"), True),
    ],
)
def test_a_robots_txt_in_many_states(rules, allowed):
    with site(rules) as server:
        if allowed:
            assert visit(server.url, by="a").status == 200
        else:
            with pytest.raises(Refused, match=r"robots\.txt"):
                visit(server.url, by="a")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (text("", status="503 Busy"), 503),
        (text("", status="500 Oops"), 500),
        (text("", status="429 Slowly"), 429),
        (b"", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nUser", 200),
    ],
)
def test_while_robots_txt_cannot_be_read_nothing_else_is(rules, status):
    with site(rules) as server:
        with pytest.raises(NotFetched, match=r"robots\.txt cannot be read just now") as failure:
            visit(server.url, by="a")

        assert (failure.value.final, failure.value.status) == (False, status)
        assert server.targets == ["/robots.txt"]
        with pytest.raises(NotFetched):  # it is asked for again with the next attempt
            visit(server.url, by="a")
        assert server.targets == ["/robots.txt"] * 2


@pytest.mark.django_db
def test_robots_txt_is_read_once_a_day():
    with site(text("User-agent: *\nDisallow: /b")) as server:
        with time_machine.travel(NOON, tick=True) as clock:
            visit(server.url + "/a", by="a")
            clock.shift(timedelta(hours=23))
            visit(server.url + "/a", by="a")
            assert server.targets == ["/robots.txt", "/a", "/a"]
            clock.shift(timedelta(hours=1))
            visit(server.url + "/a", by="a")
        assert server.targets == ["/robots.txt", "/a", "/a", "/robots.txt", "/a"]
    host = Host.objects.get()
    assert (host.robots, host.robots_status) == ("User-agent: *\nDisallow: /b", 200)


@pytest.mark.django_db
def test_after_robots_txt_the_page_waits_its_time(settings, monkeypatch):
    settings.FETCH_GAP = 7
    slept = []
    monkeypatch.setattr(robots.time, "sleep", slept.append)
    with site(text("")) as server:
        visit(server.url, by="a")
    assert slept == [7]


# --- Redirects ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_host_on_the_way_is_treated_alike():
    with ExitStack() as servers:
        there = servers.enter_context(site(text(""), text("there")))
        leads = text("", f"Location: {there.url}/a", status="302 Found")
        with site(text(""), leads) as here:
            assert visit(here.url, by="a").body == b"there"
            assert here.targets == ["/robots.txt", "/"]
            assert there.targets == ["/robots.txt", "/a"]

            Host.objects.filter(name=there.url).update(robots="User-agent: *\nDisallow: /a")
            with pytest.raises(Refused, match=r"robots\.txt"):
                visit(here.url, by="a")

            with turn(there.url, by="another"), pytest.raises(Busy):
                visit(here.url, by="a")
            assert there.targets == ["/robots.txt", "/a"]
    assert not Host.objects.exclude(leased_until=None).exists()


@pytest.mark.django_db
def test_within_a_host_a_redirect_is_followed_in_the_same_turn():
    def answer(connection, head, number):
        to_b = text("", "Location: /b", status="302 Found")
        connection.sendall(to_b if head.startswith(b"GET /a ") else text("hello"))

    with serving(answer) as server:
        assert visit(server.url + "/a", by="a").final_url == server.url + "/b"
    assert server.targets == ["/robots.txt", "/a", "/b"]
