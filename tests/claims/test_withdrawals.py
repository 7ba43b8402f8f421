"""A verdict is withdrawn by two people: by the model, at the desk, and past both."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from claims.log import events
from claims.models import Verdict, Withdrawal
from tests import factories
from tests.claims.browsing import form_on, text_of
from tests.claims.test_admin import count_queries, messages, url

pytestmark = pytest.mark.django_db

AT = dt.datetime(2022, 2, 1, 12, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)
LAST = AT + dt.timedelta(days=2)
WHY = "The record is forged."


@pytest.fixture
def verdict():
    return factories.approved(at=AT)


@pytest.fixture
def edda():
    return factories.editor(username="edda")


@pytest.fixture
def theo():
    return factories.editor(username="theo")


def state_of(verdict):
    return Verdict.objects.get(pk=verdict.pk).state


# --- The model ---


def test_one_proposes_and_another_confirms(verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=f" {WHY}\n", at=LATER)
    assert (row.reason, row.proposed_by, row.proposed_at, row.state) == (
        WHY, edda, LATER, "waiting",
    )  # fmt: skip
    assert state_of(verdict) == "published"

    row.confirm(by=theo, at=LAST, seen=verdict.claim.edition())

    row.refresh_from_db()
    assert (row.outcome, row.decided_by, row.decided_at) == ("confirmed", theo, LAST)
    verdict.refresh_from_db()
    assert (verdict.state, verdict.ending_reason) == ("withdrawn", WHY)
    assert (verdict.ended_by, verdict.ended_at) == (theo, LAST)


@pytest.mark.parametrize("done", ["confirm", "decline"])
def test_who_proposed_it_does_not_decide_it_whatever_their_rights(verdict, done):
    root = get_user_model().objects.create_superuser("root")
    row = verdict.propose_withdrawal(by=root, why=WHY)
    again = Withdrawal.objects.get()
    again.proposed_by = factories.editor()  # what the caller remembers counts for nothing
    for each in (row, again):
        with pytest.raises(PermissionDenied, match="by another person than who proposed it"):
            getattr(each, done)(by=root, **({"why": "No."} if done == "decline" else {}))
    assert (state_of(verdict), Withdrawal.objects.get().outcome) == ("published", "")


def test_who_may_not_withdraw_neither_proposes_nor_decides(verdict, edda):
    outsider = factories.researcher()
    with pytest.raises(PermissionDenied):
        verdict.propose_withdrawal(by=outsider, why=WHY)
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    for step in (row.confirm, lambda by: row.decline(by=by, why="No."), row.take_back):
        with pytest.raises(PermissionDenied, match=r"claims\.withdraw_verdict"):
            step(by=outsider)


def test_a_proposal_tells_readers_why_and_there_is_one_at_a_time(verdict, edda, theo):
    with pytest.raises(ValidationError, match="tells readers why"):
        verdict.propose_withdrawal(by=edda, why=" \n")
    verdict.propose_withdrawal(by=edda, why=WHY)
    with pytest.raises(ValidationError, match="proposed already"):
        verdict.propose_withdrawal(by=theo, why="It is wrong.")


def test_declined_it_stands_and_who_proposed_it_is_told_why(verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    with pytest.raises(ValidationError, match="Say why the verdict is to stand"):
        row.decline(by=theo, why=" ")

    row.decline(by=theo, why="The archive has the original.")

    assert (state_of(verdict), row.state) == ("published", "declined")
    note = verdict.notes.get()
    assert (note.body, note.author) == (row.declined_because, theo)
    assert list(note.mentions.all()) == [edda]
    # It can be proposed again, by whoever.
    verdict.propose_withdrawal(by=theo, why=WHY).confirm(by=edda)
    assert state_of(verdict) == "withdrawn"


def test_it_is_taken_back_by_who_proposed_it(verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    with pytest.raises(PermissionDenied, match="by who proposed it"):
        row.take_back(by=theo)
    row.take_back(by=edda)
    assert (state_of(verdict), row.decided_by) == ("published", edda)


@pytest.mark.parametrize("outcome", ["taken back", "declined", "confirmed", "fell away"])
def test_what_is_decided_is_decided(verdict, edda, theo, outcome):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    old = Withdrawal.objects.get()
    if outcome == "fell away":
        factories.approved(claim=verdict.claim, reason="error", note="It was wrong.")
    elif outcome == "declined":
        row.decline(by=theo, why="No.")
    else:
        {"taken back": row.take_back, "confirmed": row.confirm}[outcome](
            by=edda if outcome == "taken back" else theo
        )
    for step in (old.confirm, lambda by: old.decline(by=by, why="No."), old.take_back):
        with pytest.raises(ValidationError, match=f"this one is {outcome}"):
            step(by=theo)


def test_a_correction_lets_it_fall_away_in_the_name_of_who_approved_that(verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY, at=LATER)
    later = factories.VerdictFactory(claim=verdict.claim, reason="error", note="It was wrong.")
    later.submit(by=later.author, at=LATER)
    later.approve(by=theo, at=LAST)

    row.refresh_from_db()
    assert (row.outcome, row.decided_by, row.decided_at) == ("lapsed", theo, LAST)
    assert [state_of(each) for each in (verdict, later)] == ["superseded", "published"]


def test_nothing_is_confirmed_that_was_not_seen(verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    seen = verdict.claim.edition()
    factories.EvidenceFactory(claim=verdict.claim)
    with pytest.raises(ValidationError, match="changed since you looked"):
        row.confirm(by=theo, seen=seen)
    assert (state_of(verdict), Withdrawal.objects.get().outcome) == ("published", "")
    row.confirm(by=theo, seen=verdict.claim.edition())


# --- Past the model ---


def refused(action, match):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        action()


def end_of(verdict, by, **other):
    end = {"ending": "withdrawn", "ending_reason": WHY, "ended_by": by, "ended_at": LAST} | other
    end["ending_entry_id"] = (
        verdict.publication_entry_id
    )  # an entry of the log, which one is not asked here
    return Verdict.objects.filter(pk=verdict.pk).update(**end)


def test_the_database_withdraws_nothing_for_one_person(verdict, edda, theo):
    alone = "a verdict is withdrawn by two people"
    refused(lambda: end_of(verdict, edda), alone)
    with pytest.raises(IntegrityError, match=alone), transaction.atomic():
        verdict._end("withdrawn", by=edda, at=LAST, why=WHY)
    row = verdict.propose_withdrawal(by=edda, why=WHY, at=LATER)
    for by in (edda, theo):
        refused(lambda by=by: end_of(verdict, by), alone)
    waiting = Withdrawal.objects.filter(pk=row.pk)
    two = {"outcome": "confirmed", "decided_at": LAST}
    refused(lambda: waiting.update(decided_by=edda, **two), "claims_withdrawal_by_two_people")
    refused(
        lambda: Withdrawal.objects.create(
            verdict=verdict, reason=WHY, proposed_by=edda, decided_by=edda, proposed_at=LATER, **two
        ),
        "claims_withdrawal_by_two_people",
    )
    waiting.update(decided_by=theo, **two)
    # Confirmed, and still only as it was: by that person, for that reason, at that time.
    for other in ({"ended_by": edda}, {"ending_reason": "x"}, {"ended_at": timezone.now()}):
        refused(lambda other=other: end_of(verdict, theo, **other), alone)
    assert end_of(verdict, theo) == 1


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("claims_withdrawal_tells_readers_why", {"reason": ""}),
        ("claims_withdrawal_one_waits|proposed about a withdrawal", {"reason": "Another."}),
        ("claims_withdrawal_decided_when_by_whom", {"outcome": "confirmed"}),
        ("claims_withdrawal_decided_when_by_whom", {"decided_at": LAST}),
        ("claims_withdrawal_decided_when_by_whom", {"outcome": "lapsed", "decided_at": AT}),
        ("claims_withdrawal_by_two_people", {"outcome": "declined", "declined_because": "x"}),
        ("claims_withdrawal_declined_with_a_reason", {"outcome": "declined", "by": "theo"}),
        ("claims_withdrawal_taken_back_by_who", {"outcome": "taken-back", "by": "theo"}),
    ],
)
def test_what_the_database_refuses_of_a_withdrawal(verdict, edda, theo, constraint, values):
    if "one_waits" in constraint:
        verdict.propose_withdrawal(by=edda, why=WHY, at=LATER)
    row = {"verdict": verdict, "reason": WHY, "proposed_by": edda, "proposed_at": LATER, **values}
    if row.get("outcome") not in (None, "confirmed"):
        row = {"decided_at": LAST, "decided_by": edda, **row}
    if row.pop("by", None):
        row["decided_by"] = theo
    refused(lambda: Withdrawal.objects.create(**row), constraint)


# --- The desk ---


def send(client, user, row, step, data=None):
    client.force_login(user)
    return client.post(url(row, "step", step), data or {}, follow=True)


def test_the_desk_takes_two_people_and_says_how_it_stands(client, verdict, edda, theo):
    claim = verdict.claim
    said = messages(send(client, edda, verdict, "propose-withdrawal", {"why": WHY}))
    assert "stays in force until another person confirms" in said
    row = Withdrawal.objects.get()
    page = text_of(client.get(url(verdict)))
    assert "Its withdrawal is proposed by edda" in page
    assert "Propose withdrawal" not in page
    # Who proposed it is offered to take it back, and nothing else.
    own = text_of(client.get(url(row)))
    assert "Take back" in own
    assert "Confirm and withdraw" not in own

    client.force_login(theo)
    assert f"The withdrawal of “{verdict.headline}”" in text_of(client.get(reverse("admin:index")))
    assert verdict.headline in text_of(client.get(reverse("admin:claims_withdrawal_changelist")))
    asked = client.get(url(row, "step", "confirm"))
    for words in (WHY, verdict.headline, "Proposed by edda", "The claim is open again"):
        assert words in text_of(asked)
    # What the page asked about is not what there is any more.
    sent = form_on(asked)
    factories.EvidenceFactory(claim=claim)
    late = client.post(url(row, "step", "confirm"), sent, follow=True)
    assert "changed since you looked" in messages(late)
    assert state_of(verdict) == "published"
    again = form_on(client.get(url(row, "step", "confirm")))
    done = client.post(url(row, "step", "confirm"), again, follow=True)
    assert "readers are told why" in messages(done)
    assert done.redirect_chain[-1][0] == url(verdict)
    assert "Withdrawal proposed by edda" in text_of(done)
    assert "No second person" not in text_of(done)
    assert state_of(verdict) == "withdrawn"
    assert WHY in text_of(client.get(claim.get_absolute_url()), "main")


def test_one_person_confirms_nothing_from_a_second_session_or_by_a_forged_request(verdict, edda):
    first, second = Client(), Client(enforce_csrf_checks=True)
    for each in (first, second):
        each.force_login(edda)
    first.post(url(verdict, "step", "propose-withdrawal"), {"why": WHY})
    row = Withdrawal.objects.get()
    sent = {"seen": verdict.claim.edition(), "why": "x", "proposed_by": "", "by": "1"}
    for step in ("confirm", "decline"):
        assert first.get(url(row, "step", step)).status_code == 403
        assert first.post(url(row, "step", step), sent).status_code == 403
        assert second.post(url(row, "step", step), sent).status_code == 403
    assert first.post(url(row), {"outcome": "confirmed", "_step": "confirm"}).status_code == 403
    for step in ("withdraw", "confirm"):
        assert first.post(url(verdict, "step", step), sent).status_code == 404
    bulk = {"action": "confirm", "_selected_action": [row.pk], "post": "yes"}
    first.post(reverse("admin:claims_withdrawal_changelist"), bulk)
    first.post(url(verdict), {"ending": "withdrawn", "ending_reason": WHY, "_step": "withdraw"})
    assert (state_of(verdict), Withdrawal.objects.get().outcome) == ("published", "")
    # Nor does a second proposal take the place of the first, whose reason another person read.
    again = first.post(url(verdict, "step", "propose-withdrawal"), {"why": "Else."}, follow=True)
    assert "does not fit" in messages(again)


def test_nobody_confirms_without_having_been_shown_what(client, verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    asked = send(client, theo, row, "confirm")
    assert "What readers will be told" in text_of(asked)
    assert state_of(verdict) == "published"


def test_declining_and_taking_back_at_the_desk(client, verdict, edda, theo):
    row = verdict.propose_withdrawal(by=edda, why=WHY)
    why = {"why": "The archive has the original."}
    assert "the verdict stands" in messages(send(client, theo, row, "decline", why))
    assert "Withdrawal declined by theo" in text_of(client.get(url(verdict)))
    client.force_login(edda)
    mentions = client.get(reverse("admin:queue", query={"queue": "mentions"}))
    assert why["why"] in text_of(mentions)
    assert "does not fit" in messages(send(client, theo, row, "confirm", {"seen": "x"}))

    row = verdict.propose_withdrawal(by=edda, why=WHY)
    assert send(client, theo, row, "take-back").status_code == 403
    assert "Taken back" in messages(send(client, edda, row, "take-back"))


def test_a_verdict_that_one_person_withdrew_says_so_to_the_desk(client, edda):
    """As those from before, and from an import: the trigger asks of a change, not of a row that comes in."""
    draft = factories.VerdictFactory()
    values = Verdict.objects.filter(pk=draft.pk).values().get()
    draft.delete()
    entry = events.overridden(draft.claim, {"gate": "parts"}, at=AT).number  # any will do
    Verdict.objects.bulk_create(
        [
            Verdict(
                **values | {"submitted_at": AT, "submitted_by_id": draft.author_id}
                | {"claim_text": "As judged.", "published_at": AT, "reviewer_id": edda.pk}
                | {"ended_at": LAST, "ended_by_id": edda.pk, "ending": "withdrawn"}
                | {"ending_reason": WHY, "publication_entry_id": entry, "ending_entry_id": entry}
            )
        ]
    )  # fmt: skip
    client.force_login(edda)

    page = text_of(client.get(url(Verdict.objects.get())))

    assert "No second person is on record for its withdrawal" in page


def test_pages_cost_the_same_with_one_proposal_and_with_many(client, verdict, edda, theo):
    def decline(times):
        for _ in range(times):
            verdict.propose_withdrawal(by=edda, why=WHY).decline(by=theo, why="No.")
        return verdict.propose_withdrawal(by=edda, why=WHY)

    row = decline(1)
    client.force_login(theo)
    client.get(url(row))
    pages = [url(verdict), url(row, "step", "confirm")]
    few = [len(count_queries(client, page)) for page in pages]
    row.take_back(by=edda)
    row = decline(5)
    assert [
        len(count_queries(client, page)) for page in [pages[0], url(row, "step", "confirm")]
    ] == few
