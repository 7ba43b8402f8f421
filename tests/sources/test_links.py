"""The addresses of sources, looked at on a real server on this machine; what the desk does about them."""

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs.models import Job
from sources import tasks
from sources.link_health import Found, Look
from sources.models import Capture, Change, Link, Source
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]

PAGE = b"""<!doctype html><html><head><title>A record</title></head><body><article><h1>A record</h1>
<p>The two sides agreed on the third of October on what is written here, and on nothing else.</p>
<p>It was signed in two languages, of which both are equally authentic.</p></article></body></html>"""
OTHER = PAGE.replace(b"third of October", b"fourth of October")


class Site:
    """What the server answers, by path: a status, the body, further headers."""

    def __init__(self, address):
        self.address = address
        self.pages = {"/page": (200, PAGE, {}), "/other": (200, OTHER, {})}
        self.asked = []


@pytest.fixture
def site(settings):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            here.asked.append(self.path)
            status, body, headers = here.pages.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    settings.FETCH_FROM_THIS_MACHINE, settings.FETCH_GAP = True, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def source_at(site, path, **fields):
    return factories.SourceFactory(url=site.address + path, **fields)


def archived(site, path, **fields):
    """A source whose address was archived once."""
    source = source_at(site, path, **fields)
    Capture.objects.ask(source, occasion="routine").carry_out()
    assert source.captures.get().outcome == "new"
    return source


def looked(source):
    link = Link.objects.select_related("source").get(source=source)
    link.look()
    return Link.objects.get(source=source)


def public(source):
    source.publish(by=factories.editor())
    return source


def told():
    return list(Change.objects.order_by("pk").values_list("resource", "key", "kind"))


# --- What a look finds ---


def test_an_address_that_answers_as_archived_is_ok(site):
    link = looked(archived(site, "/page"))

    assert (link.state, link.status, link.moved_to, link.failures) == ("ok", 200, "", 0)
    assert link.next_at - link.checked_at == dt.timedelta(days=1)


def test_a_temporary_redirect_is_ok_and_a_permanent_one_has_moved(site):
    site.pages["/for-now"] = (302, b"", {"Location": "/page"})
    site.pages["/for-good"] = (301, b"", {"Location": "/for-now"})

    assert looked(archived(site, "/for-now")).state == "ok"
    moved = looked(archived(site, "/for-good"))
    assert (moved.state, moved.moved_to) == ("moved", f"{site.address}/for-now")


def test_a_redirect_to_nothing_is_no_move(site):
    site.pages["/for-good"] = (301, b"", {"Location": "/nothing"})

    link = looked(source_at(site, "/for-good"))

    assert (link.state, link.moved_to) == ("gone", "")


def test_another_text_is_changed_and_is_archived_once(site):
    source = archived(site, "/page")
    site.pages["/page"] = (200, OTHER, {})

    link = looked(source)
    assert looked(source).state == "changed"  # and no second capture beside the one that waits

    assert link.state == "changed"
    capture = source.captures.get(ended_at=None)
    assert (capture.occasion, capture.asked_by) == ("link", None)
    capture.carry_out()
    assert source.snapshots.count() == 2
    assert looked(source).state == "ok"


def test_the_same_text_in_other_bytes_is_ok(site):
    source = archived(site, "/page")
    site.pages["/page"] = (
        200,
        PAGE.replace(b"<head>", b"<head><meta name='seen' content='7'>"),
        {},
    )

    assert looked(source).state == "ok"
    assert not source.captures.filter(ended_at=None)


def test_what_was_never_archived_has_nothing_to_differ_from(site):
    source = source_at(site, "/page")
    factories.SnapshotFactory(source=source, text="Handed in as a file, and taken by other means.")

    assert looked(source).state == "ok"


@pytest.mark.parametrize("status", [404, 410])
def test_what_the_server_says_is_not_there_is_gone(site, status):
    site.pages["/page"] = (status, b"", {})

    link = looked(source_at(site, "/page"))

    assert (link.state, link.status, link.failures) == ("gone", status, 1)
    assert str(status) in link.reason


def test_an_error_of_the_server_passes_and_only_after_days_is_the_end(site):
    source = archived(site, "/page")
    assert looked(source).state == "ok"
    site.pages["/page"] = (503, b"", {})

    for failures in range(1, 5):
        link = looked(source)
        assert (link.state, link.failures) == ("ok", failures)
    assert looked(source).state == "ok"  # five, but within a moment
    Link.objects.update(failing_since=timezone.now() - dt.timedelta(days=4))
    link = looked(source)

    assert (link.state, link.status) == ("gone", 503)


def test_nobody_answering_is_no_end_either(site, settings):
    source = factories.SourceFactory(url="http://127.0.0.1:9/nobody")

    link = looked(source)

    assert (link.state, link.failures, link.status) == ("unchecked", 1, None)
    assert link.reason


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_server_that_does_not_let_us_in_says_nothing_of_the_page(site, status):
    source = archived(site, "/page")
    looked(source)
    site.pages["/page"] = (status, b"", {})

    for _ in range(7):
        link = looked(source)
    assert (link.state, link.failures, link.status) == ("ok", 0, status)
    assert link.reason


def test_robots_that_disallow_are_no_failure(site):
    site.pages["/robots.txt"] = (
        200,
        b"User-agent: *\nDisallow: /\n",
        {"Content-Type": "text/plain"},
    )

    link = looked(source_at(site, "/page"))

    assert (link.state, link.failures) == ("unchecked", 0)
    assert "robots.txt" in link.reason
    assert "/page" not in site.asked


# --- What is noted, and told ---


def test_a_change_of_state_of_a_public_source_is_told_once(site):
    source = public(archived(site, "/page"))
    Change.objects.all().delete()

    looked(source)
    looked(source)
    assert told() == [("sources", source.slug, "updated")]  # checked for the first time

    site.pages["/page"] = (404, b"", {})
    looked(source)
    looked(source)
    assert told() == [("sources", source.slug, "updated")] * 2


def test_what_becomes_of_a_draft_s_address_is_not_told(site):
    looked(source_at(site, "/page"))

    assert told() == []


def test_looking_edits_nothing(site):
    source = public(source_at(site, "/page"))
    entries, before = source.history.count(), Source.objects.get().updated_at

    looked(source)

    assert (source.history.count(), Source.objects.get().updated_at) == (entries, before)


def test_a_source_has_a_link_as_long_as_it_has_an_address_and_another_begins_anew(site):
    source = factories.SourceFactory(url="")
    assert not Link.objects.exists()

    source.url = f"{site.address}/gone"
    source.save()
    assert looked(source).state == "gone"

    source.title = "Another title"
    source.save()
    assert Link.objects.get().state == "gone"
    source.url = f"{site.address}/page"
    source.save()
    link = Link.objects.get()
    assert (link.state, link.failures, link.url) == ("unchecked", 0, source.url)
    source.url = ""
    source.save()
    assert not Link.objects.exists()


def test_a_look_that_ends_after_the_address_has_changed_says_nothing_of_the_new_one(site):
    source = source_at(site, "/gone")
    link = Link.objects.select_related("source").get()
    Source.objects.filter(pk=source.pk).update(url=f"{site.address}/page")

    assert link.note(Look(Found.NOT_THERE, 404)) is False
    assert Link.objects.get().state == "unchecked"
    Link.objects.follow(Source.objects.all())
    assert link.note(Look(Found.NOT_THERE, 404)) is False
    assert Link.objects.get().url == f"{site.address}/page"


# --- Jobs and the command ---


def waiting():
    return [job.args_kwargs["args"] for job in Job.objects.unfinished(tasks.check_link)]


def test_nightly_each_address_is_looked_at_whose_time_has_come(site, settings):
    settings.ARCHIVING = True
    due, soon, later = (source_at(site, f"/{n}") for n in range(3))
    now = timezone.now()
    Link.objects.filter(source=soon).update(next_at=now + dt.timedelta(hours=1))
    Link.objects.filter(source=later).update(next_at=now + dt.timedelta(days=2))
    # Made past `save`, as an import in bulk does.
    Source.objects.bulk_create([factories.SourceFactory.build(url=f"{site.address}/bulk")])
    factories.SourceFactory(url="")

    assert tasks.check_links.call() == 3
    assert tasks.check_links.call() == 0  # they wait already

    links = {link.pk: link.source for link in Link.objects.select_related("source")}
    asked = {links[pk].url for pk, _ in waiting()}
    assert asked == {due.url, soon.url, f"{site.address}/bulk"}


def test_where_nothing_is_archived_unasked_no_address_is_looked_at(site):
    source_at(site, "/page")

    assert tasks.check_links.call() == 0
    assert waiting() == []


def test_a_job_that_runs_twice_looks_once(site):
    source_at(site, "/gone")
    link = Link.objects.get()

    first = tasks.check_link.call(link.pk, link.next_at.isoformat())
    second = tasks.check_link.call(link.pk, link.next_at.isoformat())

    assert first.startswith("gone")
    assert second == "nothing to do"
    assert Link.objects.get().failures == 1
    assert site.asked.count("/gone") == 1


def test_what_failed_is_looked_at_again_within_the_day_though_the_clock_is_nightly(site):
    source_at(site, "/gone")
    link = Link.objects.get()

    tasks.check_link.call(link.pk, link.next_at.isoformat())

    job = Job.objects.unfinished(tasks.check_link).get()
    next_at = Link.objects.get().next_at
    assert job.args_kwargs["args"] == [link.pk, next_at.isoformat()]
    assert job.run_after == next_at
    assert dt.timedelta(hours=3) < next_at - timezone.now() < dt.timedelta(hours=5)


def run(*arguments):
    out = StringIO()
    call_command("check_links", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_has_named_or_due_addresses_looked_at(site):
    due, later = source_at(site, "/due"), source_at(site, "/later")
    Link.objects.filter(source=later).update(next_at=timezone.now() + dt.timedelta(days=2))

    assert "1 address would be looked at" in run("--dry-run")
    assert waiting() == []
    assert "1 address will be looked at" in run()
    assert "1 address will be looked at" in run(later.slug)
    assert len(waiting()) == 2
    with pytest.raises(CommandError, match="no source unheard-of"):
        run(due.slug, "unheard-of")


# --- What the desk does about them ---


@pytest.fixture
def moved(site):
    site.pages["/old"] = (301, b"", {"Location": "/page"})
    source = source_at(site, "/old")
    return looked(source)


def test_a_new_address_is_taken_over_as_an_edit(site, moved):
    researcher = factories.researcher()

    moved.take_over(by=researcher)

    source = Source.objects.get()
    assert source.url == f"{site.address}/page"
    entry = source.history.first()
    assert (entry.history_user, entry.url) == (researcher, source.url)
    assert "/old" in entry.history_change_reason
    assert Link.objects.get().state == "unchecked"


def test_the_address_of_a_public_source_is_an_editor_s_to_take_over(moved):
    source = public(moved.source)

    with pytest.raises(PermissionDenied):
        moved.take_over(by=factories.researcher())
    moved.take_over(by=factories.editor())
    assert Source.objects.get().url != source.url


def test_nothing_is_taken_over_that_has_not_moved_or_has_another_address(site, moved):
    editor = factories.editor()
    with pytest.raises(ValidationError, match="no new address"):
        looked(source_at(site, "/page")).take_over(by=editor)

    Source.objects.filter(pk=moved.source_id).update(url=f"{site.address}/corrected")
    with pytest.raises(ValidationError, match="no new address"):
        moved.take_over(by=editor)


def test_who_may_archive_may_have_an_address_looked_at(site):
    source_at(site, "/page")
    link = Link.objects.get()

    with pytest.raises(PermissionDenied):
        link.look_again(by=factories.UserFactory(role="administrator"))
    assert link.look_again(by=factories.researcher()) is True
    assert link.look_again(by=factories.editor()) is False  # it waits already
    assert waiting() == [[link.pk, link.next_at.isoformat()]]
