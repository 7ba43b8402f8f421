from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from sources.fields import LineField
from sources.models import Change

from ..webhooks import sending, signing

BATCH = 500  # events
# How long two secrets are good after one has been replaced.
OVERLAP = dt.timedelta(hours=24)
# A webhook is switched off when an event had to be given up, and nothing has arrived for so long.
PATIENCE = dt.timedelta(hours=24)

ROWS = ("source", "speaker", "topic", "transcript", "rating")
TYPES = (
    *(f"verdict.{kind}" for kind in ("published", "corrected", "superseded", "withdrawn")),
    *(f"claim.{kind}" for kind in ("published", "updated", "retired")),
    *(f"{row}.{kind}" for row in ROWS for kind in ("published", "updated", "removed")),
)
TEST = "webhook.test"


def check_url(url: str) -> None:
    try:
        sending.refuse(url)
    except sending.Refused as refusal:
        raise ValidationError(str(refusal), code="refused") from refusal


def check_types(types: Any) -> None:
    unknown = [kind for kind in types if kind not in TYPES] if isinstance(types, list) else [types]
    if unknown:
        raise ValidationError(f"There is no event of the type {unknown[0]!r}.", code="unknown")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def on(self) -> WebhookQuerySet:
        return self.filter(off_at__isnull=True)

    def given_up(self) -> WebhookQuerySet:
        """Those that the site has switched off itself: somebody has to look."""
        return self.filter(off_at__isnull=False, off_by__isnull=True).order_by("off_at")

    def with_counts(self) -> WebhookQuerySet:
        pending, failed = (Q(deliveries__state=state) for state in (State.PENDING, State.FAILED))
        return self.annotate(
            n_pending=Count("deliveries", filter=pending),
            n_failed=Count("deliveries", filter=failed),
        )


class Webhook(models.Model):
    """An address of somebody else's that is told of each change for the public."""

    url = models.URLField(
        "address",
        max_length=500,
        validators=[check_url],
        help_text="Where events are sent to by POST: https, on port 443 or 8443, on the public internet.",
    )
    description = LineField(max_length=120, help_text="Whose it is, and whom to ask about it.")
    types = models.JSONField(
        "events",
        default=list,
        blank=True,
        validators=[check_types],
        help_text="Which events are sent. None chosen: all of them.",
    )
    # As they are: whoever signs has to know the key (docs/webhooks.md).
    secret = models.CharField(max_length=100, default=signing.new_secret, editable=False)
    last_secret = models.CharField(max_length=100, blank=True, editable=False)
    secret_since = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    failing_since = models.DateTimeField(
        null=True, editable=False, help_text="Nothing has arrived since. Empty: the last one did."
    )
    off_at = models.DateTimeField("switched off at", null=True, editable=False)
    off_because = models.TextField("why", blank=True, editable=False)
    off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="by",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Empty: by the site itself.",
    )

    objects: ClassVar[Any] = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["description", "pk"]
        constraints = [
            models.CheckConstraint(
                name="claims_webhook_off_with_reason",
                condition=Q(off_at__isnull=True, off_because="")
                | (Q(off_at__isnull=False) & ~Q(off_because="")),
                violation_error_message="What is switched off says why.",
            )
        ]

    def __str__(self) -> str:
        return self.description

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new one is told what changes from now on, and nothing that is in the past."""
        if self._state.adding:
            from ..changes import number_changes  # which tells us what was numbered

            number_changes()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("admin:claims_webhook_change", args=[self.pk])

    @property
    def is_on(self) -> bool:
        return self.off_at is None

    def wants(self, kind: str) -> bool:
        """Whether events of the type `kind` are sent here."""
        return not self.types or kind in self.types

    def keys(self) -> list[str]:
        """The secrets to sign with: the newest, and for a day the one that it has replaced."""
        replaced = self.last_secret and timezone.now() - self.secret_since < OVERLAP
        return [self.secret, self.last_secret] if replaced else [self.secret]

    def _held(self, by: Any) -> Webhook:
        """The row, locked, for `by` to change."""
        if not by.has_perm("claims.change_webhook"):
            raise PermissionDenied("You may not change webhooks.")
        return Webhook.objects.select_for_update(no_key=True).get(pk=self.pk)

    @transaction.atomic
    def rotate(self, *, by: Any) -> None:
        """Make a new secret. For a day everything is signed with both. While two are good already, the newest
        alone is replaced: the receiver has the older one, as far as anybody knows."""
        held = self._held(by)
        self.last_secret, self.secret = held.keys()[-1], signing.new_secret()
        self.secret_since = timezone.now()
        self.save(update_fields=["secret", "last_secret", "secret_since"])

    def send_test(self, *, by: Any) -> str:
        """Send an event of the type `webhook.test` now, also where it is switched off, and say what came of
        it. It is none of the feed, is not tried again, and leaves nothing behind. Not in a transaction: the
        receiver may take its time. Raises PermissionDenied, and ValidationError where it has not arrived."""
        if not by.has_perm("claims.change_webhook"):
            raise PermissionDenied("You may not change webhooks.")
        now = timezone.now()
        body = json.dumps(
            {"type": TEST, "timestamp": now, "data": {}}, cls=DjangoJSONEncoder
        ).encode()
        key, stamp = f"test-{secrets.token_hex(6)}", int(now.timestamp())
        try:
            answer = sending.post_aside(
                self.url, body, signing.headers(self.keys(), key, stamp, body)
            )
        except (sending.Refused, sending.NotSent) as failure:
            raise ValidationError(f"The test event has not arrived. {failure}") from failure
        if not 200 <= answer.status < 300:
            words = f"The test event was answered {answer.status}: {answer.words[:200]}"
            raise ValidationError(words.rstrip(": "))
        return f"The test event was answered {answer.status}."

    @transaction.atomic
    def switch_off(self, *, by: Any, why: str) -> None:
        """Send nothing more. What waits is not sent any more, either; it can be replayed."""
        self._held(by)
        self._off(why, by)

    def _off(self, why: str, by: Any = None) -> None:
        self.off_at, self.off_because, self.off_by = timezone.now(), why, by
        self.save(update_fields=["off_at", "off_because", "off_by"])

    @transaction.atomic
    def switch_on(self, *, by: Any) -> None:
        """Send again, from now on. What happened meanwhile is sent by `replay`."""
        self._held(by)
        self.off_at = self.off_by = self.failing_since = None
        self.off_because = ""
        self.save(update_fields=["off_at", "off_because", "off_by", "failing_since"])

    @transaction.atomic
    def replay(self, *, by: Any, position: int | None = None, at: dt.datetime | None = None) -> int:
        """Send everything that it wants once more, from that position in the feed on, or from that time
        (UTC) on; returns how many events. Raises ValidationError while it is switched off, and for a position
        that the feed has not reached."""
        held = self._held(by)
        if not held.is_on:
            raise ValidationError("It is switched off: switch it on first.")
        changes = Change.objects.numbered()
        if position is not None:
            last = changes.aggregate(last=Max("position"))["last"] or 0
            if position > last:
                ends = f"ends at {last}" if last else "has no event yet"
                raise ValidationError(f"There is no position {position}: the feed {ends}.")
            changes = changes.filter(position__gte=position)
        if at is not None:
            changes = changes.filter(at__gte=at)
        rows, sent = changes.iterator(BATCH), 0
        while batch := list(islice(rows, BATCH)):
            sent += Delivery.objects.begin(batch, to=[held], again=True)
        return sent


class State(models.TextChoices):
    PENDING = "pending"
    ARRIVED = "arrived"
    FAILED = "failed"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def with_changes(self) -> DeliveryQuerySet:
        """Each with the `resource` and the `key` of what has changed."""
        change = Change.objects.filter(position=OuterRef("position"))
        return self.annotate(
            resource=Subquery(change.values("resource")[:1]), key=Subquery(change.values("key")[:1])
        )

    def begin(
        self, changes: Sequence[Change], *, to: Iterable[Webhook] | None = None, again: bool = False
    ) -> int:
        """Have `changes` delivered to the webhooks `to` (all that are on) that want them; returns how many
        deliveries were begun. Who has one of a change gets it once more only with `again`."""
        from ..changes import event
        from ..webhooks.tasks import deliver

        webhooks = list(Webhook.objects.on() if to is None else to)
        if not webhooks or not changes:
            return 0
        types: dict[Any, str] = {change.position: event(change)["type"] for change in changes}
        known = self.filter(webhook__in=webhooks, position__in=types)
        rows = {(row.webhook_id, row.position): row for row in known}
        fresh: list[Any] = [
            Delivery(webhook=webhook, position=position, type=kind)
            for position, kind in types.items()
            for webhook in webhooks
            if webhook.wants(kind) and (webhook.pk, position) not in rows
        ]
        # Those that wait have their job already, unless a worker was killed during the last attempt.
        waiting = [row.pk for row in rows.values() if again and row.is_pending]
        if waiting:
            jobs = Job.objects.unfinished(deliver).filter(args_kwargs__args__0__in=waiting)
            waiting = list(jobs.values_list("args_kwargs__args__0", flat=True))
        old = [row for row in rows.values() if again and row.pk not in waiting]
        self.filter(pk__in=[row.pk for row in old]).update(
            state=State.PENDING, attempts=0, arrived_at=None
        )
        self.bulk_create(fresh, BATCH)
        begun = sorted([*fresh, *old], key=lambda row: row.position)
        return Job.objects.enqueue_many(deliver, [(row.pk,) for row in begun])


class Delivery(models.Model):
    """One event to one webhook: once, however often it is tried."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    position = models.PositiveBigIntegerField(help_text="Of the event in the change feed.")
    type = models.CharField("event", max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(
        null=True, help_text="Of the last answer. Empty: there was none."
    )
    error = models.TextField("last error", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField("last tried at", null=True)
    arrived_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-position", "-pk"]
        default_permissions = ("view",)
        permissions = [("replay_delivery", "Can replay delivery")]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(name="claims_delivery_state", fields=["webhook", "state"])]
        constraints = [
            models.UniqueConstraint(name="claims_delivery_once", fields=["webhook", "position"]),
            models.CheckConstraint(
                name="claims_delivery_state_known", condition=Q(state__in=State.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.position})"

    @property
    def is_pending(self) -> bool:
        return self.state == State.PENDING

    def job(self) -> Any:
        """The job that will send it; None where there is none."""
        from ..webhooks.tasks import deliver

        return Job.objects.unfinished(deliver).filter(args_kwargs__args__0=self.pk).first()

    @property
    def has_arrived(self) -> bool:
        return self.state == State.ARRIVED

    def message(self, change: Change) -> tuple[str, bytes]:
        """The id and the body that the event is sent with: the same at each attempt."""
        from ..changes import event

        data = event(change)
        body = {"type": data["type"], "timestamp": data["at"], "data": data}
        return data["cursor"], json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode()

    def attempt(self, *, last: bool) -> None:
        """Send it, and note what came of it; given up after the `last` attempt, or when the webhook says
        (410) that it is gone. Never two attempts in one transaction: the receiver has seen the first."""
        webhook = self.webhook
        change = Change.objects.filter(position=self.position).first()
        if not webhook.is_on or change is None:
            gone = (
                "The feed has no such event." if webhook.is_on else "The webhook is switched off."
            )
            self._note(None, gone, give_up=True)
            return
        key, body = self.message(change)
        status, error = None, ""
        try:
            headers = signing.headers(webhook.keys(), key, int(time.time()), body)
            answer = sending.post(webhook.url, body, headers)
        except (sending.Refused, sending.NotSent) as failure:
            error = str(failure)
        else:
            status = answer.status
            if not 200 <= status < 300:
                error = f"Answered {status}: {answer.words}".strip()
        self._note(status, error, give_up=last or status == 410)

    @transaction.atomic
    def _note(self, status: int | None, error: str, *, give_up: bool) -> None:
        # The webhook first, as whoever replays does.
        webhook = Webhook.objects.select_for_update(no_key=True).get(pk=self.webhook_id)
        # Who was cut off while sending comes back late: another attempt has noted how it ended.
        if not Delivery.objects.filter(pk=self.pk, state=State.PENDING).exists():
            self.refresh_from_db()
            return
        failing = now = timezone.now()
        self.status, self.error, self.tried_at = status, error.replace("\0", "")[:2_000], now
        self.attempts = F("attempts") + 1
        if not error:
            self.state, self.arrived_at = State.ARRIVED, now
            webhook.failing_since = None
        else:
            self.state = State.FAILED if give_up else State.PENDING
            webhook.failing_since = failing = webhook.failing_since or now
        self.save(update_fields=["state", "status", "error", "tried_at", "attempts", "arrived_at"])
        self.refresh_from_db(fields=["attempts"])
        self.webhook = webhook
        if not webhook.is_on:
            return
        webhook.save(update_fields=["failing_since"])
        if status == 410:
            webhook._off("Answered 410: the address is gone for good.")
        elif error and give_up and now - failing >= PATIENCE:
            since = f"{failing:%-d %B %Y, %H:%M} UTC"
            webhook._off(f"Nothing has arrived since {since}, and an event was given up. {error}")

    def replay(self, *, by: Any) -> bool:
        """Send it once more; False when it has a job that will send it anyway. Raises ValidationError
        where the webhook is off."""
        if not by.has_perm("claims.replay_delivery"):
            raise PermissionDenied("You may not replay deliveries.")
        with transaction.atomic():
            webhook = Webhook.objects.select_for_update(no_key=True).get(pk=self.webhook_id)
            if not webhook.is_on:
                raise ValidationError(f"“{webhook}” is switched off: switch it on first.")
            change = Change.objects.filter(position=self.position).first()
            if change is None:
                raise ValidationError("The feed has no such event.")
            return bool(Delivery.objects.begin([change], to=[webhook], again=True))
