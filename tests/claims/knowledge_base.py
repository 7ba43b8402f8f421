"""A small knowledge base for tests of pages: of everything that the public can see, `n` rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from claims import models as claims
from sources.models import Passage, Snapshot, Source, Speaker
from tests.factories import (
    AppearanceFactory,
    CitationFactory,
    ClaimFactory,
    EvidenceFactory,
    ExternalReviewFactory,
    RatingFactory,
    RebuttalFactory,
    SearchFactory,
    SnapshotFactory,
    SourceFactory,
    SpeakerFactory,
    TopicFactory,
    approved,
    editor,
    published,
    transcript,
    withdrawn,
)


@dataclass
class KnowledgeBase:
    """One row of each kind that has a page of its own; the lists hold these and others."""

    claim: claims.Claim
    part: claims.Claim
    claimant: Speaker
    speaker: Speaker
    source: Source
    snapshot: Snapshot
    topic: claims.Topic

    @property
    def pages(self) -> dict[str, str]:
        """Every page with rows on it, by the name of its URL."""
        claim = self.claim.get_absolute_url()
        return {
            "home": "/",
            "claims": "/claims/",
            "claim": claim,
            "claim_history": f"{claim}history/",
            "verdict": f"{claim}verdicts/1/",
            "part": self.part.get_absolute_url(),
            "speakers": "/speakers/",
            "claimant": self.claimant.get_absolute_url(),
            "speaker": self.speaker.get_absolute_url(),
            "sources": "/sources/",
            "source": self.source.get_absolute_url(),
            "transcript": self.snapshot.source.get_transcript_url(),
            "edition": f"{self.snapshot.source.get_absolute_url()}editions/1/",
            "source_verify": f"{self.snapshot.source.get_absolute_url()}verify/",
            "topics": "/topics/",
            "topic": self.topic.get_absolute_url(),
            "search": "/search/?q=a",
            "match": "/match/?text=A+main+claim+was+made",
            "corrections": "/corrections/",
            "methodology": "/methodology/",
            "parity": "/methodology/parity/",
            "about": "/about/",
            "limits": "/limits/",
            "verdict_feed": "/feeds/verdicts.atom",
            "correction_feed": "/feeds/corrections.atom",
            "sitemap": "/sitemap.xml",
            "robots": "/robots.txt",
        }

    @property
    def machines(self) -> dict[str, str]:
        """What programs read of these rows, and the card that others frame, by the name of its URL."""
        claim = self.claim.get_absolute_url()
        return {
            "topic_feed": f"/feeds/topics/{self.topic.slug}.atom",
            "speaker_feed": f"/feeds/speakers/{self.claimant.slug}.atom",
            "claim_embed": f"{claim}embed/",
            "claim_card": f"{claim}card.png",
            "claim_csl": f"{claim}citation.json",
            "claim_bibtex": f"{claim}citation.bib",
            "oembed": f"/oembed?url=http://testserver{claim}",
            "parity_json": "/data/parity.json",
            "parity_csv": "/data/parity.csv",
            "site_card": "/card.png",
        }

    @property
    def downloads(self) -> dict[str, str]:
        """What is sent as files, by the name of its URL."""
        kept = f"{self.snapshot.source.get_absolute_url()}editions/1/"
        return {
            "edition_bytes": f"{kept}bytes",
            "edition_text": f"{kept}text",
            "edition_warc": f"{kept}snapshot.warc.gz",
            "verify_script": "/verify.py",
        }


def words(n: int) -> str:
    """A transcript of one turn with `n` paragraphs to quote."""
    return "SECRETARY DOE: Good afternoon.\n\n" + "\n\n".join(
        f"Sentence {i} of the speech, which can be quoted." for i in range(n)
    )


def quote(snapshot: Snapshot, i: int) -> Passage:
    return Passage.objects.quote(snapshot, f"Sentence {i} of the speech")


def build(n: int = 1) -> KnowledgeBase:
    """`n` claims with two versions of a verdict, and one of them with `n` annotations of each kind."""
    snapshot = transcript(text=words(n), slug="speech", title="A speech")
    topic = TopicFactory(slug="alliance", name="The Alliance")
    claimant, speaker = SpeakerFactory(slug="claimant"), SpeakerFactory(slug="answerer")
    source = SourceFactory(slug="record", title="A record")
    SnapshotFactory(source=source, edition=1, text="The record, as it was kept.")
    reader = editor()
    whole = published(ClaimFactory(slug="whole"), by=reader)
    main = ClaimFactory(slug="main", text="A main claim was made.", part_of=whole)
    main.topics.add(topic)
    for i in range(n):
        passage = quote(snapshot, i)
        counterclaim = approved(claim=ClaimFactory(text=f"A counterclaim, number {i}.")).claim
        answered = ClaimFactory(text=f"An answered claim, number {i}.")
        part = ClaimFactory(slug=f"part-{i}", part_of=main, part_position=i)
        AppearanceFactory(claim=main, passage=passage, claimant=SpeakerFactory())
        _annotate(counterclaim, passage, claimant, source, topic)
        for claim in (main, answered):
            rebuttal = RebuttalFactory(
                claim=claim,
                passage=passage,
                speaker=SpeakerFactory() if claim is main else speaker,
                counterclaim=counterclaim if claim is main else main,
            )
            CitationFactory(rebuttal=rebuttal, source=source, invoked=f"A record, in answer {i}")
        for direction in ("supports", "refutes", "mixed", "context"):
            derived = SourceFactory(derived_from=source, derivation="reprint")
            EvidenceFactory(claim=main, source=derived, direction=direction)
        EvidenceFactory(claim=main, source=snapshot.source, passage=passage, locator=f"line {i}")
        SearchFactory(claim=main)
        ExternalReviewFactory(claim=main, claimant=SpeakerFactory())
        for row in (part, answered, counterclaim):
            published(row, by=reader)
        approved(claim=answered)
    _two_versions(main)
    for i in range(n):
        # Each approval looks at all that hangs on the claim: twelve versions are as good as thirty.
        if i < 10:
            approved(claim=main, reason="wording", note="Plainer words.")
        _two_versions(ClaimFactory(text=f"A corrected claim, number {i}."))
        gone = approved(claim=ClaimFactory(text=f"A withdrawn claim, number {i}."))
        withdrawn(gone, by=reader)
        RatingFactory(slug=f"step-{i}", value=None)
        more = TopicFactory()
        published(by=reader).topics.add(more)
    return KnowledgeBase(main, main.parts.first(), claimant, speaker, source, snapshot, topic)


def _annotate(claim: Any, passage: Any, claimant: Any, source: Any, topic: Any) -> None:
    claim.topics.add(topic)
    AppearanceFactory(claim=claim, passage=passage, claimant=claimant)
    EvidenceFactory(claim=claim, source=source)


def _two_versions(claim: Any) -> None:
    approved(claim=claim, headline="The first finding.")
    approved(
        claim=claim,
        headline="The second finding.",
        reason="new-evidence",
        note="A record was found.",
        rating=RatingFactory(slug="true"),
    )
