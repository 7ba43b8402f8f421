from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from .claim import Claim

# For what is left as it is, where None means nobody.
UNCHANGED: Any = object()


class Priority(models.IntegerChoices):
    HIGH = 1, "high"
    NORMAL = 2, "normal"
    LOW = 3, "low"


class Assignment(models.Model):
    """Who at the desk works on a claim, and how soon. Apart from the claim, so that handing work round
    is no edit of what readers see. A claim without one is unassigned, and of normal priority."""

    claim = models.OneToOneField(
        "claims.Claim", on_delete=models.CASCADE, related_name="assignment"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        help_text="Empty: nobody yet.",
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL, db_index=True
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="claims_assignment_priority_known",
                condition=models.Q(priority__in=Priority.values),
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.assignee or 'nobody'}, {self.get_priority_display()}"

    @classmethod
    def assignees(cls) -> models.QuerySet[Any]:
        """The people whom a claim can be assigned to: active staff who may change claims, by name."""
        people = get_user_model()._default_manager.with_perm(
            "claims.change_claim", backend="django.contrib.auth.backends.ModelBackend"
        )
        return people.filter(is_staff=True).order_by("username")

    @classmethod
    @transaction.atomic
    def hand(cls, claim: Claim, *, by: Any, to: Any = UNCHANGED, priority: Any = UNCHANGED) -> bool:
        """Give `claim` to the user `to` (None: to nobody), of `priority` (a `Priority`); what is left
        out stays. Returns whether anything changed.

        `by` needs claims.change_assignment (PermissionDenied). Raises ValidationError for somebody who
        could not work on it, and for a retired claim.
        """
        if not by.has_perm("claims.change_assignment"):
            raise PermissionDenied(
                "Handing out work takes the permission claims.change_assignment."
            )
        # The claim's row is the lock that every writer takes first.
        locked = type(claim)._default_manager.select_for_update().get(pk=claim.pk)
        if locked.duplicate_of_id is not None:
            raise ValidationError(
                f"“{locked}” is retired: assign the claim that it leads to, “{locked.duplicate_of}”."
            )
        row = cls.objects.filter(claim=locked).first() or cls(claim=locked)
        asked = {"assignee": to, "priority": priority}
        changed = [
            name
            for name, value in asked.items()
            if value is not UNCHANGED and getattr(row, name) != value
        ]
        if not changed:
            return False
        if "assignee" in changed and to and not cls.assignees().filter(pk=to.pk).exists():
            raise ValidationError(
                {"assignee": f"{to} may not change claims, or has left: choose somebody else."}
            )
        for name in changed:
            setattr(row, name, asked[name])
        if "assignee" in changed:  # since when it waits for this person
            row.changed_at = timezone.now()
        row._history_user = by  # type: ignore[attr-defined]
        row.full_clean()
        row.save()
        return True
