"""Facts that are true within a row, and chains that must not lead back."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from claims.models import Claim, Evidence
from sources.models import Source
from sources.querysets import Origin
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RatingScaleFactory,
    RebuttalFactory,
    SearchFactory,
    SnapshotFactory,
    SourceFactory,
    SpeakerFactory,
    editor,
    passage,
    published,
    transcript,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("claims_claim_kind_known", lambda: ClaimFactory(kind="rumour")),
        ("claims_claim_text_not_empty", lambda: ClaimFactory(text="")),
        ("claims_claim_language_tag", lambda: ClaimFactory(language="no tag")),
        ("claims_appearance_manner_(known|fits)", lambda: AppearanceFactory(manner="sung")),
        ("claims_appearance_manner_fits_reporter", lambda: AppearanceFactory(manner="reported")),
        (
            "claims_appearance_manner_fits_reporter",
            lambda: AppearanceFactory(manner="asserted", reported_by=SpeakerFactory()),
        ),
        ("claims_evidence_direction_known", lambda: EvidenceFactory(direction="sideways")),
        ("claims_evidence_directness_known", lambda: EvidenceFactory(directness="oblique")),
        ("claims_ratingscale_range", lambda: RatingScaleFactory(slug="x", best=1, worst=1)),
        ("claims_rating_value_from_1", lambda: RatingFactory(slug="x", value=0)),
        ("sources_source_kind_known", lambda: SourceFactory(kind="rumour")),
        ("sources_source_rendition_known", lambda: SourceFactory(rendition="sung")),
        ("sources_source_primacy_known", lambda: SourceFactory(primacy="tertiary")),
        ("sources_source_date_has_precision", lambda: SourceFactory(date_precision="")),
        ("sources_source_date_has_precision", lambda: SourceFactory(date=None)),
        ("sources_source_derivation_says_how", lambda: SourceFactory(derivation="report")),
        ("sources_source_language_tag", lambda: SourceFactory(language="")),
        ("sources_speaker_kind_known", lambda: SpeakerFactory(kind="robot")),
        ("sources_speaker_wikidata_id_form", lambda: SpeakerFactory(wikidata_id="Q0")),
        ("sources_snapshot_edition_from_1", lambda: SnapshotFactory(edition=0)),
        ("sources_snapshot_sha256_form", lambda: SnapshotFactory(sha256="F" * 64)),
        ("sources_snapshot_text_not_empty", lambda: SnapshotFactory(text="")),
    ],
)
def test_the_database_refuses(constraint, make):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_the_database_refuses_what_points_at_itself():
    claim, source, rebuttal = ClaimFactory(), SourceFactory(), RebuttalFactory()
    appearance = AppearanceFactory()
    for constraint, row, values in (
        ("claims_claim_not_part_of_itself", claim, {"part_of": claim}),
        ("claims_claim_not_duplicate_of_itself", claim, {"duplicate_of": claim}),
        ("claims_claim_only_a_part_decides", claim, {"decides_whole": True}),
        (
            "sources_source_not_derived_from_itself",
            source,
            {"derived_from": source, "derivation": "report"},
        ),
        ("claims_rebuttal_counterclaim_is_another", rebuttal, {"counterclaim": rebuttal.claim}),
        (
            "claims_appearance_reporter_is_another",
            appearance,
            {"reported_by": appearance.claimant, "manner": "reported"},
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**values)


def test_the_same_thing_is_not_recorded_twice():
    evidence, appearance = EvidenceFactory(locator="Art. 10"), AppearanceFactory()
    SpeakerFactory(wikidata_id="Q312")
    for again in (
        lambda: EvidenceFactory(claim=evidence.claim, source=evidence.source, locator="Art. 10"),
        lambda: AppearanceFactory(
            claim=appearance.claim, passage=appearance.passage, claimant=appearance.claimant
        ),
        lambda: SpeakerFactory(wikidata_id="Q312"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            again()
    EvidenceFactory(claim=evidence.claim, source=evidence.source, locator="Art. 5")


@pytest.mark.parametrize("field", ["part_of", "duplicate_of"])
def test_claims_do_not_lead_back_to_themselves(field):
    first = ClaimFactory()
    second = ClaimFactory(**{field: first})
    setattr(first, field, second)
    with pytest.raises(ValidationError) as error:
        first.full_clean()
    assert field in error.value.message_dict


def test_a_duplicate_leads_to_a_claim_that_is_not_itself_retired():
    retired = ClaimFactory(duplicate_of=ClaimFactory())
    with pytest.raises(ValidationError, match="itself retired"):
        ClaimFactory.build(duplicate_of=retired).full_clean()


def test_evidence_quotes_the_source_that_it_names():
    other = passage(transcript())
    with pytest.raises(ValidationError, match="another source"):
        EvidenceFactory.build(
            claim=ClaimFactory(), source=SourceFactory(), passage=other
        ).full_clean()


def test_a_rating_stands_within_its_scale():
    with pytest.raises(ValidationError, match="from 1 to 5"):
        RatingFactory.build(scale=RatingScaleFactory(), value=6).full_clean()


def test_only_a_rating_that_measures_truth_carries_numbers():
    assert RatingFactory(slug="true").as_dict() == {
        "slug": "true", "label": "True", "value": 5, "best": 5, "worst": 1,
    }  # fmt: skip
    assert RatingFactory(slug="conflicting-evidence").as_dict() == {
        "slug": "conflicting-evidence", "label": "Conflicting evidence", "value": None, "best": None,
        "worst": None,
    }  # fmt: skip


# --- Origins ----------------------------------------------------------------------------------------


def test_the_origin_is_the_end_of_the_chain():
    record = SourceFactory(url="https://archive.example/record")
    report = SourceFactory(derived_from=record, derivation="report")
    reprint = SourceFactory(derived_from=report, derivation="reprint")
    assert reprint.chain() == [reprint, report, record]
    for source in (record, report, reprint):
        published(EvidenceFactory(source=source).claim)
    origins = Evidence.objects.annotate(
        origin=Origin("source"), url=Origin("source", field="url")
    ).values_list("origin", "url")
    assert set(origins) == {(record.pk, record.url)}


def test_a_chain_ends_before_a_draft_until_the_claim_is_published_again():
    evidence = EvidenceFactory()
    claim = published(evidence.claim)
    Source.objects.filter(pk=evidence.source_id).update(
        derived_from=SourceFactory(title="Draft"), derivation="report"
    )
    assert Evidence.objects.with_origin().get().origin_title == evidence.source.title
    assert claim.has_drafts()
    claim.publish(by=editor())
    assert Evidence.objects.with_origin().get().origin_title == "Draft"


def test_a_source_is_not_derived_from_what_is_derived_from_it():
    record = SourceFactory()
    report = SourceFactory(derived_from=record, derivation="report")
    record.derived_from, record.derivation = report, "report"
    with pytest.raises(ValidationError, match="itself derived from this one"):
        record.full_clean()


@pytest.mark.parametrize(
    ("precision", "words", "iso"),
    [
        ("day", "7 January 2022", "2022-01-07"),
        ("month", "January 2022", "2022-01"),
        ("year", "2022", "2022"),
    ],
)
def test_a_date_is_told_as_precisely_as_it_is_known(precision, words, iso):
    source = SourceFactory(date_precision=precision)
    assert (source.issued, source.issued_iso) == (words, iso)
    assert SourceFactory(date=None, date_precision="").issued == ""


def test_names_in_lists():
    claim = ClaimFactory(text="It rains.")
    assert str(AppearanceFactory(claim=claim, claimant__name="Jane Doe")) == "Jane Doe: It rains."
    assert str(RebuttalFactory(claim=claim, speaker__name="Jane Doe")) == "Jane Doe on: It rains."
    assert str(passage()) == "“promised not to grow”"
    assert str(Claim(text="It rains.")) == "It rains."


def test_copies_of_one_record_count_once():
    claim = ClaimFactory()
    record = SourceFactory()
    for source in (
        record,
        SourceFactory(derived_from=record, derivation="reprint"),
        SourceFactory(),
    ):
        EvidenceFactory(claim=claim, source=source)
    EvidenceFactory(claim=claim, source=record, direction="refutes", locator="p. 2")
    published(claim)
    counted = Claim.objects.with_counts().get()
    assert (counted.n_supports, counted.n_refutes, counted.n_mixed) == (2, 1, 0)


def test_no_search_is_logged_before_it_is_made():
    with pytest.raises(ValidationError, match="still to come"):
        SearchFactory.build(claim=ClaimFactory(), searched_on=dt.date(9999, 1, 1)).full_clean()
