from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from claims import gates
from claims.checklist import cites
from claims.models import Claim, Evidence, Verdict
from claims.models.verdict import RATIONALE_LIMIT, Reason
from claims.rendering import render_markdown
from sources.admin.desk import DeskAdmin, WholeForm
from sources.admin.steps import Step, StepsAdmin

from .reviewing import approval, as_readers_see_it, editor

STATES = {
    "draft": Q(submitted_at__isnull=True),
    "submitted": Q(submitted_at__isnull=False, published_at__isnull=True),
    "published": Q(published_at__isnull=False, ended_at__isnull=True),
    "superseded": Q(ending="superseded"),
    "withdrawn": Q(ending="withdrawn"),
}


# The button of who has no script: the page again, with what was typed and how readers would see it.
PREVIEW = "_preview"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(STATES.get(self.value() or "", Q()))


class VerdictForm(WholeForm):
    """A new verdict is validated with the version that it will have. Asked for a preview, the form comes
    back as it was sent: nothing is checked, and nothing is saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_shown = PREVIEW in self.data
        if "rationale" in self.fields:
            self.fields["rationale"].widget.attrs["rows"] = 20
        if self.initial.get("reason") == "":
            # A later version: what brought it about is for its author to say.
            later = [choice for choice in Reason.choices if choice[0] != Reason.FIRST]
            self.fields["reason"].choices = [("", "---------"), *later]  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        if self.only_shown:
            self._errors = ErrorDict()
            self.cleaned_data = {}
        else:
            super().full_clean()

    def is_valid(self) -> bool:
        return not self.only_shown and super().is_valid()

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
        help_text=(
            "Public, on the corrections page, once another person confirms it: why the desk no longer "
            "stands by this verdict. Until then the verdict stays in force."
        ),
    )


class OverrideForm(forms.Form):
    gate = forms.ChoiceField(label="Gate that the evidence does not pass")
    why = forms.CharField(
        label="Reason for readers",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="Public, beside the finding: why the verdict stands although this does not hold.",
    )

    def __init__(self, *args: Any, row: Verdict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = {one.gate for one in row.overridden}
        lacking = [(one.slug, one.label) for one in gates.unmet(row) if one.slug not in held]
        self.fields["gate"].choices = lacking  # type: ignore[attr-defined]
        if not lacking:
            self.fields[
                "gate"
            ].help_text = "The evidence passes all of them, or they are overridden."


class TakingBackForm(forms.Form):
    gate = forms.ChoiceField(label="Override to take back")

    def __init__(self, *args: Any, row: Verdict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        overridden = [(one.gate.value, one.gate.label) for one in row.overridden]
        self.fields["gate"].choices = overridden  # type: ignore[attr-defined]


class SendingBackForm(forms.Form):
    why = forms.CharField(
        label="Reason for the author",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For the desk alone: what is to be changed or explained. @name tells a colleague.",
    )


class ApprovalForm(forms.Form):
    """What the page showed when it asked: approval is of that, and of nothing attached since."""

    seen = forms.CharField(widget=forms.HiddenInput)


def pk_of(sent: Any) -> int | None:
    """The key that an address or a form names, or None for what can be none."""
    digits = str(sent or "")
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None


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
        ("This version", {"fields": ("reason", "note", "no_primary")}),
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
            form=ApprovalForm,
            warnings=lambda verdict: verdict.claim.single_origin_sides(),
            open_to=to_judge,
        ),
        Step(
            slug="override",
            label="Override a gate",
            permission="claims.override_gate",
            fits=in_state("submitted"),
            take=Verdict.override,
            done="Overridden, for readers to see once another editor has approved the verdict.",
            form=OverrideForm,
            form_of_row=True,
        ),
        Step(
            slug="take-back",
            label="Take an override back",
            permission="claims.override_gate",
            fits=lambda verdict: verdict.state == "submitted" and bool(verdict.overrides),
            take=Verdict.take_back,
            done="Taken back: the gate holds the verdict up again.",
            form=TakingBackForm,
            form_of_row=True,
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
            slug="propose-withdrawal",
            label="Propose withdrawal",
            permission="claims.withdraw_verdict",
            fits=lambda verdict: (
                verdict.state == "published" and not verdict.withdrawals.waiting().exists()
            ),
            take=Verdict.propose_withdrawal,
            done="Proposed: the verdict stays in force until another person confirms its withdrawal.",
            form=WithdrawalForm,
        ),
    )

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.preview_view), name="claims_verdict_preview"),
            path(
                "<int:object_id>/as-readers-see-it/",
                view(self.readers_view),
                name="claims_verdict_readers",
            ),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer a `rationale` with its HTML and, of the `claim`, the ids of the evidence that it cites:
        {"html": "…", "cited": [1, 2]}. Saves nothing. 413 for more than RATIONALE_LIMIT characters."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        rationale, claim = request.POST.get("rationale", ""), pk_of(request.POST.get("claim"))
        if len(rationale) > RATIONALE_LIMIT:
            return HttpResponse("The rationale is too long to preview.", status=413)
        cited: set[int] = set()
        if claim is not None and request.user.has_perm("claims.view_evidence"):
            cited = cites(rationale, Evidence.objects.filter(claim=claim).select_related("source"))
        return JsonResponse({"html": render_markdown(rationale), "cited": sorted(cited)})

    def readers_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The claim's page as readers will see it, once this verdict is approved."""
        verdict = self.get_object(request, str(object_id))
        if verdict is None:
            raise Http404
        if not (
            self.has_view_permission(request, verdict)
            and request.user.has_perm("claims.view_evidence")
        ):
            raise PermissionDenied
        if verdict.published_at is not None:
            return redirect(verdict)
        return as_readers_see_it(request, verdict)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        if not self.has_change_permission(request, obj):
            read = ("claim", "rating", "headline", "as_readers_read_it")
            fieldsets = [(None, {"fields": read}), *fieldsets[1:]]
        recorded = [name for name in self.RECORDED if getattr(obj, name) not in (None, "")]
        return [*fieldsets, ("Recorded", {"fields": recorded, "classes": ["collapse"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A version belongs to its claim from the first.
        return [
            *super().get_readonly_fields(request, obj),
            *self.RECORDED,
            "as_readers_read_it",
            *(["claim"] if obj else []),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of a claim with a verdict in force, a new version starts from what that one says."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        asked = pk_of(initial.pop("claim", None))
        claim = Claim.objects.filter(pk=asked).first() if asked is not None else None
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
        asked = None
        if request.method == "POST":
            asked = context["adminform"].form.data
        context |= editor(request, obj, asked=asked, claim=self._claim_of(obj, context))
        # Who writes here for an hour needs the room more than a list of models.
        context["is_nav_sidebar_enabled"] = False
        context["editable"] = add or self.has_change_permission(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @staticmethod
    def _claim_of(obj: Any, context: dict[str, Any]) -> Claim | None:
        """The claim that the verdict is on, or that the form of a new one names so far."""
        if obj is not None:
            return obj.claim  # type: ignore[no-any-return]
        chosen = pk_of(context["adminform"].form["claim"].value())
        return Claim.objects.filter(pk=chosen).first() if chosen is not None else None

    def _ask(self, request: HttpRequest, row: Any, step: Step, form: forms.Form) -> HttpResponse:
        """Approval is asked for beside what would become public by it."""
        if step.slug != "approve":
            return super()._ask(request, row, step, form)
        # Before the rest is read: what is attached from now on has not been seen.
        seen = ApprovalForm(initial={"seen": row.claim.edition()})
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label}?",
            "opts": self.opts,
            "original": row,
            "step": step,
            "form": seen,
            **approval(row),
        }
        return TemplateResponse(request, "admin/claims/verdict/approve.html", context)

    @admin.display(description="rationale")
    def as_readers_read_it(self, verdict: Verdict) -> Any:
        return format_html(
            '<div class="verdict-prose">{}</div>', render_markdown(verdict.rationale)
        )

    @admin.display
    def state(self, verdict: Verdict) -> str:
        return verdict.state
