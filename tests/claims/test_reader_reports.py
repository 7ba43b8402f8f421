"""What readers report: received as it was written, settled once, and kept so by the database."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from claims.models import Claim, ReaderReport
from tests import factories
from tests.factories import approved, published

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2022, 1, 7, 23, 59, tzinfo=dt.UTC)


def receive(claim, **more):
    said = {"kind": "factual", "text": "The year is wrong.", "ticket": uuid.uuid4(), "at": FRIDAY}
    return ReaderReport.receive(claim, **said | more)


@pytest.fixture
def verdict():
    return approved(at=FRIDAY - dt.timedelta(days=30))


@pytest.fixture
def report(verdict):
    return receive(verdict.claim, contact="reader@example.org", consent=True)


@pytest.fixture
def edda():
    return factories.editor(username="edda")


def settle(report, by, **more):
    report.settle(**{"outcome": "no-error", "answer": "The year is right."} | more, by=by)


# --- Receiving ---


def test_it_is_received_with_the_verdict_in_force_and_seven_working_days(verdict, report):
    assert (report.verdict, report.received_at) == (verdict, FRIDAY)
    assert report.deadline == dt.date(2022, 1, 18)
    assert report.days_left(dt.date(2022, 1, 7)) == 7
    assert report.days_left(report.deadline) == 0
    assert not report.is_overdue(report.deadline)
    assert report.is_overdue(dt.date(2022, 1, 19))
    assert report.days_left(dt.date(2022, 1, 22)) == -3  # a Saturday
    assert receive(published()).verdict is None


def test_a_form_that_is_sent_twice_is_received_once(report):
    again = receive(report.claim, ticket=report.ticket, text="Something else.")

    assert again == report
    assert again.text == "The year is wrong."
    assert ReaderReport.objects.count() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"text": " "},
        {"text": "a" * 5_001},
        {"kind": "praise"},
        {"source_url": "ftp://example.org/a"},
        {"contact": "nobody"},
    ],
)
def test_what_breaks_a_limit_is_refused(verdict, more):
    with pytest.raises(ValidationError):
        receive(verdict.claim, **more)


def test_on_what_readers_do_not_find_nothing_is_received(verdict):
    draft = factories.ClaimFactory()
    retired = published(factories.ClaimFactory())
    retired.merge_into(verdict.claim, by=factories.editor())
    for claim in (draft, retired):
        with pytest.raises(Claim.DoesNotExist):
            receive(claim)


# --- Settling ---


def test_settling_says_what_came_of_it_once_and_forgets_the_address(report, edda):
    correction = approved(claim=report.claim, reason="error", note="The year was wrong.")
    settle(report, edda, outcome="corrected", answer="It was 1991.", correction=correction)

    report.refresh_from_db()
    assert (report.outcome, report.answer) == ("corrected", "It was 1991.")
    assert (report.settled_by, report.correction, report.contact) == (edda, correction, "")
    assert report.is_published
    with pytest.raises(ValidationError, match="edda has settled it already"):
        settle(report, factories.editor())
    # Nor does the history keep the address, or another copy of the words.
    entries = list(ReaderReport.history.values())
    assert [entry["history_user_id"] for entry in entries] == [edda.pk, None]
    assert not {"contact", "text", "ticket"} & set(entries[0])


def test_who_may_settle_and_what_with(report, verdict, edda):
    with pytest.raises(PermissionDenied):
        settle(report, factories.researcher())
    verdict.author.groups.set(edda.groups.all())
    with pytest.raises(PermissionDenied, match="a verdict that you wrote"):
        settle(report, type(edda).objects.get(pk=verdict.author_id))
    for more, said in (
        ({"answer": " "}, "the answer is public"),
        ({"outcome": "maybe"}, "Say what came of it"),
        ({"outcome": "corrected", "correction": verdict}, "published on this claim since"),
        ({"outcome": "corrected", "correction": approved()}, "published on this claim since"),
        ({"correction": approved(claim=verdict.claim, reason="error", note="So.")}, "“corrected”"),
    ):
        with pytest.raises(ValidationError, match=said):
            settle(report, edda, **more)
    assert ReaderReport.objects.get().settled_at is None


def test_a_text_is_withheld_for_good_and_with_a_reason(report, edda):
    for by, why, refusal in (
        (factories.researcher(), "It names a child.", PermissionDenied),
        (edda, " ", ValidationError),
    ):
        with pytest.raises(refusal):
            report.withhold(by=by, why=why)
    report.withhold(by=edda, why="It names a child.")
    settle(report, edda)

    assert not report.is_published
    assert not ReaderReport.objects.published().exists()
    with pytest.raises(ValidationError, match="edda has withheld it"):
        report.withhold(by=edda, why="Again.")
    with pytest.raises(ValidationError, match="has not let it be published"):
        receive(report.claim).withhold(by=edda, why="It names a child.")


def test_it_is_handed_round_as_claims_are(report, edda):
    rita = factories.researcher()

    assert report.hand(by=rita, to=edda)
    assert not report.hand(by=rita, to=edda)
    with pytest.raises(PermissionDenied):
        report.hand(by=factories.UserFactory(role="administrator"), to=None)
    with pytest.raises(ValidationError, match="has left"):
        report.hand(by=rita, to=factories.UserFactory())
    settle(report, edda)
    with pytest.raises(ValidationError, match="settled"):
        report.hand(by=rita, to=None)


# --- For ever ---


def execute(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


UPDATES = [
    *(f"{column} = 'x'" for column in ("kind", "text", "source_url", "contact")),
    "id = id + 1",
    "ticket = '00000000000000000000000000000000'",
    "claim_id = claim_id + 1",
    "verdict_id = NULL",
    "consent = NOT consent",
    "received_at = '2020-01-01'",
    "deadline = '2030-01-01'",
]
LATER = [
    *(f"{column} = 'x'" for column in ("outcome", "answer", "withheld_because")),
    *(f"{column} = '2030-01-01'" for column in ("settled_at", "withheld_at")),
    *(f"{column} = NULL" for column in ("settled_by_id", "withheld_by_id")),
]


def test_what_the_reader_wrote_never_changes_and_never_goes(report, edda):
    for change in UPDATES:
        with pytest.raises(IntegrityError, match="what a reader reported never changes"):
            execute(f"UPDATE claims_readerreport SET {change}")
    report.withhold(by=edda, why="It names a child.")
    settle(report, edda)
    for change in LATER:
        with pytest.raises(IntegrityError, match="settled and withheld once"):
            execute(f"UPDATE claims_readerreport SET {change}")
    with pytest.raises(IntegrityError, match="never deleted"):
        execute("DELETE FROM claims_readerreport")
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in ReaderReport._meta.concrete_fields)
        table = "claims_readerreport"
        sweep = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
    else:
        sweep = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE claims_readerreport CASCADE"
    with pytest.raises(IntegrityError, match="never deleted"):
        execute(sweep)
    execute("UPDATE claims_readerreport SET contact = ''")


def test_the_database_itself_knows_what_a_report_is(report, edda):
    for change, name in (
        ("settled_at = '2030-01-01', contact = ''", "settled_when_by_whom"),
        (
            f"settled_at = '2030-01-01', settled_by_id = {edda.pk}, outcome = 'no-error', answer = 'x'",
            "no_contact",
        ),
        (f"correction_id = {report.verdict_id}", "correction_of"),
        ("withheld_at = '2030-01-01'", "withheld_when"),
    ):
        with pytest.raises(IntegrityError, match=f"claims_readerreport_{name}"):
            execute(f"UPDATE claims_readerreport SET {change}")
    for wrong, name in (
        ({"text": "a" * 5_001}, "text_within_limit"),
        ({"text": ""}, "text_not_empty"),
        ({"kind": "praise"}, "kind_known"),
        ({"source_url": "javascript:x"}, "source_on_the_web"),
        ({"deadline": dt.date(2020, 1, 1)}, "deadline_later"),
    ):
        with (
            pytest.raises(IntegrityError, match=f"claims_readerreport_{name}"),
            transaction.atomic(),
        ):
            factories.ReaderReportFactory(claim=report.claim, **wrong)
