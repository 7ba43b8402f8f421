"""Webhooks, deliveries and jobs at the desk."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages

from claims.models import Delivery, Webhook
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
