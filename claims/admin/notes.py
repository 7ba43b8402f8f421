"""What the desk says to itself: to find it again. Notes are written where they belong, in the
conversation on a claim, on a verdict, or at a passage."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html

from claims.models import Note
from sources.admin.filters import either

from .reading import ReadingAdmin

DONE = either("state", "done", Q(done_at__isnull=False), yes="done", no="open")


@admin.register(Note)
class NoteAdmin(ReadingAdmin):
    list_display = ("__str__", "place", "created_at", "done_at")
    list_filter = (DONE,)
    search_fields = ("body", "author__username", "claim__text", "verdict__headline")
    date_hierarchy = "created_at"
    list_select_related = ("author", "claim", "verdict__claim", "passage__snapshot__source")
    deferred = ("imported", "passage__snapshot__content", "passage__snapshot__text")
    fields = ("author", "created_at", "place", "body", "done_at", "done_by", "creator", "iri")

    @admin.display(description="on")
    def place(self, note: Note) -> Any:
        """What it is on, with the way to the conversation."""
        on = note.claim or note.passage
        if note.verdict:
            on = f"{note.verdict.claim}: {note.verdict.headline}"
        return format_html('<a href="{}">{}</a>', note.get_absolute_url(), on)
