from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from claims.models import Claim, Evidence, Verdict
from claims.models.verdict import Reason
from sources.admin.desk import DeskAdmin, WholeForm
from sources.admin.steps import Step, StepsAdmin

STATES = {
    "draft": Q(submitted_at__isnull=True),
    "submitted": Q(submitted_at__isnull=False, published_at__isnull=True),
    "published": Q(published_at__isnull=False, ended_at__isnull=True),
    "superseded": Q(ending="superseded"),
    "withdrawn": Q(ending="withdrawn"),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(STATES.get(self.value() or "", Q()))


class VerdictForm(WholeForm):
    """A new verdict is validated with the version that it will have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("reason") == "":
            # A later version: what brought it about is for its author to say.
            later = [choice for choice in Reason.choices if choice[0] != Reason.FIRST]
            self.fields["reason"].choices = [("", "---------"), *later]  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        new = self.instance._state.adding and self.cleaned_data.get("claim") is not None
        if new:
            self.instance.version = self.cleaned_data["claim"].verdicts.count() + 1
        super()._post_clean()
        if new:
            self.instance.version = None  # save() gives it, under a lock


class WithdrawalForm(forms.Form):
    why = forms.CharField(
        label="Reason for readers",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="Public, on the corrections page: why the desk no longer stands by this verdict.",
    )


class SendingBackForm(forms.Form):
    why = forms.CharField(
        label="Reason for the author",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For the desk alone: what is to be changed or explained. @name tells a colleague.",
    )


def to_judge(user: Any, verdict: Verdict) -> bool:
    """What is out of turn is told so; what is one's own is another's to judge."""
    return verdict.state != "submitted" or verdict.approvable_by(user)


def in_state(state: str) -> Any:
    return lambda verdict: verdict.state == state


@admin.register(Verdict)
class VerdictAdmin(StepsAdmin, DeskAdmin):
    list_display = ("headline", "state", "rating", "author", "published", "claim", "version")
    list_filter = (StateFilter, "rating", "reason")
    search_fields = ("headline", "claim__text", "claim__slug", "author__username")
    date_hierarchy = "created_at"
    autocomplete_fields = ("claim",)
    list_select_related = ("claim", "rating", "author")
    form = VerdictForm
    formfield_overrides: ClassVar[Any] = {}  # the rationale is long
    fieldsets = (
        (None, {"fields": ("claim", "rating", "headline", "rationale")}),
        ("This version", {"fields": ("reason", "note")}),
    )
    RECORDED = (
        "version", "state", "author", "created_at", "submitted_by", "submitted_at", "reviewer",
        "published_at", "ended_by", "ended_at", "ending_reason", "claim_text",
    )  # fmt: skip
    steps = (
        Step(
            slug="submit",
            label="Submit for review",
            permission="claims.submit_verdict",
            fits=in_state("draft"),
            take=Verdict.submit,
            done="Submitted: its content is fixed until it is approved or sent back.",
        ),
        Step(
            slug="approve",
            label="Approve and publish",
            permission="claims.approve_verdict",
            fits=in_state("submitted"),
            take=Verdict.approve,
            done="Approved and published, with the claim and all that is attached to it.",
            open_to=to_judge,
        ),
        Step(
            slug="send-back",
            label="Send back",
            permission="claims.approve_verdict",
            fits=in_state("submitted"),
            take=Verdict.send_back,
            done="Sent back: it is a draft again.",
            form=SendingBackForm,
            open_to=to_judge,
        ),
        Step(
            slug="withdraw",
            label="Withdraw",
            permission="claims.withdraw_verdict",
            fits=in_state("published"),
            take=Verdict.withdraw,
            done="Withdrawn; the claim is open again.",
            form=WithdrawalForm,
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        recorded = [name for name in self.RECORDED if getattr(obj, name) not in (None, "")]
        return [*fieldsets, ("Recorded", {"fields": recorded})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A version belongs to its claim from the first.
        return [
            *super().get_readonly_fields(request, obj),
            *self.RECORDED,
            *(["claim"] if obj else []),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of a claim with a verdict in force, a new version starts from what that one says."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        asked = str(initial.pop("claim", ""))
        claim = Claim.objects.filter(pk=asked).first() if asked.isdecimal() else None
        if claim is None:
            return initial
        initial["claim"] = claim.pk
        if claim.verdicts.exists():
            initial["reason"] = ""  # to be said: it is not the first
        if claim.verdict is not None:
            initial |= {
                name: getattr(claim.verdict, name) for name in ("headline", "rationale")
            } | {"rating": claim.verdict.rating_id}
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.author = request.user
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "draft")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """With what is judged, as long as it is: of a past version, the evidence was another."""
        if obj is not None and obj.published_at is None:
            evidence = Evidence.objects.filter(claim=obj.claim_id).select_related("source")
            context["evidence"] = evidence.order_by("-direction", "id")
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display
    def state(self, verdict: Verdict) -> str:
        return verdict.state
