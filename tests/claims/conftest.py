"""An argument that the tests of several pages look at."""

import datetime as dt

import pytest

from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SourceFactory,
    SpeakerFactory,
    approved,
    passage,
    published,
    researcher,
    transcript,
)


@pytest.fixture
def argument():
    """A claim made in a machine translation, answered there, with evidence on both sides."""
    original = SourceFactory(title="The speech as given", url="https://archive.example/original")
    snapshot = transcript(
        slug="speech",
        title="The speech",
        rendition="machine-translation",
        language="en",
        derived_from=original,
        derivation="translation",
    )
    claim = ClaimFactory(slug="promise", text="The Alliance promised not to grow.")
    AppearanceFactory(
        claim=claim,
        passage=passage(snapshot),
        claimant=SpeakerFactory(name="Moscow"),
        reported_by=SpeakerFactory(name="Secretary Doe"),
        manner="reported",
    )
    counterclaim = published(ClaimFactory(slug="never", text="The Alliance never promised it."))
    rebuttal = RebuttalFactory(
        claim=claim,
        counterclaim=counterclaim,
        passage=passage(snapshot, "The Alliance never promised that."),
        speaker=SpeakerFactory(name="Doe, J."),
    )
    CitationFactory(rebuttal=rebuttal, invoked="A remark of 1990", source=None)
    record = SourceFactory(title="A record", primacy="primary", date=dt.date(1990, 2, 9))
    report = SourceFactory(title="A report of it", derived_from=record, derivation="report")
    late = SourceFactory(title="A late find", date=dt.date(2023, 1, 1))
    for source, direction in ((record, "supports"), (report, "supports"), (late, "refutes")):
        EvidenceFactory(claim=claim, source=source, direction=direction)
    SearchFactory(claim=claim, place="The archive", outcome="Nothing was found there.")
    for position, (slug, rating) in enumerate([("a", "true"), ("b", "false")], start=1):
        part = ClaimFactory(slug=f"part-{slug}", part_of=claim, part_position=position)
        approved(claim=part, rating=RatingFactory(slug=rating))
    approved(
        claim=claim,
        rationale="It *was* said. <script>alert(1)</script> [x](javascript:alert(1))",
        author=researcher(username="anna", first_name="Anna", last_name="Reader"),
    )
    return claim
