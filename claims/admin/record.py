"""What the desk looks up in the record, found by words: the index of them is of this floor."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q

from claims.search.full_text import engine
from claims.search.query import Query
from sources.admin.source import SourceAdmin
from sources.admin.speaker import SpeakerAdmin
from sources.admin.transcript import PassageAdmin
from sources.models import Passage, Source, Speaker

from .finding import FindsByWords


@admin.register(Source)
class FoundSourceAdmin(FindsByWords, SourceAdmin):
    indexed_as = "sources"


@admin.register(Speaker)
class FoundSpeakerAdmin(FindsByWords, SpeakerAdmin):
    indexed_as = "speakers"


@admin.register(Passage)
class FoundPassageAdmin(FindsByWords, PassageAdmin):
    indexed_as = "passages"

    def having(self, query: Query) -> Q:
        """By its own words, or by those that its source is known by."""
        return super().having(query) | Q(snapshot__source__in=engine().having_all(query, "sources"))
