import datetime as dt
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from claims.admin.reviewing import unwrapped
from claims.dossier import Dossier
from claims.models import Verdict
from claims.models.verdict import RATIONALE_LIMIT
from tests.factories import (
    AppearanceFactory,
    ClaimFactory,
    EvidenceFactory,
    RatingFactory,
    RebuttalFactory,
    UserFactory,
    VerdictFactory,
    approved,
    editor,
    researcher,
    withdrawn,
)

pytestmark = pytest.mark.django_db

AT = dt.datetime(2022, 2, 1, 12, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)


def test_from_draft_to_published_by_two_people():
    author, reviewer = researcher(), editor()
    verdict = VerdictFactory(author=author)
    assert verdict.state == "draft"
    verdict.submit(by=author, at=AT)
    assert (verdict.state, verdict.submitted_at, verdict.submitted_by) == ("submitted", AT, author)
    assert verdict.claim_text == verdict.claim.text
    verdict.approve(by=reviewer, at=LATER)
    verdict.refresh_from_db()
    assert (verdict.state, verdict.published_at, verdict.reviewer) == ("published", LATER, reviewer)
    assert verdict.claim.is_published
    assert verdict.claim.verdict == verdict


def test_each_step_is_in_the_history_with_who_took_it():
    verdict = approved()
    steps = [(entry.state_then, entry.history_user) for entry in told(verdict)]
    assert steps == [
        ("published", verdict.reviewer),
        ("submitted", verdict.author),
        ("draft", None),
    ]


def told(verdict):
    for entry in verdict.history.all():
        entry.state_then = entry.instance.state
        yield entry


def test_an_author_never_approves_whatever_their_rights():
    author = get_user_model().objects.create_superuser("root")
    verdict = VerdictFactory(author=author)
    verdict.submit(by=author)
    with pytest.raises(PermissionDenied, match="another person"):
        verdict.approve(by=author)
    assert Verdict.objects.get().state == "submitted"


def test_who_submitted_anothers_draft_does_not_approve_it_either():
    busy = editor()
    verdict = VerdictFactory()
    verdict.submit(by=busy)
    with pytest.raises(PermissionDenied, match="another person"):
        verdict.approve(by=busy)


def test_the_database_too_refuses_an_author_as_reviewer():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author)
    with (
        pytest.raises(IntegrityError, match="claims_verdict_reviewer_is_another"),
        transaction.atomic(),
    ):
        Verdict.objects.filter(pk=verdict.pk).update(
            published_at=verdict.submitted_at, reviewer=verdict.author, publication_entry=99
        )


def test_a_researcher_neither_approves_nor_sends_back_nor_withdraws():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author)
    other = researcher()
    with pytest.raises(PermissionDenied):
        verdict.approve(by=other)
    with pytest.raises(PermissionDenied):
        verdict.send_back(by=other, why="No.")
    published = approved()
    with pytest.raises(PermissionDenied):
        published.propose_withdrawal(by=other, why="No.")


def test_who_has_no_role_does_not_even_submit():
    with pytest.raises(PermissionDenied):
        VerdictFactory().submit(by=UserFactory())


@pytest.mark.parametrize(
    ("prepare", "step"),
    [
        ("draft", "approve"),
        ("draft", "send_back"),
        ("draft", "propose_withdrawal"),
        ("submitted", "submit"),
        ("submitted", "propose_withdrawal"),
        ("published", "submit"),
        ("published", "approve"),
        ("published", "send_back"),
        ("withdrawn", "propose_withdrawal"),
        ("withdrawn", "approve"),
    ],
)
def test_no_step_out_of_turn(prepare, step):
    verdict = VerdictFactory()
    if prepare != "draft":
        verdict.submit(by=verdict.author)
    if prepare in ("published", "withdrawn"):
        verdict.approve(by=editor())
    if prepare == "withdrawn":
        withdrawn(verdict)
    arguments = {"why": "Because."} if step in ("propose_withdrawal", "send_back") else {}
    with pytest.raises(ValidationError, match=f"this one is {prepare}"):
        getattr(verdict, step)(by=editor(), **arguments)


def test_a_step_looks_at_the_row_not_at_what_the_caller_remembers():
    verdict = VerdictFactory()
    stale = Verdict.objects.get(pk=verdict.pk)
    verdict.submit(by=verdict.author)
    with pytest.raises(ValidationError, match="this one is submitted"):
        stale.submit(by=verdict.author)


def test_what_is_submitted_does_not_change_until_it_is_sent_back():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author)
    verdict.headline = "Something else."
    with pytest.raises(ValidationError, match="headline"):
        verdict.save()
    with pytest.raises(ValidationError, match="look at it again"):
        verdict.approve(by=editor())
    verdict.refresh_from_db()
    verdict.send_back(by=editor(), why="Weigh it again.")
    assert verdict.state == "draft"
    verdict.headline = "Something else."
    verdict.save()
    assert Verdict.objects.get().headline == "Something else."


@pytest.mark.parametrize("field", ["headline", "rationale"])
def test_an_incomplete_draft_is_not_submitted(field):
    verdict = VerdictFactory(**{field: ""})
    with pytest.raises(ValidationError) as error:
        verdict.submit(by=verdict.author)
    assert field in error.value.message_dict


def test_a_verdict_is_not_published_before_it_was_submitted():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author, at=LATER)
    with pytest.raises(ValidationError):
        verdict.approve(by=editor(), at=AT)
    assert Verdict.objects.get().state == "submitted"


def test_a_correction_supersedes_and_says_why():
    first = approved(at=AT)
    second = approved(claim=first.claim, reason="error", note="A figure was wrong.", at=LATER)
    first.refresh_from_db()
    assert (first.state, first.ended_at, first.ending_reason) == (
        "superseded",
        LATER,
        "A figure was wrong.",
    )
    assert (second.version, second.state) == (2, "published")
    assert list(first.claim.verdicts.in_force()) == [second]


def test_a_failed_approval_supersedes_nothing():
    first = approved(at=AT)
    second = VerdictFactory(claim=first.claim, reason="error", note="Wrong.")
    second.submit(by=second.author, at=LATER)
    with pytest.raises(ValidationError):
        second.approve(by=editor(), at=AT)
    first.refresh_from_db()
    assert first.state == "published"


def test_a_withdrawal_leaves_the_claim_open():
    verdict = withdrawn(approved(at=AT), why="The source was forged.", at=LATER)
    assert (verdict.state, verdict.ended_at) == ("withdrawn", LATER)
    claim = type(verdict.claim).objects.get()
    assert claim.verdict is None
    assert claim.updated_at == LATER


def test_versions_count_up_and_one_is_made_at_a_time():
    first = approved()
    draft = VerdictFactory(claim=first.claim, reason="scope", note="Narrower.")
    assert draft.version == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        VerdictFactory(claim=first.claim, reason="scope", note="Narrower still.")


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("claims_verdict_first_is_version_1", {"reason": "error", "note": "x"}),
        ("claims_verdict_(reason_known|first_is)", {"reason": "whim"}),
        ("claims_verdict_submitted_when_and_by_whom", {"submitted_at": AT}),
    ],
)
def test_what_the_database_refuses_of_a_first_version(constraint, values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        VerdictFactory(**values)


def test_a_later_version_says_what_changed():
    first = approved()
    with (
        pytest.raises(IntegrityError, match="claims_verdict_later_version_says_what_changed"),
        transaction.atomic(),
    ):
        VerdictFactory(claim=first.claim, reason="error", note="")


def test_the_wording_that_was_judged_is_kept():
    verdict = approved(claim=ClaimFactory(text="As judged."))
    verdict.claim.text = "As reworded."
    verdict.claim.save()
    verdict.refresh_from_db()
    assert verdict.claim_text == "As judged."


def test_approval_publishes_what_was_added_to_a_public_claim():
    first = approved(at=AT)
    added = EvidenceFactory(claim=first.claim)
    second = VerdictFactory(
        claim=first.claim, rating=RatingFactory(slug="true"), reason="new-evidence", note="New."
    )
    second.submit(by=second.author, at=AT)
    assert not first.claim.evidence.published().exists()
    second.approve(by=editor(), at=LATER)
    added.refresh_from_db()
    assert added.published_at == LATER
    assert added.source.is_published


@pytest.mark.parametrize("field", ["submitted_at", "submitted_by", "claim_text"])
def test_no_step_is_taken_back_by_saving_an_old_copy(field):
    verdict = VerdictFactory()
    old = Verdict.objects.get(pk=verdict.pk)
    verdict.submit(by=verdict.author)
    with pytest.raises(ValidationError, match=field):
        old.save()
    assert Verdict.objects.get().state == "submitted"


def test_no_step_is_taken_by_saving():
    verdict = VerdictFactory()
    verdict.submitted_at, verdict.submitted_by, verdict.claim_text = AT, verdict.author, "x"
    with pytest.raises(ValidationError, match="submitted_at"):
        verdict.save()


def test_a_draft_is_deleted_by_its_author_or_an_editor_and_nothing_else_is_deleted():
    verdict = VerdictFactory()
    assert verdict.deletable_by(verdict.author)
    assert verdict.deletable_by(editor())
    assert not verdict.deletable_by(researcher())
    verdict.submit(by=verdict.author)
    assert not verdict.deletable_by(editor())
    with pytest.raises(ProtectedError, match="under review"):
        verdict.delete()
    verdict.send_back(by=editor(), why="Weigh it again.")
    verdict.delete()
    assert not Verdict.objects.exists()


def test_a_rating_that_published_verdicts_give_keeps_what_they_say():
    verdict = approved()
    rating = verdict.rating
    rating.meaning = "Better explained."
    rating.full_clean()
    rating.save()
    rating.label = "True after all"
    for step in (rating.full_clean, rating.save):
        with pytest.raises(ValidationError, match="label cannot change"):
            step()
    rating.scale.best = 10
    with pytest.raises(ValidationError, match="make another scale"):
        rating.scale.full_clean()
    unused = RatingFactory(slug="true")
    unused.label = "Quite true"
    unused.full_clean()


def test_who_submitted_is_read_from_the_row_not_from_an_old_copy():
    verdict, busy = VerdictFactory(), editor()
    verdict.submit(by=verdict.author)
    old = Verdict.objects.get(pk=verdict.pk)
    verdict.send_back(by=editor(), why="Weigh it again.")
    verdict.submit(by=busy)
    with pytest.raises(PermissionDenied, match="another person"):
        old.approve(by=busy)


def test_nobody_submits_other_words_than_they_have_before_them():
    verdict = VerdictFactory()
    old = Verdict.objects.get(pk=verdict.pk)
    verdict.headline = "Newer."
    verdict.save()
    with pytest.raises(ValidationError, match=r"headline\): look at it again"):
        old.submit(by=verdict.author)


@pytest.mark.parametrize(
    "values",
    [
        {"published_at": LATER, "reviewer": "editor"},
        {"ended_at": LATER, "ended_by": "editor", "ending": "superseded", "ending_reason": "x"},
    ],
)
def test_the_database_refuses_a_publication_without_submission_and_an_end_without_publication(
    values,
):
    verdict = VerdictFactory()
    people = {"editor": editor()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Verdict.objects.filter(pk=verdict.pk).update(
            **{
                name: people.get(value, value) if isinstance(value, str) else value
                for name, value in values.items()
            }
        )


def test_who_rewrote_the_draft_is_an_author_too():
    verdict, busy = VerdictFactory(), editor()
    verdict.headline = "In the editor's words."
    verdict._history_user = busy
    verdict.save()
    verdict.submit(by=verdict.author)
    with pytest.raises(PermissionDenied, match="those who wrote"):
        verdict.approve(by=busy)
    verdict.approve(by=editor())


def test_a_claim_that_was_reworded_after_submission_is_not_rated():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author)
    verdict.claim.text = "The opposite."
    verdict.claim.save()
    with pytest.raises(ValidationError, match="wording of the claim was changed"):
        verdict.approve(by=editor())
    assert Verdict.objects.get().state == "submitted"


def test_who_sends_back_says_why_and_the_author_reads_it():
    verdict, reviewer = VerdictFactory(author=researcher(username="rita")), editor()
    verdict.submit(by=verdict.author)
    for nothing in ("", " \n"):
        with pytest.raises(ValidationError, match="Say what its author is to change"):
            verdict.send_back(by=reviewer, why=nothing)
    assert Verdict.objects.get().state == "submitted"

    why = "@rita, the minute of 1990 is not weighed. " * 10
    verdict.send_back(by=reviewer, why=why)

    note = verdict.notes.get()
    assert (note.body, note.author, note.done_at) == (why.strip(), reviewer, None)
    assert list(note.mentions.all()) == [verdict.author]
    entry = verdict.history.first()
    assert (entry.history_change_reason, entry.history_user) == (why.strip(), reviewer)
    verdict.submit(by=verdict.author)
    assert verdict.history.first().history_change_reason is None


def test_a_reason_that_cannot_be_stored_sends_nothing_back():
    verdict = VerdictFactory()
    verdict.submit(by=verdict.author)
    with pytest.raises(ValidationError, match="control character"):
        verdict.send_back(by=editor(), why="An \x07 alarm.")
    verdict.refresh_from_db()
    assert (verdict.state, verdict.notes.count()) == ("submitted", 0)


def test_who_wrote_or_submitted_a_verdict_does_not_judge_it():
    author, busy, rewriter = editor(), editor(), editor()
    verdict = VerdictFactory(author=author)
    assert not verdict.approvable_by(busy)  # a draft
    verdict.headline, verdict._history_user = "In other words.", rewriter
    verdict.save()
    verdict.submit(by=busy)
    for own in (author, busy, rewriter):
        assert not verdict.approvable_by(own)
        with pytest.raises(PermissionDenied, match="sent back by another person"):
            verdict.send_back(by=own, why="On second thoughts.")
    assert not verdict.approvable_by(researcher())
    reviewer = editor()
    assert verdict.approvable_by(reviewer)
    verdict.approve(by=reviewer)
    assert not verdict.approvable_by(reviewer)


def test_what_was_attached_after_one_looked_is_not_published_unseen():
    verdict, reviewer = VerdictFactory(), editor()
    kept = EvidenceFactory(claim=verdict.claim)
    rebuttal = RebuttalFactory(claim=verdict.claim)
    verdict.submit(by=verdict.author)

    def edit(row, **values):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()

    for change in (
        lambda: EvidenceFactory(claim=verdict.claim),
        lambda: edit(kept, summary="Something else."),
        lambda: verdict.claim.searches.create(
            searched_on=AT, place="Here", terms="x", outcome="None"
        ),
        lambda: AppearanceFactory(claim=verdict.claim),
        lambda: rebuttal.citations.create(invoked="A remark"),
        lambda: edit(rebuttal, summary="Another answer."),
        kept.delete,
        lambda: edit(verdict.claim, context="What must be known."),
    ):
        seen = verdict.claim.edition()
        change()
        with pytest.raises(ValidationError, match="has changed since you looked"):
            verdict.approve(by=reviewer, seen=seen)
    EvidenceFactory()  # on another claim
    verdict.approve(by=reviewer, seen=verdict.claim.edition())
    assert verdict.state == "published"


def test_words_sent_back_and_rewritten_are_not_published_by_an_older_look():
    verdict, reviewer = VerdictFactory(), editor()
    verdict.submit(by=verdict.author)
    seen = verdict.claim.edition()
    verdict.send_back(by=editor(), why="Say it plainly.")
    verdict.headline = "The opposite."
    verdict.save()
    verdict.submit(by=verdict.author)
    with pytest.raises(ValidationError, match="changed since you looked"):
        verdict.approve(by=reviewer, seen=seen)


def test_evidence_moved_away_and_a_draft_source_retitled_are_changes_to_look_at():
    verdict, reviewer = VerdictFactory(), editor()
    moved, stays = EvidenceFactory.create_batch(2, claim=verdict.claim)
    verdict.submit(by=verdict.author)

    def move():
        moved.claim = ClaimFactory()
        moved.save()

    def retitle():
        stays.source.title = "Another title"
        stays.source.save()

    for change in (move, retitle):
        seen = verdict.claim.edition()
        change()
        with pytest.raises(ValidationError, match="changed since you looked"):
            verdict.approve(by=reviewer, seen=seen)
    told = Dossier.of(verdict.claim).changes_since(verdict.submitted_at)
    assert [(change.what, change.label) for change in told] == [("removed", moved.summary)]
    verdict.approve(by=reviewer, seen=verdict.claim.edition())


def test_a_rationale_has_a_greatest_length():
    verdict = VerdictFactory()
    verdict.rationale = "x" * RATIONALE_LIMIT
    verdict.full_clean()
    verdict.rationale += "x"
    with pytest.raises(ValidationError, match="shorten it to 100,000 characters"):
        verdict.full_clean()


def test_line_ends_are_told_in_time_that_grows_with_the_text():
    began = time.process_time()
    assert unwrapped(" \n" * 40_000 + "x").endswith("x")
    assert time.process_time() - began < 2
