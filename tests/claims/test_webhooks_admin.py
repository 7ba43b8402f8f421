"""Webhooks, deliveries and jobs at the desk."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.messages import get_messages

from claims import webhooks
from claims.models import Delivery, Webhook
from claims.webhooks import sending
from jobs.models import Job, Worker
from tests import factories
from tests.claims.browsing import form_on, text_of

pytestmark = pytest.mark.django_db

HOOKS = "/admin/claims/webhook/"
DELIVERIES = "/admin/claims/delivery/"
JOBS = "/admin/jobs/job/"


@pytest.fixture
def desk(client):
    client.force_login(factories.editor(username="edda"))
    return client


def told(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_an_editor_adds_one_and_sees_its_secret_once(desk):
    sent = {"url": "https://93.184.216.34/", "description": "Ours", "types": ["claim.published"]}
    added = desk.post(f"{HOOKS}add/", sent)

    webhook = Webhook.objects.get()
    assert (webhook.types, webhook.created_by.username) == (["claim.published"], "edda")
    assert webhook.secret in told(added)
    desk.get(HOOKS)
    assert webhook.secret not in desk.get(f"{HOOKS}{webhook.pk}/change/").content.decode()


def test_a_name_that_is_not_known_is_saved_with_a_warning(desk, monkeypatch):
    monkeypatch.setattr("claims.webhooks.sending.addresses", lambda host, port: [])

    added = desk.post(f"{HOOKS}add/", {"url": "https://news.example/", "description": "Ours"})

    assert Webhook.objects.get().url == "https://news.example/"
    assert "Nobody knows the name" in told(added)


@pytest.mark.parametrize(
    ("status", "said"), [(200, "was answered 200."), (404, "was answered 404: Not here")]
)
def test_a_test_event_is_sent_once_the_form_is_saved(
    desk, monkeypatch, status, said, django_capture_on_commit_callbacks
):
    webhook, sent = factories.WebhookFactory(), []

    def post(*args):
        sent.append(args)
        return sending.Answer(status, "Not here")

    monkeypatch.setattr(sending, "post", post)
    form = {"url": "https://93.184.216.34/new", "description": "Ours", "_step": "test"}
    with django_capture_on_commit_callbacks(execute=True):
        done = desk.post(f"{HOOKS}{webhook.pk}/change/", form)

    assert [url for url, *_ in sent] == ["https://93.184.216.34/new"]
    assert said in told(done)


def test_a_delivery_says_what_it_is_about_and_when_it_is_tried_next(desk):
    change = factories.ChangeFactory()
    webhooks.enqueue([change])  # nobody is told
    webhook = factories.WebhookFactory()
    webhooks.enqueue([change])
    delivery = webhook.deliveries.get()
    address = f"{DELIVERIES}{delivery.pk}/change/"

    assert f"claims/{change.key}" in text_of(desk.get(DELIVERIES))
    page = desk.get(address)
    assert f'href="/api/v1/claims/{change.key}/"' in page.content.decode()
    assert "as soon as a worker is free" in text_of(page)
    at = dt.datetime(2022, 1, 8, 9, 30, 7, tzinfo=dt.UTC)
    Job.objects.update(run_after=at, worker_ids=["one"])
    assert "2022-01-08 09:30:07 UTC" in text_of(desk.get(address))


def test_a_delivery_is_replayed_from_its_page(desk):
    delivery = factories.DeliveryFactory(state="arrived")

    desk.post(f"{DELIVERIES}{delivery.pk}/step/replay/")
    assert Delivery.objects.get().state == "pending"
    again = desk.post(f"{DELIVERIES}{delivery.pk}/step/replay/")

    assert "nothing left to do" in told(again)
    assert Job.objects.count() == 1


def test_a_job_has_a_readable_name_and_leads_to_what_it_was_given(desk):
    delivery = factories.DeliveryFactory(state="arrived")
    delivery.replay(by=factories.editor())

    assert f"Deliver an event ({delivery.pk})" in text_of(desk.get(JOBS))
    page = desk.get(f"{JOBS}{Job.objects.get().pk}/change/").content.decode()
    assert f'href="{DELIVERIES}{delivery.pk}/change/"' in page


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://news.example/", "https://[::1]/"])
def test_a_private_address_is_refused_beside_its_field(desk, url):
    page = desk.post(f"{HOOKS}add/", {"url": url, "description": "Ours"})

    assert page.context_data["adminform"].form.errors.keys() == {"url"}
    assert not Webhook.objects.exists()


def test_a_new_secret_is_shown_once(desk):
    webhook = factories.WebhookFactory()

    done = desk.post(f"{HOOKS}{webhook.pk}/step/rotate/")

    assert Webhook.objects.get().secret != webhook.secret
    assert Webhook.objects.get().secret in told(done)


def test_a_replay_asks_for_one_of_the_two(desk):
    delivery = factories.DeliveryFactory(state="arrived")
    address = f"{HOOKS}{delivery.webhook_id}/step/replay/"

    for sent in ({"position": ""}, {"position": "1", "at": "2022-01-07"}):
        assert "one of the two" in text_of(desk.post(address, sent))
    desk.post(address, {"position": str(delivery.position)})

    assert Delivery.objects.get().state == "pending"


def test_what_the_site_switched_off_is_told_on_the_first_page_and_on_the_list(desk):
    webhook = factories.WebhookFactory(description="The Daily")
    assert "switched off" not in text_of(desk.get("/admin/"))
    webhook._off("Answered 410: the address is gone for good.")

    assert "“The Daily” was switched off" in text_of(desk.get("/admin/"))
    assert "“The Daily” was switched off" in text_of(desk.get(HOOKS), ".messagelist")
    desk.post(f"{HOOKS}{webhook.pk}/step/switch-on/")
    assert "switched off" not in text_of(desk.get("/admin/"))


def test_what_a_person_switched_off_is_no_news(desk):
    webhook = factories.WebhookFactory()
    webhook.switch_off(by=factories.editor(), why="They asked for it.")

    assert "was switched off" not in text_of(desk.get("/admin/"))
    assert "They asked for it." in text_of(desk.get(f"{HOOKS}{webhook.pk}/change/"))


def test_failed_jobs_are_counted_on_the_first_page_and_retried_from_the_list(desk):
    factories.job()
    failed = factories.job(failed=True)

    assert "1 background job failed" in text_of(desk.get("/admin/"))
    listed = desk.get(f"{JOBS}?state=failed")
    assert [job.pk for job in listed.context_data["cl"].result_list] == [failed.pk]
    page = text_of(desk.get(f"{JOBS}{failed.pk}/change/"))
    assert "It will not get better." in page
    done = desk.post(JOBS, {"action": "retry", "_selected_action": [str(failed.pk)]})

    assert "1 job" in told(done)
    assert set(Job.objects.values_list("status", flat=True)) == {"READY"}
    again = desk.post(JOBS, {"action": "retry", "_selected_action": [str(failed.pk)]})
    assert "has not failed" in told(again)


def test_the_states_are_told_with_their_numbers(desk):
    factories.job()
    factories.job(failed=True)

    page = text_of(desk.get(JOBS), "#changelist-filter")

    assert "queued (1)" in page
    assert "failed (1)" in page
    assert "running (0)" in page


@pytest.mark.parametrize("number", [1, 12])
@pytest.mark.parametrize(("path", "queries"), [(HOOKS, 8), (DELIVERIES, 8), (JOBS, 8)])
def test_a_list_costs_the_same_with_one_row_and_with_many(
    desk, path, queries, number, django_assert_num_queries
):
    webhook = factories.WebhookFactory()
    for _ in range(number):
        factories.job(failed=True)
        factories.DeliveryFactory(webhook=webhook)
        if path == HOOKS:
            factories.DeliveryFactory()
    desk.get(path)

    with django_assert_num_queries(queries):
        desk.get(path)


def test_workers_are_listed(desk):
    Worker.objects.create(pk="one", host="facts-1", pid=7)

    assert "facts-1" in text_of(desk.get("/admin/jobs/worker/"))


def test_saving_a_webhook_unchanged_changes_nothing(desk):
    webhook = factories.WebhookFactory(types=["verdict.corrected"])
    page = desk.get(f"{HOOKS}{webhook.pk}/change/")

    desk.post(f"{HOOKS}{webhook.pk}/change/", form_on(page, "webhook_form"))

    assert Webhook.objects.get().types == ["verdict.corrected"]
