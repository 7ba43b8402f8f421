"""Duplicates that were merged: the record of what moved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q

from claims.models import Merge
from sources.admin.filters import either

from .reading import ReadingAdmin

UNDONE = either("state", "undone", Q(undone_at__isnull=False), yes="undone", no="stands")


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
