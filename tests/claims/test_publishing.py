import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ProtectedError

from claims.models import Claim, Evidence
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    SpeakerFactory,
    TopicFactory,
    approved,
    editor,
    passage,
    published,
    researcher,
    transcript,
)

pytestmark = pytest.mark.django_db

AT = dt.datetime(2022, 2, 1, 12, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)


def test_publishing_a_claim_publishes_what_it_rests_on():
    original = SourceFactory()
    snapshot = transcript(derived_from=original, derivation="translation")
    moderator = SpeakerFactory()
    snapshot.turns.filter(position=2).update(speaker=moderator)
    claim = ClaimFactory()
    appearance = AppearanceFactory(
        claim=claim,
        passage=passage(snapshot),
        manner="reported",
        reported_by=SpeakerFactory(),
    )
    rebuttal = RebuttalFactory(claim=claim, counterclaim=ClaimFactory())
    citation = CitationFactory(rebuttal=rebuttal)
    evidence = EvidenceFactory(claim=claim)
    search = SearchFactory(claim=claim)
    assert claim.has_drafts()
    assert claim.publish(by=editor(), at=AT)
    for row in (
        claim, appearance, rebuttal, evidence, search, appearance.claimant, appearance.reported_by,
        rebuttal.speaker, citation.source, evidence.source, snapshot.source, original, moderator,
    ):  # fmt: skip
        row.refresh_from_db()
        assert row.published_at == AT, row
    rebuttal.counterclaim.refresh_from_db()
    assert not rebuttal.counterclaim.is_published
    assert rebuttal.public_counterclaim is None
    assert not claim.has_drafts()


def test_publishing_again_changes_nothing():
    claim = published(at=AT)
    before = claim.updated_at
    assert not claim.publish(by=editor(), at=LATER)
    claim.refresh_from_db()
    assert (claim.published_at, claim.updated_at) == (AT, before)
    assert claim.history.count() == 2


def test_what_is_added_later_is_a_draft_until_it_is_published_too():
    claim = published(at=AT)
    evidence = EvidenceFactory(claim=claim)
    assert not Evidence.objects.published().exists()
    assert claim.publish(by=editor(), at=LATER)
    evidence.refresh_from_db()
    assert evidence.published_at == LATER
    claim.refresh_from_db()
    assert (claim.published_at, claim.updated_at) == (AT, LATER)


def test_a_citation_added_later_keeps_its_draft_source_to_the_desk():
    rebuttal = RebuttalFactory()
    published(rebuttal.claim)
    citation = CitationFactory(rebuttal=rebuttal)
    assert citation.public_source is None
    assert rebuttal.claim.has_drafts()
    rebuttal.claim.publish(by=editor())
    citation.refresh_from_db()
    assert citation.public_source == citation.source


def test_a_researcher_does_not_publish():
    claim = ClaimFactory()
    with pytest.raises(PermissionDenied):
        claim.publish(by=researcher())
    claim.refresh_from_db()
    assert not claim.is_published


def test_a_retired_claim_is_not_published():
    claim = ClaimFactory(duplicate_of=ClaimFactory())
    with pytest.raises(ValidationError, match="retired"):
        claim.publish(by=editor())


def test_who_may_edit_what():
    draft, public = ClaimFactory(), published()
    assert draft.editable_by(researcher())
    assert not public.editable_by(researcher())
    assert public.editable_by(editor())


def test_a_public_row_does_not_come_to_rest_on_a_draft():
    evidence = EvidenceFactory()
    published(evidence.claim)
    evidence.refresh_from_db()
    evidence.source = SourceFactory()
    with pytest.raises(ValidationError, match="is a draft"):
        evidence.save()


def test_not_even_a_copy_that_was_read_before_publication():
    evidence = EvidenceFactory()
    published(evidence.claim)
    evidence.source = SourceFactory()
    with pytest.raises(ValidationError, match="is a draft"):
        evidence.save()


def test_a_public_row_is_not_moved_to_a_draft_claim():
    evidence = EvidenceFactory()
    published(evidence.claim)
    evidence.refresh_from_db()
    evidence.claim = ClaimFactory()
    with pytest.raises(ValidationError, match="that claim is a draft"):
        evidence.save()


def test_a_public_row_may_be_mended_while_the_origin_of_its_source_is_a_draft():
    evidence = EvidenceFactory()
    published(evidence.claim)
    evidence.refresh_from_db()
    source = evidence.source
    source.derived_from, source.derivation = SourceFactory(), "report"
    source.save()
    evidence.summary = "Better said."
    evidence.save()
    assert evidence.claim.has_drafts()


@pytest.mark.parametrize("rows", [1, 5])
def test_publishing_again_costs_the_same_for_few_and_for_many(rows, django_assert_num_queries):
    claim, by = ClaimFactory(), editor()
    for _ in range(rows):
        EvidenceFactory(claim=claim)
    claim.publish(by=by)
    # savepoint, lock; appearances, rebuttals, evidence, searches, external reviews; end of savepoint
    # (twice nested)
    with django_assert_num_queries(10):
        assert not claim.publish(by=by)


def test_an_edit_of_what_is_public_moves_the_claims_time_and_an_edit_of_a_draft_does_not():
    claim = published(at=AT)
    Claim.objects.update(updated_at=AT)
    evidence = EvidenceFactory(claim=claim)
    evidence.save()
    evidence.delete()
    claim.refresh_from_db()
    assert claim.updated_at == AT
    evidence = EvidenceFactory(claim=claim)
    claim.publish(by=editor(), at=AT)
    evidence.refresh_from_db()
    evidence.summary = "Better said."
    evidence.save()
    claim.refresh_from_db()
    assert claim.updated_at > AT
    Claim.objects.update(updated_at=AT)
    evidence.delete()
    claim.refresh_from_db()
    assert claim.updated_at > AT


def test_the_public_reads_nothing_of_a_retired_claim():
    claim = approved().claim
    EvidenceFactory(claim=claim)
    claim.publish(by=editor())
    Claim.objects.filter(pk=claim.pk).update(duplicate_of=published())
    assert claim not in Claim.objects.published()
    assert claim in Claim.objects.retired()
    assert not Evidence.objects.published().exists()
    with pytest.raises(Claim.DoesNotExist):
        Claim.objects.read(claim.slug)


def test_publishing_does_not_undo_what_somebody_else_has_just_saved():
    claim = ClaimFactory(text="As first written.")
    Claim.objects.filter(pk=claim.pk).update(text="As reworded since.")
    claim.publish(by=editor())
    assert Claim.objects.get().text == "As reworded since."


def test_a_copy_that_was_read_before_publication_does_not_take_it_back():
    evidence = EvidenceFactory()
    published(evidence.claim, at=AT)
    evidence.summary = "Better said."
    evidence.save()
    evidence.refresh_from_db()
    assert (evidence.published_at, evidence.summary) == (AT, "Better said.")


def test_what_has_a_public_address_keeps_it():
    evidence = EvidenceFactory()
    claim = published(evidence.claim)
    for row in (claim, Claim.objects.get(pk=claim.pk).evidence.get().source):
        assert not row.deletable_by(editor())
        with pytest.raises(ProtectedError, match="its address stays"):
            row.delete()
    evidence.refresh_from_db()
    assert evidence.deletable_by(editor())
    assert not evidence.deletable_by(researcher())
    draft = ClaimFactory()
    assert draft.deletable_by(researcher())
    draft.delete()


@pytest.mark.parametrize("rows", [1, 5])
def test_asking_for_drafts_costs_the_same_for_few_and_for_many(rows, django_assert_num_queries):
    claim = ClaimFactory()
    for _ in range(rows):
        snapshot = transcript(derived_from=SourceFactory(), derivation="translation")
        AppearanceFactory(claim=claim, passage=passage(snapshot))
        CitationFactory(rebuttal=RebuttalFactory(claim=claim))
        EvidenceFactory(claim=claim)
    published(claim)
    claim = Claim.objects.get(pk=claim.pk)
    # appearances, rebuttals, citations and their sources, evidence, searches, external reviews
    with django_assert_num_queries(7):
        assert not claim.has_drafts()


def test_what_is_public_keeps_its_address():
    claim = published()
    claim.slug = "another"
    with pytest.raises(ValidationError, match="stays for good"):
        claim.save()


def test_a_citation_added_to_a_public_rebuttal_changes_its_claim():
    rebuttal = RebuttalFactory()
    published(rebuttal.claim, at=AT)
    rebuttal.refresh_from_db()
    Claim.objects.update(updated_at=AT)
    citation = CitationFactory(rebuttal=rebuttal)
    rebuttal.claim.refresh_from_db()
    assert rebuttal.claim.updated_at > AT
    Claim.objects.update(updated_at=AT)
    citation.delete()
    rebuttal.claim.refresh_from_db()
    assert rebuttal.claim.updated_at > AT


def test_a_verdict_changes_the_claims_whose_pages_show_it():
    whole, answered, counterclaim, other = (published(at=AT) for _ in range(4))
    part = ClaimFactory(part_of=whole)
    RebuttalFactory(claim=answered, counterclaim=part)
    RebuttalFactory(claim=part, counterclaim=counterclaim)
    published(answered, at=AT)
    Claim.objects.update(updated_at=AT)
    approved(claim=part)
    moved = {claim.pk for claim in Claim.objects.filter(updated_at__gt=AT)}
    assert moved == {part.pk, whole.pk, answered.pk, counterclaim.pk}
    assert other.pk not in moved


def test_no_claim_is_made_to_look_older_by_a_neighbour():
    whole = published(at=LATER)
    published(ClaimFactory(part_of=whole), at=AT)
    whole.refresh_from_db()
    assert whole.updated_at == LATER


def test_evidence_that_moves_to_another_claim_changes_both():
    evidence = EvidenceFactory()
    published(evidence.claim, at=AT)
    second = published(at=AT)
    evidence.refresh_from_db()
    Claim.objects.update(updated_at=AT)
    evidence.claim = second
    evidence.save()
    assert not Claim.objects.filter(updated_at=AT).exists()


def test_no_address_is_left_leading_to_a_draft():
    claim = published()
    claim.duplicate_of = ClaimFactory()
    with pytest.raises(ValidationError, match="would lead nowhere"):
        claim.full_clean()


def test_no_address_is_left_leading_to_a_retired_claim():
    claim = published()
    ClaimFactory(duplicate_of=claim)
    claim.duplicate_of = published()
    with pytest.raises(ValidationError, match="lead to that claim first"):
        claim.full_clean()


def test_a_topic_is_for_editors_once_a_public_claim_bears_it():
    topic = TopicFactory()
    claim = ClaimFactory()
    claim.topics.add(topic)
    assert topic.editable_by(researcher())
    published(claim)
    assert not topic.editable_by(researcher())
    assert topic.editable_by(editor())


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\x7f"])
def test_text_for_readers_holds_no_control_character(character):
    claim = ClaimFactory.build(text=f"It rains.{character}", context="Tabs\tand\nlines are fine.")
    with pytest.raises(ValidationError) as error:
        claim.full_clean()
    assert list(error.value.message_dict) == ["text"]
