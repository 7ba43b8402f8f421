"""Webhooks: who is told of what, what has arrived, and what has not."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django_tasks import TaskResultStatus

from claims.changes import SINGULAR
from claims.models import Delivery, Webhook
from claims.models.webhook import TYPES
from claims.webhooks import sending
from jobs.admin import LookOnly, moment, moment_of
from sources.admin.desk import Desk, WholeForm
from sources.admin.steps import Step, StepsAdmin


class WebhookForm(WholeForm):
    types = forms.MultipleChoiceField(
        label="Events",
        required=False,
        choices=[(kind, kind) for kind in TYPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=Webhook._meta.get_field("types").help_text,
    )


class SwitchOffForm(forms.Form):
    why = forms.CharField(max_length=200, help_text="For whoever looks at it next.")


class ReplayForm(forms.Form):
    position = forms.IntegerField(
        min_value=1,
        required=False,
        help_text="In the change feed: the number that a cursor begins with. This event and all after it.",
    )
    at = forms.DateTimeField(
        label="Or since",
        required=False,
        help_text="A date, or a date and a time in UTC: 2022-01-07 15:00.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and (cleaned["position"] is None) == (cleaned["at"] is None):
            raise ValidationError("Say from which position on, or since when: one of the two.")
        return cleaned


def switch_off(webhook: Webhook, *, by: Any, why: str) -> None:
    webhook.switch_off(by=by, why=why)


def replay(
    webhook: Webhook, *, by: Any, position: int | None, at: dt.datetime | None
) -> bool | None:
    return None if webhook.replay(by=by, position=position, at=at) else False


@admin.register(Webhook)
class WebhookAdmin(StepsAdmin, Desk):
    form = WebhookForm
    list_display = ("description", "state", "id", "url", "n_pending", "n_failed", "failing")
    failing = moment_of("failing_since", "failing since")
    off = moment_of("off_at", "switched off")
    created = moment_of("created_at")
    secret_of = moment_of("secret_since", "secret since")
    fields = ("description", "url", "types")
    actions = None
    steps = (
        Step(
            slug="replay",
            label="Replay",
            permission="claims.change_webhook",
            fits=lambda webhook: webhook.is_on,
            take=replay,
            done="What was asked for is sent once more.",
            form=ReplayForm,
        ),
        Step(
            slug="test",
            label="Send a test event",
            permission="claims.change_webhook",
            fits=lambda webhook: True,
            take=Webhook.send_test,
            done="A test event was sent.",
        ),
        Step(
            slug="rotate",
            label="New secret",
            permission="claims.change_webhook",
            fits=lambda webhook: True,
            take=Webhook.rotate,
            done="There is a new secret. For 24 hours everything is signed with the old one, too.",
        ),
        Step(
            slug="switch-off",
            label="Switch off",
            permission="claims.change_webhook",
            fits=lambda webhook: webhook.is_on,
            take=switch_off,
            done="It is switched off: nothing more is sent.",
            form=SwitchOffForm,
        ),
        Step(
            slug="switch-on",
            label="Switch on",
            permission="claims.change_webhook",
            fits=lambda webhook: not webhook.is_on,
            take=Webhook.switch_on,
            done="It is switched on. What happened meanwhile is sent by “Replay”.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_counts()  # type: ignore[attr-defined, no-any-return]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "url" and settings.WEBHOOKS_TO_THIS_MACHINE:
            field.help_text += (
                " WEBHOOKS_TO_THIS_MACHINE is on: here also this machine, by http too, on any port."
            )
        return field

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.fields, *(self.get_readonly_fields(request, obj))]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the site notes, as far as there is something: a new one has nothing yet."""
        if obj is None:
            return []
        off = ["off", "off_by", "off_because"] if not obj.is_on else []
        return ["state", *off, "failing", "pending", "failed", "created_by", "created", "secret_of"]

    @admin.display
    def state(self, webhook: Any) -> str:
        if webhook.is_on:
            return "on" if webhook.failing_since is None else "on, but nothing arrives"
        return "switched off" if webhook.off_by_id else "switched off by the site"

    @admin.display(description="waiting", ordering="n_pending")
    def n_pending(self, webhook: Any) -> int:
        return webhook.n_pending  # type: ignore[no-any-return]

    @admin.display(description="given up", ordering="n_failed")
    def n_failed(self, webhook: Any) -> int:
        return webhook.n_failed  # type: ignore[no-any-return]

    @admin.display(description="waiting")
    def pending(self, webhook: Any) -> str:
        return self._deliveries(webhook, "pending", webhook.n_pending)

    @admin.display(description="given up")
    def failed(self, webhook: Any) -> str:
        return self._deliveries(webhook, "failed", webhook.n_failed)

    def _deliveries(self, webhook: Any, state: str, number: int) -> str:
        return format_html(
            '<a href="../../../delivery/?webhook={}&amp;state={}">{} deliver{}</a>',
            webhook.pk, state, number, "y" if number == 1 else "ies",
        )  # fmt: skip

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """With its deliveries, which nobody deletes by themselves."""
        rows, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return rows, counts, set(lacking) - {Delivery._meta.verbose_name}, protected

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        if not change:
            self._tell_secret(request, obj)
        if not sending.is_known(obj.url):
            told = (
                "Nobody knows the name in its address just now, so nothing can be sent there yet. "
                "Is it spelt as it should be?"
            )
            self.message_user(request, told, messages.WARNING)

    def _take(
        self, request: HttpRequest, row: Any, taken: Step, asked: dict[str, Any]
    ) -> HttpResponse:
        if taken.slug == "test":
            # A receiver may take its time, in which no transaction should stay open.
            self.log_change(request, row, taken.done)
            transaction.on_commit(partial(self._test, request, row))
            return self._change_page(row)
        secret = row.secret
        response = super()._take(request, row, taken, asked)
        if row.secret != secret:
            self._tell_secret(request, row)
        return response

    def _tell_secret(self, request: HttpRequest, webhook: Webhook) -> None:
        # By itself, with nothing behind it that could be copied along.
        told = format_html(
            "The secret to verify with, shown this once:<br><code>{}</code>", webhook.secret
        )
        self.message_user(request, told, messages.INFO)

    def _test(self, request: HttpRequest, webhook: Webhook) -> None:
        try:
            told = webhook.send_test(by=request.user)
        except PermissionDenied as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, told, messages.SUCCESS)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        for webhook in Webhook.objects.given_up():
            told = (
                f"“{webhook}” was switched off on {webhook.off_at:%-d %B %Y}. {webhook.off_because}"
            )
            self.message_user(request, told, messages.WARNING)
        return super().changelist_view(request, extra_context)


def send_again(delivery: Delivery, *, by: Any) -> bool | None:
    return None if delivery.replay(by=by) else False


@admin.register(Delivery)
class DeliveryAdmin(LookOnly, StepsAdmin):
    list_display = ("position", "state", "event", "webhook", "tried", "said")
    list_filter = ("state", "webhook", "type")
    list_select_related = ("webhook",)
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = (
        *("webhook", "position", "type", "about", "state", "attempts", "next_attempt"),
        *("status", "error", "created", "tried", "arrived"),
    )
    actions = ("replay",)
    steps = (
        Step(
            slug="replay",
            label="Replay",
            permission="claims.replay_delivery",
            fits=lambda delivery: True,
            take=send_again,
            done="It is sent once more.",
        ),
    )
    created = moment_of("created_at")
    tried = moment_of("tried_at", "last tried")
    arrived = moment_of("arrived_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_changes()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description="event", ordering="type")
    def event(self, delivery: Any) -> str:
        return format_html("{}<br>{}", delivery.type, self.about(delivery))

    @admin.display
    def about(self, delivery: Any) -> str:
        """What has changed, as the API has it now; where it was removed, that answers so."""
        if delivery.key is None:
            return "—"
        address = reverse(f"api:{SINGULAR[delivery.resource]}-detail", args=[delivery.key])
        return format_html('<a href="{}">{}/{}</a>', address, delivery.resource, delivery.key)

    @admin.display
    def next_attempt(self, delivery: Any) -> str:
        job = delivery.job() if delivery.is_pending else None
        if job is None:
            return "none"
        if job.status == TaskResultStatus.RUNNING:
            return "now"
        return moment(job.run_after) if job.worker_ids else "as soon as a worker is free"

    @admin.display(description="answer")
    def said(self, delivery: Any) -> str:
        told = delivery.error or str(delivery.status or "—")
        return told[:80] + "…" * (len(told) > 80)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("claims.replay_delivery")

    @admin.action(description="Send the selected deliveries once more", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        begun = 0
        for delivery in queryset.order_by("position"):
            try:
                begun += delivery.replay(by=request.user)
            except ValidationError as refusal:
                self.message_user(request, " ".join(refusal.messages), messages.WARNING)
        if begun:
            ending = "y is" if begun == 1 else "ies are"
            self.message_user(request, f"{begun} deliver{ending} sent once more.")
