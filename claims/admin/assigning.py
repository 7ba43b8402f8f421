"""Who works on what: to find and read. Work is handed round on the claim's page and in the queue."""

from __future__ import annotations

from django.contrib import admin

from claims.models import Assignment
from sources.admin.desk import DeskAdmin

from .reading import ReadingAdmin


@admin.register(Assignment)
class AssignmentAdmin(ReadingAdmin, DeskAdmin):
    list_display = ("claim", "assignee", "priority", "changed_at")
    list_filter = ("priority", ("assignee", admin.RelatedOnlyFieldListFilter))
    search_fields = ("claim__text", "claim__slug", "assignee__username")
    list_select_related = ("claim", "assignee")
    fields = ("claim", "assignee", "priority", "changed_at")
