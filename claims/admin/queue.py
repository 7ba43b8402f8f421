"""Saved selections of the queue: to find, and to clear away. They are saved in the queue itself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from claims.models import SavedFilter

from .reading import ReadingAdmin


@admin.register(SavedFilter)
class SavedFilterAdmin(ReadingAdmin):
    list_display = ("name", "owner", "shared", "query", "created_at")
    list_filter = ("shared",)
    search_fields = ("name", "owner__username")
    list_select_related = ("owner",)
    fields = ("name", "owner", "shared", "query", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """One's own, and what its owner shares with the desk."""
        return SavedFilter.objects.visible_to(request.user).select_related("owner")
