"""Likely duplicates: what is found and offered, and that what somebody has rejected stays rejected."""

from dataclasses import replace
from io import StringIO
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.models import Claim, Comparison, LikelyDuplicate
from claims.querysets.likely_duplicate import Pair
from claims.search import duplicate_tasks, duplicates, encoding
from claims.search.duplicates import find
from claims.search.vectors import embed
from claims.second_claim import others_near
from jobs.models import Job
from tests.factories import (
    ClaimFactory,
    LikelyDuplicateFactory,
    RebuttalFactory,
    UserFactory,
    approved,
    editor,
    published,
    researcher,
)

pytestmark = pytest.mark.django_db

PROMISED = "NATO promised the Soviet Union in 1990 that it would not expand eastwards."
AGAIN = "In 1990 NATO promised the Soviet Union not to expand eastwards."
NEVER = "NATO never promised the Soviet Union in 1990 that it would not expand eastwards."
OTHER = "Ukraine transferred all nuclear warheads on its soil to Russia by 1996."


def claims(*texts):
    return [ClaimFactory(text=text) for text in texts]


def pairs():
    rows = LikelyDuplicate.objects.open()
    return [(row.first.text, row.second.text) for row in rows]


# --- What is found ---


def test_two_wordings_of_one_claim_are_found_with_the_reason_and_others_are_not():
    first, second, _ = claims(PROMISED, AGAIN, OTHER)

    report = find()

    row = LikelyDuplicate.objects.get()
    assert (row.first, row.second) == (first, second)
    assert (row.first_text, row.second_text) == (PROMISED, AGAIN)
    assert 0.5 <= row.probability <= 1
    assert "“Soviet”" in row.why
    assert (report.compared, len(report.found), report.new) == (3, 1, 1)


def test_what_contradicts_is_no_duplicate():
    claims(PROMISED, NEVER)
    claims("Crime rose by 25 % in 2019 in the city.", "Crime rose by 60 % in 2019 in the city.")

    find()

    assert not LikelyDuplicate.objects.exists()


def test_a_pair_that_is_seen_from_both_sides_takes_the_higher_probability(monkeypatch):
    first, second = claims(PROMISED, AGAIN)
    said = {first.pk: 0.996, second.pk: 0.993}
    near = duplicates.others_near

    def others_near(some):
        offers, engines = near(some)
        told = [
            [replace(offer, probability=said[claim.pk]) for offer in each]
            for claim, each in zip(some, offers, strict=True)
        ]
        return told, engines

    monkeypatch.setattr(duplicates, "others_near", others_near)
    monkeypatch.setattr(duplicates, "BATCH", 1)
    find(most=1)
    find(most=1)  # the second job
    assert LikelyDuplicate.objects.get().probability == 0.996
    said[first.pk], said[second.pk] = 0.992, 0.994

    report = find(whole=True)

    assert LikelyDuplicate.objects.get().probability == 0.994
    assert (report.compared, len(report.found), report.new) == (2, 1, 0)


def test_by_words_alone_they_are_found_too_and_that_is_said(monkeypatch):
    monkeypatch.setattr(encoding, "is_installed", lambda: False)
    claims(PROMISED, AGAIN, OTHER)

    report = find(dry_run=True)

    assert len(report.found) == 1
    assert str(report).startswith("3 claims compared (3 by words alone), 1 likely duplicates")


def test_comparing_costs_as_many_queries_for_some_claims_as_for_one(django_assert_num_queries):
    claims(PROMISED, AGAIN, *(f"Otters {n} swim." for n in range(18)))
    everything = list(Claim.objects.order_by("pk"))
    others_near(everything)  # how rare words are is known now
    for some in (everything[:1], everything):
        with django_assert_num_queries(8):
            offers, _ = others_near(some)
        assert [offer.same for offer in offers[0]][:1] == [True]


def test_drafts_and_public_claims_are_compared_with_each_other_and_retired_ones_with_none():
    public = published(ClaimFactory(text=PROMISED))
    draft = ClaimFactory(text=AGAIN)
    ClaimFactory(text=PROMISED + " ", duplicate_of=public)

    find()

    row = LikelyDuplicate.objects.get()
    assert {row.first, row.second} == {public, draft}


def test_a_second_run_compares_nothing_and_a_new_claim_is_compared_alone():
    claims(PROMISED, OTHER)
    assert find().compared == 2
    assert find().compared == 0

    ClaimFactory(text=AGAIN)
    report = find()

    assert (report.compared, report.new) == (1, 1)
    assert pairs() == [(PROMISED, AGAIN)]


def test_a_claim_that_reads_otherwise_is_compared_again_however_it_was_changed():
    first, second = claims(PROMISED, OTHER)
    find()
    Claim.objects.filter(pk=second.pk).update(text=AGAIN)

    assert find().compared == 1
    assert pairs() == [(PROMISED, AGAIN)]

    Claim.objects.filter(pk=first.pk).update(text="Sanctions on gas were lifted in Vienna.")
    assert find().compared == 1
    assert not LikelyDuplicate.objects.exists()


def test_another_wording_of_the_same_keeps_the_pair_with_the_words_of_now():
    _first, second = claims(PROMISED, AGAIN)
    find()
    row = LikelyDuplicate.objects.get()
    changed = AGAIN.replace("eastwards", "eastward")
    Claim.objects.filter(pk=second.pk).update(text=changed)

    report = find()

    again = LikelyDuplicate.objects.get()
    assert (again.pk, again.found_at, again.second_text) == (row.pk, row.found_at, changed)
    assert (len(report.found), report.new) == (1, 0)


def test_a_dry_run_finds_the_same_and_writes_nothing():
    claims(PROMISED, AGAIN)
    told = StringIO()

    call_command("find_duplicates", "--dry-run", stdout=told)

    assert PROMISED in told.getvalue()
    assert "2 claims compared, 1 likely duplicates found, 1 of them new" in told.getvalue()
    assert not LikelyDuplicate.objects.exists()
    assert not Comparison.objects.exists()


def test_all_compares_anew_and_drops_what_is_found_no_more_but_nothing_rejected():
    first, second, other = claims(PROMISED, AGAIN, OTHER)
    find()
    wrong = LikelyDuplicateFactory(first=first, second=other)
    rejected = LikelyDuplicateFactory(first=second, second=other)
    rejected.reject(by=researcher())

    call_command("find_duplicates", "--all", stdout=StringIO())

    kept = set(LikelyDuplicate.objects.values_list("first", "second"))
    assert kept == {(first.pk, second.pk), (second.pk, other.pk)}
    assert not LikelyDuplicate.objects.filter(pk=wrong.pk).exists()


def test_no_more_statements_are_written_for_many_pairs_than_for_one():
    def put(some):
        found = [
            Pair(one.pk, two.pk, one.text, two.text, 0.9, "shares “x”")
            for one, two in pairwise(some)
        ]
        with CaptureQueriesContext(connection) as asked:
            new = LikelyDuplicate.objects.put([one.pk for one in some], found, now=timezone.now())
        return new, len(asked)

    few, many = claims("One.", "Two."), claims(*(f"Claim {n}." for n in range(41)))

    (_, once), (new, often) = put(few), put(many)

    assert (new, often) == (40, once)


# --- What is offered ---


@pytest.fixture
def pair():
    return LikelyDuplicateFactory(first__text=PROMISED, second__text=AGAIN)


def test_a_pair_is_open_once_and_in_order(pair):
    assert LikelyDuplicate.objects.open().get() == pair
    for first, second in [(pair.first, pair.second), (pair.second, pair.first)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            LikelyDuplicateFactory(first=first, second=second)


@pytest.mark.parametrize(("whole", "part"), [("first", "second"), ("second", "first")])
def test_a_part_and_its_whole_are_not_offered(pair, whole, part):
    Claim.objects.filter(pk=getattr(pair, part).pk).update(part_of=getattr(pair, whole))
    assert pairs() == []


def test_two_parts_of_one_whole_are_not_offered_but_parts_of_two_wholes_are(pair):
    one, two = ClaimFactory(), ClaimFactory()
    Claim.objects.filter(pk=pair.first_id).update(part_of=one)
    assert len(pairs()) == 1
    Claim.objects.filter(pk=pair.second_id).update(part_of=two)
    assert len(pairs()) == 1
    Claim.objects.filter(pk=pair.second_id).update(part_of=one)
    assert pairs() == []


@pytest.mark.parametrize(("claim", "answer"), [("first", "second"), ("second", "first")])
def test_a_claim_and_its_counterclaim_are_not_offered(pair, claim, answer):
    RebuttalFactory(claim=getattr(pair, claim), counterclaim=getattr(pair, answer))
    RebuttalFactory(claim=getattr(pair, claim))
    assert pairs() == []


def test_a_merged_pair_follows_from_the_merge_and_is_open_again_when_it_is_undone(pair):
    merge = pair.first.merge_into(pair.second, by=editor())

    assert pairs() == []
    assert LikelyDuplicate.objects.merged().get().is_merged

    merge.undo(by=editor())
    assert LikelyDuplicate.objects.open().get() == pair
    assert not LikelyDuplicate.objects.merged().exists()


def test_a_claim_that_is_merged_elsewhere_is_neither_open_nor_merged(pair):
    third = ClaimFactory()
    pair.first.merge_into(third, by=editor())
    assert pairs() == []
    assert not LikelyDuplicate.objects.merged().exists()

    pair.second.merge_into(third, by=editor())
    assert LikelyDuplicate.objects.merged().get().is_merged


# --- What a person says ---


def test_rejected_pairs_stay_rejected_whatever_is_found_or_edited(pair):
    rita = researcher()
    pair.reject(by=rita, reason="One is of 1990, the other of any time.")

    find(whole=True)
    Claim.objects.filter(pk=pair.second_id).update(text=AGAIN.replace("eastwards", "eastward"))
    find()
    find(whole=True)

    row = LikelyDuplicate.objects.rejected().get()
    assert pairs() == []
    assert (row.rejected_by, row.reason) == (rita, "One is of 1990, the other of any time.")
    assert (row.first_text, row.second_text) == (PROMISED, AGAIN)
    assert row.reads_otherwise


def test_reopened_it_is_offered_again_and_the_history_says_who_had_rejected_it(pair):
    rita, edda = researcher(), editor()
    pair.reject(by=rita, reason="Two dates.")
    pair.reopen(by=edda)

    assert LikelyDuplicate.objects.open().get() == pair
    told = pair.history.order_by("history_id").values_list(
        "history_user", "history_change_reason", "reason"
    )
    assert list(told)[-2:] == [
        (rita.pk, "Rejected: two claims", "Two dates."),
        (edda.pk, "Reopened", ""),
    ]


def test_a_rejected_pair_that_was_merged_after_all_is_merged(pair):
    pair.reject(by=researcher())
    pair.first.merge_into(pair.second, by=editor())
    assert LikelyDuplicate.objects.merged().get() == pair
    assert not LikelyDuplicate.objects.rejected().exists()


@pytest.mark.parametrize("role", [None, "administrator"])
def test_who_may_not_say_so_is_refused(pair, role):
    user = UserFactory(role=role) if role else UserFactory()
    with pytest.raises(PermissionDenied):
        pair.reject(by=user)
    pair.reject(by=researcher())
    with pytest.raises(PermissionDenied):
        pair.reopen(by=user)
    assert LikelyDuplicate.objects.rejected().get() == pair


def test_who_comes_second_is_told_so(pair):
    same = LikelyDuplicate.objects.get()
    pair.reject(by=researcher(username="rita"))
    with pytest.raises(ValidationError, match="rita has said so already"):
        same.reject(by=editor())
    pair.reopen(by=editor())
    with pytest.raises(ValidationError, match="not rejected"):
        same.reopen(by=editor())


def test_nobody_rejects_a_text_that_they_have_not_read(pair):
    read = pair.wording
    Claim.objects.filter(pk=pair.first_id).update(text=OTHER)
    with pytest.raises(ValidationError, match="edited since"):
        pair.reject(by=researcher(), read=read)
    pair.refresh_from_db()
    pair.reject(by=researcher(), read=pair.wording)
    assert pair.first_text == OTHER


def test_of_a_retired_claim_there_is_nothing_to_say(pair):
    pair.first.merge_into(pair.second, by=editor())
    with pytest.raises(ValidationError, match="retired"):
        pair.reject(by=researcher())


def test_verdicts_differ_only_where_both_are_rated_and_otherwise(pair):
    assert not pair.verdicts_differ
    one = approved(claim=pair.first)
    assert not LikelyDuplicate.objects.get().verdicts_differ
    approved(claim=pair.second, rating=one.rating)
    assert not LikelyDuplicate.objects.get().verdicts_differ
    other = approved(rating__slug="another", rating__label="Another", rating__value=None)
    row = LikelyDuplicateFactory(first=pair.first, second=other.claim)
    assert LikelyDuplicate.objects.get(pk=row.pk).verdicts_differ


# --- The job ---


def test_a_glance_asks_for_the_job_when_there_is_something_new_and_once():
    duplicate_tasks.look_out()
    assert not Job.objects.unfinished(duplicate_tasks.find_new).exists()
    claims(PROMISED, AGAIN)
    embed()

    duplicate_tasks.look_out()
    duplicate_tasks.look_out()

    assert Job.objects.unfinished(duplicate_tasks.find_new).count() == 1


def test_a_glance_waits_for_the_vectors_without_which_new_claims_do_not_find_each_other():
    claims(PROMISED, AGAIN)
    duplicate_tasks.look_out()
    assert not Job.objects.unfinished(duplicate_tasks.find_new).exists()


def test_a_job_takes_so_many_claims_and_another_goes_on(monkeypatch):
    monkeypatch.setattr(duplicate_tasks, "MOST", 2)
    claims(PROMISED, AGAIN, OTHER)

    duplicate_tasks.find_new.call()
    assert Comparison.objects.count() == 2
    assert Job.objects.unfinished(duplicate_tasks.find_new).count() == 1
    duplicate_tasks.find_new.call()

    assert Comparison.objects.count() == 3
    assert Job.objects.unfinished(duplicate_tasks.find_new).count() == 1
    assert pairs() == [(PROMISED, AGAIN)]
