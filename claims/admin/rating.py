"""What claims are sorted by: topics, and the scale of ratings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from claims.models import Claim, Rating, RatingScale, Topic
from sources.admin.desk import DeskAdmin, WholeForm
from sources.querysets import count_of

from .finding import FindsByWords


class RatingInline(admin.StackedInline):
    model = Rating
    form = WholeForm
    extra = 0
    fields = (("label", "slug"), ("value", "position"), "meaning")


@admin.register(RatingScale)
class RatingScaleAdmin(DeskAdmin):
    list_display = ("name", "worst", "best")
    search_fields = ("name", "slug")
    slug_from = "name"
    fields = ("name", "slug", "description", ("worst", "best"))
    inlines = (RatingInline,)


@admin.register(Rating)
class RatingAdmin(DeskAdmin):
    list_display = ("label", "value", "position", "scale", "meaning", "n_verdicts")
    list_filter = ("scale",)
    search_fields = ("label", "slug", "meaning")
    slug_from = "label"
    list_select_related = ("scale",)
    fields = ("scale", "label", "slug", "meaning", ("value", "position"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_counts()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description="verdicts in force", ordering="n_verdicts")
    def n_verdicts(self, rating: Any) -> int:
        return rating.n_verdicts  # type: ignore[no-any-return]


@admin.register(Topic)
class TopicAdmin(FindsByWords, DeskAdmin):
    list_display = ("name", "description", "n_claims")
    indexed_as = "topics"
    search_fields = ("slug",)
    slug_from = "name"
    fields = ("name", "slug", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        bearing = count_of(Claim.topics.through.objects.all(), by="topic")
        rows: QuerySet[Any] = super().get_queryset(request).annotate(n_claims=bearing)
        return rows

    @admin.display(description="claims", ordering="n_claims")
    def n_claims(self, topic: Any) -> int:
        return topic.n_claims  # type: ignore[no-any-return]
