"""What is archived of a source: the visits to its address, what the copy says of itself, the WARC files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from jobs.admin import LookOnly, moment, moment_of
from sources import store
from sources.models import Capture, Host, Source
from sources.models.capture import Occasion

from .desk import Desk
from .steps import Step, StepsAdmin

SHOWN = 5  # of the visits to a source; the others are behind a link


class ProposalForm(forms.Form):
    """Which of what is proposed to take over."""

    take = forms.MultipleChoiceField(
        label="Take over",
        widget=forms.CheckboxSelectMultiple,
        help_text="What the archived copy says of itself. Nothing that is left out changes.",
    )

    def __init__(self, *args: Any, row: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = row.proposal()
        self.fields["take"].choices = [  # type: ignore[attr-defined]
            # With the value: what was looked at is what is taken over.
            (
                f"{name}={value}",
                f"{label_of(name)}: {value} (now: {getattr(row, name) or 'nothing'})",
            )
            for name, value in self.proposed.items()
        ]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if "take" not in chosen:
            return chosen
        return {"values": dict(one.split("=", 1) for one in chosen["take"])}


def label_of(name: str) -> str:
    return str(Source._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def take_over(source: Source, *, by: Any, values: dict[str, str]) -> bool:
    return source.take_proposal(values, by=by)


class ArchivingAdmin(StepsAdmin):
    """The part of a source's page that is about its archived copies."""

    steps = (
        Step(
            slug="archive",
            label="Archive now",
            permission="sources.archive_source",
            fits=lambda source: bool(source.url),
            take=lambda source, by: bool(
                Capture.objects.ask(source, occasion=Occasion.DESK, by=by)
            ),
            done="A worker will fetch it; what came of it is then shown here, under “Archived”.",
            open_to=lambda user, source: True,  # it edits nothing
        ),
        Step(
            slug="take-over",
            label="Take over from the copy",
            permission="sources.change_source",
            fits=lambda source: bool(source.proposal()),
            take=take_over,
            done="What you chose is taken over.",
            form=ProposalForm,
            form_of_row=True,
        ),
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Beside each field, what the archived copy says of itself otherwise."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name, value in obj.proposal().items() if obj is not None else ():
            if name in form.base_fields:
                field = form.base_fields[name]
                said = "{} <strong>The archived copy says: {}</strong>"
                field.help_text = format_html(said, field.help_text, value)
        return form

    @admin.display(description="visits")
    def visits(self, source: Source) -> str:
        """The newest, and the way to the others."""
        rows = source.captures.select_related("snapshot").defer("snapshot__text")
        newest = list(rows[: SHOWN + 1]) if source.pk else []
        if not newest:
            return "none"
        listed = format_html_join(
            "",
            '<div><a href="{}">{}</a>: {}{}</div>',
            (
                (
                    reverse("admin:sources_capture_change", args=[row.pk]),
                    moment(row.ended_at or row.asked_at),
                    row.get_outcome_display(),
                    f", edition {row.snapshot.edition}" if row.snapshot else "",
                )
                for row in newest[:SHOWN]
            ),
        )
        address = reverse("admin:sources_capture_changelist")
        more = format_html('<div><a href="{}?source={}">all</a></div>', address, source.pk)
        return format_html("{}{}", listed, more if len(newest) > SHOWN else "")

    @admin.display(description="the copy says")
    def says_of_itself(self, source: Source) -> str:
        """What the newest archived copy says of itself, where it differs from the fields above."""
        said = source.proposal() if source.pk else {}
        rows = ((label_of(name), value) for name, value in said.items())
        return format_html_join("", "<div>{}: <q>{}</q></div>", rows) or "nothing else"


@admin.register(Capture)
class CaptureAdmin(LookOnly, Desk):
    """To read: a visit is what it was."""

    list_display = ("source", "asked", "outcome", "occasion", "status", "said", "files")
    list_display_links = ("source", "asked")
    list_filter = ("outcome", "occasion", "media_type")
    search_fields = ("source__title", "source__slug", "url", "sha256")
    list_select_related = ("source", "snapshot__source", "asked_by")
    deferred = ("snapshot__text",)
    fields = readonly_fields = (
        *("source", "url", "occasion", "asked_by", "asked", "ended", "outcome", "reason"),
        *("snapshot", "final_url", "status", "media_type", "size", "sha256"),
        *("warc_sha256", "warc_size", "files", "says_of_itself"),
    )
    asked = moment_of("asked_at")
    ended = moment_of("ended_at")

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(require_safe(self.warc_view))
        return [path("<int:object_id>/warc/", view, name="sources_capture_warc"),
                *super().get_urls()]  # fmt: skip

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Also by source, as its page asks."""
        return lookup == "source" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def warc_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The exchange as a file. It is as foreign as where it comes from: for saving alone."""
        capture = get_object_or_404(Capture.objects.kept(), pk=object_id)
        if not self.has_view_permission(request, capture):
            raise PermissionDenied
        try:
            data = capture.warc
        except (store.Missing, store.Damaged) as trouble:
            self.message_user(request, str(trouble), messages.ERROR)
            return redirect("admin:sources_capture_change", capture.pk)
        name = f"{capture.source.slug}-{capture.ended_at:%Y%m%d%H%M%S}.warc.gz"
        saving = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(data, content_type="application/warc", headers=saving)

    @admin.display(description="reason")
    def said(self, capture: Any) -> str:
        return capture.reason[:80] + "…" * (len(capture.reason) > 80) or "—"

    @admin.display(description="WARC file")
    def files(self, capture: Any) -> str:
        if not capture.is_kept:
            return "none"
        address = reverse("admin:sources_capture_warc", args=[capture.pk])
        return format_html('<a href="{}">WARC, {} bytes</a>', address, capture.warc_size)

    @admin.display(description="it says of itself")
    def says_of_itself(self, capture: Any) -> str:
        rows = ((label_of(name), value) for name, value in capture.proposed.items())
        return format_html_join("", "<div>{}: <q>{}</q></div>", rows) or "nothing"


@admin.register(Host)
class HostAdmin(LookOnly):
    """The servers that sources are fetched from: who is there, and what their robots.txt says."""

    list_display = ("name", "next", "leased", "robots_status", "robots_read")
    search_fields = ("name",)
    fields = readonly_fields = (
        *("name", "next", "leased", "robots_status", "robots_read", "robots"),
    )
    next = moment_of("next_at", "asked again from")
    leased = moment_of("leased_until", "in use until")
    robots_read = moment_of("robots_read_at", "robots.txt read")
