from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sources.models import SpeakerName

from ..querysets import count_of
from .desk import DeskAdmin, WholeForm
from .filters import PUBLIC


class SpeakerNameInline(admin.StackedInline):
    model = SpeakerName
    form = WholeForm
    extra = 0


class SpeakerAdmin(DeskAdmin):
    list_display = ("name", "kind", "description", "n_names", "wikidata_id", "published")
    list_filter = ("kind", PUBLIC)
    # Parts of these find it; the index of words is of the floor above, which registers it.
    search_fields = ("slug", "wikidata_id")
    slug_from = "name"
    fields = ("name", "slug", "kind", "description", "wikidata_id")
    inlines = (SpeakerNameInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(n_names=count_of(SpeakerName.objects.all(), by="speaker"))
        )
        return rows

    @admin.display(description="labels", ordering="n_names")
    def n_names(self, speaker: Any) -> int:
        return speaker.n_names  # type: ignore[no-any-return]


@admin.register(SpeakerName)
class SpeakerNameAdmin(DeskAdmin):
    list_display = ("name", "speaker")
    search_fields = ("name", "speaker__name")
    autocomplete_fields = ("speaker",)
    fields = ("speaker", "name")
    list_select_related = ("speaker",)
