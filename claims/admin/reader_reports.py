"""What readers report, as a queue: by when each is to be settled, who looks into it, and what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from claims.models import Assignment, ReaderReport
from claims.models.reader_report import Outcome
from jobs.admin import LookOnly, moment_of
from sources.admin.desk import Desk
from sources.admin.filters import TaskFilter
from sources.admin.steps import Step, StepsAdmin

LARGE = {"class": "vLargeTextField"}


def clock(report: ReaderReport) -> str:
    """How long there is to settle `report`, in words."""
    if report.is_settled:
        return "settled in time" if report.in_time else "settled late"
    left = report.days_left()
    days = f"{abs(left)} working day{'' if abs(left) == 1 else 's'}"
    if report.is_overdue():
        return f"overdue by {days}" if left else "overdue"
    return f"{days} left" if left else "due today"


class StateFilter(TaskFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", "overdue"),
            ("mine", "assigned to me, open"),
            ("settled", "settled"),
            ("all", "all"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        chosen = {
            "overdue": lambda: rows.overdue(timezone.now().date()),
            "mine": lambda: rows.open().filter(assignee=request.user.pk),
            "settled": rows.settled,
            "all": rows.all,
        }
        found: QuerySet[Any] = chosen.get(self.value() or "", rows.open)()
        return found


class SettlingForm(forms.Form):
    outcome = forms.ChoiceField(choices=[("", "---------"), *Outcome.choices])
    answer = forms.CharField(
        label="Answer for readers",
        widget=forms.Textarea(attrs={"rows": 6, **LARGE}),
        help_text="What the desk found, and what it did about it. Whoever reported it reads this; so does "
        "everybody, beside the text, if that may be published.",
    )
    correction = forms.ModelChoiceField(
        ReaderReport.objects.none(),
        required=False,
        label="Version that came of it",
        help_text="Of the verdict, published since the report was received.",
    )

    def __init__(self, *args: Any, row: ReaderReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions: Any = self.fields["correction"]
        versions.queryset = row.corrections().select_related("rating")


class WithholdingForm(forms.Form):
    why = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3, **LARGE}),
        help_text="For the desk alone. Readers see how many texts are withheld. This is for good.",
    )


class HandingForm(forms.Form):
    to = forms.ModelChoiceField(
        Assignment.assignees(), required=False, label="Assigned to", empty_label="nobody"
    )

    def __init__(self, *args: Any, row: ReaderReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].initial = row.assignee_id


def anybody(user: Any, row: Any) -> bool:
    """The permission says it all."""
    return True


@admin.register(ReaderReport)
class ReaderReportAdmin(LookOnly, StepsAdmin, Desk):
    list_display = ("clock", "kind", "assignee", "received_on", "outcome", "claim")
    list_filter = (StateFilter, "kind", "outcome", ("assignee", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("claim", "verdict", "assignee", "settled_by", "withheld_by")
    search_fields = ("claim__text", "claim__slug", "text", "answer")
    actions = None
    show_facets = admin.ShowFacets.NEVER
    received = moment_of("received_at", "received")
    settled = moment_of("settled_at", "settled")
    withheld = moment_of("withheld_at", "withheld")
    FOUND = ("about", "judged_then", "kind", "text", "source", "consent", "received")
    TASK = ("clock", "deadline", "assignee")
    SETTLED = ("outcome", "answer", "correction", "settled", "settled_by")
    WITHHELD = ("withheld", "withheld_by", "withheld_because")
    steps = (
        Step(
            slug="settle",
            label="Settle",
            permission=ReaderReport.PERMISSION,
            fits=lambda report: not report.is_settled,
            take=ReaderReport.settle,
            done="Settled. The reader finds the answer at the address that the site gave them.",
            form=SettlingForm,
            form_of_row=True,
            open_to=lambda user, report: report.is_settled or report.settleable_by(user),
        ),
        Step(
            slug="hand",
            label="Assign",
            permission="claims.change_assignment",
            fits=lambda report: not report.is_settled,
            take=ReaderReport.hand,
            done="Assigned.",
            form=HandingForm,
            form_of_row=True,
            open_to=anybody,
        ),
        Step(
            slug="withhold",
            label="Withhold the text",
            permission=ReaderReport.PERMISSION,
            fits=lambda report: report.consent and report.withheld_at is None,
            take=ReaderReport.withhold,
            done="Withheld: its text is not published.",
            form=WithholdingForm,
            open_to=anybody,
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        # Who does not answer it has no need of the address.
        mail = ("contact",) if obj and obj.contact and self._settles(request) else ()
        sets = [("What the reader reports", {"fields": (*self.FOUND, *mail)})]
        sets.append(("The task", {"fields": self.TASK}))
        if obj and obj.is_settled:
            sets.append(("What came of it", {"fields": self.SETTLED}))
        if obj and obj.withheld_at:
            sets.append(("Withheld", {"fields": self.WITHHELD}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.FOUND, "contact", *self.TASK, *self.SETTLED, *self.WITHHELD)

    def _settles(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ReaderReport.PERMISSION))

    def _ask(self, request: HttpRequest, row: Any, step: Step, form: forms.Form) -> HttpResponse:
        """Under what the reader wrote."""
        response: Any = super()._ask(request, row, step, form)
        response.template_name = "admin/claims/readerreport/step.html"
        response.context_data["title"] = step.label
        return response  # type: ignore[no-any-return]

    def _take(
        self, request: HttpRequest, row: Any, taken: Step, asked: dict[str, Any]
    ) -> HttpResponse:
        contact = row.contact
        response = super()._take(request, row, taken, asked)
        if contact and row.is_settled and not row.contact:
            # The last time that anybody sees it.
            letter = urlencode({"subject": row.claim.text, "body": row.answer})
            told = format_html(
                'The reader’s address is deleted from here: <a href="mailto:{}?{}">write to {} now</a>.',
                contact,
                letter.replace("+", "%20"),
                contact,
            )
            self.message_user(request, told, messages.INFO)
        return response

    @admin.display(description="time left", ordering="deadline")
    def clock(self, report: ReaderReport) -> str:
        return clock(report)

    @admin.display(description="received", ordering="received_at")
    def received_on(self, report: ReaderReport) -> dt.date:
        return report.received_at.astimezone(dt.UTC).date()

    @admin.display(description="claim")
    def about(self, report: ReaderReport) -> str:
        address = reverse("admin:claims_claim_change", args=[report.claim_id])
        return format_html('<a href="{}">{}</a>', address, report.claim)

    @admin.display(description="verdict in force then")
    def judged_then(self, report: ReaderReport) -> str:
        if report.verdict is None:
            return "none"
        address = reverse("admin:claims_verdict_change", args=[report.verdict_id])
        return format_html('<a href="{}">{}</a>', address, report.verdict)

    @admin.display(description="source offered")
    def source(self, report: ReaderReport) -> str:
        """As text: what a stranger sends is not to be opened by a slip of the hand."""
        return report.source_url or "none"
