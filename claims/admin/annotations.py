"""What researchers attach to a claim: on the claim's page as rows, and each on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from claims.models import Appearance, Citation, Evidence, ExternalReview, Rebuttal, Search
from sources.admin.desk import DeskAdmin, DeskFields, WholeForm
from sources.admin.filters import PUBLIC, either
from sources.admin.quoting import QuotationForm
from sources.querysets import count_of

from .rows import RowInline

TEXTS = ("passage__snapshot__text",)
QUOTING: Any = (
    "Passage",
    {
        "fields": ("passage", *QuotationForm.QUOTING),
        "description": "Choose a passage that is marked already, or quote new words.",
    },
)
LOCATED = either("source", "located", Q(source__isnull=False), yes="located", no="not located")

APPEARANCE = ("claimant", "reported_by", ("manner", "said_on"))
REBUTTAL = ("speaker", "counterclaim", "summary")
EVIDENCE = (("direction", "directness"), "source", ("locator", "available_on"), "summary")
SEARCH = ("searched_on", "place", "terms", "outcome")
EXTERNAL = (
    ("publisher_name", "publisher_site"),
    "url",
    "title",
    "claim_reviewed",
    ("rating_text", "rating_value", "rating_best", "rating_worst"),
    ("reviewed_on", "language"),
    ("claimant_name", "claimed_on"),
    "claimant",
    "appearance_urls",
)


class AppearanceInline(RowInline):
    model = Appearance
    form = QuotationForm
    heading = "admin/claims/_appearance.html"
    fieldsets = ((None, {"fields": APPEARANCE}), QUOTING)
    autocomplete_fields = ("claimant", "reported_by", "passage")
    joins = ("claimant", "reported_by", "passage__snapshot__source")
    deferred = TEXTS


class RebuttalInline(RowInline):
    model = Rebuttal
    fk_name = "claim"
    form = QuotationForm
    heading = "admin/claims/_rebuttal.html"
    fieldsets = ((None, {"fields": REBUTTAL}), QUOTING)
    autocomplete_fields = ("speaker", "counterclaim", "passage")
    joins = ("speaker", "counterclaim", "passage__snapshot__source")
    deferred = TEXTS


class EvidenceInline(RowInline):
    model = Evidence
    form = QuotationForm
    heading = "admin/claims/_evidence.html"
    fieldsets = ((None, {"fields": EVIDENCE}), QUOTING)
    autocomplete_fields = ("source", "passage")
    joins = ("source", "passage")


class SearchInline(RowInline):
    model = Search
    heading = "admin/claims/_search.html"
    fields = SEARCH


class ExternalReviewInline(RowInline):
    model = ExternalReview
    heading = "admin/claims/_external_review.html"
    fields = EXTERNAL
    autocomplete_fields = ("claimant",)
    joins = ("claimant",)


class QuotingAdmin(DeskAdmin):
    form = QuotationForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a passage is quoted with is nothing to read on a row that cannot be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets[:-1], ("Passage", {"fields": ("passage",)})]


@admin.register(Appearance)
class AppearanceAdmin(QuotingAdmin):
    list_display = ("passage", "claimant", "manner", "reported_by", "claim", "published")
    list_filter = ("manner", PUBLIC)
    search_fields = ("claim__text", "claimant__name", "reported_by__name", "passage__exact")
    date_hierarchy = "created_at"
    autocomplete_fields = ("claim", "claimant", "reported_by", "passage")
    list_select_related = ("claim", "claimant", "reported_by", "passage__snapshot__source")
    deferred = TEXTS
    fieldsets = ((None, {"fields": ("claim", *APPEARANCE)}), QUOTING)


class CitationInline(DeskFields, admin.StackedInline):
    """Public with its rebuttal, and locked with it."""

    model = Citation
    form = WholeForm
    extra = 0
    fields = ("invoked", ("source", "locator"), "note")
    autocomplete_fields = ("source",)


@admin.register(Rebuttal)
class RebuttalAdmin(QuotingAdmin):
    list_display = ("speaker", "summary", "claim", "counterclaim", "n_citations", "published")
    list_filter = (PUBLIC,)
    search_fields = ("claim__text", "speaker__name", "summary", "passage__exact")
    date_hierarchy = "created_at"
    autocomplete_fields = ("claim", "speaker", "counterclaim", "passage")
    list_select_related = ("claim", "speaker", "counterclaim", "passage__snapshot__source")
    deferred = TEXTS
    fieldsets = ((None, {"fields": ("claim", *REBUTTAL)}), QUOTING)
    inlines = (CitationInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(n_citations=count_of(Citation.objects.all(), by="rebuttal"))
        )
        return rows

    @admin.display(description="citations", ordering="n_citations")
    def n_citations(self, rebuttal: Any) -> int:
        return rebuttal.n_citations  # type: ignore[no-any-return]


@admin.register(Citation)
class CitationAdmin(DeskAdmin):
    """To find citations, such as those not located. They are added on the page of their rebuttal."""

    list_display = ("invoked", "source", "locator", "rebuttal")
    list_filter = (LOCATED,)
    search_fields = ("invoked", "source__title", "rebuttal__claim__text", "note")
    autocomplete_fields = ("source",)
    list_select_related = ("source", "rebuttal__claim", "rebuttal__speaker")
    fields = ("rebuttal", "invoked", ("source", "locator"), "note")
    readonly_fields = ("rebuttal",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def is_editable(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or super().is_editable(request, obj.rebuttal)


@admin.register(Evidence)
class EvidenceAdmin(QuotingAdmin):
    list_display = ("source", "direction", "directness", "summary", "claim", "published")
    list_filter = ("direction", "directness", PUBLIC)
    search_fields = ("claim__text", "source__title", "summary", "locator")
    date_hierarchy = "created_at"
    autocomplete_fields = ("claim", "source", "passage")
    list_select_related = ("claim", "source")
    fieldsets = ((None, {"fields": ("claim", *EVIDENCE)}), QUOTING)


@admin.register(Search)
class SearchAdmin(DeskAdmin):
    list_display = ("place", "terms", "outcome", "searched_on", "claim", "published")
    list_filter = (PUBLIC,)
    search_fields = ("claim__text", "place", "terms", "outcome")
    date_hierarchy = "searched_on"
    autocomplete_fields = ("claim",)
    list_select_related = ("claim",)
    fields = ("claim", *SEARCH)


@admin.register(ExternalReview)
class ExternalReviewAdmin(DeskAdmin):
    """To see what an import made: the drafts, by publisher."""

    ordering = ("-pk",)
    list_display = (
        "publisher_name",
        "rating",
        "claim",
        "claimant_name",
        "reviewed_on",
        "published",
    )
    list_filter = (PUBLIC, "language")
    search_fields = ("publisher_name", "publisher_site", "url", "claim__text", "claimant_name")
    date_hierarchy = "created_at"
    autocomplete_fields = ("claim", "claimant")
    list_select_related = ("claim",)
    fields = ("claim", *EXTERNAL)
