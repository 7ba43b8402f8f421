from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from sources.fields import LineField, ProseField
from sources.models import Capture, Change, Source
from sources.models.capture import Occasion
from sources.models.change import Kind

from ..querysets import VerdictQuerySet
from .claim import Claim
from .note import Note
from .rating import Rating
from .verdict_row import CONSTRAINTS
from .verdict_row import Ending as Ending
from .verdict_row import Reason as Reason

# Characters: a rationale has some thousands.
RATIONALE_LIMIT = 100_000


class Verdict(models.Model):
    """The desk's conclusion on a Claim, version n.

    Draft → submitted → published, by another person than its author → superseded or withdrawn.
    `submit`, `send_back`, `approve` and `withdraw` are the only ways along; the state is told from the
    times that they record. A published version never changes: triggers (migration 0002) let nothing
    but its end be recorded, once. A correction is a new version.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="verdicts")
    version = models.PositiveIntegerField(editable=False, help_text="1, 2, 3, … of the claim.")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="verdicts")
    claim_text = LineField(
        "claim as judged",
        max_length=500,
        editable=False,
        blank=True,
        help_text="The wording of the claim when the verdict was submitted: what was judged.",
    )
    headline = LineField(
        max_length=300, help_text="The finding in one neutral sentence that can stand alone."
    )
    rationale = ProseField(
        help_text=(
            "Why, in Markdown: what the evidence for and against shows, and what is not known. "
            "Weigh both sides; name the sources."
        )
    )
    reason = models.CharField(
        "reason for this version",
        max_length=20,
        choices=Reason,
        default=Reason.FIRST,
        db_index=True,
        help_text="Version 1 is always the first verdict; every later one says what brought it about.",
    )
    note = ProseField(
        "what changed",
        blank=True,
        help_text="For readers, on the corrections page: what changed against the version before, and why.",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verdicts_written"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="verdicts_submitted",
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="verdicts_reviewed",
        help_text="Who approved and so published it: never its author.",
    )
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="verdicts_ended",
    )
    ending = models.CharField(max_length=10, choices=Ending, blank=True, editable=False)
    ending_reason = ProseField(blank=True, editable=False, help_text="For readers.")

    history = HistoricalRecords()

    objects: ClassVar[Any] = VerdictQuerySet.as_manager()

    # What is fixed from submission on: the reviewer approves what the author submitted, and nothing else.
    CONTENT = (
        "claim_id",
        "version",
        "rating_id",
        "headline",
        "rationale",
        "reason",
        "note",
        "author_id",
    )
    # What only a step records.
    STEPS = (
        "submitted_at",
        "submitted_by_id",
        "claim_text",
        "published_at",
        "reviewer_id",
        "ended_at",
        "ended_by_id",
        "ending",
        "ending_reason",
    )

    class Meta:
        ordering = ["claim", "-version"]
        permissions = [
            ("submit_verdict", "Can submit a verdict for review"),
            ("approve_verdict", "Can approve and publish a verdict, or send it back"),
            ("withdraw_verdict", "Can withdraw a published verdict"),
        ]
        constraints = CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.rating}, version {self.version}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new row becomes the next version of its claim.

        Raises ValidationError for a change of what has been submitted, and of when and by whom a step
        was taken: `submit`, `send_back`, `approve` and `withdraw` record that.
        """
        if self._state.adding and self.version is None:
            # The lock makes two authors who begin at once wait for each other.
            claim = Claim.objects.select_for_update().get(pk=self.claim_id)
            if claim.duplicate_of_id is not None:
                raise ValidationError(
                    {"claim": "That claim is retired: write on the one that it leads to."}
                )
            latest = self.claim.verdicts.aggregate(latest=Max("version"))["latest"] or 0
            self.version = latest + 1
        elif not self._state.adding:
            self._refuse_changes()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("verdict", args=[self.claim.slug, self.version])

    def clean(self) -> None:
        super().clean()
        if len(self.rationale) > RATIONALE_LIMIT:
            refusal = f"It is too long: shorten it to {RATIONALE_LIMIT:,} characters."
            raise ValidationError({"rationale": refusal})

    def lock_above(self) -> None:
        """Lock the claim first, as every step does."""
        list(Claim.objects.select_for_update().filter(pk=self.claim_id).values_list("pk"))

    def _refuse_changes(self) -> None:
        """Refuse to save over what steps have recorded, and over the content once it is submitted."""
        rows = type(self).objects.select_for_update().filter(pk=self.pk)
        stored = rows.values(*self.STEPS, *self.CONTENT).get()
        names = self.STEPS if stored["submitted_at"] is None else self.STEPS + self.CONTENT
        changed = [name for name in names if getattr(self, name) != stored[name]]
        if changed:
            raise ValidationError(
                f"A {self.state} verdict does not change ({', '.join(changed)}): "
                "send it back, or write a new version."
            )

    def _writers(self) -> set[int]:
        """The ids of the users who wrote any of the content, as the history has it."""
        versions = list(self.history.order_by("history_date", "history_id"))
        writers = {versions[0].history_user_id} if versions else set()
        writers |= {
            after.history_user_id
            for before, after in pairwise(versions)
            if any(getattr(before, name) != getattr(after, name) for name in self.CONTENT)
        }
        return writers - {None}

    def approvable_by(self, user: Any) -> bool:
        """Whether `user` may judge it, that is approve it or send it back: it awaits review, and they
        have the right, and neither wrote nor submitted it. Costs one query at most."""
        return (
            self.state == "submitted"
            and user.has_perm("claims.approve_verdict")
            and user.pk not in {self.author_id, self.submitted_by_id, *self._writers()}
        )

    def _refuse_own(self, by: Any, done: str) -> None:
        """Of a submitted verdict, on which `by` has the right to decide."""
        if not self.approvable_by(by):
            raise PermissionDenied(
                f"A verdict is {done} by another person than those who wrote or submitted it."
            )

    def _record(self, by: Any, why: str = "") -> None:
        """Save the step that `by` has taken; the row was read under the claim's lock."""
        self.full_clean()
        self._history_user = by
        self._change_reason = why or None
        super().save()
        self._change_reason = None

    def deletable_by(self, user: Any) -> bool:
        """Whether `user` may delete it: a draft, by its author or by who approves verdicts."""
        return self.state == "draft" and (
            user.pk == self.author_id or user.has_perm("claims.approve_verdict")
        )

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete a draft. Raises ProtectedError for what is under review, and IntegrityError (a trigger)
        for what is published."""
        if self.state == "submitted":
            raise models.ProtectedError("It is under review: send it back first.", {self})
        return super().delete(*args, **kwargs)

    @property
    def state(self) -> str:
        """draft, submitted, published, superseded or withdrawn."""
        if self.ended_at is not None:
            return self.ending
        if self.published_at is not None:
            return "published"
        return "draft" if self.submitted_at is None else "submitted"

    @property
    def is_correction(self) -> bool:
        return self.version > 1

    @property
    def is_withdrawn(self) -> bool:
        return self.ending == Ending.WITHDRAWN

    def _step(self, *, only_a: str, can_be: str, permission: str, by: Any) -> None:
        """Lock the claim, then the row; read the row anew; refuse what is out of turn, not permitted,
        or based on other words than those that are stored."""
        if not by.has_perm(permission):
            raise PermissionDenied(f"A verdict is {can_be} by who has the permission {permission}.")
        # The claim's row is the lock that all publication on a claim takes first.
        claim = Claim.objects.select_for_update().get(pk=self.claim_id)
        seen = {name: getattr(self, name) for name in self.CONTENT}
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        if self.state != only_a:
            raise ValidationError(
                f"Only a {only_a} verdict can be {can_be}; this one is {self.state}."
            )
        changed = [name for name, value in seen.items() if getattr(self, name) != value]
        if changed:
            raise ValidationError(
                f"What is stored differs from what you have before you ({', '.join(changed)}): "
                "look at it again first."
            )
        self.claim = claim

    @transaction.atomic
    def submit(self, *, by: Any, at: dt.datetime | None = None) -> None:
        """Hand the draft over for review; from now on its content is fixed.

        `by` needs claims.submit_verdict (PermissionDenied); `at` is UTC, now if left out. Raises
        ValidationError for anything but a complete draft.
        """
        self._step(only_a="draft", can_be="submitted", permission="claims.submit_verdict", by=by)
        self.submitted_at = at or timezone.now()
        self.submitted_by = by
        self.claim_text = self.claim.text
        self._record(by)

    @transaction.atomic
    def send_back(self, *, by: Any, why: str) -> None:
        """Return a submitted verdict to its author as a draft, and tell them why.

        `why` becomes the reason in the history, and a note of the review. `by` needs
        claims.approve_verdict and is neither who wrote nor who submitted it (PermissionDenied). Raises
        ValidationError without a reason.
        """
        why = why.strip()
        if not why:
            raise ValidationError({"why": "Say what its author is to change, or to explain."})
        self._step(
            only_a="submitted", can_be="sent back", permission="claims.approve_verdict", by=by
        )
        self._refuse_own(by, "sent back")
        self.submitted_at = None
        self.submitted_by = None
        self.claim_text = ""
        self._record(by, why)
        note = Note(verdict=self, body=why, author=by)
        note.full_clean()
        note.save()

    @transaction.atomic
    def approve(self, *, by: Any, at: dt.datetime | None = None, seen: str | None = None) -> None:
        """Publish the submitted verdict, supersede the one in force, and publish the claim with all
        that has been added to it.

        `by` needs claims.approve_verdict and claims.publish_claim, and is neither who wrote nor who
        submitted the verdict, whatever their rights (PermissionDenied). `at` is UTC, now if left out;
        before the submission it is refused (ValidationError). `seen` is the claim's `edition` that `by`
        looked at: if the verdict, or anything that it would publish, changed since, that is refused too.
        """
        at = at or timezone.now()
        self._step(
            only_a="submitted", can_be="approved", permission="claims.approve_verdict", by=by
        )
        self._refuse_own(by, "approved")
        if seen is not None and seen != self.claim.edition():
            raise ValidationError(
                "The verdict, or what is attached to the claim, has changed since you looked: look at it "
                "again before you approve."
            )
        if self.claim_text != self.claim.text:
            raise ValidationError(
                "The wording of the claim was changed after the verdict on it was submitted: "
                "send the verdict back."
            )
        predecessor = self.claim.verdicts.in_force().first()
        if predecessor is not None:
            predecessor._end(Ending.SUPERSEDED, by=by, at=at, why=self.note)
        self.published_at = at
        self.reviewer = by
        self._record(by)
        self.claim.publish(by=by, at=at)
        self.claim.touch(at)
        self._archive_evidence(by)
        self._note(Kind.CORRECTED if self.is_correction else Kind.PUBLISHED)

    @transaction.atomic
    def withdraw(self, *, by: Any, why: str, at: dt.datetime | None = None) -> None:
        """Withdraw the verdict in force, telling readers why; the claim is then open again.

        `by` needs claims.withdraw_verdict (PermissionDenied). Raises ValidationError without a reason.
        `at` is UTC, now if left out.
        """
        if not why.strip():
            raise ValidationError({"ending_reason": "A withdrawal tells readers why."})
        self._step(
            only_a="published", can_be="withdrawn", permission="claims.withdraw_verdict", by=by
        )
        self._end(Ending.WITHDRAWN, by=by, at=at or timezone.now(), why=why)
        self.claim.touch(at)

    def _archive_evidence(self, by: Any) -> None:
        """Have the sources that the verdict rests on archived, unless they were within the last day."""
        if settings.ARCHIVING:
            weighed = Source.objects.filter(pk__in=self.claim.evidence.published().values("source"))
            day = timezone.now() - dt.timedelta(days=1)
            for source in Capture.objects.want(weighed, since=day):
                Capture.objects.ask(source, occasion=Occasion.VERDICT, by=by)

    def _note(self, kind: str) -> None:
        """Let the change feed tell of this version, if its claim has a page."""
        if self.claim.is_public:
            Change.objects.note("claims", [self.claim.slug], kind, version=self.version)

    def _end(self, ending: Ending, *, by: Any, at: dt.datetime, why: str) -> None:
        self.ended_at = at
        self.ended_by = by
        self.ending = ending
        self.ending_reason = why
        self._record(by)
        self._note(Kind(ending))
