"""One claim with everything that a claim can have, published; and a draft of each thing beside it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from claims.models import Claim, Note, Topic
from claims.models.splitting import Part
from sources.models import Speaker
from tests import factories

FIRST = dt.datetime(2022, 1, 10, 9, tzinfo=dt.UTC)
SECOND = dt.datetime(2022, 2, 20, 9, tzinfo=dt.UTC)
RESOURCES = (
    "claims appearances rebuttals evidence verdicts speakers sources transcripts topics ratings"
).split()


def published_world() -> SimpleNamespace:
    """The claim `promise`, rated false and then true, with a part and a counterclaim."""
    state = factories.SpeakerFactory(slug="moscow", name="Moscow", kind="state")
    doe = factories.SpeakerFactory(slug="doe", name="J. Doe")
    original = factories.SourceFactory(
        slug="original", title="The original", url="https://archive.example/original"
    )
    snapshot = factories.transcript(
        slug="remarks",
        title="Remarks",
        rendition="machine-translation",
        language="en",
        derived_from=original,
        derivation="translation",
    )
    snapshot.turns.filter(label="SECRETARY DOE").update(speaker=doe)
    claim = factories.ClaimFactory(
        slug="promise", text="The Alliance promised not to grow.", context="In 1990."
    )
    claim.topics.add(factories.TopicFactory(slug="alliance", name="Alliance"))
    part = factories.ClaimFactory(slug="part", text="It said so.", part_of=claim, part_position=1)
    counterclaim = factories.ClaimFactory(slug="never", text="The Alliance never promised that.")
    made = factories.passage(snapshot)
    appearance = factories.AppearanceFactory(
        claim=claim, passage=made, claimant=state, reported_by=doe, manner="reported"
    )
    rebuttal = factories.RebuttalFactory(
        claim=claim,
        speaker=doe,
        passage=factories.passage(snapshot, "The Alliance never promised that."),
        counterclaim=counterclaim,
    )
    memo = factories.SourceFactory(
        slug="memo", title="Memo", kind="archive-record", primacy="primary", date_precision="year"
    )
    factories.CitationFactory(rebuttal=rebuttal, invoked="A memo", source=memo, locator="p. 2")
    factories.CitationFactory(rebuttal=rebuttal, invoked="An interview", source=None)
    factories.EvidenceFactory(
        claim=claim,
        source=snapshot.source,
        passage=factories.passage(snapshot, "Nobody did, as far as I know."),
        direction="refutes",
    )
    factories.EvidenceFactory(claim=claim, source=memo, locator="p. 1")
    factories.SearchFactory(claim=claim, place="The archive")
    factories.ExternalReviewFactory(
        claim=claim,
        publisher_name="Another Desk",
        url="https://reviews.example/promise/",
        title="What was promised",
        claim_reviewed="NATO promised it",
        rating_text="Half true",
        rating_value="3",
        rating_best="5",
        rating_worst="1",
        reviewed_on=dt.date(2022, 1, 20),
        language="en",
        claimant_name="Moscow",
        claimant=state,
        claimed_on=dt.date(2022, 1, 7),
    )
    factories.approved(
        claim=claim, rating=factories.RatingFactory(slug="false"), headline="It did not.", at=FIRST
    )
    second = factories.approved(
        claim=claim,
        rating=factories.RatingFactory(slug="true"),
        headline="It did.",
        reason="new-evidence",
        note="A memo was found.",
        at=SECOND,
    )
    factories.published(part, at=FIRST)
    factories.approved(
        claim=counterclaim,
        rating=factories.RatingFactory(slug="not-enough-evidence"),
        headline="Nobody can tell.",
        at=FIRST,
    )
    for row in (part, counterclaim, rebuttal, second):
        row.refresh_from_db()
    return SimpleNamespace(
        claim=Claim.objects.get(slug="promise"),
        part=part,
        counterclaim=counterclaim,
        appearance=appearance,
        rebuttal=rebuttal,
        snapshot=snapshot,
        verdict=second,
        memo=memo,
    )


def drafts(world: SimpleNamespace) -> dict[str, Any]:
    """For each way to leave a draft beside what is public, a function that does it."""

    def claim() -> None:
        draft = factories.ClaimFactory(slug="draft-claim", text="The Alliance promised secretly.")
        draft.topics.add(
            factories.TopicFactory(slug="draft-topic"), Topic.objects.get(slug="alliance")
        )
        factories.AppearanceFactory(
            claim=draft,
            passage=world.appearance.passage,
            claimant=Speaker.objects.get(slug="moscow"),
        )
        factories.EvidenceFactory(claim=draft, source=world.memo)
        factories.VerdictFactory(claim=draft)

    def submitted_first_verdict() -> None:
        verdict = factories.VerdictFactory(claim=world.part)
        verdict.submit(by=verdict.author)

    return {
        "desk": lambda: desk_work(world.claim),
        "claim": claim,
        "part": lambda: factories.ClaimFactory(slug="draft-claim", part_of=world.claim),
        "whole": lambda: Claim.objects.filter(pk=world.claim.pk).update(
            part_of=factories.ClaimFactory(slug="draft-claim")
        ),
        "first verdict": lambda: factories.VerdictFactory(claim=world.part),
        "submitted first verdict": submitted_first_verdict,
        "next verdict": lambda: factories.VerdictFactory(
            claim=world.claim, reason="error", note="Wrong.", headline="Still secret."
        ),
        "appearance": lambda: factories.AppearanceFactory(
            claim=world.claim, claimant=factories.SpeakerFactory(slug="draft-speaker")
        ),
        "rebuttal": lambda: factories.CitationFactory(
            rebuttal=factories.RebuttalFactory(
                claim=world.claim, speaker=factories.SpeakerFactory(slug="draft-speaker")
            ),
            source=factories.SourceFactory(slug="draft-source"),
        ),
        "answer": lambda: factories.RebuttalFactory(
            claim=world.part, counterclaim=world.claim, passage=world.rebuttal.passage
        ),
        "answer to a draft": lambda: factories.RebuttalFactory(
            claim=factories.ClaimFactory(slug="draft-claim"), counterclaim=world.claim
        ),
        "evidence": lambda: factories.EvidenceFactory(
            claim=world.claim, source=factories.SourceFactory(slug="draft-source")
        ),
        "search": lambda: factories.SearchFactory(claim=world.claim),
        "external review": lambda: factories.ExternalReviewFactory(claim=world.claim),
        "speaker": lambda: factories.SpeakerFactory(slug="draft-speaker"),
        "speaker of a turn": lambda: world.snapshot.turns.filter(label="QUESTION").update(
            speaker=factories.SpeakerFactory(slug="draft-speaker")
        ),
        "source": lambda: factories.SourceFactory(slug="draft-source"),
        "transcript": lambda: factories.transcript(slug="draft-source"),
        "topic": lambda: factories.TopicFactory(slug="draft-topic"),
    }


def desk_work(claim: Claim) -> None:
    """What only the desk knows of the public `claim`: notes, who works on it and how soon, a saved
    selection, withdrawals of its verdict that were taken back and declined, and one that waits, a draft that
    was merged into it (and another, of which that was undone), drafts of parts."""
    editor, colleague = factories.editor(), factories.researcher(username="xyzzy-colleague")
    verdict, proposer = claim.verdicts.in_force().get(), factories.editor(first_name="XYZZY")
    verdict.propose_withdrawal(by=proposer, why="XYZZY.").take_back(by=proposer)
    verdict.propose_withdrawal(by=proposer, why="XYZZY.").decline(by=editor, why="XYZZY.")
    verdict.propose_withdrawal(by=proposer, why="XYZZY.")
    for on in (claim, claim.verdicts.first(), claim.appearances.first().passage):
        Note.write(on=on, body="XYZZY, @xyzzy-colleague.", by=editor).finish(by=colleague)
        Note.write(on=on, body="XYZZY again.", by=editor)
    claim.assign(by=editor, to=colleague, priority=1)
    factories.SavedFilterFactory(owner=editor, name="XYZZY", shared=True)
    for undone in (True, False):
        draft = factories.ClaimFactory(slug=f"xyzzy-{undone}", text="XYZZY.")
        for attach in (
            factories.AppearanceFactory,
            factories.RebuttalFactory,
            factories.EvidenceFactory,
            factories.SearchFactory,
            factories.ExternalReviewFactory,
        ):
            attach(claim=draft)
        factories.RebuttalFactory(counterclaim=draft)
        factories.ClaimFactory(part_of=draft, slug=f"xyzzy-part-{undone}")
        merge = draft.merge_into(claim, by=editor)
        if undone:
            merge.undo(by=editor)
    if claim.part_of_id is None:
        claim.split([Part("XYZZY one."), Part("XYZZY two.")], by=colleague)
