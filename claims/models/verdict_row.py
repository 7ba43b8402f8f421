"""What holds within the row of a Verdict: the choices of its fields, and the constraints on it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sources.constraints import one_of


class Reason(models.TextChoices):
    FIRST = "first", _("first verdict")
    NEW_EVIDENCE = "new-evidence", _("new evidence")
    ERROR = "error", _("error corrected")
    SCOPE = "scope", _("scope changed")
    WORDING = "wording", _("wording")


class Ending(models.TextChoices):
    SUPERSEDED = "superseded", _("superseded")
    WITHDRAWN = "withdrawn", _("withdrawn")


CONSTRAINTS = [
    one_of("reason", Reason, name="claims_verdict_reason_known"),
    models.UniqueConstraint(name="claims_verdict_version_once", fields=["claim", "version"]),
    models.UniqueConstraint(
        name="claims_verdict_one_in_force",
        fields=["claim"],
        condition=Q(published_at__isnull=False, ended_at__isnull=True),
    ),
    models.UniqueConstraint(
        name="claims_verdict_one_in_the_making",
        fields=["claim"],
        condition=Q(published_at__isnull=True),
        violation_error_message="A verdict on this claim is already being written.",
    ),
    models.CheckConstraint(name="claims_verdict_version_from_1", condition=Q(version__gte=1)),
    models.CheckConstraint(
        name="claims_verdict_first_is_version_1",
        condition=Q(version=1, reason=Reason.FIRST) | (Q(version__gt=1) & ~Q(reason=Reason.FIRST)),
        violation_error_message="“First verdict” is the reason for version 1, and for no other.",
    ),
    models.CheckConstraint(
        name="claims_verdict_later_version_says_what_changed",
        condition=Q(version=1) | ~Q(note=""),
        violation_error_message="A later version tells readers what changed, and why.",
    ),
    models.CheckConstraint(
        name="claims_verdict_submitted_when_and_by_whom",
        condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
        | Q(submitted_at__isnull=False, submitted_by__isnull=False),
    ),
    models.CheckConstraint(
        name="claims_verdict_published_when_and_by_whom",
        condition=Q(published_at__isnull=True, reviewer__isnull=True)
        | Q(published_at__isnull=False, reviewer__isnull=False),
    ),
    models.CheckConstraint(
        name="claims_verdict_submitted_whole",
        condition=Q(submitted_at__isnull=True)
        | (~Q(headline="") & ~Q(rationale="") & ~Q(claim_text="")),
    ),
    models.CheckConstraint(
        name="claims_verdict_published_after_submission",
        # With a NULL on either side a comparison is neither true nor false, and would pass.
        condition=Q(published_at__isnull=True)
        | Q(submitted_at__isnull=False, published_at__gte=F("submitted_at")),
    ),
    models.CheckConstraint(
        name="claims_verdict_reviewer_is_another",
        condition=Q(reviewer__isnull=True)
        | (~Q(reviewer=F("author")) & ~Q(reviewer=F("submitted_by"))),
        violation_error_message="A verdict is approved by another than who wrote or submitted it.",
    ),
    models.CheckConstraint(
        name="claims_verdict_ended_when_by_whom_how_and_why",
        condition=Q(ended_at__isnull=True, ended_by__isnull=True, ending="", ending_reason="")
        | (
            Q(
                published_at__isnull=False,
                ended_at__gte=F("published_at"),
                ended_by__isnull=False,
                ending__in=Ending.values,
            )
            & ~Q(ending_reason="")
        ),
    ),
]
