"""Merging duplicates: what moves, what stays, what is refused, and that undoing it is exact."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from claims.models import (
    Appearance,
    Claim,
    Evidence,
    ExternalReview,
    Merge,
    Note,
    Rebuttal,
    Search,
    merge,
)
from sources.models import seen
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.researcher(username="rita")


@pytest.fixture
def edda():
    return factories.editor(username="edda")


def attach_all(claim):
    """One of everything that hangs on a claim."""
    claim.topics.add(factories.TopicFactory())
    return {
        "appearances": factories.AppearanceFactory(claim=claim),
        "rebuttals": factories.RebuttalFactory(claim=claim),
        "rebuttals_made_with": factories.RebuttalFactory(counterclaim=claim),
        "evidence": factories.EvidenceFactory(claim=claim),
        "searches": factories.SearchFactory(claim=claim),
        "external_reviews": factories.ExternalReviewFactory(claim=claim),
        "parts": factories.ClaimFactory(part_of=claim),
        "notes": factories.NoteFactory(claim=claim),
    }


FIELDS = {"rebuttals_made_with": "counterclaim", "parts": "part_of"}


def state():
    """Where every row hangs, what is public of it, and which topics each claim bears."""
    rows = {
        model.__name__: list(model.objects.order_by("pk").values_list(*fields))
        for model, fields in (
            (Appearance, ("pk", "claim", "published_at")),
            (Rebuttal, ("pk", "claim", "counterclaim", "published_at")),
            (Evidence, ("pk", "claim", "published_at")),
            (Search, ("pk", "claim", "published_at")),
            (ExternalReview, ("pk", "claim", "published_at")),
            (Note, ("pk", "claim")),
            (Claim, ("pk", "part_of", "duplicate_of", "published_at", "slug", "text")),
        )
    }
    through = Claim.topics.through.objects.values_list("claim", "topic")
    return rows | {"topics": sorted(through)}


@pytest.mark.parametrize("public", [False, True])
def test_everything_moves_with_its_history_and_comes_back(rita, edda, public):
    retired, into = factories.ClaimFactory(), factories.ClaimFactory()
    rows = attach_all(retired)
    attach_all(into)
    if public:
        factories.published(retired)
        factories.published(into)
    draft = factories.EvidenceFactory(claim=retired)
    by = edda if public else rita
    before = state()

    merge = retired.merge_into(into, by=by)

    for name, row in rows.items():
        row.refresh_from_db()
        assert getattr(row, FIELDS.get(name, "claim")) == into, name
        assert row.pk in merge.moved[name]
        if name != "notes":
            entry = row.history.first()
            assert entry.history_user == by
            assert entry.history_change_reason == f"Moved here from the duplicate {retired.slug}"
    assert set(retired.topics.all()) <= set(into.topics.all())
    draft.refresh_from_db()
    assert (draft.claim, draft.published_at) == (into, None)
    assert rows["evidence"].is_published is public
    retired.refresh_from_db()
    assert retired.duplicate_of == into
    assert retired.history.first().history_change_reason == f"Merged into {into.slug}"
    assert "was merged into it" in into.history.first().history_change_reason

    assert merge.undo(by=by) == []

    assert state() == before
    assert not merge.stands
    retired.refresh_from_db()
    assert "was undone" in retired.history.first().history_change_reason
    assert "was undone" in into.history.first().history_change_reason
    assert rows["evidence"].history.first().history_change_reason.startswith("Moved back")
    assert Merge.make(retired, into, by=by).stands  # and again


def test_what_the_other_has_already_stays_behind_and_the_record_says_so(rita):
    retired, into = factories.ClaimFactory(), factories.ClaimFactory()
    rows = attach_all(retired)
    passage, topic = rows["appearances"].passage, retired.topics.get()
    factories.AppearanceFactory(claim=into, passage=passage, claimant=rows["appearances"].claimant)
    factories.RebuttalFactory(
        claim=into, passage=rows["rebuttals"].passage, speaker=rows["rebuttals"].speaker
    )
    factories.EvidenceFactory(claim=into, source=rows["evidence"].source)
    factories.SearchFactory(claim=into, place=rows["searches"].place)
    into.topics.add(topic)
    answer = factories.RebuttalFactory(claim=retired, counterclaim=into)
    other = factories.RebuttalFactory(claim=into, counterclaim=retired)
    before = state()

    merge = retired.merge_into(into, by=rita)

    assert merge.moved["left"] == {
        "appearances": [rows["appearances"].pk],
        "rebuttals": [rows["rebuttals"].pk, answer.pk],
        "rebuttals_made_with": [other.pk],
        "evidence": [rows["evidence"].pk],
        "searches": [rows["searches"].pk],
        "topics": [topic.pk],
    }
    assert retired.appearances.count() == retired.evidence.count() == retired.searches.count() == 1
    assert merge.undo(by=rita) == []
    assert state() == before


def test_the_addresses_of_a_merged_claim_lead_on_for_good_and_back_again(client, edda):
    retired = factories.approved().claim
    into = factories.published()
    addresses = [
        retired.get_absolute_url(),
        reverse("claim_history", args=[retired.slug]),
        reverse("verdict", args=[retired.slug, 1]),
    ]
    assert [client.get(address).status_code for address in addresses] == [200] * 3

    merge = Claim.objects.get(pk=retired.pk).merge_into(into, by=edda)

    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (301, into.get_absolute_url())
        assert client.get(answer.url).status_code == 200
    assert retired.verdicts.get().state == "published"
    merge.undo(by=edda)
    assert [client.get(address).status_code for address in addresses] == [200] * 3


def test_merging_and_undoing_change_both_claims_for_the_public(edda):
    retired, into = factories.published(), factories.published()
    whole = factories.published()
    Claim.objects.filter(pk=into.pk).update(part_of=whole)

    def stamps():
        return list(Claim.objects.order_by("pk").values_list("updated_at", flat=True))

    before = stamps()
    merge = retired.merge_into(into, by=edda)
    between = stamps()
    merge.undo(by=edda)
    after = stamps()

    assert all(old < new for old, new in zip(before, between, strict=True))
    assert all(old < new for old, new in zip(between, after, strict=True))


# --- Refused ---


def refused(retired, into, by, words):
    before = state()
    with pytest.raises(ValidationError, match=words), transaction.atomic():
        retired.merge_into(into, by=by)
    assert state() == before
    assert not Merge.objects.exists()


def test_a_claim_is_not_merged_into_itself(rita):
    claim = factories.ClaimFactory()
    refused(claim, claim, rita, "duplicate of itself")


def test_what_is_retired_is_neither_merged_nor_merged_into(rita):
    gone, into, third = factories.ClaimFactory.create_batch(3)
    gone.duplicate_of = into
    gone.save()

    refused(gone, third, rita, "retired already")
    refused(third, gone, rita, "itself retired")
    refused(into, third, rita, "Other claims lead to this one")


def test_a_public_claim_is_not_merged_into_a_draft(edda):
    refused(factories.published(), factories.ClaimFactory(), edda, "would lead nowhere")


@pytest.mark.parametrize("submit", [False, True])
def test_a_claim_with_a_verdict_in_the_making_is_not_merged(rita, submit):
    verdict = factories.VerdictFactory(author=rita)
    if submit:
        verdict.submit(by=rita)
    refused(verdict.claim, factories.ClaimFactory(), rita, "in the making")


def test_whole_and_part_are_not_merged_however_deep(rita):
    whole = factories.ClaimFactory()
    part = factories.ClaimFactory(part_of=whole)
    deep = factories.ClaimFactory(part_of=part)

    for one, other in ((whole, part), (part, whole), (whole, deep), (deep, whole)):
        refused(one, other, rita, "is a part of")


def test_who_may_merge(rita, edda):
    one, other, public = *factories.ClaimFactory.create_batch(2), factories.published()
    with pytest.raises(PermissionDenied):
        one.merge_into(other, by=factories.UserFactory())
    with pytest.raises(PermissionDenied, match="public"):
        one.merge_into(public, by=rita)
    one.merge_into(other, by=rita).undo(by=rita)
    merge = one.merge_into(public, by=edda)
    with pytest.raises(PermissionDenied, match="public"):
        merge.undo(by=rita)
    merge.undo(by=edda)


def test_a_public_row_that_would_move_is_an_editors_too(rita, edda):
    """A public rebuttal whose counterclaim is a draft is no researcher's to change."""
    draft, into = factories.ClaimFactory.create_batch(2)
    factories.RebuttalFactory(counterclaim=draft).claim.publish(by=edda)

    with pytest.raises(PermissionDenied, match="public"):
        draft.merge_into(into, by=rita)
    draft.merge_into(into, by=edda)


def test_a_part_that_came_in_this_moment_stops_it(rita, monkeypatch):
    retired, into = factories.ClaimFactory.create_batch(2)
    lock = merge._lock

    def late(*claims):
        locked = lock(*claims)
        factories.ClaimFactory(part_of=retired)
        return locked

    monkeypatch.setattr(merge, "_lock", late)
    with pytest.raises(ValidationError, match="in this moment"):
        retired.merge_into(into, by=rita)


# --- Undoing after the world has gone on ---


def test_what_was_deleted_or_moved_since_is_told_and_not_forced(rita):
    retired, into, third = factories.ClaimFactory.create_batch(3)
    rows = attach_all(retired)
    kept = factories.EvidenceFactory(claim=retired)
    merge = retired.merge_into(into, by=rita)
    gone = Search.objects.get()
    gone_pk = gone.pk
    gone.delete()
    moved = Evidence.objects.get(pk=rows["evidence"].pk)
    moved.claim = third
    moved.save()
    factories.AppearanceFactory(
        claim=retired,
        passage=rows["appearances"].passage,
        claimant=rows["appearances"].claimant,
    )

    told = merge.undo(by=rita)

    assert told == [
        f"Appearances: “{Appearance.objects.get(pk=rows['appearances'].pk)}” stays, for “{retired}” "
        "has the same already.",
        f"Evidence: number {moved.pk} was deleted or moved since.",
        f"Searches: number {gone_pk} was deleted or moved since.",
    ]
    kept.refresh_from_db()
    assert kept.claim == retired
    assert third.evidence.get() == moved
    assert Claim.objects.get(pk=retired.pk).duplicate_of is None


def test_what_was_published_since_stays_where_readers_see_it(edda):
    draft, public = factories.ClaimFactory(), factories.published()
    row = factories.EvidenceFactory(claim=draft)
    merge = draft.merge_into(public, by=edda)
    public.publish(by=edda)

    told = merge.undo(by=edda)

    assert len(told) == 1
    assert "was published since" in told[0]
    assert public.evidence.get() == row


def test_a_merge_is_undone_once_and_only_while_it_stands(rita):
    one, two, three = factories.ClaimFactory.create_batch(3)
    merge = one.merge_into(two, by=rita)
    merge.undo(by=rita)
    with pytest.raises(ValidationError, match="undone already"):
        Merge.objects.get().undo(by=rita)

    merge = one.merge_into(two, by=rita)
    Claim.objects.filter(pk=one.pk).update(duplicate_of=three)
    with pytest.raises(ValidationError, match="no longer leads to"):
        merge.undo(by=rita)


def test_a_rebuttal_that_became_its_own_answer_since_stays(rita):
    retired, into = factories.ClaimFactory.create_batch(2)
    row = factories.RebuttalFactory(claim=retired)
    merge = retired.merge_into(into, by=rita)
    Rebuttal.objects.filter(pk=row.pk).update(counterclaim=retired)

    assert "has the same already" in merge.undo(by=rita)[0]


# --- What a severe reader found ---


@pytest.mark.parametrize("direction", ["refutes", "context"])
def test_evidence_that_says_something_else_is_no_copy_and_stops_the_merge(direction):
    editor = factories.editor()
    source = factories.SourceFactory()
    ours = factories.EvidenceFactory(source=source, direction="supports")
    theirs = factories.EvidenceFactory(source=source, direction=direction)
    with pytest.raises(ValidationError, match="tell the two apart"):
        ours.claim.merge_into(theirs.claim, by=editor)
    theirs.locator = "p. 2"
    theirs.save()
    ours.claim.merge_into(theirs.claim, by=editor)
    assert theirs.claim.evidence.count() == 2


def test_a_merged_claim_is_not_brought_back_but_by_undoing_the_merge():
    editor = factories.editor()
    retired, into = factories.ClaimFactory(), factories.ClaimFactory()
    retired.merge_into(into, by=editor)
    retired.refresh_from_db()
    before = retired.history.last()
    with pytest.raises(ValidationError, match="undo the merge"):
        seen.go_back(
            retired,
            before,
            fields={"duplicate_of"},
            by=editor,
            seen=seen.newest_entry(retired),
        )
    retired.duplicate_of = None
    with pytest.raises(ValidationError, match="undo the merge"):
        retired.full_clean()


def test_a_retired_claim_takes_nothing_new():
    retired, into = factories.ClaimFactory(), factories.ClaimFactory()
    retired.merge_into(into, by=factories.editor())
    retired.refresh_from_db()
    with pytest.raises(ValidationError, match="retired"):
        factories.EvidenceFactory(claim=retired)
    with pytest.raises(ValidationError, match="retired"):
        factories.VerdictFactory(claim=retired)


def test_an_annotation_without_a_claim_is_told_so(client):
    client.force_login(factories.researcher())
    answer = client.post(reverse("admin:claims_evidence_add"), {"summary": "Of nothing."})
    assert "This field is required" in str(answer.context["adminform"].form.errors["claim"])


def test_work_on_a_draft_part_moves_no_public_date():
    whole = factories.published()
    part = factories.ClaimFactory(part_of=whole, part_position=1)
    whole.refresh_from_db()
    before = whole.updated_at
    part.sort(by=factories.researcher(), into=factories.TopicFactory())
    whole.refresh_from_db()
    assert whole.updated_at == before
