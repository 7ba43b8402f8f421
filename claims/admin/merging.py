"""Merging duplicates: choose the claim that stays, see what moves, confirm; and undo with one button."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from claims.models import Claim, Merge
from claims.models.merge import NAMES, Plan
from claims.queue.forms import chosen
from claims.second_claim import near_claim
from sources.admin.desk import Desk
from sources.admin.filters import either
from sources.querysets import within

from .reading import ReadingAdmin

UNDONE = either("state", "undone", Q(undone_at__isnull=False), yes="undone", no="stands")
# As many claims as a search offers.
OFFERED = 20
# As many claims as are merged at once.
MOST = 20


@admin.register(Merge)
class MergeAdmin(ReadingAdmin):
    list_display = ("retired", "into", "merged_at", "merged_by", "undone_at")
    list_filter = (UNDONE,)
    search_fields = ("retired__text", "retired__slug", "into__text", "into__slug")
    date_hierarchy = "merged_at"
    list_select_related = ("retired", "into", "merged_by", "undone_by")
    fields = ("retired", "into", "merged_at", "merged_by", "moved", "undone_at", "undone_by")

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """It is what undoing rests on, and what tells where a claim's rows came from."""
        return False

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="claims_merge_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        merge = get_object_or_404(Merge.objects.select_related("retired", "into"), pk=pk)
        try:
            told = merge.undo(by=request.user)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, "The merge is undone.", messages.SUCCESS)
            for sentence in told:
                self.message_user(request, sentence, messages.WARNING)
        return redirect("admin:claims_claim_change", merge.retired_id)


class MergingAdmin(Desk):
    """The claim's page with the way to merge it, and the merges that stand."""

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.merge_view)
        return [path("merge/", view, name="claims_claim_merge"), *super().get_urls()]

    def merging(self, request: HttpRequest, claim: Claim) -> dict[str, Any]:
        """What the claim's page shows: the merges that stand, each with its button to undo it for who
        may. One query."""
        may = request.user.has_perm("claims.merge_claim")
        merges = Merge.objects.filter(Q(retired=claim) | Q(into=claim), undone_at__isnull=True)
        return {
            "merges": list(merges.select_related("retired", "into", "merged_by")),
            "may_merge": may,
            "may_be_merged": may and claim.duplicate_of_id is None,
        }

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("claims.merge_claim")

    @admin.action(description="Merge duplicates…", permissions=["merge"])
    def merge_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        ids = queryset.order_by("pk").values_list("pk", flat=True)
        return redirect(merge_address(ids[: MOST + 1]))

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Choose (GET without `into`), look at what moves (GET), merge (POST)."""
        if not (self.has_view_permission(request) and self.has_merge_permission(request)):
            raise PermissionDenied("Merging claims takes the permission claims.merge_claim.")
        given = request.POST if request.method == "POST" else request.GET
        claims = list(chosen(given.getlist("claim")).with_verdict())
        if not claims or len(claims) > MOST:
            self.message_user(
                request,
                f"Nothing was merged: choose up to {MOST} claims.",
                messages.WARNING,
            )
            return redirect("admin:claims_claim_changelist")
        into = chosen([given.get("into", "")]).with_verdict().first()
        retired = [claim for claim in claims if into is None or claim.pk != into.pk]
        if into is None or not retired:
            return self._choose(request, claims)
        if request.method == "POST":
            return self._merge(request, retired, into)
        return self._look(request, retired, into, claims)

    def _choose(self, request: HttpRequest, claims: list[Claim]) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:200]
        found: list[Claim] = []
        near: list[Any] = []
        if words:
            others = Claim.objects.at_work().exclude(pk__in=[claim.pk for claim in claims])
            found = list(others.filter(within("text", words))[:OFFERED])
        elif len(claims) == 1:
            near = near_claim(claims[0])
        return self._page(
            request,
            "Merge duplicates: which claim stays?",
            {"claims": claims, "found": found, "near": near, "words": words},
        )

    def _look(
        self, request: HttpRequest, retired: list[Claim], into: Claim, claims: list[Claim]
    ) -> HttpResponse:
        pairs = [
            {
                "retired": claim,
                "refusal": Merge.refusal(claim, into, by=request.user),
                "rows": in_words(Plan.of(claim, into)),
            }
            for claim in retired
        ]
        context = {
            "pairs": pairs,
            "into": into,
            "claims": claims,
            "possible": any(not pair["refusal"] for pair in pairs),
            "reverse": merge_address([into.pk], retired[0].pk) if len(retired) == 1 else "",
        }
        return self._page(request, "Merge duplicates: what moves", context)

    def _merge(self, request: HttpRequest, retired: list[Claim], into: Claim) -> HttpResponse:
        """Each in a transaction of its own: what is refused is told, and the others are merged."""
        for claim in retired:
            try:
                merge = claim.merge_into(into, by=request.user)
            except (PermissionDenied, ValidationError) as refusal:
                why = getattr(refusal, "messages", None) or [str(refusal)]
                self.message_user(
                    request, f"Not merged: “{claim}”. {' '.join(why)}", messages.ERROR
                )
            else:
                self.message_user(request, undo_button(request, merge), messages.SUCCESS)
        return redirect("admin:claims_claim_change", into.pk)

    def _page(self, request: HttpRequest, title: str, context: dict[str, Any]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            **context,
        }
        return TemplateResponse(request, "admin/claims/merge.html", context)


def merge_address(claims: Any, into: int | None = None) -> str:
    asked = [("claim", pk) for pk in claims] + ([("into", into)] if into else [])
    return f"{reverse('admin:claims_claim_merge')}?{urlencode(asked)}"


def in_words(plan: Plan) -> list[dict[str, Any]]:
    """What moves and what stays behind, by the name of the relation."""
    return [
        {"name": name, "moves": plan.moves.get(key, []), "stays": plan.stays.get(key, [])}
        for key, name in NAMES.items()
        if key in plan.moves or key in plan.stays
    ]


def undo_button(request: HttpRequest, merge: Merge) -> Any:
    """A message that the merge was made, with the button that undoes it."""
    return format_html(
        'Merged: “{}” now leads here. <form method="post" action="{}" class="desk-undo">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><button>Undo</button></form>',
        merge.retired,
        reverse("admin:claims_merge_undo", args=[merge.pk]),
        get_token(request),
    )
