from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sources.constraints import one_of
from sources.fields import ProseField

from .. import working_days
from ..querysets.reader_report import NOT_ABOUT, ReaderReportQuerySet
from .assignment import Assignment
from .claim import Claim
from .verdict import Verdict

TEXT_LIMIT = 5_000  # characters
DAYS = 7  # working days that the desk has


class ReportKind(models.TextChoices):
    FACTUAL = "factual", _("A fact is wrong")
    MISQUOTATION = "misquotation", _("Somebody is quoted wrongly, or out of context")
    MISSING = "missing-evidence", _("Evidence is missing")
    SOURCE = "source", _("A source is wrong, lost or unfit")
    WORDING = "wording", _("The wording is unclear, or not neutral")
    OTHER = "other", _("Something else")


class Outcome(models.TextChoices):
    CORRECTED = "corrected", _("corrected")
    NO_ERROR = "no-error", _("no error found")
    ALREADY = "already-corrected", _("had been corrected already")
    NOT_ABOUT = NOT_ABOUT, _("not about this claim, or abuse")


class ReaderReport(models.Model):
    """An error that a reader reports on a public claim: a task of the desk, with a deadline.

    `receive` makes it, `settle` ends it, once. What the reader wrote never changes: triggers (migration 0019)
    let nothing be taken from it but the e-mail address, which goes when it is settled.
    docs/reader-reports.md.
    """

    PERMISSION = "claims.settle_readerreport"
    # What the reader said: for ever.
    WRITTEN = ("kind", "text", "source_url", "consent")

    ticket = models.UUIDField(
        unique=True,
        editable=False,
        help_text="Of the form that was sent: it is received once, and its receipt leads here.",
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="reader_reports")
    verdict = models.ForeignKey(
        Verdict,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reader_reports",
        help_text="The version that was in force when it was received.",
    )
    kind = models.CharField("what is wrong", max_length=20, choices=ReportKind)
    text = ProseField(validators=[MaxLengthValidator(TEXT_LIMIT)])
    source_url = models.URLField(
        "source offered",
        max_length=2_000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="As the reader gave it: nobody has looked at it.",
    )
    contact = models.EmailField(
        blank=True,
        help_text="Never public. It is deleted when the report is settled.",
    )
    consent = models.BooleanField(
        "may be published",
        default=False,
        help_text="Whether the reader lets the text be published.",
    )
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    deadline = models.DateField(help_text="The last day (UTC) on which it is settled in time.")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reader_reports",
        help_text="Who looks into it. Empty: nobody yet.",
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    answer = ProseField(
        "answer for readers",
        blank=True,
        help_text="What the desk found, and what it did about it.",
    )
    correction = models.ForeignKey(
        Verdict,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports_corrected",
        help_text="The version of the verdict that came of it.",
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withheld_at = models.DateTimeField(null=True, blank=True)
    withheld_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withheld_because = ProseField(
        blank=True, help_text="Why its text is not published. For the desk alone."
    )

    # An address that is deleted must not live on in the history; and what never changes has none.
    history = HistoricalRecords(excluded_fields=["contact", "ticket", *WRITTEN])

    objects: ClassVar[Any] = ReaderReportQuerySet.as_manager()

    class Meta:
        ordering = ["deadline", "pk"]
        default_permissions = ("view",)
        permissions = [
            ("settle_readerreport", "Can settle what a reader reports, and withhold its text")
        ]
        verbose_name = "reader’s report"
        verbose_name_plural = "readers’ reports"
        constraints = [
            one_of("kind", ReportKind, name="claims_readerreport_kind_known"),
            models.CheckConstraint(
                name="claims_readerreport_text_not_empty", condition=~Q(text="")
            ),
            models.CheckConstraint(
                name="claims_readerreport_text_within_limit",
                condition=LessThanOrEqual(Length("text"), TEXT_LIMIT),
            ),
            models.CheckConstraint(
                name="claims_readerreport_source_on_the_web",
                condition=Q(source_url="") | Q(source_url__iregex=r"^https?://"),
            ),
            models.CheckConstraint(
                name="claims_readerreport_deadline_later",
                condition=Q(deadline__gt=F("received_at")),
            ),
            models.CheckConstraint(
                name="claims_readerreport_settled_when_by_whom_how_and_why",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="", answer="")
                | (
                    Q(
                        settled_at__isnull=False,
                        settled_at__gte=F("received_at"),
                        settled_by__isnull=False,
                        outcome__in=Outcome.values,
                    )
                    & ~Q(answer="")
                ),
            ),
            models.CheckConstraint(
                name="claims_readerreport_no_contact_once_settled",
                condition=Q(settled_at__isnull=True) | Q(contact=""),
            ),
            models.CheckConstraint(
                name="claims_readerreport_correction_of_what_was_corrected",
                condition=Q(correction__isnull=True) | Q(outcome=Outcome.CORRECTED),
                violation_error_message="A version of the verdict comes of a report that was “corrected”.",
            ),
            models.CheckConstraint(
                name="claims_readerreport_withheld_when_by_whom_and_why",
                condition=Q(withheld_at__isnull=True, withheld_by__isnull=True, withheld_because="")
                | (
                    Q(withheld_at__isnull=False, withheld_by__isnull=False)
                    & ~Q(withheld_because="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.claim}"

    @classmethod
    @transaction.atomic
    def receive(
        cls,
        claim: Claim,
        *,
        ticket: uuid.UUID,
        kind: str,
        text: str,
        source_url: str = "",
        contact: str = "",
        consent: bool = False,
        at: dt.datetime | None = None,
    ) -> ReaderReport:
        """Keep what a reader, whoever it is, reports on the public `claim`, with the verdict in force, and
        return it. A form that is sent twice (`ticket`) is received once. `at` is UTC, now if left out.

        Raises Claim.DoesNotExist for a claim that readers do not find, and ValidationError for what breaks a
        limit.
        """
        at = at or timezone.now()
        # The claim's row is the lock that every writer takes first: no verdict on it ends meanwhile.
        locked = Claim.objects.published().select_for_update().get(pk=claim.pk)
        known: ReaderReport | None = cls.objects.filter(ticket=ticket).first()
        if known is not None:
            return known
        row = cls(
            ticket=ticket,
            claim=locked,
            verdict=locked.verdicts.in_force().first(),
            kind=kind,
            text=text,
            source_url=source_url,
            contact=contact,
            consent=consent,
            received_at=at,
            deadline=deadline_of(at),
        )
        row._history_user = None  # nor who is signed in beside it
        row.full_clean()
        row.save()
        return row

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @property
    def is_published(self) -> bool:
        """Whether readers may read its text now. As `objects.published()`, for a row at hand."""
        return (
            self.is_settled
            and self.consent
            and self.withheld_at is None
            and self.outcome != Outcome.NOT_ABOUT
            and self.claim.is_public
        )

    @property
    def in_time(self) -> bool:
        """Whether it was settled by its deadline."""
        return self.settled_at is not None and _day(self.settled_at) <= self.deadline

    def days_left(self, day: dt.date | None = None) -> int:
        """How many working days there are after `day` (UTC; today) until its deadline; less than zero: so
        many have passed since."""
        return working_days.between(day or _day(timezone.now()), self.deadline)

    def is_overdue(self, day: dt.date | None = None) -> bool:
        return not self.is_settled and self.deadline < (day or _day(timezone.now()))

    def settleable_by(self, user: Any) -> bool:
        """Whether `user` may settle it: an editor, and not on a verdict of their own."""
        own = self.verdict is not None and self.verdict.author_id == user.pk
        return bool(user.has_perm(self.PERMISSION)) and not own

    @transaction.atomic
    def settle(
        self,
        *,
        by: Any,
        outcome: str,
        answer: str,
        correction: Verdict | None = None,
        at: dt.datetime | None = None,
    ) -> None:
        """Say, in the name of `by`, what came of it (`outcome`) and why (`answer`, for readers), once and for
        all; `correction` is the version of the verdict that came of it, if any. The reader's e-mail address
        is deleted. `at` is UTC, now if left out.

        `by` needs claims.settle_readerreport, and has not written the verdict that was in force
        (PermissionDenied). Raises ValidationError where it is settled already, without an answer, and for a
        correction that is none of this claim since.
        """
        self._lock()
        if not by.has_perm(self.PERMISSION):
            raise PermissionDenied(f"This takes the permission {self.PERMISSION}.")
        if not self.settleable_by(by):
            raise PermissionDenied(
                "It is about a verdict that you wrote: somebody else settles it."
            )
        if self.is_settled:
            raise ValidationError(f"{self.settled_by} has settled it already.")
        if not answer.strip():
            raise ValidationError({"answer": "Say what the desk found: the answer is public."})
        if outcome not in Outcome.values:
            raise ValidationError({"outcome": "Say what came of it."})
        if correction is not None and not self.corrections().filter(pk=correction.pk).exists():
            raise ValidationError(
                {"correction": "Choose a version that was published on this claim since."}
            )
        self.outcome, self.answer, self.correction = outcome, answer, correction
        self.settled_at, self.settled_by = at or timezone.now(), by
        self.contact = ""
        self._save(by, "Settled")

    def corrections(self) -> models.QuerySet[Any]:
        """The versions of the verdict that may have come of it: published since it was received, on its claim
        or on the one that this leads to by now."""
        claims = {self.claim_id, self.claim.duplicate_of_id} - {None}
        rows: Any = Verdict.objects.filter(claim__in=claims, published_at__gte=self.received_at)
        return rows.order_by("-published_at")  # type: ignore[no-any-return]

    @transaction.atomic
    def withhold(self, *, by: Any, why: str, at: dt.datetime | None = None) -> None:
        """Keep its text from the public for good, in the name of `by`, although its reader would have it
        published: it names somebody who has no part in it, say, or the reader has asked for it. `why` is for
        the desk. `at` is UTC, now if left out.

        `by` needs claims.settle_readerreport (PermissionDenied). Raises ValidationError without a reason, and
        where it is withheld already or was never to be published.
        """
        self._lock()
        if not by.has_perm(self.PERMISSION):
            raise PermissionDenied(f"This takes the permission {self.PERMISSION}.")
        if not self.consent:
            raise ValidationError("Its reader has not let it be published: it is not.")
        if self.withheld_at is not None:
            raise ValidationError(f"{self.withheld_by} has withheld it already.")
        if not why.strip():
            raise ValidationError({"why": "Say why it is withheld."})
        self.withheld_at, self.withheld_by = at or timezone.now(), by
        self.withheld_because = why
        self._save(by, "Text withheld")

    @transaction.atomic
    def hand(self, *, by: Any, to: Any) -> bool:
        """Give it to the user `to` (None: to nobody); returns whether that changed anything.

        `by` needs claims.change_assignment (PermissionDenied), as for claims. Raises ValidationError for
        somebody who could not work on it, and for what is settled.
        """
        self._lock()
        if not by.has_perm("claims.change_assignment"):
            raise PermissionDenied(
                "Handing out work takes the permission claims.change_assignment."
            )
        if self.is_settled:
            raise ValidationError("It is settled: there is nothing left to do.")
        if to == self.assignee:
            return False
        if to is not None and not Assignment.assignees().filter(pk=to.pk).exists():
            raise ValidationError({"to": f"{to} may not change claims, or has left."})
        self.assignee = to
        self._save(by, "Handed to somebody" if to else "Handed to nobody")
        return True

    def _lock(self) -> None:
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update())

    def _save(self, by: Any, why: str) -> None:
        self.full_clean()
        self._history_user = by
        self._change_reason = why
        self.save()


def deadline_of(at: dt.datetime) -> dt.date:
    """The last day (UTC) on which what was received `at` is answered in time."""
    return working_days.after(_day(at), DAYS)


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date()
