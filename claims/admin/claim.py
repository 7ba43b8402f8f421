from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from claims.jsonld import SHORT
from claims.models import Appearance, Claim, Evidence, Rebuttal, Verdict, WhySelected
from claims.models.selection import TO_CHOOSE
from sources.admin.desk import DeskAdmin, WholeForm
from sources.admin.filters import PUBLIC, either
from sources.admin.steps import Step, StepsAdmin
from sources.querysets import count_of

from .annotations import (
    AppearanceInline,
    EvidenceInline,
    ExternalReviewInline,
    RebuttalInline,
    SearchInline,
)
from .assigning import AssigningAdmin
from .duplicates import ForgetsPairs
from .finding import FindsByWords
from .merging import MergingAdmin
from .notes import conversation
from .similar import SimilarFirst
from .splitting import SplittingAdmin


class ReadOnlyInline(admin.TabularInline):
    """Rows with a page of their own, where they are changed."""

    template = "admin/claims/table.html"
    can_delete = False
    extra = 0

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartInline(ReadOnlyInline):
    model = Claim
    fk_name = "part_of"
    verbose_name = "part"
    verbose_name_plural = "parts"
    fields = ("part_position", "decides_whole", "kind", "finding", "published_at")
    ordering = ("part_position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_verdict()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description="verdict in force")
    def finding(self, claim: Claim) -> Any:
        return claim.verdict


class VerdictInline(ReadOnlyInline):
    model = Verdict
    fields = ("state", "rating", "headline", "author")
    ordering = ("-version",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("rating", "author")

    @admin.display
    def state(self, verdict: Verdict) -> str:
        return verdict.state


class RatedFilter(admin.SimpleListFilter):
    title = "verdict in force"
    parameter_name = "rated"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "rated"), ("no", "open")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.rated(self.value() == "yes") if self.value() else queryset


PART = either("place", "part", Q(part_of__isnull=False), yes="part of another", no="whole")
RETIRED = either(
    "duplicates", "retired", Q(duplicate_of__isnull=False), yes="retired", no="not retired"
)


class ClaimForm(WholeForm):
    """Offers the reasons that can be given; that none is recorded, only where it is so already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("selection")
        if field is not None and self.instance.selection != WhySelected.NOT_RECORDED:
            field.choices = [("", "---------"), *TO_CHOOSE]


@admin.register(Claim)
class ClaimAdmin(
    FindsByWords,
    SimilarFirst,
    AssigningAdmin,
    MergingAdmin,
    SplittingAdmin,
    ForgetsPairs,
    StepsAdmin,
    DeskAdmin,
):
    form = ClaimForm
    list_display = ("text", "rating", "appearances", "rebuttals", "evidence", "published")
    list_filter = (RatedFilter, PUBLIC, "kind", "selection", "topics", PART, RETIRED)
    indexed_as = "claims"
    search_fields = ("slug",)
    date_hierarchy = "published_at"
    slug_from = "text"
    autocomplete_fields = ("topics", "part_of", "duplicate_of")
    fieldsets = (
        (
            None,
            {
                "fields": ("text", "slug", ("kind", "language"), "context", "topics"),
                "description": (
                    f"Search results show about {SHORT} characters of a claim: put it shorter where that "
                    "says the same. Nothing is ever cut off."
                ),
            },
        ),
        ("Why it is checked", {"fields": ("selection", "selection_note")}),
        (
            "Its place among claims",
            {"fields": (("part_of", "part_position", "decides_whole"), "duplicate_of")},
        ),
    )
    inlines = (
        AppearanceInline,
        RebuttalInline,
        EvidenceInline,
        SearchInline,
        ExternalReviewInline,
        PartInline,
        VerdictInline,
    )
    actions = ("hand_round", "merge_chosen")
    open_to_additions = True  # drafts are attached to a public claim, too
    steps = (
        Step(
            slug="publish",
            label="Publish",
            permission="claims.publish_claim",
            fits=lambda claim: not claim.is_published,
            take=Claim.publish,
            done="Published, with all that is attached to it.",
            warnings=Claim.single_origin_sides,
        ),
        Step(
            slug="publish-changes",
            label="Publish changes",
            permission="claims.publish_claim",
            fits=lambda claim: claim.is_public and claim.has_drafts(),
            take=Claim.publish,
            done="Published what had been added.",
            warnings=Claim.single_origin_sides,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the verdict in force, and the numbers of all that is attached, drafts included."""
        counts = {
            f"n_{name}": count_of(model.objects.all(), by="claim")
            for name, model in (
                ("appearances", Appearance),
                ("rebuttals", Rebuttal),
                ("evidence", Evidence),
            )
        }
        return super().get_queryset(request).with_verdict().annotate(**counts)  # type: ignore[attr-defined, no-any-return]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """With what the desk says of the claim, and who works on it."""
        if obj is not None:
            context |= conversation(request, obj) | self.assigning(request, obj)
            context |= self.merging(request, obj) | self.splitting(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="rating")
    def rating(self, claim: Claim) -> Any:
        return claim.verdict.rating if claim.verdict else None

    @admin.display(ordering="n_appearances")
    def appearances(self, claim: Any) -> int:
        return claim.n_appearances  # type: ignore[no-any-return]

    @admin.display(ordering="n_rebuttals")
    def rebuttals(self, claim: Any) -> int:
        return claim.n_rebuttals  # type: ignore[no-any-return]

    @admin.display(ordering="n_evidence")
    def evidence(self, claim: Any) -> int:
        return claim.n_evidence  # type: ignore[no-any-return]
