"""What is hard about an export: the world of other tests, and beside it all that is half public."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from claims.models import Claim
from sources.models import GlossaryNote, Source, Turn
from tests import factories
from tests.claims.world import desk_work, published_world

LATER = dt.datetime(2022, 3, 1, 9, 30, 15, 123456, tzinfo=dt.UTC)


def hidden_source() -> Source:
    return factories.SourceFactory(slug="hidden-words", title="XYZZY")  # type: ignore[no-any-return]


def odd_world() -> SimpleNamespace:
    """`published_world`, with drafts wherever something public leads, a retired claim, verdicts that were
    withdrawn and signed by namesakes, a text in two editions (and a third that is not public)."""
    world = published_world()
    draft = factories.ClaimFactory(slug="draft", text="XYZZY", part_of=None)
    # What is public leads to drafts.
    Claim.objects.filter(pk=world.part.pk).update(
        part_of=draft, part_position=3, decides_whole=True
    )
    secret = factories.SpeakerFactory(slug="secret", name="XYZZY")
    Turn.objects.filter(snapshot=world.snapshot, position=1).update(times=[[0, 0], [17, 1500]])
    Source.objects.filter(pk=world.snapshot.source_id).update(
        translated_by="An engine", recording_url="https://recordings.example/7"
    )
    Turn.objects.filter(snapshot=world.snapshot, label="QUESTION").update(speaker=secret)
    factories.ExternalReviewFactory(claim=world.claim, claimant=secret)
    factories.RebuttalFactory(
        claim=world.counterclaim,
        passage=factories.passage(world.snapshot, "Nobody did"),
        counterclaim=draft,
    )
    factories.published(world.claim)
    factories.published(world.counterclaim)
    # A retired claim, and one that was merged while it was a draft (desk_work).
    duplicate = factories.published(factories.ClaimFactory(slug="duplicate", text="XYZZY"))
    duplicate.merge_into(world.claim, by=factories.editor())
    # A second edition that is quoted, and a third that is not.
    for edition, text in ((2, "Second.\n\nWords “quoted” from it 😀 here."), (3, "XYZZY")):
        snapshot = factories.SnapshotFactory(
            source=world.snapshot.source, edition=edition, text=text, media_type="text/html"
        )
        if edition == 2:
            claim = factories.ClaimFactory(
                slug="second", text='=HYPERLINK("x"), "quoted";\u2028', context="Line\n\nline\ttab"
            )
            factories.EvidenceFactory(
                claim=claim,
                source=snapshot.source,
                passage=factories.passage(snapshot, "Words “quoted” from it 😀"),
                locator="line 2",
            )
            factories.published(claim, at=LATER)
            # A part comes before its whole.
            first = factories.published(factories.ClaimFactory(slug="first-part"))
            Claim.objects.filter(pk=first.pk).update(
                part_of=factories.published(factories.ClaimFactory(slug="its-whole")),
                part_position=1,
                decides_whole=True,
            )
    # Two people of one name sign; then the verdict is withdrawn.
    verdict = factories.VerdictFactory(
        claim=Claim.objects.get(slug="second"),
        author=factories.researcher(first_name="Ann", last_name="van Doe"),
        headline="It says so.",
        no_primary="The record is lost.",
    )
    verdict.submit(by=verdict.author, at=LATER)
    verdict.override("answer", by=factories.editor(), why="Nobody is left to ask.", at=LATER)
    verdict.approve(by=factories.editor(first_name="Ann van", last_name="Doe"), at=LATER)
    factories.withdrawn(verdict, why="It was hasty.", at=LATER + dt.timedelta(days=1))
    factories.VerdictFactory(claim=world.claim, reason="error", note="XYZZY", headline="XYZZY")
    factories.TopicFactory(slug="draft-topic", name="XYZZY")
    for source, printed in ((world.snapshot.source, "START III"), (hidden_source(), "XYZZY")):
        GlossaryNote.objects.create(source=source, printed=printed, meant="New START")
    # Last, since publishing a claim publishes the sources that it rests on.
    hidden = factories.SourceFactory(slug="hidden", title="XYZZY")
    Source.objects.filter(slug="memo").update(derived_from=hidden, derivation="report")
    factories.CitationFactory(rebuttal=world.rebuttal, invoked="A letter", source=hidden)
    desk_work(Claim.objects.get(slug="promise"))
    return world
