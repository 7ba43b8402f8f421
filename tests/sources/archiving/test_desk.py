"""What the desk sees of archived copies, and takes over from them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sources import store
from sources.models import Capture
from tests.factories import CaptureFactory, SourceFactory, editor, researcher

pytestmark = pytest.mark.django_db

SAID = {
    "title": "Remarks as printed",
    "authors": "Doe, Jane; Roe",
    "publisher": "The Bureau",
    "date": "2022-01-09",
    "language": "de",
}


def page(source):
    return reverse("admin:sources_source_change", args=[source.pk])


def step(source, slug):
    return reverse("admin:sources_source_step", args=[source.pk, slug])


def messages(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_archive_now_is_a_button_and_asks_once(client):
    source = SourceFactory(url="https://example.org/a")
    client.force_login(who := researcher())
    assert "Save and archive now" in client.get(page(source)).content.decode()

    for _ in range(2):
        told = messages(client.post(step(source, "archive"), follow=True))
        assert "A worker will fetch it" in told

    capture = Capture.objects.get()
    assert (capture.asked_by, capture.occasion, capture.outcome) == (who, "desk", "waiting")
    assert "waiting" in client.get(page(source)).content.decode()


def test_a_source_without_an_address_has_no_such_button(client):
    client.force_login(researcher())
    source = SourceFactory(url="")
    assert "Archive now" not in client.get(page(source)).content.decode()
    assert "does not fit" in messages(client.post(step(source, "archive"), follow=True))
    assert not Capture.objects.exists()


def test_of_a_public_source_a_researcher_may_ask_too(client):
    source = SourceFactory(url="https://example.org/a")
    source.publish(by=editor())
    client.force_login(researcher())
    assert "Archive now" in client.get(page(source)).content.decode()
    client.post(step(source, "archive"))
    assert Capture.objects.waiting().exists()


def test_a_source_s_page_shows_its_visits_at_the_same_cost_however_many(
    client, django_assert_num_queries
):
    source = SourceFactory()
    client.force_login(editor())
    CaptureFactory(source=source)
    client.get(page(source))

    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(page(source))
    for _ in range(20):
        CaptureFactory(source=source)
    with django_assert_num_queries(len(one)):
        shown = client.get(page(source)).content.decode()
    assert shown.count("kept, but no text could be taken from it") == 5
    assert f"?source={source.pk}" in shown
    listed = client.get(reverse("admin:sources_capture_changelist"), {"source": source.pk})
    assert listed.context["cl"].result_count == 21


def test_what_is_ticked_is_taken_over_and_nothing_else(client):
    source = SourceFactory(title="Ours", publisher="")
    CaptureFactory(source=source, proposed=SAID)
    client.force_login(who := researcher())
    shown = client.get(page(source)).content.decode()
    assert "Publisher: <q>The Bureau</q>" in shown
    assert "Take over from the copy" in shown

    form = client.get(step(source, "take-over")).content.decode()
    assert "Authors: Doe, Jane; Roe" in form
    told = client.post(
        step(source, "take-over"),
        {"take": ["publisher=The Bureau", "date=2022-01-09"]},
        follow=True,
    )

    assert "What you chose is taken over." in messages(told)
    source.refresh_from_db()
    assert (source.title, source.publisher, source.issued_iso, source.language) == (
        *("Ours", "The Bureau", "2022-01-09"),
        "en",
    )
    entry = source.history.first()
    assert (entry.history_user, entry.history_change_reason) == (
        who,
        "Taken over from the archived copy",
    )
    assert source.proposal().keys() == {"title", "authors", "language"}


def test_nothing_ticked_is_asked_again(client):
    source = CaptureFactory(proposed=SAID).source
    client.force_login(researcher())
    assert (
        "This field is required."
        in client.post(step(source, "take-over"), {"sent": "1"}).content.decode()
    )


def test_what_is_not_proposed_is_not_taken(client):
    source = CaptureFactory(proposed=SAID).source
    with pytest.raises(ValidationError, match="Something else is proposed"):
        source.take_proposal({"title": "Another"}, by=researcher())
    with pytest.raises(ValidationError, match="Something else is proposed"):
        source.take_proposal({"slug": "another"}, by=researcher())
    client.force_login(researcher())
    refused = client.post(step(source, "take-over"), {"take": ["title=Another"]})
    assert "Select a valid choice" in refused.content.decode()


def test_of_a_public_source_an_editor_takes_over():
    source = CaptureFactory(proposed=SAID).source
    source.publish(by=editor())
    with pytest.raises(PermissionDenied):
        source.take_proposal({"title": SAID["title"]}, by=researcher())
    assert source.take_proposal({"title": SAID["title"]}, by=editor())
    source.refresh_from_db()
    assert source.title == SAID["title"]


def test_only_what_differs_in_the_newest_copy_is_proposed():
    source = SourceFactory(title="Ours", date=dt.date(2022, 1, 9), date_precision="day")
    assert source.proposal() == {}
    CaptureFactory(
        source=source, proposed={"title": "Older"}, asked_at=dt.datetime(2022, 1, 9, tzinfo=dt.UTC)
    )
    CaptureFactory(source=source, proposed={"date": "2022-01-09", "language": "uk"})
    assert source.proposal() == {"language": "uk"}


def test_the_warc_file_is_for_saving(client):
    capture = CaptureFactory()
    client.force_login(researcher())
    address = reverse("admin:sources_capture_warc", args=[capture.pk])
    assert (
        address
        in client.get(reverse("admin:sources_capture_change", args=[capture.pk])).content.decode()
    )

    saved = client.get(address)

    assert (saved.content, saved["Content-Type"]) == (b"warc", "application/warc")
    assert saved["Content-Disposition"].startswith("attachment; filename=")

    store.put_file(capture.warc_path, b"another")
    told = messages(client.get(address, follow=True))
    assert "has another SHA-256" in told
