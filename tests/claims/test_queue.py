"""The claims desk: what stands in which queue, and what is done with many claims at once."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from claims.models import Claim, Note, SavedFilter, Verdict
from claims.models.assignment import Priority
from claims.queue.queues import counts
from tests import factories
from tests.claims.test_admin import count_queries, messages, url

pytestmark = pytest.mark.django_db

QUEUES = ["mine", "unassigned", "review", "withdrawals", "stale", "no-evidence", "mentions"]


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def sam():
    return factories.researcher(username="sam")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


@pytest.fixture
def topic():
    return factories.TopicFactory(slug="peace", name="Peace")


def queue(**asked):
    return reverse("admin:queue", query=asked)


def ids(rows):
    return set(rows.values_list("pk", flat=True))


def retired(claim):
    Claim.objects.filter(pk=claim.pk).update(duplicate_of=factories.published())
    return claim


def submitted(**verdict):
    row = factories.VerdictFactory(**verdict)
    row.submit(by=row.author)
    return row


# --- What the queues mean ---


def test_mine_are_the_claims_assigned_to_me(rita, sam):
    mine = factories.AssignmentFactory(assignee=rita, claim=factories.approved().claim)
    factories.AssignmentFactory(assignee=sam)
    factories.AssignmentFactory(assignee=None)
    factories.AssignmentFactory(assignee=rita, claim=retired(factories.ClaimFactory()))

    assert ids(Claim.objects.assigned_to(rita)) == {mine.claim_id}


def test_unassigned_is_what_nobody_has_though_something_is_to_do(rita):
    draft, nobodys = factories.ClaimFactory(), factories.AssignmentFactory(assignee=None).claim
    judged_anew = factories.approved().claim
    factories.VerdictFactory(claim=judged_anew, reason="error", note="It was wrong.")
    factories.approved()
    factories.AssignmentFactory(assignee=rita)
    gone = retired(factories.ClaimFactory())

    found = ids(Claim.objects.unassigned()) - ids(Claim.objects.filter(duplicates=gone))
    assert found == {draft.pk, nobodys.pk, judged_anew.pk}


def test_awaiting_review_is_what_was_submitted(edda):
    waiting = submitted()
    factories.VerdictFactory()
    factories.approved()
    submitted().send_back(by=edda, why="Too short.")
    retired(submitted().claim)

    assert ids(Claim.objects.awaiting_review()) == {waiting.claim_id}


def test_a_withdrawal_waits_until_a_second_person_has_decided(client, edda):
    waiting, taken_back, declined = factories.WithdrawalFactory.create_batch(3)
    taken_back.take_back(by=taken_back.proposed_by)
    declined.decline(by=edda, why="The record is genuine.")
    factories.withdrawn(factories.approved())
    retired(factories.WithdrawalFactory().verdict.claim)

    assert ids(Claim.objects.awaiting_withdrawal()) == {waiting.verdict.claim_id}
    client.force_login(edda)
    page = client.get(queue(queue="withdrawals"))
    assert [claim.proposed_withdrawal for claim in page.context["page"]] == [waiting.pk]
    assert waiting.get_absolute_url() in page.content.decode()


def test_open_without_evidence_counts_drafts_of_evidence():
    bare = factories.ClaimFactory()
    public = factories.published()
    factories.EvidenceFactory()
    factories.approved()
    gone = retired(factories.ClaimFactory())
    led_to = Claim.objects.get(duplicates=gone)

    assert ids(Claim.objects.open_without_evidence()) == {bare.pk, public.pk, led_to.pk}


def stale(claim, **kwargs):
    return Claim.objects.stale(**kwargs).filter(pk=claim.pk).exists()


YEAR_OLD = dt.timedelta(days=366)
MONTH_OLD = dt.timedelta(days=31)


def test_a_verdict_older_than_a_year_is_stale_unless_a_new_one_is_in_the_making():
    claim = factories.approved().claim
    later = timezone.now() + YEAR_OLD

    assert not stale(claim)
    assert stale(claim, now=later)
    factories.VerdictFactory(claim=claim, reason="error", note="It was wrong.")
    assert not stale(claim)
    assert stale(claim, now=later)  # for its draft has lain about for a year

    Verdict.objects.get(claim=claim, published_at=None).submit(by=factories.researcher())
    assert not stale(claim, now=later)


@pytest.mark.parametrize(
    "attach",
    [
        factories.AppearanceFactory,
        factories.RebuttalFactory,
        factories.EvidenceFactory,
        factories.SearchFactory,
    ],
)
def test_a_verdict_that_could_not_know_an_annotation_is_stale(attach, edda):
    claim = factories.ClaimFactory()
    attach(claim=claim)
    factories.approved(claim=claim)
    assert not stale(claim)

    row = attach(claim=claim)
    assert stale(claim)
    claim.publish(by=edda)
    row.refresh_from_db()
    assert row.is_published
    assert stale(claim)

    factories.approved(claim=claim, reason="new-evidence", note="It was found.")
    assert not stale(claim)


def test_a_verdict_on_other_words_is_stale():
    claim = factories.approved().claim
    claim.refresh_from_db()
    claim.text = "The Alliance made no promise."
    claim.save()

    assert stale(claim)


def test_a_merge_after_the_verdict_makes_it_stale_until_it_is_undone(edda):
    claim = factories.approved().claim
    merge = factories.MergeFactory(into=claim)
    assert stale(claim)

    merge.undone_at, merge.undone_by = timezone.now(), edda
    merge.save()
    assert not stale(claim)


def test_a_draft_verdict_is_stale_when_nobody_has_touched_it_for_a_month():
    verdict = factories.VerdictFactory()
    later = timezone.now() + MONTH_OLD
    assert not stale(verdict.claim)
    assert stale(verdict.claim, now=later)

    verdict.history.update(history_date=later - dt.timedelta(days=1))
    assert not stale(verdict.claim, now=later)


def test_a_draft_claim_is_stale_when_neither_it_nor_its_rows_were_touched_for_a_month():
    claim = factories.ClaimFactory()
    later = timezone.now() + MONTH_OLD
    assert not stale(claim)
    assert stale(claim, now=later)

    factories.SearchFactory(claim=claim, created_at=later - dt.timedelta(days=1))
    assert not stale(claim, now=later)
    assert not stale(factories.published(), now=later)  # public and open: it waits for a verdict


def test_the_numbers_are_those_of_the_queues(rita, sam):
    factories.AssignmentFactory(assignee=rita)
    submitted()
    note = Note.write(on=factories.ClaimFactory(), body="@rita, look.", by=sam)
    Note.write(on=factories.ClaimFactory(), body="@rita, look.", by=sam).finish(by=rita)
    Note.write(on=factories.passage(), body="@rita, look.", by=sam)

    assert counts(rita) == {
        "mine": 1,
        "unassigned": 3,
        "review": 1,
        "withdrawals": 0,
        "stale": 0,
        "no-evidence": 4,
        "mentions": 2,
    }
    note.finish(by=rita)
    assert counts(rita)["mentions"] == 1


# --- The page ---


def test_rows_come_by_priority_and_then_by_how_long_they_wait(client, rita):
    now = timezone.now()
    made = {}
    for name, priority, days in (
        ("low", Priority.LOW, 9),
        ("new", None, 1),
        ("old", None, 5),
        ("high", Priority.HIGH, 0),
    ):
        claim = factories.ClaimFactory(created_at=now - dt.timedelta(days=days))
        made[claim.pk] = name
        if priority:
            factories.AssignmentFactory(claim=claim, assignee=None, priority=priority)
    client.force_login(rita)

    page = client.get(queue(queue="unassigned")).context["page"]

    assert [made[claim.pk] for claim in page] == ["high", "old", "new", "low"]


def test_a_row_tells_what_is_known(client, rita):
    claim = factories.approved(rating=factories.RatingFactory(slug="half-true")).claim
    factories.EvidenceFactory.create_batch(2, claim=claim)
    factories.EvidenceFactory(claim=claim, direction="refutes")
    submitted(claim=claim, reason="error", note="It was wrong.")
    factories.AssignmentFactory(claim=claim, assignee=rita, priority=Priority.HIGH)
    client.force_login(rita)

    row = client.get(queue()).context["page"][0]
    page = client.get(queue()).content.decode()

    assert (row.n_for, row.n_against, row.urgency) == (2, 1, Priority.HIGH)
    assert row.last_change == row.verdicts_in_the_making[0].created_at
    for words in ("Half true", "awaiting review", ">high<", ">rita<"):
        assert words in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "oath swore"}, ["oath"]),
        ({"q": "nothing"}, []),
        ({"topic": "peace"}, ["peace"]),
        ({"kind": "opinion"}, ["opinion"]),
        ({"priority": "1"}, ["urgent"]),
        ({"priority": "2"}, ["oath", "opinion", "peace", "public"]),
        ({"public": "yes"}, ["public"]),
        ({"public": "no", "q": "oath"}, ["oath"]),
        ({"assignee": "nobody", "q": "oath"}, ["oath"]),
        ({"assignee": "rita"}, []),
    ],
)
def test_a_queue_is_narrowed_down(client, rita, topic, asked, found):
    factories.ClaimFactory(slug="oath", text="The Alliance swore an oath.")
    factories.ClaimFactory(slug="peace").topics.add(topic)
    factories.ClaimFactory(slug="opinion", kind="opinion")
    urgent = factories.ClaimFactory(slug="urgent")
    urgent.assign(by=rita, priority=Priority.HIGH)
    factories.published(factories.ClaimFactory(slug="public"))
    client.force_login(rita)

    page = client.get(queue(queue="unassigned", **asked))

    assert sorted(claim.slug for claim in page.context["page"]) == found


def test_the_queue_of_a_colleague(client, rita, sam):
    row = factories.AssignmentFactory(assignee=sam)
    client.force_login(rita)

    page = client.get(queue(queue="no-evidence", assignee="sam")).context["page"]

    assert [claim.pk for claim in page] == [row.claim_id]


@pytest.mark.parametrize("asked", [{"topic": "nowhere"}, {"kind": "x"}, {"assignee": "x"}])
def test_a_mistyped_question_is_never_the_whole_queue(client, rita, asked):
    factories.ClaimFactory()
    client.force_login(rita)

    page = client.get(queue(queue="unassigned", **asked))

    assert not page.context["page"].object_list
    assert "Nothing is shown" in page.content.decode()


def test_there_is_no_other_queue(client, rita):
    client.force_login(rita)

    assert client.get(queue(queue="yours")).status_code == 404


def test_a_long_queue_has_pages_that_keep_the_question(client, rita):
    factories.ClaimFactory.create_batch(51, kind="opinion")
    client.force_login(rita)

    first = client.get(queue(queue="unassigned", kind="opinion"))
    second = client.get(queue(queue="unassigned", kind="opinion", page=2))

    assert "?queue=unassigned&amp;kind=opinion&amp;page=2" in first.content.decode()
    assert len(second.context["page"].object_list) == 1
    assert "Page before" in second.content.decode()


def test_mentions_are_the_open_notes_that_name_me_wherever_they_are(client, rita, sam):
    on = [factories.ClaimFactory(), factories.VerdictFactory(), factories.passage()]
    notes = [Note.write(on=each, body=f"@rita, see {n}.", by=sam) for n, each in enumerate(on)]
    Note.write(on=on[0], body="@sam alone.", by=rita)
    client.force_login(rita)

    page = client.get(queue(queue="mentions")).content.decode()

    for n, note in enumerate(notes):
        assert f"see {n}." in page
        assert note.get_absolute_url() in page
    assert "@sam alone." not in page


def test_who_may_read_neither_claims_nor_notes_has_no_queue(client):
    client.force_login(factories.UserFactory())

    assert client.get(queue()).status_code == 403
    assert 'id="queue"' not in client.get(reverse("admin:index")).content.decode()


def test_the_queue_is_for_the_desk(client):
    assert client.get(queue()).status_code == 302
    client.force_login(factories.UserFactory(is_staff=False))
    assert client.get(queue()).status_code == 302


def test_administrators_read_the_queue_and_change_nothing(client):
    claim = factories.ClaimFactory()
    client.force_login(factories.UserFactory(role="administrator"))

    page = client.get(queue(queue="unassigned")).content.decode()
    answer = client.post(
        reverse("admin:queue_many"), {"claim": claim.pk, "do": 1, "priority": 1}, follow=True
    )

    assert str(claim) in page
    assert 'name="claim"' not in page
    assert "Save this selection" not in page
    assert "Left alone: 1 claim." in messages(answer)
    assert not hasattr(Claim.objects.get(), "assignment")


def fill(times, rita):
    for _ in range(times):
        claim = factories.approved().claim
        claim.assign(by=rita, to=rita)
        factories.EvidenceFactory(claim=claim)
        submitted(claim=factories.approved().claim, reason="error", note="It was wrong.")
        factories.WithdrawalFactory(verdict=claim.verdict)
        factories.ClaimFactory().topics.add(factories.TopicFactory())
        for on in (claim, factories.VerdictFactory(), factories.passage()):
            Note.write(on=on, body="@rita, look.", by=factories.researcher())
        factories.SavedFilterFactory(shared=True)


# Session, user and rights 4; numbers of the queues 2; saved selections 1; the page 2 and verdicts of its
# claims 2, or notes 2 and whom they name 1; the choices of topics and people 5.
QUERIES = dict.fromkeys(QUEUES, 16) | {"mentions": 10}


@pytest.mark.parametrize("slug", QUEUES)
def test_a_queue_costs_the_same_with_one_row_and_with_many(client, rita, slug):
    client.force_login(rita)
    fill(1, rita)
    address = queue(queue=slug)
    client.get(address)

    few = count_queries(client, address)
    assert client.get(address).context["page"].object_list
    fill(5, rita)
    many = count_queries(client, address)

    assert (len(few), len(many)) == (QUERIES[slug], QUERIES[slug])
    assert not [q["sql"] for q in many if '"sources_snapshot"."text"' in q["sql"]]


# --- Saved selections ---


def test_a_selection_is_saved_shared_shown_and_deleted(client, rita, sam):
    client.force_login(rita)
    sent = {"query": "queue=stale&kind=opinion&page=3&next=//evil&topic=", "name": "Old opinions"}

    answer = client.post(reverse("admin:queue_save"), sent | {"shared": "on"}, follow=True)

    row = SavedFilter.objects.get()
    assert (row.owner, row.query, row.shared) == (rita, "queue=stale&kind=opinion", True)
    assert answer.redirect_chain[0][0] == queue(queue="stale", kind="opinion")
    assert "Delete the saved selection Old opinions" in answer.content.decode()

    client.force_login(sam)
    page = client.get(queue()).content.decode()
    assert "Old opinions" in page
    assert "shared by rita" in page
    assert "Delete the saved selection" not in page
    forget = reverse("admin:queue_forget", args=[row.pk])
    assert client.post(forget).status_code == 403
    client.force_login(rita)
    assert client.get(forget).status_code == 405
    client.post(forget)
    assert not SavedFilter.objects.exists()


def test_what_is_not_shared_is_seen_by_its_owner_alone(client, rita, sam):
    factories.SavedFilterFactory(owner=rita, name="My own")
    client.force_login(sam)

    assert "My own" not in client.get(queue()).content.decode()
    listed = client.get(reverse("admin:claims_savedfilter_changelist")).content.decode()
    assert "My own" not in listed


def test_a_name_is_given_once(client, rita):
    factories.SavedFilterFactory(owner=rita, name="Old opinions")
    client.force_login(rita)

    answer = client.post(
        reverse("admin:queue_save"), {"query": "queue=stale&q=oath", "name": "Old opinions"}
    )

    page = answer.content.decode()
    assert "You have a filter of that name." in page
    assert 'value="oath"' in page
    assert SavedFilter.objects.count() == 1


def test_only_a_selection_of_a_queue_is_saved_and_by_who_may(client, rita):
    client.force_login(rita)
    sent = {"query": "next=//evil", "name": "Bad"}
    assert client.post(reverse("admin:queue_save"), sent).status_code == 404
    client.force_login(factories.UserFactory(role="administrator"))
    sent = {"query": "queue=mine", "name": "Good"}
    assert client.post(reverse("admin:queue_save"), sent).status_code == 403
    assert not SavedFilter.objects.exists()


# --- Assignment ---


def test_a_claim_is_handed_round_and_its_history_stays_as_it_is(rita, sam):
    claim = factories.published()
    before = (claim.history.count(), Claim.objects.get(pk=claim.pk).updated_at)

    assert claim.assign(by=rita, to=sam, priority=Priority.HIGH)
    assert claim.assign(by=sam, to=None)
    assert not claim.assign(by=sam, to=None, priority=Priority.HIGH)

    claim.refresh_from_db()
    assert (claim.assignment.assignee, claim.assignment.priority) == (None, Priority.HIGH)
    assert [(row.assignee, row.history_user) for row in claim.assignment.history.all()] == [
        (None, sam),
        (sam, rita),
    ]
    assert (claim.history.count(), claim.updated_at) == before


@pytest.mark.parametrize(
    "who", [{"is_active": False}, {"is_staff": False}, {"role": "administrator"}, {"role": None}]
)
def test_nobody_is_given_what_they_could_not_work_on(rita, who):
    user = factories.UserFactory(**({"role": "researcher"} | who))

    with pytest.raises(ValidationError, match="choose somebody else"):
        factories.ClaimFactory().assign(by=rita, to=user)


def test_who_may_not_assign_and_what_is_retired(rita):
    claim = retired(factories.ClaimFactory())

    with pytest.raises(PermissionDenied):
        claim.assign(by=factories.UserFactory(), to=rita)
    with pytest.raises(ValidationError, match="is retired"):
        claim.assign(by=rita, to=rita)


def assign(client, claim, **sent):
    return client.post(reverse("admin:claims_claim_assign", args=[claim.pk]), sent, follow=True)


def test_a_claim_is_assigned_on_its_page(client, rita, sam):
    claim = factories.published()
    client.force_login(rita)
    page = client.get(url(claim)).content.decode()
    assert "Assign to me" in page

    answer = assign(client, claim, to="sam", priority="1")
    again = assign(client, claim, to="sam", priority="1")
    nobody = assign(client, claim, to="nobody", priority="3")

    assert answer.redirect_chain[0][0] == f"{url(claim)}#assignment"
    assert "Assignment changed." in messages(answer)
    assert '<option value="sam" selected>' in answer.content.decode()
    assert "It was so already." in messages(again)
    assert "Assignment changed." in messages(nobody)
    claim.refresh_from_db()
    assert (claim.assignment.assignee, claim.assignment.priority) == (None, Priority.LOW)


def test_who_has_left_is_still_named_and_cannot_be_chosen_anew(client, rita, sam):
    claim = factories.ClaimFactory()
    claim.assign(by=rita, to=sam)
    type(sam).objects.filter(pk=sam.pk).update(is_active=False)
    client.force_login(rita)

    page = client.get(url(claim)).content.decode()
    answer = assign(client, claim, to="sam", priority="1")

    assert "sam (has left)" in page
    assert "Nothing was changed. Assigned to:" in messages(answer)


def test_the_form_is_for_who_may_assign(client, rita):
    claim = factories.ClaimFactory()
    client.force_login(factories.UserFactory(role="administrator"))
    page = client.get(url(claim)).content.decode()
    assert "Assigned to nobody, normal priority." in page
    assert assign(client, claim, to="nobody", priority="1").status_code == 403

    client.force_login(rita)
    gone = retired(factories.published())
    assert "is retired" in messages(assign(client, gone, to="rita", priority="1"))
    assert client.get(reverse("admin:claims_claim_assign", args=[claim.pk])).status_code == 302
    assert assign(client, factories.ClaimFactory(), to="rita").status_code == 200


# --- Many at once ---


def do(client, claims, **sent):
    sent = {"claim": [claim.pk for claim in claims], "do": "1", **sent}
    return client.post(reverse("admin:queue_many"), sent, follow=True)


def test_many_claims_are_assigned_and_prioritised(client, rita, sam):
    claims = factories.ClaimFactory.create_batch(3)
    claims[0].assign(by=rita, to=sam, priority=Priority.HIGH)
    client.force_login(rita)

    answer = do(client, claims, to="sam", priority="1", next=queue(queue="unassigned"))

    assert answer.redirect_chain[0][0] == queue(queue="unassigned")
    assert "Changed: 2 claims. So already: 1 claim." in messages(answer)
    assert Claim.objects.assigned_to(sam).filter(assignment__priority=1).count() == 3

    do(client, claims, to="nobody")
    assert not Claim.objects.assigned_to(sam).exists()


def test_topics_of_public_claims_are_an_editors_and_what_is_left_alone_is_named(
    client, rita, edda, sam, topic
):
    draft, public = factories.ClaimFactory(), factories.published()
    client.force_login(rita)

    answer = do(client, [draft, public], to="sam", into=topic.pk)

    assert "Changed: 1 claim." in messages(answer)
    assert f"Left alone: 1 claim. “{public}” is public" in messages(answer)
    assert [claim.pk for claim in topic.claims.all()] == [draft.pk]
    assert ids(Claim.objects.assigned_to(sam)) == {draft.pk}  # whole, or not at all

    client.force_login(edda)
    before = Claim.objects.get(pk=public.pk).updated_at
    do(client, [draft, public], into=topic.pk)
    assert set(topic.claims.all()) == {draft, public}
    assert Claim.objects.get(pk=public.pk).updated_at > before
    assert public.history.first().history_user == edda
    do(client, [draft, public], out_of=topic.pk)
    assert not topic.claims.exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Say what is to be done"),
        ({"into": "peace", "out_of": "peace"}, "choose another, or none"),
        ({"to": "nowhere"}, "Select a valid choice"),
    ],
)
def test_what_is_unclear_is_asked_again(client, rita, topic, sent, told):
    claim = factories.ClaimFactory()
    client.force_login(rita)
    sent = {name: topic.pk if value == "peace" else value for name, value in sent.items()}

    page = do(client, [claim], **sent).content.decode()

    assert told in page
    assert f'name="claim" value="{claim.pk}"' in page
    assert not topic.claims.exists()


def test_nothing_ticked_is_told(client, rita):
    client.force_login(rita)

    answer = do(client, [], priority="1", next="//evil.example")

    assert "tick the claims" in messages(answer)
    assert answer.redirect_chain[0][0] == queue()


def test_a_retired_claim_among_many_is_told(client, rita):
    claim = retired(factories.ClaimFactory())
    client.force_login(rita)

    assert "is retired" in messages(do(client, [claim], to="rita"))


def test_refusals_are_told_up_to_a_number(client, rita, topic):
    claims = [factories.published() for _ in range(12)]
    client.force_login(rita)

    told = messages(do(client, claims, into=topic.pk))

    assert "Left alone: 12 claims." in told
    assert told.endswith("And 2 more.")


def test_the_claim_list_has_the_same_as_an_action(client, rita, sam):
    claims = factories.ClaimFactory.create_batch(2)
    client.force_login(rita)
    chosen = {"action": "hand_round", "_selected_action": [claim.pk for claim in claims]}

    page = client.post(reverse("admin:claims_claim_changelist"), chosen).content.decode()

    assert "2 claims:" in page
    assert all(f'name="claim" value="{claim.pk}"' in page for claim in claims)


def test_who_may_not_read_claims_learns_none_by_ticking_ids(client):
    claim = factories.ClaimFactory()
    client.force_login(factories.UserFactory())
    answer = client.post(reverse("admin:queue_many"), {"claim": [claim.pk]})
    assert answer.status_code == 403


@pytest.mark.parametrize("number", ["9" * 25, "9" * 5000])
def test_a_number_that_is_no_key_finds_nothing(client, number):
    client.force_login(factories.researcher())
    answer = client.post(reverse("admin:queue_many"), {"claim": [number]})
    assert answer.status_code == 200


def test_a_selection_too_long_to_be_saved_is_refused(client):
    client.force_login(factories.researcher())
    query = urlencode({"queue": "mine", "q": "ж" * 200})
    answer = client.post(reverse("admin:queue_save"), {"query": query, "name": "long"})
    assert "too long to be saved" in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_assigning_to_me_leaves_the_priority_that_somebody_has_set_since(client):
    claim = factories.ClaimFactory()
    me = factories.researcher()
    claim.assign(by=factories.editor(), priority=1)
    since = claim.assignment.changed_at
    client.force_login(me)
    client.post(reverse("admin:claims_claim_assign", args=[claim.pk]), {"to": me.username})
    claim.assignment.refresh_from_db()
    assert (claim.assignment.assignee, claim.assignment.priority) == (me, 1)
    assert claim.assignment.changed_at > since
