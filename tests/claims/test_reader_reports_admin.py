"""Readers' reports at the desk: the clock in words, the queue, and settling one."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from claims.admin.reader_reports import clock
from claims.models import ReaderReport
from tests import factories
from tests.claims.reading import page, text
from tests.claims.test_admin import messages, press, url

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2022, 1, 7, 12, tzinfo=dt.UTC)  # due on Tuesday, the 18th
LIST = "admin:claims_readerreport_changelist"


@pytest.fixture
def report():
    return factories.ReaderReportFactory(
        claim=factories.approved(at=FRIDAY).claim,
        received_at=FRIDAY,
        contact="reader@example.org",
        source_url="https://plugh.example/",
        consent=True,
    )


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (7, "7 working days left"),
        (16, "2 working days left"),
        (17, "1 working day left"),
        (18, "due today"),
        (19, "overdue by 1 working day"),
        (23, "overdue by 3 working days"),
    ],
)
def test_the_clock_tells_working_days_in_words(report, day, words):
    with time_machine.travel(FRIDAY.replace(day=day), tick=False):
        assert clock(report) == words


def test_the_clock_of_a_weekend_after_the_deadline():
    row = factories.ReaderReportFactory(received_at=FRIDAY - dt.timedelta(days=2))
    assert row.deadline.weekday() == 4
    with time_machine.travel(FRIDAY + dt.timedelta(days=8), tick=False):
        assert clock(row) == "overdue"


def test_what_is_due_first_stands_first_and_the_first_page_tells_of_it(client, report):
    later = factories.ReaderReportFactory()
    done = factories.ReaderReportFactory()
    done.settle(by=factories.editor(), outcome="no-error", answer="It is right.")
    rita = factories.researcher()
    later.hand(by=rita, to=rita)
    client.force_login(rita)

    def listed(state):
        cl = client.get(reverse(LIST), {"state": state} if state else {}).context["cl"]
        return list(cl.result_list)

    assert [listed(state) for state in ("", "overdue", "mine", "settled")] == [
        [report, later], [report], [later], [done],
    ]  # fmt: skip
    assert "2 reports of readers are to be settled, 1 of them overdue ." in text(
        page(client, reverse("admin:index"))
    )


def test_an_editor_settles_it_with_what_was_written_before_their_eyes(client, report):
    edda = factories.editor()
    client.force_login(edda)
    assert "reader@example.org" in client.get(url(report)).content.decode()
    settle = url(report, "step", "settle")
    asked = page(client, settle)
    assert "The year is wrong." in text(asked)
    # A stranger's address is not opened by a slip of the hand.
    assert not asked.select('a[href*="plugh"]')
    assert client.post(settle, {"outcome": "no-error"}).status_code == 200

    told = press(client, edda, report, "settle", {"outcome": "no-error", "answer": "It is right."})

    assert "Settled." in told
    assert "mailto:reader@example.org?subject=" in told
    assert ReaderReport.objects.get().contact == ""
    again = client.post(settle, {"outcome": "corrected", "answer": "No."}, follow=True)
    assert "nothing was done" in messages(again)


def test_a_researcher_reads_it_without_the_address(client, report):
    client.force_login(factories.researcher())

    html = client.get(url(report)).content.decode()

    assert "The year is wrong." in html
    assert "reader@example.org" not in html
    assert 'step/settle/"' not in html
