"""Rows for tests. Each factory makes a draft; `published(...)` takes a claim through the front door."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory

from claims import models as claims
from claims.models.reader_report import deadline_of
from jobs.models import Job
from jobs.retries import Final
from jobs.tasks import prune
from sources import models as sources
from sources import store
from sources.parsing import parse_transcript

TRANSCRIPT = """Remarks on the Alliance

Office of the Spokesperson
January 7, 2022

SECRETARY DOE: Good afternoon. Moscow claims that the Alliance promised not to grow.

The Alliance never promised that.

QUESTION: Did anybody ask?

SECRETARY DOE: Nobody did, as far as I know.
"""


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    is_staff = True

    @factory.post_generation
    def role(self, create: bool, role: str | None, **kwargs: Any) -> None:
        if create and role:
            self.groups.add(Group.objects.get(name=role))  # type: ignore[attr-defined]


def researcher(**kwargs: Any) -> Any:
    return UserFactory(role="researcher", **kwargs)


def editor(**kwargs: Any) -> Any:
    return UserFactory(role="editor", **kwargs)


class SpeakerFactory(DjangoModelFactory):
    class Meta:
        model = sources.Speaker

    slug = factory.Sequence(lambda n: f"speaker-{n}")
    name = factory.Sequence(lambda n: f"Speaker {n}")


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = sources.Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    title = factory.Sequence(lambda n: f"Source {n}")
    kind = "report"
    date = dt.date(2022, 1, 7)
    date_precision = "day"
    url = factory.LazyAttribute(lambda source: f"https://archive.example/{source.slug}")
    rendition = "original"


class SnapshotFactory(DjangoModelFactory):
    class Meta:
        model = sources.Snapshot

    source = factory.SubFactory(SourceFactory, kind="transcript")
    edition = 1
    text = TRANSCRIPT
    sha256 = factory.LazyAttribute(lambda snapshot: store.keep(snapshot.text.encode()))


class CaptureFactory(DjangoModelFactory):
    """A visit that has ended: what came is kept, and has no text."""

    class Meta:
        model = sources.Capture

    source = factory.SubFactory(SourceFactory)
    url = factory.LazyAttribute(lambda capture: capture.source.url)
    occasion = "desk"
    outcome = "unreadable"
    asked_at = factory.LazyFunction(timezone.now)
    ended_at = factory.LazyAttribute(lambda capture: capture.asked_at)
    sha256 = factory.LazyAttribute(lambda capture: store.keep(b"<p></p>"))
    size = 7
    warc_sha256 = factory.LazyAttribute(
        lambda capture: store.put_file(sources.Capture(key=capture.key).warc_path, b"warc")
    )
    warc_size = 4
    key = factory.LazyFunction(uuid.uuid4)


def transcript(*, text: str = TRANSCRIPT, **source: Any) -> sources.Snapshot:
    """A transcript with its turns, as an import leaves it."""
    snapshot = SnapshotFactory(
        text=text, **{f"source__{name}": value for name, value in source.items()}
    )
    for turn in parse_transcript(text).turns:
        sources.Turn.objects.create(
            snapshot=snapshot,
            position=turn.position,
            label=turn.label,
            role=turn.role,
            start=turn.start,
            end=turn.end,
        )
    return snapshot  # type: ignore[no-any-return]


def relocation(exact: str = "The Alliance never promised that.", new: str = "Never.") -> Any:
    """What became of a passage in a second edition, where other words stand in its place."""
    first = passage(exact=exact)
    text = first.snapshot.text.replace(exact, new)
    later = sources.Snapshot.objects.keep(first.snapshot.source, text.encode(), text=text)
    sources.Relocation.objects.look_for(later)
    return sources.Relocation.objects.get(passage=first, snapshot=later)


def rendition_of(snapshot: sources.Snapshot, *, text: str = TRANSCRIPT, **source: Any) -> Any:
    """A transcript whose source is a translation of that of `snapshot`."""
    return transcript(text=text, derived_from=snapshot.source, derivation="translation", **source)


def alignment() -> Any:
    """What a person says: that the first turns of two renditions stand beside each other."""
    snapshot = transcript()
    first, other = snapshot.turns.first(), rendition_of(snapshot).turns.first()
    sources.Alignment.objects.fix(first, other, by=editor())
    return sources.Alignment.objects.get(turn=first)


class ClaimFactory(DjangoModelFactory):
    class Meta:
        model = claims.Claim

    slug = factory.Sequence(lambda n: f"claim-{n}")
    text = factory.Sequence(lambda n: f"The Alliance made promise number {n}.")
    selection = "repeated"


def passage(snapshot: sources.Snapshot | None = None, exact: str = "promised not to grow") -> Any:
    return sources.Passage.objects.quote(snapshot or transcript(), exact)


class AppearanceFactory(DjangoModelFactory):
    class Meta:
        model = claims.Appearance

    claim = factory.SubFactory(ClaimFactory)
    passage = factory.LazyFunction(passage)
    claimant = factory.SubFactory(SpeakerFactory)


class RebuttalFactory(DjangoModelFactory):
    class Meta:
        model = claims.Rebuttal

    claim = factory.SubFactory(ClaimFactory)
    speaker = factory.SubFactory(SpeakerFactory)
    passage = factory.LazyFunction(lambda: passage(exact="The Alliance never promised that."))
    summary = "The speaker says that there was no such promise."


class CitationFactory(DjangoModelFactory):
    class Meta:
        model = claims.Citation

    rebuttal = factory.SubFactory(RebuttalFactory)
    invoked = factory.Sequence(lambda n: f"Document {n}")
    source = factory.SubFactory(SourceFactory)


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = claims.Evidence

    claim = factory.SubFactory(ClaimFactory)
    source = factory.SubFactory(SourceFactory)
    direction = "supports"
    summary = "The record says so."


class SearchFactory(DjangoModelFactory):
    class Meta:
        model = claims.Search

    claim = factory.SubFactory(ClaimFactory)
    searched_on = dt.date(2022, 2, 1)
    place = factory.Sequence(lambda n: f"Archive {n}")
    terms = "promise"
    outcome = "Nothing was found."


class ExternalReviewFactory(DjangoModelFactory):
    class Meta:
        model = claims.ExternalReview

    claim = factory.SubFactory(ClaimFactory)
    publisher_name = "Another Desk"
    publisher_site = "reviews.example"
    url = factory.Sequence(lambda n: f"https://reviews.example/{n}/")
    claim_reviewed = "They promised it."
    rating_text = "Mostly false"


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = claims.Topic

    slug = factory.Sequence(lambda n: f"topic-{n}")
    name = factory.Sequence(lambda n: f"Topic {n}")


class RatingScaleFactory(DjangoModelFactory):
    class Meta:
        model = claims.RatingScale
        django_get_or_create = ["slug"]

    slug = "truth"
    name = "Truth"


class RatingFactory(DjangoModelFactory):
    class Meta:
        model = claims.Rating
        django_get_or_create = ["slug"]

    scale = factory.SubFactory(RatingScaleFactory)
    slug = "false"
    label = factory.LazyAttribute(lambda rating: rating.slug.replace("-", " ").capitalize())
    meaning = "What the record shows."
    value = factory.LazyAttribute(lambda rating: {"false": 1, "true": 5}.get(rating.slug))


class VerdictFactory(DjangoModelFactory):
    class Meta:
        model = claims.Verdict

    claim = factory.SubFactory(ClaimFactory)
    rating = factory.SubFactory(RatingFactory)
    headline = factory.Sequence(lambda n: f"Finding number {n}.")
    rationale = "The *record* shows it."
    author = factory.LazyFunction(researcher)


class WithdrawalFactory(DjangoModelFactory):
    """A proposal that waits for a second person."""

    class Meta:
        model = claims.Withdrawal

    verdict = factory.LazyFunction(lambda: approved())
    reason = "The record is forged."
    proposed_by = factory.LazyFunction(editor)


class NoteFactory(DjangoModelFactory):
    """On a claim, if on nothing else."""

    class Meta:
        model = claims.Note

    claim = factory.Maybe(
        factory.LazyAttribute(lambda note: not (note.verdict or note.passage)),
        yes_declaration=factory.SubFactory(ClaimFactory),
    )
    verdict = None
    passage = None
    body = "The date is to be checked."
    author = factory.LazyFunction(researcher)


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = claims.Assignment

    claim = factory.SubFactory(ClaimFactory)
    assignee = factory.LazyFunction(researcher)


class SavedFilterFactory(DjangoModelFactory):
    class Meta:
        model = claims.SavedFilter

    owner = factory.LazyFunction(researcher)
    name = factory.Sequence(lambda n: f"Selection {n}")
    query = "queue=mine"


class MergeFactory(DjangoModelFactory):
    """A bare record, of which nothing has moved."""

    class Meta:
        model = claims.Merge

    retired = factory.SubFactory(ClaimFactory)
    into = factory.SubFactory(ClaimFactory)
    merged_by = factory.LazyFunction(editor)


class LikelyDuplicateFactory(DjangoModelFactory):
    class Meta:
        model = claims.LikelyDuplicate

    first = factory.SubFactory(ClaimFactory)
    second = factory.SubFactory(ClaimFactory)
    probability = 0.8
    why = "shares “Alliance”, “promised”"
    first_text = factory.SelfAttribute("first.text")
    second_text = factory.SelfAttribute("second.text")


class ReaderReportFactory(DjangoModelFactory):
    class Meta:
        model = claims.ReaderReport

    ticket = factory.LazyFunction(uuid.uuid4)
    claim = factory.SubFactory(ClaimFactory)
    kind = "factual"
    text = "The year is wrong."
    deadline = factory.LazyAttribute(lambda report: deadline_of(report.received_at))
    received_at = factory.LazyFunction(timezone.now)


class ChangeFactory(DjangoModelFactory):
    class Meta:
        model = sources.Change

    position = factory.Sequence(lambda n: n + 1)
    resource = "claims"
    key = factory.Sequence(lambda n: f"claim-{n}")
    kind = "published"


class WebhookFactory(DjangoModelFactory):
    class Meta:
        model = claims.Webhook

    # In digits: nothing is looked up.
    url = factory.Sequence(lambda n: f"https://93.184.216.34/hook-{n}")
    description = factory.Sequence(lambda n: f"Newsroom {n}")


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = claims.Delivery

    webhook = factory.SubFactory(WebhookFactory)
    position = factory.LazyFunction(lambda: ChangeFactory().position)
    type = "claim.published"


def job(*, failed: bool = False) -> Any:
    """A job that waits, or one that has failed for good."""
    prune.enqueue()
    row = Job.objects.latest("enqueued_at")
    if failed:
        row.claim("a worker")
        row.fail(Final("It will not get better."))
    return row


def published(
    claim: claims.Claim | None = None, *, by: Any = None, at: dt.datetime | None = None
) -> Any:
    """The claim (a new one if none is given), published with all that is attached to it."""
    claim = claim or ClaimFactory()
    claim.publish(by=by or editor(), at=at)
    return claim


def approved(*, at: dt.datetime | None = None, **verdict: Any) -> claims.Verdict:
    """A verdict taken through submission and approval by two people; its claim is then public."""
    row = VerdictFactory(**verdict)
    row.submit(by=row.author, at=at)
    row.approve(by=editor(), at=at)
    return row  # type: ignore[no-any-return]


def withdrawn(
    verdict: claims.Verdict,
    *,
    why: str = "It was wrong.",
    by: Any = None,
    at: dt.datetime | None = None,
) -> claims.Verdict:
    """The verdict in force, withdrawn by two people: one proposes it, another (`by`) confirms."""
    verdict.propose_withdrawal(by=editor(), why=why, at=at).confirm(by=by or editor(), at=at)
    verdict.refresh_from_db()
    return verdict
