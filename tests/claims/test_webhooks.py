"""Webhooks: signed, tried again, once each, switched off, replayed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
import runpy
import socket
import threading
import time
import urllib.error
import urllib.request
from io import StringIO
from pathlib import Path

import pytest
import requests
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError
from urllib3.exceptions import ReadTimeoutError

from claims import webhooks
from claims.changes import event, number_changes
from claims.models import Delivery, Webhook
from claims.models.webhook import TYPES
from claims.webhooks import sending, signing
from claims.webhooks.tasks import ATTEMPTS, deliver
from jobs.models import Job
from sources.models import Change
from sources.models.change import Kind
from tests import factories
from tests.claims.webhook_receiver import receiver
from tests.jobs.running import work_off

ROOT = Path(__file__).resolve().parents[2]
NOON = dt.datetime(2022, 1, 7, 12, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@pytest.fixture
def here(settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiver() as here:
        yield here


@pytest.fixture
def hook(here):
    return factories.WebhookFactory(url=here.url)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def changes(number=1, **kwargs):
    return [factories.ChangeFactory(**kwargs) for _ in range(number)]


def tell(*told):
    webhooks.enqueue(list(told))
    work_off()


# --- What is sent ---


def test_an_event_arrives_as_the_feed_tells_it(hook, here):
    (change,) = changes()

    tell(change)

    ((headers, body),) = here.seen
    told = json.loads(body)
    assert told["data"] == json.loads(json.dumps(event(change), default=str)) | {
        "at": told["timestamp"]
    }
    assert told["type"] == "claim.published"
    assert headers["Webhook-Id"] == told["data"]["cursor"]
    assert headers["Content-Type"] == "application/json"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, delivery.attempts) == ("arrived", 204, 1)


def test_it_is_signed_as_the_specification_says(hook, here):
    tell(*changes())

    ((headers, body),) = here.seen
    assert Standard(hook.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Standard(signing.new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Standard(hook.secret).verify(body + b" ", headers)
    moved = headers | {"Webhook-Timestamp": str(int(headers["Webhook-Timestamp"]) + 1)}
    with pytest.raises(WebhookVerificationError):
        Standard(hook.secret).verify(body, moved)


def test_the_signature_of_the_specification_s_example():
    """https://github.com/standard-webhooks/standard-webhooks, spec: the scheme, computed by hand here."""
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    by_hand = hmac.new(b"k" * 32, b'7-abc.1641556800.{"a": 1}', hashlib.sha256).digest()

    signed = signing.signature(secret, "7-abc", 1641556800, b'{"a": 1}')

    assert signed == "v1," + base64.b64encode(by_hand).decode()


def test_for_a_day_after_a_new_secret_both_are_good(hook, here, clock):
    old = hook.secret
    hook.rotate(by=factories.editor())
    tell(*changes())
    headers, body = here.seen[0]
    for secret in (old, hook.secret):
        assert Standard(secret).verify(body, headers)

    clock.shift(dt.timedelta(hours=24))
    tell(*changes())
    headers, body = here.seen[1]
    assert Standard(hook.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Standard(old).verify(body, headers)


def test_two_new_secrets_in_a_day_leave_the_one_that_the_receiver_has(hook, clock):
    old, editor = hook.secret, factories.editor()
    hook.rotate(by=editor)
    never_used = hook.secret
    clock.shift(dt.timedelta(hours=23))
    hook.rotate(by=editor)

    assert hook.keys() == [hook.secret, old]
    assert never_used != hook.secret
    clock.shift(dt.timedelta(hours=23))
    assert hook.keys() == [hook.secret, old]
    clock.shift(dt.timedelta(hours=1))
    newest = hook.secret
    hook.rotate(by=editor)
    assert hook.keys() == [hook.secret, newest]


def test_every_type_of_the_feed_can_be_chosen():
    kinds = {
        "claims": (Kind.PUBLISHED, Kind.UPDATED, Kind.RETIRED),
        **dict.fromkeys(
            ("sources", "speakers", "topics", "transcripts", "ratings"),
            (Kind.PUBLISHED, Kind.UPDATED, Kind.REMOVED),
        ),
    }
    told = {
        event(Change(position=1, resource=resource, key="a", kind=kind))["type"]
        for resource, each in kinds.items()
        for kind in each
    } | {
        event(Change(position=1, resource="claims", key="a", kind=kind, version=1))["type"]
        for kind in (Kind.PUBLISHED, Kind.CORRECTED, Kind.SUPERSEDED, Kind.WITHDRAWN)
    }

    assert told == set(TYPES)


def test_only_the_events_that_were_chosen_are_sent(here):
    factories.WebhookFactory(url=here.url, types=["verdict.published"])

    tell(*changes(), *changes(kind="published", version=1))

    assert [json.loads(body)["type"] for _, body in here.seen] == ["verdict.published"]


def test_an_unknown_event_cannot_be_chosen():
    with pytest.raises(ValidationError, match="no event of the type"):
        factories.WebhookFactory.build(types=["claim.eaten"]).full_clean()


def test_events_go_out_in_the_order_of_the_feed(hook, here):
    told = changes(5)

    tell(*told)

    assert here.ids == [event(change)["cursor"] for change in told]


# --- Once each ---


def test_what_is_enqueued_twice_is_sent_once(hook, here):
    told = changes(2)

    webhooks.enqueue(told)
    tell(*told)

    assert len(here.seen) == Delivery.objects.count() == 2


def test_a_job_that_is_run_again_sends_nothing(hook, here):
    tell(*changes())

    deliver.enqueue(Delivery.objects.get().pk)
    work_off()

    assert len(here.seen) == 1


def test_the_database_has_one_delivery_of_an_event_to_a_webhook(hook):
    row = factories.DeliveryFactory(webhook=hook)

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.DeliveryFactory(webhook=hook, position=row.position)


def test_without_a_webhook_nothing_is_written(django_assert_num_queries):
    told = changes(3)

    with django_assert_num_queries(1):
        assert webhooks.enqueue(told) == 0


@pytest.mark.parametrize("number", [1, 30])
def test_many_events_cost_no_more_queries_than_one(hook, number, django_assert_num_queries):
    told = changes(number)

    with django_assert_num_queries(4):  # webhooks, what they have, deliveries, jobs
        assert webhooks.enqueue(told) == number


# --- Drafts ---


def test_a_draft_is_never_delivered(hook, here):
    from claims.changes import number_changes

    draft, public = factories.EvidenceFactory(), factories.EvidenceFactory()
    factories.published(public.claim)
    number_changes()
    work_off()

    told = {json.loads(body)["data"]["key"] for _, body in here.seen}
    assert {public.claim.slug, public.source.slug} <= told
    assert not told & {draft.claim.slug, draft.source.slug}
    assert draft.claim.text.encode() not in b"".join(body for _, body in here.seen)


# --- Not arrived ---


def test_an_error_is_tried_again_after_a_while_with_the_same_id(hook, here, clock):
    here.answers, here.body = [500], b"out of order"
    tell(*changes())

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == ("pending", 500)
    assert delivery.error == "Answered 500: out of order"
    hook.refresh_from_db()
    assert hook.failing_since == NOON
    work_off()
    assert len(here.seen) == 1  # not at once
    clock.shift(13)
    work_off()

    assert len(set(here.ids)) == 1
    assert len(here.seen) == 2
    stamps = [int(headers["Webhook-Timestamp"]) for headers, _ in here.seen]
    assert stamps == [NOON.timestamp(), NOON.timestamp() + 13]
    hook.refresh_from_db()
    assert hook.failing_since is None
    assert Delivery.objects.get().state == "arrived"


@pytest.mark.parametrize("status", [300, 302, 304, 400, 404, 500])
def test_only_2xx_has_arrived(hook, here, status):
    here.answers = [status]

    tell(*changes())

    assert (Delivery.objects.get().state, Delivery.objects.get().status) == ("pending", status)


def exhaust(clock):
    """All attempts at what waits."""
    for _ in range(ATTEMPTS):
        clock.shift(dt.timedelta(hours=31))
        work_off()


def test_after_the_last_attempt_it_is_given_up_and_the_webhook_switched_off(hook, here, clock):
    here.answers = [500] * 100
    tell(*changes())
    exhaust(clock)

    assert Delivery.objects.get().state == "failed"
    assert len(here.seen) == ATTEMPTS
    job = Job.objects.get()  # the webhook is off, and alarms by itself
    assert (job.status, job.return_value) == ("SUCCESSFUL", "given up: Answered 500:")
    hook.refresh_from_db()
    assert not hook.is_on
    assert hook.off_because.startswith("Nothing has arrived since 7 January 2022, 12:00 UTC")
    assert list(Webhook.objects.given_up()) == [hook]


def test_the_wait_between_attempts_grows_to_a_day(hook, here, clock):
    here.answers = [500] * 100
    tell(*changes())

    waits = []
    for _ in range(ATTEMPTS - 1):
        job = Job.objects.get()
        waits.append((job.run_after - dt.datetime.now(dt.UTC)).total_seconds())
        clock.move_to(job.run_after)
        work_off()

    assert all(10 * 4**n * 0.75 <= wait <= 10 * 4**n * 1.25 for n, wait in enumerate(waits[:-1]))
    assert waits[-1] <= 86_400 * 1.25
    assert Job.objects.get().status == "SUCCESSFUL"


def test_one_event_that_is_not_taken_switches_nothing_off_while_others_arrive(hook, here, clock):
    here.answers = [500] * 1
    tell(*changes())
    for _ in range(ATTEMPTS):
        clock.shift(dt.timedelta(hours=31))
        here.answers = [204, 500]
        webhooks.enqueue(changes())
        Job.objects.filter(status="READY", worker_ids=[]).update(priority=1)
        work_off()

    given_up = Delivery.objects.get(state="failed")
    failed = Job.objects.get(status="FAILED")  # nothing else tells of it
    assert failed.args_kwargs["args"] == [given_up.pk]
    hook.refresh_from_db()
    assert hook.is_on


def test_410_switches_it_off_at_once(hook, here):
    here.answers = [410]

    tell(*changes())

    hook.refresh_from_db()
    assert "410" in hook.off_because
    assert Job.objects.get().status == "SUCCESSFUL"
    assert Delivery.objects.get().state == "failed"


def test_a_private_address_is_not_asked_and_the_error_says_so(hook, here, settings, monkeypatch):
    monkeypatch.setattr("claims.webhooks.sending.refuse_form", lambda url: None)
    settings.WEBHOOKS_TO_THIS_MACHINE = False

    tell(*changes())

    assert here.seen == []
    assert "no address of the public internet" in Delivery.objects.get().error


def test_to_a_webhook_that_is_off_nothing_is_sent(hook, here):
    waiting = changes()
    webhooks.enqueue(waiting)
    hook.switch_off(by=factories.editor(), why="They moved.")
    work_off()
    tell(*changes())

    assert here.seen == []
    assert [row.error for row in Delivery.objects.all()] == ["The webhook is switched off."]


# --- By a person ---


def test_switched_on_again_it_is_sent_what_happens_from_then_on(hook, here):
    hook.switch_off(by=factories.editor(), why="They moved.")
    missed = changes(2)
    webhooks.enqueue(missed)
    hook.switch_on(by=factories.editor())
    told = changes()
    tell(*told)

    assert here.ids == [event(told[0])["cursor"]]
    assert hook.replay(by=factories.editor(), position=missed[0].position) == 3
    work_off()
    assert here.ids[1:] == [event(change)["cursor"] for change in [*missed, *told]]


def test_a_replay_since_a_time(hook, here):
    changes(at=NOON)
    late = changes(at=NOON + dt.timedelta(days=1))

    assert hook.replay(by=factories.editor(), at=NOON + dt.timedelta(hours=1)) == 1
    work_off()

    assert here.ids == [event(late[0])["cursor"]]


def test_a_replay_of_one_has_all_attempts_again(hook, here, clock):
    here.answers = [500] * ATTEMPTS
    tell(*changes())
    exhaust(clock)
    hook.refresh_from_db()
    with pytest.raises(ValidationError, match="switched off"):
        Delivery.objects.get().replay(by=factories.editor())
    hook.switch_on(by=factories.editor())

    assert Delivery.objects.get().replay(by=factories.editor())
    assert not Delivery.objects.get().replay(by=factories.editor())  # it waits
    work_off()

    assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == ("arrived", 1)


def test_a_test_event_is_signed_and_none_of_the_feed(hook, here):
    hook.switch_off(by=factories.editor(), why="They moved.")
    here.answers = [204, 500]

    assert hook.send_test(by=factories.editor()) == "The test event was answered 204."

    ((headers, body),) = here.seen
    assert Standard(hook.secret).verify(body, headers)
    told = json.loads(body)
    assert (told["type"], told["data"]) == ("webhook.test", {})
    assert headers["Webhook-Id"].startswith("test-")
    assert not Delivery.objects.exists()
    with pytest.raises(ValidationError, match="answered 500"):
        hook.send_test(by=factories.editor())


def test_why_nobody_answers_is_a_sentence(here, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = factories.WebhookFactory(url=f"http://127.0.0.1:{port}/")

    with pytest.raises(ValidationError, match="at that address: connection refused"):
        nobody.send_test(by=factories.editor())
    tell(*changes())
    assert Delivery.objects.get().error == "Nobody answers at that address: connection refused."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.ReadTimeout(), "No answer within 10 seconds."),
        (
            requests.ConnectTimeout(),
            "Nobody answers at that address: no connection within 5 seconds.",
        ),
        (
            ReadTimeoutError(None, "", ""),
            "The answer stopped, and nothing more came within 10 seconds.",
        ),
        (ConnectionResetError(), "The connection was closed without an answer."),
        (ValueError("Odd."), "ValueError: Odd."),
    ],
)
def test_what_happens_to_an_answer_is_a_sentence(here, monkeypatch, error, told):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(requests.Session, "post", fail)
    with pytest.raises(sending.NotSent, match=re.escape(told)):
        sending.post(here.url, b"{}", {})


def test_a_name_that_is_not_known_is_a_sentence(here, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(sending.NotSent, match=r"The name is not known\."):
        sending.post("https://news.example/", b"{}", {})
    assert not sending.is_known("https://news.example/")


def test_what_a_killed_worker_left_waiting_is_replayed(hook, here):
    webhooks.enqueue(changes(2))
    lost, waits = Delivery.objects.order_by("position")
    Job.objects.filter(args_kwargs__args__0=lost.pk).update(status="FAILED")

    assert not waits.replay(by=factories.editor())
    assert lost.replay(by=factories.editor())
    assert hook.replay(by=factories.editor(), position=1) == 0
    work_off()

    assert set(Delivery.objects.values_list("state", flat=True)) == {"arrived"}
    assert len(here.seen) == 2


def test_a_replay_from_beyond_the_feed_says_where_it_ends(hook):
    with pytest.raises(ValidationError, match="has no event yet"):
        hook.replay(by=factories.editor(), position=1)
    (change,) = changes()
    with pytest.raises(ValidationError, match=f"the feed ends at {change.position}"):
        hook.replay(by=factories.editor(), position=change.position + 1)


@pytest.mark.parametrize("act", ["rotate", "switch_on", "replay", "send_test"])
def test_a_researcher_may_nothing(hook, act):
    with pytest.raises(PermissionDenied):
        getattr(hook, act)(by=factories.researcher())
    with pytest.raises(PermissionDenied):
        factories.DeliveryFactory(webhook=hook).replay(by=factories.researcher())


def test_the_command_replays(hook, here):
    told = changes(3)
    out = StringIO()

    call_command("replay_webhook", str(hook.pk), "--position", str(told[1].position), stdout=out)
    work_off()

    assert here.ids == [event(change)["cursor"] for change in told[1:]]
    assert "2 events" in out.getvalue()
    with pytest.raises(CommandError, match="no webhook 999"):
        call_command("replay_webhook", "999", "--position", "1")
    hook.switch_off(by=factories.editor(), why="They moved.")
    with pytest.raises(CommandError, match="switched off"):
        call_command("replay_webhook", str(hook.pk), "--since", "2022-01-07")


# --- From a publication to a webhook ---


def test_a_publication_arrives(hook, here):
    claim = factories.published()

    webhooks.look_out()
    work_off()

    told = [json.loads(body)["data"] for _, body in here.seen]
    assert ("claims", claim.slug) in {(data["resource"], data["key"]) for data in told}
    assert len(told) == Change.objects.numbered().count()


def test_a_worker_numbers_what_was_published_once_somebody_waits_for_it(here):
    factories.published()
    webhooks.look_out()
    assert not Job.objects.exists()

    factories.WebhookFactory(url=here.url)
    factories.published()
    webhooks.look_out()
    webhooks.look_out()
    assert Job.objects.count() == 1


# --- The receiver of docs/webhooks.md ---


def sample():
    text = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    return re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]


def test_the_receiver_of_the_documentation_takes_what_we_send_and_nothing_else(
    hook, settings, tmp_path, monkeypatch, capsys
):
    program = tmp_path / "receiver.py"
    program.write_text(sample().replace("8099", "0"))
    monkeypatch.setenv("WEBHOOK_SECRET", hook.secret)
    servers = []
    monkeypatch.setattr(
        "http.server.HTTPServer.serve_forever", lambda server, *args: servers.append(server)
    )
    runpy.run_path(str(program), run_name="__main__")
    (server,) = servers
    monkeypatch.undo()
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    url = f"http://127.0.0.1:{server.server_port}/"
    Webhook.objects.update(url=url)

    def served(act):
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = act()
        thread.join()
        return answer

    served(lambda: tell(*changes()))
    assert Delivery.objects.get().state == "arrived"
    assert "claim.published" in capsys.readouterr().out

    def forged(**changed):
        body = b'{"type": "claim.published", "data": {"api_url": "https://facts.example/"}}'
        stamp = int(time.time())
        stamp += changed.get("late", 0)
        headers = signing.headers([changed.get("key", hook.secret)], "1-a", stamp, body)
        request = urllib.request.Request(url, body + changed.get("more", b""), headers)
        try:
            return urllib.request.urlopen(request, timeout=10).status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    assert served(forged) == 204
    assert served(lambda: forged(key=signing.new_secret())) == 400
    assert served(lambda: forged(more=b" ")) == 400
    assert served(lambda: forged(late=-600)) == 400
    server.server_close()


def test_a_new_webhook_is_told_nothing_of_what_was_before(hook):
    """Also where nobody has read the feed yet, so that it begins with everything that is public."""
    factories.published(factories.ClaimFactory(slug="before"))
    later = factories.WebhookFactory(url="https://93.184.216.34/", types=["claim.published"])
    factories.published(factories.ClaimFactory(slug="after"))
    number_changes()

    told = Change.objects.filter(position__in=later.deliveries.values("position"))
    assert [change.key for change in told] == ["after"]


def test_an_attempt_that_was_cut_off_undoes_nothing_when_it_comes_back(hook, here):
    (change,) = changes()
    webhooks.enqueue([change])
    late = Delivery.objects.get()
    work_off()
    late._note(None, "Nobody answers.", give_up=True)

    stored = Delivery.objects.get()
    assert (stored.has_arrived, stored.attempts, stored.error) == (True, 1, "")
    assert late.has_arrived
